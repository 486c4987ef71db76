//! Making room: what was of no use for the longest time goes first, and never what cannot be asked for again.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use redb::ReadableTable as _;

use crate::answer::{ANSWERS, USE_DAYS};
use crate::error::StoreError;
use crate::usage::{Piece, Room, files_in, ignore_missing};
use crate::{SECONDS_A_DAY, Store, record, rows};

/// How much may be kept, unless the user says otherwise.
pub const DEFAULT_BYTES: u64 = 2 << 30;
/// The file that says when room was last made.
const STAMP: &str = "pruned";
/// What a row of the database takes beyond its key and its value, about.
const ROW: u64 = 64;

/// What is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many bytes may stay.
    pub bytes: u64,
    /// What was of no use for so long goes whatever room there is.
    pub unused: Option<Duration>,
}

/// What went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Answers.
    pub answers: u64,
    /// Files of checksum databases, and those that were set aside.
    pub files: u64,
    /// How many bytes all took before, and take now.
    pub bytes: (u64, u64),
}

/// Something that may go.
enum Item {
    Answer(Vec<u8>),
    Piece(Piece),
}

/// Something that may go, by the day on which it was last of use, with the bytes that it takes.
type Dated = (u32, u64, Item);

impl Store {
    /// Makes room.
    ///
    /// # Errors
    /// When files cannot be read or removed.
    pub fn prune(&self, bounds: &Bounds) -> Result<Pruned, StoreError> {
        let before = self.usage()?;
        let mut pruned = Pruned { bytes: (before.total().bytes, 0), ..Pruned::default() };
        for file in self.aside()? {
            remove(&file)?;
            pruned.files += 1;
        }
        let mut items = self.items()?;
        items.sort_by_key(|(used, _, _)| *used);
        let days = bounds.unused.map(|unused| unused.as_secs() / SECONDS_A_DAY.unsigned_abs());
        let end = days.map_or(0, |days| self.today().saturating_sub(u32::try_from(days).unwrap_or(u32::MAX)));
        let (mut bytes, mut answers) = (before.total().bytes - before.aside.bytes, Vec::new());
        for (used, size, item) in items {
            if bytes <= bounds.bytes && used >= end {
                break;
            }
            match item {
                Item::Answer(key) => answers.push(key),
                Item::Piece(piece) => {
                    remove(&piece.path)?;
                    pruned.files += 1;
                }
            }
            bytes = bytes.saturating_sub(size);
        }
        if !answers.is_empty() {
            pruned.answers = self.remove_answers(&answers)?;
            self.evidence.compact()?;
        }
        pruned.bytes.1 = self.usage()?.total().bytes;
        Ok(pruned)
    }

    /// Makes room for what may be kept by default, once a day. Returns what went, if it was time.
    ///
    /// # Errors
    /// When files cannot be read or removed.
    pub fn prune_daily(&self) -> Result<Option<Pruned>, StoreError> {
        let stamp = self.dir.join(STAMP);
        let last = ignore_missing(&stamp, fs::read_to_string(&stamp))?;
        let last = last.and_then(|last| last.trim().parse::<i64>().ok());
        // a time that is yet to come is that of another clock
        if last.is_some_and(|last| (0..SECONDS_A_DAY).contains(&(self.now - last))) {
            return Ok(None);
        }
        fs::write(&stamp, format!("{}\n", self.now)).map_err(StoreError::io(&stamp))?;
        self.prune(&Bounds { bytes: DEFAULT_BYTES, unused: None }).map(Some)
    }

    /// Removes all that can be asked for again.
    ///
    /// # Errors
    /// When files cannot be read or removed.
    pub fn clear(&self) -> Result<Room, StoreError> {
        let before = self.usage()?.total();
        self.evidence.remove()?;
        let pieces = self.pieces()?.into_iter().map(|piece| piece.path);
        for file in pieces.chain(self.aside()?).chain([self.dir.join(STAMP)]) {
            remove(&file)?;
        }
        let after = self.usage()?.total();
        Ok(Room {
            files: before.files.saturating_sub(after.files),
            bytes: before.bytes.saturating_sub(after.bytes),
        })
    }

    /// Removes what cannot be asked for again too: where tags led, the newest tree heads of checksum databases, and evidence of misbehaviour.
    ///
    /// # Errors
    /// When files cannot be read or removed.
    pub fn clear_for_good(&self) -> Result<Room, StoreError> {
        let room = self.clear()?;
        self.sightings.remove()?;
        let mut left = files_in(&self.cache.join("sumdb"))?;
        left.extend(files_in(&self.cache.join("incidents"))?);
        let mut bytes = 0;
        for file in &left {
            bytes += ignore_missing(file, fs::metadata(file))?.map_or(0, |metadata| metadata.len());
            remove(file)?;
        }
        Ok(Room { files: room.files + left.len() as u64, bytes: room.bytes + bytes })
    }

    /// Returns all that may go.
    fn items(&self) -> Result<Vec<Dated>, StoreError> {
        let answers = self.evidence.read(|transaction| {
            let mut answers: Vec<Dated> = Vec::new();
            for row in rows(transaction, ANSWERS)?.iter().flat_map(redb::ReadOnlyTable::iter).flatten() {
                let (key, value) = row?;
                let (key, value) = (key.value().to_owned(), value.value());
                // the last day on which it may have been of use; what cannot be read never was
                let used = record::times(value).map_or(0, |(_, used)| used.saturating_add(USE_DAYS - 1));
                answers.push((used, (key.len() + value.len()) as u64 + ROW, Item::Answer(key)));
            }
            Ok(answers)
        })?;
        let mut items = answers.unwrap_or_default();
        items.extend(self.pieces()?.into_iter().map(|piece| {
            let since = piece.used.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let day = since.as_secs() / SECONDS_A_DAY.unsigned_abs();
            (u32::try_from(day).unwrap_or(u32::MAX), piece.bytes, Item::Piece(piece))
        }));
        Ok(items)
    }

    fn remove_answers(&self, keys: &[Vec<u8>]) -> Result<u64, StoreError> {
        self.evidence.write(|transaction| {
            let mut answers = transaction.open_table(ANSWERS)?;
            let mut removed = 0;
            for key in keys {
                removed += u64::from(answers.remove(key.as_slice())?.is_some());
            }
            Ok(removed)
        })
    }
}

fn remove(file: &Path) -> Result<(), StoreError> {
    ignore_missing(file, fs::remove_file(file)).map(drop)
}
