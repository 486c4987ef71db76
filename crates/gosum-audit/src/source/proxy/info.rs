//! What a proxy tells of where a version came from: the Origin of its `.info` (spec 04 §1).

use std::time::Instant;

use gosum_evidence::evidence::Origin;
use gosum_fetch::{Fetch, SafeUrl};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::check_file_path;
use serde::Deserialize;

use super::ask;
use super::failure::Failure;

/// The most bytes that an `.info` may have: a few hundred are usual.
const MAX_BYTES: u64 = 64 << 10;

/// The parts of an `.info` that tell something.
#[derive(Deserialize)]
struct Info {
    #[serde(rename = "Version", alias = "version")]
    version: String,
    #[serde(rename = "Origin", alias = "origin")]
    origin: Option<Told>,
}

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "Ref", alias = "ref")]
    reference: Option<String>,
    #[serde(rename = "Hash", alias = "hash")]
    hash: Option<String>,
    #[serde(rename = "Subdir", alias = "subdir")]
    subdir: Option<String>,
}

/// Returns the commit and tag that the proxy saw, as it tells them; none when it does not.
pub(super) fn origin(
    fetch: &dyn Fetch,
    url: &SafeUrl,
    module: &ModuleVersion,
    deadline: Instant,
) -> Result<Option<Origin>, Failure> {
    let text = ask::bytes(fetch, url, MAX_BYTES, deadline)?;
    let wrong = |reason: String| Failure::Info { url: url.to_string(), reason };
    let info: Info =
        serde_json::from_slice(&text).map_err(|error| wrong(format!("not an .info: {error}")))?;
    if info.version != module.version().as_str() {
        return Err(wrong(format!("an .info of version {:?}", info.version)));
    }
    // what has another form is left out: it is shown, and a proxy may have anything to say
    Ok(info.origin.map(|told| Origin {
        asked_for: None,
        said: None,
        from: None,
        reference: told.reference.filter(|text| is_reference(text)).map(Into::into),
        commit: told.hash.filter(|text| is_commit(text)).map(Into::into),
        subdir: told.subdir.filter(|text| is_folder(text)).map(Into::into),
    }))
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
