//! What stands in commits, tags and trees.

use std::collections::HashSet;

use gix::bstr::ByteSlice;
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind;
use gix::validate::path::component;

use crate::{GitError, ObjectId};

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// The annotated tag through which it was asked for: the first, of several that lead to one another.
    pub tag: Option<ObjectId>,
    /// The signature of that tag; none where there is no such tag.
    pub tag_signature: Option<Signature>,
    /// The tree of all its files.
    pub tree: ObjectId,
    /// When the change was written, in seconds since 1970; none if the commit does not tell.
    pub author_time: Option<i64>,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// Its signature.
    pub signature: Signature,
}

/// Which kind of signature a commit or tag has. It is not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signature {
    /// None.
    None,
    /// OpenPGP.
    Openpgp,
    /// SSH.
    Ssh,
    /// X.509, as S/MIME has it.
    X509,
    /// Something else that stands where a signature does.
    Unknown,
}

impl Signature {
    /// Returns the kind of the signature that begins with `line`.
    fn beginning(line: &[u8]) -> Signature {
        match line.trim_ascii_end() {
            b"-----BEGIN PGP SIGNATURE-----" | b"-----BEGIN PGP MESSAGE-----" => Signature::Openpgp,
            b"-----BEGIN SSH SIGNATURE-----" => Signature::Ssh,
            b"-----BEGIN SIGNED MESSAGE-----" => Signature::X509,
            _ => Signature::Unknown,
        }
    }
}

impl Commit {
    pub(crate) fn parse(id: ObjectId, data: &[u8]) -> Result<Commit, GitError> {
        let corrupt = |reason| GitError::Object { id, reason };
        let tree = header(data).next().and_then(|line| id_after("tree ", line));
        let tree = tree.ok_or_else(|| corrupt("no tree"))?;
        let time = commit_time(data).ok_or_else(|| corrupt("no time"))?;
        let author = header(data).find_map(|line| line.strip_prefix(b"author "));
        let signed = ["gpgsig ", "gpgsig-sha256 "];
        let signature =
            header(data).find_map(|line| signed.iter().find_map(|key| line.strip_prefix(key.as_bytes())));
        Ok(Commit {
            id,
            tag: None,
            tag_signature: None,
            tree,
            author_time: author.and_then(time_in),
            time,
            signature: signature.map_or(Signature::None, Signature::beginning),
        })
    }
}

/// Returns the lines up to the first empty one. A CR is a part of its line.
fn header(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty())
}

/// Returns the commits before a commit.
pub(crate) fn commit_parents(data: &[u8]) -> impl Iterator<Item = ObjectId> {
    header(data).skip(1).map_while(|line| id_after("parent ", line))
}

/// Returns when a commit was committed; a few old ones do not tell. Of several committers the last one counts.
pub(crate) fn commit_time(data: &[u8]) -> Option<i64> {
    time_in(header(data).filter_map(|line| line.strip_prefix(b"committer ")).last()?)
}

fn id_after(key: &str, line: &[u8]) -> Option<ObjectId> {
    ObjectId::from_hex(line.strip_prefix(key.as_bytes())?)
}

/// Returns the time of a person: the digits that follow the last `>`.
fn time_in(person: &[u8]) -> Option<i64> {
    let after = &person[person.rfind_byte(b'>')? + 1..];
    let digits = after.trim_start().split(|byte| !byte.is_ascii_digit()).next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Returns what the tag `id` points to.
pub(crate) fn tag_target(id: ObjectId, data: &[u8]) -> Result<ObjectId, GitError> {
    let target = header(data).next().and_then(|line| id_after("object ", line));
    target.ok_or(GitError::Object { id, reason: "no object" })
}

/// Returns whether a tag says that it leads to a commit, or to another tag.
pub(crate) fn leads_to_commit(data: &[u8]) -> bool {
    matches!(header(data).nth(1), Some(b"type commit" | b"type tag"))
}

/// Returns the signature of a tag: it ends the message, but for those of another format of objects.
pub(crate) fn tag_signature(data: &[u8]) -> Signature {
    let in_header =
        header(data).find_map(|line| line.strip_prefix(b"gpgsig-sha256 ").or(line.strip_prefix(b"gpgsig ")));
    if let Some(line) = in_header {
        return Signature::beginning(line);
    }
    let message = data.find("\n\n").map_or(&[][..], |at| &data[at + 2..]);
    let last = message.lines().rfind(|line| line.starts_with(b"-----BEGIN "));
    last.map_or(Signature::None, |line| match Signature::beginning(line) {
        // any message may have such a line
        Signature::Unknown => Signature::None,
        known => known,
    })
}

/// What a tree says of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TreeEntry<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) mode: Mode,
    pub(crate) id: ObjectId,
}

