//! Two copies, examined.

use std::io::{self, Cursor};

use gosum_mod::build::constraint::Platform;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::path::ModulePath;
use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

use super::{Compared, Content, CopyShown, Doubt, FileDiff};
use crate::diff::cause::{
    self, AtCommit, Attributes, Cause, CauseError, CopyFacts, Explanation, Facts, FoundCommit,
};
use crate::diff::lines::{Bounds, LineDiffs, Lines, LinesError, TextLines};
use crate::diff::notice::notices;
use crate::diff::reach::{Reach, ReachError, Reaches, reaches};
use crate::diff::tree::{Change, CompareError, Side, TreeDiff, compare};
use crate::evidence::{SourceName, Sum};

/// The name of the file that defines a module.
const GO_MOD: &str = "go.mod";

/// What a line that is shown costs beside its bytes.
const LINE: u64 = 16;

/// A copy that is to be compared.
pub struct CopyGiven<'a> {
    /// How it is shown.
    pub shown: CopyShown,
    /// Who gave it.
    pub source: SourceName,
    /// Its files.
    pub tree: &'a dyn FileTree,
    /// The go.mod that its source gives for the version.
    pub go_mod: Option<&'a [u8]>,
    /// All attributes of the commit that it is of, where they are known.
    pub attributes: Option<&'a Attributes>,
    /// What was computed from the repository for the commit that its origin names.
    pub at_origin: Option<AtCommit>,
    /// A commit of the repository that has the same content, found without its source's word.
    pub found: Option<FoundCommit>,
    /// What speaks against its source's word.
    pub doubt: Option<Doubt>,
}

/// What is looked at, and how much is shown.
#[derive(Debug, Clone)]
pub struct Manner {
    /// For which builds.
    pub platform: Platform,
    /// That, in words; none for all builds.
    pub platform_named: Option<String>,
    /// Whether files are compared line by line.
    pub shows_lines: bool,
    /// The bounds on that.
    pub bounds: Bounds,
    /// How many bytes of lines are shown of all files together.
    pub max_shown: u64,
}

/// Two copies that cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExamineError {
    /// A file of one of them cannot be read.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The files of one of them cannot be listed.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// A file of one of them cannot be read again.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// One of them cannot be read again.
    #[error(transparent)]
    Cause(#[from] CauseError),
}

/// Returns what differs between two copies of the module `module`; without that, no cause is looked for.
///
/// # Errors
/// When a copy cannot be read.
pub fn examine(
    module: Option<&ModulePath>,
    left: &CopyGiven<'_>,
    right: &CopyGiven<'_>,
    manner: &Manner,
) -> Result<Compared, ExamineError> {
    let diff = compare(left.tree, right.tree)?;
    let reach = match diff.changes.is_empty() {
        true => None,
        false => Some((reaches(left.tree, &manner.platform)?, reaches(right.tree, &manner.platform)?)),
    };
    let mut files: Vec<FileDiff> =
        diff.changes.iter().enumerate().map(|file| file_diff(file, reach.as_ref())).collect();
    files.sort_by_key(|file| (!file.change.is_go_mod(), !file.can_reach(), file.number));
    let mut shower = Shower { manner, shown: 0 };
    let go_mod = match (left.go_mod, right.go_mod) {
        (Some(left), Some(right)) if left != right && !shows(&files, left, right) => {
            Some(shower.go_mod(left, right)?)
        }
        _ => None,
    };
    let mut lines = LineDiffs::new(left.tree, right.tree, manner.bounds.clone());
    for file in &mut files {
        file.content = shower.content(&mut lines, &file.change);
    }
    // those that can reach a build come first, so that no others take their places
    let notices = notices(files.iter().map(|file| &file.change), left.tree, right.tree)?;
    let mut explanation = module.map(|module| explanation(module, &diff, left, right)).transpose()?;
    if let Some(explanation) = &mut explanation {
        date(explanation, &left.shown, &right.shown);
    }
    Ok(Compared {
        left: left.shown.clone(),
        right: right.shown.clone(),
        platform: manner.platform_named.clone(),
        go_mod,
        files,
        same: diff.same,
        notices,
        explanation,
        doubt: left.doubt.clone().or_else(|| right.doubt.clone()),
    })
}

fn file_diff((number, change): (usize, &Change), reach: Option<&(Reaches, Reaches)>) -> FileDiff {
    let of = |side| {
        let facts = change.side(side)?;
        let (left, right) = reach?;
        let reaches = if side == Side::Left { left } else { right };
        Some(reaches.of(facts.path.as_bytes()))
    };
    FileDiff {
        number,
        change: change.clone(),
        left_reach: of(Side::Left),
        right_reach: of(Side::Right),
        content: Content::NotAsked,
    }
}

