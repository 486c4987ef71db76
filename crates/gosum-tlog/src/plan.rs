//! Hashes out of tiles that a tree head proves (spec 06 §6).

use std::collections::HashMap;

use crate::hash::{Hash, complete_root};
use crate::stored::{HashReader, Position, ReadError, complete_trees};
use crate::tile::{Height, Tile, TileError};
use crate::tree::{CheckError, ProveError, TreeHead, join, tree_hash, tree_positions, tree_proof_positions};

/// Which tiles are needed to prove hashes of a tree: for any number of records and older trees, all in one batch.
///
/// The tiles are known before the first is read, so that none has to wait for another. First come those at the end of the
/// tree, whose hashes together make the root; then for each hash those from the topmost one that is not yet among them down
/// to its own.
///
/// ```
/// use gosum_tlog::hash::{Hash, record_hash};
/// use gosum_tlog::plan::TilePlan;
/// use gosum_tlog::stored::stored_hashes;
/// use gosum_tlog::tile::{Height, Tile};
/// use gosum_tlog::tree::{TreeHead, tree_hash};
///
/// let mut stored: Vec<Hash> = Vec::new();
/// for number in 0..1000 {
///     let record = record_hash(format!("record {number}\n"));
///     stored.extend(stored_hashes(number, record, &stored)?);
/// }
/// let head = TreeHead { size: 1000, root: tree_hash(1000, &stored)? };
/// let older = TreeHead { size: 300, root: tree_hash(300, &stored)? };
///
/// let mut plan = TilePlan::new(head, Height::GO)?;
/// plan.add_record(7)?;
/// plan.add_record(600)?;
/// plan.add_older(older.size)?;
/// let paths: Vec<String> = plan.tiles().iter().map(Tile::to_string).collect();
/// assert_eq!(paths, ["tile/8/1/000.p/3", "tile/8/0/003.p/232", "tile/8/0/000", "tile/8/0/002", "tile/8/0/001"]);
///
/// let bytes = plan.tiles().iter().map(|tile| tile.read(&stored)).collect::<Result<_, _>>()?;
/// let proven = plan.prove(bytes)?;
/// proven.check_record(7, record_hash("record 7\n"))?;
/// proven.check_older(older)?;
/// assert!(proven.check_record(7, record_hash("another\n")).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct TilePlan {
    head: TreeHead,
    height: Height,
    tiles: Vec<Tile>,
    places: HashMap<Tile, usize>,
    /// How many of the tiles are those at the end of the tree.
    edge: usize,
}

impl TilePlan {
    /// Returns the plan that proves nothing but the tiles at the end of the tree.
    ///
    /// # Errors
    /// When the tree has more records than any can have.
    pub fn new(head: TreeHead, height: Height) -> Result<TilePlan, ReadError> {
        let mut plan = TilePlan { head, height, tiles: Vec::new(), places: HashMap::new(), edge: 0 };
        for position in tree_positions(head.size)? {
            let tile = plan.tile_of(position).expect("a tree has the tiles of its hashes");
            if !plan.places.contains_key(&tile) {
                plan.push(tile);
            }
        }
        plan.edge = plan.tiles.len();
        Ok(plan)
    }

    /// Plans to read the hash at `position`.
    ///
    /// # Errors
    /// When the tree does not have it.
    pub fn add(&mut self, position: Position) -> Result<(), TileError> {
        let size = self.head.size;
        let mut tile = self.tile_of(position).ok_or(TileError::NotInTree { position, size })?;
        let mut new = Vec::new();
        while !self.places.contains_key(&tile) {
            new.push(tile);
            tile = self.above(tile).expect("below the end of the tree");
        }
        for tile in new.into_iter().rev() {
            self.push(tile);
        }
        Ok(())
    }

    /// Plans to prove that record `number` is in the tree.
    ///
    /// # Errors
    /// When it cannot be: the tree is too small.
    pub fn add_record(&mut self, number: u64) -> Result<(), ProveError> {
        let size = self.head.size;
        let position = Position::record(number).ok_or(ProveError::NoRecord { number, size })?;
        self.add(position).map_err(|_| ProveError::NoRecord { number, size })
    }

