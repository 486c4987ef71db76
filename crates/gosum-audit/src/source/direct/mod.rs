//! Version control: the module's own repository, by git (spec 05).
//!
//! `locate` finds the repository of a module path, `reach` the way to it, `place` the folder in it. `ask` asks one repository
//! about all its modules and versions at once: `resolve` finds their commits, each by the rules of `revision`, `fetch` fetches
//! them together, `zip` hashes what the go command would make of each, and `answer` tells it, or the `refusal`.

mod allowed;
mod answer;
mod ask;
mod choose;
mod fetch;
mod host;
mod latest;
mod locate;
mod memory;
mod meta;
mod place;
mod reach;
mod refusal;
mod resolve;
mod revision;
mod search;
mod zip;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gosum_evidence::evidence::{Answer, Defect, Evidence, Lasting, NotAsked, Origin, SourceName};
use gosum_evidence::subject::Subject;
use gosum_fetch::guide::Guided;
use gosum_fetch::limit::Budget;
use gosum_fetch::meter::{Meter, Metered};
use gosum_fetch::{Fetch, Retry, UrlError};
use gosum_git::{HostMemory, Limits, ObjectId, Storage};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::pattern::Patterns;
use gosum_mod::setting::goproxy::{ListEnd, ProxyEntry, ProxyList};
use gosum_mod::setting::private::{NoProxy, TOOLCHAIN};

use self::answer::Told;
use self::ask::{Repositories, Wanted};
pub use self::choose::Choice;
pub use self::locate::Rules;
use self::locate::{LocateError, Locator, Root, Vcs};
pub use self::memory::Memory;
use self::place::Place;
pub use self::reach::{Count, Reach, Reached};
pub use self::search::{Candidate, Search};
use super::latest::TellLatest;
use super::proxy::{self, Proxy};
use super::watch::{Unwatched, Watch};
use super::{Cost, Give, Lost, Source, Tell, To, pool};

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
    /// What one repository may cost.
    pub limits: Limits,
    /// Where repositories may be, and how their hosts are asked.
    pub rules: Rules,
    /// How they are reached.
    pub reach: Arc<dyn Reach>,
    /// Who asks for go-import pages, and the module servers that they name.
    pub pages: Arc<dyn Fetch>,
    /// What is known of commits and tags from earlier runs.
    pub memory: Option<Memory>,
}

/// Version control, as one source.
pub struct Direct {
    offline: bool,
    jobs: usize,
    timeout: Duration,
    retry: Retry,
    fetch: Metered,
    meter: Arc<Meter>,
    rules: Rules,
    repositories: Repositories,
    /// Where modules were found to live.
    located: Mutex<Located>,
    /// How module servers are asked that go-import pages name.
    servers: ServerOptions,
    /// Who is told which repositories are asked.
    watch: Arc<dyn Watch>,
}

type Located = BTreeMap<ModulePath, Result<Root, LocateError>>;

struct ServerOptions {
    budget: Arc<Budget>,
    temp: Option<PathBuf>,
}

impl Direct {
    /// Returns the source that asks repositories as `options` say.
    pub fn new(options: Options) -> Direct {
        let Options {
            offline,
            jobs,
            timeout,
            retry,
            budget,
            temp,
            mod_only_budget,
            limits,
            mut rules,
            reach,
            pages,
            memory,
        } = options;
        let meter = Arc::new(Meter::default());
        let metered = |fetch| Metered::new(fetch, meter.clone());
        let fetch = metered(pages);
        rules.insecure = rules.insecure.map(|(patterns, fetch)| (patterns, Arc::new(metered(fetch)) as _));
        let servers = ServerOptions { budget: budget.clone(), temp: temp.clone() };
        let git = gosum_git::Options {
            timeout,
            retry,
            storage: Storage { budget, dir: temp },
            mod_only_budget,
            limits,
        };
        let fetches = Fetches { meter: meter.clone(), reach, hosts: rules.hosts.clone() };
        let repositories = Repositories::new(fetches, git, Arc::new(HostMemory::new()), memory);
        let located = Mutex::default();
        let watch = Arc::new(Unwatched);
        Direct { offline, jobs, timeout, retry, fetch, meter, rules, repositories, located, servers, watch }
    }

    /// Returns the same source, which tells `watch` which repositories it asks.
    pub fn watched_by(self, watch: Arc<dyn Watch>) -> Direct {
        Direct { watch, ..self }
    }

