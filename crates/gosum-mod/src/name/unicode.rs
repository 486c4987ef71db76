//! What Go thinks of a code point, for the Unicode version its tables have (15.0.0), whatever version Rust's have.

use super::unicode_tables::{FOLD, LETTER, PRINT};

/// Returns whether `c` is a letter (general category L).
pub fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { holds(LETTER, c) }
}

/// Returns whether `c` is printable: a letter, mark, number, punctuation mark or symbol, or the ASCII space.
pub fn is_print(c: char) -> bool {
    if c.is_ascii() { matches!(c, ' '..='~') } else { holds(PRINT, c) }
}

/// Returns whether `c` is white space.
pub fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t'..='\r'
            | ' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}

/// Returns whether `c` is a decimal digit of any script (general category Nd).
pub fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { holds(DIGIT, c) }
}

/// Where runs of digits that are not ASCII begin and end by turns, each end being the first code point after its run. They stand
/// here, held to Go's class Nd by hand, as the recorded answers that the other tables are generated from have no digits.
#[rustfmt::skip]
const DIGIT: &[u32] = &[
    0x660, 0x66a, 0x6f0, 0x6fa, 0x7c0, 0x7ca, 0x966, 0x970, 0x9e6, 0x9f0, 0xa66, 0xa70, 0xae6, 0xaf0,
    0xb66, 0xb70, 0xbe6, 0xbf0, 0xc66, 0xc70, 0xce6, 0xcf0, 0xd66, 0xd70, 0xde6, 0xdf0, 0xe50, 0xe5a,
    0xed0, 0xeda, 0xf20, 0xf2a, 0x1040, 0x104a, 0x1090, 0x109a, 0x17e0, 0x17ea, 0x1810, 0x181a, 0x1946,
    0x1950, 0x19d0, 0x19da, 0x1a80, 0x1a8a, 0x1a90, 0x1a9a, 0x1b50, 0x1b5a, 0x1bb0, 0x1bba, 0x1c40,
    0x1c4a, 0x1c50, 0x1c5a, 0xa620, 0xa62a, 0xa8d0, 0xa8da, 0xa900, 0xa90a, 0xa9d0, 0xa9da, 0xa9f0,
    0xa9fa, 0xaa50, 0xaa5a, 0xabf0, 0xabfa, 0xff10, 0xff1a, 0x104a0, 0x104aa, 0x10d30, 0x10d3a, 0x11066,
    0x11070, 0x110f0, 0x110fa, 0x11136, 0x11140, 0x111d0, 0x111da, 0x112f0, 0x112fa, 0x11450, 0x1145a,
    0x114d0, 0x114da, 0x11650, 0x1165a, 0x116c0, 0x116ca, 0x11730, 0x1173a, 0x118e0, 0x118ea, 0x11950,
    0x1195a, 0x11c50, 0x11c5a, 0x11d50, 0x11d5a, 0x11da0, 0x11daa, 0x11f50, 0x11f5a, 0x16a60, 0x16a6a,
    0x16ac0, 0x16aca, 0x16b50, 0x16b5a, 0x1d7ce, 0x1d800, 0x1e140, 0x1e14a, 0x1e2f0, 0x1e2fa, 0x1e4f0,
    0x1e4fa, 0x1e950, 0x1e95a, 0x1fbf0, 0x1fbfa,
];

/// Returns the least code point that equals `c` under simple case folding.
///
/// This is neither lower-casing nor full folding: `k` and U+212A fold to `K`, `ß` does not fold to `ss`. An ASCII
/// letter folds to its capital.
pub fn fold_min(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let point = u32::from(c);
    let run = FOLD.partition_point(|&(_, last, ..)| last < point);
    match FOLD.get(run) {
        Some(&(first, _, step, delta)) if first <= point && (point - first).is_multiple_of(step) => {
            point.checked_add_signed(delta).and_then(char::from_u32).expect("a letter folds to a code point")
        }
        _ => c,
    }
}

/// Returns the first code point of `bytes` and its width.
///
/// Where the bytes are not UTF-8, that is U+FFFD with a width of 1, and at the end U+FFFD with a width of 0: how Go
/// walks over strings.
pub fn decode(bytes: &[u8]) -> (char, usize) {
    let width = match bytes {
        [] => return (char::REPLACEMENT_CHARACTER, 0),
        [first @ 0..0x80, ..] => return (char::from(*first), 1),
        [0xc2..=0xdf, ..] => 2,
        [0xe0..=0xef, ..] => 3,
        [_, ..] => 4,
    };
    let text = bytes.get(..width).and_then(|bytes| str::from_utf8(bytes).ok());
    match text.and_then(|text| text.chars().next()) {
        Some(c) if c.len_utf8() == width => (c, width),
        _ => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// Returns whether `c` lies within one of the runs of `bounds`.
fn holds(bounds: &[u32], c: char) -> bool {
    bounds.partition_point(|&bound| bound <= u32::from(c)) % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_kelvin_sign_and_k_to_one_capital() {
        assert_eq!(['k', 'K', '\u{212a}'].map(fold_min), ['K'; 3]);
        assert_eq!(fold_min('ı'), 'ı', "dotless i folds to itself alone");
    }

    #[test]
    fn decodes_as_go_walks_over_strings() {
        assert_eq!(decode("é!".as_bytes()), ('é', 2));
        assert_eq!(decode("\u{10ffff}".as_bytes()), ('\u{10ffff}', 4));
        assert_eq!(decode("\u{fffd}".as_bytes()), ('\u{fffd}', 3));
        let broken: [&[u8]; 7] =
            [b"\xff", b"\x80a", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xffabc"];
        for bytes in broken {
            assert_eq!(decode(bytes), ('\u{fffd}', 1), "{bytes:?}");
        }
        assert_eq!(decode(b""), ('\u{fffd}', 0));
    }
}
