//! What the user has accepted, pinned to exact answers.

use std::collections::BTreeMap;

use super::date::Date;
use crate::compare::Comparison;
use crate::evidence::{Answer, Evidence, Lasting, SourceName, Sum, list};
use crate::subject::{Location, Subject};

/// A finding, or a lastingly missing source, that the user has accepted for one artifact until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// Where it stands.
    pub at: Location,
    /// The artifact.
    pub subject: Subject,
    /// What is accepted.
    pub what: Accepted,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Date,
}

/// What is accepted of one artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// That these sources give these hashes, which differ or have a defect. Another hash of any of them is a new finding, and
    /// so is any further hash.
    Hashes(BTreeMap<SourceName, Sum>),
    /// That one source has no hash.
    Missing {
        /// The source.
        source: SourceName,
        /// What it answers.
        answer: Absence,
        /// Why: what may pass by itself is never accepted.
        why: Lasting,
        /// What all others give; where another allowance accepts that they differ, one of what they give.
        hash: Sum,
    },
}

/// How a source is without a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// It says that it does not have it.
    Absent,
    /// It cannot be asked, or refuses.
    Unavailable,
}

impl Absence {
    /// Returns the word for the answer.
    pub fn word(self) -> &'static str {
        match self {
            Absence::Absent => "absent",
            Absence::Unavailable => "unavailable",
        }
    }

    /// Returns how `answer` is without a hash, if it is.
    pub fn of(answer: &Answer) -> Option<Absence> {
        match answer {
            Answer::Absent(_) => Some(Absence::Absent),
            Answer::Unavailable(_) => Some(Absence::Unavailable),
            _ => None,
        }
    }
}

impl Allowance {
    /// Returns whether it may still hold today.
    pub fn is_expired(&self, today: Date) -> bool {
        self.until < today
    }

    /// Returns whether the answers are those that it accepts.
    ///
    /// It never does where a source must not be believed, or go.sum has a hash that no source gives. Where another allowance
    /// accepts the hashes (`are_hashes_accepted`), it need not accept that they differ.
    pub fn covers(&self, comparison: &Comparison, are_hashes_accepted: bool) -> bool {
        if !is_sound(comparison) {
            return false;
        }
        match &self.what {
            Accepted::Hashes(pinned) => {
                let mut given = hashes(comparison).peekable();
                given.peek().is_some() && given.all(|(source, sum)| is_pinned(pinned, source, sum))
            }
            Accepted::Missing { source, answer, why, hash } => {
                let evidence = comparison.answers.get(source);
                let is_so = |evidence: &Evidence| {
                    Absence::of(&evidence.answer) == Some(*answer) && evidence.lasting == Some(*why)
                };
                let is_kept = match are_hashes_accepted {
                    true => hashes(comparison).any(|(_, sum)| sum == hash),
                    false => {
                        comparison.recomputed().any(|(_, evidence)| evidence.answer.own_sum() == Some(hash))
                            && hashes(comparison).all(|(_, sum)| sum == hash)
                    }
                };
                evidence.is_some_and(is_so) && is_kept
            }
        }
    }

    /// Returns whether all hashes that are given are those that it accepts, while a source that it speaks of, or one of
    /// `required`, passingly gives none: what it accepts may well be there, and could not be told.
    ///
    /// It never is where a source must not be believed, or where go.sum has a hash that the allowance names of nobody else.
    pub(crate) fn awaits(&self, comparison: &Comparison, required: &[SourceName]) -> bool {
        let Accepted::Hashes(pinned) = &self.what else { return false };
        let recorded = comparison.answer(&SourceName::GO_SUM);
        let is_of_another = recorded.is_none_or(|recorded| {
            let others = pinned.iter().filter(|(source, _)| **source != SourceName::GO_SUM);
            recorded.sum().is_some_and(|recorded| others.map(|(_, sum)| sum).any(|sum| sum == recorded))
        });
        let is_silent = |source: &SourceName| {
            let evidence = comparison.answers.get(source);
            evidence.is_some_and(|evidence| {
                matches!(evidence.answer, Answer::Unavailable(_)) && evidence.lasting.is_none()
            })
        };
        !is_untrusted(comparison)
            && is_of_another
            && hashes(comparison).all(|(source, sum)| is_pinned(pinned, source, sum))
            && pinned.keys().chain(required).any(is_silent)
    }

    /// Returns whether the sources that it speaks of have told that things are otherwise: what could not be asked today may be
    /// as it was. That hashes differ is not otherwise where another allowance is about them (`are_hashes_pinned`).
    pub fn is_refuted(&self, comparison: &Comparison, are_hashes_pinned: bool) -> bool {
        let told = |source: &SourceName| {
            let answer = comparison.answer(source);
            matches!(answer, Some(Answer::Hash { .. } | Answer::Absent(_) | Answer::Untrusted(_)))
        };
        match &self.what {
            Accepted::Hashes(pinned) => pinned.keys().all(told),
            Accepted::Missing { source, answer, hash, .. } => {
                let differs = !are_hashes_pinned && hashes(comparison).any(|(_, sum)| sum != hash);
                let is_as_said = comparison.answer(source).and_then(Absence::of) == Some(*answer);
                told(source) && !is_as_said || differs
            }
        }
    }

