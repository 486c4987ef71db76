//! Opening what is in a folder that anybody may have filled.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens the file at `path`. What is none, such as a pipe, could keep its reader waiting for ever; a folder is opened, as
/// reading it fails by itself.
///
/// # Errors
/// When it is not there, cannot be opened, or is neither a file nor a folder.
pub fn open(path: &Path) -> io::Result<File> {
    let metadata = path.metadata()?;
    match metadata.is_file() || metadata.is_dir() {
        true => File::open(path),
        false => Err(io::Error::other("no regular file")),
    }
}
