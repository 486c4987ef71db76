//! Flags of the commands that ask sources, and the sources that they make.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use gosum_audit::source::Source;
use gosum_audit::source::direct::{self, Direct, Rules};
use gosum_audit::source::modcache::ModCache;
use gosum_audit::source::proxy::{self, Proxy};
use gosum_audit::source::recall::{Memory, Policy, Recalling};
use gosum_audit::source::sumdb::{self, SumDb};
use gosum_audit::source::vendor::Vendor;
use gosum_evidence::evidence::SourceName;
use gosum_fetch::client::{self, Client, Observer};
use gosum_fetch::limit::Budget;
use gosum_fetch::{Fetch, FetchError, Method, Retry, SafeUrl};
use gosum_git::access::{Access, ForGo, HttpSettings};
use gosum_git::{Bound, Limits, ProgramObserver, Programs};
use gosum_mod::setting::goproxy::{ListEnd, ProxyList};
use gosum_mod::setting::gosumdb;
use gosum_report::escape::terminal;
use gosum_store::{Keeper, SourceKey, Store};

use crate::clients::Clients;
use crate::output::Output;
use crate::progress::Bars;
use crate::reach::UsersReach;
use crate::secret::without_credentials;
use crate::session::Session;
use crate::source_arg::SourceArg;
use crate::{VERSION, value};

/// How sources are asked.
#[derive(Debug, Args)]
pub(crate) struct NetworkArgs {
    /// Requests in flight
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Network")]
    jobs: u16,
    /// Bytes of module zips and packs that may be in memory at once; what does not fit goes to temporary files
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = value::size, help_heading = "Network")]
    memory: u64,
    /// Time for one artifact, retries included
    #[arg(long, value_name = "D", default_value = "10m", value_parser = value::duration, help_heading = "Network")]
    timeout: Duration,
    /// Retries on 429, 5xx and broken connections
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=20), help_heading = "Network")]
    retries: u32,
    /// Bytes that may be fetched of one repository for go.mod files alone, where the host cannot send less
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = value::size, help_heading = "Network")]
    mod_only_budget: u64,
    /// Another bound on what one repository may cost, such as `pack-bytes=4GiB`; may be repeated [names: seconds,
    /// listing-bytes, pack-bytes, objects, object-bytes, unpacked-bytes, remade-bytes, read-bytes, converted-bytes,
    /// kept-bytes, history-bytes, delta-depth, delta-bytes, tree-depth, tree-entries, attribute-bytes, attribute-steps]
    #[arg(long, value_name = "NAME=N", value_parser = value::limit, help_heading = "Network")]
    limit: Vec<(Bound, u64)>,
    /// Where answers are kept, and what was proven of the checksum database [default: GOSUM_CACHE, or `gosum` in the user's
    /// folder for caches]
    #[arg(long, value_name = "DIR", help_heading = "Network")]
    cache_dir: Option<PathBuf>,
    /// Keep nothing, and read nothing that was kept
    #[arg(long, conflicts_with = "cache_dir", help_heading = "Network")]
    no_cache: bool,
    /// Use no network: what was kept answers, whatever its age, and the rest is not asked
    #[arg(long, help_heading = "Network")]
    offline: bool,
    /// Print each request, as the go command does, in place of progress
    #[arg(short = 'x', help_heading = "Network")]
    print_requests: bool,
}

/// Returns the folder in which things are kept: the one that the user `named`, else that of the settings, if there is one.
pub(crate) fn cache_dir(session: &Session, named: Option<&Path>) -> Option<PathBuf> {
    match named {
        Some(dir) => Some(session.path(dir)),
        None => session.env.cache_dir(),
    }
}

/// Which kept answers count.
#[derive(Debug, Args)]
pub(crate) struct RecallArgs {
    /// How old a kept answer may be, so that its source is not asked again: a number with a unit such as 24h or 7d, or 0
    #[arg(long, value_name = "D", default_value = "24h", value_parser = value::age, help_heading = "Network")]
    max_age: Duration,
    /// Ask all sources anew: no kept answer counts, not even where a source cannot be asked
    #[arg(long, conflicts_with_all = ["offline", "no_cache"], help_heading = "Network")]
    refresh: bool,
}

/// What the sources of a command remember.
struct Memories {
    keeper: Arc<Keeper>,
    policy: Policy,
}

impl Memories {
    /// Returns what is kept in the folder `cache`; none, with a warning, where nothing can be kept.
    fn open(session: &Session, cache: &Path, recall: &RecallArgs, offline: bool) -> Option<Memories> {
        let policy = Policy { max_age: recall.max_age, refresh: recall.refresh, offline, lasts: false };
        match Store::open(cache, session.seconds()) {
            Ok(store) => Some(Memories { keeper: Arc::new(Keeper::new(Arc::new(store))), policy }),
            Err(error) => {
                session.warn(format!("no answers are kept: {:#}", anyhow::Error::from(error)));
                None
            }
        }
    }

