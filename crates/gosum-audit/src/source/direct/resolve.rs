//! The commits of all versions that one repository is asked about.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use gosum_git::{History, ObjectId, Ref, Repository};
use gosum_mod::name::version::Version;

use super::ask::Wanted;
use super::place::Place;
use super::refusal::Refusal;
use super::revision::{self, Revision, RevisionError};

/// With more tags than this, all tags are listed instead of these alone.
const MAX_PREFIXES: usize = 50;

/// Returns the commit of each of `wanted`: one listing of refs for all and, for pseudo-versions, one history.
pub(super) fn resolve(
    repository: &Repository,
    wanted: &[Wanted<'_>],
) -> Result<Vec<Result<Revision, Refusal>>, Refusal> {
    let is_pseudo = |wanted: &Wanted<'_>| wanted.module.version().is_pseudo();
    let tags: BTreeSet<String> = wanted
        .iter()
        .filter(|wanted| !is_pseudo(wanted))
        .map(|wanted| format!("refs/tags/{}", wanted.place.tag(wanted.module.version())))
        .collect();
    let pseudo = wanted.iter().any(is_pseudo);
    let mut refs: Vec<Ref> = if pseudo {
        repository.refs(&["HEAD", "refs/heads/", "refs/tags/"])?
    } else if tags.len() > MAX_PREFIXES {
        repository.refs(&["refs/tags/"])?
    } else {
        repository.refs(&tags.iter().map(String::as_str).collect::<Vec<_>>())?
    };
    let at_head = refs.iter().position(|found| found.name == "HEAD").map(|at| refs.remove(at));
    // without a history no pseudo-version can be told, but tags can
    let history = pseudo.then(|| repository.history(&refs).map_err(Refusal::from));
    let (beyond, detached) = (OnceCell::new(), OnceCell::new());
    let resolve = |wanted: &Wanted<'_>| {
        let (place, version) = (&wanted.place, wanted.module.version());
        match &history {
            Some(history) if is_pseudo(wanted) => {
                let history = history.as_ref().map_err(Refusal::clone)?;
                match revision::pseudo(place, version, &refs, history) {
                    Err(RevisionError::Unknown { rev })
                        if at_head.as_ref().is_some_and(|head| head.target.to_string().starts_with(&rev)) =>
                    {
                        let with_head = || {
                            let refs: Vec<Ref> = refs.iter().chain(&at_head).cloned().collect();
                            repository.history_beyond(&refs, history).map_err(Refusal::from)
                        };
                        // the go command knows HEAD by its name, and fetches it, but nothing before it
                        let history = detached.get_or_init(with_head).as_ref().map_err(Refusal::clone)?;
                        Ok(revision::pseudo(place, version, &refs, history)?)
                    }
                    Err(unknown @ RevisionError::Unknown { .. }) => {
                        let beyond =
                            beyond.get_or_init(|| beyond_refs(repository, &refs, history, usize::MAX));
                        let beyond = beyond.as_ref().ok_or(unknown)?;
                        Ok(beyond.pseudo(place, version, &refs)?)
                    }
                    revision => Ok(revision?),
                }
            }
            _ => Ok(revision::tagged(place, version, &refs)?),
        }
    };
    Ok(wanted.iter().map(resolve).collect())
}

/// What a repository holds beside what its branches and tags lead to.
pub(super) struct Beyond {
    refs: Vec<Ref>,
    pub(super) history: History,
}

impl Beyond {
    /// Returns the revision of a pseudo-version whose commit no branch and no tag of `refs` leads to.
    fn pseudo(&self, place: &Place, version: &Version, refs: &[Ref]) -> Result<Revision, RevisionError> {
        let revision = revision::pseudo(place, version, refs, &self.history)?;
        let named = self.first_to(&revision.want).unwrap_or("its id").to_owned();
        Ok(Revision { only_from: Some(named), ..revision })
    }

    /// Returns the name of a ref that leads to `commit`. Where there are several, the first one tells enough.
    pub(super) fn first_to(&self, commit: &ObjectId) -> Option<&str> {
        let end = self.history.first_from(commit, self.refs.iter().map(Ref::leads_to));
        self.refs.iter().find(|found| Some(found.leads_to()) == end).map(|found| &*found.name)
    }
}

/// Returns what the refs of `repository` beside branches and tags lead to, such as pull requests; none when that
/// cannot be had, or they are more than `max`: what they may say is only an addition.
pub(super) fn beyond_refs(
    repository: &Repository,
    refs: &[Ref],
    history: &History,
    max: usize,
) -> Option<Beyond> {
    let known: HashSet<&str> = refs.iter().map(|known| &*known.name).collect();
    let is_other = |found: &Ref| found.name != "HEAD" && !known.contains(&*found.name);
    let all =
        repository.refs(&["refs/"]).inspect_err(|error| tracing::warn!(%error, "no other refs")).ok()?;
    let others: Vec<Ref> = all.into_iter().filter(is_other).collect();
    if others.is_empty() || others.len() > max {
        return None;
    }
    let both: Vec<Ref> = refs.iter().chain(&others).cloned().collect();
    let history = repository.history_beyond(&both, history);
    let history = history.inspect_err(|error| tracing::warn!(%error, "no history of other refs")).ok()?;
    Some(Beyond { refs: others, history })
}
