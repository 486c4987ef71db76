//! What is known of two copies.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use gosum_mod::hash::h1::H1;
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::text::Text;
use gosum_mod::zip::tree::{FileKind, FileTree};

use super::Attributes;
use super::commit::is_commit;
use crate::diff::lines::{LinesError, read_whole};
use crate::diff::tree::{Change, ChangeKind, FileFacts, Side, TreeDiff};
use crate::evidence::{Origin, SourceName};

/// What is known of two copies of a module version.
pub struct Facts<'a> {
    /// The path of the module.
    pub module: &'a ModulePath,
    /// What differs between them.
    pub diff: &'a TreeDiff,
    /// The left copy.
    pub left: CopyFacts<'a>,
    /// The right copy.
    pub right: CopyFacts<'a>,
    /// All attributes of the commit that the copies are of, where they are known. Of a copy that has other ones, no cause
    /// is named that rests on attributes.
    pub attributes: Option<&'a Attributes>,
}

/// What is known of a copy.
pub struct CopyFacts<'a> {
    /// Its files: those that were compared.
    pub tree: &'a dyn FileTree,
    /// Who gave it. What [`SourceName::DIRECT`] gives is the content of the commit of its origin.
    pub source: SourceName,
    /// Where it came from.
    pub origin: Option<&'a Origin>,
    /// The hash of the copy, as computed from its files.
    pub h1: Option<H1>,
    /// The hash of the go.mod that the source gives for the version.
    pub go_mod: Option<H1>,
    /// What was computed from the repository for the commit that the origin names.
    pub at_origin: Option<AtCommit>,
    /// Where the origin names no commit, or one that the repository does not give: one that was found in it.
    pub found: Option<FoundCommit>,
}

/// A commit of the repository that was found to have the content of a copy, without its source's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCommit {
    /// The commit, with the hash computed from the repository.
    pub at: AtCommit,
    /// The ref that leads to it, where no branch and no tag does.
    pub only_from: Option<Arc<str>>,
    /// When it was made, and what the source tells instead, where that is another time.
    pub times: Option<[Arc<str>; 2]>,
}

/// The content of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtCommit {
    /// The commit.
    pub commit: Arc<str>,
    /// What the module in it hashes to.
    pub h1: H1,
}

/// Copies of which the cause cannot be looked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CauseError {
    /// A copy cannot be listed.
    #[error("cannot list the files of the {side} copy")]
    List {
        /// Which copy.
        side: Side,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of it cannot be read again.
    #[error(transparent)]
    Read(#[from] LinesError),
}

impl<'a> Facts<'a> {
    /// Returns the copy on `side`.
    pub fn copy(&self, side: Side) -> &CopyFacts<'a> {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }
}

/// Facts, with what all causes need of them.
pub(super) struct Known<'a> {
    pub(super) facts: &'a Facts<'a>,
    /// The paths of the files that are the same in both copies.
    pub(super) shared: BTreeSet<Vec<u8>>,
    /// The attributes, unless a copy has other ones.
    pub(super) attributes: Option<&'a Attributes>,
}

impl<'a> Known<'a> {
    pub(super) fn new(facts: &'a Facts<'a>) -> Result<Known<'a>, CauseError> {
        let list = |source| CauseError::List { side: Side::Left, source };
        let listed = facts.left.tree.list().map_err(list)?.into_iter();
        let mut shared: BTreeSet<Vec<u8>> =
            listed.filter(|file| file.kind != FileKind::Folder).map(|file| file.path).collect();
        for left in facts.diff.changes.iter().filter_map(|change| change.left.as_ref()) {
            shared.remove(left.path.as_bytes());
        }
        Ok(Known { facts, shared, attributes: consistent(facts)? })
    }

    /// Returns whether both sources name one commit.
    pub(super) fn is_of_one_commit(&self) -> bool {
        let commit = |side| self.facts.copy(side).origin?.commit.as_ref().filter(|commit| is_commit(commit));
        commit(Side::Left).is_some_and(|left| commit(Side::Right) == Some(left))
    }

    /// Returns whether the attributes are those of the commit that the copy on `side` is of.
    pub(super) fn has_attributes(&self, side: Side) -> bool {
        let in_copy = |path: Option<Vec<u8>>| path.is_some_and(|path| self.paths(side).any(|p| p == path));
        self.is_of_one_commit() || self.attributes.is_some_and(|known| known.paths().all(in_copy))
    }

    pub(super) fn name(&self, side: Side) -> &str {
        self.facts.copy(side).source.as_str()
    }

    /// Returns the changes that a cause can explain, with their numbers: those of names that are listed once, and no
    /// folders.
    pub(super) fn changes(&self) -> impl Iterator<Item = (usize, &'a Change)> {
        let is_plain = |facts: &FileFacts| facts.times == 1 && !facts.is_folder();
        self.facts
            .diff
            .changes
            .iter()
            .enumerate()
            .filter(move |(_, change)| [&change.left, &change.right].into_iter().flatten().all(is_plain))
    }

    /// Returns those of them that are of one name, with the file of `side` and that of the other side.
    pub(super) fn changed(&self, side: Side) -> impl Iterator<Item = (usize, &'a FileFacts, &'a FileFacts)> {
        self.changes().filter_map(move |(number, change)| {
            let (one, other) = (change.side(side)?, change.side(side.other())?);
            (change.kind == ChangeKind::Changed).then_some((number, one, other))
        })
    }

    /// Returns the files of `side` that the other side does not have, renamed ones too.
    pub(super) fn only(&self, side: Side) -> impl Iterator<Item = &'a FileFacts> {
        self.facts.diff.changes.iter().filter_map(move |change| {
            let facts = change.side(side)?;
            let is_there = change.side(side.other()).is_some_and(|other| other.path == facts.path);
            (!is_there).then_some(facts)
        })
    }

    /// Returns the paths of all files of `side`.
    pub(super) fn paths(&self, side: Side) -> impl Iterator<Item = &[u8]> {
        let changed = self.facts.diff.changes.iter().filter_map(move |change| change.side(side));
        self.shared.iter().map(Vec::as_slice).chain(changed.map(|facts| facts.path.as_bytes()))
    }

    /// Returns the content of a file, unless it has more than `max` bytes.
    pub(super) fn content(
        &self,
        side: Side,
        file: &FileFacts,
        max: u64,
    ) -> Result<Option<Vec<u8>>, CauseError> {
        if file.size > max {
            return Ok(None);
        }
        Ok(Some(read_whole(side, self.facts.copy(side).tree, file)?))
    }

    /// Returns the content of a file that both have, unless it has more than `max` bytes.
    pub(super) fn shared_content(&self, path: &[u8], max: u64) -> Result<Option<Vec<u8>>, CauseError> {
        let mut content = Vec::new();
        let side = Side::Left;
        let read = self.facts.left.tree.open(path).and_then(|file| {
            io::Read::read_to_end(&mut io::Read::take(file, max.saturating_add(1)), &mut content)
        });
        read.map_err(|source| LinesError::Read { side, path: Text::from(path), source })?;
        Ok((content.len() as u64 <= max).then_some(content))
    }
}

/// Returns the attributes, unless a copy has other ones.
fn consistent<'a>(facts: &Facts<'a>) -> Result<Option<&'a Attributes>, CauseError> {
    let Some(attributes) = facts.attributes else { return Ok(None) };
    for side in [Side::Left, Side::Right] {
        let contradiction = attributes.contradiction(facts.copy(side).tree);
        if contradiction.map_err(|source| CauseError::List { side, source })?.is_some() {
            return Ok(None);
        }
    }
    Ok(Some(attributes))
}
