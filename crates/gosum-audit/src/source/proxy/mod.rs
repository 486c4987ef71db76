//! The module proxies of GOPROXY (spec 04 §1 to §3).
//!
//! A source of its own: what version control has is never answered in a proxy's name, though the go command
//! would fall back to it.

mod ask;
mod failure;
pub(crate) mod info;
mod latest;
mod patience;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gosum_evidence::evidence::{Answer, Evidence, Lasting, NotAsked, Origin, SourceName};
use gosum_evidence::subject::Subject;
use gosum_fetch::limit::Budget;
use gosum_fetch::meter::{Meter, Metered};
use gosum_fetch::{Fetch, Retry, SafeUrl, UrlError};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::setting::goproxy::{ListEnd, ProxyList};
use gosum_mod::setting::private::NoProxy;

use self::failure::Failure;
pub use self::info::Told;
use self::patience::{Patience, may_pass};
use super::latest::TellLatest;
use super::{Cost, Give, Source, Tell, To, pool};
use crate::copy::Files;
use crate::copy::zip::ZipFiles;

/// How a proxy source asks.
pub struct Options {
    /// The name under which its answers are shown.
    pub name: SourceName,
    /// GOPROXY, or a list like it.
    pub list: ProxyList,
    /// The names that no proxy is told.
    pub private: NoProxy,
    /// Whether only proxies on disk are asked.
    pub offline: bool,
    /// Requests in flight.
    pub jobs: usize,
    /// For one artifact, retries included.
    pub timeout: Duration,
    /// When and how often a passing failure is tried again.
    pub retry: Retry,
    /// The bytes of zips that may be in memory at once.
    pub budget: Arc<Budget>,
    /// Where zips go that do not fit; the system's folder for temporary files when there is none.
    pub temp: Option<PathBuf>,
}

/// The proxies of GOPROXY, as one source.
pub struct Proxy {
    name: SourceName,
    identity: String,
    proxies: Vec<Entry>,
    offline: bool,
    private: NoProxy,
    jobs: usize,
    timeout: Duration,
    retry: Retry,
    budget: Arc<Budget>,
    temp: Option<PathBuf>,
    fetch: Metered,
    meter: Arc<Meter>,
}

/// One proxy of the list.
struct Entry {
    base: SafeUrl,
    any_failure: bool,
    patience: Patience,
}

/// The failure that counts, and whose it is; none when that proxy is not asked any more.
type Worst = (usize, Option<Failure>);

impl Entry {
    fn url_of(&self, subject: &Subject) -> SafeUrl {
        endpoint(&self.base, &subject.module, extension(subject.artifact))
    }

    /// Returns the evidence that a failure is.
    fn refusal(&self, subject: &Subject, failure: &Failure) -> Evidence {
        let origin = Origin { from: Some(self.url_of(subject).to_string().into()), ..Origin::default() };
        let why = failure.to_string().into();
        let answer = if failure.is_absent() { Answer::Absent(why) } else { Answer::Unavailable(why) };
        let lasting = failure.is_lasting().then_some(Lasting::ProxyRefuses);
        Evidence::new(answer, origin).lasting(lasting).passing(failure.is_passing())
    }
}

impl Proxy {
    /// Returns the source that asks the proxies of `options.list` through `fetch`.
    ///
    /// # Errors
    /// When an entry of the list is no URL.
    pub fn new(fetch: Arc<dyn Fetch>, options: Options) -> Result<Proxy, UrlError> {
        let Options { name, list, private, offline, jobs, timeout, retry, budget, temp } = options;
        let entry = |entry: gosum_mod::setting::goproxy::ProxyEntry| {
            let base = SafeUrl::parse(&entry.url)?;
            Ok(Entry { base, any_failure: entry.any_failure, patience: Patience::default() })
        };
        let mut proxies: Vec<Entry> = list.proxies.into_iter().map(entry).collect::<Result<_, UrlError>>()?;
        let identity = identity(&proxies);
        if offline {
            proxies.retain(|entry| entry.base.scheme() == "file");
        }
        let meter = Arc::new(Meter::default());
        Ok(Proxy {
            name,
            identity,
            proxies,
            offline: offline || list.end == ListEnd::Off,
            private,
            jobs,
            timeout,
            retry,
            budget,
            temp,
            fetch: Metered::new(fetch, meter.clone()),
            meter,
        })
    }

    /// Returns which proxies answer, in which order: what they answered, no other list may answer again.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Returns the answer on `subject` of the first proxy of the list that gives one; else the failure that counts.
    fn answer(&self, subject: &Subject, to: To<'_>) -> Result<Evidence, Worst> {
        let _asking = tracing::info_span!("ask", source = %self.name, module = %subject.module).entered();
        let deadline = Instant::now() + self.timeout;
        self.walk(|entry| self.ask_entry(entry, subject, deadline, to))
    }

