//! The two copies of `--between`.

use std::path::Path;

use anyhow::{Context, bail};

use crate::session::Session;
use crate::source_arg::{self, SourceArg};

/// One of the two copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Side {
    /// That of a source that is asked.
    Source(SourceArg),
    /// That of the module cache.
    ModCache,
    /// That of a commit of the module's repository.
    Commit(String),
    /// One on disk.
    Path(String),
}

/// Returns the two copies that `text` names.
///
/// # Errors
/// When there are not two, or one is none that can be compared. No message holds what may be a password.
pub(super) fn parse(session: &Session, text: &str) -> anyhow::Result<[Side; 2]> {
    let parts: Vec<&str> = text.split(',').collect();
    let [left, right] = parts.as_slice() else {
        bail!("--between takes two copies, as in --between proxy,direct");
    };
    let sides = [side(session, left)?, side(session, right)?];
    if sides[0] == sides[1] {
        bail!("--between names one copy twice");
    }
    Ok(sides)
}

fn side(session: &Session, text: &str) -> anyhow::Result<Side> {
    if let Some(revision) = text.strip_prefix("commit:") {
        return match revision.is_empty() {
            true => bail!("--between: `commit:` is followed by a commit, a tag or a branch"),
            false => Ok(Side::Commit(revision.to_owned())),
        };
    }
    match text {
        "modcache" => return Ok(Side::ModCache),
        "sumdb" | "go.sum" => {
            bail!("--between: {text} records a hash, and has no copy to compare")
        }
        _ => {}
    }
    let source = source_arg::source(text);
    if source.is_err() && session.path(Path::new(text)).exists() {
        return Ok(Side::Path(text.to_owned()));
    }
    source.map(Side::Source).map_err(anyhow::Error::msg).context(
        "--between takes proxy, direct, modcache, vendor, proxy=URL, NAME=URL, commit:REVISION, or the path of a zip or folder that \
         is there",
    )
}

/// Returns what the copy at `path` is called beside the one at `other`: by the end of its path, if that is no other name.
pub(super) fn name(path: &str, other: &str) -> String {
    let last = |path: &str| Path::new(path).file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let is_taken = |name: &String| source_arg::name(name).is_ok() || matches!(&**name, "modcache" | "go.sum");
    last(path)
        .filter(|name| last(other).as_ref() != Some(name) && !is_taken(name))
        .unwrap_or_else(|| path.to_owned())
}

/// Returns the sources that must be asked for `sides`.
pub(super) fn sources(sides: &[Side; 2]) -> Vec<SourceArg> {
    let of = |side: &Side| match side {
        Side::Source(source) => Some(source.clone()),
        Side::Commit(_) => Some(SourceArg::Direct),
        Side::ModCache | Side::Path(_) => None,
    };
    let mut sources: Vec<SourceArg> = sides.iter().filter_map(of).collect();
    // version control says what the commits of a proxy's copy are
    if !sources.contains(&SourceArg::Direct) {
        sources.push(SourceArg::Direct);
    }
    sources.dedup();
    sources
}
