//! Tree heads, and the proofs between them (spec 06 §3, §5; RFC 6962 §2.1).

use std::fmt;
use std::ops::Range;

use crate::hash::{Hash, node_hash};
use crate::stored::{HashReader, MAX_SIZE, Position, ReadError, complete_trees, read_all};

const FIRST_LINE: &str = "go.sum database tree";

/// The longest text of a tree head that Go reads.
const MAX_TEXT: usize = 1_000_000;

/// The state of a log: how many records it has, and the hash above them all.
///
/// Shown as the text that a checksum database signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHead {
    /// How many records.
    pub size: u64,
    /// The hash above them.
    pub root: Hash,
}

/// A text that is not a tree head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a tree head: {text:?}")]
pub struct TreeHeadError {
    /// The beginning of the text, with U+FFFD for what is not UTF-8.
    pub text: String,
}

impl TreeHead {
    /// The head of a log without records.
    pub const EMPTY: TreeHead = TreeHead { size: 0, root: Hash::EMPTY };

    /// Returns the tree head that the text of a note writes (spec 06 §3).
    ///
    /// Its lines are `go.sum database tree`, the size in decimal, the root in base64, and any more, which are ignored. Each of
    /// the three ends in LF.
    ///
    /// # Errors
    /// When the lines are others, the size is not written in its shortest form or exceeds [`MAX_SIZE`], or the text is longer
    /// than a million bytes.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<TreeHead, TreeHeadError> {
        let text = text.as_ref();
        let malformed = || {
            let shown = text.get(..200).unwrap_or(text);
            TreeHeadError { text: String::from_utf8_lossy(shown).into_owned() }
        };
        if text.len() > MAX_TEXT {
            return Err(malformed());
        }
        let mut lines = text.split(|&byte| byte == b'\n');
        let head = match [(); 4].map(|()| lines.next()) {
            [Some(first), Some(size), Some(root), Some(_)] if first == FIRST_LINE.as_bytes() => {
                parse_size(size).zip(Hash::parse(root).ok())
            }
            _ => None,
        };
        head.map(|(size, root)| TreeHead { size, root }).ok_or_else(malformed)
    }
}

/// Returns the size that `digits` write in their shortest form.
fn parse_size(digits: &[u8]) -> Option<u64> {
    let size: u64 = str::from_utf8(digits).ok()?.parse().ok()?;
    (size <= MAX_SIZE && size.to_string().as_bytes() == digits).then_some(size)
}

impl fmt::Display for TreeHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\n{}\n{}", self.size, self.root)
    }
}

/// Why a root or a proof cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// The tree does not have the record.
    #[error("record {number} is not in a tree of {size} records")]
    NoRecord {
        /// The record's number.
        number: u64,
        /// How many records the tree has.
        size: u64,
    },
    /// The older tree has no records, or more than the newer one.
    #[error("a tree of {older} records cannot be proven to be the beginning of one of {size}")]
    NoOlder {
        /// How many records the older tree has.
        older: u64,
        /// How many the newer one has.
        size: u64,
    },
    /// Hashes could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a proof does not hold.
///
/// [`CheckError::Inclusion`] and [`CheckError::Consistency`] are security failures: who gave the proof, the record or the
/// tree heads is mistaken or lies. The others say that the question could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It cannot be proven of any tree, or not of this one, or what would prove it is not there.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The record is not proven to be in the tree.
    #[error("record {number} with hash {hash} is not proven to be in the tree of {} records with root {}", .head.size, .head.root)]
    Inclusion {
        /// The record's number.
        number: u64,
        /// The hash that the record has.
        hash: Hash,
        /// The tree.
        head: TreeHead,
    },
    /// The older tree is not proven to be the beginning of the newer one.
    #[error(
        "the tree of {} records with root {} is not proven to be the beginning of the one of {} records with root {}",
        .older.size, .older.root, .newer.size, .newer.root
    )]
    Consistency {
        /// The older tree.
        older: TreeHead,
        /// The newer one.
        newer: TreeHead,
    },
}

