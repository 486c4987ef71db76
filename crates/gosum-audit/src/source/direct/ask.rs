//! One repository, asked about all its modules and versions at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use gosum_evidence::evidence::SourceName;
use gosum_evidence::subject::Subject;
use gosum_fetch::SafeUrl;
use gosum_git::{GitError, HostMemory, ObjectId, Options, Repository};
use gosum_mod::name::id::ModuleVersion;

use super::Fetches;
use super::answer::{Teller, Told};
use super::fetch::ask_all;
use super::locate::Root;
use super::memory::Memory;
use super::place::Place;
use super::reach::Reached;
use super::refusal::Refusal;
use super::resolve::resolve;
use super::revision::{Revision, RevisionError};
use crate::source::{Tell, To, pool};

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
    /// What is known from earlier runs.
    memory: Option<Memory>,
    /// The repositories in which no branch and no tag leads to the commit of a module version.
    missing: Mutex<BTreeMap<ModuleVersion, Arc<Opened>>>,
    /// Those that have answered, by where they are asked, and those that have not, with all their retries: a graph asks in
    /// rounds, and then again for zips.
    opened: Mutex<BTreeMap<RootPlace, Result<Arc<Opened>, Silent>>>,
}

/// What [`Root::place`] returns.
type RootPlace = (String, Vec<String>);

/// A repository that answers.
struct Opened {
    repository: Repository,
    /// What was to be asked when the user's settings put another URL in its place.
    asked_for: Option<Arc<str>>,
}

/// Where nobody answers, what was to be asked in its place, and why.
#[derive(Clone)]
struct Silent {
    url: SafeUrl,
    asked_for: Option<Arc<str>>,
    refusal: Refusal,
}

impl Repositories {
    pub(super) fn new(
        fetches: Fetches,
        options: Options,
        hosts: Arc<HostMemory>,
        memory: Option<Memory>,
    ) -> Repositories {
        Repositories { fetches, options, hosts, memory, missing: Mutex::default(), opened: Mutex::default() }
    }

    fn teller<'t>(&'t self, opened: &Opened, to: Told<'t>) -> Teller<'t> {
        let teller = Teller::new(opened.repository.contacted(), opened.asked_for.clone(), to);
        teller.with_temp(self.options.storage.dir.clone()).with_memory(self.memory.as_ref())
    }

