//! What a cache has of checksum databases (spec 06 §7), held against itself: tiles against the tiles above them, records against
//! their tiles, tree heads against the database's key and the tiles at their end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gosum_evidence::disk::{CachedLog, CachedRecord, Found, LogFault};
use gosum_evidence::evidence::Sum;
use gosum_evidence::subject::Subject;
use gosum_mod::name::escape::{unescape_path, unescape_version};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::version::Version;
use gosum_mod::zip::limits::read_bounded;
use gosum_tlog::hash::{Hash, record_hash};
use gosum_tlog::key::VerifierKey;
use gosum_tlog::note;
use gosum_tlog::plan::{ProvenTiles, TilePlan};
use gosum_tlog::record::Record;
use gosum_tlog::stored::Position;
use gosum_tlog::tile::{Height, TileError};
use gosum_tlog::tree::{CheckError, TreeHead};

use super::tiles::Tiles;
use super::{about, is_missing};
use crate::regular;

/// The most bytes of a lookup's reply, or of a signed head.
const MAX_REPLY: u64 = 2 << 20;

/// How deep the folder of a database may be: its name is a host, or a host with a path.
const MAX_DEPTH: usize = 8;

/// Where a cache keeps what it has of databases.
const PLACE: &str = "cache/download/sumdb";

/// Returns the names of the databases of which the cache in `root` has something.
pub(super) fn databases(root: &Path, unread: &mut Vec<(String, String)>) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![(root.join(PLACE), String::new(), 0)];
    while let Some((folder, name, depth)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if is_missing(&error) => continue,
            Err(error) => {
                unread.push((folder.display().to_string(), about(&folder, &error)));
                continue;
            }
        };
        let mut below: Vec<String> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        below.sort();
        if !name.is_empty() && below.iter().any(|entry| entry == "lookup" || entry == "tile") {
            names.push(name);
        } else if depth < MAX_DEPTH {
            folders.extend(below.into_iter().map(|entry| {
                let name = if name.is_empty() { entry.clone() } else { format!("{name}/{entry}") };
                (folder.join(entry), name, depth + 1)
            }));
        }
    }
    names.sort();
    names
}

/// What a cache has of one module version's record.
type Records = BTreeMap<ModuleVersion, Found<CachedRecord>>;

/// A record that was looked up.
struct Looked {
    module: ModuleVersion,
    file: String,
    id: i64,
    hash: Hash,
    /// The head that came with it; none where it had none, or one that is not to be believed.
    head: Option<TreeHead>,
}

/// Looks at what the cache in `root` has of the database `name`.
pub(super) fn examine(
    root: &Path,
    name: &str,
    keys: &[String],
    heads: Option<&Path>,
) -> (CachedLog, Records) {
    let named = format!("{PLACE}/{name}");
    let dir = root.join(&named);
    let mut log = CachedLog { name: name.to_owned(), ..CachedLog::default() };
    let key = keys.iter().filter_map(|key| VerifierKey::parse(key).ok()).find(|key| key.id().name == name);
    if key.is_none() {
        let why = "the key of this database is not known here: whether it signed this cannot be told";
        log.untold.push((named.clone(), why.to_owned()));
    }
    let tiles = Tiles::read(&dir, &named, &mut log.faults, &mut log.untold);
    log.tiles = tiles.count;
    tiles.contradictions(&named, &mut log.faults);
    let mut reader = Reader { key, named, log, records: Records::new(), looked: Vec::new() };
    reader.lookups(&dir.join("lookup"));
    let newest = heads.and_then(|heads| reader.newest(&heads.join(name).join("latest")));
    let Reader { mut log, mut records, looked, .. } = reader;
    for record in prove(&mut log, &tiles, &looked, newest) {
        if let Some(Found::Is(found)) = records.get_mut(&record.module) {
            found.is_proven = true;
        }
    }
    log.faults.sort();
    log.faults.dedup();
    (log, records)
}

struct Reader {
    key: Option<VerifierKey>,
    named: String,
    log: CachedLog,
    records: Records,
    looked: Vec<Looked>,
}

