//! `--fix`: what is put right without judgement.

use std::collections::BTreeSet;

use anyhow::bail;
use gosum_audit::lint::ask;
use gosum_evidence::agree::agreed;
use gosum_evidence::lint::Fixed;
use gosum_evidence::subject::Subject;
use gosum_mod::file::sum_form::{flaws, rewritten};
use gosum_mod::file::sum_merge::unreadable;

use super::super::new_file::NewFile;
use super::super::sum_file;
use super::target::{Sum, Target};
use crate::network::Sources;
use crate::session::Session;

/// Puts the files of `target` right, and returns what was done. Lines are added only where `sources` may be asked.
///
/// # Errors
/// When a file cannot be written; it is as it was then.
pub(super) fn fix(
    target: &mut Target,
    sources: Option<&Sources>,
    session: &Session,
) -> anyhow::Result<Vec<Fixed>> {
    let mut all = Vec::new();
    let is_workspace = target.is_workspace;
    for sum in &mut target.sums {
        let added = match sources {
            Some(sources) => added(sum, is_workspace, sources, session),
            None => Vec::new(),
        };
        let mut text = sum.text.clone();
        if !text.is_empty() && !text.ends_with(b"\n") && !added.is_empty() {
            text.push(b'\n');
        }
        added.iter().for_each(|line| text.extend_from_slice(line.as_bytes()));
        let text = rewritten(&text);
        if let (Some(line), false) = (unreadable(&sum.file.sum), flaws(&text).is_empty()) {
            session.warn(format!(
                "{}: nothing is moved or removed while this line cannot be read",
                sum.file.at(line)
            ));
        }
        if text == sum.text {
            continue;
        }
        write(sum, &text, session)?;
        let flaws = flaws(&sum.text).len().saturating_sub(flaws(&text).len());
        let added = added.iter().map(|line| line.trim_end().to_owned()).collect();
        all.push(Fixed { file: sum.file.name.clone(), flaws, added });
        sum.replace(text);
    }
    Ok(all)
}

/// Returns the missing lines on whose hash the sources agree.
fn added(sum: &Sum, is_workspace: bool, sources: &Sources, session: &Session) -> Vec<String> {
    let (needs, _) = sum.needs(is_workspace);
    let lacking = needs.into_iter().flat_map(|needs| needs.lacking);
    let lacking: BTreeSet<Subject> = lacking.map(|lacking| lacking.subject).collect();
    if lacking.is_empty() {
        return Vec::new();
    }
    if let Some(line) = unreadable(&sum.file.sum) {
        session.warn(format!("{}: no line is added while it cannot be read whole", sum.file.at(line)));
        return Vec::new();
    }
    let mut lines = Vec::new();
    for comparison in ask(&lacking, &sources.list()) {
        match agreed(&comparison) {
            Ok(hash) => lines.push(comparison.subject.line(hash)),
            Err(why) => session.warn(format!("{} is not added: {why}", comparison.subject.key())),
        }
    }
    lines
}

/// Puts `text` in the place of the file, if that is still what was read.
fn write(sum: &Sum, text: &[u8], session: &Session) -> anyhow::Result<()> {
    let path = sum.path.as_deref().expect("standard input was refused");
    let file = NewFile::open(&session.path(path), &sum.file.name)?;
    let now = if session.path(path).exists() { sum_file::read_text(session, path)? } else { Vec::new() };
    if now != sum.text {
        bail!("{} was changed meanwhile, and is left as it is: try again", sum.file.name);
    }
    file.write(|out| out.write_all(text))
}
