//! A line of a `.gitattributes` file.
//!
//! ```text
//! line    = blank* (pattern | "[attr]" name) (blank+ state)*      comment = blank* "#" ...      blank = " " | TAB | CR
//! state   = name | "-" name | "!" name | name "=" value
//! pattern = bytes without blanks | a string of C's in double quotes
//! ```
//!
//! A line with a name that is none, or with a pattern that begins with `!`, counts for nothing.

use super::pattern::Pattern;

/// What a line says, and of what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) about: About,
    pub(super) states: Vec<(&'a [u8], State)>,
}

/// What a line is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Files that match; none, for a pattern that no file can match.
    Files(Option<Pattern>),
    /// What a name is short for.
    Macro(Vec<u8>),
}

/// The state of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Set,
    Unset,
    /// As if no line said anything of it.
    Unspecified,
    Value(Box<[u8]>),
}

/// What begins a line that defines a macro.
const MACRO: &[u8] = b"[attr]";

impl<'a> Line<'a> {
    /// Returns what `line` says, if it says anything.
    pub(super) fn parse(line: &'a [u8]) -> Option<Line<'a>> {
        let line = skip_blanks(line);
        if line.is_empty() || line.starts_with(b"#") {
            return None;
        }
        let (subject, rest) = match unquoted(line) {
            Some((text, rest)) => (text, rest),
            None => {
                let (word, rest) = first_word(line);
                (word.to_vec(), rest)
            }
        };
        let about = match subject.strip_prefix(MACRO).filter(|rest| !rest.is_empty()) {
            Some(name) => {
                let (name, _) = first_word(skip_blanks(name));
                About::Macro(is_name(name).then(|| name.to_vec())?)
            }
            None if subject.starts_with(b"!") => return None,
            None => About::Files(Pattern::parse(&subject)),
        };
        Some(Line { about, states: states(rest)? })
    }
}

/// Returns the states that a line gives; nothing when one of the names is none.
fn states(mut rest: &[u8]) -> Option<Vec<(&[u8], State)>> {
    let mut states = Vec::new();
    loop {
        rest = skip_blanks(rest);
        if rest.is_empty() {
            return Some(states);
        }
        let (word, behind) = first_word(rest);
        rest = behind;
        let equals = word.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&word[..at], Some(&word[at + 1..])),
            None => (word, None),
        };
        let (name, state) = match (name.first(), value) {
            (Some(b'-'), _) => (&name[1..], State::Unset),
            (Some(b'!'), _) => (&name[1..], State::Unspecified),
            (_, Some(value)) => (name, State::Value(value.into())),
            (_, None) => (name, State::Set),
        };
        states.push((is_name(name).then_some(name)?, state));
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_blank(*byte)).unwrap_or(text.len());
    &text[start..]
}

/// Splits `text` at its first blank.
fn first_word(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| is_blank(*byte)).unwrap_or(text.len()))
}

fn is_name(name: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    !name.is_empty() && !name.starts_with(b"-") && name.iter().all(is_part)
}

/// Returns what the string in double quotes at the start of `text` stands for, and what follows it; nothing when there
/// is none, or it is malformed.
fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?.iter();
    let mut string = Vec::new();
    loop {
        match *rest.next()? {
            b'"' => break,
            b'\\' => string.push(match *rest.next()? {
                b'a' => 0x07,
                b'b' => 0x08,
                b'f' => 0x0c,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'v' => 0x0b,
                byte @ (b'\\' | b'"') => byte,
                high @ b'0'..=b'3' => {
                    let mut digit =
                        || rest.next().filter(|byte| matches!(byte, b'0'..=b'7')).map(|b| b - b'0');
                    (high - b'0') << 6 | digit()? << 3 | digit()?
                }
                _ => return None,
            }),
            byte => string.push(byte),
        }
    }
    // git handles what it has read as C does
    let end = string.iter().position(|byte| *byte == 0).unwrap_or(string.len());
    string.truncate(end);
    Some((string, rest.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Option<Vec<String>> {
        let show = |(name, state): &(&[u8], State)| format!("{} {state:?}", String::from_utf8_lossy(name));
        Line::parse(line.as_bytes()).map(|line| line.states.iter().map(show).collect())
    }

    #[test]
    fn reads_states() {
        assert_eq!(
            names(" *.a\ttext -eol !ident x=y=z  \r").unwrap(),
            ["text Set", "eol Unset", "ident Unspecified", "x Value([121, 61, 122])"]
        );
        assert_eq!(names("*.a -x=y").unwrap(), ["x Unset"]);
        assert_eq!(names("*.a"), Some(vec![]));
        for line in
            ["", " \r", "# x", "  #x y", "!a x", "*.a x y!", "*.a --x", "*.a =", "*.a -", "*.a \u{e9}"]
        {
            assert_eq!(names(line), None, "{line:?}");
        }
    }

    #[test]
    fn reads_quoted_patterns_as_c_does() {
        let about = |line: &str| Line::parse(line.as_bytes()).unwrap().about;
        let name = |text: &[u8]| About::Files(Some(Pattern::Name(text.to_vec())));
        assert_eq!(about(r#""a b" x"#), name(b"a b"));
        assert_eq!(about(r#""a\tb\"\303\251" x"#), name(b"a\tb\"\xc3\xa9"));
        assert_eq!(about(r#""a"x"#), name(b"a"));
        // what is no such string is a pattern like any other
        assert_eq!(about(r#""a b"#), name(b"\"a"));
        assert_eq!(about(r#""a\xb" c"#), About::Files(Some(Pattern::parse(br#""a\xb""#).unwrap())));
    }

    #[test]
    fn reads_macros() {
        let about = |line: &str| Line::parse(line.as_bytes()).map(|line| line.about);
        assert_eq!(about("[attr]m text"), Some(About::Macro(b"m".to_vec())));
        assert_eq!(about("[attr]-m text"), None);
        assert_eq!(about("[attr] m text"), Some(About::Files(Pattern::parse(b"[attr]"))));
    }
}
