//! Reading files of a tree within bounds.

use std::io::Read as _;

use gosum_mod::zip::tree::FileTree;

/// How much of one file is read.
const MAX_FILE: u64 = 16 << 20;
/// How much is read of all files.
const MAX_ALL: u64 = 1 << 30;

/// A file, or the beginning of it.
pub(super) struct Beginning {
    pub(super) text: Vec<u8>,
    /// Whether there is more of the file.
    pub(super) is_cut: bool,
}

pub(super) struct Reader<'a> {
    tree: &'a dyn FileTree,
    left: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tree: &'a dyn FileTree) -> Reader<'a> {
        Reader { tree, left: MAX_ALL }
    }

    /// Returns the file at `path`; nothing where it cannot be read, or too much has been.
    pub(super) fn read(&mut self, path: &[u8]) -> Option<Beginning> {
        let most = MAX_FILE.min(self.left);
        if most == 0 {
            return None;
        }
        let mut text = Vec::new();
        self.tree.open(path).ok()?.take(most + 1).read_to_end(&mut text).ok()?;
        let is_cut = text.len() as u64 > most;
        if is_cut {
            text.pop();
        }
        self.left -= text.len() as u64;
        Some(Beginning { text, is_cut })
    }
}