    /// Returns what `ask` gets from the first proxy of the list that gives it, by the go command's rule: a failure goes on to
    /// the next proxy when it says "not there", or when `|` follows.
    fn walk<T>(&self, mut ask: impl FnMut(&Entry) -> Result<T, Option<Failure>>) -> Result<T, Worst> {
        let mut worst: Option<Worst> = None;
        let is_absent = |failure: &Option<Failure>| failure.as_ref().is_some_and(Failure::is_absent);
        for (at, entry) in self.proxies.iter().enumerate() {
            let failure = match ask(entry) {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let (absent, goes_on) = (is_absent(&failure), entry.any_failure || is_absent(&failure));
            // the last failure counts that says more than "not there"
            if !absent || worst.as_ref().is_none_or(|(_, worst)| is_absent(worst)) {
                worst = Some((at, failure));
            }
            if !goes_on {
                break;
            }
        }
        Err(worst.expect("a source without proxies declines"))
    }

    /// Returns why there is no answer; none when the proxy is not asked any more.
    fn ask_entry(
        &self,
        entry: &Entry,
        subject: &Subject,
        deadline: Instant,
        to: To<'_>,
    ) -> Result<Evidence, Option<Failure>> {
        if entry.patience.is_over() {
            return Err(None);
        }
        self.patiently(entry, deadline, || self.attempt(entry, subject, deadline, to)).map_err(Some)
    }

    /// Returns what `attempt` gets, which is tried again as long as that may help and the proxy has not failed too often.
    fn patiently<T>(
        &self,
        entry: &Entry,
        deadline: Instant,
        attempt: impl FnMut() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let result = entry.patience.retry(self.retry).run(&self.fetch, deadline, attempt);
        entry.patience.note(result.as_ref().err());
        result
    }

    /// Asks about all of `subjects`, and gives what it reads.
    fn ask_and_give(&self, subjects: &[Subject], tell: &Tell<'_>, to: To<'_>) {
        // zips first: what takes longest should not be what is begun last
        let mut order: Vec<&Subject> = subjects.iter().collect();
        order.sort_by_key(|subject| subject.artifact);
        let failed = Mutex::new(Vec::new());
        pool::each(self.jobs, &order, |subject| match self.answer(subject, to) {
            Ok(evidence) => tell(subject, evidence),
            Err((at, Some(failure))) if !may_pass(&failure) => {
                tell(subject, self.proxies[at].refusal(subject, &failure));
            }
            Err((at, failure)) => {
                failed.lock().expect("no holder of the lock panics").push((*subject, at, failure));
            }
        });
        self.tell_failed(&failed.into_inner().expect("no holder of the lock panics"), tell);
    }

    /// Tells of failures that say more of the proxy than of what was asked. Of one that was given up all say the same,
    /// as it is chance which of them came before that.
    fn tell_failed(&self, failed: &[(&Subject, usize, Option<Failure>)], tell: &Tell<'_>) {
        let mut given_up: BTreeMap<usize, String> = BTreeMap::new();
        for (_, at, failure) in failed.iter().filter(|(_, at, _)| self.proxies[*at].patience.is_over()) {
            let such = given_up.entry(*at).or_default();
            if let Some(what) = failure.as_ref().map(Failure::what)
                && (such.is_empty() || what < *such)
            {
                *such = what;
            }
        }
        for (subject, at, failure) in failed {
            let entry = &self.proxies[*at];
            match (given_up.get(at), failure) {
                (Some(such), _) => {
                    let (url, such) = (entry.base.to_string(), such.clone());
                    tell(subject, entry.refusal(subject, &Failure::GivenUp { url, such }));
                }
                (None, Some(failure)) => tell(subject, entry.refusal(subject, failure)),
                (None, None) => unreachable!("a proxy that is not asked was given up"),
            }
        }
    }

    /// Returns what the proxy that served the copy of `subject` which came from `origin` tells of its version; none when it
    /// tells nothing, or the copy is not from here.
    pub fn told(&self, subject: &Subject, origin: &Origin) -> Option<Told> {
        self.info(self.server(subject, origin)?, &subject.module)
    }

    /// Returns which proxy of the list served a copy.
    fn server(&self, subject: &Subject, origin: &Origin) -> Option<usize> {
        let served =
            |entry: &Entry| origin.from.as_deref() == Some(entry.url_of(subject).to_string().as_str());
        self.proxies.iter().position(served)
    }

    /// Returns what the `.info` of a proxy tells of `module`.
    fn info(&self, at: usize, module: &ModuleVersion) -> Option<Told> {
        let deadline = Instant::now() + self.timeout;
        let url = endpoint(&self.proxies[at].base, module, "info");
        let told = self.retry.run(&self.fetch, deadline, || info::told(&self.fetch, &url, module, deadline));
        told.inspect_err(|error| tracing::warn!(%url, %error, "no origin")).ok()
    }

    fn attempt(
        &self,
        entry: &Entry,
        subject: &Subject,
        deadline: Instant,
        to: To<'_>,
    ) -> Result<Evidence, Failure> {
        let url = entry.url_of(subject);
        let (answer, go_mod_inside) = match subject.artifact {
            Artifact::GoMod => {
                (ask::go_mod(&self.fetch, &url, deadline, &|text| (to.give)(subject, text))?, None)
            }
            Artifact::Zip => {
                let spool = ask::Spooling { budget: &self.budget, temp: self.temp.as_deref() };
                let zip = ask::zip(&self.fetch, &url, deadline, &subject.module, &spool)?;
                if let (Some(keep), Some(archive)) = (to.keep, zip.archive) {
                    let tree = Box::new(ZipFiles::new(archive, &subject.module, self.temp.clone()));
                    keep(subject, Files { tree, attributes: None });
                }
                (zip.answer, zip.go_mod)
            }
        };
        let origin = Origin { from: Some(url.to_string().into()), ..Origin::default() };
        Ok(Evidence::new(answer, origin).with_go_mod_inside(go_mod_inside))
    }
}

impl Source for Proxy {
    fn name(&self) -> SourceName {
        self.name.clone()
    }

