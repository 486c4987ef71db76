//! Which files differ between two copies of a module.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::io;

use gosum_mod::hash::batch::digest_all;
use gosum_mod::hash::sha256::{Digest, Sha256};
use gosum_mod::name::text::Text;
use gosum_mod::zip::limits::MAX_ZIP;
use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

/// The name of the file that defines a module.
const GO_MOD: &[u8] = b"go.mod";

/// How much of a file is read at once.
const PIECE: usize = 64 << 10;

/// One of the two copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The first one: in a unified difference, what is removed.
    Left,
    /// The second one: in a unified difference, what is added.
    Right,
}

impl Side {
    /// Returns the other side.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::Left => Side::Right,
            Side::Right => Side::Left,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Side::Left => "left",
            Side::Right => "right",
        })
    }
}

/// What differs between two copies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeDiff {
    /// The files that differ: the module's own go.mod first, then by path.
    pub changes: Vec<Change>,
    /// How many files are the same in both, name and content.
    pub same: usize,
}

impl TreeDiff {
    /// Returns how many changes are of this kind.
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
    }
}

/// A file that is not the same in both copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In which way it differs.
    pub kind: ChangeKind,
    /// The file on the left, if it is there.
    pub left: Option<FileFacts>,
    /// The file on the right, if it is there.
    pub right: Option<FileFacts>,
}

impl Change {
    /// Returns the file on `side`.
    pub fn side(&self, side: Side) -> Option<&FileFacts> {
        match side {
            Side::Left => self.left.as_ref(),
            Side::Right => self.right.as_ref(),
        }
    }

    /// Returns the path under which the change is listed: the left one where there is one.
    pub fn path(&self) -> &Text {
        &self.left.as_ref().or(self.right.as_ref()).expect("a change has a file").path
    }

    fn one_sided(side: Side, facts: FileFacts) -> Change {
        match side {
            Side::Left => Change { kind: ChangeKind::OnlyLeft, left: Some(facts), right: None },
            Side::Right => Change { kind: ChangeKind::OnlyRight, left: None, right: Some(facts) },
        }
    }

    /// Returns whether it is about the module's own go.mod.
    pub fn is_go_mod(&self) -> bool {
        [&self.left, &self.right].into_iter().flatten().any(|facts| facts.path.as_bytes() == GO_MOD)
    }

    fn order(&self, other: &Change) -> Ordering {
        let key = |change: &Change| (!change.is_go_mod(), change.path().clone());
        key(self).cmp(&key(other))
    }
}

/// In which way a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// Only the left copy has it.
    OnlyLeft,
    /// Only the right copy has it.
    OnlyRight,
    /// Both have the name, with other contents, or one of them has it more often.
    Changed,
    /// Both have the content, under other names.
    Renamed,
}

impl ChangeKind {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::OnlyLeft => "only-left",
            ChangeKind::OnlyRight => "only-right",
            ChangeKind::Changed => "changed",
            ChangeKind::Renamed => "renamed",
        }
    }
}

/// What is known of a file of a copy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileFacts {
    /// Its path below the root of the module.
    pub path: Text,
    /// How many bytes it has, as they were read.
    pub size: u64,
    /// The SHA-256 of its content.
    pub sha256: Digest,
    /// How often the copy lists the name: in a zip, a name may stand more than once, and each counts for the hash.
    pub times: usize,
}

impl FileFacts {
    /// Returns whether this stands for a folder that a zip lists as an entry.
    pub fn is_folder(&self) -> bool {
        is_folder_entry(self.path.as_bytes())
    }

    fn is_same(&self, other: &FileFacts) -> bool {
        (self.sha256, self.times) == (other.sha256, other.times)
    }

    fn base_name(&self) -> &[u8] {
        let path = self.path.as_bytes();
        &path[path.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1)..]
    }
}

