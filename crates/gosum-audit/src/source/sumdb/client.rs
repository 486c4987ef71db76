//! Lookups that are proven (spec 06 §6): each by the signature on its tree head, by that head being consistent with the
//! newest one that was ever seen, and by the record being in that tree.
//!
//! All lookups of a run are proven together: the tiles that they need are asked for at once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use gosum_evidence::evidence::SourceName;
use gosum_mod::name::id::ModuleVersion;
use gosum_tlog::hash::record_hash;
use gosum_tlog::key::VerifierKey;
use gosum_tlog::note;
use gosum_tlog::plan::{ProvenTiles, TilePlan};
use gosum_tlog::record::Record;
use gosum_tlog::tile::{Height, Tile, TileError};
use gosum_tlog::tree::{CheckError, ProveError, TreeHead};

use super::ask::Asker;
use super::error::{HeadError, LookupError};
use super::store::Store;
use crate::source::pool;

/// How often another process may be faster to move the newest tree head.
const MAX_CONFLICTS: usize = 100;

/// A client of one checksum database.
pub(super) struct Client {
    key: VerifierKey,
    asker: Asker,
    store: Store,
    options: Options,
    /// The newest tree head, once it has been read.
    newest: Mutex<Option<Newest>>,
    /// The tree heads whose signatures have been checked, by their notes.
    opened: Mutex<HashMap<Vec<u8>, TreeHead>>,
}

/// How a database is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    /// Requests in flight.
    pub(super) jobs: usize,
    /// Whether records are asked for anew that are kept.
    pub(super) refresh: bool,
}

/// The newest tree head that was seen.
#[derive(Clone)]
struct Newest {
    head: TreeHead,
    /// The note that signs it; empty for the empty tree.
    note: Vec<u8>,
    /// The note that is kept, as far as is known: another process may have put another one there.
    kept: Vec<u8>,
}

/// A reply that is to be proven.
struct Reply {
    id: i64,
    text: String,
    bytes: Vec<u8>,
    is_kept: bool,
    /// The tree head with its note, unless the reply has none.
    head: Option<Signed>,
}

/// A tree head, and the note that signs it.
type Signed = (TreeHead, Vec<u8>);

/// A record that is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proven {
    /// Its lines.
    pub(super) text: String,
    /// Whether the reply was kept from an earlier run.
    pub(super) is_kept: bool,
}

/// A record, or why there is none.
pub(super) type Looked = Result<Proven, LookupError>;

impl Client {
    pub(super) fn new(key: VerifierKey, asker: Asker, store: Store, options: Options) -> Client {
        Client { key, asker, store, options, newest: Mutex::default(), opened: Mutex::default() }
    }

    /// Returns the proven record of each of `modules`.
    pub(super) fn look_up(&self, modules: &[&ModuleVersion]) -> Vec<Looked> {
        let fail_all = |error: &LookupError| modules.iter().map(|_| Err(error.clone())).collect();
        // one at a time: what one proves the next one need not ask for
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match newest.take().map_or_else(|| self.read_newest(), Ok) {
            Ok(known) => known,
            Err(error) => return fail_all(&error),
        };
        let replies = pool::map(self.options.jobs, modules, |module| {
            let _asking = tracing::info_span!("ask", source = %SourceName::SUMDB, %module).entered();
            self.ask_one(module)
        });
        let proving = tracing::info_span!("prove").entered();
        let (known, looked) = self.prove(known, &replies);
        drop(proving);
        *newest = Some(known);
        for ((module, reply), looked) in modules.iter().zip(&replies).zip(&looked) {
            if let (Ok(reply), Ok(_)) = (reply, looked)
                && !reply.is_kept
            {
                self.store.keep(&path_of(module), &reply.bytes);
            }
        }
        looked
    }