    /// Returns how the answers are otherwise than it says.
    pub(crate) fn refutation(&self, comparison: &Comparison) -> String {
        let other = |source: &SourceName, sum: &Sum| format!("{source} now gives {sum}");
        let given = |source: &SourceName| comparison.answer(source).and_then(Answer::sum);
        if let Some(source) = untrusted(comparison).next() {
            return format!("{source} must not be believed");
        }
        match &self.what {
            Accepted::Hashes(pinned) => {
                let gone = pinned.keys().find(|source| given(source).is_none());
                let changed = hashes(comparison).find(|(source, sum)| !is_pinned(pinned, source, sum));
                match (changed, gone) {
                    (Some((source, sum)), _) => other(source, sum),
                    (None, Some(source)) => format!("{source} gives no hash any more"),
                    (None, None) => nobody_gives(comparison),
                }
            }
            Accepted::Missing { source, hash, answer, .. } => {
                let changed = hashes(comparison).find(|(_, sum)| *sum != hash);
                match (given(source), changed) {
                    (Some(sum), _) => other(source, sum),
                    (None, Some((source, sum))) => other(source, sum),
                    (None, None) => format!("{source} is not {} as it says", answer.word()),
                }
            }
        }
    }
}

/// Returns what to say of a hash in go.sum that nobody else gave.
fn nobody_gives(comparison: &Comparison) -> String {
    let silent: Vec<&SourceName> = comparison
        .asked()
        .filter(|(_, evidence)| evidence.answer.sum().is_none())
        .map(|(name, _)| name)
        .collect();
    match silent.as_slice() {
        [] => "go.sum has a hash that no source gives".to_owned(),
        silent => format!("go.sum has a hash that no source gave; no hash came from {}", list(silent)),
    }
}

/// Returns whether `sum` is what is pinned for `source`; or, for a source of which nothing is pinned, one of those that are.
fn is_pinned(pinned: &BTreeMap<SourceName, Sum>, source: &SourceName, sum: &Sum) -> bool {
    let own = pinned.get(source);
    // what is built is what go.sum says: a line that changes is a new finding, whoever gives the other hash
    let built = (*source == SourceName::GO_SUM).then(|| pinned.get(&SourceName::PROXY)).flatten();
    match own.or(built) {
        Some(expected) => expected == sum,
        None => pinned.values().any(|expected| expected == sum),
    }
}

fn hashes(comparison: &Comparison) -> impl Iterator<Item = (&SourceName, &Sum)> {
    comparison.answers.iter().filter_map(|(source, evidence)| Some((source, evidence.answer.sum()?)))
}

/// Returns the sources that must not be believed.
fn untrusted(comparison: &Comparison) -> impl Iterator<Item = &SourceName> {
    let answers = comparison.answers.iter();
    answers.filter(|(_, evidence)| matches!(evidence.answer, Answer::Untrusted(_))).map(|(source, _)| source)
}

fn is_untrusted(comparison: &Comparison) -> bool {
    untrusted(comparison).next().is_some()
}

/// Returns whether an allowance may speak of the answers at all: none is untrusted, and go.sum's hash, where it has a line, is
/// given by somebody else too.
fn is_sound(comparison: &Comparison) -> bool {
    if is_untrusted(comparison) {
        return false;
    }
    match comparison.answer(&SourceName::GO_SUM) {
        None => true,
        // who has a part alone has the rest from a copy that is what go.sum records
        Some(recorded) => recorded.sum().is_some_and(|recorded| {
            comparison.asked().any(|(_, evidence)| evidence.answer.own_sum() == Some(recorded))
        }),
    }
}

/// Returns what would have to be accepted for the artifact to pass, as far as it may be: nothing that passes by itself, no
/// answer that must not be believed, no hash in go.sum that nobody else gives, or that the checksum database contradicts: with
/// that, the go command itself would not have it.
pub fn lasting(comparison: &Comparison, required: &[SourceName]) -> Vec<Accepted> {
    let recorded = comparison.answer(&SourceName::GO_SUM).and_then(Answer::sum);
    let votes = |(source, evidence): (&SourceName, &Evidence)| {
        let is_sound = evidence.answer.votes() || *source == SourceName::SUMDB;
        is_sound && recorded.is_none_or(|recorded| evidence.answer.sum() == Some(recorded))
    };
    let database = comparison.answer(&SourceName::SUMDB).and_then(Answer::sum);
    let is_contradicted = recorded.zip(database).is_some_and(|(recorded, database)| recorded != database);
    if !is_sound(comparison) || is_contradicted || !comparison.asked().any(votes) {
        return Vec::new();
    }
    let has_defect =
        |(_, evidence): (_, &Evidence)| evidence.answer.sum().is_some() && !evidence.answer.is_told();
    let differ = comparison.sums().len() > 1;
    let given = || hashes(comparison).map(|(source, sum)| (source.clone(), sum.clone()));
    let pinned =
        (differ || comparison.recomputed().any(has_defect)).then(|| Accepted::Hashes(given().collect()));
    let hash = recorded.or_else(|| hashes(comparison).next().map(|(_, sum)| sum));
    let missing = required.iter().filter_map(|source| {
        let evidence = comparison.answers.get(source)?;
        let (answer, why) = (Absence::of(&evidence.answer)?, evidence.lasting?);
        Some(Accepted::Missing { source: source.clone(), answer, why, hash: hash?.clone() })
    });
    pinned.into_iter().chain(missing).collect()
}
