//! Files of a checksum database in the module cache contradict each other.

use super::{Case, Rule, RuleInfo};
use crate::disk::LogFault;
use crate::finding::{Finding, Level};

pub(super) struct CachedTileDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "cached-tile-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "delete cache/download/sumdb in the module cache: what is needed is downloaded and proven again",
    page: include_str!("help.md"),
};

impl Rule for CachedTileDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let finding =
            |fault: &LogFault| INFO.finding(None, Vec::new(), format!("{}: {}", fault.file, fault.what));
        let logs = case.disk.into_iter().flat_map(|disk| &disk.logs);
        logs.flat_map(|log| &log.faults).map(finding).collect()
    }
}

#[cfg(test)]
mod tests;
