//! Tiles, the pieces in which a log's hashes are served (spec 06 §5).

use std::fmt;
use std::str::FromStr;

use crate::hash::{Hash, complete_root};
use crate::stored::{HashReader, Position, ReadError, read_all};

/// How many hashes are asked of a reader at once.
const BATCH: u32 = 1024;

/// How many levels of a tree a tile covers: 1 to 30.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Height(u8);

impl Height {
    /// The height of the tiles that the go command asks for: 8.
    pub const GO: Height = Height(8);

    /// Returns the height of `levels` levels, if it is from 1 to 30.
    pub fn new(levels: u32) -> Option<Height> {
        u8::try_from(levels).ok().filter(|levels| (1..=30).contains(levels)).map(Height)
    }

    /// Returns how many levels.
    pub fn levels(self) -> u32 {
        self.0.into()
    }

    /// Returns how many hashes a full tile has.
    pub fn width(self) -> u32 {
        1 << self.0
    }
}

/// A run of hashes of one level of a tree, or of its records; full, or cut off where the tree ends.
///
/// Shown as the path at which it is served, such as `tile/8/0/x001/234.p/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    height: Height,
    /// Nothing for a tile of records.
    level: Option<u64>,
    number: u64,
    width: u32,
}

/// A text that is not a tile's path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path:?} is not the path of a tile")]
pub struct TilePathError {
    /// The text, with U+FFFD for what is not UTF-8.
    pub path: String,
}

/// Why a tile does not give a hash.
///
/// [`TileError::Root`] and [`TileError::Inconsistent`] are security failures: who gave the tiles or the tree head is
/// mistaken or lies. The others say that what came is no such tile, or that the wrong thing was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TileError {
    /// The hash is in another tile, or past the end of this one.
    #[error("{position} is not in `{tile}`")]
    Outside {
        /// The tile.
        tile: Tile,
        /// The hash's place.
        position: Position,
    },
    /// The hash is not in the tree.
    #[error("{position} is not in a tree of {size} records")]
    NotInTree {
        /// The hash's place.
        position: Position,
        /// How many records the tree has.
        size: u64,
    },
    /// There are more or fewer tiles than were asked for.
    #[error("asked for {asked} tiles, got {got}")]
    Count {
        /// How many were asked for.
        asked: usize,
        /// How many came.
        got: usize,
    },
    /// A tile without which nothing can be proven is not there.
    #[error("`{tile}` is missing")]
    Missing {
        /// The tile.
        tile: Tile,
    },
    /// The tile's bytes are not 32 for each of its hashes.
    #[error("`{tile}` has {length} bytes, not {expected}")]
    Length {
        /// The tile.
        tile: Tile,
        /// How many bytes it has.
        length: usize,
        /// How many it should have.
        expected: u64,
    },
    /// The tiles at the end of the tree do not have the root of its head.
    #[error("tiles of the tree of {size} records have the root {got}, not {root}")]
    Root {
        /// How many records the tree has.
        size: u64,
        /// The root in the tree's head.
        root: Hash,
        /// The root of the tiles.
        got: Hash,
    },
    /// The tile's hashes are not those that the proven tile above it stands for.
    #[error("`{tile}` is inconsistent with the tree: its hash is {got}, not {expected}")]
    Inconsistent {
        /// The tile.
        tile: Tile,
        /// The hash in the tile above.
        expected: Hash,
        /// The tile's own hash.
        got: Hash,
    },
}

impl Tile {
    /// Returns the tile whose path is `path`: `tile/H/L/N`, with the height, the level (`data` for records), and the number
    /// in groups of three digits, all but the last after an `x`; and `.p/W` with the width, where it is not full.
    ///
    /// # Errors
    /// When it is written in any other way, or a number is past 63 bits.
    pub fn parse(path: impl AsRef<[u8]>) -> Result<Tile, TilePathError> {
        let path = path.as_ref();
        let tile = str::from_utf8(path).ok().and_then(|path| {
            let tile = read_path(path)?;
            (tile.to_string() == path).then_some(tile)
        });
        tile.ok_or_else(|| TilePathError { path: String::from_utf8_lossy(path).into_owned() })
    }

    /// Returns the smallest tile with the hash at `position`: it ends there.
    pub fn of(height: Height, position: Position) -> Tile {
        let place = Place::of(height, position);
        let width = u32::try_from(place.first + place.count).expect("within a tile");
        Tile { height, level: Some(place.level), number: place.number, width }
    }

    /// Returns tile `number` of `level` as a tree of `size` records has it, if it does.
    pub fn within(height: Height, level: u64, number: u64, size: u64) -> Option<Tile> {
        let first = number.checked_mul(height.width().into())?;
        let hashes = hashes_at(height, level, size).checked_sub(first).filter(|&hashes| hashes > 0)?;
        let width = u32::try_from(hashes).unwrap_or(u32::MAX).min(height.width());
        Some(Tile { height, level: Some(level), number, width })
    }

