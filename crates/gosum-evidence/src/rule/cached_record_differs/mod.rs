//! What the cache has of the checksum database is not what it has of the module.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo};
use crate::disk::Cached;
use crate::evidence::{Answer, Sum};
use crate::finding::{Finding, Level};

pub(super) struct CachedRecordDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "cached-record-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "ask the database itself: `gosum audit`",
    page: include_str!("help.md"),
};

impl Rule for CachedRecordDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().flat_map(differ).collect()
    }
}

fn differ(cached: &Cached) -> Vec<Finding> {
    let Some(record) = cached.record.get() else { return Vec::new() };
    let go_mod = cached.go_mod.get().copied();
    // of a toolchain, a record that is proven is what its zip is held against, and one that is not, against the database
    let (is_proven, asked) = (cached.is_toolchain() && record.is_proven, cached.asked.as_ref());
    if let (Some(sum), Some(recorded)) = (asked.and_then(Answer::sum), &record.zip)
        && sum != recorded
    {
        let message = format!(
            "{} has {recorded} for its zip, and the checksum database itself {sum}",
            cached.record_file()
        );
        let (subject, at) = (cached.subject(Artifact::Zip), cached.at(Artifact::Zip));
        return vec![INFO.finding(Some(&subject), at, message)];
    }
    let zip = if is_proven { &None } else { &record.zip };
    let both = [
        (Artifact::Zip, cached.zip_h1(), &cached.zip_line, zip, "zip"),
        (Artifact::GoMod, go_mod, &cached.go_mod_line, &record.go_mod, "go.mod"),
    ];
    let mut findings = Vec::new();
    for (artifact, h1, line, recorded, what) in both {
        let here = match (h1, line) {
            (Some(h1), _) => Some((Sum::H1(h1), format!("the cached {what} hashes to"))),
            (None, Some(line)) => Some((line.sum.clone(), "go.sum records".to_owned())),
            (None, None) => None,
        };
        let (Some((sum, says)), Some(recorded)) = (here, recorded) else { continue };
        if sum != *recorded {
            let message = format!("{} has {recorded} for its {what}, and {says} {sum}", cached.record_file());
            findings.push(INFO.finding(Some(&cached.subject(artifact)), cached.at(artifact), message));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
