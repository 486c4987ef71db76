//! The last day of an allowance is over.

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};
use crate::policy::Use;

pub(super) struct AllowanceExpired;

static INFO: RuleInfo = RuleInfo {
    code: "allowance-expired",
    level: Some(Level::Deny),
    least: None,
    help: "look at what it accepts once more: remove it, or give it a new date",
    page: include_str!("help.md"),
};

impl Rule for AllowanceExpired {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let expired = case.allowances.iter().filter(|(_, used)| *used == Use::Expired);
        let found = |(allowance, _): &(&crate::policy::Allowance, Use)| {
            let message = format!("the allowance ended on {} and accepts nothing any more", allowance.until);
            INFO.finding(Some(&allowance.subject), vec![allowance.at.clone()], message)
        };
        expired.map(found).collect()
    }
}

#[cfg(test)]
mod tests;
