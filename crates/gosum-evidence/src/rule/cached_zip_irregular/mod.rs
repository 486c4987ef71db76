//! A module zip in the module cache has what its hash does not cover.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::Cached;
use crate::finding::{Finding, Level};

pub(super) struct CachedZipIrregular;

static INFO: RuleInfo = RuleInfo {
    code: "cached-zip-irregular",
    level: Some(Level::Warn),
    least: None,
    help: "compare it with a fresh download: the go command reads the files that go.sum stands for, other programs may not",
    page: include_str!("help.md"),
};

impl Rule for CachedZipIrregular {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().filter_map(irregular).collect()
    }
}

fn irregular(cached: &Cached) -> Option<Finding> {
    let zip = cached.zip.get()?;
    let (first, others) = zip.irregular.split_first()?;
    let more = if others.is_empty() { String::new() } else { format!(", and {} more", others.len()) };
    let message = format!("in {}, {first}{more}", cached.file("zip"));
    Some(INFO.finding(Some(&cached.subject(Artifact::Zip)), cached.at(Artifact::Zip), message))
}

#[cfg(test)]
mod tests;