impl Reader {
    /// Reads the replies of lookups below `dir`.
    fn lookups(&mut self, dir: &Path) {
        let mut folders = vec![(dir.to_owned(), String::new())];
        while let Some((folder, above)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if is_missing(&error) => continue,
                Err(error) => {
                    let file = format!("{}/lookup/{above}", self.named);
                    self.log.untold.push((file, about(&folder, &error)));
                    continue;
                }
            };
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if above.is_empty() { name } else { format!("{above}/{name}") };
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push((entry.path(), path)),
                    _ if path.ends_with(".tmp") || path.ends_with(".lock") => {}
                    _ => self.lookup(&entry.path(), &path),
                }
            }
        }
        self.looked.sort_by(|a, b| a.file.cmp(&b.file));
    }

    fn lookup(&mut self, path: &Path, name: &str) {
        let file = format!("{}/lookup/{name}", self.named);
        let module = name.rsplit_once('@').and_then(|(path, version)| {
            let path = unescape_path(path).ok()?;
            let version = Version::parse(unescape_version(version).ok()?).ok()?;
            ModuleVersion::new(path, version).ok()
        });
        let bytes = regular::open(path).and_then(|mut file| read_bounded(&mut file, MAX_REPLY));
        let bytes = match bytes {
            Ok(bytes) if bytes.is_empty() => return, // to the go command it is not there
            Ok(bytes) => bytes,
            Err(error) => {
                let why = about(path, &error);
                if let Some(module) = module {
                    self.records.insert(module, Found::Unread(why));
                } else {
                    self.log.untold.push((file, why));
                }
                return;
            }
        };
        let Some(module) = module else {
            return self.fault(file, "its name is that of no module version".to_owned());
        };
        let (record, signed) = match Record::parse(&bytes) {
            Ok(parsed) => parsed,
            Err(error) => return self.fault(file, error.to_string()),
        };
        let head = if signed.is_empty() { None } else { self.head(signed, &file) };
        let sum = |artifact| sum_in(record.text, &Subject::new(module.clone(), artifact));
        let (zip, go_mod) = (sum(Artifact::Zip), sum(Artifact::GoMod));
        if zip.is_none() && go_mod.is_none() {
            return self.fault(file, format!("it is a record of something else than {module}"));
        }
        let found = CachedRecord { is_proven: false, database: self.log.name.clone(), zip, go_mod };
        self.records.insert(module.clone(), Found::Is(found));
        self.looked.push(Looked { module, file, id: record.id, hash: record_hash(record.text), head });
    }

    /// Returns the newest head that the go command has seen, as `file` has it.
    fn newest(&mut self, file: &Path) -> Option<TreeHead> {
        let shown = file.display().to_string();
        match regular::open(file).and_then(|mut file| read_bounded(&mut file, MAX_REPLY)) {
            Ok(bytes) if bytes.is_empty() => None,
            Ok(bytes) => self.head(&bytes, &shown),
            Err(error) if is_missing(&error) => None,
            Err(error) => {
                self.log.untold.push((shown, error.to_string()));
                None
            }
        }
    }

    /// Returns the tree head that `signed`, in `file`, says, if the database signed it.
    fn head(&mut self, signed: &[u8], file: &str) -> Option<TreeHead> {
        let key = self.key.as_ref()?;
        let opened = match note::open(signed, std::slice::from_ref(key)) {
            Ok(opened) => opened,
            Err(error) => {
                self.fault(file.to_owned(), format!("its tree head is not to be believed: {error}"));
                return None;
            }
        };
        match TreeHead::parse(&opened.text) {
            Ok(head) => Some(head),
            Err(error) => {
                self.fault(file.to_owned(), error.to_string());
                None
            }
        }
    }

    fn fault(&mut self, file: String, what: String) {
        self.log.faults.push(LogFault { file, what });
    }
}