    fn of(&self, source: String) -> Memory {
        Memory { keeper: self.keeper.clone(), source: SourceKey::new(source), policy: self.policy }
    }
}

/// Returns all on which it depends who answers for version control, without credentials.
fn direct_identity(session: &Session, access: &Access) -> String {
    let mut identity = "direct".to_owned();
    let mut add = |what: &str, value: &str| {
        if !value.is_empty() {
            identity += &format!("\n{what} {}", without_credentials(value));
        }
    };
    // which server's word is taken for what a repository holds
    for (key, subsection, value) in access.config().values() {
        if matches!(&*key, "url.insteadof" | "http.sslverify") {
            add("git", &format!("{key} {} {value}", subsection.unwrap_or("")));
        }
    }
    for (setting, value) in session.env.direct_settings() {
        add(setting, value);
    }
    if let Some(hosts) = &session.hosts {
        add("hosts", &format!("{hosts:?}"));
    }
    identity
}

/// Returns what a checksum database is told by, without credentials.
fn sumdb_identity(database: &gosumdb::Database) -> String {
    let url = database.url.as_deref().unwrap_or("");
    format!("sumdb {} {}", database.key, without_credentials(url)).trim_end().to_owned()
}

/// The sources of a command.
pub(crate) struct Sources {
    proxies: Vec<Recalling<Proxy>>,
    direct: Option<Recalling<Direct>>,
    sumdb: Option<Recalling<SumDb>>,
    modcache: Option<ModCache>,
    vendor: Option<Vendor>,
    /// Who keeps what they answer, if anybody does.
    keeper: Option<Arc<Keeper>>,
    /// Those whom the sources ask through: when they are gone, nothing is asked any more.
    _clients: Arc<Clients>,
}

impl Sources {
    /// Returns the sources in the order in which they are shown.
    pub(crate) fn list(&self) -> Vec<&dyn Source> {
        let proxies = self.proxies.iter().map(|proxy| proxy as &dyn Source);
        let direct = self.direct.as_ref().map(|direct| direct as &dyn Source);
        let sumdb = self.sumdb.as_ref().map(|sumdb| sumdb as &dyn Source);
        let modcache = self.modcache.as_ref().map(|modcache| modcache as &dyn Source);
        proxies.chain([direct, sumdb, modcache, self.vendor()].into_iter().flatten()).collect()
    }
}

impl Sources {
    /// Returns the same sources, of which `bars` show what they ask.
    pub(crate) fn watched_by(mut self, bars: &Arc<Bars>) -> Sources {
        self.direct = self.direct.map(|direct| direct.map(|direct| direct.watched_by(bars.clone())));
        self
    }

    /// Returns the module proxies.
    pub(crate) fn proxies(&self) -> Vec<&Proxy> {
        self.proxies.iter().map(Recalling::source).collect()
    }

    /// Returns version control, if it is asked.
    pub(crate) fn direct(&self) -> Option<&Direct> {
        self.direct.as_ref().map(Recalling::source)
    }

    /// Returns the checksum database, if it is asked.
    pub(crate) fn sumdb(&self) -> Option<&SumDb> {
        self.sumdb.as_ref().map(Recalling::source)
    }

    /// Returns the vendor folders, if they are asked.
    pub(crate) fn vendor(&self) -> Option<&dyn Source> {
        self.vendor.as_ref().map(|vendor| vendor as &dyn Source)
    }

    /// Waits until all that was answered is kept, and says what went wrong with that: nothing for which a command fails.
    pub(crate) fn finish(&self, session: &Session) {
        let Some(keeper) = &self.keeper else { return };
        let unkept = keeper.finish().err();
        for notice in keeper.take_notices() {
            session.warn(notice);
        }
        match unkept {
            Some(error) => {
                session.warn(format!("not all answers could be kept: {:#}", anyhow::Error::from(error)));
            }
            // what was of use stays; who cannot make room finds out when there is none
            None if keeper.has_written() => match keeper.store().prune_daily() {
                Ok(pruned) => tracing::info!(?pruned, "made room"),
                Err(error) => tracing::warn!(%error, "no room was made"),
            },
            None => {}
        }
    }
}

impl NetworkArgs {
    /// Returns how far the command has come, shown where that is wanted.
    pub(crate) fn bars(&self, session: &Session) -> Arc<Bars> {
        Bars::new(session.progress && !self.print_requests)
    }