    /// Returns the tiles that a tree of `size` records has and one of `older` does not, level by level.
    ///
    /// They may be very many: they are made as they are asked for.
    pub fn added(height: Height, older: u64, size: u64) -> impl Iterator<Item = Tile> {
        (0..u64::from(64 / height.levels() + 1)).flat_map(move |level| {
            let (from, to) = (hashes_at(height, level, older), hashes_at(height, level, size));
            let width = u64::from(height.width());
            let numbers = if from < to { from / width..to.div_ceil(width) } else { 0..0 };
            numbers.filter_map(move |number| Tile::within(height, level, number, size))
        })
    }

    /// Returns how many levels of the tree it covers.
    pub fn height(self) -> Height {
        self.height
    }

    /// Returns its level, counted in tiles; nothing for a tile of records.
    pub fn level(self) -> Option<u64> {
        self.level
    }

    /// Returns its number within its level.
    pub fn number(self) -> u64 {
        self.number
    }

    /// Returns how many hashes or records it has.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Returns whether it has as many as a tile can.
    pub fn is_full(self) -> bool {
        self.width == self.height.width()
    }

    /// Returns the full tile in its place.
    ///
    /// Where a server no longer has the part of a tile, the full one begins with it ([`Tile::prefix`]).
    pub fn full(self) -> Tile {
        Tile { width: self.height.width(), ..self }
    }

    /// Returns how many bytes a tile of hashes has.
    pub fn length(self) -> u64 {
        u64::from(self.width) * Hash::SIZE as u64
    }

    /// Returns the bytes of this tile out of those of a tile in the same place that is at least as wide, if there are so
    /// many.
    pub fn prefix(self, wider: &[u8]) -> Option<&[u8]> {
        wider.get(..usize::try_from(self.length()).ok()?)
    }

    /// Returns the tile's bytes: its hashes, one after the other.
    ///
    /// # Errors
    /// When `reader` does not have one of them; no tree has the tile; or it is one of records.
    pub fn read(self, reader: &dyn HashReader) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        let mut from = 0;
        while from < self.width {
            let to = self.width.min(from.saturating_add(BATCH)); // not all at once: a path may claim 2^30 of them
            let positions: Option<Vec<Position>> = (from..to).map(|place| self.position(place)).collect();
            let positions = positions.ok_or(ReadError::NoTile { tile: self })?;
            let hashes = read_all(reader, &positions)?;
            bytes.extend(hashes.iter().flat_map(Hash::as_bytes));
            from = to;
        }
        Ok(bytes)
    }

    /// Returns where in the tree its hash number `place` stands.
    fn position(self, place: u32) -> Option<Position> {
        let level = self.level?.checked_mul(self.height.levels().into())?;
        let number = self.number.checked_mul(self.height.width().into())?.checked_add(place.into())?;
        Position::new(u32::try_from(level).ok()?, number)
    }

    /// Returns the hash at `position` out of the tile's `bytes`. It is not proven by that.
    ///
    /// # Errors
    /// When the tile does not have it, or its bytes are of another length.
    pub fn hash(self, bytes: &[u8], position: Position) -> Result<Hash, TileError> {
        self.check_length(bytes)?;
        let place = Place::of(self.height, position);
        let outside = TileError::Outside { tile: self, position };
        if self.level != Some(place.level) || self.number != place.number {
            return Err(outside);
        }
        let (from, to) = (place.first, place.first + place.count);
        let bytes = usize::try_from(from).ok().zip(usize::try_from(to).ok()).and_then(|(from, to)| {
            bytes.get(from * Hash::SIZE..to * Hash::SIZE) // at most 2^30 hashes
        });
        bytes.map(complete_root).ok_or(outside)
    }

    /// Returns the hash above all the hashes of the full tile, which are its `bytes`: the one at [`Tile::root`].
    ///
    /// # Errors
    /// When the bytes are of another length, or the tile is not full and so has none.
    pub fn root_hash(self, bytes: &[u8]) -> Result<Hash, TileError> {
        self.full().check_length(bytes)?;
        Ok(complete_root(bytes))
    }

    /// Checks that there are as many bytes as the tile has.
    pub(crate) fn check_length(self, bytes: &[u8]) -> Result<(), TileError> {
        if bytes.len() as u64 == self.length() {
            return Ok(());
        }
        Err(TileError::Length { tile: self, length: bytes.len(), expected: self.length() })
    }

    /// Returns the place of the hash above all the hashes of the full tile, which is in the tile above. A tile of records has
    /// none, nor one beyond the largest tree.
    pub fn root(self) -> Option<Position> {
        let level = self.level?.checked_add(1)?.checked_mul(self.height.levels().into())?;
        Position::new(u32::try_from(level).ok()?, self.number)
    }
}

