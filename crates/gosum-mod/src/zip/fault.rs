//! What can be wrong with a file of a module zip.

use super::limits::{MAX_GO_MOD, MAX_LICENSE};
use super::name::Collision;
use crate::name::path::PathError;
use crate::name::text::Text;

/// A file that makes a module invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFile {
    /// Which of the files that were checked.
    pub index: usize,
    /// Its name.
    pub name: Text,
    /// The first thing that is wrong with it.
    pub fault: FileFault,
}

/// Why a file makes a module invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileFault {
    /// The name of an entry does not start with `path@version/`.
    #[error("outside the module's folder")]
    Outside,
    /// It has `.`, `..`, or a slash too many.
    #[error("path is not clean")]
    NotClean,
    /// It starts with a slash.
    #[error("path is not relative")]
    Absolute,
    /// It is not a file path of a module.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It does not go together with an earlier file.
    #[error(transparent)]
    Collision(#[from] Collision),
    /// It is named `go.mod`, in upper or lower case, and not at the root.
    #[error("go.mod file not at the root of the module")]
    NestedGoMod,
    /// It is named like `Go.Mod`.
    #[error("go.mod not in lower case")]
    GoModCase,
    /// The go.mod or LICENSE file at the root is too large.
    #[error("larger than {max} bytes")]
    TooLarge {
        /// The limit.
        max: u64,
    },
}

/// Checks the size of the file at `path`, below the root of a module.
///
/// Go holds a size as a signed number: one beyond 2^63 is negative there, and too large only for the total.
pub(super) fn check_size(path: &str, size: u64) -> Result<(), FileFault> {
    let max = match path {
        "go.mod" => MAX_GO_MOD,
        "LICENSE" => MAX_LICENSE,
        _ => return Ok(()),
    };
    if size > max && i64::try_from(size).is_ok() { Err(FileFault::TooLarge { max }) } else { Ok(()) }
}
