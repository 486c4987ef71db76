//! What a client of a checksum database keeps from one run to the next: the newest tree head, tiles and lookups that were
//! proven, and evidence of misbehaviour. Any number of processes may share the folder.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gosum_mod::hash::sha256::sha256;

/// The most bytes that a file here may have: a lookup's reply.
const MAX_FILE: u64 = 2 << 20;

/// Where things are kept.
#[derive(Debug)]
pub(super) enum Store {
    /// A folder, and the one in which evidence is kept.
    Folder { dir: PathBuf, incidents: PathBuf },
    /// Memory, for one run.
    Memory(Mutex<HashMap<String, Vec<u8>>>),
}

/// The name under which the newest tree head is kept.
const LATEST: &str = "latest";

impl Store {
    /// Returns what is kept of the database `name` in the folder `cache`; for this run alone where there is none.
    pub(super) fn new(cache: Option<&Path>, name: &str) -> Store {
        match cache {
            Some(cache) => {
                Store::Folder { dir: cache.join("sumdb").join(name), incidents: cache.join("incidents") }
            }
            None => Store::Memory(Mutex::default()),
        }
    }

    /// Returns where the newest tree head is, to be named.
    pub(super) fn latest_file(&self) -> String {
        match self {
            Store::Folder { dir, .. } => dir.join(LATEST).display().to_string(),
            Store::Memory(_) => "memory".to_owned(),
        }
    }

    /// Returns the newest tree head that was seen, as its signed note; empty when none was.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(super) fn latest(&self) -> io::Result<Vec<u8>> {
        match self {
            Store::Folder { dir, .. } => {
                let _lock = lock(dir, false)?;
                read(&dir.join(LATEST)).map(Option::unwrap_or_default)
            }
            Store::Memory(_) => Ok(self.read(LATEST).unwrap_or_default()),
        }
    }

    /// Puts the note `new` in the place of `old`. Returns the note that is there instead, when another process was faster.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn move_latest(&self, old: &[u8], new: &[u8]) -> io::Result<Result<(), Vec<u8>>> {
        match self {
            Store::Folder { dir, .. } => {
                let _lock = lock(dir, true)?;
                let file = dir.join(LATEST);
                let found = read(&file)?.unwrap_or_default();
                if !found.is_empty() && found != old {
                    return Ok(Err(found));
                }
                write(&file, new).map(Ok)
            }
            Store::Memory(files) => {
                let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
                files.insert(LATEST.to_owned(), new.to_owned());
                Ok(Ok(()))
            }
        }
    }

    /// Returns what is kept under `path`; none when it is not, or cannot be read: then it is fetched.
    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        match self {
            Store::Folder { dir, .. } => match read(&dir.join(path)) {
                // an empty file is as good as none
                Ok(found) => found.filter(|bytes| !bytes.is_empty()),
                Err(error) => {
                    tracing::warn!(path, %error, "cannot read what is kept of the checksum database");
                    None
                }
            },
            Store::Memory(files) => files.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned(),
        }
    }

    /// Keeps `bytes`, which were proven, under `path`. What cannot be kept is fetched again next time.
    pub(super) fn keep(&self, path: &str, bytes: &[u8]) {
        match self {
            Store::Folder { dir, .. } => {
                if let Err(error) = write(&dir.join(path), bytes) {
                    tracing::warn!(path, %error, "cannot keep what the checksum database said");
                }
            }
            Store::Memory(files) => {
                let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
                files.insert(path.to_owned(), bytes.to_owned());
            }
        }
    }

    /// Keeps evidence for good, and returns where; nowhere in memory.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn keep_incident(&self, text: &str) -> io::Result<Option<PathBuf>> {
        let Store::Folder { incidents, .. } = self else { return Ok(None) };
        // the same evidence is kept once
        let digest: String =
            sha256(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let file = incidents.join(format!("sumdb-{digest}.txt"));
        if !file.exists() {
            write(&file, text.as_bytes())?;
        }
        Ok(Some(file))
    }
}

/// Locks the newest tree head against other processes, until the lock is dropped.
fn lock(dir: &Path, is_exclusive: bool) -> io::Result<Option<File>> {
    let open = || OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("latest.lock"));
    let file = match open() {
        // who only reads makes no folder
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_exclusive => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(dir)?;
            open()?
        }
        // a folder that cannot be written is read without a lock: files are put in place whole
        Err(_) if !is_exclusive => return Ok(None),
        opened => opened?,
    };
    if is_exclusive { file.lock() } else { file.lock_shared() }?;
    Ok(Some(file))
}

fn read(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let opened = match File::open(file) {
        Ok(opened) => opened,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    opened.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_FILE {
        true => Err(io::Error::new(io::ErrorKind::InvalidData, "too large")),
        false => Ok(Some(bytes)),
    }
}

/// Writes a file so that it is there whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = file.parent().expect("a file lies in a folder");
    fs::create_dir_all(dir)?;
    let mut builder = tempfile::Builder::new();
    // a temporary file is its owner's alone; the folder is for whom the user's umask lets read it, as the rest of it
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut draft = builder.tempfile_in(dir)?;
    draft.write_all(bytes)?;
    draft.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_another_run_reads() {
        let dir = tempfile::tempdir().unwrap();
        let store = || Store::new(Some(dir.path()), "sum.example/a");
        assert_eq!((store().read("tile/8/0/000"), store().latest().unwrap()), (None, Vec::new()));
        store().keep("tile/8/0/000", b"tile");
        store().keep("empty", b"");
        assert_eq!(store().read("tile/8/0/000").as_deref(), Some(&b"tile"[..]));
        assert_eq!(store().read("empty"), None);
        let first = store().keep_incident("two heads").unwrap().unwrap();
        assert_eq!(store().keep_incident("two heads").unwrap(), Some(first.clone()));
        assert_eq!(fs::read_to_string(first).unwrap(), "two heads");
    }

    #[cfg(unix)]
    #[test]
    fn who_may_read_a_lock_may_read_the_newest_head() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(Some(dir.path()), "sum.example");
        store.move_latest(b"", b"1").unwrap().unwrap();
        let Store::Folder { dir, .. } = &store else { panic!("it is kept in a folder") };
        let mode = |name: &str| dir.join(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(LATEST), mode("latest.lock"));
    }

    #[test]
    fn the_newest_head_moves_only_from_what_was_seen() {
        let dir = tempfile::tempdir().unwrap();
        let [one, other] = [(); 2].map(|()| Store::new(Some(dir.path()), "sum.example"));
        assert_eq!(one.move_latest(b"", b"1").unwrap(), Ok(()));
        assert_eq!(other.move_latest(b"", b"2").unwrap(), Err(b"1".to_vec()));
        assert_eq!(other.move_latest(b"1", b"2").unwrap(), Ok(()));
        assert_eq!(one.latest().unwrap(), b"2");
    }

    #[test]
    fn only_one_of_many_moves_the_head() {
        let dir = tempfile::tempdir().unwrap();
        let moved = |number: u8| {
            let store = Store::new(Some(dir.path()), "sum.example");
            store.move_latest(b"", &[b'a' + number]).unwrap().is_ok()
        };
        let winners = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|number| scope.spawn(move || moved(number))).collect();
            all.into_iter().filter_map(|thread| thread.join().unwrap().then_some(())).count()
        });
        assert_eq!(winners, 1);
    }
}
