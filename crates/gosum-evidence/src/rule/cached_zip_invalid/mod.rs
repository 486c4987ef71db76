//! A module zip in the module cache that the go command would refuse to unpack.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::Cached;
use crate::finding::{Finding, Level};

pub(super) struct CachedZipInvalid;

static INFO: RuleInfo = RuleInfo {
    code: "cached-zip-invalid",
    level: Some(Level::Deny),
    least: None,
    help: "find out where the zip came from: the go command never keeps the files of such a one",
    page: include_str!("help.md"),
};

impl Rule for CachedZipInvalid {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().filter_map(invalid).collect()
    }
}

fn invalid(cached: &Cached) -> Option<Finding> {
    let zip = cached.zip.get()?;
    let (first, others) = zip.refused.split_first()?;
    let more = if others.is_empty() { String::new() } else { format!(", and {} more", others.len()) };
    let message = format!("go would not unpack {}: {first}{more}", cached.file("zip"));
    Some(INFO.finding(Some(&cached.subject(Artifact::Zip)), cached.at(Artifact::Zip), message))
}

#[cfg(test)]
mod tests;