    /// Plans to prove that the tree of the first `older` records is the beginning of this one.
    ///
    /// # Errors
    /// When this one is smaller.
    pub fn add_older(&mut self, older: u64) -> Result<(), ProveError> {
        let size = self.head.size;
        if older > size {
            return Err(ProveError::NoOlder { older, size });
        }
        tree_positions(older)?
            .into_iter()
            .try_for_each(|position| self.add(position))
            .map_err(|_| ProveError::NoOlder { older, size })
    }

    /// Plans to make the proof that the tree of the first `older` records is the beginning of this one
    /// ([`prove_tree`](crate::tree::prove_tree)), as evidence to show to others.
    ///
    /// # Errors
    /// When `older` is zero, or this tree is smaller.
    pub fn add_tree_proof(&mut self, older: u64) -> Result<(), ProveError> {
        let size = self.head.size;
        tree_proof_positions(size, older)?
            .into_iter()
            .try_for_each(|position| self.add(position))
            .map_err(|_| ProveError::NoOlder { older, size })
    }

    /// Returns the tree head that is to prove the tiles.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// Returns the tiles to read, as wide as they are in this tree; each once.
    pub fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// Returns what the tree head proves of the tiles, whose `bytes` are in the order of [`TilePlan::tiles`].
    ///
    /// # Errors
    /// When it does not prove all of them.
    pub fn prove(self, bytes: Vec<Vec<u8>>) -> Result<ProvenTiles, TileError> {
        self.check_count(bytes.len())?;
        for (tile, bytes) in self.tiles.iter().zip(&bytes) {
            tile.check_length(bytes)?;
        }
        let (proven, mut rejected) = self.prove_each(bytes.into_iter().map(Some).collect())?;
        if rejected.is_empty() { Ok(proven) } else { Err(rejected.swap_remove(0)) }
    }

    /// Returns what the tree head proves of those tiles that came, and why it does not prove others of them.
    ///
    /// What is wrong with one tile leaves those that do not need it as they are. A tile below one that did not come or is
    /// wrong is not proven, and not said to be wrong.
    ///
    /// # Errors
    /// When one of the tiles at the end of the tree is not there, not as long as it should be, or their root is not that of
    /// the tree head: then nothing is proven.
    pub fn prove_each(
        self,
        mut bytes: Vec<Option<Vec<u8>>>,
    ) -> Result<(ProvenTiles, Vec<TileError>), TileError> {
        self.check_count(bytes.len())?;
        self.check_edge(&bytes)?;
        let mut rejected = Vec::new();
        for at in self.edge..self.tiles.len() {
            let kept = bytes[at].take();
            bytes[at] = kept.and_then(|kept| match self.check_below(self.tiles[at], &kept, &bytes) {
                Ok(proven) => proven.then_some(kept),
                Err(error) => {
                    rejected.push(error);
                    None
                }
            });
        }
        Ok((ProvenTiles { plan: self, bytes }, rejected))
    }

    fn check_count(&self, got: usize) -> Result<(), TileError> {
        if got == self.tiles.len() { Ok(()) } else { Err(TileError::Count { asked: self.tiles.len(), got }) }
    }

    /// Checks that the tiles at the end of the tree have its root.
    fn check_edge(&self, bytes: &[Option<Vec<u8>>]) -> Result<(), TileError> {
        for (&tile, bytes) in self.tiles[..self.edge].iter().zip(bytes) {
            tile.check_length(bytes.as_deref().ok_or(TileError::Missing { tile })?)?;
        }
        let TreeHead { size, root } = self.head;
        let roots: Result<Vec<Hash>, TileError> = complete_trees(0..size)
            .map(|position| {
                let lost = TileError::NotInTree { position, size };
                self.hash(bytes, position)?.ok_or(lost)
            })
            .collect();
        let got = join(&roots?);
        if got == root { Ok(()) } else { Err(TileError::Root { size, root, got }) }
    }

