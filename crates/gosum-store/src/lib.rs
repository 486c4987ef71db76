//! The evidence store: what was seen, when and where, kept from one run to the next.
//!
//! What is kept, and why it is believed again:
//!
//! - **Answers** of a source on an artifact: a hash that was recomputed from bytes, or that there is none; never one that could
//!   not be had or must not be believed. The key is all on which it depends who is asked, so that no source answers in the name
//!   of another. Each has the time at which it was seen. Whoever reads them decides whether that is recent enough; a time that is
//!   yet to come never is.
//! - **Contents** of commits: what a module version hashes to in a commit, by the commit's id. That is so for good.
//! - **Sightings**: to which commit a tag led, and when it was seen to. What was seen first is kept for good, since nobody can be
//!   asked for it again.
//!
//! All but the sightings, which lie in a database of their own, can be lost without harm: it is asked for again.
//!
//! - The database is opened for a batch and closed at once, under a lock of its own, which is waited for and not for ever: never
//!   while somebody waits for the network. Where there are no locks there is no store.
//! - Beside it lies a seal, its length and checksum when it was closed. What is not as its seal says, since a process was killed
//!   or somebody else wrote there, is examined page by page; what is broken is set aside, and never believed.
//! - A repository that another process fetches from is waited for, and then what that one learned is enough.
//! - The folder's name has the number of the form of all that is in it. A program of another form uses another folder.
//! - No clock is read: the time is handed in. No network is asked.
//!
//! ```
//! use gosum_evidence::evidence::{Answer, Evidence};
//! use gosum_evidence::subject::Subject;
//! use gosum_mod::hash::h1::H1;
//! use gosum_mod::name::id::{Artifact, ModuleVersion};
//! use gosum_store::{Given, SourceKey, Store};
//!
//! let dir = tempfile::tempdir()?;
//! let store = Store::open(dir.path(), 1_795_694_400)?;
//! let source = SourceKey::new("proxy https://proxy.example".into());
//! let subject = Subject::new(ModuleVersion::parse("example.com/a@v1.0.0")?, Artifact::Zip);
//! let evidence = Evidence::from(Answer::hash(H1::new([0; 32])));
//! store.keep_answers(&[Given { source: source.clone(), subject: subject.clone(), evidence: evidence.clone() }])?;
//! let kept = store.answers(&source, &[subject])?.remove(0).expect("it was kept");
//! assert_eq!((kept.seen, kept.evidence), (1_795_694_400, evidence));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod error;
mod index;
mod keeper;
mod lock;
mod prune;
mod record;
mod sighting;
mod usage;

use std::path::{Path, PathBuf};

use redb::{ReadOnlyTable, ReadTransaction, TableError};

pub use crate::answer::{Given, SourceKey};
pub use crate::error::StoreError;
use crate::index::{Index, Table};
pub use crate::keeper::Keeper;
pub use crate::lock::Turn;
use crate::lock::{Hold, PATIENCE, lock};
pub use crate::prune::{Bounds, DEFAULT_BYTES, Pruned};
pub use crate::record::Kept;
pub use crate::sighting::{Sight, Sighting};
pub use crate::usage::{Answers, Room, Usage};

/// The number of the form of all that is kept. One that is changed gets the next number, and with it another folder.
const FORM: u32 = 1;

/// The same of sightings. The next one takes over what is in the folder of this one.
const SIGHTINGS_FORM: u32 = 1;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// The evidence store.
#[derive(Debug)]
pub struct Store {
    /// The folder that is shared with others who keep things.
    cache: PathBuf,
    /// The folder in it that is the store's own.
    dir: PathBuf,
    /// What time it is, in seconds since 1970, UTC.
    now: i64,
    /// What can be asked for again.
    evidence: Index,
    /// What cannot.
    sightings: Index,
}

impl Store {
    /// Returns the store in the folder `cache` at the time `now`, in seconds since 1970, UTC. A folder that is not there is made
    /// when something is kept.
    ///
    /// # Errors
    /// When files cannot be locked there.
    pub fn open(cache: &Path, now: i64) -> Result<Store, StoreError> {
        let dir = cache.join(format!("evidence-{FORM}"));
        let evidence = Index::new(&dir, "answers", now);
        let sightings = Index::new(&cache.join(format!("sightings-{SIGHTINGS_FORM}")), "sightings", now);
        if dir.is_dir() {
            lock(&dir.join("answers.lock"), Hold::Shared, PATIENCE)?;
        }
        Ok(Store { cache: cache.to_owned(), dir, now, evidence, sightings })
    }

    /// Returns what time it is, in seconds since 1970, UTC.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Returns what the user should know of, once: files that were set aside.
    pub fn take_notices(&self) -> Vec<String> {
        self.evidence.take_notices().into_iter().chain(self.sightings.take_notices()).collect()
    }

    /// Returns that whoever writes has panicked: a fault, and no reason to lose what an audit found.
    fn writer_gone(&self) -> StoreError {
        let reason = "the thread that writes is gone, which is a fault of gosum".to_owned();
        StoreError::Database { path: self.evidence.file(), reason }
    }

    fn today(&self) -> u32 {
        u32::try_from(self.now / SECONDS_A_DAY).unwrap_or(0)
    }
}

/// The rows of a table.
type Rows = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// Returns the rows of `table`, if there is such a table.
fn rows(transaction: &ReadTransaction, table: Table) -> Result<Option<Rows>, redb::Error> {
    match transaction.open_table(table) {
        Ok(rows) => Ok(Some(rows)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
