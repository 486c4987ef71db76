//! Merges two go.sum files that come from one, artifact by artifact.
//!
//! A go.sum is a set of records, so that lines of different artifacts never contradict each other, wherever they stand. What
//! one side alone added, changed nothing of, or removed, is taken over. Two sides that have different h1 hashes of one
//! artifact contradict each other, also where one of them has the hash that was there before: a hash that changes is never a
//! change like any other.
//!
//! ```
//! use gosum_mod::file::go_sum::GoSum;
//! use gosum_mod::file::sum_merge::merge;
//!
//! let sum = |text: &str| GoSum::parse(text.as_bytes());
//! let base = sum("example.com/a v1.0.0 h1:a\nexample.com/b v1.0.0 h1:b\n");
//! let ours = sum("example.com/a v1.1.0 h1:aa\nexample.com/b v1.0.0 h1:b\n");
//! let theirs = sum("example.com/a v1.0.0 h1:a\nexample.com/b v1.0.0 h1:b\nexample.com/c v1.0.0 h1:c\n");
//! let merged = merge(&base, &ours, &theirs);
//! assert_eq!(merged.conflicts().count(), 0);
//! assert_eq!(merged.text(), b"example.com/a v1.1.0 h1:aa\nexample.com/b v1.0.0 h1:b\nexample.com/c v1.0.0 h1:c\n");
//! ```

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::go_sum::{GoSum, Line, compare_keys};

/// What two sides of a merge come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// By artifact, in the order of a file that Go wrote.
    entries: Vec<Entry>,
}

/// What becomes of the lines of one artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    path: Box<[u8]>,
    version: Box<[u8]>,
    /// The hashes that stay.
    kept: Vec<Box<[u8]>>,
    /// The h1 hashes of both sides, where they contradict each other.
    conflict: Option<[Vec<Box<[u8]>>; 2]>,
}

/// An artifact on whose h1 hash the sides contradict each other.
#[derive(Debug, Clone, Copy)]
pub struct Conflict<'m> {
    /// Which of the entries it is.
    index: usize,
    entry: &'m Entry,
}

impl<'m> Conflict<'m> {
    /// Returns which conflict this is, for [`Merged::resolve`].
    pub fn index(self) -> usize {
        self.index
    }

    /// Returns a line of the artifact, of which the hash is one that a side has.
    pub fn line(self) -> GoSum {
        let text = self.hashes().next().map(|hash| line(self.entry, hash)).unwrap_or_default();
        GoSum::parse(&text)
    }

    /// Returns the h1 hashes that the sides have, ours first.
    pub fn hashes(self) -> impl Iterator<Item = &'m [u8]> {
        self.entry.conflict.iter().flatten().flatten().map(|hash| &**hash)
    }
}

impl Merged {
    /// Returns what the sides contradict each other on.
    pub fn conflicts(&self) -> impl Iterator<Item = Conflict<'_>> {
        let entries = self.entries.iter().enumerate();
        entries.filter(|(_, entry)| entry.conflict.is_some()).map(|(index, entry)| Conflict { index, entry })
    }

    /// Ends the conflict `index`: of the hashes that the sides have, `h1` alone stays. Returns whether a side has it.
    pub fn resolve(&mut self, index: usize, h1: &[u8]) -> bool {
        let Some(entry) = self.entries.get_mut(index) else { return false };
        if !entry.conflict.iter().flatten().flatten().any(|hash| **hash == *h1) {
            return false;
        }
        entry.conflict = None;
        entry.kept.insert(0, h1.into());
        true
    }

    /// Returns the file, with the marks of git around both sides of each conflict.
    pub fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for entry in &self.entries {
            if let Some([ours, theirs]) = &entry.conflict {
                let side = |hashes: &[Box<[u8]>]| -> Vec<u8> {
                    hashes.iter().flat_map(|hash| line(entry, hash)).collect()
                };
                out.extend(marked(&side(ours), &side(theirs)));
            }
            entry.kept.iter().for_each(|hash| out.extend(line(entry, hash)));
        }
        out
    }
}

/// Returns two texts, each of whole lines, with the marks of git around them.
pub fn marked(ours: &[u8], theirs: &[u8]) -> Vec<u8> {
    [b"<<<<<<< ours\n", ours, b"=======\n", theirs, b">>>>>>> theirs\n"].concat()
}

fn line(entry: &Entry, hash: &[u8]) -> Vec<u8> {
    let mut line = [&*entry.path, &*entry.version, hash].join(&b' ');
    line.push(b'\n');
    line
}

