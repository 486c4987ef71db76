//! One repository, asked about all its modules and versions at once.

use std::sync::Arc;

use gosum_evidence::subject::Subject;
use gosum_fetch::SafeUrl;
use gosum_git::{GitError, HostMemory, ObjectId, Options, Repository};
use gosum_mod::name::id::ModuleVersion;

use super::Fetches;
use super::answer::Teller;
use super::fetch::ask_all;
use super::locate::Root;
use super::place::Place;
use super::refusal::Refusal;
use super::resolve::resolve;
use super::revision::Revision;
use crate::source::Tell;

/// One module version that a repository is asked about.
#[derive(Clone)]
pub(super) struct Wanted<'a> {
    pub(super) module: ModuleVersion,
    pub(super) place: Place,
    /// Its zip, when that is asked about.
    pub(super) zip: Option<&'a Subject>,
    /// Its go.mod, when that is.
    pub(super) go_mod: Option<&'a Subject>,
}

/// Asks repositories.
pub(super) struct Repositories {
    fetches: Fetches,
    options: Options,
    hosts: Arc<HostMemory>,
}

impl Repositories {
    pub(super) fn new(fetches: Fetches, options: Options, hosts: Arc<HostMemory>) -> Repositories {
        Repositories { fetches, options, hosts }
    }

    /// Tells what the repository at `root` answers on everything in `wanted`.
    pub(super) fn ask(&self, root: &Root, wanted: &[Wanted<'_>], tell: &Tell<'_>) {
        let (repository, asked_for) = match self.open(root) {
            Ok(opened) => opened,
            Err((url, refusal)) => {
                let asked_for = (url != root.url).then(|| root.named.as_str().into());
                return Teller::new(&url, asked_for, tell).refuse_all(wanted, &refusal);
            }
        };
        let teller = Teller::new(repository.contacted(), asked_for, tell);
        let resolved = match resolve(&repository, wanted) {
            Ok(resolved) => resolved,
            Err(refusal) => return teller.refuse_all(wanted, &refusal),
        };
        let mut zips = Vec::new();
        let mut go_mods = Vec::new();
        for (wanted, revision) in wanted.iter().zip(resolved) {
            match revision {
                Ok(revision) if wanted.zip.is_some() => zips.push((wanted.clone(), revision)),
                Ok(revision) => go_mods.push((wanted.clone(), revision)),
                Err(refusal) => teller.refuse(wanted, None, None, &refusal),
            }
        }
        ask_all(&repository, zips, go_mods, &teller);
    }

    /// Tells what the repository at `root` has of commits that no branch and no tag leads to, if its host gives them.
    pub(super) fn ask_for_commits(&self, root: &Root, wanted: &[(Wanted<'_>, ObjectId)], tell: &Tell<'_>) {
        let told = wanted.iter().filter_map(|(wanted, commit)| {
            Some((wanted.clone(), Revision::told(wanted.module.version(), *commit)?))
        });
        let (zips, go_mods): (Vec<_>, Vec<_>) = told.partition(|(wanted, _)| wanted.zip.is_some());
        if zips.is_empty() && go_mods.is_empty() {
            return;
        }
        match self.open(root) {
            Ok((repository, asked_for)) => {
                let teller = Teller::new(repository.contacted(), asked_for, tell);
                ask_all(&repository, zips, go_mods, &teller);
            }
            Err((url, refusal)) => tracing::warn!(%url, %refusal, "no commits by their ids"),
        }
    }
}

/// A repository, with what was to be asked when the user's settings put another URL in its place.
type Opened = (Repository, Option<Arc<str>>);

impl Repositories {
    /// Opens the repository at `root`, or at the first of its alternatives that answers when it does not.
    fn open(&self, root: &Root) -> Result<Opened, (SafeUrl, Refusal)> {
        let first = match self.open_at(&root.named, &root.url) {
            Ok(opened) => return Ok(opened),
            Err(failed) => failed,
        };
        let is_interrupted =
            matches!(&first.1, Refusal::Git(error) if matches!(**error, GitError::Interrupted { .. }));
        let alternatives = root.alternatives.iter().filter(|_| !is_interrupted);
        alternatives.filter_map(|named| self.open_at(named, &root.url).ok()).next().ok_or(first)
    }

    fn open_at(&self, named: &str, url: &SafeUrl) -> Result<Opened, (SafeUrl, Refusal)> {
        let reached = self.fetches.reach(named).map_err(|why| (url.clone(), Refusal::Unreachable(why)))?;
        let asked_for = reached.is_rewritten.then(|| named.into());
        let opened =
            Repository::open(reached.fetch, reached.url.clone(), self.options.clone(), self.hosts.clone());
        opened.map(|repository| (repository, asked_for)).map_err(|error| (reached.url, error.into()))
    }
}