    /// Asks about all of `subjects`, and gives what is read.
    fn ask_and_give(&self, subjects: &[Subject], told: Told<'_>) {
        let tell = told.tell;
        let mut modules: BTreeMap<&ModuleVersion, Vec<&Subject>> = BTreeMap::new();
        for subject in subjects {
            modules.entry(&subject.module).or_default().push(subject);
        }
        let mut paths: Vec<&ModulePath> = modules.keys().map(|module| module.path()).collect();
        paths.dedup();
        self.locate(&paths);
        let mut repositories: BTreeMap<_, (Root, Vec<Wanted<'_>>)> = BTreeMap::new();
        let mut servers: BTreeMap<String, Vec<Subject>> = BTreeMap::new();
        for (module, subjects) in modules {
            let root = self.located(module.path());
            if let Ok(Root { vcs: Vcs::Mod, named, .. }) = root {
                servers.entry(named).or_default().extend(subjects.iter().map(|subject| (*subject).clone()));
                continue;
            }
            match wanted(module, &subjects, &root) {
                Ok((root, wanted)) => {
                    let entry = repositories.entry(root.place());
                    entry.or_insert_with(|| (root.clone(), Vec::new())).1.push(wanted);
                }
                Err(evidence) => subjects.iter().for_each(|subject| tell(subject, evidence.clone())),
            }
        }
        let mut repositories: Vec<_> = repositories.into_values().collect();
        // the most work first: what takes longest should not be what is begun last
        repositories.sort_by_key(|(_, wanted)| std::cmp::Reverse(wanted.len()));
        self.watch.begins(repositories.len());
        pool::each(REPOSITORIES, &repositories, |(root, wanted)| {
            let url = root.url.to_string();
            self.watch.asks(&url);
            self.repositories.ask(root, wanted, told);
            self.watch.asked(&url);
        });
        for (url, subjects) in servers {
            self.ask_server(&url, &subjects, told);
        }
    }

    /// Asks the module server that a go-import page names in the place of a repository. What it answers is marked.
    fn ask_server(&self, url: &str, subjects: &[Subject], Told { tell, to, .. }: Told<'_>) {
        let why: Arc<str> = "a go-import page names a module server, and no repository".into();
        let mark = |subject: &Subject, mut evidence: Evidence| {
            evidence.answer = evidence.answer.with_defect(Defect::ViaModuleServer, why.clone());
            tell(subject, evidence);
        };
        match self.server(url) {
            Ok(server) => server.read_copies(subjects, &mark, to),
            Err(error) => {
                let evidence: Evidence = Answer::Unavailable(error.to_string().into()).into();
                subjects.iter().for_each(|subject| tell(subject, evidence.clone()));
            }
        }
    }

    /// Returns the module server at `url`.
    fn server(&self, url: &str) -> Result<Proxy, UrlError> {
        let options = proxy::Options {
            name: SourceName::DIRECT,
            list: ProxyList {
                proxies: vec![ProxyEntry { url: url.to_owned(), any_failure: false }],
                end: ListEnd::Nothing,
            },
            private: NoProxy::new(None, None),
            offline: self.offline,
            jobs: self.jobs,
            timeout: self.timeout,
            retry: self.retry,
            budget: self.servers.budget.clone(),
            temp: self.servers.temp.clone(),
        };
        Proxy::new(Arc::new(self.fetch.clone()), options)
    }

    /// Finds out where each of `paths` lives, or why that cannot be found out, once.
    fn locate(&self, paths: &[&ModulePath]) {
        let unknown: Vec<&ModulePath> = {
            let located = self.located.lock().expect("no holder of the lock panics");
            paths.iter().copied().filter(|path| !located.contains_key(*path)).collect()
        };
        let locator = Locator::new(&self.fetch, &self.rules, self.timeout, self.retry);
        pool::each(self.jobs, &unknown, |path| {
            let root = locator.locate(path);
            self.located.lock().expect("no holder of the lock panics").insert((*path).clone(), root);
        });
    }

    fn located(&self, path: &ModulePath) -> Result<Root, LocateError> {
        let located = self.located.lock().expect("no holder of the lock panics");
        located.get(path).expect("all paths have been located").clone()
    }
}

impl Source for Direct {
    fn name(&self) -> SourceName {
        SourceName::DIRECT
    }

