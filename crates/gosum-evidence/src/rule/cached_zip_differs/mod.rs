//! A module zip in the module cache is not the one that go.sum records; a toolchain's not the one of the checksum database.

use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo, against_line};
use crate::disk::{Cached, ZipHash};
use crate::evidence::Sum;
use crate::finding::{Finding, Level};

pub(super) struct CachedZipDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "cached-zip-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "do not build with this cache: find out which of the two is wrong with `gosum explain MODULE@VERSION`, then `go clean -modcache`",
    page: include_str!("help.md"),
};

impl Rule for CachedZipDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().filter_map(differs).collect()
    }
}

fn differs(cached: &Cached) -> Option<Finding> {
    let h1 = cached.zip_h1()?;
    if cached.is_toolchain() {
        return toolchain_differs(cached, h1);
    }
    let line = cached.zip_line.as_ref().filter(|line| line.sum != Sum::H1(h1))?;
    let beside = match cached.ziphash.get() {
        Some(ZipHash::H1(ziphash)) if *ziphash == h1 => "; the ziphash beside it says the same as the zip",
        Some(ZipHash::H1(ziphash)) if Sum::H1(*ziphash) == line.sum => {
            "; the ziphash beside it says what go.sum records"
        }
        _ => "",
    };
    let message = format!("{} hashes to {h1}, and go.sum records {}{beside}", cached.file("zip"), line.sum);
    Some(against_line(&INFO, cached, Artifact::Zip, h1, line, message))
}

/// Of a toolchain, what the checksum database recorded is what counts, where it is known: there is no line.
fn toolchain_differs(cached: &Cached, h1: H1) -> Option<Finding> {
    let recorded = match cached.proven().ok()? {
        Some(sum) if *sum == Sum::H1(h1) => return None,
        Some(sum) => format!("the checksum database recorded {sum}"),
        None => "the checksum database has no record of it, as it has of each toolchain that go downloads"
            .to_owned(),
    };
    let message = format!("{} hashes to {h1}, and {recorded}", cached.file("zip"));
    Some(INFO.finding(Some(&cached.subject(Artifact::Zip)), cached.at(Artifact::Zip), message))
}

#[cfg(test)]
mod tests;
