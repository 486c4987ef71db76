//! What the user wants of an audit: which sources must answer, how much each rule weighs, what is accepted.

mod allowance;
mod date;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use allowance::{Absence, Accepted, Allowance, lasting};
pub use date::{Date, DateError};

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::Comparison;
use crate::evidence::{Answer, SourceName};
use crate::finding::{Finding, Level};
use crate::rule;
use crate::subject::{Location, Subject};
use crate::verdict::Verdict;

/// How far ahead an allowance may end, in days.
pub const MAX_DAYS: u16 = 400;

/// What is made of what could not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Unverified {
    /// It fails the audit.
    Fail,
    /// It is shown, and fails nothing.
    Warn,
}

/// What the user wants of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The sources that must give a hash wherever they apply.
    pub required: Vec<SourceName>,
    /// The level of the findings of a rule, by its code, in the place of its own; none to leave them out.
    pub levels: BTreeMap<&'static str, Option<Level>>,
    /// Findings of this level and above fail the audit.
    pub fail_on: Level,
    /// What is accepted.
    pub allowances: Vec<Allowance>,
    /// The day of the audit.
    pub today: Date,
    /// Whether the audit looks at all that the allowances may be about: then one about nothing in it is used no more.
    pub is_whole: bool,
    /// What the change under audit says otherwise, and what does not count in its own audit.
    pub changes: Vec<Change>,
}

/// Something that the change under audit says otherwise than the policy that judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The artifact that it is about; none for what is about all.
    pub subject: Option<Subject>,
    /// Where it stands.
    pub at: Location,
    /// What it is.
    pub what: String,
}

/// Why a policy is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// There is no such rule.
    #[error("no rule has the code `{0}`")]
    Unknown(String),
    /// Its findings always deny.
    #[error("`{0}` always denies: an answer that must not be believed is never less")]
    AlwaysDenies(&'static str),
    /// Its findings may weigh less, but not so little.
    #[error("`{code}` is at least `{least}`: what it finds is always shown")]
    AtLeast {
        /// The code.
        code: &'static str,
        /// The lowest level.
        least: Level,
    },
    /// It is a reason for a missing hash, and finds nothing.
    #[error(
        "`{0}` is a reason for a missing hash and has no level: an allowance can accept it for one artifact"
    )]
    NoLevel(&'static str),
}

impl Policy {
    /// Returns the policy of a user who has set nothing: `required` sources, the rules' own levels, nothing accepted.
    pub fn plain(required: Vec<SourceName>, today: Date) -> Policy {
        Policy {
            required,
            levels: BTreeMap::new(),
            fail_on: Level::Deny,
            allowances: Vec::new(),
            today,
            is_whole: true,
            changes: Vec::new(),
        }
    }

