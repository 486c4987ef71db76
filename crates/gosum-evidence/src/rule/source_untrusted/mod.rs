//! A source answered, and must not be believed.

use super::{Case, Rule, RuleInfo};
use crate::evidence::{Answer, SourceName};
use crate::finding::{Finding, Level};

pub(super) struct SourceUntrusted;

static INFO: RuleInfo = RuleInfo {
    code: "source-untrusted",
    level: Some(Level::Deny),
    least: Some(Level::Deny),
    help: "do not use this source until you know why it answers so",
    page: include_str!("help.md"),
};

impl Rule for SourceUntrusted {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for comparison in case.comparisons {
            // what the checksum database does against its own signature has a rule of its own
            let others = comparison.answers.iter().filter(|(source, _)| **source != SourceName::SUMDB);
            for (source, evidence) in others {
                if let Answer::Untrusted(why) = &evidence.answer {
                    findings.push(INFO.on(comparison, format!("{source} must not be believed: {why}")));
                }
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
