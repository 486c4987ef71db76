//! The files of a module that is not in a zip.

use std::io;

use crate::hash::batch::digest_all;
use crate::hash::dirhash::{NewlineInName, has_newline, hash1_below};
use crate::hash::h1::H1;
use crate::hash::sha256::{Digest, Sha256};
use crate::name::text::Text;

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Where it is below the root, elements separated by slashes.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: FileKind,
    /// The size of its content in bytes.
    pub size: u64,
}

/// What a file is, in itself: a link is a link whatever it points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A file with content, executable or not.
    Regular,
    /// A symbolic link.
    Symlink,
    /// A folder.
    Folder,
    /// Anything else, such as a device or a socket.
    Other,
}

/// A tree of files that can be listed and read.
pub trait FileTree: Sync {
    /// Returns everything below the root, in any order, hidden files too. Folders may be left out.
    ///
    /// # Errors
    /// When the root is not a folder, or it or a folder below it cannot be listed.
    fn list(&self) -> io::Result<Vec<TreeFile>>;

    /// Returns the content of the file at `path`, which is one that the list names. Links are followed.
    ///
    /// # Errors
    /// When there is nothing at the end of a link, or it cannot be opened.
    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>>;
}

/// A tree that has no hash.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// It cannot be listed.
    #[error("cannot list the files")]
    List(#[source] io::Error),
    /// A name cannot be hashed.
    #[error(transparent)]
    Name(#[from] NewlineInName),
    /// A file cannot be read.
    #[error("cannot read {name:?}")]
    Read {
        /// The name of the file below the root.
        name: Text,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Returns the h1 of a tree, each path prefixed by `prefix` and a slash: for an unpacked module, what its zip hashes
/// to if `prefix` is `path@version` (spec 02 §1).
///
/// Everything that is not a folder counts, hidden files and nested modules too, and a link counts as the file it
/// points to. Reads on all threads of the current pool if there is enough to do.
///
/// # Errors
/// When the tree cannot be listed; else, in the order of paths, at the first name with a newline or file that cannot
/// be read, such as a link to a folder or to nothing.
pub fn tree_h1(tree: &dyn FileTree, prefix: &str) -> Result<H1, TreeError> {
    let mut files = tree.list().map_err(TreeError::List)?;
    files.retain(|file| file.kind != FileKind::Folder);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let newline = files.iter().position(|file| has_newline(&file.path));
    let named = &files[..newline.unwrap_or(files.len())];
    let buffer = || vec![0; 64 << 10];
    let digests = digest_all(
        named,
        |file| file.size,
        buffer,
        |buffer, file| {
            digest(tree, &file.path, buffer)
                .map_err(|source| TreeError::Read { name: file.path.as_slice().into(), source })
        },
    )?;
    if let Some(at) = newline {
        return Err(NewlineInName { name: files[at].path.as_slice().into() }.into());
    }
    Ok(hash1_below(&format!("{prefix}/"), named.iter().map(|file| &file.path).zip(digests))?)
}

fn digest(tree: &dyn FileTree, path: &[u8], buffer: &mut [u8]) -> io::Result<Digest> {
    let mut content = tree.open(path)?;
    let mut hash = Sha256::new();
    loop {
        match content.read(buffer) {
            Ok(0) => return Ok(hash.finish()),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
