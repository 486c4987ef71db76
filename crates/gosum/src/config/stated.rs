//! The allowances of a config file together: none says what another one denies.

use std::collections::BTreeMap;

use gosum_evidence::evidence::{SourceName, Sum};
use gosum_evidence::policy::{Accepted, Allowance};
use gosum_evidence::subject::Subject;

/// Allowances of which no two contradict each other.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    list: Vec<Allowance>,
    about: BTreeMap<Subject, About>,
}

/// Where in the list the allowances for one artifact are.
#[derive(Debug, Default)]
struct About {
    hashes: Option<usize>,
    missing: BTreeMap<SourceName, usize>,
}

/// How an allowance contradicts another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clash {
    /// Both are about the same answers.
    Twice,
    /// One pins a hash of the source that the other says to have none.
    Missing(SourceName),
    /// One says that the others keep a hash, and the other pins only different ones.
    Hash(Sum),
}

impl Stated {
    /// Adds `allowance`.
    ///
    /// # Errors
    /// When it contradicts one that is there: that one, and how.
    pub(crate) fn add(&mut self, allowance: Allowance) -> Result<(), (&Allowance, Clash)> {
        if let Some((at, clash)) = self.clash(&allowance) {
            return Err((&self.list[at], clash));
        }
        let (at, about) = (self.list.len(), self.about.entry(allowance.subject.clone()).or_default());
        match &allowance.what {
            Accepted::Hashes(_) => about.hashes = Some(at),
            Accepted::Missing { source, .. } => drop(about.missing.insert(source.clone(), at)),
        }
        self.list.push(allowance);
        Ok(())
    }

    /// Returns the allowance for the artifact `subject` that pins its hashes.
    pub(crate) fn pinned(&self, subject: &Subject) -> Option<&Allowance> {
        Some(&self.list[self.about.get(subject)?.hashes?])
    }

    pub(crate) fn into_list(self) -> Vec<Allowance> {
        self.list
    }

    fn clash(&self, allowance: &Allowance) -> Option<(usize, Clash)> {
        let about = self.about.get(&allowance.subject)?;
        match &allowance.what {
            Accepted::Hashes(pinned) => {
                let twice = about.hashes.map(|at| (at, Clash::Twice));
                let denied = || {
                    about.missing.values().find_map(|at| Some((*at, between(pinned, &self.list[*at].what)?)))
                };
                twice.or_else(denied)
            }
            what @ Accepted::Missing { source, .. } => {
                let twice = about.missing.get(source).map(|at| (*at, Clash::Twice));
                let denied = || {
                    let at = about.hashes?;
                    let Accepted::Hashes(pinned) = &self.list[at].what else { return None };
                    Some((at, between(pinned, what)?))
                };
                twice.or_else(denied)
            }
        }
    }
}

/// Returns how the hashes `pinned` contradict what accepts that a source is `missing`.
fn between(pinned: &BTreeMap<SourceName, Sum>, missing: &Accepted) -> Option<Clash> {
    let Accepted::Missing { source, hash, .. } = missing else { return None };
    if pinned.contains_key(source) {
        Some(Clash::Missing(source.clone()))
    } else if pinned.values().all(|sum| sum != hash) {
        Some(Clash::Hash(hash.clone()))
    } else {
        None
    }
}