    /// Returns the code of the rule `code`, whose level may be set to `level`.
    ///
    /// # Errors
    /// When there is no such rule, or its level is not the user's.
    pub fn may_set(code: &str, level: Option<Level>) -> Result<&'static str, LevelError> {
        let info = rule::find(code).ok_or_else(|| LevelError::Unknown(code.to_owned()))?;
        match info.level {
            None => Err(LevelError::NoLevel(info.code)),
            // none is the lowest, in the order of levels too
            Some(_) if level >= info.least => Ok(info.code),
            Some(_) => Err(match info.least {
                Some(least) if least < Level::Deny => LevelError::AtLeast { code: info.code, least },
                _ => LevelError::AlwaysDenies(info.code),
            }),
        }
    }

    /// Returns the level that `finding` is to have; none if it is to be left out.
    pub fn level(&self, finding: &Finding) -> Option<Level> {
        self.levels.get(finding.code).copied().unwrap_or(Some(finding.level))
    }

    /// Returns where the allowances about each artifact stand in the list.
    pub(crate) fn by_subject(&self) -> BTreeMap<&Subject, Vec<usize>> {
        let mut about: BTreeMap<&Subject, Vec<usize>> = BTreeMap::new();
        for (at, allowance) in self.allowances.iter().enumerate() {
            about.entry(&allowance.subject).or_default().push(at);
        }
        about
    }

    /// Returns which of the allowances `about` the artifact of `comparison` accept what its answers are, and whether that
    /// makes it pass, when the verdict on it is `verdict`.
    pub(crate) fn accept(&self, comparison: &Comparison, verdict: Verdict, about: &[usize]) -> Acceptance {
        let holds = |at: &&usize| !self.allowances[**at].is_expired(self.today);
        let hashes = self.are_hashes_pinned(comparison, about.iter().filter(holds));
        let covers = |at: &&usize| holds(at) && self.allowances[**at].covers(comparison, hashes);
        let used: Vec<usize> = about.iter().filter(covers).copied().collect();
        let passes =
            !used.is_empty() && verdict != Verdict::Verified && self.suffice(comparison, &used, hashes);
        let holds = |at: &usize| {
            let allowance = &self.allowances[*at];
            !allowance.is_expired(self.today) && allowance.awaits(comparison, &self.required)
        };
        let awaits = !passes && verdict == Verdict::Mismatch && about.iter().any(holds);
        Acceptance { passes: used.first().copied().filter(|_| passes), hashes, awaits, used }
    }

    /// Returns whether one of the allowances `about` the artifact pins the hashes that are given.
    fn are_hashes_pinned<'a>(
        &self,
        comparison: &Comparison,
        mut about: impl Iterator<Item = &'a usize>,
    ) -> bool {
        about.any(|at| {
            let allowance = &self.allowances[*at];
            matches!(allowance.what, Accepted::Hashes(_)) && allowance.covers(comparison, false)
        })
    }

    /// Returns whether the allowances `used`, with which all given hashes are accepted or not, leave nothing open.
    fn suffice(&self, comparison: &Comparison, used: &[usize], hashes: bool) -> bool {
        let missing = |source: &SourceName| {
            used.iter().any(|at| match &self.allowances[*at].what {
                Accepted::Missing { source: missing, .. } => missing == source,
                Accepted::Hashes(_) => false,
            })
        };
        let is_hash = |answer: &Answer| answer.is_told() || hashes && answer.sum().is_some();
        let is_whole = |answer: &Answer| answer.votes() || hashes && answer.own_sum().is_some();
        let told = self.required.iter().all(|source| match comparison.answer(source) {
            None | Some(Answer::NotAsked(_)) => true,
            Some(answer) => is_hash(answer) || missing(source),
        });
        let any = comparison.recomputed().any(|(_, evidence)| is_whole(&evidence.answer));
        told && any && (hashes || comparison.sums().len() == 1)
    }

    /// Returns what became of each allowance. `accepted` is what is accepted of the artifacts of which something is.
    pub(crate) fn uses<'p>(
        &'p self,
        comparisons: &[Comparison],
        accepted: &BTreeMap<&Subject, Acceptance>,
    ) -> Vec<(&'p Allowance, Use)> {
        let about = self.by_subject();
        let of = |(at, allowance): (usize, &'p Allowance)| {
            let subject = &allowance.subject;
            let pinned = |comparison| self.are_hashes_pinned(comparison, about[subject].iter());
            let judged = comparisons.binary_search_by(|comparison| comparison.subject.cmp(subject));
            let state = match judged.map(|at| &comparisons[at]) {
                _ if allowance.is_expired(self.today) => Use::Expired,
                _ if accepted.get(subject).is_some_and(|accepted| accepted.used.contains(&at)) => Use::Used,
                Ok(comparison) if comparison.left_out() => Use::Untold,
                Ok(comparison) if allowance.is_refuted(comparison, pinned(comparison)) => {
                    Use::Unused(allowance.refutation(comparison))
                }
                Err(_) if self.is_whole => Use::Unused("no line of go.sum is about it".to_owned()),
                _ => Use::Untold,
            };
            (allowance, state)
        };
        self.allowances.iter().enumerate().map(of).collect()
    }

    /// Returns whether `finding` is what the user has accepted.
    pub(crate) fn silences(&self, accepted: &Acceptance, finding: &Finding) -> bool {
        let is_sumdb = |at: &usize| match &self.allowances[*at].what {
            Accepted::Missing { source, .. } => *source == SourceName::SUMDB,
            Accepted::Hashes(_) => false,
        };
        match finding.code {
            "proxy-direct-differ"
            | "go-sum-differs"
            | "sumdb-differs"
            | "commit-not-in-repository"
            | "vendor-differs" => {
                // a difference is accepted with all the rest of the artifact, or not at all
                accepted.hashes && accepted.passes.is_some() || accepted.awaits
            }
            "not-in-database" => accepted.used.iter().any(is_sumdb),
            _ => false,
        }
    }
}

/// What became of an allowance in an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// It accepts something.
    Used,
    /// It accepts nothing any more, and why.
    Unused(String),
    /// It holds no more.
    Expired,
    /// Whether it would accept something was not to be found out.
    Untold,
}

/// What the allowances accept of one artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    /// The allowance by which the artifact passes, though it is not verified.
    pub(crate) passes: Option<usize>,
    /// Whether the hashes that are given are accepted, in all their difference.
    pub(crate) hashes: bool,
    /// Whether the difference is one that is accepted as far as could be told: a source whose hash is to be seen did not
    /// answer, which may pass.
    pub(crate) awaits: bool,
    /// The allowances that are used, whether or not they suffice.
    pub(crate) used: Vec<usize>,
}
