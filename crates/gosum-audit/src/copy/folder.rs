//! A folder on disk as a tree of files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use gosum_mod::name::id::ModuleVersion;
use gosum_mod::setting::private::TOOLCHAIN;
use gosum_mod::zip::limits::{MAX_ZIP, read_bounded};
use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

/// The files below a folder. Links are followed when files are read, and nowhere else.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    is_toolchain: bool,
}

impl Folder {
    /// Returns the tree below `root`.
    pub fn new(root: PathBuf) -> Folder {
        Folder { root, is_toolchain: false }
    }

    /// Returns the tree that the go command unpacked `module` to in `root`: without what it adds itself to that of a toolchain,
    /// a copy of each `_go.mod` as `go.mod` (spec 04 §8).
    pub fn unpacked(root: PathBuf, module: &ModuleVersion) -> Folder {
        Folder { root, is_toolchain: module.path().as_str() == TOOLCHAIN }
    }

    /// Returns whether the file at `path`, a go.mod, is a copy of the `_go.mod` beside it.
    pub(crate) fn is_copy_of_original(&self, path: &[u8]) -> io::Result<bool> {
        let Some(original) = original(path) else { return Ok(false) };
        let read = |path: &[u8]| match self.open(path) {
            Ok(mut file) => read_bounded(&mut *file, MAX_ZIP).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let copy = read(path)?;
        Ok(copy.is_some() && copy == read(&original)?)
    }
}

/// Returns of which file that at `path` may be a copy that the go command made.
pub(crate) fn original(path: &[u8]) -> Option<Vec<u8>> {
    let parent = path.strip_suffix(b"go.mod").filter(|parent| parent.is_empty() || parent.ends_with(b"/"))?;
    Some([parent, b"_go.mod"].concat())
}

impl FileTree for Folder {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let mut files = Vec::new();
        let mut folders = vec![(self.root.clone(), Vec::new())];
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
        if self.is_toolchain {
            let mut kept = Vec::with_capacity(files.len());
            for file in files {
                if file.kind != FileKind::Regular || !self.is_copy_of_original(&file.path)? {
                    kept.push(file);
                }
            }
            return Ok(kept);
        }
        Ok(files)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        let path = self.root.join(os_path(path)?);
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