    fn declines(&self, subject: &Subject) -> Option<NotAsked> {
        if self.private.covers(subject.module.path()) {
            Some(NotAsked::Private)
        } else if self.proxies.is_empty() {
            Some(if self.offline { NotAsked::Offline } else { NotAsked::NoProxy })
        } else {
            None
        }
    }

    fn ask(&self, subjects: &[Subject], tell: &Tell<'_>) {
        self.ask_and_give(subjects, tell, To::NOBODY);
    }

    fn reads_go_mods(&self) -> bool {
        true
    }

    fn read_go_mods(&self, subjects: &[Subject], tell: &Tell<'_>, give: &Give<'_>) {
        self.ask_and_give(subjects, tell, To { give, keep: None });
    }

    fn read_copies(&self, subjects: &[Subject], tell: &Tell<'_>, to: To<'_>) {
        self.ask_and_give(subjects, tell, to);
    }

    fn reads_latest(&self) -> bool {
        true
    }

    fn read_latest(&self, modules: &[ModuleVersion], tell: &TellLatest<'_>) {
        pool::each(self.jobs, modules, |module| tell(module.path(), self.latest(module.path())));
    }

    fn trace(&self, copies: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)> {
        // of a module with several copies one `.info` tells; a proxy that did not serve a copy is told no name
        let mut infos: BTreeMap<(usize, &ModuleVersion), Vec<&Subject>> = BTreeMap::new();
        for (subject, origin) in copies {
            if let Some(at) = self.server(subject, origin) {
                infos.entry((at, &subject.module)).or_default().push(subject);
            }
        }
        let infos: Vec<_> = infos.into_iter().collect();
        let traced = Mutex::new(Vec::new());
        pool::each(self.jobs, &infos, |((at, module), subjects)| {
            if let Some(Told { origin, time }) = self.info(*at, module) {
                let origin = Origin { time: time.map(Into::into), ..origin.unwrap_or_default() };
                let mut traced = traced.lock().expect("no holder of the lock panics");
                traced.extend(subjects.iter().map(|subject| ((*subject).clone(), origin.clone())));
            }
        });
        traced.into_inner().expect("no holder of the lock panics")
    }

    fn cost(&self) -> Cost {
        Cost { requests: self.meter.requests(), bytes: self.meter.bytes(), from_cache: 0 }
    }
}

/// Returns the list of `proxies`, without credentials, as GOPROXY has it. What follows the last one asks no proxy.
fn identity(proxies: &[Entry]) -> String {
    let mut identity = String::new();
    let mut proxies = proxies.iter().peekable();
    while let Some(Entry { base, any_failure, .. }) = proxies.next() {
        identity += base.to_string().trim_end_matches('/');
        if proxies.peek().is_some() {
            identity += if *any_failure { "|" } else { "," };
        }
    }
    identity
}

fn extension(artifact: Artifact) -> &'static str {
    match artifact {
        Artifact::GoMod => "mod",
        Artifact::Zip => "zip",
    }
}

/// Returns the URL of one endpoint of `module`: `BASE/ESCAPED-PATH/@v/ESCAPED-VERSION.EXTENSION`. All characters
/// that paths and versions can have stand for themselves in a URL.
fn endpoint(base: &SafeUrl, module: &ModuleVersion, extension: &str) -> SafeUrl {
    base.below(&format!("/{}/@v/{}.{extension}", module.path().escaped(), module.version().escaped()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_capitals_in_endpoints() {
        let module = ModuleVersion::parse("github.com/Azure/go@v2.0.0-RC1+incompatible").unwrap();
        for base in ["https://proxy.example/go/", "https://proxy.example/go"] {
            assert_eq!(
                endpoint(&SafeUrl::parse(base).unwrap(), &module, "zip").to_string(),
                "https://proxy.example/go/github.com/!azure/go/@v/v2.0.0-!r!c1+incompatible.zip"
            );
        }
    }
}
