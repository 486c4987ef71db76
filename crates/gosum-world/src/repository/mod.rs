//! Git repositories in memory: history is written by a few calls, and read by [`crate::git`].
//!
//! ```
//! use gosum_world::repository::{Files, ObjectFormat, Repository};
//!
//! let mut repository = Repository::new(ObjectFormat::Sha1);
//! let files = Files::new().file("go.mod", "module example.com/a\n");
//! let commit = repository.commit("main", 1_700_000_000, &files);
//! repository.tag("v1.0.0", commit);
//! assert_eq!(repository.reference("refs/tags/v1.0.0"), Some(commit));
//! ```

mod files;
mod object;
mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use files::{File, Files};
pub use object::{Object, ObjectFormat, ObjectId, ObjectIdError, ObjectKind};
pub use tree::TreeEntry;
pub(crate) use tree::entries as tree_entries;

use crate::git::Policy;

/// The modes of tree entries.
pub mod mode {
    /// An ordinary file.
    pub const REGULAR: &str = "100644";
    /// A file that can be run.
    pub const EXECUTABLE: &str = "100755";
    /// A symbolic link.
    pub const SYMLINK: &str = "120000";
    /// A folder.
    pub const FOLDER: &str = "40000";
    /// A commit of another repository.
    pub const SUBMODULE: &str = "160000";
}

/// Who made a commit or a tag.
const SOMEBODY: &str = "Somebody <somebody@example.com>";

/// A commit to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The tree.
    pub tree: ObjectId,
    /// The commits before it.
    pub parents: Vec<ObjectId>,
    /// When it was written, in Unix seconds.
    pub author_time: i64,
    /// When it was committed, in Unix seconds: the time that pseudo-versions hold.
    pub committer_time: i64,
    /// The message.
    pub message: String,
}

/// A git repository: objects, what refers to them, and what it grants to those who fetch from it.
///
/// Nothing is checked, so that a hostile repository can be written too. What was written stays, even when nothing
/// refers to it any more. The same calls give the same ids.
#[derive(Debug, Clone)]
pub struct Repository {
    /// What it grants.
    pub policy: Policy,
    format: ObjectFormat,
    objects: BTreeMap<ObjectId, Object>,
    references: BTreeMap<String, ObjectId>,
    head: String,
}

impl Repository {
    /// Returns an empty repository, whose HEAD is the branch `main`.
    pub fn new(format: ObjectFormat) -> Repository {
        Repository {
            policy: Policy::default(),
            format,
            objects: BTreeMap::new(),
            references: BTreeMap::new(),
            head: "refs/heads/main".to_owned(),
        }
    }

    /// Writes a commit of `files` onto a branch, which begins with it if there is none. Returns its id.
    pub fn commit(&mut self, branch: &str, time: i64, files: &Files) -> ObjectId {
        let branch = format!("refs/heads/{branch}");
        let tree = self.write_files(files);
        let parents = self.reference(&branch).into_iter().collect();
        let message = format!("Change of {time}\n");
        let commit = Commit { tree, parents, author_time: time, committer_time: time, message };
        let id = self.write_commit(&commit);
        self.set_reference(&branch, id);
        id
    }

    /// Makes `name` a lightweight tag of `target`, or moves it there.
    pub fn tag(&mut self, name: &str, target: ObjectId) {
        self.set_reference(&format!("refs/tags/{name}"), target);
    }

    /// Makes `name` an annotated tag of `target`, or moves it there. Returns the id of the tag object.
    pub fn annotated_tag(&mut self, name: &str, target: ObjectId, time: i64) -> ObjectId {
        let kind = self.object(target).map_or(ObjectKind::Commit, |object| object.kind);
        let content = format!(
            "object {target}\ntype {}\ntag {name}\ntagger {SOMEBODY} {time} +0000\n\n{name}\n",
            kind.name()
        );
        let id = self.write(ObjectKind::Tag, content);
        self.tag(name, id);
        id
    }

    /// Makes `name`, such as `refs/heads/main`, refer to `target`, whether there is such an object or not.
    pub fn set_reference(&mut self, name: &str, target: ObjectId) {
        self.references.insert(name.to_owned(), target);
    }