/// Returns the places of the hashes that [`tree_hash`] reads, from left to right.
///
/// # Errors
/// When `size` exceeds [`MAX_SIZE`].
pub fn tree_positions(size: u64) -> Result<Vec<Position>, ReadError> {
    Ok(complete_trees(0..bounded(size)?).collect())
}

/// Returns the root of the first `size` records.
///
/// # Errors
/// When `reader` does not have the hashes, or `size` exceeds [`MAX_SIZE`].
pub fn tree_hash(size: u64, reader: &dyn HashReader) -> Result<Hash, ReadError> {
    let hashes = read_all(reader, &tree_positions(size)?)?;
    Ok(join(&hashes))
}

/// Returns the root above the complete trees with these roots, which get smaller from left to right.
pub(crate) fn join(roots: &[Hash]) -> Hash {
    let above = roots.iter().copied().rev().reduce(|right, left| node_hash(left, right));
    above.unwrap_or(Hash::EMPTY)
}

fn bounded(size: u64) -> Result<u64, ReadError> {
    if size > MAX_SIZE { Err(ReadError::TooLarge { size }) } else { Ok(size) }
}

/// Returns the proof that record `number` is in the tree of `size` records: the hashes beside the path from the record to
/// the root (RFC 6962 §2.1.1).
///
/// # Errors
/// When the tree does not have the record, or `reader` not the hashes.
pub fn prove_record(size: u64, number: u64, reader: &dyn HashReader) -> Result<Vec<Hash>, ProveError> {
    read_roots(&beside_record(size, number)?, reader)
}

/// Returns the places of the hashes that [`prove_record`] reads.
///
/// # Errors
/// When the tree does not have the record.
pub fn record_proof_positions(size: u64, number: u64) -> Result<Vec<Position>, ProveError> {
    Ok(beside_record(size, number)?.into_iter().flat_map(complete_trees).collect())
}

/// Returns the proof that the tree of `older` records is the beginning of the one of `size` (RFC 6962 §2.1.2).
///
/// # Errors
/// When `older` is zero or exceeds `size`, or `reader` does not have the hashes.
pub fn prove_tree(size: u64, older: u64, reader: &dyn HashReader) -> Result<Vec<Hash>, ProveError> {
    read_roots(&beside_tree(size, older)?, reader)
}

/// Returns the places of the hashes that [`prove_tree`] reads.
///
/// # Errors
/// When `older` is zero or exceeds `size`.
pub fn tree_proof_positions(size: u64, older: u64) -> Result<Vec<Position>, ProveError> {
    Ok(beside_tree(size, older)?.into_iter().flat_map(complete_trees).collect())
}

/// Returns the records below each hash of a record's proof, from the record up.
fn beside_record(size: u64, number: u64) -> Result<Vec<Range<u64>>, ProveError> {
    if number >= bounded(size)? {
        return Err(ProveError::NoRecord { number, size });
    }
    let (_, mut beside) =
        descend(size, |records, middle| (records.end - records.start > 1).then_some(number < middle));
    beside.reverse();
    Ok(beside)
}

/// Returns the records below each hash of an older tree's proof, from the older tree's end up.
fn beside_tree(size: u64, older: u64) -> Result<Vec<Range<u64>>, ProveError> {
    if older == 0 || older > bounded(size)? {
        return Err(ProveError::NoOlder { older, size });
    }
    let (last, mut beside) =
        descend(size, |records, middle| (records.end != older).then_some(older <= middle));
    if last.start > 0 {
        beside.push(last); // a tree of its own within the older one: who checks cannot know its root
    }
    beside.reverse();
    Ok(beside)
}

/// Goes from the root of a tree of `size` records down, to the left where `go_left` says so, until it says nothing.
/// Returns the records below where it ends, and those below each hash that it passed by.
fn descend(size: u64, go_left: impl Fn(&Range<u64>, u64) -> Option<bool>) -> (Range<u64>, Vec<Range<u64>>) {
    let (mut records, mut beside) = (0..size, Vec::new());
    loop {
        let middle = records.start + split(records.end - records.start);
        let (left, right) = (records.start..middle, middle..records.end);
        let (into, past) = match go_left(&records, middle) {
            Some(true) => (left, right),
            Some(false) => (right, left),
            None => return (records, beside),
        };
        records = into;
        beside.push(past);
    }
}

