//! Sizes that the go command refuses to exceed (spec 02 §2, §4).

use std::io::{self, Read};

/// The largest module zip, in bytes, and the most that the files in it may have together: 500 MiB.
pub const MAX_ZIP: u64 = 500 << 20;

/// The largest go.mod file at the root of a module: 16 MiB.
pub const MAX_GO_MOD: u64 = 16 << 20;

/// The largest LICENSE file at the root of a module: 16 MiB.
pub const MAX_LICENSE: u64 = 16 << 20;

/// A module that is too large as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SizeError {
    /// The zip itself.
    #[error("zip has {size} bytes, more than the {MAX_ZIP} that the go command accepts")]
    Zip {
        /// Its size.
        size: u64,
    },
    /// The files together.
    #[error("files have together more than the {MAX_ZIP} bytes that the go command accepts")]
    Files,
}

/// Adds up the sizes of files.
#[derive(Debug, Default)]
pub(super) struct Total {
    sum: u64,
    exceeded: bool,
}

impl Total {
    /// Counts a file, unless it would exceed [`MAX_ZIP`]: then only that is noted.
    pub(super) fn add(&mut self, size: u64) {
        if size <= MAX_ZIP - self.sum {
            self.sum += size;
        } else {
            self.exceeded = true;
        }
    }

    /// Returns the error, if there was a file too many.
    pub(super) fn error(&self) -> Option<SizeError> {
        self.exceeded.then_some(SizeError::Files)
    }
}

/// Returns all that `from` holds.
///
/// # Errors
/// When it cannot be read, or holds more than `max` bytes.
pub fn read_bounded(from: &mut dyn Read, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {max} bytes")));
    }
    Ok(bytes)
}
