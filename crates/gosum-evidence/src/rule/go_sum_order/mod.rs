//! A line of go.sum that is not where the go command would write it.

use gosum_mod::file::sum_form::Flaw;

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};

pub(super) struct GoSumOrder;

static INFO: RuleInfo = RuleInfo {
    code: "go-sum-order",
    level: Some(Level::Warn),
    least: None,
    help: "`gosum lint --fix` puts the lines in Go's order",
    page: include_str!("help.md"),
};

impl Rule for GoSumOrder {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let message = |flaw| (flaw == Flaw::Misplaced).then(|| "belongs before the line above it".to_owned());
        let found = case.forms.iter().flat_map(|form| form.found(message));
        found.map(|(at, message)| INFO.finding(None, vec![at], message)).collect()
    }
}

#[cfg(test)]
mod tests;
