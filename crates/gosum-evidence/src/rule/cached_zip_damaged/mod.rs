//! A module zip in the module cache that cannot be read to its end.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::Cached;
use crate::finding::{Finding, Level};

pub(super) struct CachedZipDamaged;

static INFO: RuleInfo = RuleInfo {
    code: "cached-zip-damaged",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "delete the file and the folder of the version, or `go clean -modcache`, and let go download it again",
    page: include_str!("help.md"),
};

impl Rule for CachedZipDamaged {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().filter_map(damaged).collect()
    }
}

fn damaged(cached: &Cached) -> Option<Finding> {
    let why = cached.zip.get()?.h1.as_ref().err()?;
    let message = format!("{} has no hash: {why}", cached.file("zip"));
    Some(INFO.finding(Some(&cached.subject(Artifact::Zip)), cached.at(Artifact::Zip), message))
}

#[cfg(test)]
mod tests;
