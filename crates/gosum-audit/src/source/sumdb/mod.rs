//! The checksum database (spec 06): what it recorded when it first saw a module version. A record is no recomputation, but
//! it is proven to be the same for everybody.

mod ask;
mod client;
mod error;
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gosum_evidence::evidence::{Answer, Evidence, Lasting, NotAsked, Origin, SourceName, Sum};
use gosum_evidence::subject::Subject;
use gosum_fetch::meter::{Meter, Metered};
use gosum_fetch::{Fetch, Retry, SafeUrl, UrlError};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::setting::goproxy::ProxyList;
use gosum_mod::setting::gosumdb::Database;
use gosum_mod::setting::private::NoSumDb;
use gosum_tlog::key::{KeyError, VerifierKey};

use self::ask::{Asker, Way};
use self::client::Client;
use self::error::LookupError;
use self::store::Store;
use super::{Cost, Source, Tell};

/// How a checksum database is asked.
pub struct Options {
    /// Which; none when GOSUMDB is `off`.
    pub database: Option<Database>,
    /// The proxies through which it may be reached.
    pub list: ProxyList,
    /// The names that it is not told.
    pub private: NoSumDb,
    /// Whether it is not asked at all: what was kept is all that it says.
    pub offline: bool,
    /// Whether records are asked for anew that are kept.
    pub refresh: bool,
    /// Requests in flight.
    pub jobs: usize,
    /// For one request, retries included.
    pub timeout: Duration,
    /// When and how often a passing failure is tried again.
    pub retry: Retry,
    /// Where the newest tree head, proven tiles and records, and evidence of misbehaviour are kept; for this run alone when
    /// there is none.
    pub cache: Option<PathBuf>,
}

/// What is wrong with a value of GOSUMDB.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SumDbError {
    /// Its key is none.
    #[error("the checksum database's key is none")]
    Key(#[from] KeyError),
    /// The key's name is no host with a path.
    #[error("the checksum database's name {name:?} is not HOST or HOST/PATH")]
    Name {
        /// The name.
        name: String,
    },
    /// Its URL is none.
    #[error("the checksum database's URL is none")]
    Url(#[from] UrlError),
}

/// The checksum database, as one source.
pub struct SumDb {
    client: Option<Client>,
    private: NoSumDb,
    offline: bool,
    /// Whether something may be kept of earlier runs.
    remembers: bool,
    meter: Arc<Meter>,
    /// How many hashes were kept from an earlier run.
    from_cache: AtomicUsize,
}

impl SumDb {
    /// Returns the source that asks the database of `options` through `fetch`.
    ///
    /// # Errors
    /// When its key, name or URL is none.
    pub fn new(fetch: Arc<dyn Fetch>, options: Options) -> Result<SumDb, SumDbError> {
        let Options { database, list, private, offline, refresh, jobs, timeout, retry, cache } = options;
        let remembers = cache.is_some();
        let meter = Arc::new(Meter::default());
        let client = match database {
            None => None,
            Some(Database { key, url }) => {
                let key = VerifierKey::parse(&key)?;
                let name = key.id().name.clone();
                let own = own_url(&name).ok_or_else(|| SumDbError::Name { name: name.clone() })?;
                let store = Store::new(cache.as_deref(), &name);
                let way = match url {
                    Some(url) => Way::At(SafeUrl::parse(&url)?),
                    None => Way::Through { name, list, own },
                };
                let asker = Asker::new(Metered::new(fetch, meter.clone()), retry, timeout, way);
                Some(Client::new(key, asker, store, client::Options { jobs, refresh }))
            }
        };
        Ok(SumDb { client, private, offline, remembers, meter, from_cache: AtomicUsize::new(0) })
    }
}

/// Fails when the key, the name or the URL of `database` is none.
///
/// # Errors
/// What [`SumDb::new`] would say.
pub fn check(database: &Database) -> Result<(), SumDbError> {
    let key = VerifierKey::parse(&database.key)?;
    let name = &key.id().name;
    own_url(name).ok_or_else(|| SumDbError::Name { name: name.clone() })?;
    database.url.as_deref().map(SafeUrl::parse).transpose()?;
    Ok(())
}

/// Returns the URL of a database's own host, if its name is a host with or without a path.
fn own_url(name: &str) -> Option<SafeUrl> {
    let url = SafeUrl::parse(&format!("https://{name}")).ok()?;
    // the name is a folder's too
    let is_plain = |element: &str| !matches!(element, "" | "." | "..") && !element.contains(['\\', ':']);
    let is_host = url.to_string().trim_end_matches('/') == format!("https://{name}");
    (is_host && name.split('/').all(is_plain)).then_some(url)
}

/// Returns the hash that the text of a record has for a line of go.sum.
fn sum_in(text: &str, subject: &Subject) -> Option<Sum> {
    let start = format!("{} ", subject.key());
    let hash = text.lines().find_map(|line| line.strip_prefix(&start))?;
    hash.starts_with("h1:").then(|| Sum::parse(hash))
}

#[cfg(test)]
mod tests;

impl Source for SumDb {
    fn name(&self) -> SourceName {
        SourceName::SUMDB
    }

    fn declines(&self, subject: &Subject) -> Option<NotAsked> {
        if self.client.is_none() {
            Some(NotAsked::GosumdbOff)
        } else if self.private.covers(subject.module.path()) {
            Some(NotAsked::Private)
        } else {
            (self.offline && !self.remembers).then_some(NotAsked::Offline)
        }
    }

    fn ask(&self, subjects: &[Subject], tell: &Tell<'_>) {
        let Some(client) = &self.client else { return };
        let mut modules: BTreeMap<&ModuleVersion, Vec<&Subject>> = BTreeMap::new();
        for subject in subjects {
            modules.entry(&subject.module).or_default().push(subject);
        }
        let versions: Vec<&ModuleVersion> = modules.keys().copied().collect();
        let looked = client.look_up(&versions);
        for ((_, subjects), looked) in modules.into_iter().zip(looked) {
            for subject in subjects {
                let answer = match &looked {
                    Ok(record) => match sum_in(&record.text, subject) {
                        Some(h1) => {
                            self.from_cache.fetch_add(usize::from(record.is_kept), Ordering::Relaxed);
                            Answer::Hash { h1, defects: Vec::new() }
                        }
                        None => LookupError::NoLine(subject.key().to_string()).answer(),
                    },
                    Err(error) => match error.answer() {
                        // what is not kept, nobody was asked for
                        Answer::Unavailable(_) if self.offline => Answer::NotAsked(NotAsked::Offline),
                        answer => answer,
                    },
                };
                // nothing but a definite no makes it absent
                let is_absent = matches!(answer, Answer::Absent(_));
                tell(subject, Evidence::from(answer).lasting(is_absent.then_some(Lasting::NotInDatabase)));
            }
        }
    }

    /// Where its record came from, nobody knows.
    fn trace(&self, _: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)> {
        Vec::new()
    }

    fn cost(&self) -> Cost {
        Cost {
            requests: self.meter.requests(),
            bytes: self.meter.bytes(),
            from_cache: self.from_cache.load(Ordering::Relaxed),
        }
    }
}
