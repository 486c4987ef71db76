//! How the bytes of a file change on their way from a blob into an archive (spec 05 §5): the keyword
//! `$Id$` first, then line ends, then the encoding.

use std::borrow::Cow;
use std::io;

use gix::bstr::ByteSlice;

use crate::ObjectId;
use crate::encoding::{self, encode};
use crate::pack::Content;

/// What is to be done to a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Conversion {
    pub(crate) eol: Eol,
    /// Whether `$Id$` is to be expanded.
    pub(crate) ident: bool,
    /// The encoding that the file is to be written in, if not UTF-8.
    pub(crate) encoding: Option<Label>,
}

/// The value of the attribute `working-tree-encoding`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Label {
    Name(Vec<u8>),
    /// The attribute is set, without a value: git gives up on the whole archive.
    True,
}

/// Why a file is not converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its encoding is not supported.
    Unsupported,
    /// It would become too large.
    TooLarge,
}

impl From<encoding::Unsupported> for Refusal {
    fn from(_: encoding::Unsupported) -> Refusal {
        Refusal::Unsupported
    }
}

/// What is to be done to line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Eol {
    #[default]
    Keep,
    /// LF becomes CRLF.
    Crlf,
    /// LF becomes CRLF in files that look like text and have nothing but LF.
    CrlfIfText,
}

impl Conversion {
    /// Returns whether nothing is to be done.
    pub(crate) fn is_none(&self) -> bool {
        *self == Conversion::default()
    }

    /// Returns what `content`, that of the blob `id`, becomes.
    ///
    /// # Errors
    /// When the encoding is one that only others know, or it becomes more than `max` bytes.
    pub(crate) fn apply(&self, content: Vec<u8>, id: &ObjectId, max: u64) -> Result<Vec<u8>, Refusal> {
        let check =
            |content: Vec<u8>| if content.len() as u64 > max { Err(Refusal::TooLarge) } else { Ok(content) };
        let content = if self.ident { expand_ident(content, id, max)? } else { content };
        let content = match self.eol {
            Eol::Keep => content,
            Eol::Crlf => to_crlf(content),
            Eol::CrlfIfText if Statistics::of(&content).is_plain_text() => to_crlf(content),
            Eol::CrlfIfText => content,
        };
        let content = check(content)?;
        match &self.encoding {
            None => Ok(content),
            // no character takes more than four bytes, and most take one
            Some(Label::Name(_)) if content.len() as u64 > max / 4 => Err(Refusal::TooLarge),
            Some(Label::Name(name)) => Ok(encode(content, name)?),
            Some(Label::True) => Err(Refusal::Unsupported),
        }
    }
}

impl Conversion {
    /// Gives what `content` becomes to `take`, a piece at a time, and returns its size; nothing when more than line ends are to
    /// be changed, for which all of it has to be there.
    pub(crate) fn apply_to_pieces(
        &self,
        content: &Content,
        mut take: impl FnMut(&[u8]),
    ) -> io::Result<Option<u64>> {
        if self.ident || self.encoding.is_some() {
            return Ok(None);
        }
        let is_changed = match self.eol {
            Eol::Keep => false,
            Eol::Crlf => true,
            Eol::CrlfIfText => {
                let mut statistics = Statistics::default();
                content.for_each(|piece| statistics.add(piece))?;
                statistics.finish().is_plain_text()
            }
        };
        let (mut size, mut last) = (0, 0);
        content.for_each(|piece| {
            let converted = if is_changed { to_crlf_behind(last, piece.to_vec()) } else { piece.to_vec() };
            last = piece.last().copied().unwrap_or(last);
            size += converted.len() as u64;
            take(&converted);
        })?;
        Ok(Some(size))
    }
}

/// Puts a CR before each LF that has none.
fn to_crlf(content: Vec<u8>) -> Vec<u8> {
    to_crlf_behind(0, content)
}

