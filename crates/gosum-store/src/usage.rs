//! What is kept, and how much room it takes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use redb::ReadableTable as _;

use crate::answer::{ANSWERS, SOURCES};
use crate::error::StoreError;
use crate::{FORM, Store, record, rows};

/// What is kept, and how much room it takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// The answers of each source, by its name.
    pub answers: BTreeMap<String, Answers>,
    /// What is known of contents of commits.
    pub contents: u64,
    /// Of how many tags it is known where they led.
    pub tags: u64,
    /// The database of what can be asked for again.
    pub evidence: Room,
    /// The database of where tags led, with what was set aside of it.
    pub sightings: Room,
    /// Tiles and records of checksum databases.
    pub sumdb: Room,
    /// What else was set aside, and what programs of other forms left.
    pub aside: Room,
    /// Evidence of misbehaviour.
    pub incidents: Room,
}

/// The answers of one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// How many.
    pub count: u64,
    /// When the oldest was seen, in seconds since 1970, UTC.
    pub oldest: i64,
    /// When the newest was.
    pub newest: i64,
}

/// How much room files take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// How many.
    pub files: u64,
    /// Their lengths.
    pub bytes: u64,
}

impl Usage {
    /// Returns what all takes.
    pub fn total(&self) -> Room {
        let all = [self.evidence, self.sightings, self.sumdb, self.aside, self.incidents];
        all.iter().fold(Room::default(), |sum, room| Room {
            files: sum.files + room.files,
            bytes: sum.bytes + room.bytes,
        })
    }
}

/// A file of a checksum database, which can be asked for again.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// When it was last of use, as far as the file system tells.
    pub(crate) used: SystemTime,
}

impl Store {
    /// Returns what is kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let answers = self.evidence.read(|transaction| {
            let mut usage: BTreeMap<Vec<u8>, Answers> = BTreeMap::new();
            for row in rows(transaction, ANSWERS)?.iter().flat_map(redb::ReadOnlyTable::iter).flatten() {
                let (key, value) = row?;
                let Some((seen, _)) = record::times(value.value()) else { continue };
                let id = key.value().get(..16).unwrap_or_default().to_owned();
                let one = usage.entry(id).or_insert(Answers { count: 0, oldest: seen, newest: seen });
                *one = Answers {
                    count: one.count + 1,
                    oldest: one.oldest.min(seen),
                    newest: one.newest.max(seen),
                };
            }
            let sources = rows(transaction, SOURCES)?;
            let (mut named, mut contents) = (BTreeMap::new(), 0);
            for (id, answers) in usage {
                let name = match &sources {
                    Some(sources) => sources.get(id.as_slice())?,
                    None => None,
                };
                let name = name.map(|name| String::from_utf8_lossy(name.value()).into_owned());
                match name {
                    Some(name) => drop(named.insert(name, answers)),
                    None => contents += answers.count,
                }
            }
            Ok((named, contents))
        })?;
        let (answers, contents) = answers.unwrap_or_default();
        Ok(Usage {
            answers,
            contents,
            tags: self.count_sightings()?,
            sightings: room(&files_in(self.sightings.dir())?)?,
            evidence: room(
                &files_in(&self.dir)?.into_iter().filter(|file| !is_aside(file)).collect::<Vec<_>>(),
            )?,
            sumdb: room(&files_in(&self.cache.join("sumdb"))?)?,
            aside: room(&self.aside()?)?,
            incidents: room(&files_in(&self.cache.join("incidents"))?)?,
        })
    }

    /// Returns the files that were set aside, and those of older forms. There may be a way to read sightings again: theirs stay.
    pub(crate) fn aside(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut files = files_in(&self.dir)?;
        files.retain(|file| is_aside(file));
        for form in 0..FORM {
            files.extend(files_in(&self.cache.join(format!("evidence-{form}")))?);
        }
        Ok(files)
    }

    /// Returns the files of checksum databases that can be asked for again: not the newest tree heads, which tell whether a
    /// database contradicts itself.
    pub(crate) fn pieces(&self) -> Result<Vec<Piece>, StoreError> {
        let mut pieces = Vec::new();
        for path in files_in(&self.cache.join("sumdb"))? {
            let is_kept = path.file_name().is_some_and(|name| name == "latest" || name == "latest.lock");
            let Some(metadata) = ignore_missing(&path, fs::metadata(&path))?.filter(|_| !is_kept) else {
                continue;
            };
            let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let used = metadata.accessed().map_or(written, |read| read.max(written));
            pieces.push(Piece { path, bytes: metadata.len(), used });
        }
        Ok(pieces)
    }
}

fn is_aside(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().contains(".broken-"))
}

fn room(files: &[PathBuf]) -> Result<Room, StoreError> {
    let mut room = Room::default();
    for file in files {
        if let Some(metadata) = ignore_missing(file, fs::symlink_metadata(file))? {
            room = Room { files: room.files + 1, bytes: room.bytes + metadata.len() };
        }
    }
    Ok(room)
}

/// Returns all files below `dir`, in order. No link is followed out of it.
pub(crate) fn files_in(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let (mut files, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Some(entries) = ignore_missing(&folder, fs::read_dir(&folder))? else { continue };
        for entry in entries {
            let entry = entry.map_err(StoreError::io(&folder))?;
            match entry.file_type().map_err(StoreError::io(entry.path()))? {
                kind if kind.is_dir() => folders.push(entry.path()),
                _ => files.push(entry.path()),
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Returns what there is. Another process may remove files at any time.
pub(crate) fn ignore_missing<T>(path: &Path, found: io::Result<T>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io(path)(error)),
    }
}
