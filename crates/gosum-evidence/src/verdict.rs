//! The three verdicts, and how many artifacts got each.

use std::fmt;

use serde::Serialize;

use crate::compare::Comparison;
use crate::evidence::{Evidence, SourceName};

/// What an artifact, or a whole audit, comes to. Ordered from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Verdict {
    /// Recomputed by every source that must, and the same everywhere.
    Verified,
    /// Something required could not be told.
    Unverified,
    /// Two hashes differ, or a source must not be believed.
    Mismatch,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Verified => "verified",
            Verdict::Unverified => "unverified",
            Verdict::Mismatch => "mismatch",
        })
    }
}

/// How many artifacts got which verdict. Lines that the user left out are in `left_out` alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// Verified, by the proxy and by version control.
    pub verified_both: usize,
    /// Verified, by the proxy alone.
    pub verified_proxy_only: usize,
    /// Verified, by version control alone.
    pub verified_direct_only: usize,
    /// Verified, by what is on this machine alone.
    #[serde(default, skip_serializing_if = "is_none")]
    pub verified_modcache_only: usize,
    /// Mismatches.
    pub mismatch: usize,
    /// What could not be told.
    pub unverified: usize,
    /// Covered by an allowance.
    pub allowed: usize,
    /// Left out by the user.
    pub left_out: usize,
    /// Of all that no allowance covers, those on which something required could not be told: mismatches can be among them.
    pub untold: usize,
    /// Of the verified, those that are so by an answer which our own store saw earlier, and which is older than the user has
    /// answers be.
    #[serde(skip_serializing_if = "is_zero")]
    pub verified_by_earlier: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Returns whether there is none to count: a count that most audits do not have.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Counts {
    /// Counts `comparison`, whose verdict is `verdict`.
    pub fn add(&mut self, comparison: &Comparison, verdict: Verdict) {
        let voted = |of: fn(&SourceName) -> bool| {
            comparison.recomputed().any(|(source, evidence)| of(source) && evidence.answer.votes())
        };
        let count = match verdict {
            Verdict::Mismatch => &mut self.mismatch,
            Verdict::Unverified => &mut self.unverified,
            Verdict::Verified => {
                match (voted(SourceName::is_proxy), voted(|source| *source == SourceName::DIRECT)) {
                    (true, true) => &mut self.verified_both,
                    (true, false) => &mut self.verified_proxy_only,
                    (false, true) => &mut self.verified_direct_only,
                    (false, false) => &mut self.verified_modcache_only,
                }
            }
        };
        *count += 1;
        let is_earlier =
            |(_, evidence): (_, &Evidence)| evidence.answer.votes() && evidence.outdated().is_some();
        if verdict == Verdict::Verified && comparison.recomputed().any(is_earlier) {
            self.verified_by_earlier += 1;
        }
    }

    /// Returns how many artifacts were judged.
    pub fn judged(&self) -> usize {
        self.verified() + self.mismatch + self.unverified + self.allowed
    }

    /// Returns how many artifacts are verified, in whichever way.
    pub fn verified(&self) -> usize {
        self.verified_both
            + self.verified_proxy_only
            + self.verified_direct_only
            + self.verified_modcache_only
    }
}
