//! What can be said of why two copies differ, and only where it is proved.
//!
//! A cause is named for the files that it explains, byte for byte; of a file that two causes would explain, none is
//! named. It is *the* cause only where it explains every difference: see [`Explanation::the_cause`].

mod attributes;
mod commit;
mod convert;
mod export;
mod facts;
mod go_mod;
mod lfs;
mod vendor;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use self::attributes::Attributes;
use self::facts::Known;
pub use self::facts::{AtCommit, CauseError, CopyFacts, Facts, FoundCommit};
use super::tree::Side;

/// Why two copies differ, or why it is worth a word that they do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The tag names another commit than the one whose content the other copy has.
    TagMoved {
        /// The copy that has what the tag names now.
        side: Side,
        /// The tag, in full.
        reference: Arc<str>,
        /// The commit whose content the other copy has.
        from: Arc<str>,
        /// The commit that the tag names now.
        to: Arc<str>,
    },
    /// The copies are the same, and are of two commits.
    SameContentOtherCommit {
        /// The commit of the left copy.
        left: Arc<str>,
        /// The commit of the right copy.
        right: Arc<str>,
    },
    /// One copy has pointers of git LFS to what the other has.
    LfsPointers {
        /// The copy with the pointers.
        side: Side,
    },
    /// One copy was made by the rule on vendored files that Go had before 1.24, which the module's go line rules out.
    VendorRule {
        /// The copy that was made by the older rule.
        side: Side,
    },
    /// The repository's attributes ask for lines that end with a carriage return and a line feed, and one copy was made
    /// without them.
    LineEnds {
        /// The copy with the carriage returns.
        side: Side,
    },
    /// The repository's attributes ask to write the commit into files, and one copy was made without them.
    ExportSubst {
        /// The copy that has the commit.
        side: Side,
    },
    /// The repository's attributes leave files out of archives, and one copy was made without them.
    ExportIgnore {
        /// The copy that lacks the files.
        side: Side,
    },
    /// Only one copy has a go.mod; for the other, the go.mod is the one that Go makes up for modules that have none.
    GoModOnlyOneSide {
        /// The copy that has it.
        side: Side,
    },
    /// None of these is proved.
    NotKnown,
}

impl Cause {
    /// Returns the word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Cause::TagMoved { .. } => "tag-moved",
            Cause::SameContentOtherCommit { .. } => "same-content-other-commit",
            Cause::LfsPointers { .. } => "lfs-pointers",
            Cause::VendorRule { .. } => "vendor-rule",
            Cause::LineEnds { .. } => "line-ends",
            Cause::ExportSubst { .. } => "export-subst",
            Cause::ExportIgnore { .. } => "export-ignore",
            Cause::GoModOnlyOneSide { .. } => "go-mod-only-one-side",
            Cause::NotKnown => "not-known",
        }
    }

    /// Returns it as a plain sentence about copies of these names, without a full stop. References and commits stand in
    /// it as a source gave them.
    pub fn sentence(&self, left: &str, right: &str) -> String {
        let name = |side: &Side| if *side == Side::Left { left } else { right };
        let other = |side: &Side| name(&side.other());
        match self {
            Cause::TagMoved { side, reference, from, to } => format!(
                "{reference} moved: it names commit {to}, and {} has the content of commit {from}",
                other(side)
            ),
            Cause::SameContentOtherCommit { left: a, right: b } => {
                format!("the same content under two commits: {left} has {a}, and {right} has {b}")
            }
            Cause::LfsPointers { side } => {
                format!("{} has pointers of git LFS where {} has what they point to", name(side), other(side))
            }
            Cause::VendorRule { side } => format!(
                "{} was made by the rule on vendored files from before Go 1.24, and {} by the one since",
                name(side),
                other(side)
            ),
            Cause::LineEnds { side } => format!(
                "the repository's attributes ask for CRLF line ends, which {} has and {} has not",
                name(side),
                other(side)
            ),
            Cause::ExportSubst { side } => format!(
                "the repository's attributes (export-subst) have the commit written into files, as {} has it and {} has not",
                name(side),
                other(side)
            ),
            Cause::ExportIgnore { side } => format!(
                "the repository's attributes (export-ignore) leave files out of archives, which {} lacks and {} has",
                name(side),
                other(side)
            ),
            Cause::GoModOnlyOneSide { side } => format!(
                "only {} has a go.mod; for {} it is the one that Go makes up",
                name(side),
                other(side)
            ),
            Cause::NotKnown => "cause not known".to_owned(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence("the left copy", "the right copy"))
    }
}

