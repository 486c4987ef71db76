//! What is known of a repository from earlier runs: what its commits hash to, which is so for good, and where its tags led.

use std::sync::Arc;
use std::time::Duration;

use gosum_evidence::evidence::{Answer, Evidence, Moved, Origin, Sum};
use gosum_evidence::subject::Subject;
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_store::{Given, Keeper, Sight, Sighting, SourceKey, Turn};

use super::ask::Wanted;
use super::place::Place;
use super::revision::Revision;

/// How long another process is waited for that fetches from the same repository.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is known from earlier runs, of all repositories.
#[derive(Debug, Clone)]
pub struct Memory {
    /// Reads and keeps.
    pub keeper: Arc<Keeper>,
    /// Whether commits are read anew that have been hashed.
    pub refresh: bool,
}

/// What is known of one module version in a commit: of its zip, and of its go.mod.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) zip: Option<Evidence>,
    pub(super) go_mod: Option<Evidence>,
}

impl Memory {
    /// Returns what time it is, in seconds since 1970, UTC.
    pub(super) fn now(&self) -> i64 {
        self.keeper.store().now()
    }

    /// Returns once no other process fetches from the repository that is asked at `url`, or after a while.
    pub(super) fn turn(&self, url: &str) -> Turn {
        self.keeper.store().turn(url, PATIENCE)
    }

    /// Has all written that was learned, for processes that wait for it.
    pub(super) fn share(&self) {
        self.keeper.flush();
    }

