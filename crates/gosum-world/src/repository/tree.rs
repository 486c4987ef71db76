//! Git's tree objects.

use std::collections::BTreeMap;

use super::files::{File, Files};
use super::object::{ObjectId, ObjectKind};
use super::{Repository, mode};

/// An entry of a tree object, with any bytes in the place of its mode and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// The mode, in octal digits as git writes them: see [`mode`].
    pub mode: Vec<u8>,
    /// The name. Git allows neither a slash nor `..` in it, but nothing stops a hostile repository.
    pub name: Vec<u8>,
    /// What the entry leads to.
    pub id: ObjectId,
}

impl TreeEntry {
    /// Returns the entry of these parts.
    pub fn new(mode: &str, name: impl Into<Vec<u8>>, id: ObjectId) -> TreeEntry {
        TreeEntry { mode: mode.as_bytes().to_vec(), name: name.into(), id }
    }
}

/// Returns the content of a tree object that has exactly these entries, in this order.
pub(super) fn content(entries: &[TreeEntry]) -> Vec<u8> {
    let mut content = Vec::new();
    for entry in entries {
        content.extend_from_slice(&entry.mode);
        content.push(b' ');
        content.extend_from_slice(&entry.name);
        content.push(0);
        content.extend_from_slice(entry.id.as_bytes());
    }
    content
}

/// Returns the entries of a tree object whose ids have `id_length` bytes, up to the first that cannot be read.
pub(crate) fn entries(mut content: &[u8], id_length: usize) -> Vec<TreeEntry> {
    let mut entries = Vec::new();
    while let Some((entry, rest)) = entry(content, id_length) {
        entries.push(entry);
        content = rest;
    }
    entries
}

fn entry(content: &[u8], id_length: usize) -> Option<(TreeEntry, &[u8])> {
    let space = content.iter().position(|&byte| byte == b' ')?;
    let (mode, rest) = (&content[..space], &content[space + 1..]);
    let end = rest.iter().position(|&byte| byte == 0)?;
    let (name, rest) = (&rest[..end], &rest[end + 1..]);
    let id = ObjectId::from_bytes(rest.get(..id_length)?)?;
    Some((TreeEntry { mode: mode.to_vec(), name: name.to_vec(), id }, &rest[id_length..]))
}

/// Writes the trees and blobs of `files`. Returns the id of the root.
pub(super) fn write(repository: &mut Repository, files: &Files) -> ObjectId {
    let mut entries = Vec::new();
    let mut folders: BTreeMap<&str, Files> = BTreeMap::new();
    for (path, file) in files.iter() {
        if let Some((folder, _)) = path.split_once('/') {
            folders.entry(folder).or_insert_with(|| files.below(folder));
            continue;
        }
        let (mode, id) = match file {
            File::Regular(content) => (mode::REGULAR, repository.write(ObjectKind::Blob, content)),
            File::Executable(content) => (mode::EXECUTABLE, repository.write(ObjectKind::Blob, content)),
            File::Symlink(target) => (mode::SYMLINK, repository.write(ObjectKind::Blob, target)),
            File::Submodule(commit) => (mode::SUBMODULE, *commit),
        };
        entries.push(TreeEntry::new(mode, path, id));
    }
    for (folder, files) in folders {
        let id = write(repository, &files);
        entries.push(TreeEntry::new(mode::FOLDER, folder, id));
    }
    entries.sort_by_key(sort_key);
    repository.write_tree(&entries)
}

/// Git sorts a folder as if its name ended with a slash.
fn sort_key(entry: &TreeEntry) -> Vec<u8> {
    let mut key = entry.name.clone();
    if entry.mode == mode::FOLDER.as_bytes() {
        key.push(b'/');
    }
    key
}
