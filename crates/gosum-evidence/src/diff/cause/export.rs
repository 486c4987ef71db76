//! What attributes ask of archives: to leave files out, and to write the commit into files. Go's own archives do
//! neither (spec 05 §5); those of others do.

use super::attributes::{Attributes, State};
use super::facts::{CauseError, Known};
use super::{Cause, Explained};
use crate::diff::tree::Side;

/// No larger file is looked at.
const MAX: u64 = 1 << 20;

/// What begins a place where the commit is to be written.
const OPEN: &[u8] = b"$Format:";

/// The fewest digits that git leaves of a commit's id.
const MIN_SHORT: usize = 4;

/// Returns which files `side` lacks because attributes leave them out.
///
/// It must lack all such files of the other copy and have none that it should lack, and both must be of one commit: an
/// earlier one may lack them as well.
pub(super) fn find_ignored(known: &Known<'_>, side: Side) -> Result<Option<Explained>, CauseError> {
    let Some(attributes) = known.attributes else { return Ok(None) };
    if !known.is_of_one_commit()
        || known.paths(side).any(|path| attributes.is_export_ignored(path) != Some(false))
    {
        return Ok(None);
    }
    let (mut changes, mut proof) = (Vec::new(), Vec::new());
    for (number, change) in known.changes() {
        let (Some(file), None) = (change.side(side.other()), change.side(side)) else { continue };
        if attributes.is_export_ignored(file.path.as_bytes()) == Some(true) {
            changes.push(number);
            proof.push(format!(
                "the attributes leave {:?} out of archives, and so does {}",
                file.path,
                known.name(side)
            ));
        }
    }
    // a renamed file stands for one that is left out too, and for one that is there in its place
    let all = known
        .only(side.other())
        .filter(|file| attributes.is_export_ignored(file.path.as_bytes()) == Some(true));
    if changes.is_empty() || all.count() != changes.len() {
        return Ok(None);
    }
    Ok(Some(Explained { cause: Cause::ExportIgnore { side }, proof, changes }))
}

/// Returns in which files of `side` the commit is written because attributes ask for it.
pub(super) fn find_replaced(known: &Known<'_>, side: Side) -> Result<Option<Explained>, CauseError> {
    let Some(attributes) = known.attributes else { return Ok(None) };
    let commits = [side, side.other()].map(|side| known.facts.copy(side).origin?.commit.as_deref());
    let (mut changes, mut proof) = (Vec::new(), Vec::new());
    for (number, file, raw) in known.changed(side) {
        if attributes.state(file.path.as_bytes(), "export-subst") != State::Set {
            continue;
        }
        let Some(replaced) = known.content(side, file, MAX)? else { continue };
        let Some(raw) = known.content(side.other(), raw, MAX)? else { continue };
        let commit = commits.into_iter().flatten().find(|commit| is_replaced(&raw, &replaced, commit));
        if let Some(commit) = commit {
            changes.push(number);
            proof.push(format!(
                "the attributes ask for the commit in {:?}, and {} has it of {} with {commit} in it",
                file.path,
                known.name(side),
                known.name(side.other())
            ));
        }
    }
    if changes.is_empty() || !known.has_attributes(side) || is_contradicted(known, attributes)? {
        return Ok(None);
    }
    Ok(Some(Explained { cause: Cause::ExportSubst { side }, proof, changes }))
}

/// Returns whether a file is the same in both copies into which one of them should have written the commit.
fn is_contradicted(known: &Known<'_>, attributes: &Attributes) -> Result<bool, CauseError> {
    for path in &known.shared {
        match attributes.state(path, "export-subst") {
            State::NotKnown => return Ok(true),
            State::Set => {
                let content = known.shared_content(path, MAX)?;
                if content.is_none_or(|content| next_place(&content).is_some()) {
                    return Ok(true);
                }
            }
            State::Unset | State::Unspecified | State::Value(_) => {}
        }
    }
    Ok(false)
}

/// Returns what stands before the first place for a commit, what is asked for there, and what follows.
fn next_place(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let open = text.windows(OPEN.len()).position(|part| part == OPEN)?;
    let (before, rest) = (&text[..open], &text[open + OPEN.len()..]);
    let close = rest.iter().position(|&byte| byte == b'$')?;
    Some((before, &rest[..close], &rest[close + 1..]))
}

/// Returns whether `replaced` is `raw` with `commit` in its places. Only what follows from the id alone is known.
fn is_replaced(raw: &[u8], replaced: &[u8], commit: &str) -> bool {
    let (mut raw, mut rest, mut places) = (raw, replaced, 0);
    while let Some((before, format, after)) = next_place(raw) {
        let Some(inside) = rest.strip_prefix(before).and_then(|rest| expanded(format, rest, commit)) else {
            return false;
        };
        (raw, rest, places) = (after, inside, places + 1);
    }
    places > 0 && raw == rest
}

/// Returns what follows in `text` after the expansion of `format`.
fn expanded<'t>(format: &[u8], mut text: &'t [u8], commit: &str) -> Option<&'t [u8]> {
    let mut format = format.iter();
    while let Some(&byte) = format.next() {
        text = match byte {
            b'%' => match format.next()? {
                b'H' => text.strip_prefix(commit.as_bytes())?,
                b'h' => {
                    let same = text.iter().zip(commit.as_bytes()).take_while(|(a, b)| a == b).count();
                    text.get(same..).filter(|_| same >= MIN_SHORT)?
                }
                b'%' => text.strip_prefix(b"%")?,
                b'n' => text.strip_prefix(b"\n")?,
                _ => return None,
            },
            literal => text.strip_prefix(&[literal])?,
        };
    }
    Some(text)
}