/// What is behind a name in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    File,
    Symlink,
    Folder,
    Submodule,
}

/// What is wrong with a name in a tree: git refuses to archive it, or to take it from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// It is empty.
    #[error("is no name")]
    Empty,
    /// It is `.` or `..`.
    #[error("leads elsewhere")]
    Relative,
    /// It has a slash in it.
    #[error("has a slash in it")]
    Slash,
    /// It is `.git`, or what a file system may take for it.
    #[error("is the name of git's own folder")]
    DotGit,
    /// It is a link named `.gitmodules`, or what a file system may take for it.
    #[error("must not be a link")]
    LinkedModules,
    /// The tree has it twice.
    #[error("is there twice")]
    Duplicate,
    /// It stands behind one that belongs behind it: git does not find everything in such a tree.
    #[error("is out of order")]
    Unsorted,
}

/// Returns what the tree `id` has, in its order.
///
/// # Errors
/// At the first name that git does not accept.
pub(crate) fn tree_entries(id: ObjectId, data: &[u8]) -> Result<Vec<TreeEntry<'_>>, GitError> {
    let mut names = HashSet::new();
    let mut entries: Vec<TreeEntry<'_>> = Vec::new();
    for entry in TreeRefIter::from_bytes(data, id.0.kind()) {
        let entry = entry.map_err(|_| GitError::Object { id, reason: "not a tree" })?;
        let mode = match entry.mode.kind() {
            EntryKind::Tree => Mode::Folder,
            EntryKind::Blob | EntryKind::BlobExecutable => Mode::File,
            EntryKind::Link => Mode::Symlink,
            EntryKind::Commit => Mode::Submodule,
        };
        let name: &[u8] = entry.filename;
        let duplicate = || (!names.insert(name)).then_some(NameFault::Duplicate);
        let is_behind = |last: &TreeEntry<'_>| !comes_before((last.name, last.mode), (name, mode));
        let unsorted = || entries.last().is_some_and(is_behind).then_some(NameFault::Unsorted);
        if let Some(fault) = fault_in(name, mode).or_else(duplicate).or_else(unsorted) {
            return Err(GitError::Name { tree: id, name: name.into(), fault });
        }
        entries.push(TreeEntry { name, mode, id: ObjectId(entry.oid.to_owned()) });
    }
    Ok(entries)
}

/// Returns whether git puts one name before another: as if folders had a slash at their end.
fn comes_before(one: (&[u8], Mode), other: (&[u8], Mode)) -> bool {
    fn key((name, mode): (&[u8], Mode)) -> impl Iterator<Item = &u8> {
        let end: &[u8] = if mode == Mode::Folder { b"/" } else { b"" };
        name.iter().chain(end)
    }
    key(one).lt(key(other))
}

