//! A line of go.sum that `go mod tidy` would remove.

use gosum_mod::file::sum_form::Flaw;

use super::{Case, Needs, Rule, RuleInfo};
use crate::finding::{Finding, Level};
use crate::subject::Location;

pub(super) struct GoSumUnneeded;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-unneeded",
    level: Some(Level::Warn),
    least: None,
    help: "`go mod tidy` removes the line",
    page: include_str!("help.md"),
};

impl Rule for GoSumUnneeded {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let void = |flaw| {
            let text =
                "Go passes over a line with the hash of a go.mod without content, and never writes one";
            (flaw == Flaw::Void).then(|| text.to_owned())
        };
        let void = case.forms.iter().flat_map(|form| form.found(void));
        let void = void.map(|(at, message)| INFO.finding(None, vec![at], message));
        void.chain(case.needs.iter().flat_map(unneeded)).collect()
    }
}

fn unneeded(needs: &Needs) -> impl Iterator<Item = Finding> {
    needs.unneeded.iter().map(|(subject, line)| {
        let at = Location { file: needs.name.clone(), line: *line };
        INFO.finding(Some(subject), vec![at], "no build of the module graph can need this line".to_owned())
    })
}

#[cfg(test)]
mod tests;
