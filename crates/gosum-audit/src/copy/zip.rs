//! The files in a module zip, as a tree.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::content::ContentReader;
use gosum_mod::zip::source::ReadAt;
use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

use super::pull::pulled;

/// The files in a zip, each by its name below the module's folder. Nothing is unpacked to a name on disk.
///
/// An entry outside the folder stands under its whole name. One that ends in a slash is listed, as the hash counts it.
/// Of entries with one name the last is read.
#[derive(Debug)]
pub struct ZipFiles<R> {
    archive: Archive<R>,
    /// What names begin with, its slash included.
    folder: Vec<u8>,
    /// The last entry of each path.
    entries: HashMap<Vec<u8>, usize>,
    readers: Mutex<Vec<ContentReader>>,
    temp: Option<PathBuf>,
}

impl<R: ReadAt> ZipFiles<R> {
    /// Returns the files of `module` in `archive`. What is large goes to a temporary file in `temp` while it is read, or in
    /// the system's folder for them when there is none.
    pub fn new(archive: Archive<R>, module: &ModuleVersion, temp: Option<PathBuf>) -> ZipFiles<R> {
        ZipFiles::below(archive, format!("{module}/").into_bytes(), temp)
    }

    /// As [`ZipFiles::new`], for whatever module the zip holds.
    pub fn of_any(archive: Archive<R>, temp: Option<PathBuf>) -> ZipFiles<R> {
        let folder = folder(&archive).unwrap_or_default();
        ZipFiles::below(archive, folder, temp)
    }

    fn below(archive: Archive<R>, folder: Vec<u8>, temp: Option<PathBuf>) -> ZipFiles<R> {
        let path = |name: &[u8]| path(&folder, name).to_vec();
        let entries =
            archive.entries().enumerate().map(|(index, entry)| (path(entry.name()), index)).collect();
        ZipFiles { archive, folder, entries, readers: Mutex::default(), temp }
    }

    /// Returns the module version whose folder all entries lie in, if there is one.
    pub fn module(&self) -> Option<ModuleVersion> {
        let folder = self.folder.strip_suffix(b"/")?;
        ModuleVersion::parse(str::from_utf8(folder).ok()?).ok()
    }

    /// Returns the archive.
    pub fn archive(&self) -> &Archive<R> {
        &self.archive
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<ContentReader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: ReadAt> FileTree for ZipFiles<R> {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let file = |entry: gosum_mod::zip::archive::Entry<'_, R>| TreeFile {
            path: path(&self.folder, entry.name()).to_vec(),
            kind: if entry.is_dir() { FileKind::Folder } else { FileKind::Regular },
            size: entry.size(),
        };
        Ok(self.archive.entries().map(file).collect())
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        let entry = self.entries.get(path).and_then(|index| self.archive.entry(*index));
        let entry = entry.ok_or(io::ErrorKind::NotFound)?;
        let mut reader = self.readers().pop().unwrap_or_default();
        let content = pulled(entry.size(), self.temp.as_deref(), |take| {
            entry.read(&mut reader, take).map_err(io::Error::other)
        });
        self.readers().push(reader);
        content.map(|content| content as Box<dyn io::Read>)
    }
}

/// Returns the path of an entry below the folder; the whole name of one that is not below it.
fn path<'n>(folder: &[u8], name: &'n [u8]) -> &'n [u8] {
    name.strip_prefix(folder).filter(|path| !path.is_empty()).unwrap_or(name)
}

/// Returns the folder `path@version/` that all entries lie in, if there is one.
fn folder<R: ReadAt>(archive: &Archive<R>) -> Option<Vec<u8>> {
    let first = archive.entries().next()?.name();
    let at = first.iter().position(|&byte| byte == b'@')?;
    let slash = at + first[at..].iter().position(|&byte| byte == b'/')?;
    let folder = &first[..=slash];
    archive.entries().all(|entry| entry.name().starts_with(folder)).then(|| folder.to_vec())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use gosum_mod::zip::hash::zip_h1;
    use gosum_mod::zip::tree::tree_h1;

    use super::*;

    const MODULE: &str = "example.com/a@v1.0.0";

    fn files(entries: &[(&str, &str)]) -> ZipFiles<Vec<u8>> {
        let named = entries.iter().map(|(name, text)| (format!("{MODULE}/{name}"), *text));
        let zip = gosum_world::release::zip(named);
        ZipFiles::new(Archive::open(zip).unwrap(), &ModuleVersion::parse(MODULE).unwrap(), None)
    }

    fn text(files: &ZipFiles<Vec<u8>>, path: &str) -> String {
        let mut text = String::new();
        files.open(path.as_bytes()).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_tree_over_a_zip_has_the_hash_of_the_zip() {
        let files = files(&[("go.mod", "module example.com/a\n"), ("a/b.go", "package b\n"), ("empty", "")]);
        assert_eq!(tree_h1(&files, MODULE).unwrap(), zip_h1(files.archive()).unwrap());
        assert_eq!(text(&files, "a/b.go"), "package b\n");
        assert_eq!(files.open(b"a").err().unwrap().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn finds_the_module_by_the_names() {
        let archive = |names: &[&str]| {
            let zip = gosum_world::release::zip(names.iter().map(|name| (*name, "")));
            ZipFiles::of_any(Archive::open(zip).unwrap(), None)
        };
        let one = archive(&["example.com/a@v1.0.0/x", "example.com/a@v1.0.0/y/z"]);
        assert_eq!(one.module().unwrap().to_string(), MODULE);
        assert_eq!(one.list().unwrap()[1].path, b"y/z");
        let two = archive(&["example.com/a@v1.0.0/x", "x"]);
        assert!(two.module().is_none());
        assert_eq!(two.list().unwrap()[0].path, b"example.com/a@v1.0.0/x");
        assert!(archive(&["x/y"]).module().is_none());
    }
}