    /// Of Go's own toolchains the go command takes the zip that a module server has, from whoever it asks (spec 04 §8): there
    /// is nothing in a repository to compare it with.
    fn declines(&self, subject: &Subject) -> Option<NotAsked> {
        match subject.module.path().as_str() {
            TOOLCHAIN => Some(NotAsked::Toolchain),
            _ => self.offline.then_some(NotAsked::Offline),
        }
    }

    fn ask(&self, subjects: &[Subject], tell: &Tell<'_>) {
        self.ask_and_give(subjects, Told { tell, to: To::NOBODY, recalls: true });
    }

    fn reads_go_mods(&self) -> bool {
        true
    }

    fn read_go_mods(&self, subjects: &[Subject], tell: &Tell<'_>, give: &Give<'_>) {
        self.ask_and_give(subjects, Told { tell, to: To { give, keep: None }, recalls: false });
    }

    fn read_copies(&self, subjects: &[Subject], tell: &Tell<'_>, to: To<'_>) {
        self.ask_and_give(subjects, Told { tell, to, recalls: false });
    }

    fn reads_latest(&self) -> bool {
        true
    }

    fn read_latest(&self, modules: &[ModuleVersion], tell: &TellLatest<'_>) {
        self.latest(modules, tell);
    }

    fn misses_a_commit(&self, subject: &Subject) -> bool {
        self.repositories.misses(&subject.module)
    }

    fn ask_for_commits(&self, commits: &[(Subject, Arc<str>)], tell: &Tell<'_>) {
        let mut modules: BTreeMap<&ModuleVersion, (ObjectId, Vec<&Subject>)> = BTreeMap::new();
        for (subject, commit) in commits {
            if let Ok(commit) = ObjectId::parse(commit) {
                modules.entry(&subject.module).or_insert((commit, Vec::new())).1.push(subject);
            }
        }
        let roots: Vec<_> = modules.keys().map(|module| self.located(module.path())).collect();
        let wanted = modules.into_iter().zip(&roots).filter_map(|((module, (commit, subjects)), root)| {
            let (_, wanted) = wanted(module, &subjects, root).ok()?;
            Some((wanted, commit))
        });
        // what there is of it is told; that there is none has been told before
        let found = |subject: &Subject, evidence: Evidence| {
            if evidence.answer.sum().is_some() {
                tell(subject, evidence);
            }
        };
        self.repositories.ask_for_commits(&wanted.collect::<Vec<_>>(), &found);
    }

    fn find_contents(&self, lost: &[Lost]) -> Vec<Option<Arc<str>>> {
        pool::map(REPOSITORIES, lost, |lost| self.commit_of(lost))
    }

    /// What version control knows, its answers say.
    fn trace(&self, _: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)> {
        Vec::new()
    }

    fn cost(&self) -> Cost {
        Cost { requests: self.meter.requests(), bytes: self.meter.bytes(), from_cache: 0 }
    }
}

/// Who asks repositories.
pub(crate) struct Fetches {
    meter: Arc<Meter>,
    reach: Arc<dyn Reach>,
    /// The hosts that may be asked; none for all.
    hosts: Option<Patterns>,
}

impl Fetches {
    /// Returns where the repository `named` is asked, and by whom: whoever it is, what is asked is counted, and no redirect
    /// leads to a host that may not be asked.
    fn reach(&self, named: &str) -> Result<Reached, String> {
        self.reach.reach(named, &|fetch| {
            let fetch = match &self.hosts {
                Some(hosts) => Arc::new(Guided::new(fetch, allowed::guide(hosts.clone()))),
                None => fetch,
            };
            Arc::new(Metered::new(fetch, self.meter.clone()))
        })
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
        vcs => return Err(unavailable(format!("needs {vcs}")).lasting(Some(Lasting::NeedsVcs))),
    }
    let place = Place::new(module.path(), &root.root, &root.subdir)
        .map_err(|error| unavailable(error.to_string()))?;
    let of = |artifact| subjects.iter().find(|subject| subject.artifact == artifact).copied();
    Ok((root, Wanted { module: module.clone(), place, zip: of(Artifact::Zip), go_mod: of(Artifact::GoMod) }))
}

fn unlocated(error: &LocateError) -> Evidence {
    let why = error.to_string().into();
    let answer = if error.is_absent() { Answer::Absent(why) } else { Answer::Unavailable(why) };
    Evidence::from(answer).lasting(error.lasting()).passing(error.is_passing())
}

#[cfg(test)]
mod tests;
