//! The checksum database answered against its own signature, or nothing that it has signed.

use super::{Case, Rule, RuleInfo};
use crate::evidence::{Answer, SourceName};
use crate::finding::{Finding, Level};

pub(super) struct SumdbUntrusted;

static INFO: RuleInfo = RuleInfo {
    code: "sumdb-untrusted",
    level: Some(Level::Deny),
    least: Some(Level::Deny),
    help: "this is no network error: somebody forges the database's answers, or the database misbehaves; keep the evidence",
    page: include_str!("help.md"),
};

impl Rule for SumdbUntrusted {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for comparison in case.comparisons {
            if let Some(Answer::Untrusted(why)) = comparison.answer(&SourceName::SUMDB) {
                findings.push(INFO.on(comparison, format!("sumdb must not be believed: {why}")));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