    /// Returns what is known of each of `found` in the repository that is asked at `url`.
    pub(super) fn contents(&self, url: &str, found: &[(Wanted<'_>, Revision)]) -> Vec<Known> {
        let mut known: Vec<Known> = found.iter().map(|_| Known::default()).collect();
        if self.refresh {
            return known;
        }
        let mut asked: Vec<(SourceKey, &Subject)> = Vec::new();
        let mut places: Vec<(usize, Artifact)> = Vec::new();
        for (at, (wanted, revision)) in found.iter().enumerate() {
            for subject in [wanted.zip, wanted.go_mod].into_iter().flatten() {
                asked.push((key(url, &revision.want.to_string(), &wanted.place), subject));
                places.push((at, subject.artifact));
            }
        }
        let kept = self.keeper.store().answers_of(&asked).unwrap_or_else(|error| {
            self.keeper.note(&error);
            Vec::new()
        });
        for ((at, artifact), kept) in places.into_iter().zip(kept) {
            // a commit is what it is, whenever it was seen
            let hash = kept.map(|kept| kept.evidence).filter(|evidence| evidence.answer.sum().is_some());
            match artifact {
                Artifact::Zip => known[at].zip = hash,
                Artifact::GoMod => known[at].go_mod = hash,
            }
        }
        known
    }

    /// Keeps what `subject` hashes to in the commit of `revision`, and what that says of itself.
    pub(super) fn keep_content(
        &self,
        url: &str,
        wanted: &Wanted<'_>,
        revision: &Revision,
        subject: &Subject,
        evidence: &Evidence,
    ) {
        let Some(Sum::H1(h1)) = evidence.answer.sum() else { return };
        // which tag or branch led there, and how it was found, is no matter of the commit
        let (commit, subdir) = (evidence.origin.commit.clone(), evidence.origin.subdir.clone());
        let origin = Origin { commit, subdir, said: evidence.origin.said.clone(), ..Origin::default() };
        let inside = evidence.go_mod_inside.as_deref().copied();
        let evidence = Evidence::new(Answer::hash(*h1), origin).with_go_mod_inside(inside);
        let source = key(url, &revision.want.to_string(), &wanted.place);
        self.keeper.keep(Given { source, subject: subject.clone(), evidence });
    }

    /// Notes in each of `found` where its tag led when it was seen before.
    pub(super) fn note_sightings(&self, url: &str, found: &mut [(Wanted<'_>, Revision)]) {
        let tagged: Vec<usize> = (0..found.len()).filter(|at| tag(&found[*at].1).is_some()).collect();
        if tagged.is_empty() {
            return;
        }
        let tags: Vec<&str> = tagged.iter().filter_map(|at| tag(&found[*at].1)).collect();
        match self.keeper.store().sightings(url, &tags) {
            Ok(sightings) => {
                for (at, sightings) in tagged.into_iter().zip(sightings) {
                    found[at].1.sightings = sightings.into();
                }
            }
            Err(error) => self.keeper.note(&error),
        }
    }

    /// Keeps that the tag of `revision` leads to `commit`, and returns where it led before, if that was somewhere else.
    pub(super) fn sight(
        &self,
        url: &str,
        wanted: &Wanted<'_>,
        revision: &Revision,
        commit: &str,
    ) -> Option<Moved> {
        let tag = tag(revision)?;
        self.keeper.keep_sight(Sight {
            repository: url.to_owned(),
            reference: tag.to_owned(),
            commit: commit.to_owned(),
            target: revision.want.to_string(),
        });
        let (before, since) = moved(&revision.sightings, commit, self.now())?;
        let zip = self.zip_of(url, &before.target, &wanted.module, &wanted.place);
        Some(Moved {
            commit: before.commit.as_str().into(),
            first: before.first,
            last: before.last,
            since,
            zip,
        })
    }

    /// Returns what the module zip of a commit hashed to, if that is known.
    fn zip_of(&self, url: &str, id: &str, module: &ModuleVersion, place: &Place) -> Option<H1> {
        let subject = Subject::new(module.clone(), Artifact::Zip);
        let kept = self.keeper.store().answers_of(&[(key(url, id, place), &subject)]).ok()?.pop()??;
        match kept.evidence.answer.sum()? {
            Sum::H1(h1) => Some(*h1),
            Sum::Text(_) => None,
        }
    }
}

fn key(url: &str, id: &str, place: &Place) -> SourceKey {
    SourceKey::content(url, id, &place.to_string())
}

/// Returns the tag by which a version was found; none where somebody chose the commit.
fn tag(revision: &Revision) -> Option<&str> {
    revision.reference.as_deref().filter(|name| name.starts_with("refs/tags/") && !revision.is_chosen)
}

/// Returns where a tag led that leads to `commit` now, if that was ever somewhere else: at first, or else at last; and since
/// when it leads where it does.
fn moved<'s>(sightings: &'s [Sighting], commit: &str, now: i64) -> Option<(&'s Sighting, i64)> {
    let elsewhere = |sighting: &&Sighting| sighting.commit != commit;
    let before = sightings.first().filter(elsewhere).or_else(|| sightings.iter().rev().find(elsewhere))?;
    let since = sightings.last().filter(|last| last.commit == commit).map_or(now, |last| last.first);
    Some((before, since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_moved_if_it_ever_led_elsewhere() {
        let seen = |commit: &str, first, last| Sighting {
            commit: commit.to_owned(),
            target: commit.to_owned(),
            first,
            last,
        };
        let told = |sightings: &[Sighting], commit: &str| {
            moved(sightings, commit, 99).map(|(before, since)| (before.commit.clone(), before.first, since))
        };
        assert_eq!(told(&[], "a"), None);
        assert_eq!(told(&[seen("a", 1, 2)], "a"), None);
        assert_eq!(told(&[seen("a", 1, 2)], "b"), Some(("a".into(), 1, 99)));
        assert_eq!(told(&[seen("a", 1, 2), seen("b", 3, 4)], "b"), Some(("a".into(), 1, 3)));
        // back where it was
        assert_eq!(told(&[seen("a", 1, 2), seen("b", 3, 4)], "a"), Some(("b".into(), 3, 99)));
        assert_eq!(told(&[seen("a", 1, 2), seen("b", 3, 4), seen("c", 5, 6)], "c"), Some(("a".into(), 1, 5)));
    }
}
