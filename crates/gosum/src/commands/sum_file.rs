//! Reading the go.sum that the user names.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use gosum_evidence::rule::SumFile;
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::zip::limits::read_bounded;

use super::layout::{absolute, folder_of};
use crate::session::Session;

/// The most bytes of a go.sum.
pub(super) const MAX_BYTES: u64 = 64 << 20;
/// The most lines: ten times those of the largest that anybody has, as each may become a finding.
const MAX_LINES: usize = 1_000_000;

/// Returns the go.sum that `path` names: a file, a folder that holds one, or `-` for standard input.
///
/// # Errors
/// When there is none, or it is no text. Malformed lines are no error: they are findings.
pub(crate) fn read(session: &mut Session, path: &Path) -> anyhow::Result<SumFile> {
    if path == Path::new("-") {
        let text = session.read_stdin(MAX_BYTES).context("cannot read standard input")?;
        return parse("<stdin>".into(), &text).context("standard input");
    }
    let mut path = path.to_path_buf();
    if session.path(&path).is_dir() {
        if path == Path::new(".") {
            path = std::path::PathBuf::new();
        }
        path.push("go.sum");
        if !session.path(&path).exists() {
            let above = above(session, &path);
            bail!("no go.sum in {}; name a folder that has one, or the file{above}", display_dir(&path));
        }
    }
    read_file(session, &path)
}

/// Returns the go.sum file at `path`.
///
/// # Errors
/// As [`read`].
pub(super) fn read_file(session: &Session, path: &Path) -> anyhow::Result<SumFile> {
    let named = path.display().to_string();
    parse(named.as_str().into(), &read_text(session, path)?).context(named)
}

/// Returns the text of the go.sum file at `path`.
///
/// # Errors
/// When it cannot be read, or is larger than any go.sum.
pub(super) fn read_text(session: &Session, path: &Path) -> anyhow::Result<Vec<u8>> {
    let named = path.display().to_string();
    // each of its lines would be a malformed one
    if path.ends_with("go.mod") || path.ends_with("go.work") {
        bail!("{named} is no go.sum: name the folder that it is in");
    }
    let mut file = File::open(session.path(path)).with_context(|| format!("cannot open {named}"))?;
    if !file.metadata().with_context(|| format!("cannot read {named}"))?.is_file() {
        bail!("{named} is neither a file nor a folder");
    }
    read_bounded(&mut file, MAX_BYTES).with_context(|| format!("cannot read {named}"))
}

/// Returns words on the nearest folder above that of `file` which has what an audit begins with, if there is one: the go
/// command would have looked there, gosum does where it is named.
pub(super) fn above(session: &Session, file: &Path) -> String {
    let folder = absolute(&session.path(Path::new("")), folder_of(file));
    let mut above = folder.ancestors().skip(1);
    let is_project =
        |folder: &&Path| ["go.work", "go.mod", "go.sum"].iter().any(|name| folder.join(name).is_file());
    above
        .find(is_project)
        .map(|folder| format!("; the nearest project above is {}", folder.display()))
        .unwrap_or_default()
}

fn display_dir(file: &Path) -> String {
    match file.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.display().to_string(),
        _ => "this folder".to_owned(),
    }
}

/// Returns the go.sum that `text` is. Text has no NUL, and a go.sum is ASCII but for what was put into it by hand.
pub(super) fn parse(name: Arc<str>, text: &[u8]) -> anyhow::Result<SumFile> {
    if text.contains(&0) {
        bail!("not a go.sum: it has NUL bytes, which no text has");
    }
    if text.iter().filter(|byte| **byte == b'\n').count() > MAX_LINES {
        bail!("not a go.sum: more than {MAX_LINES} lines");
    }
    let sum = GoSum::parse(text);
    if sum.lines.is_empty() && !sum.malformed.is_empty() && str::from_utf8(text).is_err() {
        bail!("not a go.sum: not one of its lines can be read");
    }
    Ok(SumFile { name, sum })
}
