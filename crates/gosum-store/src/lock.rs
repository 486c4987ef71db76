//! Locks between processes: files that are held for a moment.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gosum_mod::hash::sha256::sha256;

use crate::Store;
use crate::error::StoreError;

/// How long a lock is waited for. Whoever has one holds it for the time of a write.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// The longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_millis(20);

/// The folder of what is done in turn.
pub(crate) const TURNS: &str = "turns";

/// How a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Beside others who only read.
    Shared,
    /// Alone.
    Alone,
}

/// A lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Takes the lock of the file at `path`, which is made if it is not there. None where it cannot even be opened for
/// reading: whoever only reads in a folder that nobody may write needs none.
///
/// # Errors
/// When it is held too long, or cannot be had.
pub(crate) fn lock(path: &Path, hold: Hold, patience: Duration) -> Result<Option<Lock>, StoreError> {
    let file = match open(path, hold) {
        Ok(file) => file,
        Err(error) if hold == Hold::Shared && is_refusal(&error) => return Ok(None),
        Err(error) => return Err(StoreError::io(path)(error)),
    };
    let end = Instant::now() + patience;
    let mut pause = Duration::from_micros(200);
    loop {
        let tried = match hold {
            Hold::Shared => file.try_lock_shared(),
            Hold::Alone => file.try_lock(),
        };
        match tried {
            Ok(()) => return Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                return Err(StoreError::Busy { path: path.to_owned() });
            }
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(MAX_PAUSE);
            }
            Err(TryLockError::Error(error)) if knows_no_locks(&error) => {
                return Err(StoreError::NoLocks { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io(path)(error)),
        }
    }
}

fn open(path: &Path, hold: Hold) -> io::Result<File> {
    let made = OpenOptions::new().create(true).truncate(false).write(true).read(true).open(path);
    match made {
        // a lock beside others needs no right to write
        Err(error) if hold == Hold::Shared && is_refusal(&error) => File::open(path),
        made => made,
    }
}

/// Something that one process does and others wait for, since they will find done what they want.
#[derive(Debug)]
pub struct Turn {
    _lock: Option<Lock>,
    /// Whether another process was at it: what it did may be there now.
    pub waited: bool,
    /// The file by which others say that they wait.
    awaited: PathBuf,
}

impl Turn {
    /// Returns whether somebody waits for what was done, and should find it written when the turn is over.
    pub fn is_awaited(&self) -> bool {
        fs::remove_file(&self.awaited).is_ok()
    }
}

impl Store {
    /// Returns once no other process is at `what`, or after `patience`: then both do it. Where there are no locks, everybody
    /// does everything.
    pub fn turn(&self, what: &str, patience: Duration) -> Turn {
        let name: String =
            sha256(what.as_bytes()).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let folder = self.dir.join(TURNS);
        let [file, awaited] = ["lock", "wait"].map(|kind| folder.join(format!("{name}.{kind}")));
        let take = |patience| {
            let made = fs::create_dir_all(&folder).map_err(StoreError::io(&folder));
            made.and_then(|()| lock(&file, Hold::Alone, patience))
        };
        let (lock, waited) = match take(Duration::ZERO) {
            Err(error) if error.may_pass() => {
                // who is at it may not learn that it is waited for: then it is done twice
                let _ = fs::write(&awaited, "");
                (take(patience), true)
            }
            lock => (lock, false),
        };
        let lock = lock.unwrap_or_else(|error| {
            tracing::info!(what, %error, "not done in turn");
            None
        });
        Turn { _lock: lock, waited, awaited }
    }
}

/// Returns whether the folder, or the file system, may not be written.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind::{NotFound, PermissionDenied, ReadOnlyFilesystem};
    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | NotFound)
}

/// Returns whether `error` says that there are no locks here, as network file systems do.
fn knows_no_locks(error: &io::Error) -> bool {
    /// Linux's ENOLCK and EOPNOTSUPP, and macOS's ENOLCK and ENOTSUP.
    const CODES: &[i32] = if cfg!(target_os = "macos") { &[77, 45] } else { &[37, 95] };
    error.kind() == io::ErrorKind::Unsupported
        || cfg!(unix) && error.raw_os_error().is_some_and(|code| CODES.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_waited_for_and_not_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = lock(&path, Hold::Alone, PATIENCE).unwrap();
        let moment = Duration::from_millis(20);
        assert!(matches!(lock(&path, Hold::Shared, moment), Err(StoreError::Busy { .. })));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| lock(&path, Hold::Alone, PATIENCE).map(drop));
            std::thread::sleep(moment);
            drop(held);
            waits.join().unwrap().unwrap();
        });
        let both = [(); 2].map(|()| lock(&path, Hold::Shared, moment).unwrap());
        assert!(both.iter().all(Option::is_some));
        assert!(matches!(lock(&path, Hold::Alone, moment), Err(StoreError::Busy { .. })));
    }

    #[test]
    fn what_another_process_is_at_is_waited_for_and_not_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), 0).unwrap();
        let moment = Duration::from_millis(50);
        let first = store.turn("https://git.example/a", moment);
        assert!(!first.waited);
        assert!(!store.turn("https://git.example/b", moment).waited);
        // too long: both are at it
        assert!(!first.is_awaited());
        assert!(store.turn("https://git.example/a", moment).waited);
        assert!(first.is_awaited() && !first.is_awaited());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| store.turn("https://git.example/a", PATIENCE).waited);
            std::thread::sleep(moment);
            drop(first);
            assert!(second.join().unwrap());
        });
        assert!(!store.turn("https://git.example/a", moment).waited);
    }
}
