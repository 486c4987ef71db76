//! Where tags led, and when: what a repository cannot be asked again.
//!
//! A row is a tag of a repository: a byte that names the form, then for each commit to which it led, in the order of time, the
//! commit, what the tag itself stood for, and when it was seen to lead there first and last.

use redb::ReadableTable as _;

use crate::error::StoreError;
use crate::index::Table;
use crate::record::{Reader, Writer};
use crate::{SECONDS_A_DAY, Store, rows};

/// Sightings, by repository and tag.
pub(crate) const SIGHTINGS: Table = Table::new("sightings");
/// The form that is written, and the only one that is read.
const FORM: u8 = 1;
/// Of a tag that moves all the time, so many commits are kept: the first and the newest.
const MAX_COMMITS: usize = 32;

/// That a tag led to a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The commit.
    pub commit: String,
    /// What the tag stood for: the commit, or the annotated tag that leads to it.
    pub target: String,
    /// When it was seen to do so first, in seconds since 1970, UTC.
    pub first: i64,
    /// When it was for the last time, to the day.
    pub last: i64,
}

/// That a tag leads to a commit now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The URL of the repository that was asked, without credentials.
    pub repository: String,
    /// The tag, in full: `refs/tags/v1.2.3`.
    pub reference: String,
    /// The commit.
    pub commit: String,
    /// What the tag stands for.
    pub target: String,
}

fn key(repository: &str, reference: &str) -> Vec<u8> {
    [repository.as_bytes(), b"\0", reference.as_bytes()].concat()
}

impl Store {
    /// Returns for each of `references`, in their order, where it led in the repository when it was seen before, in the order
    /// of time. One transaction for all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sightings(&self, repository: &str, references: &[&str]) -> Result<Vec<Vec<Sighting>>, StoreError> {
        let found = self.sightings.read(|transaction| {
            let Some(sightings) = rows(transaction, SIGHTINGS)? else { return Ok(Vec::new()) };
            let mut found = Vec::with_capacity(references.len());
            for reference in references {
                let row = sightings.get(key(repository, reference).as_slice())?;
                found.push(row.and_then(|row| decode(row.value())).unwrap_or_default());
            }
            Ok(found)
        })?;
        let mut found = found.unwrap_or_default();
        found.resize(references.len(), Vec::new());
        Ok(found)
    }

    /// Keeps for good what is seen now. What is known already, to the day, is not written again.
    ///
    /// # Errors
    /// When the store cannot be written; nothing is kept then.
    pub fn keep_sightings(&self, sights: &[Sight]) -> Result<(), StoreError> {
        let now = self.now;
        let known = self.sightings.read(|transaction| {
            let sightings = rows(transaction, SIGHTINGS)?;
            let mut is_known = Vec::with_capacity(sights.len());
            for sight in sights {
                let row = match &sightings {
                    Some(sightings) => sightings.get(key(&sight.repository, &sight.reference).as_slice())?,
                    None => None,
                };
                let before = row.and_then(|row| decode(row.value())).unwrap_or_default();
                is_known.push(!is_news(&before, sight, now));
            }
            Ok(is_known)
        })?;
        let known = known.unwrap_or_else(|| vec![false; sights.len()]);
        let news: Vec<&Sight> =
            sights.iter().zip(known).filter(|(_, known)| !known).map(|(sight, _)| sight).collect();
        if news.is_empty() {
            return Ok(());
        }
        self.sightings.write(|transaction| {
            let mut sightings = transaction.open_table(SIGHTINGS)?;
            for sight in &news {
                let key = key(&sight.repository, &sight.reference);
                let row = sightings.get(key.as_slice())?.and_then(|row| decode(row.value()));
                let after = add(row.unwrap_or_default(), sight, now);
                sightings.insert(key.as_slice(), encode(&after).as_slice())?;
            }
            Ok(())
        })
    }

    /// Returns of how many tags it is known where they led.
    pub(crate) fn count_sightings(&self) -> Result<u64, StoreError> {
        use redb::ReadableTableMetadata as _;
        let count = self.sightings.read(|transaction| match rows(transaction, SIGHTINGS)? {
            Some(sightings) => Ok(sightings.len()?),
            None => Ok(0),
        })?;
        Ok(count.unwrap_or(0))
    }
}

