//! Why the store could not be used.

use std::io;
use std::path::PathBuf;

/// Why the store could not be used. Nothing of it is an answer: an audit goes on without.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Other processes hold it for longer than is waited.
    #[error("{} is held by another process", path.display())]
    Busy {
        /// What is held.
        path: PathBuf,
    },
    /// The file system knows no locks, so that two processes could spoil each other's work.
    #[error("the file system of {} cannot lock files", path.display())]
    NoLocks {
        /// What was to be locked.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("cannot use {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The database cannot be used, though its file is not known to be broken.
    #[error("cannot use {}: {reason}", path.display())]
    Database {
        /// Its file.
        path: PathBuf,
        /// Why, in the words of the database.
        reason: String,
    },
}

impl StoreError {
    /// Returns whether it may be otherwise in a moment.
    pub fn may_pass(&self) -> bool {
        matches!(self, StoreError::Busy { .. })
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> StoreError {
        let path = path.into();
        move |source| StoreError::Io { path, source }
    }
}
