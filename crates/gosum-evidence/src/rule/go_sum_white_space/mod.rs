//! White space in go.sum that the go command would not write.

use gosum_mod::file::sum_form::Flaw;

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};

pub(super) struct GoSumWhiteSpace;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-white-space",
    level: Some(Level::Note),
    least: None,
    help: "`gosum lint --fix` writes the line as Go would",
    page: include_str!("help.md"),
};

impl Rule for GoSumWhiteSpace {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let found = case.forms.iter().flat_map(|form| form.found(message));
        found.map(|(at, message)| INFO.finding(None, vec![at], message)).collect()
    }
}

fn message(flaw: Flaw) -> Option<String> {
    let text = match flaw {
        Flaw::Spacing => "has white space that Go would not write",
        Flaw::Blank => "is blank",
        Flaw::NoEnd => "has no line end",
        Flaw::Crlf | Flaw::Repeats { .. } | Flaw::Misplaced | Flaw::Void | Flaw::ByteOrderMark => {
            return None;
        }
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests;
