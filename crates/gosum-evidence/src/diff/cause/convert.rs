//! Line ends for which the attributes ask (spec 05 §5).

use super::attributes::{Attributes, State};
use super::facts::{CauseError, Known};
use super::{Cause, Explained};
use crate::diff::tree::Side;

/// No larger file is looked at.
const MAX: u64 = 16 << 20;

/// What attributes ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    Crlf,
    /// In files that look like text and have nothing but line feeds.
    CrlfIfText,
    NotKnown,
}

/// Returns which files of `side` were made from those of the other side by what the attributes ask for.
pub(super) fn find(known: &Known<'_>, side: Side) -> Result<Option<Explained>, CauseError> {
    let Some(attributes) = known.attributes else { return Ok(None) };
    let (mut changes, mut proof) = (Vec::new(), Vec::new());
    for (number, file, raw) in known.changed(side) {
        let asked = asked(attributes, file.path.as_bytes());
        if !matches!(asked, Asked::Crlf | Asked::CrlfIfText) {
            continue;
        }
        let Some(converted) = known.content(side, file, MAX)? else { continue };
        let Some(raw) = known.content(side.other(), raw, MAX)? else { continue };
        if convert(&raw, asked).is_some_and(|expected| expected == converted) {
            changes.push(number);
            proof.push(format!(
                "the attributes of {:?} ask for what {} has of it",
                file.path,
                known.name(side)
            ));
        }
    }
    if changes.is_empty() || !known.has_attributes(side.other()) || is_contradicted(known, attributes)? {
        return Ok(None);
    }
    Ok(Some(Explained { cause: Cause::LineEnds { side }, proof, changes }))
}

/// Returns whether a file is the same in both copies that should be converted in one of them.
fn is_contradicted(known: &Known<'_>, attributes: &Attributes) -> Result<bool, CauseError> {
    for path in &known.shared {
        let asked = asked(attributes, path);
        match asked {
            Asked::Nothing => continue,
            Asked::NotKnown => return Ok(true),
            Asked::Crlf | Asked::CrlfIfText => {}
        }
        let content = known.shared_content(path, MAX)?;
        if content.is_none_or(|content| convert(&content, asked).is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn asked(attributes: &Attributes, path: &[u8]) -> Asked {
    let state = |name| attributes.state(path, name);
    let if_crlf = match state("text") {
        State::Unset => return Asked::Nothing,
        State::Set | State::Unspecified => Asked::Crlf,
        State::Value(value) if value == b"auto" => Asked::CrlfIfText,
        State::Value(_) | State::NotKnown => Asked::NotKnown,
    };
    match (state("eol"), state("crlf")) {
        (State::Value(eol), State::Unspecified) if eol == b"crlf" => if_crlf,
        (State::Value(eol), _) if eol == b"crlf" => Asked::NotKnown, // the older name has its own say
        (State::NotKnown, _) => Asked::NotKnown,
        _ => Asked::Nothing,
    }
}

/// Returns what becomes of a file, if it becomes another.
fn convert(raw: &[u8], asked: Asked) -> Option<Vec<u8>> {
    let is_text = || !raw.iter().any(|&byte| byte.is_ascii_control() && !b"\n\t\x08\x0c\x1b".contains(&byte));
    if asked == Asked::CrlfIfText && !is_text() {
        return None;
    }
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 16);
    let mut last = None;
    for &byte in raw {
        if byte == b'\n' && last != Some(b'\r') {
            out.push(b'\r');
        }
        out.push(byte);
        last = Some(byte);
    }
    (out.len() > raw.len()).then_some(out)
}
