//! The host gives a commit to which no branch and no tag leads.

use super::{Case, Rule, RuleInfo};
use crate::evidence::Defect;
use crate::finding::{Finding, Level};
use crate::verdict::Verdict;

pub(super) struct CommitNotInRepository;

static INFO: RuleInfo = RuleInfo {
    code: "commit-not-in-repository",
    level: Some(Level::Warn),
    least: None,
    help: "find out who made the commit: a host gives the commits of forks and pull requests under the same address",
    page: include_str!("help.md"),
};

impl Rule for CommitNotInRepository {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for comparison in case.comparisons {
            for (source, evidence) in comparison.answers.iter() {
                if !evidence.answer.has_defect(Defect::CommitNotInRepository) {
                    continue;
                }
                let commit = evidence.origin.commit.as_deref().unwrap_or("the commit");
                let message = format!("{source} hashed {commit}, to which no branch and no tag leads");
                // what nobody else has seen so may be somebody's own
                let differs = comparison.verdict(&[]) == Verdict::Mismatch;
                let finding = INFO.on(comparison, message);
                let level = if differs { Level::Deny } else { finding.level };
                findings.push(Finding { level, ..finding });
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
