//! Pointers of git LFS.
//!
//! ```text
//! pointer = "version https://git-lfs.github.com/spec/v1" LF "oid sha256:" 64hex LF "size " decimal LF
//! ```

use gosum_mod::hash::sha256::Digest;

use super::facts::{CauseError, Known};
use super::{Cause, Explained};
use crate::diff::tree::Side;

/// No pointer has more bytes.
const MAX: u64 = 1024;

/// Returns what pointers on `side` explain.
pub(super) fn find(known: &Known<'_>, side: Side) -> Result<Option<Explained>, CauseError> {
    let (mut changes, mut proof) = (Vec::new(), Vec::new());
    for (number, pointer, content) in known.changed(side) {
        let Some(text) = known.content(side, pointer, MAX)? else { continue };
        if read(&text) == Some((content.sha256, content.size)) {
            changes.push(number);
            proof.push(format!(
                "{:?} of {} points to {} bytes of the SHA-256 that {} has",
                pointer.path,
                known.name(side),
                content.size,
                known.name(side.other())
            ));
        }
    }
    Ok((!changes.is_empty()).then_some(Explained { cause: Cause::LfsPointers { side }, proof, changes }))
}

/// Returns what a pointer points to.
fn read(text: &[u8]) -> Option<(Digest, u64)> {
    let rest =
        str::from_utf8(text).ok()?.strip_prefix("version https://git-lfs.github.com/spec/v1\noid sha256:")?;
    let (oid, rest) = rest.split_once('\n')?;
    let size = rest.strip_prefix("size ")?.strip_suffix('\n')?;
    let is_canonical = size == "0" || !size.starts_with(['0', '+']);
    Some((digest(oid)?, size.parse().ok().filter(|_| is_canonical)?))
}

fn digest(hex: &str) -> Option<Digest> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let mut digest = Digest::default();
    if pairs.len() != digest.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(digest)
}

fn value(hex: u8) -> Option<u8> {
    match hex {
        b'0'..=b'9' => Some(hex - b'0'),
        b'a'..=b'f' => Some(hex - b'a' + 10),
        _ => None,
    }
}
