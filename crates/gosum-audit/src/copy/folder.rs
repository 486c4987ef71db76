//! A folder on disk as a tree of files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

/// The files below a folder. Links are followed when files are read, and nowhere else.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Returns the tree below `root`.
    pub fn new(root: PathBuf) -> Folder {
        Folder(root)
    }
}

impl FileTree for Folder {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let mut files = Vec::new();
        let mut folders = vec![(self.0.clone(), Vec::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| about(&folder, &error))? {
                let entry = entry.map_err(|error| about(&folder, &error))?;
                let path = [&prefix[..], &name(&entry)?].concat();
                // of the entry itself: a link is a link
                let metadata = entry.metadata().map_err(|error| about(&entry.path(), &error))?;
                if metadata.is_dir() {
                    folders.push((entry.path(), [&path[..], b"/"].concat()));
                } else {
                    files.push(TreeFile { path, kind: kind(&metadata), size: metadata.len() });
                }
            }
        }
        Ok(files)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        let path = self.0.join(os_path(path)?);
        // to open a pipe would wait for its other end
        let metadata = fs::metadata(&path).map_err(|error| about(&path, &error))?;
        if !metadata.is_file() {
            return Err(about(&path, &io::Error::other("not a regular file")));
        }
        File::open(&path)
            .map(|file| Box::new(file) as Box<dyn io::Read>)
            .map_err(|error| about(&path, &error))
    }
}

fn kind(metadata: &fs::Metadata) -> FileKind {
    if metadata.is_symlink() {
        FileKind::Symlink
    } else if metadata.is_file() {
        FileKind::Regular
    } else {
        FileKind::Other
    }
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(unix)]
fn name(entry: &fs::DirEntry) -> io::Result<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt as _;
    Ok(entry.file_name().into_vec())
}

#[cfg(unix)]
fn os_path(path: &[u8]) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(path)))
}

#[cfg(not(unix))]
fn name(entry: &fs::DirEntry) -> io::Result<Vec<u8>> {
    let not_unicode =
        |_| about(&entry.path(), &io::Error::new(io::ErrorKind::InvalidFilename, "not Unicode"));
    entry.file_name().into_string().map(String::into_bytes).map_err(not_unicode)
}

#[cfg(not(unix))]
fn os_path(path: &[u8]) -> io::Result<PathBuf> {
    let text = str::from_utf8(path).map_err(|_| io::Error::from(io::ErrorKind::InvalidFilename))?;
    Ok(text.split('/').collect())
}
