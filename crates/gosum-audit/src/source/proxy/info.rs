//! What a proxy tells of where a version came from: the Origin of its `.info` (spec 04 §1).

use std::time::Instant;

use gosum_evidence::evidence::Origin;
use gosum_fetch::{Fetch, SafeUrl};
use gosum_mod::name::id::ModuleVersion;
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
    Ok(info.origin.map(|told| Origin {
        from: None,
        reference: told.reference.map(Into::into),
        commit: told.hash.map(Into::into),
        subdir: told.subdir.map(Into::into),
    }))
}
