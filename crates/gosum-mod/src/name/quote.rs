//! Go's quoted strings, which go.mod files and messages use.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::unicode::{decode, is_print};

/// Returns `text` as a Go string in double quotes, with everything escaped that does not print.
///
/// Bytes that are not UTF-8 become `\x` escapes, so that [`unquote`] gives the same bytes again.
pub fn quote(text: impl AsRef<[u8]>) -> String {
    let mut rest = text.as_ref();
    let mut out = String::with_capacity(rest.len() + 2);
    out.push('"');
    while !rest.is_empty() {
        let (c, width) = decode(rest);
        if c == char::REPLACEMENT_CHARACTER && width == 1 {
            push_escape(&mut out, 'x', 2, rest[0].into());
        } else {
            push(&mut out, c);
        }
        rest = &rest[width..];
    }
    out.push('"');
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        _ if is_print(c) => out.push(c),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        '\0'..='\u{1f}' | '\u{7f}' => push_escape(out, 'x', 2, c.into()),
        '\u{80}'..='\u{ffff}' => push_escape(out, 'u', 4, c.into()),
        _ => push_escape(out, 'U', 8, c.into()),
    }
}

fn push_escape(out: &mut String, letter: char, digits: usize, value: u32) {
    write!(out, "\\{letter}{value:0digits$x}").expect("writing to a string cannot fail");
}

/// Returns `text` as one token of a go.mod line: itself, or quoted where it would not stay whole.
pub fn auto_quote(text: &str) -> Cow<'_, str> {
    if needs_quotes(text) { quote(text).into() } else { text.into() }
}

/// Returns whether `text` must be quoted to be one token of a go.mod line.
///
/// No valid module path or version needs it.
pub fn needs_quotes(text: &str) -> bool {
    let special = |c| match c {
        ' ' | '"' | '\'' | '`' => true,
        '(' | ')' | '[' | ']' | '{' | '}' | ',' => text.len() > 1,
        _ => !is_print(c),
    };
    text.is_empty() || text.contains("//") || text.contains("/*") || text.chars().any(special)
}

/// Returns what the Go literal `text` stands for, or nothing if it is not one.
///
/// Takes all three forms: `"…"` and `` `…` `` for strings and `'…'` for one character (or, as Go does here, none).
/// The result need not be UTF-8: `\xff` is a byte. A byte that is not UTF-8 in the literal itself becomes U+FFFD,
/// but in back-quotes it stays.
pub fn unquote(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let text = text.as_ref();
    let (&mark, rest) = text.split_first()?;
    match mark {
        b'`' => unquote_raw(rest),
        b'"' | b'\'' => unquote_escaped(mark, rest),
        _ => None,
    }
}

fn unquote_raw(rest: &[u8]) -> Option<Vec<u8>> {
    let (b'`', inner) = rest.split_last()? else { return None };
    (!inner.contains(&b'`')).then(|| inner.iter().copied().filter(|&byte| byte != b'\r').collect())
}

fn unquote_escaped(mark: u8, mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(rest.len());
    loop {
        match rest {
            [] | [b'\n', ..] => return None,
            [byte, after @ ..] if *byte == mark => return after.is_empty().then_some(out),
            [b'\\', after @ ..] => rest = unescape(mark, after, &mut out)?,
            _ => {
                let (c, width) = decode(rest);
                push_char(&mut out, c);
                rest = &rest[width..];
            }
        }
        if mark == b'\'' && rest != b"'" {
            return None;
        }
    }
}

/// Appends what the escape at the start of `rest` (past its backslash) stands for, and returns what follows it.
fn unescape<'a>(mark: u8, rest: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (&letter, after) = rest.split_first()?;
    let byte = match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' => b'\\',
        b'\'' | b'"' if letter == mark => letter,
        b'x' => {
            let (value, after) = number(after, 2, 16)?;
            out.push(u8::try_from(value).ok()?);
            return Some(after);
        }
        b'0'..=b'7' => {
            let (value, after) = number(rest, 3, 8)?;
            out.push(u8::try_from(value).ok()?);
            return Some(after);
        }
        b'u' | b'U' => {
            let (value, after) = number(after, if letter == b'u' { 4 } else { 8 }, 16)?;
            push_char(out, char::from_u32(value)?);
            return Some(after);
        }
        _ => return None,
    };
    out.push(byte);
    Some(after)
}

fn number(rest: &[u8], digits: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (number, after) = rest.split_at_checked(digits)?;
    let mut value = 0u32;
    for &digit in number {
        value = value.checked_mul(radix)? + char::from(digit).to_digit(radix)?;
    }
    Some((value, after))
}

fn push_char(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_go_mod_tokens_only_where_needed() {
        for plain in ["a.b/c", "v1.0.0", "é", "a/b", "(", "=>"] {
            assert_eq!(auto_quote(plain), plain);
        }
        for (text, quoted) in [
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("a//b", "\"a//b\""),
            ("a/*b", "\"a/*b\""),
            ("a(", "\"a(\""),
            ("a\u{ad}", "\"a\\u00ad\""),
            ("it's", "\"it's\""),
        ] {
            assert_eq!(auto_quote(text), quoted);
        }
    }

    #[test]
    fn unquotes_nothing_but_whole_literals() {
        assert_eq!(unquote("''"), Some(vec![]), "Go lets an empty character pass");
        for bad in
            ["", "\"", "'", "`", "\"a\"b", "'ab'", "`a`b`", "\"\\'\"", "'\\\"'", "\"\\400\"", "\"\\ud800\""]
        {
            assert_eq!(unquote(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn unquote_undoes_quote(bytes: Vec<u8>) {
            prop_assert_eq!(unquote(quote(&bytes)), Some(bytes));
        }
    }
}