/// Returns whether `sight` says more than is known.
fn is_news(before: &[Sighting], sight: &Sight, now: i64) -> bool {
    before.last().is_none_or(|last| {
        last.commit != sight.commit || now.saturating_sub(last.last) >= SECONDS_A_DAY || now < last.first
    })
}

/// Returns the sightings with `sight` among them.
fn add(mut sightings: Vec<Sighting>, sight: &Sight, now: i64) -> Vec<Sighting> {
    match sightings.last_mut() {
        // a clock that has gone back does not make it that it was not seen
        Some(last) if last.commit == sight.commit => {
            (last.first, last.last) = (last.first.min(now), last.last.max(now));
        }
        _ => {
            let (commit, target) = (sight.commit.clone(), sight.target.clone());
            sightings.push(Sighting { commit, target, first: now, last: now });
            if sightings.len() > MAX_COMMITS {
                sightings.remove(1);
            }
        }
    }
    sightings
}

fn encode(sightings: &[Sighting]) -> Vec<u8> {
    let mut out = Writer::new(FORM);
    for Sighting { commit, target, first, last } in sightings {
        out.text(commit);
        out.text(target);
        out.bytes(&first.to_le_bytes());
        out.bytes(&last.to_le_bytes());
    }
    out.into_bytes()
}

fn decode(bytes: &[u8]) -> Option<Vec<Sighting>> {
    let mut input = Reader::new(bytes, FORM)?;
    let mut sightings = Vec::new();
    while !input.is_at_end() {
        sightings.push(Sighting {
            commit: input.text()?.to_owned(),
            target: input.text()?.to_owned(),
            first: i64::from_le_bytes(input.array()?),
            last: i64::from_le_bytes(input.array()?),
        });
    }
    Some(sightings)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = SECONDS_A_DAY;

    fn sight(commit: &str) -> Sight {
        Sight {
            repository: "https://git.example/a".into(),
            reference: "refs/tags/v1.0.0".into(),
            commit: commit.into(),
            target: commit.into(),
        }
    }

    fn seen(dir: &std::path::Path) -> Vec<(String, i64, i64)> {
        let store = Store::open(dir, 0).unwrap();
        let all = store.sightings("https://git.example/a", &["refs/tags/v1.0.0", "refs/tags/v2"]).unwrap();
        assert!(all[1].is_empty());
        all[0].iter().map(|one| (one.commit.clone(), one.first / DAY, one.last / DAY)).collect()
    }

    #[test]
    fn the_first_sight_is_kept_for_good_and_the_last_to_the_day() {
        let dir = tempfile::tempdir().unwrap();
        let keep = |day: i64, commit: &str| {
            Store::open(dir.path(), day * DAY + 7).unwrap().keep_sightings(&[sight(commit)]).unwrap();
        };
        for (day, commit) in [(10, "a"), (10, "a"), (12, "a"), (20, "b"), (30, "a"), (29, "a"), (5, "a")] {
            keep(day, commit);
        }
        let expected = [("a", 10, 12), ("b", 20, 20), ("a", 5, 30)];
        assert_eq!(seen(dir.path()), expected.map(|(commit, first, last)| (commit.to_owned(), first, last)));
        // what can be asked for again is all that goes
        let store = Store::open(dir.path(), 0).unwrap();
        store.clear().unwrap();
        assert_eq!(seen(dir.path()).len(), 3);
        assert_eq!(store.count_sightings().unwrap(), 1);
        store.clear_for_good().unwrap();
        assert_eq!(seen(dir.path()), []);
    }

    #[test]
    fn a_tag_that_moves_all_the_time_takes_bounded_room_and_keeps_its_first_sight() {
        let moves = (0..100).map(|number| sight(&format!("{number}"))).enumerate();
        let all = moves.fold(Vec::new(), |all, (at, sight)| add(all, &sight, i64::try_from(at).unwrap()));
        assert_eq!((all.len(), &*all[0].commit, &*all[31].commit), (MAX_COMMITS, "0", "99"));
        assert_eq!(decode(&encode(&all)), Some(all));
    }

    #[test]
    fn what_is_no_row_is_none() {
        let bytes = encode(&[Sighting { commit: "a".into(), target: "b".into(), first: 1, last: 2 }]);
        assert!((2..bytes.len()).all(|end| decode(&bytes[..end]).is_none()));
        assert_eq!(decode(&[]), None);
        assert_eq!(decode(&[2]), None);
    }
}
