//! An allowance accepts nothing that is there.

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};
use crate::policy::Use;

pub(super) struct AllowanceUnused;

static INFO: RuleInfo = RuleInfo {
    code: "allowance-unused",
    level: Some(Level::Warn),
    least: None,
    help: "remove it from the config file, unless what changed is a new finding",
    page: include_str!("help.md"),
};

impl Rule for AllowanceUnused {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (allowance, used) in case.allowances {
            if let Use::Unused(why) = used {
                let message = format!("the allowance is not used: {why}");
                findings.push(INFO.finding(Some(&allowance.subject), vec![allowance.at.clone()], message));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
