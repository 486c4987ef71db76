//! The text that is to be the hash of a cached zip is another one.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::{Cached, ZipHash};
use crate::evidence::Sum;
use crate::finding::{Finding, Level};

pub(super) struct CachedZiphashDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "cached-ziphash-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "delete the ziphash: go writes it anew from the zip; and find out who changed it",
    page: include_str!("help.md"),
};

impl Rule for CachedZiphashDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().filter_map(differs).collect()
    }
}

fn differs(cached: &Cached) -> Option<Finding> {
    let file = cached.file("ziphash");
    let message = match (cached.ziphash.get()?, cached.zip_h1(), &cached.zip_line) {
        (ZipHash::Other(what), ..) => format!("{file} is no hash: {what}"),
        (ZipHash::H1(says), Some(h1), _) if *says != h1 => {
            format!("{file} says {says}, and the zip beside it hashes to {h1}")
        }
        (ZipHash::H1(says), None, Some(line)) if Sum::H1(*says) != line.sum => {
            format!("{file} says {says}, and go.sum records {}", line.sum)
        }
        _ => return None,
    };
    Some(INFO.finding(Some(&cached.subject(Artifact::Zip)), cached.at(Artifact::Zip), message))
}

#[cfg(test)]
mod tests;
