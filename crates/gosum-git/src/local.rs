//! The user's own repository on disk: what its files were at a revision.
//!
//! Nothing of the repository's configuration is executed, no git program is needed, and the network is not used: an object
//! that a partial clone lacks is an error. The environment and the user's own configuration of git are not read either, so
//! that the answer depends on nothing but the repository. Objects are believed when their content has the id that was
//! asked for; replacements (`refs/replace`) are not followed.

use std::path::{Path, PathBuf};

use gix::bstr::BStr;
use gix::objs::tree::{EntryKind, EntryMode};
use gix::objs::{Kind, TreeRef};
use gix::revision::spec::parse::Error as Unresolved;

use crate::ObjectId;

/// The most bytes of a tree, a tag or a commit.
const MAX_STEP: u64 = 64 << 20;
/// What gix may allocate for one object, so as well for one that another is a delta of.
const MAX_ALLOCATION: u64 = 256 << 20;
/// The most trees that are read to find all files of a name.
const MAX_TREES: usize = 200_000;
/// The deepest folder in which files are found.
const MAX_DEPTH: usize = 256;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the user's own repository does not say what a file was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// There is none.
    #[error("{} is in no git repository with a work tree", folder.display())]
    NoRepository {
        /// The folder of which it was asked.
        folder: PathBuf,
    },
    /// What is there cannot be used.
    #[error("cannot open the git repository of {}", root.display())]
    Open {
        /// Its work tree.
        root: PathBuf,
        /// Why.
        source: Cause,
    },
    /// It has no such revision.
    #[error("there is no revision {spec:?} in the git repository of {}", root.display())]
    NoRevision {
        /// The revision.
        spec: String,
        /// The work tree.
        root: PathBuf,
        /// Whether the repository has a part of its history only.
        is_shallow: bool,
        /// Whether it keeps its references in a form that is not known here.
        has_reftable: bool,
        /// What was looked for in vain, where it is not the revision's name itself.
        source: Option<Cause>,
    },
    /// It is more than one revision, or neither a file nor a tree.
    #[error("the revision {spec:?} {fault}")]
    Revision {
        /// The revision.
        spec: String,
        /// What is wrong with it.
        fault: String,
    },
    /// An object cannot be read.
    #[error("cannot read the object {id} in the git repository of {}", root.display())]
    Object {
        /// The object.
        id: ObjectId,
        /// The work tree.
        root: PathBuf,
        /// Why.
        source: Cause,
    },
    /// An object has another content than its id says.
    #[error("the object {id} in the git repository of {} has another content than its id says", root.display())]
    Corrupt {
        /// The object.
        id: ObjectId,
        /// The work tree.
        root: PathBuf,
    },
    /// Something is larger than is accepted.
    #[error("{what} in the git repository is larger than {max}")]
    TooLarge {
        /// What it is.
        what: String,
        /// The bound.
        max: u64,
    },
}

/// A repository on disk that has a work tree.
pub struct LocalRepository {
    inner: gix::Repository,
    root: PathBuf,
}

/// What a revision stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// All files of a commit.
    Tree {
        /// The commit; none where the revision is a tree.
        commit: Option<ObjectId>,
        /// Its tree.
        tree: ObjectId,
    },
    /// One file, as in `HEAD:go.sum`.
    File(ObjectId),
}

