//! Where the hashes of a tree are kept: their places, their order, and who reads them (spec 06 §5).

use std::fmt;
use std::ops::Range;

use crate::hash::{Hash, node_hash};
use crate::tile::Tile;

/// The most records that a log can have. Go counts them in 63 bits.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// The place of a hash that is kept: number `number` of the hashes that stand above 2^`level` records each.
///
/// Only places that lie within a tree of [`MAX_SIZE`] records can be made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    level: u32,
    number: u64,
}

impl Position {
    /// Returns the place `number` of `level`, unless no tree is large enough for it.
    pub fn new(level: u32, number: u64) -> Option<Position> {
        let size = number.checked_add(1)?;
        (size <= MAX_SIZE.checked_shr(level)?).then_some(Position { level, number })
    }

    /// Returns the place of the hash of record `number`.
    pub fn record(number: u64) -> Option<Position> {
        Position::new(0, number)
    }

    /// Returns the place of the hash that is kept at `index`, unless no tree is large enough for it.
    pub fn at(index: u64) -> Option<Position> {
        // the last record whose own hash is kept at `index` or before: records take between one and two hashes each
        let (mut low, mut high) = (index / 2, (index / 2).saturating_add(64).min(MAX_SIZE));
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if stored_before(middle) <= index {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        let level = u32::try_from(index.checked_sub(stored_before(low))?).ok()?;
        Position::new(level, low.checked_shr(level)?)
    }

    /// Returns how many times hashes were paired to make this one.
    pub fn level(self) -> u32 {
        self.level
    }

    /// Returns the number among the hashes of its level.
    pub fn number(self) -> u64 {
        self.number
    }

    /// Returns the records that the hash stands above.
    pub fn records(self) -> Range<u64> {
        self.number << self.level..(self.number + 1) << self.level
    }

    /// Returns the index at which the hash is kept: hashes come in the order in which appending records makes them.
    pub fn index(self) -> u64 {
        stored_before(self.records().end - 1) + u64::from(self.level)
    }

    /// Returns whether a tree of `size` records has this hash.
    pub fn is_within(self, size: u64) -> bool {
        self.records().end <= size
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hash {} of level {}", self.number, self.level)
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", self.level, self.number)
    }
}

/// Returns how many hashes are kept of a tree of `size` records; nothing for more than [`MAX_SIZE`].
pub fn stored_hash_count(size: u64) -> Option<u64> {
    (size <= MAX_SIZE).then(|| stored_before(size))
}

/// Returns how many hashes are kept before that of record `number`, which is at most [`MAX_SIZE`].
///
/// Each record adds its own hash and one for each 2^k (k > 0) that divides the number of records with it.
fn stored_before(number: u64) -> u64 {
    2 * number - u64::from(number.count_ones())
}

/// Why hashes could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// One that was asked for is not there.
    #[error("{position} is missing")]
    Missing {
        /// Its place.
        position: Position,
    },
    /// The reader gave more or fewer than were asked for.
    #[error("asked for {asked} hashes, got {got}")]
    Count {
        /// How many were asked for.
        asked: usize,
        /// How many came.
        got: usize,
    },
    /// The tree would have more than [`MAX_SIZE`] records.
    #[error("no tree has {size} records")]
    TooLarge {
        /// How many it would have.
        size: u64,
    },
    /// The tile holds no hashes, or lies beyond the largest tree.
    #[error("no tree has the hashes of `{tile}`")]
    NoTile {
        /// The tile.
        tile: Tile,
    },
}

/// Where kept hashes are read from, many at once.
///
/// A `Vec` is one: all hashes in the order of [`Position::index`].
pub trait HashReader {
    /// Returns the hashes at `positions`, in that order.
    ///
    /// # Errors
    /// When one of them cannot be read.
    fn read(&self, positions: &[Position]) -> Result<Vec<Hash>, ReadError>;
}