/// Two copies that cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// A copy cannot be listed.
    #[error("cannot list the files of the {side} copy")]
    List {
        /// Which copy.
        side: Side,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {path:?} of the {side} copy")]
    Read {
        /// Which copy.
        side: Side,
        /// The path of the file below the root.
        path: Text,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is larger than a module can be.
    #[error("{path:?} of the {side} copy has more than the {MAX_ZIP} bytes that a module can have")]
    TooLarge {
        /// Which copy.
        side: Side,
        /// The path of the file below the root.
        path: Text,
    },
}

impl CompareError {
    /// Returns which copy the error is about.
    pub fn side(&self) -> Side {
        match self {
            CompareError::List { side, .. }
            | CompareError::Read { side, .. }
            | CompareError::TooLarge { side, .. } => *side,
        }
    }
}

/// Returns what differs between two copies of a module.
///
/// There is a change exactly where the hashes of the two copies see a difference: every file counts by its path and
/// its content, links as what they point to, and folders not at all. A path that ends in a slash is the entry of a
/// folder in a zip, which the hash covers as an empty file: a tree over a zip must list it. A name that a tree lists
/// more than once counts as often; its content is what the tree gives for the name, in a zip that of the last entry.
///
/// A file of one side that has exactly the content of one of the other side under another name is a rename, if it is
/// not empty. Of several candidates, those with the same base name go together first, then in the order of paths.
///
/// Reads on all threads of the current pool, each file in pieces; memory grows with the number of files alone.
///
/// # Errors
/// When a side cannot be listed; else at the first file, of the left side and then of the right in the order of
/// paths, that cannot be read or is larger than a module can be.
pub fn compare(left: &dyn FileTree, right: &dyn FileTree) -> Result<TreeDiff, CompareError> {
    let mut files = list(Side::Left, left)?;
    files.append(&mut list(Side::Right, right)?);
    let tree = |side| if side == Side::Left { left } else { right };
    let buffer = || vec![0; PIECE];
    let mut facts = digest_all(
        &files,
        |file| file.size,
        buffer,
        |buffer, file| read_facts(tree(file.side), file, buffer),
    )?;
    let right = facts.split_off(files.partition_point(|file| file.side == Side::Left));
    Ok(pair(facts, right))
}

/// A name that a side lists.
struct Listed {
    side: Side,
    path: Text,
    size: u64,
    times: usize,
}

/// Returns the names of a side in order, each once.
fn list(side: Side, tree: &dyn FileTree) -> Result<Vec<Listed>, CompareError> {
    let mut files = tree.list().map_err(|source| CompareError::List { side, source })?;
    files.retain(counts);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let listed = files.chunk_by(|a, b| a.path == b.path).map(|same| Listed {
        side,
        path: same[0].path.as_slice().into(),
        size: same.iter().map(|file| file.size).max().unwrap_or(0),
        times: same.len(),
    });
    Ok(listed.collect())
}

fn counts(file: &TreeFile) -> bool {
    file.kind != FileKind::Folder || is_folder_entry(&file.path)
}

fn is_folder_entry(path: &[u8]) -> bool {
    path.ends_with(b"/")
}

fn read_facts(tree: &dyn FileTree, file: &Listed, buffer: &mut [u8]) -> Result<FileFacts, CompareError> {
    let (mut hash, mut size) = (Sha256::new(), 0);
    if !is_folder_entry(file.path.as_bytes()) {
        let read = tree
            .open(file.path.as_bytes())
            .and_then(|mut content| read_pieces(&mut content, buffer, |piece| hash.update(piece)));
        size =
            read.map_err(|source| CompareError::Read { side: file.side, path: file.path.clone(), source })?;
        if size > MAX_ZIP {
            return Err(CompareError::TooLarge { side: file.side, path: file.path.clone() });
        }
    }
    Ok(FileFacts { path: file.path.clone(), size, sha256: hash.finish(), times: file.times })
}

/// Passes content to `sink` and returns its size; stops when it is larger than a module can be.
fn read_pieces(
    content: &mut dyn io::Read,
    buffer: &mut [u8],
    mut sink: impl FnMut(&[u8]),
) -> io::Result<u64> {
    let mut size = 0;
    while size <= MAX_ZIP {
        match content.read(buffer) {
            Ok(0) => break,
            Ok(read) => {
                sink(&buffer[..read]);
                size += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(size)
}

/// Puts the files of two sides together; both are in the order of their paths, each path once.
fn pair(left: Vec<FileFacts>, right: Vec<FileFacts>) -> TreeDiff {
    let mut diff = TreeDiff::default();
    let (mut only_left, mut only_right) = (Vec::new(), Vec::new());
    let mut right = right.into_iter().peekable();
    for file in left {
        while let Some(earlier) = right.next_if(|other| other.path < file.path) {
            only_right.push(earlier);
        }
        match right.next_if(|other| other.path == file.path) {
            None => only_left.push(file),
            Some(other) if file.is_same(&other) => diff.same += 1,
            Some(other) => {
                diff.changes.push(Change { kind: ChangeKind::Changed, left: Some(file), right: Some(other) });
            }
        }
    }
    only_right.extend(right);
    pair_renamed(only_left, only_right, &mut diff.changes);
    diff.changes.sort_by(Change::order);
    diff
}

/// Files of one content, of either side in the order of their paths.
type Alike = (Vec<FileFacts>, Vec<FileFacts>);

fn pair_renamed(left: Vec<FileFacts>, right: Vec<FileFacts>, changes: &mut Vec<Change>) {
    let mut alike: BTreeMap<(Digest, usize), Alike> = BTreeMap::new();
    for (side, file) in side(Side::Left, left).chain(side(Side::Right, right)) {
        if file.size == 0 {
            changes.push(Change::one_sided(side, file));
            continue;
        }
        let files = alike.entry((file.sha256, file.times)).or_default();
        if side == Side::Left { files.0.push(file) } else { files.1.push(file) }
    }
    for (left, right) in alike.into_values() {
        pair_alike(left, right, changes);
    }
}

fn side(side: Side, files: Vec<FileFacts>) -> impl Iterator<Item = (Side, FileFacts)> {
    files.into_iter().map(move |file| (side, file))
}

fn pair_alike(left: Vec<FileFacts>, right: Vec<FileFacts>, changes: &mut Vec<Change>) {
    let mut renamed = |left, right| {
        changes.push(Change { kind: ChangeKind::Renamed, left: Some(left), right: Some(right) });
    };
    let mut by_base: BTreeMap<Vec<u8>, Alike> = BTreeMap::new();
    for file in left {
        by_base.entry(file.base_name().to_vec()).or_default().0.push(file);
    }
    for file in right {
        by_base.entry(file.base_name().to_vec()).or_default().1.push(file);
    }
    let (mut rest_left, mut rest_right) = (Vec::new(), Vec::new());
    for (left, right) in by_base.into_values() {
        let (more_left, more_right) = zip(left, right, &mut renamed);
        rest_left.extend(more_left);
        rest_right.extend(more_right);
    }
    rest_left.sort();
    rest_right.sort();
    let (left, right) = zip(rest_left, rest_right, &mut renamed);
    changes.extend(left.into_iter().map(|file| Change::one_sided(Side::Left, file)));
    changes.extend(right.into_iter().map(|file| Change::one_sided(Side::Right, file)));
}

/// Passes the files to `pair` in twos, and returns what is left of the longer list.
fn zip(
    mut left: Vec<FileFacts>,
    mut right: Vec<FileFacts>,
    mut pair: impl FnMut(FileFacts, FileFacts),
) -> (Vec<FileFacts>, Vec<FileFacts>) {
    let both = left.len().min(right.len());
    let rest = (left.split_off(both), right.split_off(both));
    left.into_iter().zip(right).for_each(|(left, right)| pair(left, right));
    rest
}