/// Returns the hash that the text of a record has for a line of go.sum.
fn sum_in(text: &str, subject: &Subject) -> Option<Sum> {
    let start = format!("{} ", subject.key());
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(&start));
    lines.find(|hash| hash.starts_with("h1:")).map(Sum::parse)
}

/// Proves the records by the newest head, else by the head that came with each, else by their tile alone. Returns those that a
/// head proves.
fn prove<'l>(
    log: &mut CachedLog,
    tiles: &Tiles,
    looked: &'l [Looked],
    newest: Option<TreeHead>,
) -> Vec<&'l Looked> {
    let mut all_proven = Vec::new();
    let heads: BTreeSet<(u64, [u8; Hash::SIZE])> =
        looked.iter().filter_map(|record| record.head).chain(newest).map(key).collect();
    let mut open: Vec<&Looked> = looked.iter().collect();
    // the newest first: it needs the tiles that are kept longest
    let largest = newest
        .into_iter()
        .chain(heads.iter().rev().map(|(size, root)| TreeHead { size: *size, root: Hash::new(*root) }));
    let mut tried = BTreeSet::new();
    for head in largest {
        if open.is_empty() || !tried.insert(key(head)) {
            continue;
        }
        let proven = match proven_by(head, tiles, &open) {
            Ok(Some(proven)) => proven,
            Ok(None) => continue,
            Err(error) => {
                // said once: all other heads would say the same of the tiles
                let signer = looked.iter().find(|record| record.head.map(key) == Some(key(head)));
                let file =
                    signer.map_or_else(|| format!("{PLACE}/{}/tile", log.name), |record| record.file.clone());
                log.faults.push(LogFault { file, what: error.to_string() });
                continue;
            }
        };
        open.retain(|record| match check(&proven, record) {
            Some(Ok(())) => {
                all_proven.push(*record);
                false
            }
            Some(Err(what)) => {
                log.faults.push(LogFault { file: record.file.clone(), what });
                false
            }
            None => true,
        });
    }
    log.proven = all_proven.len();
    for record in open {
        let number = u64::try_from(record.id).ok();
        match number.and_then(Position::record).and_then(|position| tiles.hash(position)) {
            Some((_, hash)) if hash == record.hash => log.listed += 1,
            Some((tile, _)) => {
                let what = format!("its record is not what {tile} has");
                log.faults.push(LogFault { file: record.file.clone(), what });
            }
            None => {
                let what = "the tiles that would prove its record are not in the cache".to_owned();
                log.untold.push((record.file.clone(), what));
            }
        }
    }
    all_proven
}

fn key(head: TreeHead) -> (u64, [u8; Hash::SIZE]) {
    (head.size, *head.root.as_bytes())
}

/// Returns the tiles that `head` proves; none where the cache does not have those at its end.
fn proven_by(head: TreeHead, tiles: &Tiles, records: &[&Looked]) -> Result<Option<ProvenTiles>, TileError> {
    let Ok(mut plan) = TilePlan::new(head, Height::GO) else { return Ok(None) };
    for record in records {
        if let Some(number) = u64::try_from(record.id).ok().filter(|number| *number < head.size) {
            // one that is not in this tree is not asked for here
            let _ = plan.add_record(number);
        }
    }
    let bytes = plan.tiles().iter().map(|tile| tiles.get(*tile).map(<[u8]>::to_vec)).collect();
    match plan.prove_each(bytes) {
        // which tile contradicts which is told where tiles are compared
        Ok((proven, _)) => Ok(Some(proven)),
        Err(TileError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether the tiles prove the record; nothing where they lack the one that it is in.
fn check(proven: &ProvenTiles, record: &Looked) -> Option<Result<(), String>> {
    let number = u64::try_from(record.id).ok();
    let Some(number) = number else { return Some(Err(format!("no tree has a record {}", record.id))) };
    if number >= proven.head().size {
        return None;
    }
    match proven.check_record(number, record.hash) {
        Ok(()) => Some(Ok(())),
        Err(CheckError::Prove(_)) => None,
        Err(error) => Some(Err(error.to_string())),
    }
}
