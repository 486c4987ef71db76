//! One database file, opened for a batch and closed at once.
//!
//! Beside the file lie a lock, which is held while it is open, and a seal: its length and checksum when it was last closed.
//! A file that is not as its seal says was left by a process that was killed, or was changed by somebody else: it is examined
//! page by page before anything in it is believed, and set aside if that fails.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use redb::{Builder, Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use crate::error::StoreError;
use crate::lock::{Hold, Lock, PATIENCE, lock};

/// The most memory for pages. What is read of one is read once.
const CACHE_BYTES: usize = 64 << 20;

/// The rows of a database: bytes under bytes.
pub(crate) type Table = redb::TableDefinition<'static, &'static [u8], &'static [u8]>;

/// One database file.
#[derive(Debug)]
pub(crate) struct Index {
    dir: PathBuf,
    name: &'static str,
    /// The time by which broken files are named.
    now: i64,
    /// What the user should know of.
    notices: Mutex<Vec<String>>,
    /// The file as it was when it was last seen to be as its seal says.
    sealed: Mutex<Option<Stamp>>,
}

/// By what it is told that a file has not been changed in the meantime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    written: SystemTime,
}

/// What became of looking at the file.
enum Opened<T> {
    Read(T),
    /// There is none.
    None,
    /// It is not as its seal says.
    Unsealed,
}

/// A failure of the database, and whether its file is to blame.
struct Fault {
    is_broken: bool,
    error: StoreError,
}

impl Index {
    /// Returns the database `name` in the folder `dir`. Nothing is opened or made yet.
    pub(crate) fn new(dir: &Path, name: &'static str, now: i64) -> Index {
        Index { dir: dir.to_owned(), name, now, notices: Mutex::default(), sealed: Mutex::default() }
    }

