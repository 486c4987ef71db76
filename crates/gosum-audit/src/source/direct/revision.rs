//! From a version to the commit that it names, held to the rules by which the go command accepts it (spec 01 §5,
//! spec 05 §3).

use std::sync::Arc;

use gosum_git::{History, ObjectId, Ref};
use gosum_mod::name::pseudo::{self, Pseudo};
use gosum_mod::name::semver;
use gosum_mod::name::version::Version;
use gosum_store::Sighting;

use super::place::Place;

/// How many digits of a commit's id a pseudo-version has.
const SHORT: usize = 12;

/// A commit that a version names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Revision {
    /// What to ask the server for: an annotated tag, which brings its commit with it, or the commit.
    pub(super) want: ObjectId,
    /// The commit, as the server's listing has it.
    pub(super) commit: ObjectId,
    /// The tag, in full, when the version names one.
    pub(super) reference: Option<String>,
    /// What leads to the commit, when no branch and no tag does.
    pub(super) only_from: Option<String>,
    /// Whether somebody chose the commit, whatever the version says.
    pub(super) is_chosen: bool,
    /// Where the tag led when it was seen before, in the order of time.
    pub(super) sightings: Arc<[Sighting]>,
}

impl Revision {
    /// Returns the commit to which `want` leads, which is a tag's where that is given as `reference`.
    pub(super) fn of(want: ObjectId, commit: ObjectId, reference: Option<String>) -> Revision {
        let sightings = Arc::new([]);
        Revision { want, commit, reference, only_from: None, is_chosen: false, sightings }
    }

    /// Returns the commit of a pseudo-version that somebody else told, if it is the one of which the version speaks.
    pub(super) fn told(version: &Version, commit: ObjectId) -> Option<Revision> {
        let parsed = pseudo::parse(version.without_incompatible()).ok()?;
        let is_it = parsed.rev().len() == SHORT && commit.to_string().starts_with(parsed.rev());
        let only_from = Some("its id, which the proxy knows".to_owned());
        is_it.then_some(Revision { only_from, ..Revision::of(commit, commit, None) })
    }

    /// Fails when a commit, of which only its id was known, is not of the time that the version says.
    pub(super) fn check_time(&self, version: &Version, time: i64) -> Result<(), RevisionError> {
        if self.reference.is_some() || self.is_chosen {
            return Ok(());
        }
        let parsed = pseudo::parse(version.without_incompatible()).map_err(|error| malformed(&error))?;
        let expected = pseudo::timestamp(time);
        match parsed.time().map_err(|error| malformed(&error))? == expected {
            true => Ok(()),
            false => Err(RevisionError::Time { expected }),
        }
    }
}

/// Why a version names no commit, or not by the rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RevisionError {
    #[error("no tag `{tag}`")]
    NoTag { tag: String },
    #[error("no branch or tag reaches a commit `{rev}`")]
    Unknown { rev: String },
    #[error("no commit `{rev}` among those that the server gives; it withholds some: {why}")]
    Withheld { rev: String, why: String },
    #[error("several commits begin with `{rev}`")]
    Ambiguous { rev: String },
    #[error("the revision of the pseudo-version should be `{expected}`")]
    Short { expected: String },
    #[error("the commit is of {expected}, which the pseudo-version does not say")]
    Time { expected: String },
    #[error("not a pseudo-version: {reason}")]
    Pseudo { reason: String },
    #[error("a pseudo-version without a tag before it is v0, not v1")]
    MajorWithoutBase,
    #[error("the commit has the tag `{tag}` itself, so that no pseudo-version may follow from it")]
    Canonical { tag: String },
    #[error("no tag `{base}`, from which the pseudo-version follows")]
    NoBase { base: String },
    #[error("the tag `{tag}` is no ancestor of the commit")]
    NotDescended { tag: String },
    #[error("whether the tag `{tag}` is an ancestor of the commit cannot be told: {why}")]
    Untold { tag: String, why: String },
}

impl RevisionError {
    /// Returns whether the repository does not have what the version names; otherwise it has, and the version names it
    /// against the rules.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, RevisionError::NoTag { .. } | RevisionError::Unknown { .. })
    }
}

