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
