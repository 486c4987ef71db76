//! `--merge`: two go.sum files that come from one, as git's merge driver hands them over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gosum_audit::lint::ask;
use gosum_evidence::agree::agreed;
use gosum_evidence::subject::Subject;
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::file::sum_merge::{Conflict, Merged, marked, merge, unreadable};

use super::super::new_file::NewFile;
use super::super::sum_file;
use super::LintArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Merges BASE, OURS and THEIRS, which `files` are, into OURS.
pub(super) fn run(args: &LintArgs, files: &[PathBuf], session: &Session) -> anyhow::Result<Exit> {
    let [base, ours, theirs] = files else { unreachable!("the command line has three files") };
    let text = |path: &Path| sum_file::read_text(session, path);
    let (base, ours_text, theirs_text) = (text(base)?, text(ours)?, text(theirs)?);
    let sum = |text: &[u8]| GoSum::parse(text);
    let (our_sum, their_sum) = (sum(&ours_text), sum(&theirs_text));
    for (side, sum, text) in [("ours", &our_sum, &ours_text), ("theirs", &their_sum, &theirs_text)] {
        if let Some(line) = whole(sum, text) {
            // nothing can be said of a side that cannot be read: people get to see both
            session.warn(format!(
                "line {line} of {side} is no line of a go.sum: both sides are left between marks"
            ));
            let out = marked(&ended(&ours_text), &ended(&theirs_text));
            return write(session, ours, &ours_text, &out).map(|()| Exit::Findings);
        }
    }
    let mut merged = merge(&sum(&base), &our_sum, &their_sum);
    if args.fetch {
        resolve(&mut merged, args, session)?;
    }
    if session.interrupt.is_raised() {
        return Ok(Exit::Interrupted);
    }
    let conflicts: Vec<Conflict<'_>> = merged.conflicts().collect();
    for conflict in &conflicts {
        let hint = if args.fetch { "" } else { "; --fetch asks the sources" };
        session.warn(format!("the sides have different hashes of {}{hint}", shown(*conflict)));
    }
    let is_merged = conflicts.is_empty();
    write(session, ours, &ours_text, &merged.text())?;
    Ok(if is_merged { Exit::Success } else { Exit::Findings })
}

/// Returns the first line of a side that cannot be merged, if there is one.
fn whole(sum: &GoSum, text: &[u8]) -> Option<usize> {
    let nul = text.iter().position(|byte| *byte == 0);
    let nul = nul.map(|at| text[..at].iter().filter(|byte| **byte == b'\n').count() + 1);
    unreadable(sum).or(nul)
}

fn ended(text: &[u8]) -> Vec<u8> {
    let end: &[u8] = if text.is_empty() || text.ends_with(b"\n") { b"" } else { b"\n" };
    [text, end].concat()
}

/// Decides conflicts by what the sources agree on, where that is the hash of a side.
fn resolve(merged: &mut Merged, args: &LintArgs, session: &Session) -> anyhow::Result<()> {
    let conflicts: Vec<(usize, Subject)> =
        merged.conflicts().filter_map(|conflict| Some((conflict.index(), subject(conflict)?))).collect();
    if conflicts.is_empty() {
        return Ok(());
    }
    let sources = args.sources(session)?;
    let subjects: BTreeSet<Subject> = conflicts.iter().map(|(_, subject)| subject.clone()).collect();
    let comparisons = ask(&subjects, &sources.list());
    for comparison in &comparisons {
        let subject = &comparison.subject;
        match agreed(comparison) {
            Ok(hash) => {
                for (index, _) in conflicts.iter().filter(|(_, of)| of == subject) {
                    if !merged.resolve(*index, hash.to_string().as_bytes()) {
                        session.warn(format!(
                            "{}: the sources agree on a hash that neither side has",
                            subject.key()
                        ));
                    }
                }
            }
            Err(why) => session.warn(format!("{}: {why}", subject.key())),
        }
    }
    Ok(())
}

fn subject(conflict: Conflict<'_>) -> Option<Subject> {
    let (module, artifact) = conflict.line().lines.first()?.key().ok()?;
    Some(Subject::new(module, artifact))
}

/// Returns the first two fields of the lines that contradict each other.
fn shown(conflict: Conflict<'_>) -> String {
    let text = conflict.line().lines.first().map(ToString::to_string).unwrap_or_default();
    text.rsplit_once(' ').map_or(text.clone(), |(key, _)| key.to_owned())
}

fn write(session: &Session, ours: &Path, before: &[u8], text: &[u8]) -> anyhow::Result<()> {
    if text == before {
        return Ok(());
    }
    let file = NewFile::open(&session.path(ours), &ours.display().to_string())?;
    file.write(|out| out.write_all(text))
}
