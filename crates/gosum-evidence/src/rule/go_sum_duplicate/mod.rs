//! A line of go.sum that says what another one has said.

use gosum_mod::file::sum_form::Flaw;

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};

pub(super) struct GoSumDuplicate;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-duplicate",
    level: Some(Level::Warn),
    least: None,
    help: "`gosum lint --fix` removes the repetition",
    page: include_str!("help.md"),
};

impl Rule for GoSumDuplicate {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let message = |flaw| match flaw {
            Flaw::Repeats { first } => Some(format!("says what line {first} says")),
            _ => None,
        };
        let found = case.forms.iter().flat_map(|form| form.found(message));
        found.map(|(at, message)| INFO.finding(None, vec![at], message)).collect()
    }
}

#[cfg(test)]
mod tests;
