//! What is left of a download or an unpacking that did not end.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::Cached;
use crate::finding::{Finding, Level};

pub(super) struct CachedPartial;

static INFO: RuleInfo = RuleInfo {
    code: "cached-partial",
    level: Some(Level::Warn),
    least: None,
    help: "a download did not come to its end: `go mod download` completes it, `go clean -modcache` removes it",
    page: include_str!("help.md"),
};

impl Rule for CachedPartial {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().filter_map(partial).collect()
    }
}

fn partial(cached: &Cached) -> Option<Finding> {
    if cached.is_busy || cached.leftovers.is_empty() {
        return None;
    }
    let message = format!("left of a download or an unpacking: {}", cached.leftovers.join(", "));
    Some(INFO.finding(Some(&cached.subject(Artifact::Zip)), cached.at(Artifact::Zip), message))
}

#[cfg(test)]
mod tests;