impl HashReader for Vec<Hash> {
    fn read(&self, positions: &[Position]) -> Result<Vec<Hash>, ReadError> {
        let hash = |&position: &Position| {
            let index = usize::try_from(position.index()).ok();
            index.and_then(|index| self.get(index)).copied().ok_or(ReadError::Missing { position })
        };
        positions.iter().map(hash).collect()
    }
}

/// Returns the hashes at `positions`, of which there are as many.
pub(crate) fn read_all(reader: &dyn HashReader, positions: &[Position]) -> Result<Vec<Hash>, ReadError> {
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let hashes = reader.read(positions)?;
    if hashes.len() != positions.len() {
        return Err(ReadError::Count { asked: positions.len(), got: hashes.len() });
    }
    Ok(hashes)
}

/// Returns the hashes that are to be kept when the record with hash `record` is appended to the `size` ones before it:
/// its own, then those of the pairs it completes.
///
/// # Errors
/// When `reader` does not have the left halves of those pairs, or the log is full.
pub fn stored_hashes(size: u64, record: Hash, reader: &dyn HashReader) -> Result<Vec<Hash>, ReadError> {
    let full = ReadError::TooLarge { size: size.saturating_add(1) };
    Position::record(size).ok_or(full)?;
    let left = |level: u32| Position::new(level, (size >> level) - 1).expect("left of a place in the tree");
    let positions: Vec<Position> = (0..size.trailing_ones()).map(left).collect();
    let mut stored = vec![record];
    for left in read_all(reader, &positions)? {
        let right = stored[stored.len() - 1];
        stored.push(node_hash(left, right));
    }
    Ok(stored)
}

/// Returns the places of the largest complete trees that together cover `records`, from left to right.
///
/// There are fewer than 128. The end of `records` is at most [`MAX_SIZE`].
pub(crate) fn complete_trees(records: Range<u64>) -> impl Iterator<Item = Position> {
    let Range { mut start, end } = records;
    std::iter::from_fn(move || {
        let level = end.checked_sub(start)?.checked_ilog2()?.min(start.trailing_zeros());
        let position = Position::new(level, start >> level).expect("within the largest tree");
        start = position.records().end;
        Some(position)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_own_index() {
        let mut index = 0;
        for record in 0..200 {
            for level in 0..=(record + 1u64).trailing_zeros() {
                let position = Position::new(level, record >> level).unwrap();
                assert_eq!(position.index(), index);
                assert_eq!(Position::at(index), Some(position));
                index += 1;
            }
            assert_eq!(stored_hash_count(record + 1), Some(index));
        }
    }

    #[test]
    fn places_end_with_the_largest_tree() {
        let last = Position::record(MAX_SIZE - 1).unwrap();
        assert_eq!(Position::at(last.index()), Some(last));
        assert_eq!(Position::at(last.index() + 1), None);
        assert_eq!(Position::at(u64::MAX), None);
        assert_eq!(Position::record(MAX_SIZE), None);
        assert_eq!(Position::new(62, 0).map(Position::records), Some(0..1 << 62));
        for (level, number) in [(62, 1), (63, 0), (64, 0), (200, 0), (u32::MAX, u64::MAX), (1, u64::MAX)] {
            assert_eq!(Position::new(level, number), None, "{level} {number}");
        }
        assert_eq!(stored_hash_count(MAX_SIZE + 1), None);
    }

    #[test]
    fn covers_records_with_the_largest_trees() {
        let cover = |records| complete_trees(records).map(|at| (at.level, at.number)).collect::<Vec<_>>();
        assert_eq!(cover(0..0), []);
        assert_eq!(cover(0..8), [(3, 0)]);
        assert_eq!(cover(0..11), [(3, 0), (1, 4), (0, 10)]);
        assert_eq!(cover(3..8), [(0, 3), (2, 1)]);
        assert_eq!(cover(0..MAX_SIZE).len(), 63);
    }
}
