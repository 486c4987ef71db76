//! Making an object from another one.
//!
//! ```text
//! delta = size of the base, size of the result, instruction*
//! size  = 7 bits a byte, lowest first
//! copy  = 1 bit set, 7 bits: which of 4 offset bytes and 3 size bytes follow, lowest first; size 0 means 0x10000
//! insert = 1..=127: so many bytes that follow
//! ```

use std::io::{self, BufRead, Write};

use super::content::{Content, Draft};

/// How many bytes are copied at once from a base that is not in memory.
const COPIED: u64 = 64 << 10;

/// Returns the sizes that `delta` declares: of what it is for, and of what it makes.
pub(super) fn sizes(delta: &mut dyn BufRead) -> io::Result<Option<(u64, u64)>> {
    let Some(base) = size(delta)? else { return Ok(None) };
    Ok(size(delta)?.map(|result| (base, result)))
}

/// Puts into `out` what `delta` makes of `base`. None when the delta is malformed or not for this base. The result is
/// never longer than the delta declares.
pub(super) fn apply(base: &Content, delta: &Content, out: &mut Draft) -> io::Result<Option<()>> {
    match (base, delta) {
        (Content::Memory(base), Content::Memory(delta)) => apply_to_slice(base, delta, out),
        _ => apply_to_any(base, &mut *delta.from(0), out),
    }
}

/// The same for what is in memory, without going through readers: that is nearly all that there is.
fn apply_to_slice(base: &[u8], mut rest: &[u8], out: &mut Draft) -> io::Result<Option<()>> {
    let Some((base_size, result_size)) = sizes(&mut rest)? else { return Ok(None) };
    if base_size != base.len() as u64 {
        return Ok(None);
    }
    while let Some((&code, tail)) = rest.split_first() {
        let part = if code & 0x80 != 0 {
            let count = (code & 0x7f).count_ones() as usize;
            let Some((bytes, tail)) = tail.split_at_checked(count) else { return Ok(None) };
            rest = tail;
            let (offset, size) = copy_range(code, bytes);
            let Some(part) = base.get(offset as usize..).and_then(|from| from.get(..size as usize)) else {
                return Ok(None);
            };
            part
        } else {
            // an insertion of nothing is reserved
            let Some((part, tail)) = tail.split_at_checked(usize::from(code)).filter(|_| code != 0) else {
                return Ok(None);
            };
            rest = tail;
            part
        };
        if part.len() as u64 > result_size - out.len() {
            return Ok(None);
        }
        out.write_all(part)?;
    }
    Ok((out.len() == result_size).then_some(()))
}

fn apply_to_any(base: &Content, delta: &mut dyn BufRead, out: &mut Draft) -> io::Result<Option<()>> {
    let Some((base_size, result_size)) = sizes(delta)? else { return Ok(None) };
    if base_size != base.len() {
        return Ok(None);
    }
    let mut buffer = Vec::new();
    while let Some(code) = next(delta)? {
        let (offset, size) = if code & 0x80 != 0 {
            let mut bytes = [0; 7];
            let bytes = &mut bytes[..(code & 0x7f).count_ones() as usize];
            if !fill(delta, bytes)? {
                return Ok(None);
            }
            let (offset, size) = copy_range(code, bytes);
            (Some(offset).filter(|offset| offset + size <= base_size), size)
        } else {
            // an insertion of nothing is reserved
            (Some(0).filter(|_| code != 0), code.into())
        };
        let Some(mut offset) = offset.filter(|_| size <= result_size - out.len()) else { return Ok(None) };
        let mut left = size;
        while left > 0 {
            buffer.resize(left.min(COPIED) as usize, 0);
            if code & 0x80 != 0 {
                base.read_at(offset, &mut buffer)?;
            } else if !fill(delta, &mut buffer)? {
                return Ok(None);
            }
            out.write_all(&buffer)?;
            offset += buffer.len() as u64;
            left -= buffer.len() as u64;
        }
    }
    Ok((out.len() == result_size).then_some(()))
}

fn next(input: &mut dyn BufRead) -> io::Result<Option<u8>> {
    let mut byte = [0];
    Ok(fill(input, &mut byte)?.then_some(byte[0]))
}

/// Fills `buffer`, unless the input ends before.
fn fill(input: &mut dyn BufRead, buffer: &mut [u8]) -> io::Result<bool> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn size(input: &mut dyn BufRead) -> io::Result<Option<u64>> {
    let mut size = 0;
    for index in 0..9 {
        let Some(byte) = next(input)? else { return Ok(None) };
        size |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some(size));
        }
    }
    Ok(None)
}

/// Returns offset and size of a copy, of which `bytes` are those that `code` says follow it.
fn copy_range(code: u8, bytes: &[u8]) -> (u64, u64) {
    let (mut all, mut bytes) = ([0_u8; 7], bytes.iter());
    for (_, byte) in all.iter_mut().enumerate().filter(|(bit, _)| code & 1 << bit != 0) {
        *byte = *bytes.next().expect("as many as the code says");
    }
    let [a, b, c, d, e, f, g] = all;
    let (offset, size) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, 0]));
    (offset.into(), if size == 0 { 0x10000 } else { size.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::pack::spool::Storage;

    /// Returns what a delta makes, in memory and on disk.
    fn made(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
        let content = |bytes: &[u8], in_memory| {
            let mut draft = Draft::new(1 << 20, in_memory, &Storage::default()).unwrap();
            draft.write_all(bytes).unwrap();
            draft.finish().unwrap()
        };
        let apply = |in_memory| {
            let mut out = Draft::new(1 << 20, in_memory, &Storage::default()).unwrap();
            let applied = apply(&content(base, in_memory), &content(delta, in_memory), &mut out).unwrap();
            applied.map(|()| out.finish().unwrap().into_bytes().unwrap())
        };
        let (in_memory, on_disk) = (apply(true), apply(false));
        assert_eq!(in_memory, on_disk);
        in_memory
    }

    #[test]
    fn copies_and_inserts() {
        // sizes 5 and 7; copy 3 from 1; insert "xy"; copy 2 from 0
        let delta = [5, 7, 0x91, 1, 3, 2, b'x', b'y', 0x90, 2];
        assert_eq!(made(b"abcde", &delta).unwrap(), b"bcdxyab");
        assert_eq!(sizes(&mut &delta[..]).unwrap(), Some((5, 7)));
    }

    #[test]
    fn copies_64_kib_when_no_size_is_given() {
        let base = vec![9; 0x10000];
        assert_eq!(made(&base, &[0x80, 0x80, 4, 0x80, 0x80, 4, 0x80]).unwrap(), base);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        for (delta, why) in [
            (&[4, 1, 1, b'x'][..], "another base"),
            (&[5, 1, 0], "reserved instruction"),
            (&[5, 1, 0x91, 5, 1], "copy past the end"),
            (&[5, 1, 0x91, 9, 0], "copy from past the end"),
            (&[5, 1, 2, b'x'], "insert past the end"),
            (&[5, 1, 2, b'x', b'y'], "longer than declared"),
            (&[5, 3, 2, b'x', b'y'], "shorter than declared"),
            (&[5, 1, 0x81], "offset missing"),
            (&[5], "no size"),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], "endless size"),
        ] {
            assert_eq!(made(b"abcde", delta), None, "{why}");
        }
    }
}
