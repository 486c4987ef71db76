//! One request to one proxy, and the hash of what comes.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use gosum_evidence::evidence::{Answer, Defect, Sum};
use gosum_fetch::limit::Budget;
use gosum_fetch::spool::Spool;
use gosum_fetch::{Fetch, FetchError, Request, Response, SafeUrl};
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::check::{Placement, placement};
use gosum_mod::zip::hash::zip_sums;
use gosum_mod::zip::limits::{MAX_GO_MOD, MAX_ZIP};
use gosum_mod::zip::source::ReadAt;

use super::failure::Failure;
use crate::chain;
use crate::source::invalid::fault;
use crate::source::said::Refusal;

/// Where zips are kept while they are hashed.
pub(super) struct Spooling<'a> {
    pub(super) budget: &'a Arc<Budget>,
    pub(super) temp: Option<&'a Path>,
}

/// Returns the answer that the `.mod` at `url` gives, and gives its text to `give`.
pub(super) fn go_mod(
    fetch: &dyn Fetch,
    url: &SafeUrl,
    deadline: Instant,
    give: &dyn Fn(Vec<u8>),
) -> Result<Answer, Failure> {
    let text = go_mod_text(fetch, url, deadline)?;
    let h1 = go_mod_h1(&text);
    give(text);
    Ok(Answer::hash(h1))
}

/// Returns the text of the `.mod` at `url`.
pub(super) fn go_mod_text(fetch: &dyn Fetch, url: &SafeUrl, deadline: Instant) -> Result<Vec<u8>, Failure> {
    let text = bytes(fetch, url, MAX_GO_MOD, deadline)?;
    if text.is_empty() {
        // no go.mod is empty that the go command would read: it names a module
        return Err(Failure::Nothing { url: url.to_string(), wanted: "go.mod" });
    }
    if is_page(&text) {
        return Err(Failure::Page { url: url.to_string(), wanted: "go.mod" });
    }
    Ok(text)
}

/// What a zip gives.
pub(super) struct Hashed {
    pub(super) answer: Answer,
    /// The hash of the go.mod in it, where it has one.
    pub(super) go_mod: Option<H1>,
    /// The zip, where the answer is a hash.
    pub(super) archive: Option<Archive<Kept>>,
}

/// Returns what the `.zip` of `module` at `url` gives.
///
/// The hash is taken of whatever is a complete zip, before anything is held against its content, as the go command does
/// (spec 02 §4): so that a recorded hash that differs is a mismatch whatever else is wrong.
pub(super) fn zip(
    fetch: &dyn Fetch,
    url: &SafeUrl,
    deadline: Instant,
    module: &ModuleVersion,
    spooling: &Spooling<'_>,
) -> Result<Hashed, Failure> {
    let response = get(fetch, url, MAX_ZIP, deadline)?;
    let declared = response.body.declared();
    let spool = Spool::read(response.body, declared, spooling.budget, spooling.temp)
        .map_err(|error| unread(url, &error))?;
    hash(module, Kept(spool)).map_err(|Damaged { page, reason }| match page {
        true => Failure::Page { url: url.to_string(), wanted: "module zip" },
        false => Failure::Zip { url: url.to_string(), reason },
    })
}

/// A zip that has no hash.
struct Damaged {
    page: bool,
    reason: String,
}

/// Returns what the zip in `kept`, said to be of `module`, gives.
fn hash(module: &ModuleVersion, kept: Kept) -> Result<Hashed, Damaged> {
    let _hashing = tracing::info_span!("hash", %module).entered();
    let page = kept.begins_as_page();
    let damaged = |error: &dyn std::error::Error| Damaged { page, reason: chain(error) };
    let archive = Archive::open(kept).map_err(|error| damaged(&error))?;
    let placement = placement(module, &archive);
    if let Placement::Outside { first } = &placement {
        let why = format!("the zip is of another module: it holds {first:?}");
        return Ok(Hashed { answer: Answer::Untrusted(why.into()), go_mod: None, archive: None });
    }
    let sums = zip_sums(&archive, module).map_err(|error| damaged(&error))?;
    let defects = fault(module, &archive, &placement).map(|why| (Defect::InvalidZip, why.into()));
    let answer = Answer::Hash { h1: Sum::H1(sums.h1), defects: defects.into_iter().collect() };
    Ok(Hashed { answer, go_mod: sums.go_mod, archive: Some(archive) })
}

/// A zip in memory or in a temporary file.
pub(super) struct Kept(Spool);

impl Kept {
    fn begins_as_page(&self) -> bool {
        let mut start = vec![0; self.0.len().min(256) as usize];
        self.0.read_exact_at(0, &mut start).is_ok() && is_page(&start)
    }
}

impl ReadAt for Kept {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len())
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(offset, buffer)
    }
}

/// Returns the whole body at `url`, at most `max_bytes`.
pub(super) fn bytes(
    fetch: &dyn Fetch,
    url: &SafeUrl,
    max_bytes: u64,
    deadline: Instant,
) -> Result<Vec<u8>, Failure> {
    get(fetch, url, max_bytes, deadline)?.body.into_bytes().map_err(|error| unread(url, &error))
}

fn get(fetch: &dyn Fetch, url: &SafeUrl, max_bytes: u64, deadline: Instant) -> Result<Response, Failure> {
    let response = fetch.send(Request::get(url.clone(), max_bytes, deadline))?;
    if response.status != 200 {
        return Err(Failure::Refused(Refusal::read(response)));
    }
    Ok(response)
}

/// Returns why a body could not be read whole.
fn unread(url: &SafeUrl, error: &io::Error) -> Failure {
    match FetchError::in_io(error) {
        Some(error) => Failure::Fetch(error.clone()),
        None => Failure::Keep { url: url.to_string(), reason: error.to_string() },
    }
}

/// Returns whether `text` begins as a page of a web site does. No go.mod, and no zip, begins with `<`.
fn is_page(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"<")
}
