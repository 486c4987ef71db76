//! White space as Go sees it, in text that need not be UTF-8.

use crate::name::unicode::{decode, is_space};

/// Returns `text` without the white space at both ends.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let mut text = trim_start(text);
    while let Some(width) = trailing_space(text) {
        text = &text[..text.len() - width];
    }
    text
}

fn trim_start(mut text: &[u8]) -> &[u8] {
    while !text.is_empty() {
        let (c, width) = decode(text);
        if !is_space(c) {
            break;
        }
        text = &text[width..];
    }
    text
}

/// Returns the width of the white space character that `text` ends in, if it does.
fn trailing_space(text: &[u8]) -> Option<usize> {
    let last = text.len().checked_sub(1)?;
    let start = (0..3).map(|back| last.saturating_sub(back)).find(|&at| !is_continuation(text[at]))?;
    let (c, width) = decode(&text[start..]);
    (is_space(c) && start + width == text.len()).then_some(width)
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Returns the pieces of `text` between white space; none is empty.
pub(crate) fn fields(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = trim_start(rest);
        if rest.is_empty() {
            return None;
        }
        let mut end = 0;
        while end < rest.len() {
            let (c, width) = decode(&rest[end..]);
            if is_space(c) {
                break;
            }
            end += width;
        }
        let (field, after) = rest.split_at(end);
        rest = after;
        Some(field)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn knows_space_beyond_ascii_and_no_broken_bytes() {
        assert_eq!(trim("\u{a0}\u{3000} a b\u{2003}\r".as_bytes()), b"a b");
        assert_eq!(trim(b"\x85a\x85"), b"\x85a\x85", "a lone byte is no U+0085");
        assert_eq!(trim(b"a\xe2\x80"), b"a\xe2\x80");
        assert_eq!(trim(" \u{85}".as_bytes()), b"");
        let split = |text: &'static str| fields(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(split("\u{85}a\u{2028}b\u{a0}\u{200b}"), ["a".as_bytes(), b"b", "\u{200b}".as_bytes()]);
    }

    proptest! {
        #[test]
        fn agrees_with_rust_on_text(text in "[ a\u{85}\u{a0}\u{1680}\u{2028}\u{3000}é\u{200b}]{0,12}") {
            prop_assert_eq!(trim(text.as_bytes()), text.trim().as_bytes());
            let expected: Vec<_> = text.split_whitespace().map(str::as_bytes).collect();
            prop_assert_eq!(fields(text.as_bytes()).collect::<Vec<_>>(), expected);
        }
    }
}