    /// Returns what the user should know of, once.
    pub(crate) fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut self.notices.lock().expect("no holder of the lock panics"))
    }

    /// Returns the folder in which it is.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns where the file is.
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.join(format!("{}.redb", self.name))
    }

    fn seal_file(&self) -> PathBuf {
        self.dir.join(format!("{}.seal", self.name))
    }

    fn lock(&self, hold: Hold) -> Result<Option<Lock>, StoreError> {
        lock(&self.dir.join(format!("{}.lock", self.name)), hold, PATIENCE)
    }

    /// Returns what `read` finds in the database; none where there is none.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub(crate) fn read<T>(
        &self,
        read: impl Fn(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<Option<T>, StoreError> {
        for _ in 0..2 {
            let fault = match self.try_read(&read) {
                Ok(Opened::Read(found)) => return Ok(Some(found)),
                Ok(Opened::None) => return Ok(None),
                Ok(Opened::Unsealed) => None,
                Err(fault) if fault.is_broken => Some(fault.error),
                Err(fault) => return Err(fault.error),
            };
            let _lock = self.lock(Hold::Alone)?;
            self.mend(fault)?;
        }
        Err(StoreError::Busy { path: self.file() })
    }

    fn try_read<T>(
        &self,
        read: &impl Fn(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<Opened<T>, Fault> {
        if !self.file().exists() {
            return Ok(Opened::None);
        }
        let _lock = self.lock(Hold::Shared).map_err(Fault::other)?;
        match self.is_sealed() {
            Ok(true) => {}
            Ok(false) => return Ok(Opened::Unsealed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Opened::None),
            Err(error) => return Err(Fault::other(StoreError::io(self.file())(error))),
        }
        let database = Builder::new().set_cache_size(CACHE_BYTES).open_read_only(self.file());
        let database = database.map_err(|error| self.fault(error.into()))?;
        let transaction = database.begin_read().map_err(|error| self.fault(error.into()))?;
        let found = read(&transaction).map_err(|error| self.fault(error))?;
        drop(transaction);
        database.close().map_err(|error| self.fault(error.into()))?;
        Ok(Opened::Read(found))
    }

    /// Does `write` in one transaction, which is there whole or not at all.
    ///
    /// # Errors
    /// When it cannot be opened or written.
    pub(crate) fn write<T>(
        &self,
        write: impl Fn(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        fs::create_dir_all(&self.dir).map_err(StoreError::io(&self.dir))?;
        let _lock = self.lock(Hold::Alone)?;
        if self.file().exists() && !self.is_sealed().map_err(StoreError::io(self.file()))? {
            self.examine()?;
        }
        match self.try_write(&write) {
            Err(fault) if fault.is_broken => {
                self.set_aside(&fault.error)?;
                self.try_write(&write).map_err(|fault| fault.error)
            }
            written => written.map_err(|fault| fault.error),
        }
    }

    fn try_write<T>(&self, write: &impl Fn(&WriteTransaction) -> Result<T, redb::Error>) -> Result<T, Fault> {
        let database = Builder::new().set_cache_size(CACHE_BYTES).create(self.file());
        let database = database.map_err(|error| self.fault(error.into()))?;
        let transaction = database.begin_write().map_err(|error| self.fault(error.into()))?;
        let done = write(&transaction).map_err(|error| self.fault(error))?;
        transaction.commit().map_err(|error| self.fault(error.into()))?;
        self.close(database)?;
        Ok(done)
    }

    /// Makes the file as small as it can be.
    ///
    /// # Errors
    /// When it cannot be opened or written.
    pub(crate) fn compact(&self) -> Result<(), StoreError> {
        let _lock = self.lock(Hold::Alone)?;
        if !self.file().exists() || !self.is_sealed().map_err(StoreError::io(self.file()))? {
            return Ok(());
        }
        let compacted = Builder::new().set_cache_size(CACHE_BYTES).open(self.file());
        let compacted = compacted.map_err(redb::Error::from).and_then(|mut database| {
            database.compact()?;
            Ok(database)
        });
        let closed = compacted.map_err(|error| self.fault(error)).and_then(|database| self.close(database));
        closed.map_err(|fault| fault.error)
    }

    /// Removes the file, once nobody has it open.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn remove(&self) -> Result<(), StoreError> {
        if !self.dir.is_dir() {
            return Ok(());
        }
        let _lock = self.lock(Hold::Alone)?;
        for file in [self.seal_file(), self.file()] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::io(file)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn close(&self, database: Database) -> Result<(), Fault> {
        database.close().map_err(|error| self.fault(error.into()))?;
        self.seal().map_err(|error| Fault::other(StoreError::io(self.seal_file())(error)))
    }

    /// Makes the file, which nobody else has open, one that can be read, or sets it aside: it is not as its seal says, or reading
    /// it gave `fault`.
    fn mend(&self, fault: Option<StoreError>) -> Result<(), StoreError> {
        *self.sealed.lock().expect("no holder of the lock panics") = None;
        match fault {
            // it was closed so, and no other process has mended it meanwhile
            Some(fault)
                if self.file().exists() && self.is_sealed().map_err(StoreError::io(self.file()))? =>
            {
                self.set_aside(&fault)
            }
            _ => self.examine(),
        }
    }

    /// Looks at each page of the file, which nobody else has open, and seals it; sets it aside if it is broken.
    fn examine(&self) -> Result<(), StoreError> {
        if !self.file().exists() || self.is_sealed().map_err(StoreError::io(self.file()))? {
            return Ok(());
        }
        tracing::info!(file = %self.file().display(), "examining a file that was not closed");
        let mut builder = Builder::new();
        let examined =
            builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true).open(self.file());
        let closed =
            examined.map_err(|error| self.fault(error.into())).and_then(|database| self.close(database));
        match closed {
            Err(fault) if fault.is_broken => self.set_aside(&fault.error),
            closed => closed.map_err(|fault| fault.error),
        }
    }

    /// Puts the file, which is broken or somebody else's, out of the way.
    fn set_aside(&self, why: &StoreError) -> Result<(), StoreError> {
        let aside = self.dir.join(format!("{}.broken-{}", self.name, self.now));
        fs::rename(self.file(), &aside).map_err(StoreError::io(self.file()))?;
        let notice = format!("{why}; it was set aside as {}", aside.display());
        tracing::warn!("{notice}");
        self.notices.lock().expect("no holder of the lock panics").push(notice);
        Ok(())
    }

    /// Returns what the seal of the file as it is now is.
    fn seal_now(&self) -> io::Result<String> {
        let mut file = File::open(self.file())?;
        let (mut hasher, mut length) = (crc32fast::Hasher::new(), 0);
        let mut piece = vec![0; 256 << 10];
        loop {
            match file.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => {
                    hasher.update(&piece[..read]);
                    length += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(format!("gosum {length} {:08x}\n", hasher.finalize()))
    }

    /// Returns whether the file is as it was closed.
    fn is_sealed(&self) -> io::Result<bool> {
        let mut seal = Vec::new();
        match File::open(self.seal_file()) {
            Ok(file) => file.take(100).read_to_end(&mut seal)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        // an audit looks often, and reads all of the file once
        let stamp = self.stamp()?;
        let known = || self.sealed.lock().expect("no holder of the lock panics");
        if known().is_some_and(|known| known == stamp) {
            return Ok(true);
        }
        let is_sealed = seal == self.seal_now()?.as_bytes();
        *known() = is_sealed.then_some(stamp);
        Ok(is_sealed)
    }

    fn stamp(&self) -> io::Result<Stamp> {
        let metadata = fs::metadata(self.file())?;
        Ok(Stamp { length: metadata.len(), written: metadata.modified()? })
    }

    /// Seals the file, which nobody else has open.
    fn seal(&self) -> io::Result<()> {
        let draft = self.dir.join(format!("{}.draft", self.name));
        fs::write(&draft, self.seal_now()?)?;
        fs::rename(&draft, self.seal_file())
    }

    fn fault(&self, error: redb::Error) -> Fault {
        let path = self.file();
        let error = match error {
            redb::Error::Io(source) if !is_content(&source) => {
                return Fault::other(StoreError::Io { path, source });
            }
            redb::Error::DatabaseAlreadyOpen => return Fault::other(StoreError::Busy { path }),
            error => error,
        };
        let is_broken = matches!(
            error,
            redb::Error::Io(_)
                | redb::Error::Corrupted(_)
                | redb::Error::UpgradeRequired(_)
                | redb::Error::RepairAborted
                | redb::Error::TableTypeMismatch { .. }
                | redb::Error::TableIsMultimap(_)
                | redb::Error::TypeDefinitionChanged { .. }
        );
        Fault { is_broken, error: StoreError::Database { path, reason: error.to_string() } }
    }
}

/// Returns whether what is read is at fault, and not the reading.
fn is_content(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

impl Fault {
    fn other(error: StoreError) -> Fault {
        Fault { is_broken: false, error }
    }
}
