//! go-import tags in a page, read as the go command reads them (spec 05 §1).
//!
//! Go reads the page as tokens of lenient XML up to the start of the body or the end of the head, so that a parser
//! for web pages would see other tags than Go does. What XML forbids is an error here as it is there; names that are
//! not ASCII are one here alone.

use std::borrow::Cow;

/// One go-import tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GoImport {
    /// The import paths that the repository holds start with this.
    pub(super) prefix: String,
    /// The version control system, or `mod`.
    pub(super) vcs: String,
    /// The URL of the repository.
    pub(super) repository: String,
    /// The folder in the repository; empty for its root.
    pub(super) subdir: String,
}

/// A page that breaks the rules of XML before its first tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the page: {reason} at byte {at}")]
pub(super) struct PageError {
    reason: &'static str,
    at: usize,
}

/// Returns the go-import tags of `page`: entries of `mod` first, and no other entries of the same prefix.
///
/// # Errors
/// When the page breaks the rules of XML before any tag; what comes after one is not missed.
pub(super) fn parse(page: &[u8]) -> Result<Vec<GoImport>, PageError> {
    let mut tokens = Tokens { page, at: 0 };
    let mut tags = Vec::new();
    loop {
        match tokens.next() {
            Ok(Some(Token::Start { name, .. })) if name.eq_ignore_ascii_case("body") => break,
            Ok(Some(Token::End { name } | Token::Start { name, closed: true, .. }))
                if name.eq_ignore_ascii_case("head") =>
            {
                break;
            }
            Ok(Some(Token::Start { name, attributes, .. })) if name.eq_ignore_ascii_case("meta") => {
                tags.extend(go_import(&attributes));
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(reason) if tags.is_empty() => return Err(PageError { reason, at: tokens.at }),
            Err(_) => break,
        }
    }
    let (mods, others): (Vec<_>, Vec<_>) = tags.into_iter().partition(|tag| tag.vcs == "mod");
    let hidden = |tag: &GoImport| mods.iter().any(|other| other.prefix == tag.prefix);
    let others: Vec<_> = others.into_iter().filter(|tag| !hidden(tag)).collect();
    Ok(mods.into_iter().chain(others).collect())
}

fn go_import(attributes: &[(String, String)]) -> Option<GoImport> {
    let value = |key: &str| {
        attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map_or("", |(_, value)| value)
    };
    if value("name") != "go-import" {
        return None;
    }
    let mut fields = value("content").split_whitespace().map(str::to_owned);
    let tag = GoImport {
        prefix: fields.next()?,
        vcs: fields.next()?,
        repository: fields.next()?,
        subdir: fields.next().unwrap_or_default(),
    };
    fields.next().is_none().then_some(tag)
}

enum Token {
    Start { name: String, attributes: Vec<(String, String)>, closed: bool },
    End { name: String },
    Other,
}

type Fallible<T> = Result<T, &'static str>;

const CUT_OFF: &str = "unexpected end";

struct Tokens<'a> {
    page: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Fallible<Option<Token>> {
        match self.peek() {
            None => Ok(None),
            Some(b'<') => self.markup().map(Some),
            Some(_) => {
                self.text(None)?;
                Ok(Some(Token::Other))
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.page.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        &self.page[self.at..]
    }

    fn must_peek(&self) -> Fallible<u8> {
        self.peek().ok_or(CUT_OFF)
    }

    fn take(&mut self, prefix: &[u8]) -> bool {
        let found = self.rest().starts_with(prefix);
        self.at += if found { prefix.len() } else { 0 };
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\r' | b'\n' | b'\t')) {
            self.at += 1;
        }
    }

    /// Skips to behind the next `end`.
    fn skip_past(&mut self, end: &[u8]) -> Fallible<&'a [u8]> {
        let rest = self.rest();
        let length = rest.windows(end.len()).position(|window| window == end).ok_or(CUT_OFF)?;
        self.at += length + end.len();
        Ok(&rest[..length])
    }

    fn markup(&mut self) -> Fallible<Token> {
        self.at += 1;
        match self.must_peek()? {
            b'/' => {
                self.at += 1;
                let name = self.name()?;
                self.space();
                self.must_peek()?;
                if self.take(b">") { Ok(Token::End { name }) } else { Err("stray characters in an end tag") }
            }
            b'?' => {
                self.at += 1;
                self.instruction()
            }
            b'!' => {
                self.at += 1;
                self.declaration()
            }
            _ => self.start(),
        }
    }

    /// `<?xml … ?>` must not declare another charset than UTF-8.
    fn instruction(&mut self) -> Fallible<Token> {
        let target = self.name()?;
        self.space();
        let content = self.skip_past(b"?>")?;
        if target == "xml" {
            if !matches!(parameter(content, "version=").as_ref(), "" | "1.0") {
                return Err("another version of XML than 1.0");
            }
            let charset = parameter(content, "encoding=").to_lowercase();
            if !matches!(charset.as_str(), "" | "utf-8" | "ascii") {
                return Err("a charset other than UTF-8");
            }
        }
        Ok(Token::Other)
    }

    fn declaration(&mut self) -> Fallible<Token> {
        match self.must_peek()? {
            b'-' => {
                if !self.take(b"--") {
                    return Err("not a comment");
                }
                self.skip_past(b"--")?;
                self.must_peek()?;
                if !self.take(b">") {
                    return Err("two dashes in a comment");
                }
            }
            b'[' => {
                if !self.take(b"[CDATA[") {
                    return Err("not a CDATA section");
                }
                let text = self.skip_past(b"]]>")?;
                check_characters(text)?;
            }
            _ => self.directive()?,
        }
        Ok(Token::Other)
    }

    /// `<!DOCTYPE …>` and the like: up to the `>` that closes it, which quotes and brackets in it hide.
    fn directive(&mut self) -> Fallible<()> {
        // the byte behind `<!` opens no quote and no bracket
        self.must_peek()?;
        self.at += 1;
        let (mut quote, mut depth) = (None, 0usize);
        loop {
            let byte = self.must_peek()?;
            self.at += 1;
            match (quote, byte) {
                (Some(open), _) => quote = (byte != open).then_some(open),
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'>') if depth == 0 => return Ok(()),
                (None, b'>') => depth -= 1,
                (None, b'<') if self.take(b"!--") => {
                    self.skip_past(b"-->")?;
                }
                (None, b'<') => depth += 1,
                (None, _) => {}
            }
        }
    }

    fn start(&mut self) -> Fallible<Token> {
        let name = self.name()?;
        let mut attributes = Vec::new();
        loop {
            self.space();
            match self.must_peek()? {
                b'>' => {
                    self.at += 1;
                    return Ok(Token::Start { name, attributes, closed: false });
                }
                b'/' => {
                    self.at += 1;
                    self.must_peek()?;
                    if !self.take(b">") {
                        return Err("a slash inside a tag");
                    }
                    return Ok(Token::Start { name, attributes, closed: true });
                }
                _ => attributes.push(self.attribute()?),
            }
        }
    }

    fn attribute(&mut self) -> Fallible<(String, String)> {
        let name = self.name()?;
        self.space();
        self.must_peek()?;
        if !self.take(b"=") {
            return Ok((name.clone(), name));
        }
        self.space();
        let value = match self.must_peek()? {
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                self.text(Some(quote))?
            }
            _ => {
                let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-');
                let length = self.rest().iter().take_while(|byte| plain(byte)).count();
                let value = String::from_utf8_lossy(&self.rest()[..length]).into_owned();
                self.at += length;
                self.must_peek()?;
                value
            }
        };
        Ok((name, value))
    }

    /// Returns a name without its name space.
    fn name(&mut self) -> Fallible<String> {
        let part = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-') || *byte >= 0x80
        };
        let length = self.rest().iter().take_while(|byte| part(byte)).count();
        let name = &self.rest()[..length];
        self.at += length;
        self.must_peek()?;
        let first = name.first().ok_or("a name is missing")?;
        if !name.is_ascii() || !(first.is_ascii_alphabetic() || matches!(first, b'_' | b':')) {
            return Err("not a name");
        }
        let name = String::from_utf8_lossy(name);
        match name.split_once(':') {
            Some((_, local)) if local.contains(':') => Err("not a name"),
            Some((space, local)) if !space.is_empty() && !local.is_empty() => Ok(local.to_owned()),
            _ => Ok(name.into_owned()),
        }
    }

    /// Returns text up to `quote`, which it skips, or up to the next `<`.
    fn text(&mut self, quote: Option<u8>) -> Fallible<String> {
        let mut text = Vec::new();
        loop {
            match (self.peek(), quote) {
                (None, _) => break,
                (Some(b'<'), Some(_)) => return Err("`<` in a quoted value"),
                (Some(b'<'), None) => break,
                (Some(byte), Some(quote)) if byte == quote => {
                    self.at += 1;
                    break;
                }
                (Some(b'&'), _) => self.entity(&mut text)?,
                (Some(byte), _) => {
                    if quote.is_none() && self.rest().starts_with(b"]]>") {
                        return Err("`]]>` outside a CDATA section");
                    }
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
        check_characters(&text)?;
        // a value that the end of the page cuts off is taken as it is, and the page ends behind it
        Ok(String::from_utf8(text)
            .expect("its characters have been checked")
            .replace("\r\n", "\n")
            .replace('\r', "\n"))
    }

    /// Adds what an entity stands for, or the entity itself when it stands for nothing.
    fn entity(&mut self, text: &mut Vec<u8>) -> Fallible<()> {
        let start = self.at;
        self.at += 1;
        let numeric = self.take(b"#");
        let hexadecimal = numeric && self.take(b"x");
        let part = |byte: &u8| match (numeric, hexadecimal) {
            (true, true) => byte.is_ascii_hexdigit(),
            (true, false) => byte.is_ascii_digit(),
            _ => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-') || *byte >= 0x80,
        };
        let length = self.rest().iter().take_while(|byte| part(byte)).count();
        let name = &self.rest()[..length];
        self.at += length;
        self.must_peek()?;
        let character = if self.take(b";") { character(name, numeric, hexadecimal) } else { None };
        match character {
            Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => text.extend_from_slice(&self.page[start..self.at]),
        }
        Ok(())
    }
}

/// Returns the character that an entity stands for. A number beyond Unicode stands for nothing, a surrogate for U+FFFD.
fn character(name: &[u8], numeric: bool, hexadecimal: bool) -> Option<char> {
    if !numeric {
        return match name {
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"amp" => Some('&'),
            b"apos" => Some('\''),
            b"quot" => Some('"'),
            _ => None,
        };
    }
    let digits = str::from_utf8(name).ok()?;
    let number = u64::from_str_radix(digits, if hexadecimal { 16 } else { 10 }).ok()?;
    let number = u32::try_from(number).ok().filter(|number| *number <= u32::from(char::MAX))?;
    Some(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Fails unless `text` is UTF-8 of characters that XML allows.
fn check_characters(text: &[u8]) -> Fallible<()> {
    let text = str::from_utf8(text).map_err(|_| "invalid UTF-8")?;
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(allowed) { Ok(()) } else { Err("a character that XML does not allow") }
}

/// Returns the quoted value behind `key` in a processing instruction; empty when there is none.
fn parameter<'a>(content: &'a [u8], key: &str) -> Cow<'a, str> {
    let text = String::from_utf8_lossy(content);
    let value = text.match_indices(key).find_map(|(at, _)| {
        let quoted = &text[at + key.len()..];
        let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        quoted[1..].split_once(quote).map(|(value, _)| value.to_owned())
    });
    Cow::Owned(value.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tags(page: &str) -> Result<Vec<String>, String> {
        let tags = parse(page.as_bytes()).map_err(|error| error.to_string())?;
        Ok(tags
            .iter()
            .map(|tag| [&*tag.prefix, &*tag.vcs, &*tag.repository, &*tag.subdir].join("|"))
            .collect())
    }

    const TAG: &str = r#"<meta name="go-import" content="a.b/c git https://git.example/c">"#;
    const READ: &str = "a.b/c|git|https://git.example/c|";

    #[test]
    fn reads_tags_in_the_forms_that_pages_have() {
        for page in [
            TAG.to_owned(),
            format!("<!DOCTYPE html><html><head><title>x</title>{TAG}</head>"),
            r#"<META NAME='go-import' CONTENT='a.b/c git https://git.example/c' />"#.to_owned(),
            r#"<meta charset=utf-8><meta content="a.b/c  git
                https://git.example/c" name=go-import>"#
                .to_owned(),
            r#"<meta name="go-import" content="a.b/c git https&#58;//git.example/c">"#.to_owned(),
            format!("<!-- {TAG} --><?xml version='1.0' encoding='UTF-8'?>{TAG}"),
            format!("<script async>let a = 1 > 0</script>&nbsp;&copy{TAG}"),
            format!("<!DOCTYPE x [<!ENTITY a \">\"> <!-- > -->]>{TAG}"),
        ] {
            assert_eq!(tags(&page), Ok(vec![READ.to_owned()]), "{page}");
        }
    }

    #[test]
    fn stops_at_the_body_and_behind_the_head() {
        for page in [
            format!("<head></head>{TAG}"),
            format!("<head/>{TAG}"),
            format!("<BODY class=x>{TAG}"),
            String::new(),
        ] {
            assert_eq!(tags(&page), Ok(Vec::new()), "{page}");
        }
    }

    #[test]
    fn takes_three_fields_or_four() {
        let page = |content: &str| tags(&format!(r#"<meta name="go-import" content="{content}">"#));
        assert_eq!(
            page("a.b/c git https://x.example sub/dir"),
            Ok(vec!["a.b/c|git|https://x.example|sub/dir".into()])
        );
        for content in ["a.b/c git", "a.b/c git https://x.example d e", ""] {
            assert_eq!(page(content), Ok(Vec::new()), "{content}");
        }
        let other = r#"<meta name="Go-Import" content="a.b/c git https://x.example">"#;
        assert_eq!(tags(other), Ok(Vec::new()));
    }

    #[test]
    fn a_module_server_hides_repositories_of_its_prefix() {
        let page = r#"<meta name="go-import" content="a.b git https://x.example">
            <meta name="go-import" content="a.b/c git https://y.example">
            <meta name="go-import" content="a.b mod https://proxy.example">"#;
        assert_eq!(
            tags(page),
            Ok(vec!["a.b|mod|https://proxy.example|".into(), "a.b/c|git|https://y.example|".into()])
        );
    }

    #[test]
    fn what_xml_forbids_counts_only_before_the_first_tag() {
        for wrong in
            ["<a b=\"<\">", "<p/x>", "<!-- a -- b -->", "x]]>y", "<1>", "\u{1}", "</a b>", "<a", "<!-x>"]
        {
            assert!(tags(&format!("{wrong}{TAG}")).is_err(), "{wrong}");
            assert_eq!(tags(&format!("{TAG}{wrong}")), Ok(vec![READ.to_owned()]), "{wrong}");
        }
        assert!(tags(&format!("<?xml encoding='latin1'?>{TAG}")).is_err());
    }

    proptest! {
        #[test]
        fn no_page_is_too_odd(page in proptest::collection::vec(prop_oneof![
            Just(b"<".to_vec()), Just(b">".to_vec()), Just(b"meta name='go-import' content='a b c'".to_vec()),
            Just(b"&#x".to_vec()), Just(b"<!--".to_vec()), Just(b"<![CDATA[".to_vec()), Just(b"]]>".to_vec()),
            Just(b"<?xml ".to_vec()), Just(b"=\"".to_vec()), proptest::collection::vec(any::<u8>(), 0..4),
        ], 0..24)) {
            let _ = parse(&page.concat());
        }
    }
}
