//! go.sum has a line of a module that the build takes from a directory.

use super::{Case, Rule, RuleInfo};
use crate::finding::{Finding, Level};

pub(super) struct ReplacedByDirectory;

static INFO: RuleInfo = RuleInfo {
    code: "replaced-by-directory",
    level: Some(Level::Note),
    least: None,
    help: "what is built is the directory, which no hash covers: review it as your own code",
    page: include_str!("help.md"),
};

impl Rule for ReplacedByDirectory {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for comparison in case.comparisons {
            let module = &comparison.subject.module;
            let replaced = case.replaced.iter().find(|replaced| {
                let is_version = replaced.version.as_ref().is_none_or(|version| version == module.version());
                replaced.path.as_bytes() == module.path().as_str().as_bytes() && is_version
            });
            if let Some(replaced) = replaced {
                let message =
                    format!("the build takes it from {}, as {} says", replaced.directory, replaced.at);
                findings.push(INFO.on(comparison, message));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