    /// Checks that the bytes of a tile have the hash that the tile above says; returns whether that one is proven.
    fn check_below(&self, tile: Tile, bytes: &[u8], proven: &[Option<Vec<u8>>]) -> Result<bool, TileError> {
        tile.check_length(bytes)?;
        let root = tile.root().expect("below the end of the tree");
        let Some(expected) = self.hash(proven, root)? else { return Ok(false) };
        let got = complete_root(bytes);
        if got == expected { Ok(true) } else { Err(TileError::Inconsistent { tile, expected, got }) }
    }

    /// Returns the hash at `position` out of the tiles, if its own is planned and there.
    fn hash(&self, bytes: &[Option<Vec<u8>>], position: Position) -> Result<Option<Hash>, TileError> {
        let Some(tile) = self.tile_of(position) else { return Ok(None) };
        let bytes = self.places.get(&tile).and_then(|&at| bytes.get(at)?.as_deref());
        bytes.map(|bytes| tile.hash(bytes, position)).transpose()
    }

    fn push(&mut self, tile: Tile) {
        self.places.insert(tile, self.tiles.len());
        self.tiles.push(tile);
    }

    /// Returns the tile with the hash at `position`, as wide as it is in this tree.
    fn tile_of(&self, position: Position) -> Option<Tile> {
        let tile = Tile::of(self.height, position);
        position.is_within(self.head.size).then_some(())?;
        Tile::within(self.height, tile.level()?, tile.number(), self.head.size)
    }

    /// Returns the tile with the hash of `tile`, which is full.
    fn above(&self, tile: Tile) -> Option<Tile> {
        self.tile_of(tile.root()?)
    }
}

/// Tiles that a tree head has proven, as a reader of their hashes.
#[derive(Debug, Clone)]
pub struct ProvenTiles {
    plan: TilePlan,
    /// Of the plan's tiles, those that are proven.
    bytes: Vec<Option<Vec<u8>>>,
}

impl ProvenTiles {
    /// Returns the tree head that proves them.
    pub fn head(&self) -> TreeHead {
        self.plan.head
    }

    /// Returns the proven tiles with their bytes. Only these may be kept for later.
    pub fn tiles(&self) -> impl Iterator<Item = (Tile, &[u8])> {
        let tiles = self.plan.tiles.iter().zip(&self.bytes);
        tiles.filter_map(|(&tile, bytes)| Some((tile, bytes.as_deref()?)))
    }

    /// Checks that record `number` has the hash `hash` in the tree.
    ///
    /// # Errors
    /// When it has another, or the tiles to prove it were not planned or not proven.
    pub fn check_record(&self, number: u64, hash: Hash) -> Result<(), CheckError> {
        let head = self.head();
        let position = Position::record(number).filter(|position| position.is_within(head.size));
        let position = position.ok_or(ProveError::NoRecord { number, size: head.size })?;
        let proven = self.read(&[position]).map_err(ProveError::from)?;
        if proven == [hash] { Ok(()) } else { Err(CheckError::Inclusion { number, hash, head }) }
    }

    /// Checks that the tree of `older` is the beginning of this one, which it is even where it has no records.
    ///
    /// # Errors
    /// When it is not, or the tiles to prove it were not planned or not proven.
    pub fn check_older(&self, older: TreeHead) -> Result<(), CheckError> {
        let newer = self.head();
        if older.size > newer.size {
            return Err(ProveError::NoOlder { older: older.size, size: newer.size }.into());
        }
        let root = tree_hash(older.size, self).map_err(ProveError::from)?;
        if root == older.root { Ok(()) } else { Err(CheckError::Consistency { older, newer }) }
    }
}