/// Where in its tile a hash stands.
struct Place {
    level: u64,
    number: u64,
    /// The first of the tile's hashes below it, and how many.
    first: u64,
    count: u64,
}

impl Place {
    fn of(height: Height, position: Position) -> Place {
        let above = position.level() % height.levels();
        let (start, width) = (position.number() << above, u64::from(height.width()));
        Place {
            level: (position.level() / height.levels()).into(),
            number: start / width,
            first: start % width,
            count: 1 << above,
        }
    }
}

/// Returns how many hashes of `level`, counted in tiles, a tree of `size` records has.
fn hashes_at(height: Height, level: u64, size: u64) -> u64 {
    let shift = level.checked_mul(height.levels().into()).and_then(|shift| u32::try_from(shift).ok());
    shift.and_then(|shift| size.checked_shr(shift)).unwrap_or(0)
}

/// Reads a path that may still be written in another form than the one it has.
fn read_path(path: &str) -> Option<Tile> {
    let mut parts = path.strip_prefix("tile/")?.split('/');
    let height = Height::new(parts.next()?.parse().ok()?)?;
    let level = match parts.next()? {
        "data" => None,
        level => Some(small(level)?),
    };
    let mut groups: Vec<&str> = parts.collect();
    let mut width = height.width();
    if let [.., last, cut] = groups.as_mut_slice()
        && let Some(group) = last.strip_suffix(".p")
    {
        width = cut.parse().ok().filter(|cut| (1..width).contains(cut))?;
        *last = group;
        groups.pop();
    }
    let number = groups.iter().try_fold(0u64, |number, group| {
        let group: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        number.checked_mul(1000)?.checked_add(group)
    })?;
    (number <= i64::MAX as u64).then_some(Tile { height, level, number, width })
}

/// Returns a number of at most 63 bits.
fn small(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|&number| number <= i64::MAX as u64)
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.height.levels())?;
        match self.level {
            Some(level) => write!(f, "{level}/")?,
            None => f.write_str("data/")?,
        }
        let groups = self.number.checked_ilog10().unwrap_or(0) / 3;
        for group in (1..=groups).rev() {
            write!(f, "x{:03}/", self.number / 1000u64.pow(group) % 1000)?;
        }
        write!(f, "{:03}", self.number % 1000)?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Tile {
    type Err = TilePathError;

    fn from_str(path: &str) -> Result<Tile, TilePathError> {
        Tile::parse(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_tile_of_a_record() {
        // the example of spec 06 §5
        let record = Position::record(22_152_757).unwrap();
        let tile = Tile::of(Height::GO, record).full();
        assert_eq!(tile.to_string(), "tile/8/0/x086/534");
        let above = tile.root().unwrap();
        let above = Tile::of(Height::GO, above);
        assert_eq!((above.full().to_string(), above.width()), ("tile/8/1/338".to_owned(), 7));
    }

    #[test]
    fn numbers_stop_at_63_bits() {
        for (path, valid) in [
            ("tile/8/0/x009/x223/x372/x036/x854/x775/807", true),
            ("tile/8/0/x009/x223/x372/x036/x854/x775/808", false),
            ("tile/8/0/x018/x446/x744/x073/x709/x551/616", false), // 2^64
            ("tile/8/9223372036854775807/000", true),
            ("tile/8/9223372036854775808/000", false),
        ] {
            assert_eq!(Tile::parse(path).is_ok(), valid, "{path}");
        }
    }

    #[test]
    fn a_tile_of_no_tree_is_not_read() {
        for path in ["tile/8/64/000", "tile/30/0/x009/x223/x372/x036/x854/x775/807", "tile/8/data/000"] {
            let tile = Tile::parse(path).unwrap();
            assert_eq!(tile.read(&Vec::new()), Err(ReadError::NoTile { tile }), "{path}");
        }
        let tile = Tile::parse("tile/30/0/000").unwrap();
        assert!(matches!(tile.read(&vec![Hash::EMPTY; 5000]), Err(ReadError::Missing { .. })));
    }

    #[test]
    fn a_tile_begins_with_its_parts() {
        let part = Tile::parse("tile/2/0/000.p/1").unwrap();
        assert_eq!(part.full().to_string(), "tile/2/0/000");
        assert_eq!(part.prefix(&[7; 128]), Some(&[7; 32][..]));
        assert_eq!(part.prefix(&[7; 31]), None);
    }

    #[test]
    fn lists_added_tiles_one_by_one() {
        assert_eq!(Tile::added(Height::GO, 5, 5).next(), None);
        assert_eq!(Tile::added(Height::GO, 0, u64::MAX).take(3).count(), 3);
    }
}
