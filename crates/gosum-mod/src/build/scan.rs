//! The tokens of Go source text, as far as it takes to tell code from comments and strings.
//!
//! This is the lexical half of Go's grammar with the details left out that change nothing about where a token begins
//! and ends in a file that compiles: numbers are not checked, operators come byte by byte, a letter is anything that
//! is not ASCII. Any bytes give tokens; the time is linear in their number, and nothing is copied.
//!
//! ```
//! use gosum_mod::build::scan::{TokenKind, tokens};
//!
//! let text = b"package p // says p\nvar s = `import \"os\"`\nimport \"C\"\n";
//! let strings: Vec<_> = tokens(text).filter(|token| token.kind == TokenKind::String).collect();
//! assert_eq!(strings[0].value(), Some(b"import \"os\"".to_vec()));
//! assert_eq!((strings[1].text, strings[1].line), (&b"\"C\""[..], 3));
//! ```

use crate::name::quote::unquote;

/// A token, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// The whole of it: a comment with its slashes but without the end of its line, a string with its quotes.
    pub text: &'a [u8],
    /// Where it begins, in bytes from the start of the text.
    pub offset: usize,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// In how many brackets of any kind it stands: 0 is the top level of the file. A bracket stands outside of itself.
    pub depth: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A comment to the end of its line, or `/* */`.
    Comment,
    /// A string, in double quotes or backquotes.
    String,
    /// A character in single quotes.
    Rune,
    /// A name or a keyword.
    Ident,
    /// A number.
    Number,
    /// One byte of anything else, such as a bracket, a part of an operator or rubbish.
    Other,
}

impl Token<'_> {
    /// Returns whether this is the name or keyword `name`.
    pub fn is_ident(&self, name: &str) -> bool {
        self.kind == TokenKind::Ident && self.text == name.as_bytes()
    }

    /// Returns whether this is the byte `byte`, such as a bracket.
    pub fn is_other(&self, byte: u8) -> bool {
        self.kind == TokenKind::Other && self.text == [byte]
    }

    /// Returns what a string stands for; nothing for other tokens, and for a string that is not well-formed, as one
    /// that does not end.
    pub fn value(&self) -> Option<Vec<u8>> {
        (self.kind == TokenKind::String).then(|| unquote(self.text)).flatten()
    }

    /// Returns what follows `//go:` in a comment that is a directive of the compiler or the go command, such as
    /// `embed a.txt`. It is not checked whether the directive stands where it counts.
    pub fn directive(&self) -> Option<&[u8]> {
        (self.kind == TokenKind::Comment).then(|| self.text.strip_prefix(b"//go:")).flatten()
    }
}

/// Returns the tokens of `text`, comments too, white space left out. A byte order mark at the start is white space.
pub fn tokens(text: &[u8]) -> Tokens<'_> {
    let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    Tokens { text, at, line: 1, depth: 0 }
}

/// The tokens of a text, in order.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
    depth: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let &first = rest.first()?;
        let (kind, length) = measure(first, rest);
        let text = &rest[..length];
        if matches!(first, b')' | b']' | b'}') {
            self.depth = self.depth.saturating_sub(1);
        }
        let shown = if text.starts_with(b"//") { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
        let token = Token { kind, text: shown, offset: self.at, line: self.line, depth: self.depth };
        if matches!(first, b'(' | b'[' | b'{') {
            self.depth += 1;
        }
        self.line += lines(text);
        self.at += length;
        Some(token)
    }
}

impl Tokens<'_> {
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.line += usize::from(self.text[self.at] == b'\n');
            self.at += 1;
        }
    }
}

/// Returns the kind and the length of the token at the start of `rest`, whose first byte is `first`.
fn measure(first: u8, rest: &[u8]) -> (TokenKind, usize) {
    match (first, rest.get(1)) {
        (b'/', Some(b'/')) => (TokenKind::Comment, position(rest, b'\n').unwrap_or(rest.len())),
        (b'/', Some(b'*')) => (TokenKind::Comment, block(rest)),
        (b'`', _) => (TokenKind::String, position(&rest[1..], b'`').map_or(rest.len(), |end| end + 2)),
        (b'"', _) => (TokenKind::String, quoted(rest, b'"')),
        (b'\'', _) => (TokenKind::Rune, quoted(rest, b'\'')),
        (b'0'..=b'9', _) | (b'.', Some(b'0'..=b'9')) => (TokenKind::Number, number(rest)),
        (first, _) if is_word(first) => {
            (TokenKind::Ident, rest.iter().position(|&byte| !is_word(byte)).unwrap_or(rest.len()))
        }
        _ => (TokenKind::Other, 1),
    }
}

fn block(rest: &[u8]) -> usize {
    let end = rest[2..].windows(2).position(|pair| pair == b"*/");
    end.map_or(rest.len(), |end| end + 4)
}

