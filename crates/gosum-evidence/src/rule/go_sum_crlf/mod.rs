//! Lines of go.sum that end with CR LF.

use gosum_mod::file::sum_form::Flaw;

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};
use crate::subject::Location;

pub(super) struct GoSumCrlf;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-crlf",
    level: Some(Level::Warn),
    least: None,
    help: "`gosum lint --fix` ends the lines with LF; `go.sum text eol=lf` in .gitattributes keeps them so",
    page: include_str!("help.md"),
};

impl Rule for GoSumCrlf {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let ends = |flaw| (flaw == Flaw::Crlf).then(String::new);
        let mut runs: Vec<(Location, usize)> = Vec::new();
        for (at, _) in case.forms.iter().flat_map(|form| form.found(ends)) {
            match runs.last_mut() {
                Some((first, count)) if first.file == at.file && first.line + *count == at.line => {
                    *count += 1;
                }
                _ => runs.push((at, 1)),
            }
        }
        let message = |first: usize, count: usize| match count {
            1 => "ends with CR LF".to_owned(),
            _ => format!("lines {first} to {} end with CR LF", first + count - 1),
        };
        let finding = |(at, count): (Location, usize)| {
            let message = message(at.line, count);
            INFO.finding(None, vec![at], message)
        };
        runs.into_iter().map(finding).collect()
    }
}

#[cfg(test)]
mod tests;