/// Returns why git does not accept a name: it protects NTFS everywhere, and behind every backslash.
fn fault_in(name: &[u8], mode: Mode) -> Option<NameFault> {
    let fault = |part: &[u8]| {
        let options = component::Options { protect_windows: false, protect_hfs: false, protect_ntfs: true };
        let mode = (mode == Mode::Symlink).then_some(component::Mode::Symlink);
        match component(part.as_bstr(), mode, options).err()? {
            component::Error::Empty => Some(NameFault::Empty),
            component::Error::Relative => Some(NameFault::Relative),
            component::Error::DotGitDir => Some(NameFault::DotGit),
            component::Error::SymlinkedGitModules => Some(NameFault::LinkedModules),
            _ => Some(NameFault::Slash),
        }
    };
    let behind_backslash = || {
        let faults = name.split(|&byte| byte == b'\\').skip(1).filter_map(fault);
        faults.into_iter().find(|fault| matches!(fault, NameFault::DotGit | NameFault::LinkedModules))
    };
    fault(name).or_else(behind_backslash)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const ID: &str = "1111111111111111111111111111111111111111";

    fn id() -> ObjectId {
        ObjectId::parse(ID).unwrap()
    }

    /// Returns a tree with entries of one mode.
    pub(crate) fn tree(entries: &[(&str, &[u8], ObjectId)]) -> Vec<u8> {
        let entry = |(mode, name, id): &(&str, &[u8], ObjectId)| {
            [mode.as_bytes(), b" ", *name, b"\0", id.as_bytes()].concat()
        };
        entries.iter().flat_map(entry).collect()
    }

    fn fault(mode: &str, names: &[&[u8]]) -> Option<NameFault> {
        let entries: Vec<_> = names.iter().map(|name| (mode, *name, id())).collect();
        match tree_entries(id(), &tree(&entries)) {
            Ok(got) => {
                assert!(got.iter().map(|entry| entry.name).eq(names.iter().copied()));
                None
            }
            Err(GitError::Name { fault, .. }) => Some(fault),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn reads_a_commit() {
        let text = format!(
            "tree {ID}\nparent {ID}\nparent {ID}\nauthor A <a@b> 5 +0000\ncommitter A > B <a@b> 1700000000 -0230\n\
             gpgsig x\n y\n\ncommitter X <x> 9 +0000\n"
        );
        let commit = Commit::parse(id(), text.as_bytes()).unwrap();
        assert_eq!((commit.tree, commit.author_time, commit.time), (id(), Some(5), 1_700_000_000));
        assert_eq!((commit.signature, commit.tag_signature), (Signature::Unknown, None));
        assert_eq!(commit_parents(text.as_bytes()).count(), 2);
    }

    #[test]
    fn tells_kinds_of_signatures_apart() {
        for (begin, kind) in [
            ("PGP SIGNATURE", Signature::Openpgp),
            ("SSH SIGNATURE", Signature::Ssh),
            ("SIGNED MESSAGE", Signature::X509),
        ] {
            let signature = format!("-----BEGIN {begin}-----");
            let commit = format!("tree {ID}\ncommitter A <a> 5 +0000\ngpgsig {signature}\n x\n\nmessage\n");
            assert_eq!(Commit::parse(id(), commit.as_bytes()).unwrap().signature, kind);
            let tag = format!("object {ID}\ntype commit\ntag v1\n\nmessage\n{signature}\nx\n");
            assert_eq!(tag_signature(tag.as_bytes()), kind);
        }
        let plain = format!("tree {ID}\ncommitter A <a> 5 +0000\n\ngpgsig -----BEGIN PGP SIGNATURE-----\n");
        assert_eq!(Commit::parse(id(), plain.as_bytes()).unwrap().signature, Signature::None);
        let quoted = format!("object {ID}\n\nas in\n-----BEGIN CERTIFICATE-----\n");
        assert_eq!(tag_signature(quoted.as_bytes()), Signature::None);
    }

    #[test]
    fn refuses_a_commit_without_tree_or_time() {
        for text in [
            String::new(),
            format!("parent {ID}\ncommitter A <a> 5 +0000\n"),
            format!("tree {ID}\nauthor A <a> 5 +0000\n\ncommitter A <a> 5 +0000\n"),
            format!("tree {ID}\ncommitter A <a> soon\n"),
            format!("tree {ID}\ncommitter A 5 +0000\n"),
            format!("tree {ID}\ncommitter A <a> 99999999999999999999 +0000\n"),
        ] {
            assert!(matches!(Commit::parse(id(), text.as_bytes()), Err(GitError::Object { .. })), "{text}");
        }
    }

    #[test]
    fn tells_modes_apart() {
        let modes = ["100644", "100755", "100664", "120000", "40000", "040000", "160000"];
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        let entries: Vec<_> =
            modes.iter().zip(names).map(|(mode, name)| (*mode, name.as_bytes(), id())).collect();
        let data = tree(&entries);
        let got: Vec<_> = tree_entries(id(), &data).unwrap().iter().map(|entry| entry.mode).collect();
        use Mode::{File, Folder, Submodule, Symlink};
        assert_eq!(got, [File, File, File, Symlink, Folder, Folder, Submodule]);
    }

    #[test]
    fn a_tree_has_gits_own_order() {
        assert_eq!(fault("100644", &[b"a", b"a-", b"a.b", b"b"]), None);
        assert_eq!(fault("100644", &[b"b", b"a"]), Some(NameFault::Unsorted));
        // a folder stands as if it had a slash at its end
        let data = tree(&[("100644", b"a-b", id()), ("40000", b"a", id()), ("100644", b"a0", id())]);
        assert!(tree_entries(id(), &data).is_ok());
        let data = tree(&[("40000", b"a", id()), ("100644", b"a-b", id())]);
        assert!(tree_entries(id(), &data).is_err());
    }

    #[test]
    fn a_cr_is_a_part_of_its_line_and_the_last_committer_counts() {
        let text = format!("tree {ID}\r\ncommitter A <a> 5 +0000\n");
        assert!(Commit::parse(id(), text.as_bytes()).is_err());
        assert!(tag_target(id(), format!("object {ID}\r\n").as_bytes()).is_err());
        let text = format!(
            "tree {ID}\ncommitter A <a> 5 +0000\ncommitter B <b> 6 +0000\n\ncommitter C <c> 7 +0000\n"
        );
        assert_eq!(commit_time(text.as_bytes()), Some(6));
    }

    #[test]
    fn accepts_what_git_archives() {
        let names = [
            "a",
            "..a",
            ".gitt",
            ".git ..x",
            "git~2",
            "git~1x",
            ".gitmodules",
            r"a\b",
            r".git\a",
            "c:",
            "aux",
        ];
        for name in names {
            assert_eq!(fault("100644", &[name.as_bytes()]), None, "{name}");
        }
        // names that only macOS ignores a part of
        assert_eq!(fault("40000", &[".g\u{200c}it".as_bytes()]), None);
        assert_eq!(fault("120000", &[b".gitattributes"]), None);
        assert_eq!(fault("120000", &[b"gitmod~5"]), None);
    }

    #[test]
    fn refuses_what_git_does_not_archive() {
        let dot_git = [
            ".git",
            ".GIT",
            ".Git",
            "git~1",
            "GIT~1",
            ".git ",
            ".git.",
            ".git...",
            ".git .:x",
            ".git::$INDEX_ALLOCATION",
            ".git:x",
            "git~1 .",
            "git~1:x",
            r"a\.git",
            r"a\b\GIT~1",
        ];
        for name in dot_git {
            assert_eq!(fault("40000", &[name.as_bytes()]), Some(NameFault::DotGit), "{name}");
        }
        for name in [
            ".gitmodules",
            ".GITMODULES",
            ".gitmodules ",
            "GITMOD~1",
            "gitmod~4",
            "gi7eba~1",
            ".gitmodules:x",
        ] {
            assert_eq!(fault("120000", &[name.as_bytes()]), Some(NameFault::LinkedModules), "{name}");
        }
        assert_eq!(fault("100644", &[b""]), Some(NameFault::Empty));
        assert_eq!(fault("100644", &[b"."]), Some(NameFault::Relative));
        assert_eq!(fault("40000", &[b".."]), Some(NameFault::Relative));
        assert_eq!(fault("100644", &[b"a/b"]), Some(NameFault::Slash));
        assert_eq!(fault("100644", &[b"../up"]), Some(NameFault::Slash));
        assert_eq!(fault("100644", &[b"a", b"b", b"b"]), Some(NameFault::Duplicate));
    }

    #[test]
    fn refuses_what_is_no_tree() {
        let good = tree(&[("100644", b"a", id())]);
        for data in [&b"garbage"[..], &good[..good.len() - 1], b"100644 a", b"x00644 a\0"] {
            assert!(matches!(tree_entries(id(), data), Err(GitError::Object { .. })), "{data:?}");
        }
    }
}
