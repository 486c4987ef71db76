//! A checksum database (spec 06 §4), with a key of its own.

use std::collections::BTreeMap;

use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_tlog::hash::{Hash, record_hash};
use gosum_tlog::key::SignerKey;
use gosum_tlog::note;
use gosum_tlog::record::Record;
use gosum_tlog::stored::{Position, stored_hashes};
use gosum_tlog::tile::{Height, Tile};
use gosum_tlog::tree::{TreeHead, tree_hash};

use crate::http::Response;
use crate::release::Release;

/// A checksum database: a log of the hashes of module versions, in the order in which they were recorded.
///
/// ```
/// use gosum_world::release::Release;
/// use gosum_world::repository::Files;
/// use gosum_world::sumdb::SumDb;
///
/// let files = Files::new().file("go.mod", "module example.com/a\n");
/// let mut database = SumDb::new("sum.example", 7);
/// database.record(&Release::new("example.com/a@v1.0.0", 1_700_000_000, &files, "").unwrap());
/// assert!(database.key().starts_with("sum.example+"));
/// ```
#[derive(Debug, Clone)]
pub struct SumDb {
    signer: SignerKey,
    records: Vec<String>,
    stored: Vec<Hash>,
    /// The numbers of the records, by what they are looked up by.
    numbers: BTreeMap<String, usize>,
}

impl SumDb {
    /// Returns a database without records. The same name and `seed` give the same key.
    ///
    /// # Panics
    /// When a key cannot have the name.
    pub fn new(name: &str, seed: u8) -> SumDb {
        let signer = SignerKey::new(name, &[seed; 32]).expect("a name without spaces and plus signs");
        SumDb { signer, records: Vec::new(), stored: Vec::new(), numbers: BTreeMap::new() }
    }

    /// Returns the key by which clients know it: what GOSUMDB is set to.
    pub fn key(&self) -> String {
        self.signer.verifier().to_string()
    }

    /// Records a module version.
    pub fn record(&mut self, release: &Release) {
        let text = release.sum(Artifact::Zip) + &release.sum(Artifact::GoMod);
        self.record_text(release.module(), text);
    }

    /// Records any lines for a module version. What was recorded before stays in the log, and is not found any more.
    ///
    /// # Panics
    /// When the log has more records than any can have.
    pub fn record_text(&mut self, module: &ModuleVersion, text: String) {
        let number = self.records.len();
        let hashes = stored_hashes(number as u64, record_hash(&text), &self.stored);
        self.stored.extend(hashes.expect("the log has all hashes of the records before"));
        self.records.push(text);
        let path = format!("{}@{}", module.path().escaped(), module.version().escaped());
        self.numbers.insert(path, number);
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.signer.id().name
    }

    /// Returns the head of its tree, signed.
    pub fn signed_head(&self) -> Vec<u8> {
        self.head()
    }

    /// Returns all that a client keeps of it that has looked up all records: replies and tiles, by their paths.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let lookups =
            self.numbers.keys().filter_map(|module| Some((format!("lookup/{module}"), self.lookup(module)?)));
        let tiles = Tile::added(Height::GO, 0, self.records.len() as u64);
        let tiles = tiles.filter_map(|tile| Some((tile.to_string(), tile.read(&self.stored).ok()?)));
        lookups.chain(tiles).collect()
    }

    fn head(&self) -> Vec<u8> {
        let size = self.records.len() as u64;
        let root = tree_hash(size, &self.stored).expect("the log has all hashes of its records");
        note::sign(TreeHead { size, root }.to_string(), &[&self.signer]).expect("a tree head ends in LF")
    }

    pub(crate) fn answer(&self, path: &str) -> Response {
        let found = match path.split_once('/') {
            None if path == "supported" => Some(Vec::new()),
            None if path == "latest" => Some(self.head()),
            Some(("lookup", module)) => self.lookup(module),
            Some(("tile", _)) => self.tile(path),
            _ => None,
        };
        match found {
            Some(bytes) => Response::new(200, "text/plain; charset=UTF-8", bytes),
            None => Response::text(404, format!("not found: {path}\n")),
        }
    }

    fn lookup(&self, module: &str) -> Option<Vec<u8>> {
        let number = *self.numbers.get(module)?;
        let record = Record::new(number as i64, self.records[number].as_bytes()).ok()?;
        Some([record.format().as_bytes(), &self.head()].concat())
    }

    fn tile(&self, path: &str) -> Option<Vec<u8>> {
        let tile = Tile::parse(path).ok()?;
        // only what the tree has, as wide as it has it or less
        let full = u64::from(tile.full().width());
        let last = tile.number().checked_mul(full)?.checked_add(u64::from(tile.width()) - 1)?;
        let level = tile.level()?.checked_mul(tile.height().levels().into())?;
        let position = Position::new(u32::try_from(level).ok()?, last)?;
        position.is_within(self.records.len() as u64).then(|| tile.read(&self.stored).ok())?
    }
}
