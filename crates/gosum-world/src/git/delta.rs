//! Deltas: an object told as what is the same in another one.

use std::collections::HashMap;

/// The bytes that are looked up in the base at once.
const BLOCK: usize = 16;
/// The most bytes that one instruction copies, and inserts.
const MAX_COPY: usize = 0x00ff_ffff;
const MAX_INSERT: usize = 0x7f;

/// Returns the instructions that make `target` out of `base`.
pub(crate) fn delta(base: &[u8], target: &[u8]) -> Vec<u8> {
    let mut blocks = HashMap::new();
    for (number, block) in base.chunks_exact(BLOCK).enumerate() {
        blocks.entry(block).or_insert(number * BLOCK);
    }
    let mut delta = Vec::new();
    write_size(&mut delta, base.len());
    write_size(&mut delta, target.len());
    let (mut inserted, mut at) = (0, 0);
    while at < target.len() {
        let found = target.get(at..at + BLOCK).and_then(|block| blocks.get(block));
        let Some(&offset) = found else {
            at += 1;
            continue;
        };
        insert(&mut delta, &target[inserted..at]);
        let same = base[offset..].iter().zip(&target[at..]).take_while(|(a, b)| a == b).count();
        copy(&mut delta, offset, same);
        at += same;
        inserted = at;
    }
    insert(&mut delta, &target[inserted..]);
    delta
}

fn write_size(delta: &mut Vec<u8>, mut size: usize) {
    while size >= 0x80 {
        delta.push(low_byte(size) | 0x80);
        size >>= 7;
    }
    delta.push(low_byte(size));
}

fn insert(delta: &mut Vec<u8>, bytes: &[u8]) {
    for piece in bytes.chunks(MAX_INSERT) {
        delta.push(low_byte(piece.len()));
        delta.extend_from_slice(piece);
    }
}

fn copy(delta: &mut Vec<u8>, offset: usize, size: usize) {
    for start in (0..size).step_by(MAX_COPY) {
        let (offset, size) = (offset + start, MAX_COPY.min(size - start));
        let bytes = (0..4).map(|at| offset >> (8 * at)).chain((0..3).map(|at| size >> (8 * at)));
        let instruction = delta.len();
        delta.push(0x80);
        for (at, byte) in bytes.map(low_byte).enumerate() {
            if byte != 0 {
                delta[instruction] |= 1 << at;
                delta.push(byte);
            }
        }
    }
}

/// Returns the eight lowest bits.
fn low_byte(number: usize) -> u8 {
    number.to_le_bytes()[0]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Follows the instructions, as the documentation of git's pack format tells them.
    pub(in crate::git) fn apply(base: &[u8], delta: &[u8]) -> Vec<u8> {
        let mut delta = delta.iter().copied();
        let mut size = || {
            let (mut size, mut shift) = (0, 0);
            loop {
                let byte = delta.next().unwrap();
                size |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    return size;
                }
            }
        };
        assert_eq!(size(), base.len());
        let expected = size();
        let mut target = Vec::new();
        while let Some(instruction) = delta.next() {
            if instruction < 0x80 {
                assert_ne!(instruction, 0);
                target.extend(delta.by_ref().take(usize::from(instruction)));
                continue;
            }
            let mut field = |bits: std::ops::Range<u32>| {
                bits.clone().filter(|bit| instruction >> bit & 1 == 1).fold(0, |field, bit| {
                    field | usize::from(delta.next().unwrap()) << (8 * (bit - bits.start))
                })
            };
            let (offset, size) = (field(0..4), field(4..7));
            let size = if size == 0 { 0x10000 } else { size };
            target.extend_from_slice(&base[offset..offset + size]);
        }
        assert_eq!(target.len(), expected);
        target
    }

    #[test]
    fn instructions_lead_to_the_target() {
        let text: Vec<u8> =
            (0..70_000u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let changed = [&text[5..2000], b"something new", &text[100_000..], &text[..300]].concat();
        let targets = [&text[..], &text[..1], b"", &changed, b"nothing alike at all, of some length"];
        for base in targets {
            for target in targets {
                assert_eq!(apply(base, &delta(base, target)), target);
            }
        }
        assert!(delta(&text, &changed).len() < 500);
    }

    #[test]
    fn copy_of_more_than_one_instruction_holds() {
        let base = vec![7; MAX_COPY + 100];
        let delta = delta(&base, &base);
        assert!(delta.len() < 40, "{}", delta.len());
        assert!(apply(&base, &delta) == base);
    }
}