/// The same for what comes behind the byte `last`.
fn to_crlf_behind(last: u8, content: Vec<u8>) -> Vec<u8> {
    let is_lone = |at: usize| at.checked_sub(1).map_or(last, |before| content[before]) != b'\r';
    let lone = content.find_iter("\n").filter(|&at| is_lone(at)).count();
    if lone == 0 {
        return content;
    }
    let mut converted = Vec::with_capacity(content.len() + lone);
    let mut start = 0;
    for at in content.find_iter("\n").filter(|&at| is_lone(at)) {
        converted.extend_from_slice(&content[start..at]);
        converted.push(b'\r');
        start = at;
    }
    converted.extend_from_slice(&content[start..]);
    converted
}

/// What git counts to tell text from binary data.
#[derive(Default)]
struct Statistics {
    carriage_return: bool,
    zero: bool,
    printable: usize,
    unprintable: usize,
    last: u8,
}

impl Statistics {
    fn of(content: &[u8]) -> Statistics {
        let mut statistics = Statistics::default();
        statistics.add(content);
        statistics.finish()
    }

    fn add(&mut self, content: &[u8]) {
        for &byte in content {
            match byte {
                b'\n' => {}
                b'\r' => self.carriage_return = true,
                0 => self.zero = true,
                // backspace, tab, form feed and escape
                0x08 | b'\t' | 0x0c | 0x1b => self.printable += 1,
                0x01..=0x1f | 0x7f => self.unprintable += 1,
                _ => self.printable += 1,
            }
        }
        self.last = content.last().copied().unwrap_or(self.last);
    }

    fn finish(mut self) -> Statistics {
        // the end-of-file mark of old systems
        if self.last == 0x1a {
            self.unprintable -= 1;
        }
        self
    }

    /// Returns whether git takes the file for text all line ends of which are LF.
    fn is_plain_text(&self) -> bool {
        !self.carriage_return && !self.zero && self.unprintable <= self.printable / 128
    }
}

/// Expands each `$Id$`, and expands anew what an earlier expansion left: `$Id: word $`. Other text
/// between the dollar signs, with spaces within or over several lines, stays as it is.
fn expand_ident(content: Vec<u8>, id: &ObjectId, max: u64) -> Result<Vec<u8>, Refusal> {
    let mut expanded = Cow::Borrowed(&content[..0]);
    let (mut start, mut at) = (0, 0);
    while let Some(dollar) = content[at..].find_byte(b'$') {
        let keyword = at + dollar + 1;
        match keyword_end(&content[keyword..]) {
            Keyword::Ends(len) => {
                let out = expanded.to_mut();
                out.extend_from_slice(&content[start..keyword]);
                out.extend_from_slice(format!("Id: {id} $").as_bytes());
                at = keyword + len;
                start = at;
                if (out.len() + content.len() - start) as u64 > max {
                    return Err(Refusal::TooLarge);
                }
            }
            Keyword::None => at = keyword,
            Keyword::Open => break,
        }
    }
    if start == 0 {
        return Ok(content);
    }
    let mut expanded = expanded.into_owned();
    expanded.extend_from_slice(&content[start..]);
    Ok(expanded)
}

/// What follows a dollar sign.
enum Keyword {
    /// `Id` and so on, up to a second dollar sign, so many bytes in all.
    Ends(usize),
    None,
    /// The beginning of a keyword, with no dollar sign in the rest of the file.
    Open,
}