    /// Returns the newest tree head of earlier runs, once the tiles at its end have been proven.
    fn read_newest(&self) -> Result<Newest, LookupError> {
        let file = || self.store.latest_file();
        let note = self
            .store
            .latest()
            .map_err(|error| LookupError::Keep { file: file(), reason: error.to_string() })?;
        if note.is_empty() {
            return Ok(Newest { head: TreeHead::EMPTY, kept: note.clone(), note });
        }
        let head = self.open(&note).map_err(|source| LookupError::Kept { file: file(), source })?;
        self.tiles(&plan(head)?)?;
        Ok(Newest { head, kept: note.clone(), note })
    }

    fn open(&self, note: &[u8]) -> Result<TreeHead, HeadError> {
        let known = || self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        // most replies of a run come with the same head, and a signature takes long to check
        if let Some(head) = known().get(note) {
            return Ok(*head);
        }
        let opened = note::open(note, std::slice::from_ref(&self.key))?;
        let head = TreeHead::parse(&opened.text)?;
        known().insert(note.to_owned(), head);
        Ok(head)
    }

    fn ask_one(&self, module: &ModuleVersion) -> Result<Reply, LookupError> {
        let path = path_of(module);
        if let Some(kept) = self.store.read(&path).filter(|_| !self.options.refresh) {
            match self.reply(kept, true) {
                Ok(reply) => return Ok(reply),
                // what is broken here is asked for again
                Err(error) => tracing::warn!(path, %error, "what is kept of a lookup is none"),
            }
        }
        self.reply(self.asker.get(&format!("/{path}"))?, false)
    }

    fn reply(&self, bytes: Vec<u8>, is_kept: bool) -> Result<Reply, LookupError> {
        let (record, note) = Record::parse(&bytes).map_err(LookupError::Record)?;
        let head = match note {
            [] => None,
            note => Some((self.open(note).map_err(LookupError::Head)?, note.to_owned())),
        };
        let (id, text) = (record.id, record.text.to_owned());
        Ok(Reply { id, text, bytes, is_kept, head })
    }

    /// Proves `replies` by the newest of their tree heads and `known`, and returns that with the records.
    fn prove(&self, mut known: Newest, replies: &[Result<Reply, LookupError>]) -> (Newest, Vec<Looked>) {
        let mut failed: BTreeMap<usize, LookupError> = BTreeMap::new();
        loop {
            let left: Vec<(usize, &Reply)> = (replies.iter().enumerate())
                .filter_map(|(at, reply)| Some((at, reply.as_ref().ok()?)))
                .filter(|(at, _)| !failed.contains_key(at))
                .collect();
            let newer = left.iter().filter_map(|(_, reply)| reply.head.as_ref());
            let newer =
                newer.max_by_key(|(head, _)| head.size).filter(|(head, _)| head.size > known.head.size);
            let moved = match newer {
                Some(newer) => self.prove_by(newer.0, &known, &left).and_then(|proven| {
                    self.check_older(&proven, (known.head, &known.note), newer)?;
                    Ok((proven, self.move_to(&known, newer)?))
                }),
                None => self.prove_by(known.head, &known, &left).map(|proven| (proven, known.clone())),
            };
            match (moved, newer) {
                // whatever another process has seen before, this is checked against it again
                (Ok((_, moved)), Some((head, _))) if moved.head != *head => known = moved,
                (Ok((proven, moved)), _) => {
                    known = moved;
                    for (at, reply) in left {
                        if let Err(error) = self.check_reply(&proven, reply, &known) {
                            failed.insert(at, error);
                        }
                    }
                    break;
                }
                // a head that is not to be believed costs those that came with it
                (Err(error), Some((head, _))) if !matches!(error, LookupError::Keep { .. }) => {
                    let came_with =
                        |reply: &Reply| reply.head.as_ref().is_some_and(|(other, _)| other == head);
                    let lost = left.iter().filter(|(_, reply)| came_with(reply));
                    failed.extend(lost.map(|(at, _)| (*at, error.clone())));
                }
                (Err(error), _) => {
                    failed.extend(left.iter().map(|(at, _)| (*at, error.clone())));
                    break;
                }
            }
        }
        let text = |(at, reply): (usize, &Result<Reply, LookupError>)| match failed.get(&at) {
            Some(error) => Err(error.clone()),
            None => match reply {
                Ok(Reply { text, is_kept, .. }) => Ok(Proven { text: text.clone(), is_kept: *is_kept }),
                Err(error) => Err(error.clone()),
            },
        };
        let looked = replies.iter().enumerate().map(text).collect();
        (known, looked)
    }

