//! Version control: the module's own repository, by git over http (spec 05).
//!
//! `locate` finds the repository of a module path, `place` the folder in it, `revision` the commit of a version; `ask`
//! asks one repository about all its modules and versions at once.

mod ask;
mod host;
mod locate;
mod meta;
mod place;
mod revision;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gosum_evidence::evidence::{Answer, Evidence, NotAsked, Origin, SourceName};
use gosum_evidence::subject::Subject;
use gosum_fetch::limit::Budget;
use gosum_fetch::meter::{Meter, Metered};
use gosum_fetch::{Fetch, Retry, SafeUrl};
use gosum_git::{HostMemory, Storage};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::path::ModulePath;

use self::ask::{Repositories, Wanted};
use self::locate::{LocateError, Locator, Root, Vcs};
use self::place::Place;
use super::{Cost, Source, Tell, pool};

/// How many repositories are asked at once.
const REPOSITORIES: usize = 8;

/// How version control is asked.
pub struct Options {
    /// Whether it is not asked at all.
    pub offline: bool,
    /// Requests in flight.
    pub jobs: usize,
    /// For one artifact, and each operation on a repository, retries included.
    pub timeout: Duration,
    /// When and how often a passing failure is tried again.
    pub retry: Retry,
    /// The bytes of packs that may be in memory at once.
    pub budget: Arc<Budget>,
    /// Where packs go that do not fit; the system's folder for temporary files when there is none.
    pub temp: Option<PathBuf>,
    /// How many bytes of a repository may be fetched for go.mod files alone, where the host cannot send less.
    pub mod_only_budget: u64,
}

/// Version control, as one source.
pub struct Direct {
    offline: bool,
    jobs: usize,
    timeout: Duration,
    retry: Retry,
    fetch: Metered,
    meter: Arc<Meter>,
    repositories: Repositories,
}

impl Direct {
    /// Returns the source that asks repositories through `fetch`.
    pub fn new(fetch: Arc<dyn Fetch>, options: Options) -> Direct {
        let Options { offline, jobs, timeout, retry, budget, temp, mod_only_budget } = options;
        let meter = Arc::new(Meter::default());
        let fetch = Metered::new(fetch, meter.clone());
        let git = gosum_git::Options {
            timeout,
            retry,
            storage: Storage { budget, dir: temp },
            mod_only_budget,
            ..gosum_git::Options::default()
        };
        let repositories = Repositories::new(Arc::new(fetch.clone()), git, Arc::new(HostMemory::new()));
        Direct { offline, jobs, timeout, retry, fetch, meter, repositories }
    }

    /// Returns where each of `paths` lives, or why that could not be found out.
    fn locate(&self, paths: &[&ModulePath]) -> BTreeMap<ModulePath, Result<Root, LocateError>> {
        let locator = Locator::new(&self.fetch, self.timeout, self.retry);
        let found = Mutex::new(BTreeMap::new());
        pool::each(self.jobs, paths, |path| {
            let root = locator.locate(path);
            found.lock().expect("no holder of the lock panics").insert((*path).clone(), root);
        });
        found.into_inner().expect("no holder of the lock panics")
    }
}

impl Source for Direct {
    fn name(&self) -> SourceName {
        SourceName::DIRECT
    }

    fn declines(&self, _: &Subject) -> Option<NotAsked> {
        self.offline.then_some(NotAsked::Offline)
    }

    fn ask(&self, subjects: &[Subject], tell: &Tell<'_>) {
        let mut modules: BTreeMap<&ModuleVersion, Vec<&Subject>> = BTreeMap::new();
        for subject in subjects {
            modules.entry(&subject.module).or_default().push(subject);
        }
        let mut paths: Vec<&ModulePath> = modules.keys().map(|module| module.path()).collect();
        paths.dedup();
        let roots = self.locate(&paths);
        let mut repositories: BTreeMap<&SafeUrl, (&Root, Vec<Wanted<'_>>)> = BTreeMap::new();
        for (module, subjects) in modules {
            match wanted(module, &subjects, &roots[module.path()]) {
                Ok((root, wanted)) => {
                    repositories.entry(&root.url).or_insert((root, Vec::new())).1.push(wanted);
                }
                Err(evidence) => subjects.iter().for_each(|subject| tell(subject, evidence.clone())),
            }
        }
        let mut repositories: Vec<_> = repositories.into_values().collect();
        // the most work first: what takes longest should not be what is begun last
        repositories.sort_by_key(|(_, wanted)| std::cmp::Reverse(wanted.len()));
        pool::each(REPOSITORIES, &repositories, |(root, wanted)| self.repositories.ask(root, wanted, tell));
    }

    /// What version control knows, its answers say.
    fn trace(&self, _: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)> {
        Vec::new()
    }

    fn cost(&self) -> Cost {
        Cost { requests: self.meter.requests(), bytes: self.meter.bytes() }
    }
}

/// Returns what to ask which repository about a module version, or why none can be asked.
fn wanted<'s, 'r>(
    module: &ModuleVersion,
    subjects: &[&'s Subject],
    root: &'r Result<Root, LocateError>,
) -> Result<(&'r Root, Wanted<'s>), Evidence> {
    let root = root.as_ref().map_err(unlocated)?;
    let origin = || Origin { from: Some(root.url.to_string().into()), ..Origin::default() };
    let unavailable = |why: String| Evidence::new(Answer::Unavailable(why.into()), origin());
    match root.vcs {
        Vcs::Git => {}
        Vcs::Mod => return Err(unavailable("a module server, which is not version control".into())),
        vcs => return Err(unavailable(format!("needs {vcs}"))),
    }
    let place = Place::new(module.path(), &root.root, &root.subdir)
        .map_err(|error| unavailable(error.to_string()))?;
    let of = |artifact| subjects.iter().find(|subject| subject.artifact == artifact).copied();
    Ok((root, Wanted { module: module.clone(), place, zip: of(Artifact::Zip), go_mod: of(Artifact::GoMod) }))
}

fn unlocated(error: &LocateError) -> Evidence {
    let why = error.to_string().into();
    if error.is_absent() { Answer::Absent(why).into() } else { Answer::Unavailable(why).into() }
}