impl LocalRepository {
    /// Opens the repository in whose work tree `folder`, an absolute path, is: the first with a `.git` in it, at `folder` or
    /// above, as far as its name tells. Links are not followed: what a file of the work tree is reached by is then its path
    /// in the repository.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn find(folder: &Path) -> Result<LocalRepository, LocalError> {
        let none = || LocalError::NoRepository { folder: folder.to_owned() };
        let root = folder.ancestors().find(|root| root.join(".git").exists()).ok_or_else(none)?.to_owned();
        let allocation = format!("gitoxide.objects.allocLimit={MAX_ALLOCATION}");
        let options = gix::open::Options::isolated()
            .config_overrides([allocation.as_str(), "core.useReplaceRefs=false"])
            .open_path_as_is(true);
        match options.open(root.join(".git")) {
            Ok(inner) => Ok(LocalRepository { inner: inner.to_thread_local(), root }),
            Err(error) => Err(LocalError::Open { root, source: error.into() }),
        }
    }

    /// Returns the folder of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns what `spec` stands for, as `git rev-parse` reads it: a branch, a tag, `origin/main`, `HEAD~2`, the beginning of
    /// an id, or with `:PATH` after it a file.
    ///
    /// # Errors
    /// When there is no such revision, or several: a range, a name that a tag and a branch have, an id that is not long enough.
    pub fn revision(&self, spec: &str) -> Result<Revision, LocalError> {
        let fault = |fault: String| LocalError::Revision { spec: spec.to_owned(), fault };
        if let Some([one, other]) = self.namesakes(spec) {
            return Err(fault(format!("is two: write {one} or {other}")));
        }
        let found = match self.inner.rev_parse(BStr::new(spec)) {
            Ok(found) => found.single().ok_or_else(|| fault("is a range, and not one commit".into()))?,
            Err(error) => return Err(self.unresolved(spec, error)),
        };
        self.follow(spec, found.detach())
    }

    /// Returns what the object `id` is, after all tags.
    fn follow(&self, spec: &str, mut id: gix::ObjectId) -> Result<Revision, LocalError> {
        let mut commit = None;
        // a chain of tags that each name the next ends sooner than this, unless it is made to hurt
        for _ in 0..64 {
            let header = self.inner.find_header(id).map_err(|error| match commit {
                None => self.no_revision(spec, Some(error.into())),
                Some(_) => self.unread(id, error.into()),
            })?;
            let parse = |data: &[u8]| match header.kind() {
                Kind::Commit => gix::objs::CommitRefIter::from_bytes(data, id.kind()).tree_id(),
                _ => gix::objs::TagRefIter::from_bytes(data, id.kind()).target_id(),
            };
            match header.kind() {
                Kind::Blob => return Ok(Revision::File(ObjectId(id))),
                Kind::Tree => return Ok(Revision::Tree { commit, tree: ObjectId(id) }),
                Kind::Commit => commit = Some(ObjectId(id)),
                Kind::Tag => {}
            }
            let data = self.read(ObjectId(id), MAX_STEP)?;
            id = parse(&data).map_err(|error| self.unread(id, error.into()))?;
        }
        Err(LocalError::Revision { spec: spec.to_owned(), fault: "is a chain of tags without an end".into() })
    }

    /// Returns two references of one name that stand for different things, if `spec` begins with such a name.
    fn namesakes(&self, spec: &str) -> Option<[String; 2]> {
        let name = spec.split(['~', '^', ':', '@']).next().filter(|name| !name.is_empty())?;
        let mut found: Vec<(String, gix::ObjectId)> = Vec::new();
        for folder in ["refs/tags", "refs/heads", "refs/remotes"] {
            let full = format!("{folder}/{name}");
            let Ok(mut reference) = self.inner.find_reference(full.as_str()) else { continue };
            // a shorter name may have been found, of a reference that only begins like this one
            if reference.name().as_bstr() == full.as_str()
                && let Ok(id) = reference.peel_to_id()
            {
                found.push((full, id.detach()));
            }
        }
        let (first, id) = found.first()?;
        let other = found.iter().find(|(_, other)| other != id)?;
        Some([first.clone(), other.0.clone()])
    }

    fn unresolved(&self, spec: &str, error: gix::Error) -> LocalError {
        let fault = match error.downcast_any_ref::<Unresolved>() {
            Some(Unresolved::MissingReference { .. }) => return self.no_revision(spec, None),
            Some(Unresolved::AmbiguousPrefix { .. } | Unresolved::AmbiguousRefAndObject { .. }) => {
                "is the beginning of more than one id, or a reference as well: write more of it"
            }
            _ => return self.no_revision(spec, Some(error.into())),
        };
        LocalError::Revision { spec: spec.to_owned(), fault: fault.into() }
    }

    fn no_revision(&self, spec: &str, source: Option<Cause>) -> LocalError {
        LocalError::NoRevision {
            spec: spec.to_owned(),
            root: self.root.clone(),
            is_shallow: self.inner.is_shallow().unwrap_or(false),
            has_reftable: self.inner.common_dir().join("reftable").exists(),
            source,
        }
    }

    fn unread(&self, id: gix::ObjectId, source: Cause) -> LocalError {
        LocalError::Object { id: ObjectId(id), root: self.root.clone(), source }
    }

    /// Returns the content of the object `id`, at most `max` bytes.
    ///
    /// # Errors
    /// When it is not there, as in a partial clone, is larger, or has not the content that its id says.
    pub fn read(&self, id: ObjectId, max: u64) -> Result<Vec<u8>, LocalError> {
        let header = self.inner.find_header(id.0).map_err(|error| self.unread(id.0, error.into()))?;
        if header.size() > max {
            return Err(LocalError::TooLarge { what: format!("the object {id}"), max });
        }
        let mut object = self.inner.find_object(id.0).map_err(|error| self.unread(id.0, error.into()))?;
        let hash = gix::objs::compute_hash(id.0.kind(), object.kind, &object.data);
        match hash {
            Ok(hash) if hash == id.0 => Ok(std::mem::take(&mut object.data)),
            _ => Err(LocalError::Corrupt { id, root: self.root.clone() }),
        }
    }

    /// Returns the file at `path` below `tree`, whose parts are separated by slashes. None where there is no regular file: a
    /// symbolic link and a submodule are none.
    ///
    /// # Errors
    /// When a folder on the way cannot be read.
    pub fn file(&self, tree: ObjectId, path: &str) -> Result<Option<ObjectId>, LocalError> {
        let mut folder = tree;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let Some((mode, id)) = self.entry(folder, part)? else { return Ok(None) };
            match (parts.peek(), mode.kind()) {
                (None, EntryKind::Blob | EntryKind::BlobExecutable) => return Ok(Some(id)),
                (Some(_), EntryKind::Tree) => folder = id,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Returns whether there is anything at `path` below `tree`, of whatever kind.
    ///
    /// # Errors
    /// When a folder on the way cannot be read.
    pub fn has(&self, tree: ObjectId, path: &str) -> Result<bool, LocalError> {
        let mut folder = tree;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            match (self.entry(folder, part)?, parts.peek()) {
                (Some(_), None) => return Ok(true),
                (Some((mode, id)), Some(_)) if mode.kind() == EntryKind::Tree => folder = id,
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    fn entry(&self, tree: ObjectId, name: &str) -> Result<Option<(EntryMode, ObjectId)>, LocalError> {
        let found = self.entries(tree)?.into_iter().find(|entry| entry.name == name.as_bytes());
        Ok(found.map(|entry| (entry.mode, entry.id)))
    }

    fn entries(&self, tree: ObjectId) -> Result<Vec<Entry>, LocalError> {
        let data = self.read(tree, MAX_STEP)?;
        let parsed = TreeRef::from_bytes(&data, tree.0.kind());
        let entries = parsed.map_err(|error| self.unread(tree.0, error.into()))?.entries;
        let entry = |entry: &gix::objs::tree::EntryRef<'_>| Entry {
            mode: entry.mode,
            name: entry.filename.to_vec(),
            id: ObjectId(entry.oid.to_owned()),
        };
        Ok(entries.iter().map(entry).collect())
    }

    /// Returns the paths of all regular files below `tree` whose name is `name`, in their order. Those whose path is not
    /// UTF-8 are left out.
    ///
    /// # Errors
    /// When a folder cannot be read, or there are too many.
    pub fn files_named(&self, tree: ObjectId, name: &str) -> Result<Vec<String>, LocalError> {
        let mut found = Vec::new();
        let mut folders = vec![(String::new(), tree, 0)];
        let mut read = 0;
        while let Some((path, tree, depth)) = folders.pop() {
            read += 1;
            if read > MAX_TREES || depth > MAX_DEPTH {
                return Err(LocalError::TooLarge {
                    what: "the tree of folders".into(),
                    max: MAX_TREES as u64,
                });
            }
            for entry in self.entries(tree)? {
                let Ok(part) = String::from_utf8(entry.name) else { continue };
                match entry.mode.kind() {
                    EntryKind::Tree => folders.push((format!("{path}{part}/"), entry.id, depth + 1)),
                    EntryKind::Blob | EntryKind::BlobExecutable if part == name => {
                        found.push(format!("{path}{part}"));
                    }
                    _ => {}
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

impl std::fmt::Debug for LocalRepository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalRepository").field("root", &self.root).finish_non_exhaustive()
    }
}

struct Entry {
    mode: EntryMode,
    name: Vec<u8>,
    id: ObjectId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(folder: &Path) -> gix::Repository {
        gix::init(folder).unwrap()
    }

    #[test]
    fn no_object_is_read_beyond_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let id = ObjectId(new(folder.path()).write_blob(b"12345678").unwrap().detach());
        let local = LocalRepository::find(folder.path()).unwrap();
        assert_eq!(local.read(id, 8).unwrap(), b"12345678");
        assert!(matches!(local.read(id, 7), Err(LocalError::TooLarge { max: 7, .. })));
    }

    #[test]
    fn a_repository_is_looked_for_upwards() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(LocalRepository::find(folder.path()), Err(LocalError::NoRepository { .. })));
        new(folder.path());
        let below = folder.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        assert_eq!(LocalRepository::find(&below).unwrap().root(), folder.path());
    }

    #[test]
    fn files_are_found_by_their_path_and_by_their_name() {
        let folder = tempfile::tempdir().unwrap();
        let made = new(folder.path());
        let blob = made.write_blob(b"x").unwrap().detach();
        let entry = |kind: EntryKind, name: &str, id| gix::objs::tree::Entry {
            mode: kind.into(),
            filename: name.into(),
            oid: id,
        };
        let tree = |entries: Vec<_>| made.write_object(gix::objs::Tree { entries }).unwrap().detach();
        let sub = tree(vec![entry(EntryKind::Blob, "go.sum", blob), entry(EntryKind::Link, "link", blob)]);
        let root = tree(vec![
            entry(EntryKind::BlobExecutable, "go.sum", blob),
            entry(EntryKind::Commit, "module", blob),
            entry(EntryKind::Tree, "sub", sub),
        ]);
        let local = LocalRepository::find(folder.path()).unwrap();
        let root = ObjectId(root);
        for path in ["go.sum", "sub/go.sum"] {
            assert_eq!(local.file(root, path).unwrap(), Some(ObjectId(blob)), "{path}");
        }
        for path in [
            "",
            "sub",
            "sub/link",
            "module",
            "module/go.sum",
            "go.sum/x",
            "none",
            "sub/",
            "/go.sum",
            "../go.sum",
        ] {
            assert_eq!(local.file(root, path).unwrap(), None, "{path}");
        }
        for (path, is_there) in [
            ("sub", true),
            ("sub/link", true),
            ("module", true),
            ("module/go.sum", false),
            ("sub/none", false),
            ("", false),
        ] {
            assert_eq!(local.has(root, path).unwrap(), is_there, "{path}");
        }
        assert_eq!(local.files_named(root, "go.sum").unwrap(), ["go.sum", "sub/go.sum"]);
    }
}