    /// Returns all tiles that may be needed to prove `replies`, and that the tree of `known` is the beginning of that of
    /// `head`, as far as `head` proves them.
    fn prove_by(
        &self,
        head: TreeHead,
        known: &Newest,
        replies: &[(usize, &Reply)],
    ) -> Result<ProvenTiles, LookupError> {
        let mut plan = plan(head)?;
        let mut sizes: BTreeSet<u64> =
            replies.iter().filter_map(|(_, reply)| Some(reply.head.as_ref()?.0.size)).collect();
        sizes.insert(known.head.size);
        // what is larger, or behind the end, is told when it is checked
        for size in sizes.iter().filter(|size| (1..=head.size).contains(*size)) {
            plan.add_older(*size).map_err(|error| cannot_plan(&error))?;
        }
        let ids = replies.iter().filter_map(|(_, reply)| u64::try_from(reply.id).ok());
        for id in ids.filter(|id| *id < head.size) {
            plan.add_record(id).map_err(|error| cannot_plan(&error))?;
        }
        self.tiles(&plan)
    }

    /// Keeps `newer` as the newest tree head. Returns it, or a newer one that another process has kept meanwhile: whatever that
    /// one has seen, this one is checked against it.
    fn move_to(&self, known: &Newest, newer: &Signed) -> Result<Newest, LookupError> {
        let mut kept = known.kept.clone();
        for _ in 0..MAX_CONFLICTS {
            let here = || Newest { head: newer.0, note: newer.1.clone(), kept: newer.1.clone() };
            let note = match self.store.move_latest(&kept, &newer.1) {
                Ok(Ok(())) => return Ok(here()),
                Ok(Err(note)) => note,
                // it is proven all the same, and only later runs cannot be held to it
                Err(error) => {
                    let file = self.store.latest_file();
                    tracing::warn!(file, %error, "the newest tree head is not kept for later runs");
                    return Ok(Newest { kept, ..here() });
                }
            };
            let kept_error = |source| LookupError::Kept { file: self.store.latest_file(), source };
            let theirs = (self.open(&note).map_err(kept_error)?, note);
            let is_ahead = theirs.0.size > newer.0.size;
            let (older, ahead) = if is_ahead { (newer, &theirs) } else { (&theirs, newer) };
            let mut both = plan(ahead.0)?;
            if older.0.size > 0 {
                both.add_older(older.0.size).map_err(|error| cannot_plan(&error))?;
            }
            self.check_older(&self.tiles(&both)?, (older.0, &older.1), ahead)?;
            if is_ahead || theirs.0 == newer.0 {
                return Ok(Newest { head: theirs.0, kept: theirs.1.clone(), note: theirs.1 });
            }
            kept = theirs.1;
        }
        let reason = "other processes move it all the time".to_owned();
        Err(LookupError::Keep { file: self.store.latest_file(), reason })
    }

    /// Checks that the tree of `older` is the beginning of that of `newer`, which has proven the tiles.
    fn check_older(
        &self,
        proven: &ProvenTiles,
        older: (TreeHead, &Vec<u8>),
        newer: &Signed,
    ) -> Result<(), LookupError> {
        if older.0.size == 0 {
            return Ok(());
        }
        match proven.check_older(older.0) {
            Ok(()) => Ok(()),
            Err(CheckError::Prove(error)) => Err(LookupError::NoTile(error.to_string())),
            Err(_) => Err(self.fork(older, newer)),
        }
    }