/// The first two fields of a line, in the order of a file that Go wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key<'t>(&'t [u8], &'t [u8]);

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_keys((self.0, self.1), (other.0, other.1))
    }
}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The hashes of an artifact in base, ours and theirs, each once, in the order of the file.
type Sides<'t> = [Vec<&'t [u8]>; 3];

/// Merges the lines of `ours` and `theirs`, which were both made from `base`. Malformed lines take no part.
pub fn merge(base: &GoSum, ours: &GoSum, theirs: &GoSum) -> Merged {
    let mut keys: BTreeMap<Key<'_>, Sides<'_>> = BTreeMap::new();
    for (side, sum) in [base, ours, theirs].into_iter().enumerate() {
        for line in sum.lines.iter().filter(|line| !line.is_conflict_marker()) {
            let hashes = &mut keys.entry(Key(line.path(), line.version())).or_default()[side];
            if !hashes.contains(&line.hash()) {
                hashes.push(line.hash());
            }
        }
    }
    let entries = keys.into_iter().map(|(key, sides)| entry(key, &sides));
    Merged { entries: entries.filter(|entry| !entry.kept.is_empty() || entry.conflict.is_some()).collect() }
}

fn entry(Key(path, version): Key<'_>, sides: &Sides<'_>) -> Entry {
    let own = |hashes: &[&[u8]]| hashes.iter().map(|hash| Box::from(*hash)).collect::<Vec<Box<[u8]>>>();
    let h1 = |side: usize| sides[side].iter().copied().filter(|hash| is_h1(hash)).collect::<Vec<_>>();
    let (base, ours, theirs) = (h1(0), h1(1), h1(2));
    let agreed = agreed(&base, &ours, &theirs);
    let mut kept = own(agreed.unwrap_or_default());
    kept.extend(others(sides).iter().map(|hash| Box::from(*hash)));
    let conflict = agreed.is_none().then(|| [own(&ours), own(&theirs)]);
    Entry { path: path.into(), version: version.into(), kept, conflict }
}

/// Returns the h1 hashes on which both sides agree, or which one side alone added or removed; none where they contradict each
/// other.
fn agreed<'h, 't>(
    base: &'h [&'t [u8]],
    ours: &'h [&'t [u8]],
    theirs: &'h [&'t [u8]],
) -> Option<&'h [&'t [u8]]> {
    if ours == theirs {
        return Some(ours);
    }
    // to change a hash is neither to add a line nor to remove one
    let is_plain = ours.is_empty() || theirs.is_empty();
    match (is_plain, ours == base, theirs == base) {
        (true, true, _) => Some(theirs),
        (true, _, true) => Some(ours),
        _ => None,
    }
}

/// Returns the hashes of other kinds: those of both sides, and those that one side alone added.
fn others<'t>(sides: &Sides<'t>) -> BTreeSet<&'t [u8]> {
    let of = |side: usize| sides[side].iter().copied().filter(|hash| !is_h1(hash)).collect::<BTreeSet<_>>();
    let (base, ours, theirs) = (of(0), of(1), of(2));
    let stays = |hash: &&[u8]| ours.contains(hash) && theirs.contains(hash) || !base.contains(hash);
    ours.union(&theirs).copied().filter(stays).collect()
}

fn is_h1(hash: &[u8]) -> bool {
    hash.starts_with(b"h1:")
}