/// Returns how many of `size` records are below the left of the two hashes under their root: the largest power of two that
/// is smaller.
fn split(size: u64) -> u64 {
    size.saturating_sub(1).checked_ilog2().map_or(0, |level| 1 << level)
}

/// Returns the roots of these runs of records, with a single read.
fn read_roots(runs: &[Range<u64>], reader: &dyn HashReader) -> Result<Vec<Hash>, ProveError> {
    let trees: Vec<Vec<Position>> = runs.iter().map(|run| complete_trees(run.clone()).collect()).collect();
    let hashes = read_all(reader, &trees.concat())?;
    let mut rest = hashes.as_slice();
    let roots = trees.iter().map(|trees| {
        let (these, others) = rest.split_at(trees.len());
        rest = others;
        join(these)
    });
    Ok(roots.collect())
}

/// Checks that `proof` proves record `number`, whose hash is `hash`, to be in the tree of `head` (RFC 6962 §2.1.1).
///
/// # Errors
/// When it does not, or the tree is too small for the record.
pub fn check_record(proof: &[Hash], head: TreeHead, number: u64, hash: Hash) -> Result<(), CheckError> {
    if number >= head.size {
        return Err(ProveError::NoRecord { number, size: head.size }.into());
    }
    let mut path = Path { at: number, last: head.size - 1 };
    let mut root = hash;
    let climbed = proof.iter().all(|&beside| {
        let step = path.climb();
        root = match step {
            Some(Side::Left) => node_hash(beside, root),
            Some(Side::Right) => node_hash(root, beside),
            None => root,
        };
        step.is_some()
    });
    if climbed && path.is_at_root() && root == head.root {
        return Ok(());
    }
    Err(CheckError::Inclusion { number, hash, head })
}

/// Checks that `proof` proves the tree of `older` to be the beginning of that of `newer` (RFC 6962 §2.1.2).
///
/// # Errors
/// When it does not, or `older` has no records or more than `newer`.
pub fn check_tree(proof: &[Hash], newer: TreeHead, older: TreeHead) -> Result<(), CheckError> {
    if older.size == 0 || older.size > newer.size {
        return Err(ProveError::NoOlder { older: older.size, size: newer.size }.into());
    }
    if consistent(proof, newer, older) { Ok(()) } else { Err(CheckError::Consistency { older, newer }) }
}

fn consistent(proof: &[Hash], newer: TreeHead, older: TreeHead) -> bool {
    if newer.size == older.size {
        return proof.is_empty() && newer.root == older.root;
    }
    // starts at the largest complete tree that ends where the older one does; if that is all of it, its root is known
    let level = older.size.trailing_zeros();
    let mut path = Path { at: (older.size - 1) >> level, last: (newer.size - 1) >> level };
    let known = older.size.is_power_of_two().then_some(older.root);
    let (start, proof) = match (known, proof) {
        (Some(root), proof) => (root, proof),
        (None, [first, rest @ ..]) => (*first, rest),
        (None, []) => return false,
    };
    let (mut old, mut new) = (start, start);
    for &beside in proof {
        match path.climb() {
            Some(Side::Left) => (old, new) = (node_hash(beside, old), node_hash(beside, new)),
            Some(Side::Right) => new = node_hash(new, beside),
            None => return false,
        }
    }
    path.is_at_root() && old == older.root && new == newer.root
}

/// A way up a tree: a place in a row of hashes, and the last place of that row.
struct Path {
    at: u64,
    last: u64,
}

/// Where the hash beside the path stands.
enum Side {
    Left,
    Right,
}

impl Path {
    fn is_at_root(&self) -> bool {
        self.last == 0
    }

    /// Goes up to the next row with a hash beside the path, past rows where the last place has none; nothing at the root.
    fn climb(&mut self) -> Option<Side> {
        if self.is_at_root() {
            return None;
        }
        while self.at == self.last && self.at.is_multiple_of(2) {
            self.up();
        }
        let side = if self.at.is_multiple_of(2) { Side::Right } else { Side::Left };
        self.up();
        Some(side)
    }

    fn up(&mut self) {
        (self.at, self.last) = (self.at / 2, self.last / 2);
    }
}