    /// Returns the sources in `wanted`, and the vendor folders beside them.
    ///
    /// # Errors
    /// When a setting is wrong, or the vendor folder is wanted and not there.
    pub(crate) fn sources(
        &self,
        session: &Session,
        wanted: &[SourceArg],
        recall: Option<&RecallArgs>,
        vendor: Option<Vendor>,
    ) -> anyhow::Result<Sources> {
        let list = session.env.goproxy()?;
        let offline = self.offline || list.end == ListEnd::Off && list.proxies.is_empty();
        let clients = Arc::new(self.clients(session, offline)?);
        let client = clients.common()?;
        let settings = session.env.access();
        let programs = Arc::new(Programs::new(self.programs_shown(session), &settings.vars));
        let stopped = programs.clone();
        session.interrupt.on_raise(move || stopped.stop());
        let access = Arc::new(Access::new(settings, session.env.goauth()?, programs.clone())?);
        let go = |client: Arc<Client>| Arc::new(ForGo::new(client, access.clone()));
        let budget = Arc::new(Budget::new(self.memory));
        let retry = Retry { retries: self.retries, ..Retry::default() };
        let cache = self.cache(session);
        let memories = recall.and_then(|recall| Memories::open(session, cache.as_deref()?, recall, offline));
        let keeper = memories.as_ref().map(|memories| memories.keeper.clone());
        let memory = |source: String| memories.as_ref().map(|memories| memories.of(source));
        let mut sources = Sources {
            proxies: Vec::new(),
            direct: None,
            sumdb: None,
            modcache: None,
            vendor: None,
            keeper,
            _clients: clients.clone(),
        };
        if wanted.contains(&SourceArg::Modcache) {
            let Some(root) = session.env.gomodcache()? else {
                bail!(
                    "modcache is to be asked, and there is no module cache: set GOMODCACHE, GOPATH or HOME"
                );
            };
            sources.modcache = Some(ModCache::new(root, session.env.temp()));
        }
        if wanted.contains(&SourceArg::Sumdb) {
            let database = match session.env.sumdb()? {
                gosumdb::SumDb::Off => None,
                gosumdb::SumDb::On(database) => Some(database),
            };
            let identity = database.as_ref().map(sumdb_identity);
            let options = sumdb::Options {
                database,
                list: list.clone(),
                private: session.env.not_in_sumdb(),
                offline,
                refresh: recall.is_some_and(|recall| recall.refresh),
                jobs: self.jobs.into(),
                timeout: self.timeout,
                retry,
                cache: cache.clone(),
            };
            let sumdb =
                SumDb::new(go(client.clone()), options).with_context(|| session.env.named("GOSUMDB"))?;
            let memory = identity.and_then(memory).map(Memory::lasting);
            sources.sumdb = Some(Recalling::new(sumdb, memory));
        }
        let mut proxies: Vec<(SourceName, ProxyList)> = Vec::new();
        if wanted.contains(&SourceArg::Proxy) {
            proxies.push((SourceName::PROXY, list.clone()));
        }
        for source in wanted {
            if let SourceArg::Further { name, list } = source {
                proxies.push((name.clone(), list.clone()));
            }
        }
        let proxy = |name: SourceName, list: ProxyList| {
            let is_listed = name == SourceName::PROXY;
            let context = if is_listed { session.env.named("GOPROXY") } else { name.to_string() };
            let options = proxy::Options {
                name,
                list,
                private: session.env.private(),
                offline,
                jobs: self.jobs.into(),
                timeout: self.timeout,
                retry,
                budget: budget.clone(),
                temp: session.env.temp(),
            };
            Proxy::new(go(client.clone()), options).context(context)
        };
        for (name, list) in proxies {
            let proxy = proxy(name, list)?;
            let memory = memory(format!("proxy {}", proxy.identity()));
            sources.proxies.push(Recalling::new(proxy, memory));
        }
        let direct = || {
            let insecure = session.env.insecure().map(|patterns| {
                let anybody = HttpSettings { is_unchecked: true, ..HttpSettings::default() };
                anyhow::Ok((patterns, clients.of(&anybody)? as Arc<dyn Fetch>))
            });
            let rules = Rules {
                vcs: session.env.vcs_rules()?,
                insecure: insecure.transpose()?,
                hosts: session.hosts.clone(),
            };
            let options = direct::Options {
                offline,
                jobs: self.jobs.into(),
                timeout: self.timeout,
                retry,
                budget: budget.clone(),
                temp: session.env.temp(),
                mod_only_budget: self.mod_only_budget,
                limits: self.limits(),
                rules,
                reach: Arc::new(UsersReach {
                    access: access.clone(),
                    programs: programs.clone(),
                    clients: clients.clone(),
                }),
                pages: go(client.clone()),
                memory: memories.as_ref().map(|memories| direct::Memory {
                    keeper: memories.keeper.clone(),
                    refresh: memories.policy.refresh,
                }),
            };
            anyhow::Ok(Direct::new(options))
        };
        if wanted.contains(&SourceArg::Direct) {
            let memory = memory(direct_identity(session, &access));
            sources.direct = Some(Recalling::new(direct()?, memory));
        }
        if wanted.contains(&SourceArg::Vendor) && vendor.is_none() {
            bail!("vendor is to be asked, and no project is named");
        }
        if let Some(mut vendor) = vendor {
            if let Some(root) = session.env.gomodcache()? {
                let modcache = ModCache::new(root, session.env.temp());
                vendor = vendor.with_reference(Box::new(modcache), false);
            }
            if !offline {
                vendor = vendor.with_reference(Box::new(proxy(SourceName::PROXY, list.clone())?), false);
                vendor = vendor.with_reference(Box::new(direct()?), is_direct_for_private(&list));
            }
            sources.vendor = Some(vendor);
        }
        Ok(sources)
    }