/// Returns the number of the first line of `sum` that cannot be merged by what it says: one with another number of fields, a mark
/// of git, or one behind a byte order mark.
pub fn unreadable(sum: &GoSum) -> Option<usize> {
    let malformed = sum.malformed.iter().map(|line| line.number);
    let marks = sum
        .lines
        .iter()
        .filter(|line| line.is_conflict_marker() || line.has_byte_order_mark())
        .map(Line::number);
    malformed.chain(marks).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merged(base: &str, ours: &str, theirs: &str) -> String {
        let [base, ours, theirs] = [base, ours, theirs].map(|side| {
            let lines = side.split_whitespace().filter_map(|word| word.split_once('='));
            GoSum::parse(
                lines.map(|(key, hash)| format!("a.b/{key} v1.0.0 {hash}\n")).collect::<String>().as_bytes(),
            )
        });
        let text = String::from_utf8(merge(&base, &ours, &theirs).text()).unwrap();
        text.lines()
            .map(|line| line.replace("a.b/", "").replace(" v1.0.0 ", "="))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn what_one_side_alone_did_is_done() {
        for (base, ours, theirs, expected) in [
            ("", "x=h1:x", "y=h1:y", "x=h1:x y=h1:y"),
            ("x=h1:x", "", "x=h1:x", ""),
            ("x=h1:x", "x=h1:x", "", ""),
            ("x=h1:x y=h1:y", "x=h1:x", "y=h1:y", ""),
            ("", "x=h1:x", "x=h1:x", "x=h1:x"),
            ("x=h1:x", "x=h1:z", "x=h1:z", "x=h1:z"),
            ("x=h2:x", "x=h2:x x=h1:x", "", "x=h1:x"),
            ("x=h2:x", "x=h2:x x=h2:y", "x=h2:x", "x=h2:x x=h2:y"),
            ("x=h1:x", "", "", ""),
        ] {
            assert_eq!(merged(base, ours, theirs), expected, "{base} | {ours} | {theirs}");
            assert_eq!(merged(base, theirs, ours), expected, "{base} | {theirs} | {ours}");
        }
    }

    #[test]
    fn two_hashes_of_one_artifact_contradict_each_other() {
        let conflict = |ours: &str, theirs: &str| {
            let text = format!("<<<<<<< ours {ours} ======= {theirs} >>>>>>> theirs");
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        for (base, ours, theirs) in [
            ("", "x=h1:x", "x=h1:y"),
            // a changed hash, against the one that was there
            ("x=h1:x", "x=h1:x", "x=h1:y"),
            ("x=h1:x", "x=h1:z", "x=h1:y"),
            // a second hash, and the order of two
            ("x=h1:x", "x=h1:x", "x=h1:x x=h1:y"),
            ("x=h1:x x=h1:y", "x=h1:x x=h1:y", "x=h1:y x=h1:x"),
            // removed here, and changed there
            ("x=h1:x", "", "x=h1:y"),
        ] {
            assert_eq!(merged(base, ours, theirs), conflict(ours, theirs), "{base} | {ours} | {theirs}");
            assert_eq!(merged(base, theirs, ours), conflict(theirs, ours), "{base} | {theirs} | {ours}");
        }
    }

    #[test]
    fn a_conflict_ends_with_a_hash_of_one_of_the_sides_alone() {
        let sum = |hash: &str| GoSum::parse(format!("a.b/x v1.0.0 {hash}\na.b/x v1.0.0 h2:o\n").as_bytes());
        let mut merged = merge(&GoSum::default(), &sum("h1:x"), &sum("h1:y"));
        let conflict = merged.conflicts().next().unwrap();
        assert_eq!(conflict.hashes().collect::<Vec<_>>(), [b"h1:x", b"h1:y"]);
        assert_eq!(conflict.line().lines[0].key().unwrap().0.to_string(), "a.b/x@v1.0.0");
        let index = conflict.index();
        assert!(!merged.resolve(index, b"h1:z"));
        assert!(merged.resolve(index, b"h1:y"));
        assert_eq!(merged.text(), b"a.b/x v1.0.0 h1:y\na.b/x v1.0.0 h2:o\n");
    }

    #[test]
    fn what_cannot_be_merged_is_named() {
        assert_eq!(unreadable(&GoSum::parse(b"a b c\noops\n")), Some(2));
        assert_eq!(unreadable(&GoSum::parse(b"a b c\n>>>>>>> a b\noops\n")), Some(2));
        assert_eq!(unreadable(&GoSum::parse(b"a b c\n\n")), None);
        assert_eq!(unreadable(&GoSum::parse(b"\xef\xbb\xbfa b c\n")), Some(1));
    }

    proptest! {
        #[test]
        fn nothing_is_made_up_and_nothing_agreed_is_lost(
            sides in proptest::collection::vec(proptest::collection::vec("a\\.b v[12]\\.0\\.0 h1:[xy]", 0..5), 3),
        ) {
            let sums: Vec<GoSum> = sides.iter().map(|lines| GoSum::parse(lines.join("\n").as_bytes())).collect();
            let merged = merge(&sums[0], &sums[1], &sums[2]);
            let out = GoSum::parse(&merged.text());
            let texts = |sum: &GoSum| sum.lines.iter().map(|line| line.text().to_vec()).collect::<BTreeSet<_>>();
            let (ours, theirs, out) = (texts(&sums[1]), texts(&sums[2]), texts(&out));
            prop_assert!(out.iter().all(|line| ours.contains(line) || theirs.contains(line)));
            prop_assert!(ours.intersection(&theirs).all(|line| out.contains(line)));
            if merged.conflicts().count() == 0 {
                // without a conflict, no artifact has got a hash that the other side does not know under it
                let sum = GoSum::parse(&merged.text());
                prop_assert!(unreadable(&sum).is_none());
                prop_assert_eq!(super::super::sum_form::flaws(&merged.text()), []);
            }
        }
    }
}
