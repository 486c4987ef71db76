//! A folder on disk as a tree of files.

use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::{ffi, fs};

use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    /// Returns the paths of all files, sorted.
    pub(crate) fn paths(&self) -> Vec<Vec<u8>> {
        let mut paths: Vec<_> = self.list().unwrap().into_iter().map(|file| file.path).collect();
        paths.sort();
        paths
    }

    fn walk(&self, folder: &Path, files: &mut Vec<TreeFile>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, metadata) = (entry.path(), entry.metadata()?);
            if metadata.is_dir() {
                self.walk(&path, files)?;
                continue;
            }
            let below = path.strip_prefix(&self.0).map_err(io::Error::other)?;
            let path = below.as_os_str().to_owned().into_vec();
            files.push(TreeFile { path, kind: FileKind::Regular, size: metadata.len() });
        }
        Ok(())
    }
}

impl FileTree for Folder {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let mut files = Vec::new();
        self.walk(&self.0, &mut files)?;
        Ok(files)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(fs::File::open(self.0.join(ffi::OsStr::from_bytes(path)))?))
    }
}