fn keyword_end(rest: &[u8]) -> Keyword {
    let Some(rest) = rest.strip_prefix(b"Id") else { return Keyword::None };
    match rest.first() {
        Some(b'$') => Keyword::Ends(3),
        Some(b':') => {
            let Some(value) = rest[1..].find_byte(b'$') else { return Keyword::Open };
            let value = &rest[1..=value];
            // the first byte is a space if git has written it, and the last one is
            let inner = value.get(1..value.len().saturating_sub(1)).unwrap_or_default();
            if value.contains(&b'\n') || inner.contains(&b' ') {
                return Keyword::None;
            }
            Keyword::Ends(value.len() + 4)
        }
        _ => Keyword::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(conversion: &Conversion, content: &[u8]) -> String {
        let id = ObjectId::parse(&"ab".repeat(20)).unwrap();
        let got = conversion.apply(content.to_vec(), &id, 1 << 20).unwrap();
        String::from_utf8_lossy(&got).replace(&"ab".repeat(20), "ID")
    }

    fn with(eol: Eol) -> Conversion {
        Conversion { eol, ..Conversion::default() }
    }

    #[test]
    fn puts_cr_before_lone_lf_only() {
        for (content, expected) in [
            ("", ""),
            ("\n", "\r\n"),
            ("a\nb", "a\r\nb"),
            ("a\r\nb\n", "a\r\nb\r\n"),
            ("\r\n\n\r\r\n", "\r\n\r\n\r\r\n"),
            ("a\rb", "a\rb"),
        ] {
            assert_eq!(converted(&with(Eol::Crlf), content.as_bytes()), expected, "{content:?}");
        }
    }

    #[test]
    fn line_ends_are_changed_the_same_way_in_pieces() {
        let text = b"one\ntwo\r\nthree\n\nfour\r\x1a".repeat(9_000);
        for (text, at) in [(&text[..], 0), (&text[..65_530], 3), (b"plain\n", 0), (b"\x1a", 0)] {
            let content = Content::on_disk(&text[at..]);
            for eol in [Eol::Keep, Eol::Crlf, Eol::CrlfIfText] {
                let mut got = Vec::new();
                let size = with(eol).apply_to_pieces(&content, |piece| got.extend_from_slice(piece)).unwrap();
                let id = ObjectId::parse(&"ab".repeat(20)).unwrap();
                let expected = with(eol).apply(text[at..].to_vec(), &id, 1 << 20).unwrap();
                assert!(got == expected && size == Some(expected.len() as u64), "{eol:?}");
            }
        }
        let ident = Conversion { ident: true, ..Conversion::default() };
        assert_eq!(ident.apply_to_pieces(&Content::on_disk(b""), |_| {}).unwrap(), None);
    }

    #[test]
    fn leaves_what_does_not_look_like_text() {
        for (content, changes) in [
            (&b"a\nb\n"[..], true),
            (b"a\r\nb\n", false),
            (b"a\rb\n", false),
            (b"a\0b\n", false),
            (b"a\x01b\n", false),
            (b"a\n\x1a", true),
            (b"\t\x08\x0c\x1b\n", true),
            (b"\x7f\n", false),
            (&[&[b'x'; 128][..], b"\x01\n"].concat(), true),
            (&[&[b'x'; 127][..], b"\x01\n"].concat(), false),
            ("\u{e9}\n".as_bytes(), true),
        ] {
            let got = converted(&with(Eol::CrlfIfText), content);
            assert_eq!(got.contains("\r\n") && !content.contains(&b'\r'), changes, "{content:?}");
        }
    }

    #[test]
    fn expands_ident_as_git_does() {
        let conversion = Conversion { ident: true, ..Conversion::default() };
        for (content, expected) in [
            ("$Id$", "$Id: ID $"),
            ("a$Id$b$Id$c", "a$Id: ID $b$Id: ID $c"),
            ("$Id: old $", "$Id: ID $"),
            ("$Id:$", "$Id: ID $"),
            ("$Id: $", "$Id: ID $"),
            ("$Id:x$", "$Id: ID $"),
            ("$Id:  $", "$Id: ID $"),
            ("$Id:   $", "$Id:   $"),
            ("$Id: a b $", "$Id: a b $"),
            ("$Id:a b$", "$Id:a b$"),
            ("$Id: a b $Id$", "$Id: a b $Id: ID $"),
            ("$Id: a\nb $", "$Id: a\nb $"),
            ("$Id: a\n$Id$", "$Id: a\n$Id: ID $"),
            ("$Id", "$Id"),
            ("$Id: open", "$Id: open"),
            ("$ID$ $id$ $Idx$", "$ID$ $id$ $Idx$"),
            ("$$Id$$", "$$Id: ID $$"),
            ("", ""),
        ] {
            assert_eq!(converted(&conversion, content.as_bytes()), expected, "{content:?}");
        }
    }

    #[test]
    fn expands_ident_before_line_ends() {
        let conversion = Conversion { ident: true, eol: Eol::Crlf, encoding: None };
        assert_eq!(converted(&conversion, b"$Id$\n"), "$Id: ID $\r\n");
    }
}
