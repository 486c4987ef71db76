//! What a proxy tells of where a version came from: the Origin and the time in its `.info` (spec 04 §1).

use std::time::Instant;

use gosum_evidence::evidence::Origin;
use gosum_fetch::{Fetch, SafeUrl};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::check_file_path;
use serde::Deserialize;

use super::ask;
use super::failure::Failure;

/// The most bytes that an `.info` may have: a few hundred are usual.
pub(super) const MAX_BYTES: u64 = 64 << 10;

/// What a proxy tells of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The commit and tag that it saw, if it tells them.
    pub origin: Option<Origin>,
    /// The time of the commit as it tells it, in RFC 3339 UTC.
    pub time: Option<String>,
}

/// The parts of an `.info` that tell something.
#[derive(Deserialize)]
struct Info {
    #[serde(rename = "Version", alias = "version")]
    version: String,
    #[serde(rename = "Time", alias = "time")]
    time: Option<String>,
    #[serde(rename = "Origin", alias = "origin")]
    origin: Option<ToldOrigin>,
}

#[derive(Deserialize)]
struct ToldOrigin {
    #[serde(rename = "Ref", alias = "ref")]
    reference: Option<String>,
    #[serde(rename = "Hash", alias = "hash")]
    hash: Option<String>,
    #[serde(rename = "Subdir", alias = "subdir")]
    subdir: Option<String>,
}

/// Returns what the proxy tells of `module` at `url`.
pub(super) fn told(
    fetch: &dyn Fetch,
    url: &SafeUrl,
    module: &ModuleVersion,
    deadline: Instant,
) -> Result<Told, Failure> {
    let text = ask::bytes(fetch, url, MAX_BYTES, deadline)?;
    parse(&text, module).map_err(|reason| Failure::Info { url: url.to_string(), reason })
}

/// Returns what the `.info` in `text` tells of `module`.
///
/// # Errors
/// When it is none, or of another version.
pub(crate) fn parse(text: &[u8], module: &ModuleVersion) -> Result<Told, String> {
    let info: Info = serde_json::from_slice(text).map_err(|error| format!("not an .info: {error}"))?;
    if info.version != module.version().as_str() {
        return Err(format!("an .info of version {:?}", info.version));
    }
    // what has another form is left out: it is shown, and a proxy may have anything to say
    let origin = info.origin.map(|told| Origin {
        reference: told.reference.filter(|text| is_reference(text)).map(Into::into),
        commit: told.hash.filter(|text| is_commit(text)).map(Into::into),
        subdir: told.subdir.filter(|text| is_folder(text)).map(Into::into),
        ..Origin::default()
    });
    Ok(Told { origin, time: info.time.filter(|time| is_time(time)) })
}

/// Returns the version that the `.info` in `text` names.
///
/// # Errors
/// When it is none.
pub(super) fn version(text: &[u8]) -> Result<String, String> {
    let info: Info = serde_json::from_slice(text).map_err(|error| format!("not an .info: {error}"))?;
    Ok(info.version)
}

/// Returns whether `text` has the form of a time in UTC to the second, which commits have.
fn is_time(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00Z";
    let fits = |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    text.len() == form.len() && text.bytes().zip(form).all(fits)
}

/// Returns whether `text` is the id of a commit.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns whether `text` may be the name of a ref.
fn is_reference(text: &str) -> bool {
    text.starts_with("refs/") && is_short_word(text)
}

/// Returns whether `text` may be a folder that holds a module.
fn is_folder(text: &str) -> bool {
    text.is_empty() || is_short_word(text) && check_file_path(text.as_bytes()).is_ok()
}

fn is_short_word(text: &str) -> bool {
    text.len() <= 255 && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
}
