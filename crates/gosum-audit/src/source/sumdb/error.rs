//! Why a checksum database gave no hash.

use std::path::PathBuf;

use gosum_evidence::evidence::Answer;
use gosum_fetch::FetchError;
use gosum_fetch::retry::{Advice, Passing, status_advice};
use gosum_tlog::note::NoteError;
use gosum_tlog::record::RecordError;
use gosum_tlog::tile::TileError;
use gosum_tlog::tree::{CheckError, TreeHeadError};

use crate::source::said::Refusal;

/// Why a lookup gave no lines.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum LookupError {
    /// It answered with a status that is no success.
    #[error("{0}")]
    Refused(Refusal),
    /// No answer, or none that is whole.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The body could not be read.
    #[error("{url}: {reason}")]
    Read { url: String, reason: String },
    /// No proxy of GOPROXY says whether it helps to reach the database.
    #[error("no way to the checksum database: {0}")]
    NoWay(String),
    /// The newest tree head of an earlier run cannot be read, or does not stand still.
    #[error("cannot use the newest tree head in {file}: {reason}")]
    Keep { file: String, reason: String },
    /// What is kept of an earlier run is no tree head of this database.
    #[error("the newest tree head kept in {file} is none: {source}")]
    Kept { file: String, source: HeadError },
    /// A tile did not come that a proof needs.
    #[error("a tile is missing that the proof needs: {0}")]
    NoTile(String),
    /// The reply is no record.
    #[error("the checksum database's answer is malformed: {0}")]
    Record(RecordError),
    /// The tree head in the reply is none that the database has signed.
    #[error("the checksum database's tree head is not to be believed: {0}")]
    Head(HeadError),
    /// The record would be behind the end of the log.
    #[error("the checksum database's record {id} is not in its tree of {size} records")]
    OutOfRange { id: i64, size: u64 },
    /// The tree has another record under this number.
    #[error("the checksum database's record is not the one in its tree: {0}")]
    Mismatch(CheckError),
    /// Tiles that do not belong to the signed tree.
    #[error("the checksum database's tiles are not those of its signed tree: {0}")]
    Tile(TileError),
    /// Two signed trees, neither of which is the beginning of the other.
    #[error("the checksum database has signed two trees that contradict each other, of {older} and {newer} records{}", kept(.evidence))]
    Fork { older: u64, newer: u64, evidence: Option<PathBuf> },
    /// The proven record has no hash of what was asked about.
    #[error("the checksum database's proven record says nothing of {0}")]
    NoLine(String),
}

/// What is wrong with a tree head.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum HeadError {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error(transparent)]
    Tree(#[from] TreeHeadError),
}

fn kept(evidence: &Option<PathBuf>) -> String {
    evidence.as_ref().map_or(String::new(), |file| format!("; both are kept in {}", file.display()))
}

impl LookupError {
    /// Returns the answer that this is. What a checksum database says against its own signature is no failure to answer.
    pub(super) fn answer(&self) -> Answer {
        let why = self.to_string();
        match self {
            LookupError::Refused(Refusal { status: 404 | 410, .. }) => Answer::Absent(why.into()),
            LookupError::Refused(_)
            | LookupError::Fetch(_)
            | LookupError::Read { .. }
            | LookupError::NoWay(_)
            | LookupError::Keep { .. }
            | LookupError::Kept { .. }
            | LookupError::NoTile(_) => Answer::Unavailable(why.into()),
            LookupError::Record(_)
            | LookupError::Head(_)
            | LookupError::OutOfRange { .. }
            | LookupError::Mismatch(_)
            | LookupError::Tile(_)
            | LookupError::Fork { .. }
            | LookupError::NoLine(_) => Answer::Untrusted(why.into()),
        }
    }
}

impl Passing for LookupError {
    fn advice(&self) -> Advice {
        match self {
            LookupError::Refused(refusal) => status_advice(refusal.status, refusal.retry_after.as_deref()),
            LookupError::Fetch(error) => error.advice(),
            _ => Advice::Final,
        }
    }
}
