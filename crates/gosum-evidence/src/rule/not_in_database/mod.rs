//! The checksum database says that it does not have a public module.

use super::{Case, Rule, RuleInfo};
use crate::evidence::{Answer, SourceName};
use crate::finding::{Finding, Level};

pub(super) struct NotInDatabase;

static INFO: RuleInfo = RuleInfo {
    code: "not-in-database",
    level: Some(Level::Warn),
    least: None,
    help: "if the module is private, name it in GOPRIVATE; if it is public, find out why the database cannot have it",
    page: include_str!("help.md"),
};

impl Rule for NotInDatabase {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for comparison in case.comparisons {
            if let Some(Answer::Absent(why)) = comparison.answer(&SourceName::SUMDB) {
                findings.push(INFO.on(comparison, format!("sumdb has no record: {why}")));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
