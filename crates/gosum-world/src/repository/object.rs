//! Git objects and their ids.

use std::fmt;
use std::sync::Arc;

use gix::hash::Kind as HashKind;

/// Which hash a repository names its objects by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ObjectFormat {
    /// SHA-1: ids of 40 hex digits.
    #[default]
    Sha1,
    /// SHA-256: ids of 64 hex digits.
    Sha256,
}

impl ObjectFormat {
    /// Returns the name that git's protocol has for the format.
    pub fn name(self) -> &'static str {
        match self {
            ObjectFormat::Sha1 => "sha1",
            ObjectFormat::Sha256 => "sha256",
        }
    }

    /// Returns how many bytes an id has.
    pub(crate) fn id_length(self) -> usize {
        self.hash_kind().len_in_bytes()
    }

    pub(crate) fn hash_kind(self) -> HashKind {
        match self {
            ObjectFormat::Sha1 => HashKind::Sha1,
            ObjectFormat::Sha256 => HashKind::Sha256,
        }
    }
}

/// The id of a git object. Shown as lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(gix::ObjectId);

/// A text that is not the id of an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an object id of 40 or 64 hex digits")]
pub struct ObjectIdError {
    /// The text.
    pub text: String,
}

impl ObjectId {
    /// Returns the id that `text`, 40 or 64 hex digits, writes.
    ///
    /// # Errors
    /// When it does not.
    pub fn parse(text: &str) -> Result<ObjectId, ObjectIdError> {
        ObjectId::from_hex(text.as_bytes()).ok_or_else(|| ObjectIdError { text: text.to_owned() })
    }

    /// Returns the bytes of the id: 20 or 32.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    pub(crate) fn from_hex(hex: &[u8]) -> Option<ObjectId> {
        gix::ObjectId::from_hex(hex).ok().map(ObjectId)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<ObjectId> {
        gix::ObjectId::try_from(bytes).ok().map(ObjectId)
    }
}

impl From<gix::ObjectId> for ObjectId {
    fn from(id: gix::ObjectId) -> ObjectId {
        ObjectId(id)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What a git object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A commit: a tree, its parents, who and when, a message.
    Commit,
    /// A folder.
    Tree,
    /// The content of a file.
    Blob,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// Returns the name that git has for the kind.
    pub fn name(self) -> &'static str {
        match self {
            ObjectKind::Commit => "commit",
            ObjectKind::Tree => "tree",
            ObjectKind::Blob => "blob",
            ObjectKind::Tag => "tag",
        }
    }

    fn gix(self) -> gix::objs::Kind {
        match self {
            ObjectKind::Commit => gix::objs::Kind::Commit,
            ObjectKind::Tree => gix::objs::Kind::Tree,
            ObjectKind::Blob => gix::objs::Kind::Blob,
            ObjectKind::Tag => gix::objs::Kind::Tag,
        }
    }
}

/// A git object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// Its content, without git's header.
    pub content: Arc<[u8]>,
}

impl Object {
    /// Returns the id that a repository of the format `format` gives the object.
    pub fn id(&self, format: ObjectFormat) -> ObjectId {
        let id = gix::objs::compute_hash(format.hash_kind(), self.kind.gix(), &self.content);
        ObjectId(id.expect("nothing here is made to collide"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        let blob = Object { kind: ObjectKind::Blob, content: Arc::from(*b"hello\n") };
        assert_eq!(blob.id(ObjectFormat::Sha1).to_string(), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(
            blob.id(ObjectFormat::Sha256).to_string(),
            "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4"
        );
        let tree = Object { kind: ObjectKind::Tree, content: Arc::from(*b"") };
        assert_eq!(tree.id(ObjectFormat::Sha1).to_string(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    }

    #[test]
    fn id_reads_back() {
        for text in ["ce013625030ba8dba906f756967f9e9ca394464a", &"0a".repeat(32)] {
            assert_eq!(ObjectId::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "ce01", "HEAD", &"g".repeat(40)] {
            assert!(ObjectId::parse(text).is_err(), "{text}");
        }
    }
}