    fn missing(&self) -> MutexGuard<'_, BTreeMap<ModuleVersion, Arc<Opened>>> {
        self.missing.lock().expect("no holder of the lock panics")
    }

    /// Tells what the repository at `root` answers on everything in `wanted`.
    pub(super) fn ask(&self, root: &Root, wanted: &[Wanted<'_>], to: Told<'_>) {
        self.ask_by(root, wanted, resolve, to);
    }

    /// Tells what the repository at `root` has of each of `wanted` in the commit that `resolve` finds for it.
    pub(super) fn ask_by(
        &self,
        root: &Root,
        wanted: &[Wanted<'_>],
        resolve: impl FnOnce(&Repository, &[Wanted<'_>]) -> Result<Vec<Result<Revision, Refusal>>, Refusal>,
        to: Told<'_>,
    ) {
        let _asking = tracing::info_span!("ask", source = %SourceName::DIRECT, module = %root.root).entered();
        let opened = match self.opened(root) {
            Ok(opened) => opened,
            Err(Silent { url, asked_for, refusal }) => {
                return Teller::new(&url, asked_for, to).refuse_all(wanted, &refusal);
            }
        };
        let teller = self.teller(&opened, to);
        let resolved = match resolve(&opened.repository, wanted) {
            Ok(resolved) => resolved,
            Err(refusal) => {
                if refusal.may_pass() {
                    let (url, asked_for) = (opened.repository.contacted().clone(), opened.asked_for.clone());
                    let silent = Silent { url, asked_for, refusal: refusal.clone() };
                    self.known().insert(root.place(), Err(silent));
                }
                return teller.refuse_all(wanted, &refusal);
            }
        };
        let mut found = Vec::new();
        for (wanted, revision) in wanted.iter().zip(resolved) {
            match revision {
                Ok(revision) => found.push((wanted.clone(), revision)),
                Err(refusal) => {
                    if matches!(refusal, Refusal::Revision(RevisionError::Unknown { .. })) {
                        self.missing().insert(wanted.module.clone(), opened.clone());
                    }
                    teller.refuse(wanted, None, None, &refusal);
                }
            }
        }
        if let Some(memory) = &self.memory {
            memory.note_sightings(teller.from(), &mut found);
        }
        let left = teller.recall(found);
        let shared = |memory: &&Memory| to.recalls && !left.is_empty() && !memory.refresh;
        match self.memory.as_ref().filter(shared) {
            Some(memory) => {
                let turn = memory.turn(teller.from());
                let left = match turn.waited {
                    // what another process has learned in the meantime is not fetched again
                    true => {
                        opened.repository.rest();
                        teller.recall(left)
                    }
                    false => left,
                };
                fetch(&opened.repository, left, &teller);
                if turn.is_awaited() {
                    memory.share();
                }
            }
            None => fetch(&opened.repository, left, &teller),
        }
        opened.repository.rest();
    }

    /// Tells what the repository at `root` has of `wanted` in the commit that `choose` finds in it.
    pub(super) fn ask_at(
        &self,
        root: &Root,
        wanted: &Wanted<'_>,
        choose: impl FnOnce(&Repository) -> Result<Revision, Refusal>,
        to: Told<'_>,
    ) {
        let opened = match self.opened(root) {
            Ok(opened) => opened,
            Err(Silent { url, asked_for, refusal }) => {
                return Teller::new(&url, asked_for, to).refuse(wanted, None, None, &refusal);
            }
        };
        let teller = self.teller(&opened, to);
        match choose(&opened.repository) {
            Ok(revision) => {
                ask_all(&opened.repository, vec![(wanted.clone(), revision)], Vec::new(), &teller);
            }
            Err(refusal) => teller.refuse(wanted, None, None, &refusal),
        }
        opened.repository.rest();
    }

    /// Returns what `ask` finds out from the repository at `root`, or why it cannot, in words.
    pub(super) fn with<T>(
        &self,
        root: &Root,
        ask: impl FnOnce(&Repository) -> Result<T, GitError>,
    ) -> Result<T, String> {
        let opened = self.opened(root).map_err(|silent| silent.refusal.to_string())?;
        let answer = ask(&opened.repository).map_err(|error| crate::chain(&error));
        opened.repository.rest();
        answer
    }

    /// Returns whether the repository of `module` was found, and no branch and no tag of it leads to the commit.
    pub(super) fn misses(&self, module: &ModuleVersion) -> bool {
        self.missing().contains_key(module)
    }

    /// Tells what repositories have of commits that no branch and no tag leads to, if their hosts give them. Each is one
    /// that was found missing.
    pub(super) fn ask_for_commits(&self, wanted: &[(Wanted<'_>, ObjectId)], tell: &Tell<'_>) {
        type Found<'a> = Vec<(Wanted<'a>, Revision)>;
        let mut repositories: Vec<(Arc<Opened>, Found<'_>)> = Vec::new();
        for (wanted, commit) in wanted {
            let Some(opened) = self.missing().get(&wanted.module).cloned() else { continue };
            // what comes with branches and tags alone has come already
            let told = Revision::told(wanted.module.version(), *commit)
                .filter(|_| opened.repository.gives_any_commit());
            let Some(revision) = told else { continue };
            let one = (wanted.clone(), revision);
            match repositories.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &opened)) {
                Some((_, told)) => told.push(one),
                None => repositories.push((opened, vec![one])),
            }
        }
        pool::each(super::REPOSITORIES, &repositories, |(opened, told)| {
            let (zips, go_mods) = told.iter().cloned().partition(|(wanted, _)| wanted.zip.is_some());
            ask_all(
                &opened.repository,
                zips,
                go_mods,
                &self.teller(opened, Told { tell, to: To::NOBODY, recalls: false }),
            );
        });
    }

    /// Returns the repository at `root`, which is greeted once, whether or not it answers.
    fn opened(&self, root: &Root) -> Result<Arc<Opened>, Silent> {
        let known = self.known().get(&root.place()).cloned();
        if let Some(known) = known {
            // the time that it may take is for what it is asked now
            return known.inspect(|opened| opened.repository.rest());
        }
        let opened = self.open(root).map(Arc::new);
        if opened.as_ref().map_or(true, |opened| opened.repository.is_light()) {
            self.known().insert(root.place(), opened.clone());
        }
        opened
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<RootPlace, Result<Arc<Opened>, Silent>>> {
        self.opened.lock().expect("no holder of the lock panics")
    }

    /// Opens the repository at `root`, or at the first of its alternatives that answers when it does not. That it is nowhere
    /// is said only when each of them says so.
    fn open(&self, root: &Root) -> Result<Opened, Silent> {
        let mut first = match self.open_at(&root.named, &root.url) {
            Ok(opened) => return Ok(opened),
            Err(silent) => silent,
        };
        if first.refusal.is_interrupted() {
            return Err(first);
        }
        for (named, url) in &root.alternatives {
            match self.open_at(named, url) {
                Ok(opened) => return Ok(opened),
                Err(Silent { refusal, .. }) if first.refusal.is_absent() && !refusal.is_absent() => {
                    first.refusal = Refusal::Unreachable(format!("{}; {refusal}", first.refusal));
                }
                Err(_) => {}
            }
        }
        Err(first)
    }

    fn open_at(&self, named: &str, shown: &SafeUrl) -> Result<Opened, Silent> {
        let reached = self.fetches.reach(named).map_err(|why| Silent {
            url: shown.clone(),
            asked_for: None,
            refusal: Refusal::Unreachable(why),
        })?;
        let Reached { url, fetch, is_rewritten } = reached;
        let asked_for = is_rewritten.then(|| shown.to_string().into());
        match Repository::open(fetch, url.clone(), self.options.clone(), self.hosts.clone()) {
            Ok(repository) => Ok(Opened { repository, asked_for }),
            Err(error) => Err(Silent { url, asked_for, refusal: error.into() }),
        }
    }
}

/// Fetches all of `found`, and tells of each.
fn fetch(repository: &Repository, found: Vec<(Wanted<'_>, Revision)>, teller: &Teller<'_>) {
    let (zips, go_mods) = found.into_iter().partition(|(wanted, _)| wanted.zip.is_some());
    ask_all(repository, zips, go_mods, teller);
}
