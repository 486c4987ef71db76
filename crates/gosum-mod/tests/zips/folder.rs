//! A folder on disk as a tree of files.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::{fs, os};

use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

/// A folder that is removed in the end.
pub(crate) struct Folder(tempfile::TempDir);

/// A folder that could not be made as it was to be.
#[derive(Debug)]
pub(crate) struct Unmakeable;

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &[u8]) -> PathBuf {
        self.0.path().join(OsStr::from_bytes(name))
    }

    /// Makes what `kind` says at `name`, and the folders above it; fails where something is already.
    pub(crate) fn make(&self, name: &[u8], kind: FileKind, text: &[u8]) -> Result<(), Unmakeable> {
        let path = self.path(name);
        if path.symlink_metadata().is_ok() {
            return Err(Unmakeable);
        }
        fs::create_dir_all(path.parent().unwrap())?;
        match kind {
            FileKind::Regular => fs::write(path, text)?,
            FileKind::Symlink => os::unix::fs::symlink(OsStr::from_bytes(text), path)?,
            FileKind::Folder => fs::create_dir(path)?,
            FileKind::Other => return Err(Unmakeable),
        }
        Ok(())
    }
}

impl From<io::Error> for Unmakeable {
    fn from(_: io::Error) -> Self {
        Unmakeable
    }
}

impl FileTree for Folder {
    /// In the order of Go's walk, folders before what is in them.
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let mut files = Vec::new();
        walk(self.0.path(), b"", &mut files)?;
        Ok(files)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        Ok(Box::new(fs::File::open(self.path(path))?))
    }
}

fn walk(folder: &Path, prefix: &[u8], files: &mut Vec<TreeFile>) -> io::Result<()> {
    let mut names: Vec<_> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().into_vec())).collect::<io::Result<_>>()?;
    names.sort();
    for name in names {
        let at = folder.join(OsStr::from_bytes(&name));
        let metadata = at.symlink_metadata()?;
        let kind = match metadata.file_type() {
            kind if kind.is_file() => FileKind::Regular,
            kind if kind.is_symlink() => FileKind::Symlink,
            kind if kind.is_dir() => FileKind::Folder,
            _ => FileKind::Other,
        };
        let path = [prefix, &name].concat();
        files.push(TreeFile { path: path.clone(), kind, size: metadata.len() });
        if kind == FileKind::Folder {
            walk(&at, &[&path, b"/".as_slice()].concat(), files)?;
        }
    }
    Ok(())
}
