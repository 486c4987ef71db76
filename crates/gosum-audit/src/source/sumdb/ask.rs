//! Asking for the files of a checksum database, and where (spec 06 §2, §4).

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use gosum_fetch::meter::Metered;
use gosum_fetch::{Fetch, FetchError, Request, Retry, SafeUrl};
use gosum_mod::setting::goproxy::{ListEnd, ProxyList};

use super::error::LookupError;
use crate::source::said::Refusal;

/// The most bytes of a lookup's reply: as much as a signed note may have, and its record.
const MAX_REPLY: u64 = (1 << 20) + (64 << 10);

/// Asks a checksum database for its files.
pub(super) struct Asker {
    fetch: Metered,
    retry: Retry,
    timeout: Duration,
    way: Way,
    base: OnceLock<Result<SafeUrl, LookupError>>,
}

/// How the database is reached.
pub(super) enum Way {
    /// At this URL.
    At(SafeUrl),
    /// Through the first proxy of the list that helps; at its own host if none does.
    Through { name: String, list: ProxyList, own: SafeUrl },
}

impl Asker {
    pub(super) fn new(fetch: Metered, retry: Retry, timeout: Duration, way: Way) -> Asker {
        Asker { fetch, retry, timeout, way, base: OnceLock::new() }
    }

    /// Returns the file at `path`, which begins with a slash.
    pub(super) fn get(&self, path: &str) -> Result<Vec<u8>, LookupError> {
        // who helps is asked once, and by nobody who needs nothing from the network
        let base = self.base.get_or_init(|| self.find_base()).as_ref().map_err(LookupError::clone)?;
        self.get_at(&base.below(path))
    }

    fn get_at(&self, url: &SafeUrl) -> Result<Vec<u8>, LookupError> {
        let deadline = Instant::now() + self.timeout;
        self.retry.run(&self.fetch, deadline, || {
            let response = self.fetch.send(Request::get(url.clone(), MAX_REPLY, deadline))?;
            if response.status != 200 {
                return Err(LookupError::Refused(Refusal::read(response)));
            }
            response.body.into_bytes().map_err(|error| match FetchError::in_io(&error) {
                Some(error) => LookupError::Fetch(error.clone()),
                None => LookupError::Read { url: url.to_string(), reason: error.to_string() },
            })
        })
    }

    /// Returns where the files are. A proxy that says it helps is the only one asked from then on.
    fn find_base(&self) -> Result<SafeUrl, LookupError> {
        let (name, list, own) = match &self.way {
            Way::At(url) => return Ok(url.clone()),
            Way::Through { name, list, own } => (name, list, own),
        };
        let mut failed = None;
        for entry in &list.proxies {
            let proxy = SafeUrl::parse(&entry.url).map_err(|error| LookupError::NoWay(error.to_string()))?;
            let base = proxy.below(&format!("/sumdb/{name}"));
            match self.get_at(&base.below("/supported")) {
                Ok(_) => return Ok(base),
                Err(LookupError::Refused(Refusal { status: 404 | 410, .. })) => {}
                Err(error) if entry.any_failure => failed = Some(error),
                Err(error) => return Err(LookupError::NoWay(error.to_string())),
            }
        }
        match failed.filter(|_| list.end != ListEnd::Direct) {
            Some(error) => Err(LookupError::NoWay(error.to_string())),
            None => Ok(own.clone()),
        }
    }
}