    /// Deletes the reference `name`, if there is one.
    pub fn delete_reference(&mut self, name: &str) {
        self.references.remove(name);
    }

    /// Makes HEAD stand for the reference `name`, such as `refs/heads/main`, whether there is one or not.
    pub fn set_head(&mut self, name: &str) {
        name.clone_into(&mut self.head);
    }

    /// Writes the trees and blobs of `files`. Returns the id of the root tree.
    pub fn write_files(&mut self, files: &Files) -> ObjectId {
        tree::write(self, files)
    }

    /// Writes a tree of exactly these entries in this order, however wrong they are. Returns its id.
    pub fn write_tree(&mut self, entries: &[TreeEntry]) -> ObjectId {
        self.write(ObjectKind::Tree, tree::content(entries))
    }

    /// Writes a commit, to which nothing refers yet. Returns its id.
    pub fn write_commit(&mut self, commit: &Commit) -> ObjectId {
        let mut content = format!("tree {}\n", commit.tree);
        for parent in &commit.parents {
            content.push_str(&format!("parent {parent}\n"));
        }
        let Commit { author_time, committer_time, message, .. } = commit;
        content.push_str(&format!("author {SOMEBODY} {author_time} +0000\n"));
        content.push_str(&format!("committer {SOMEBODY} {committer_time} +0000\n\n{message}"));
        self.write(ObjectKind::Commit, content)
    }

    /// Writes an object of any content. Returns its id.
    pub fn write(&mut self, kind: ObjectKind, content: impl AsRef<[u8]>) -> ObjectId {
        let object = Object { kind, content: Arc::from(content.as_ref()) };
        let id = object.id(self.format);
        self.objects.insert(id, object);
        id
    }

    /// Returns the format of the ids.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Returns the object of an id.
    pub fn object(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(&id)
    }

    /// Returns the ids of all objects, in their order.
    pub fn object_ids(&self) -> Vec<ObjectId> {
        self.objects.keys().copied().collect()
    }

    /// Returns what the reference `name`, or `HEAD`, refers to.
    pub fn reference(&self, name: &str) -> Option<ObjectId> {
        let name = if name == "HEAD" { &self.head } else { name };
        self.references.get(name).copied()
    }

    /// Returns the references in the order of their names, without HEAD.
    pub fn references(&self) -> impl Iterator<Item = (&str, ObjectId)> {
        self.references.iter().map(|(name, &id)| (name.as_str(), id))
    }

    /// Returns the reference that HEAD stands for.
    pub fn head(&self) -> &str {
        &self.head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `git commit`, `git tag` and `git rev-parse` said of the same history.
    #[test]
    fn ids_are_those_that_git_gives() {
        let mut repository = Repository::new(ObjectFormat::Sha1);
        let files = Files::new()
            .file("a.go", "package a\n")
            .file("a/b.txt", "b\n")
            .executable("a-run", "#!\n")
            .symlink("link", "a.go");
        let tree = repository.write_files(&files);
        assert_eq!(tree.to_string(), "525be75c196f2bfd7690e8c9f05ab87069065a64");
        let first = repository.commit("main", 1_700_000_000, &files);
        let second = repository.commit("main", 1_700_000_060, &files.without("link"));
        assert_eq!(second.to_string(), "a9b8a27ac4968485944b5f95905cdf2b8dd97ad2");
        let tag = repository.annotated_tag("v1.0.0", first, 1_700_000_100);
        assert_eq!(tag.to_string(), "3165a171239d4b301c7147473e0c9934a3f20e4b");
    }

    #[test]
    fn tree_is_read_as_it_was_written() {
        let mut repository = Repository::new(ObjectFormat::Sha256);
        let blob = repository.write(ObjectKind::Blob, "x");
        let written = [
            TreeEntry::new(mode::REGULAR, "..", blob),
            TreeEntry::new("7", "a/b", blob),
            TreeEntry::new(mode::FOLDER, "", blob),
        ];
        let tree = repository.write_tree(&written);
        let content = &repository.object(tree).unwrap().content;
        assert_eq!(tree::entries(content, 32), written);
        assert_eq!(tree::entries(&content[..content.len() - 1], 32), written[..2]);
    }
}