    fn fork(&self, older: (TreeHead, &Vec<u8>), newer: &Signed) -> LookupError {
        let text = format!(
            "The checksum database {} has signed two tree heads of which the first is not the beginning of the second.\n\
             Nobody but the holder of its key can have done so.\n\nFirst:\n\n{}\nSecond:\n\n{}",
            self.key.id().name,
            String::from_utf8_lossy(older.1),
            String::from_utf8_lossy(&newer.1)
        );
        let evidence = self.store.keep_incident(&text).unwrap_or_else(|error| {
            tracing::error!(%error, "cannot keep the evidence of a forked checksum database");
            None
        });
        LookupError::Fork { older: older.0.size, newer: newer.0.size, evidence }
    }

    /// Checks the tree head and the record of a reply against the newest tree, which has proven the tiles.
    fn check_reply(&self, proven: &ProvenTiles, reply: &Reply, newest: &Newest) -> Result<(), LookupError> {
        if let Some((head, note)) = &reply.head {
            self.check_older(proven, (*head, note), &(newest.head, newest.note.clone()))?;
        }
        let size = newest.head.size;
        let number = u64::try_from(reply.id).ok().filter(|number| *number < size);
        let number = number.ok_or(LookupError::OutOfRange { id: reply.id, size })?;
        match proven.check_record(number, record_hash(&reply.text)) {
            Ok(()) => Ok(()),
            Err(CheckError::Prove(error)) => Err(self.why_unproven(proven, number, &error)),
            Err(error) => Err(LookupError::Mismatch(error)),
        }
    }

    /// Returns why a record could not be proven: its tile did not come, or was not to be believed.
    fn why_unproven(&self, proven: &ProvenTiles, number: u64, error: &ProveError) -> LookupError {
        // asked for alone, it says what is wrong
        let alone = plan(proven.head()).and_then(|mut plan| {
            plan.add_record(number).map_err(|error| cannot_plan(&error))?;
            let read = self.read_tiles(plan.tiles(), false).into_iter();
            let bytes = read.map(|read| Ok(read?.bytes)).collect::<Result<_, LookupError>>()?;
            plan.prove(bytes).map_err(LookupError::Tile)
        });
        alone.err().unwrap_or_else(|| LookupError::NoTile(error.to_string()))
    }

    /// Reads the tiles of a plan, all at once, and returns those that are proven. What is kept and wrong is asked for again.
    fn tiles(&self, plan: &TilePlan) -> Result<ProvenTiles, LookupError> {
        let mut read = self.read_tiles(plan.tiles(), true);
        let proven = match plan.clone().prove_each(bytes_of(&read)) {
            // one that is kept may be broken
            Err(_) if read.iter().any(is_kept) => {
                self.read_again(plan, &mut read, |_| true);
                plan.clone().prove_each(bytes_of(&read))
            }
            Ok((_, rejected)) if rejected.iter().any(|error| is_kept_tile(plan, &read, error)) => {
                self.read_again(plan, &mut read, |tile| {
                    rejected.iter().any(|error| tile_of(error) == Some(tile))
                });
                plan.clone().prove_each(bytes_of(&read))
            }
            proven => proven,
        };
        let (proven, rejected) = proven.map_err(|error| {
            let lost = tile_of(&error).and_then(|tile| plan.tiles().iter().position(|other| *other == tile));
            let why = lost.and_then(|at| read[at].as_ref().err().cloned());
            why.unwrap_or(LookupError::Tile(error))
        })?;
        for error in rejected {
            tracing::warn!(%error, "a tile of the checksum database is not proven");
        }
        let is_new = |(_, read): &(&Tile, &ReadTile)| read.as_ref().is_ok_and(|read| !read.is_kept);
        let new: HashSet<Tile> =
            plan.tiles().iter().zip(&read).filter(is_new).map(|(tile, _)| *tile).collect();
        for (tile, bytes) in proven.tiles().filter(|(tile, _)| new.contains(tile)) {
            self.store.keep(&tile.to_string(), bytes);
        }
        Ok(proven)
    }

