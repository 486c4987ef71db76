//! An .info in the module cache that cannot be that of its version.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::{Cached, InfoFault};
use crate::finding::{Finding, Level};

pub(super) struct CachedInfoDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "cached-info-differs",
    level: Some(Level::Deny),
    least: None,
    help: "delete the file: go downloads it again",
    page: include_str!("help.md"),
};

impl Rule for CachedInfoDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let of = |cached: &Cached| -> Vec<Finding> {
            let subject = cached.subject(Artifact::Zip);
            let finding = |fault: &InfoFault| {
                let message = format!("{}: {}", cached.file("info"), fault.what);
                let finding = INFO.finding(Some(&subject), cached.at(Artifact::Zip), message);
                let level = if fault.happens { Level::Warn } else { finding.level };
                Finding { level, ..finding }
            };
            cached.info.get().into_iter().flatten().map(finding).collect()
        };
        case.cached().flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests;
