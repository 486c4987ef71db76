//! The tiles of a checksum database that a cache has.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gosum_evidence::disk::LogFault;
use gosum_mod::zip::limits::read_bounded;
use gosum_tlog::hash::Hash;
use gosum_tlog::stored::Position;
use gosum_tlog::tile::{Height, Tile};

use super::{about, is_missing};
use crate::regular;

/// How many tiles are looked at: as many as a cache of a million modules can have.
const MAX_TILES: usize = 1_000_000;

/// A tile with its bytes.
type Kept = (Tile, Vec<u8>);

/// The tiles of one database, by level and number: all widths that are kept of each.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    kept: BTreeMap<(u64, u64), Vec<Kept>>,
    pub(super) count: usize,
}

impl Tiles {
    /// Reads the tiles in the folder at `dir`, which messages name `named`.
    pub(super) fn read(
        dir: &Path,
        named: &str,
        faults: &mut Vec<LogFault>,
        untold: &mut Vec<(String, String)>,
    ) -> Tiles {
        let mut tiles = Tiles::default();
        let mut folders = vec![(dir.join("tile"), "tile".to_owned())];
        while let Some((folder, path)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if is_missing(&error) => continue,
                Err(error) => {
                    untold.push((format!("{named}/{path}"), about(&folder, &error)));
                    continue;
                }
            };
            for entry in entries.flatten() {
                let path = format!("{path}/{}", entry.file_name().to_string_lossy());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push((entry.path(), path)),
                    // what is being written has another name until it is whole
                    _ if path.ends_with(".tmp") || path.ends_with(".lock") => {}
                    _ if tiles.count >= MAX_TILES => {
                        untold.push((format!("{named}/{path}"), format!("more than {MAX_TILES} tiles")));
                        return tiles;
                    }
                    _ => tiles.add(&entry.path(), &path, named, faults, untold),
                }
            }
        }
        tiles
    }

    fn add(
        &mut self,
        file: &Path,
        path: &str,
        named: &str,
        faults: &mut Vec<LogFault>,
        untold: &mut Vec<(String, String)>,
    ) {
        let mut fault = |what: String| faults.push(LogFault { file: format!("{named}/{path}"), what });
        let tile = match Tile::parse(path) {
            Ok(tile) if tile.height() == Height::GO => tile,
            Ok(_) => return fault("a tile of a height that the go command does not use".to_owned()),
            Err(error) => return fault(error.to_string()),
        };
        // records themselves, which the go command does not keep
        let Some(level) = tile.level() else { return };
        let read = regular::open(file).and_then(|mut file| read_bounded(&mut file, tile.full().length()));
        match read {
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => fault(error.to_string()),
            Err(error) => untold.push((format!("{named}/{path}"), about(file, &error))),
            // to the go command an empty file is none
            Ok(bytes) if bytes.is_empty() => {}
            Ok(bytes) if bytes.len() as u64 != tile.length() => {
                fault(format!("it has {} bytes, and such a tile has {}", bytes.len(), tile.length()));
            }
            Ok(bytes) => {
                self.count += 1;
                self.kept.entry((level, tile.number())).or_default().push((tile, bytes));
            }
        }
    }

    /// Returns the bytes of `tile`, out of one that is as wide or wider.
    pub(super) fn get(&self, tile: Tile) -> Option<&[u8]> {
        let kept = self.kept.get(&(tile.level()?, tile.number()))?;
        kept.iter().find_map(|(_, bytes)| tile.prefix(bytes))
    }

    /// Returns the hash at `position`, as the tile has it that holds it.
    pub(super) fn hash(&self, position: Position) -> Option<(Tile, Hash)> {
        let tile = Tile::of(Height::GO, position);
        let hash = tile.hash(self.get(tile)?, position).ok()?;
        Some((tile, hash))
    }

    /// Finds the tiles that contradict others: those of one place of which one does not begin with the other, and full ones
    /// that are not what the tile above stands for.
    pub(super) fn contradictions(&self, named: &str, faults: &mut Vec<LogFault>) {
        let mut fault = |tile: &Tile, what: String| {
            faults.push(LogFault { file: format!("{named}/{tile}"), what });
        };
        for kept in self.kept.values() {
            let widest = kept.iter().max_by_key(|(tile, _)| tile.width()).expect("no list is empty");
            for (tile, bytes) in kept {
                if tile.prefix(&widest.1) != Some(bytes) {
                    fault(tile, format!("it is not what {} begins with", widest.0));
                }
            }
            let (tile, bytes) = widest;
            let (true, Some(root)) = (tile.is_full(), tile.root()) else { continue };
            let Some((above, stands)) = self.hash(root) else { continue };
            match tile.root_hash(bytes) {
                Ok(own) if own == stands => {}
                Ok(own) => fault(tile, format!("its hash is {own}, and {above} above it has {stands}")),
                Err(error) => fault(tile, error.to_string()),
            }
        }
    }
}