    /// Reads those tiles anew that were kept and that `select` selects.
    fn read_again(&self, plan: &TilePlan, read: &mut [ReadTile], select: impl Fn(Tile) -> bool) {
        let which: Vec<usize> =
            (0..read.len()).filter(|at| is_kept(&read[*at]) && select(plan.tiles()[*at])).collect();
        let tiles: Vec<Tile> = which.iter().map(|at| plan.tiles()[*at]).collect();
        for (at, again) in which.into_iter().zip(self.read_tiles(&tiles, false)) {
            read[at] = again;
        }
    }

    fn read_tiles(&self, tiles: &[Tile], may_be_kept: bool) -> Vec<ReadTile> {
        pool::map(self.options.jobs, tiles, |tile| self.read_tile(*tile, may_be_kept))
    }

    /// Returns a tile as wide as it is wanted: kept, or a part of a wider one; else from the database.
    fn read_tile(&self, tile: Tile, may_be_kept: bool) -> ReadTile {
        let full = (!tile.is_full()).then(|| tile.full());
        if may_be_kept {
            let wider = || Some(tile.prefix(&self.store.read(&full?.to_string())?)?.to_vec());
            if let Some(bytes) = self.store.read(&tile.to_string()).or_else(wider) {
                return Ok(TileBytes { bytes, is_kept: true });
            }
        }
        let error = match self.asker.get(&format!("/{tile}")) {
            Ok(bytes) => return Ok(TileBytes { bytes, is_kept: false }),
            Err(error) => error,
        };
        // a database need not keep the part of what has become full
        let full = full.and_then(|full| self.asker.get(&format!("/{full}")).ok());
        match full.and_then(|full| Some(tile.prefix(&full)?.to_vec())) {
            Some(bytes) => Ok(TileBytes { bytes, is_kept: false }),
            // that a tile is not there does not mean that the record is not
            None => Err(LookupError::NoTile(error.to_string())),
        }
    }
}

/// The bytes of a tile, and whether they were kept from before.
struct TileBytes {
    bytes: Vec<u8>,
    is_kept: bool,
}

type ReadTile = Result<TileBytes, LookupError>;

fn bytes_of(read: &[ReadTile]) -> Vec<Option<Vec<u8>>> {
    read.iter().map(|read| read.as_ref().ok().map(|read| read.bytes.clone())).collect()
}

fn is_kept(read: &ReadTile) -> bool {
    read.as_ref().is_ok_and(|read| read.is_kept)
}

/// Returns the tile that an error is about.
fn tile_of(error: &TileError) -> Option<Tile> {
    match error {
        TileError::Missing { tile }
        | TileError::Length { tile, .. }
        | TileError::Inconsistent { tile, .. } => Some(*tile),
        _ => None,
    }
}

fn is_kept_tile(plan: &TilePlan, read: &[ReadTile], error: &TileError) -> bool {
    let at = tile_of(error).and_then(|tile| plan.tiles().iter().position(|other| *other == tile));
    at.is_some_and(|at| is_kept(&read[at]))
}

fn plan(head: TreeHead) -> Result<TilePlan, LookupError> {
    TilePlan::new(head, Height::GO).map_err(|error| LookupError::NoTile(error.to_string()))
}

fn cannot_plan(error: &ProveError) -> LookupError {
    LookupError::NoTile(error.to_string())
}

/// Returns where the record of a module version is looked up: `lookup/ESCAPED-PATH@ESCAPED-VERSION`.
fn path_of(module: &ModuleVersion) -> String {
    format!("lookup/{}@{}", module.path().escaped(), module.version().escaped())
}
