//! Making an object from another one.
//!
//! ```text
//! delta = size of the base, size of the result, instruction*
//! size  = 7 bits a byte, lowest first
//! copy  = 1 bit set, 7 bits: which of 4 offset bytes and 3 size bytes follow, lowest first; size 0 means 0x10000
//! insert = 1..=127: so many bytes that follow
//! ```

/// How much is set aside for a result before any of it has been made.
const FIRST_CAPACITY: usize = 1 << 20;

/// Returns the size of what `delta` makes, as it declares it.
pub(super) fn result_size(delta: &[u8]) -> Option<u64> {
    let (_, rest) = size(delta)?;
    size(rest).map(|(size, _)| size)
}

/// Puts into `out` what `delta` makes of `base`. None when the delta is malformed or not for this
/// base. The result is never longer than the delta declares.
pub(super) fn apply(base: &[u8], delta: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (base_size, rest) = size(delta)?;
    let (result_size, mut rest) = size(rest)?;
    let result_size = usize::try_from(result_size).ok()?;
    if base_size != base.len() as u64 {
        return None;
    }
    out.clear();
    out.reserve(result_size.min(FIRST_CAPACITY));
    while let Some((&code, tail)) = rest.split_first() {
        let part = if code & 0x80 != 0 {
            let (offset, size, tail) = copy_range(code, tail)?;
            rest = tail;
            base.get(offset..)?.get(..size)?
        } else if code != 0 {
            let (part, tail) = tail.split_at_checked(usize::from(code))?;
            rest = tail;
            part
        } else {
            return None;
        };
        if part.len() > result_size - out.len() {
            return None;
        }
        out.extend_from_slice(part);
    }
    (out.len() == result_size).then_some(())
}

fn size(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut size = 0;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        size |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((size, &bytes[index + 1..]));
        }
    }
    None
}

fn copy_range(code: u8, mut rest: &[u8]) -> Option<(usize, usize, &[u8])> {
    let mut bytes = [0_u8; 7];
    for (bit, byte) in bytes.iter_mut().enumerate() {
        if code & 1 << bit != 0 {
            let (&value, tail) = rest.split_first()?;
            *byte = value;
            rest = tail;
        }
    }
    let [a, b, c, d, e, f, g] = bytes;
    let (offset, size) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, 0]));
    let size = if size == 0 { 0x10000 } else { size };
    Some((offset as usize, size as usize, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
        let mut out = b"left over".to_vec();
        apply(base, delta, &mut out).map(|()| out)
    }

    #[test]
    fn copies_and_inserts() {
        // sizes 5 and 7; copy 3 from 1; insert "xy"; copy 2 from 0
        let delta = [5, 7, 0x91, 1, 3, 2, b'x', b'y', 0x90, 2];
        assert_eq!(made(b"abcde", &delta).unwrap(), b"bcdxyab");
        assert_eq!(result_size(&delta), Some(7));
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