/// Returns what to ask for to get the commit of a version that is no pseudo-version: its tag, and nothing else. To which
/// commit an annotated tag leads, the tag itself tells, and not the server's listing.
pub(super) fn tagged(place: &Place, version: &Version, refs: &[Ref]) -> Result<Revision, RevisionError> {
    let tag = place.tag(version);
    let reference = format!("refs/tags/{tag}");
    match find(refs, &reference) {
        Some(found) => Ok(Revision::of(found.target, found.leads_to(), Some(reference))),
        None => Err(RevisionError::NoTag { tag }),
    }
}

/// Returns the commit of a pseudo-version, when it is one that the rules allow for the history of `refs`.
pub(super) fn pseudo(
    place: &Place,
    version: &Version,
    refs: &[Ref],
    history: &History,
) -> Result<Revision, RevisionError> {
    let parsed = pseudo::parse(version.without_incompatible()).map_err(|error| malformed(&error))?;
    let commit = resolve(parsed.rev(), refs, history)?;
    let unknown = || RevisionError::Unknown { rev: parsed.rev().to_owned() };
    let short = commit.to_string()[..SHORT].to_owned();
    if parsed.rev() != short {
        return Err(RevisionError::Short { expected: short });
    }
    let time = pseudo::timestamp(history.commit_time(&commit).ok_or_else(unknown)?);
    if parsed.time().map_err(|error| malformed(&error))? != time {
        return Err(RevisionError::Time { expected: time });
    }
    check_base(place, version, &parsed, &commit, refs, history)?;
    Ok(Revision::of(commit, commit, None))
}

fn malformed(error: &dyn std::error::Error) -> RevisionError {
    RevisionError::Pseudo { reason: error.to_string() }
}

/// Returns the commit that `rev` names: a tag or branch of that very name, else the one commit that starts so.
fn resolve(rev: &str, refs: &[Ref], history: &History) -> Result<ObjectId, RevisionError> {
    let named = ["refs/tags/", "refs/heads/"].iter().find_map(|kind| find(refs, &format!("{kind}{rev}")));
    if let Some(named) = named {
        return Ok(named.leads_to());
    }
    match history.find_by_prefix(rev) {
        [] => Err(match history.gap() {
            Some(gap) => RevisionError::Withheld { rev: rev.to_owned(), why: crate::chain(&**gap) },
            None => RevisionError::Unknown { rev: rev.to_owned() },
        }),
        [commit] => Ok(*commit),
        _ => Err(RevisionError::Ambiguous { rev: rev.to_owned() }),
    }
}

/// Checks that the tag from which a pseudo-version follows is there, before the commit and not on it.
fn check_base(
    place: &Place,
    version: &Version,
    parsed: &Pseudo<'_>,
    commit: &ObjectId,
    refs: &[Ref],
    history: &History,
) -> Result<(), RevisionError> {
    let Some(base) = parsed.base().map_err(|error| malformed(&error))? else {
        let fits = place.has_path_major() || version.major() != "v1";
        return if fits { Ok(()) } else { Err(RevisionError::MajorWithoutBase) };
    };
    let prefix = place.tag_prefix();
    // a tag at the root counts for a module in a folder too
    let bare = |tag: &'_ str| tag.strip_prefix(&prefix).unwrap_or(tag).to_owned();
    let tags = || refs.iter().filter_map(|found| Some((found.name.strip_prefix("refs/tags/")?, found)));
    if let Some((tag, _)) = tags().find(|(tag, found)| found.leads_to() == *commit && bare(tag) == base) {
        return Err(RevisionError::Canonical { tag: tag.to_owned() });
    }
    let equal = |tag: &str| semver::compare(bare(tag).as_bytes(), base.as_bytes()).is_eq();
    let wanted = format!("{prefix}{base}");
    let mut last = None;
    for (tag, found) in tags().filter(|(tag, _)| tag.starts_with(&wanted) && equal(tag)) {
        if history.is_ancestor(&found.leads_to(), commit) == Some(true) {
            return Ok(());
        }
        last = Some(tag.to_owned());
    }
    Err(match last {
        Some(tag) => match history.gap() {
            Some(gap) => RevisionError::Untold { tag, why: crate::chain(&**gap) },
            None => RevisionError::NotDescended { tag },
        },
        None => RevisionError::NoBase { base },
    })
}

fn find<'r>(refs: &'r [Ref], name: &str) -> Option<&'r Ref> {
    refs.iter().find(|found| found.name == name)
}