    /// Returns the folder in which things are kept, if there is one.
    fn cache(&self, session: &Session) -> Option<PathBuf> {
        (!self.no_cache).then(|| cache_dir(session, self.cache_dir.as_deref())).flatten()
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        self.limit.iter().for_each(|(bound, value)| limits.set(*bound, *value));
        limits
    }

    /// Returns who prints the programs that run, if they are to be printed.
    fn programs_shown(&self, session: &Session) -> Option<ProgramObserver> {
        let err = session.err.clone();
        let print = move |line: &str| {
            // what cannot be printed is no reason to stop
            let _ = writeln!(err.clone(), "# run {}", terminal(line));
        };
        self.print_requests.then(|| Arc::new(print) as ProgramObserver)
    }

    fn clients(&self, session: &Session, offline: bool) -> anyhow::Result<Clients> {
        let observer = || Arc::new(Requests(session.err.clone())) as Arc<dyn Observer>;
        let options = client::Options {
            jobs: self.jobs.into(),
            certificates: session.env.certificates(),
            proxies: session.env.proxies()?,
            routes: session.routes.clone(),
            offline,
            user_agent: format!("gosum/{VERSION}"),
            observer: self.print_requests.then(observer),
            ..client::Options::default()
        };
        Ok(Clients::new(options, session.interrupt.clone()))
    }
}

/// Returns whether the go command gets only from version control what is kept from the proxies of `list`.
pub(crate) fn is_direct_for_private(list: &ProxyList) -> bool {
    list.end != ListEnd::Direct
}

/// Fails when the user requires an answer that the settings cannot give.
///
/// # Errors
/// When GOPROXY names no proxy and `required` does.
pub(crate) fn check_required(session: &Session, required: &[SourceName]) -> anyhow::Result<()> {
    if required.contains(&SourceName::PROXY) && session.env.goproxy()?.proxies.is_empty() {
        bail!("--require names proxy, but GOPROXY names no proxy to ask: set GOPROXY, or leave it out");
    }
    if required.contains(&SourceName::SUMDB) && session.env.sumdb()? == gosumdb::SumDb::Off {
        bail!("--require names sumdb, but GOSUMDB is off: set GOSUMDB, or leave it out");
    }
    Ok(())
}

/// Returns `list` without repetitions.
///
/// # Errors
/// When it is empty, or two further proxies in it have one name, were it for the same URL.
pub(crate) fn distinct(list: &[SourceArg]) -> anyhow::Result<Vec<SourceArg>> {
    let mut distinct: Vec<SourceArg> = Vec::new();
    for source in list {
        match distinct.iter().find(|known| known.name() == source.name()) {
            None => distinct.push(source.clone()),
            // what the settings describe is one source, however often it is named
            Some(
                SourceArg::Proxy
                | SourceArg::Direct
                | SourceArg::Sumdb
                | SourceArg::Modcache
                | SourceArg::Vendor,
            ) => {}
            Some(SourceArg::Further { .. }) => {
                bail!("two sources are named {}: give one of them a name, as in NAME=URL", source.name())
            }
        }
    }
    if distinct.is_empty() {
        bail!("no source is named");
    }
    Ok(distinct)
}

/// Prints requests as they are sent and answered.
struct Requests(Output);

impl Observer for Requests {
    fn asked(&self, method: Method, url: &SafeUrl) {
        // what cannot be printed is no reason to stop
        let _ = writeln!(self.0.clone(), "# {} {url}", verb(method));
    }

    fn answered(&self, method: Method, url: &SafeUrl, answer: Result<u16, &FetchError>, elapsed: Duration) {
        let seconds = elapsed.as_secs_f64();
        let _ = match answer {
            Ok(status) => writeln!(self.0.clone(), "# {} {url}: {status} ({seconds:.3}s)", verb(method)),
            Err(error) => writeln!(self.0.clone(), "# {} {error} ({seconds:.3}s)", verb(method)),
        };
    }
}

fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
    }
}