/// A cause, and what it explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The cause.
    pub cause: Cause,
    /// What proves it: plain sentences about the copies by the names of their sources. None for what is not known.
    pub proof: Vec<String>,
    /// Which changes of the difference it explains, in order.
    pub changes: Vec<usize>,
}

/// Why two copies differ: each change stands under one cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The causes in their order, [`Cause::NotKnown`] as the last.
    pub causes: Vec<Explained>,
}

impl Explanation {
    /// Returns the cause that explains every difference, if there is one.
    pub fn the_cause(&self) -> Option<&Cause> {
        match self.causes.as_slice() {
            [one] if one.cause != Cause::NotKnown => Some(&one.cause),
            _ => None,
        }
    }

    /// Returns which changes no cause explains.
    pub fn unexplained(&self) -> &[usize] {
        match self.causes.last() {
            Some(last) if last.cause == Cause::NotKnown => &last.changes,
            _ => &[],
        }
    }
}

/// Returns what `facts` prove of why the two copies differ. With left and right exchanged the answer is the mirrored one.
///
/// What a source says of itself counts only together with bytes that bear it out: a moved tag rests on the content of
/// both commits, computed from the repository. Where another commit could have the same effect as a rule on which
/// files go in, both sources must name one commit.
///
/// # Errors
/// When a copy cannot be listed, or a file of it cannot be read again.
pub fn explain(facts: &Facts<'_>) -> Result<Explanation, CauseError> {
    let changes = facts.diff.changes.len();
    if let Some((cause, proof)) = commit::find(facts) {
        let explained = Explained { cause, proof, changes: (0..changes).collect() };
        return Ok(Explanation { causes: vec![explained] });
    }
    if changes == 0 {
        return Ok(Explanation::default());
    }
    let known = Known::new(facts)?;
    let mut claims = Vec::new();
    for side in [Side::Left, Side::Right] {
        claims.extend(lfs::find(&known, side)?);
        claims.extend(vendor::find(&known, side)?);
        claims.extend(convert::find(&known, side)?);
        claims.extend(export::find_ignored(&known, side)?);
        claims.extend(export::find_replaced(&known, side)?);
    }
    let mut times = count(&claims);
    for side in [Side::Left, Side::Right] {
        let go_mod = go_mod::find(&known, side)?;
        claims.extend(go_mod.filter(|claim| claim.changes.iter().all(|change| !times.contains_key(change))));
    }
    times = count(&claims);
    for claim in &mut claims {
        claim.changes.retain(|change| times[change] == 1);
    }
    claims.retain(|claim| !claim.changes.is_empty());
    claims.sort_by(|a, b| a.cause.cmp(&b.cause));
    let rest: Vec<usize> =
        (0..changes).filter(|change| !claims.iter().any(|claim| claim.changes.contains(change))).collect();
    if !rest.is_empty() {
        claims.push(Explained { cause: Cause::NotKnown, proof: Vec::new(), changes: rest });
    }
    Ok(Explanation { causes: claims })
}

/// Returns how many causes would explain a change.
fn count(claims: &[Explained]) -> BTreeMap<usize, usize> {
    let mut times = BTreeMap::new();
    for change in claims.iter().flat_map(|claim| &claim.changes) {
        *times.entry(*change).or_insert(0) += 1;
    }
    times
}
