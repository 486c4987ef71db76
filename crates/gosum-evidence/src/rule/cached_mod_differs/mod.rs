//! A go.mod in the module cache is not the one that go.sum records.

use gosum_mod::name::id::Artifact;

use super::{Case, Rule, RuleInfo, against_line};
use crate::disk::Cached;
use crate::evidence::Sum;
use crate::finding::{Finding, Level};

pub(super) struct CachedModDiffers;

static INFO: RuleInfo = RuleInfo {
    code: "cached-mod-differs",
    level: Some(Level::Deny),
    least: Some(Level::Warn),
    help: "delete the file: go downloads it again, and checks it then",
    page: include_str!("help.md"),
};

impl Rule for CachedModDiffers {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        case.cached().filter_map(differs).collect()
    }
}

fn differs(cached: &Cached) -> Option<Finding> {
    let h1 = *cached.go_mod.get()?;
    let file = cached.file("mod");
    if let Some(line) = &cached.go_mod_line {
        let message = || format!("{file} hashes to {h1}, and go.sum records {}", line.sum);
        return (line.sum != Sum::H1(h1))
            .then(|| against_line(&INFO, cached, Artifact::GoMod, h1, line, message()));
    }
    // what attributes of git make of line ends can make the two differ in all innocence
    let in_zip = cached.zip.get()?.go_mod.filter(|in_zip| *in_zip != h1)?;
    let message = format!("{file} hashes to {h1}, and the one of the zip to {in_zip}");
    let finding = INFO.finding(Some(&cached.subject(Artifact::GoMod)), cached.at(Artifact::GoMod), message);
    Some(Finding { level: Level::Warn, ..finding })
}

#[cfg(test)]
mod tests;
