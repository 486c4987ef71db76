//! The files of a commit, or of a module.

use std::collections::BTreeMap;

use super::object::ObjectId;

/// A file as git keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum File {
    /// An ordinary file.
    Regular(Vec<u8>),
    /// A file that can be run.
    Executable(Vec<u8>),
    /// A symbolic link to what the bytes name.
    Symlink(Vec<u8>),
    /// A commit of another repository.
    Submodule(ObjectId),
}

/// Files by their paths, elements separated by slashes.
///
/// ```
/// use gosum_world::repository::Files;
///
/// let first = Files::new().file("go.mod", "module example.com/a\n").file("a.go", "package a\n");
/// let second = first.clone().file("a.go", "package a // changed\n").symlink("link", "a.go");
/// assert_eq!(second.iter().count(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Files(BTreeMap<String, File>);

impl Files {
    /// Returns no files.
    pub fn new() -> Files {
        Files::default()
    }

    /// Adds an ordinary file, or puts it in the place of what is at `path`.
    #[must_use]
    pub fn file(self, path: &str, content: impl Into<Vec<u8>>) -> Files {
        self.with(path, File::Regular(content.into()))
    }

    /// Adds a file that can be run, or puts it in the place of what is at `path`.
    #[must_use]
    pub fn executable(self, path: &str, content: impl Into<Vec<u8>>) -> Files {
        self.with(path, File::Executable(content.into()))
    }

    /// Adds a symbolic link, or puts it in the place of what is at `path`.
    #[must_use]
    pub fn symlink(self, path: &str, target: impl Into<Vec<u8>>) -> Files {
        self.with(path, File::Symlink(target.into()))
    }

    /// Adds a commit of another repository, or puts it in the place of what is at `path`.
    #[must_use]
    pub fn submodule(self, path: &str, commit: ObjectId) -> Files {
        self.with(path, File::Submodule(commit))
    }

    /// Takes away what is at `path`, if anything is.
    #[must_use]
    pub fn without(mut self, path: &str) -> Files {
        self.0.remove(path);
        self
    }

    /// Returns the files below `folder`, with their paths from there. The folder `""` is the root.
    pub fn below(&self, folder: &str) -> Files {
        if folder.is_empty() {
            return self.clone();
        }
        let prefix = format!("{folder}/");
        let below = self.iter().filter_map(|(path, file)| {
            let path = path.strip_prefix(&prefix)?;
            Some((path.to_owned(), file.clone()))
        });
        Files(below.collect())
    }

    /// Returns what is at `path`.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Returns the files with their paths, in the order of paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (path.as_str(), file))
    }

    fn with(mut self, path: &str, file: File) -> Files {
        self.0.insert(path.to_owned(), file);
        self
    }
}