impl HashReader for ProvenTiles {
    fn read(&self, positions: &[Position]) -> Result<Vec<Hash>, ReadError> {
        let hash = |&position: &Position| {
            let hash = self.plan.hash(&self.bytes, position).ok().flatten();
            hash.ok_or(ReadError::Missing { position })
        };
        positions.iter().map(hash).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::record_hash;
    use crate::stored::stored_hashes;

    fn log(size: u64) -> (TreeHead, Vec<Hash>) {
        let mut stored = Vec::new();
        for number in 0..size {
            let record = record_hash(number.to_string());
            stored.extend(stored_hashes(number, record, &stored).unwrap());
        }
        (TreeHead { size, root: tree_hash(size, &stored).unwrap() }, stored)
    }

    #[test]
    fn a_bad_tile_spoils_only_what_needs_it() {
        let (head, stored) = log(100);
        let mut plan = TilePlan::new(head, Height::new(2).unwrap()).unwrap();
        plan.add_record(0).unwrap();
        plan.add_record(70).unwrap();
        let at = |path: &str| plan.tiles().iter().position(|tile| tile.to_string() == path).unwrap();
        let (bad, below) = (at("tile/2/1/000"), at("tile/2/0/000"));
        let mut bytes: Vec<Option<Vec<u8>>> =
            plan.tiles().iter().map(|tile| tile.read(&stored).ok()).collect();
        let whole = plan.clone().prove_each(bytes.clone()).unwrap();
        assert_eq!((whole.0.tiles().count(), whole.1), (plan.tiles().len(), vec![]));

        bytes[bad].as_mut().unwrap()[0] ^= 1;
        let (proven, rejected) = plan.clone().prove_each(bytes.clone()).unwrap();
        assert!(
            matches!(&rejected[..], [TileError::Inconsistent { tile, .. }] if *tile == plan.tiles()[bad])
        );
        assert_eq!(proven.check_record(70, record_hash("70")), Ok(()));
        let position = Position::record(0).unwrap();
        assert_eq!(
            proven.check_record(0, record_hash("0")),
            Err(ProveError::Read(ReadError::Missing { position }).into())
        );
        assert!(proven.tiles().all(|(tile, _)| tile != plan.tiles()[bad] && tile != plan.tiles()[below]));

        bytes[bad] = None;
        assert_eq!(plan.clone().prove_each(bytes.clone()).unwrap().1, []);
        bytes[0] = None;
        assert_eq!(plan.clone().prove_each(bytes).unwrap_err(), TileError::Missing { tile: plan.tiles()[0] });
    }

    #[test]
    fn a_tree_without_records_has_one_root() {
        let plan = TilePlan::new(TreeHead::EMPTY, Height::GO).unwrap();
        assert_eq!(plan.tiles(), []);
        let proven = plan.prove(vec![]).unwrap();
        assert_eq!(proven.check_older(TreeHead::EMPTY), Ok(()));
        let lie = TreeHead { size: 0, root: record_hash("") };
        assert!(matches!(proven.check_older(lie), Err(CheckError::Consistency { .. })));
        let plan = TilePlan::new(lie, Height::GO).unwrap();
        assert!(matches!(plan.prove(vec![]), Err(TileError::Root { .. })));
    }

    #[test]
    fn older_trees_need_few_tiles() {
        let (head, stored) = log(1000);
        for size in (0..=1000).step_by(8) {
            let mut plan = TilePlan::new(head, Height::GO).unwrap();
            plan.add_older(size).unwrap();
            if size > 0 {
                plan.add_tree_proof(size).unwrap();
            }
            assert!(plan.tiles().len() <= 3, "{size}");
            let bytes = plan.tiles().iter().map(|tile| tile.read(&stored).unwrap()).collect();
            let proven = plan.prove(bytes).unwrap();
            let older = TreeHead { size, root: tree_hash(size, &stored).unwrap() };
            assert_eq!(proven.check_older(older), Ok(()));
            if size > 0 {
                let proof = crate::tree::prove_tree(1000, size, &proven).unwrap();
                assert_eq!(crate::tree::check_tree(&proof, head, older), Ok(()));
            }
        }
    }

    #[test]
    fn a_huge_tree_costs_no_more_than_its_edge() {
        let head = TreeHead { size: 1 << 62, root: Hash::EMPTY };
        let mut plan = TilePlan::new(head, Height::GO).unwrap();
        plan.add_record((1 << 62) - 1).unwrap();
        plan.add_older((1 << 62) - 1).unwrap();
        assert_eq!(plan.tiles().len(), 8);
        assert_eq!(plan.add_record(1 << 62), Err(ProveError::NoRecord { number: 1 << 62, size: 1 << 62 }));
        let head = TreeHead { size: u64::MAX, root: Hash::EMPTY };
        assert_eq!(TilePlan::new(head, Height::GO).unwrap_err(), ReadError::TooLarge { size: u64::MAX });
    }
}
