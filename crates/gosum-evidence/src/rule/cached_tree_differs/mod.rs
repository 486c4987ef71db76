//! The unpacked files of a module are not those of its zip.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::{Cached, shown};
use crate::evidence::Sum;
use crate::finding::{Finding, Level};
use gosum_mod::hash::h1::H1;

pub(super) struct CachedTreeDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "cached-tree-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "the go command builds from these files and does not look at them again: delete the folder, or `go clean -modcache`",
    page: include_str!("help.md"),
};

impl Rule for CachedTreeDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().filter_map(differs).collect()
    }
}

fn differs(cached: &Cached) -> Option<Finding> {
    let (tree, folder) = (cached.tree.get()?, cached.folder());
    let message = match (&tree.changes, &tree.h1) {
        (Some(changes), h1) if !changes.is_empty() => {
            let line = cached.zip_line.as_ref();
            let is_good = |h1: &H1| line.is_some_and(|line| line.sum == Sum::H1(*h1));
            let good = match h1 {
                Some(Ok(h1)) if is_good(h1) => "; as it is, it hashes to what go.sum records",
                _ => "",
            };
            format!("{folder} is not what its zip unpacks to: {}{good}", shown(changes))
        }
        (Some(_), _) => return None,
        (None, Some(Ok(h1))) if cached.is_toolchain() && cached.proven() == Ok(None) => {
            format!("{folder} hashes to {h1}, and the checksum database has no record of the toolchain")
        }
        (None, Some(Ok(h1))) => {
            let (sum, says) = cached.zip_reference().filter(|(sum, _)| *sum != Sum::H1(*h1))?;
            format!("{folder} hashes to {h1}, and {says} {sum}")
        }
        (None, _) => return None,
    };
    Some(INFO.finding(Some(&cached.subject(Artifact::Zip)), cached.at(Artifact::Zip), message))
}

#[cfg(test)]
mod tests;