/// Returns whether the go.mod files `left` and `right` are those that differ among `files`.
fn shows(files: &[FileDiff], left: &[u8], right: &[u8]) -> bool {
    let digest = gosum_mod::hash::sha256::sha256;
    let is = |facts: Option<&crate::diff::tree::FileFacts>, text: &[u8]| {
        facts.is_some_and(|facts| facts.path.as_bytes() == GO_MOD.as_bytes() && facts.sha256 == digest(text))
    };
    files.iter().any(|file| is(file.change.left.as_ref(), left) && is(file.change.right.as_ref(), right))
}

/// Compares files line by line, as long as more may be shown.
struct Shower<'m> {
    manner: &'m Manner,
    shown: u64,
}

impl Shower<'_> {
    fn content(&mut self, lines: &mut LineDiffs<'_>, change: &Change) -> Content {
        if !self.manner.shows_lines {
            return Content::NotAsked;
        }
        if self.shown >= self.manner.max_shown {
            return Content::LeftOut;
        }
        match lines.lines(change) {
            Ok(Lines::Text(text)) => {
                let cost = cost(&text);
                // one file may go over the bound, or a large first one would show nothing at all
                self.shown = self.shown.saturating_add(cost);
                Content::Lines(Lines::Text(text))
            }
            Ok(lines) => Content::Lines(lines),
            Err(error) => Content::Unread(crate::chain(&error)),
        }
    }

    fn go_mod(&mut self, left: &[u8], right: &[u8]) -> Result<FileDiff, ExamineError> {
        let (left, right) = (One(left), One(right));
        let diff = compare(&left, &right)?;
        let change = diff.changes.first().expect("the two texts differ");
        let mut lines = LineDiffs::new(&left, &right, self.manner.bounds.clone());
        Ok(FileDiff {
            number: 0,
            change: change.clone(),
            left_reach: Some(Reach::GoMod),
            right_reach: Some(Reach::GoMod),
            content: self.content(&mut lines, change),
        })
    }
}

/// Returns how much it takes to show lines.
fn cost(text: &TextLines) -> u64 {
    let lines = text.hunks.iter().flat_map(|hunk| &hunk.lines);
    lines.map(|line| line.bytes.as_bytes().len() as u64 + LINE).sum()
}

/// A tree of one go.mod.
struct One<'a>(&'a [u8]);

impl FileTree for One<'_> {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let (path, size) = (GO_MOD.into(), self.0.len() as u64);
        Ok(vec![TreeFile { path, kind: FileKind::Regular, size }])
    }

    fn open(&self, _: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        Ok(Box::new(Cursor::new(self.0)))
    }
}

/// Returns why the copies differ, as far as it is proved.
fn explanation(
    module: &ModulePath,
    diff: &TreeDiff,
    left: &CopyGiven<'_>,
    right: &CopyGiven<'_>,
) -> Result<Explanation, ExamineError> {
    // of a copy that lacks attributes, those of the other one count: causes are named only where both have the same
    let attributes = left.attributes.or(right.attributes);
    let facts = Facts { module, diff, left: facts(left), right: facts(right), attributes };
    Ok(cause::explain(&facts)?)
}

/// Adds to the proof of a moved tag when its commits were made.
fn date(explanation: &mut Explanation, left: &CopyShown, right: &CopyShown) {
    for explained in &mut explanation.causes {
        let Cause::TagMoved { side, from, to, .. } = &explained.cause else { continue };
        let (direct, other) = if *side == Side::Left { (left, right) } else { (right, left) };
        explained.proof.extend(match (&other.commit_time, &direct.commit_time) {
            (Some(before), Some(now)) => {
                Some(format!("commit {from} was made at {before}, and commit {to} at {now}"))
            }
            (Some(time), None) => Some(format!("commit {from} was made at {time}")),
            (None, Some(time)) => Some(format!("commit {to} was made at {time}")),
            (None, None) => None,
        });
    }
}

fn facts<'a>(copy: &'a CopyGiven<'_>) -> CopyFacts<'a> {
    let h1 = match &copy.shown.h1 {
        Some(Sum::H1(h1)) => Some(*h1),
        _ => None,
    };
    CopyFacts {
        tree: copy.tree,
        source: copy.source.clone(),
        origin: Some(&*copy.shown.origin),
        h1,
        go_mod: copy.go_mod.map(go_mod_h1),
        at_origin: copy.at_origin.clone(),
        found: copy.found.clone(),
    }
}