/// Returns the length of a literal in quotes, up to the end of the line if it is open.
fn quoted(rest: &[u8], mark: u8) -> usize {
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\n' => return at,
            b'\\' if rest.get(at + 1).is_some_and(|&next| next != b'\n') => at += 2,
            _ if byte == mark => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn number(rest: &[u8]) -> usize {
    let hexadecimal = matches!(rest, [b'0', b'x' | b'X', ..]);
    let mut at = 0;
    while let Some(&byte) = rest.get(at) {
        let sign = match rest[..at].last() {
            Some(b'e' | b'E') => !hexadecimal,
            Some(b'p' | b'P') => hexadecimal,
            _ => false,
        };
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.' => at += 1,
            b'+' | b'-' if sign => at += 1,
            _ => break,
        }
    }
    at
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn position(text: &[u8], byte: u8) -> Option<usize> {
    text.iter().position(|&other| other == byte)
}

fn lines(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::TokenKind::{Comment, Ident, Number, Other, Rune, String};
    use super::*;

    #[test]
    fn tells_code_from_comments_and_strings() {
        let cases: &[(&str, &[(TokenKind, &str)])] = &[
            ("", &[]),
            ("\u{feff}package p", &[(Ident, "package"), (Ident, "p")]),
            ("a//b\r\nc", &[(Ident, "a"), (Comment, "//b"), (Ident, "c")]),
            ("a/*b\n*/c", &[(Ident, "a"), (Comment, "/*b\n*/"), (Ident, "c")]),
            ("/*/ a */b", &[(Comment, "/*/ a */"), (Ident, "b")]),
            ("/* a", &[(Comment, "/* a")]),
            ("/*", &[(Comment, "/*")]),
            ("/", &[(Other, "/")]),
            ("\"//\"a", &[(String, "\"//\""), (Ident, "a")]),
            (r#""\"//"//"#, &[(String, r#""\"//""#), (Comment, "//")]),
            (r#""\\"//"#, &[(String, r#""\\""#), (Comment, "//")]),
            ("`\\`a`\n//`", &[(String, "`\\`"), (Ident, "a"), (String, "`\n//`")]),
            ("'\"'\"'\"", &[(Rune, "'\"'"), (String, "\"'\"")]),
            (r"'\''//", &[(Rune, r"'\''"), (Comment, "//")]),
            ("\"open\na", &[(String, "\"open"), (Ident, "a")]),
            ("\"open\\\na", &[(String, "\"open\\"), (Ident, "a")]),
            ("`open\na", &[(String, "`open\na")]),
            ("1e+2+.5", &[(Number, "1e+2"), (Other, "+"), (Number, ".5")]),
            ("0x1e+2", &[(Number, "0x1e"), (Other, "+"), (Number, "2")]),
            ("0x1p-2", &[(Number, "0x1p-2")]),
            ("x.y", &[(Ident, "x"), (Other, "."), (Ident, "y")]),
            ("é1", &[(Ident, "é1")]),
        ];
        for (text, expected) in cases {
            let tokens: Vec<_> = tokens(text.as_bytes())
                .map(|token| (token.kind, str::from_utf8(token.text).unwrap()))
                .collect();
            assert_eq!(tokens, *expected, "{text:?}");
        }
    }

    #[test]
    fn says_on_which_line_and_how_deep() {
        let text = b"f(a, {b\n})) /*\n\n*/ c `\n` d\n[e";
        let at: Vec<_> = tokens(text)
            .filter(|token| token.kind == Ident)
            .map(|token| (token.text[0], token.line, token.depth))
            .collect();
        assert_eq!(at, [(b'f', 1, 0), (b'a', 1, 1), (b'b', 1, 2), (b'c', 4, 0), (b'd', 5, 0), (b'e', 6, 1)]);
    }

    #[test]
    fn a_directive_is_a_comment_that_begins_so() {
        for (text, directive) in [
            ("//go:embed a", Some("embed a")),
            ("// go:embed a", None),
            ("/*go:embed a*/", None),
            ("\"//go:embed a\"", None),
        ] {
            let token = tokens(text.as_bytes()).next().unwrap();
            assert_eq!(token.directive(), directive.map(str::as_bytes), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_lies_between_tokens(text in "[ -~\n\r\t\"`'/*\\\\]{0,60}", rubbish: Vec<u8>) {
            for text in [text.as_bytes(), &rubbish] {
                let mut end = 0;
                for token in tokens(text) {
                    prop_assert!(text[end..token.offset].iter().all(|byte| b" \t\r\n\xef\xbb\xbf".contains(byte)));
                    prop_assert!(!token.text.is_empty());
                    prop_assert_eq!(token.line, 1 + lines(&text[..token.offset]));
                    end = token.offset + token.text.len();
                }
                prop_assert!(text[end..].iter().all(|byte| b" \t\r\n\xef\xbb\xbf".contains(byte)));
            }
        }
    }
}
