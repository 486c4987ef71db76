//! What is wrong with a pack.

use std::io;

use crate::ObjectId;
use crate::limits::Bound;

/// Why a pack gave no objects.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// It ends before its last object or its checksum.
    #[error("the pack ends early")]
    Truncated,
    /// What came is no pack, or one of a version that git does not write.
    #[error("not a pack of version 2")]
    NotAPack,
    /// An object that cannot be read.
    #[error("object at byte {offset} of the pack: {reason}")]
    Corrupt {
        /// Where the object begins.
        offset: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The checksum at the end is not that of the bytes before.
    #[error("the checksum of the pack is wrong")]
    Checksum,
    /// Something follows the pack.
    #[error("data after the pack")]
    Trailing,
    /// An object is made from another one that is not there.
    #[error("object {id}, from which another is made, is missing")]
    MissingBase {
        /// The other one.
        id: ObjectId,
    },
    /// An object was made to have the SHA-1 of another one.
    #[error("object at byte {offset} of the pack: made for a SHA-1 collision")]
    Collision {
        /// Where the object begins.
        offset: u64,
    },
    /// A bound was passed.
    #[error("more than {max} {bound}")]
    Limit {
        /// Which.
        bound: Bound,
        /// Its value.
        max: u64,
    },
    /// The connection gave no more.
    #[error("cannot read the pack")]
    Read(#[source] io::Error),
    /// The pack cannot be kept.
    #[error("cannot keep the pack in a temporary file")]
    Spool(#[source] io::Error),
}
