//! Trees of files in memory.

use std::io;

use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

/// Files in memory; a name may stand more than once, and the last one has the content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Files(pub(crate) Vec<(Vec<u8>, Vec<u8>)>);

impl Files {
    pub(crate) fn new<P: AsRef<[u8]>, C: AsRef<[u8]>>(files: impl IntoIterator<Item = (P, C)>) -> Files {
        let owned = |(path, content): (P, C)| (path.as_ref().to_vec(), content.as_ref().to_vec());
        Files(files.into_iter().map(owned).collect())
    }
}

impl FileTree for Files {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let file = |(path, content): &(Vec<u8>, Vec<u8>)| TreeFile {
            path: path.clone(),
            kind: if path.ends_with(b"/") { FileKind::Folder } else { FileKind::Regular },
            size: content.len() as u64,
        };
        Ok(self.0.iter().map(file).collect())
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        let found = self.0.iter().rev().find(|(name, _)| name == path);
        found.map(|(_, content)| Box::new(&content[..]) as _).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A tree whose one file has `size` bytes that are made when they are read, the last of them `last`.
pub(crate) struct Huge {
    pub(crate) name: &'static str,
    pub(crate) size: u64,
    pub(crate) last: u8,
}

struct Made<'a> {
    of: &'a Huge,
    at: u64,
}

impl io::Read for Made<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.of.size - self.at;
        let read = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        buffer[..read].fill(b'x');
        self.at += read as u64;
        if read > 0 && self.at == self.of.size {
            buffer[read - 1] = self.of.last;
        }
        Ok(read)
    }
}

impl FileTree for Huge {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        Ok(vec![TreeFile { path: self.name.into(), kind: FileKind::Regular, size: self.size }])
    }

    fn open(&self, _: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        Ok(Box::new(Made { of: self, at: 0 }))
    }
}
