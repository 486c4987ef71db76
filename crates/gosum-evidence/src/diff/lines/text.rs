//! What is text, and what its lines are.

use std::borrow::Cow;
use std::fmt;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF16_LE_MARK: &[u8] = b"\xff\xfe";
const UTF16_BE_MARK: &[u8] = b"\xfe\xff";

/// In content that is not UTF-8, one control character in so many bytes says that it is no text in another encoding
/// either. Among random bytes it is one in ten.
const CONTROL_SHARE: usize = 50;

/// How the characters of a text are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, be it ASCII.
    Utf8,
    /// UTF-8 after a byte order mark.
    Utf8WithMark,
    /// UTF-16 with the lower byte first, after a byte order mark. Lines are shown in UTF-8.
    Utf16Le,
    /// UTF-16 with the higher byte first, after a byte order mark. Lines are shown in UTF-8.
    Utf16Be,
    /// Not UTF-8: lines hold the bytes as they are.
    Unknown,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf8WithMark => "UTF-8 with a byte order mark",
            Encoding::Utf16Le => "UTF-16, little endian",
            Encoding::Utf16Be => "UTF-16, big endian",
            Encoding::Unknown => "unknown encoding",
        })
    }
}

/// Why content is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotText {
    /// A byte 0, or the character U+0000.
    Nul,
    /// A byte order mark of UTF-16, and then something that is not UTF-16.
    BrokenUtf16,
    /// Neither UTF-8 nor, by the number of control characters, text in another encoding.
    Bytes,
}

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            NotText::Nul => "has a byte 0",
            NotText::BrokenUtf16 => "begins like UTF-16 and is not",
            NotText::Bytes => "not UTF-8, and with control characters",
        })
    }
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineEnd {
    /// With a line feed.
    Lf,
    /// With a carriage return and a line feed.
    CrLf,
    /// Not at all: the last line of a file that does not end with a line feed.
    None,
}

/// What a text is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextForm {
    /// How its characters are encoded.
    pub encoding: Encoding,
    /// How many of its lines end with a line feed alone.
    pub lf: usize,
    /// How many of its lines end with a carriage return and a line feed.
    pub crlf: usize,
    /// Whether its last line ends; so it does where there is no line.
    pub is_ended: bool,
}

/// Returns whether all lines of one text end in one way, and all of the other in the other.
pub(super) fn have_other_ends(left: &Option<TextForm>, right: &Option<TextForm>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return false };
    let is_unix = |form: &TextForm| form.lf > 0 && form.crlf == 0;
    let is_dos = |form: &TextForm| form.crlf > 0 && form.lf == 0;
    (is_unix(left) && is_dos(right)) || (is_dos(left) && is_unix(right))
}

/// A line of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawLine<'a> {
    /// Its bytes, without its end.
    pub(super) bytes: &'a [u8],
    pub(super) end: LineEnd,
}

/// A text without its byte order mark; an empty one without an encoding where there is no file.
pub(super) struct Source<'a> {
    encoding: Option<Encoding>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Source<'a> {
    /// Returns the text that `content` is, if it is there.
    pub(super) fn read(content: Option<&'a [u8]>) -> Result<Source<'a>, NotText> {
        let Some(content) = content else { return Ok(Source { encoding: None, bytes: Cow::default() }) };
        let (encoding, bytes) = decode(content)?;
        Ok(Source { encoding: Some(encoding), bytes })
    }

    pub(super) fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn lines(&self) -> Vec<RawLine<'_>> {
        self.bytes.split_inclusive(|&byte| byte == b'\n').map(split_end).collect()
    }

    pub(super) fn form(&self, lines: &[RawLine<'_>]) -> Option<TextForm> {
        let count = |end| lines.iter().filter(|line| line.end == end).count();
        Some(TextForm {
            encoding: self.encoding?,
            lf: count(LineEnd::Lf),
            crlf: count(LineEnd::CrLf),
            is_ended: count(LineEnd::None) == 0,
        })
    }
}

fn split_end(line: &[u8]) -> RawLine<'_> {
    let (bytes, end) = if let Some(bytes) = line.strip_suffix(b"\r\n") {
        (bytes, LineEnd::CrLf)
    } else if let Some(bytes) = line.strip_suffix(b"\n") {
        (bytes, LineEnd::Lf)
    } else {
        (line, LineEnd::None)
    };
    RawLine { bytes, end }
}

fn decode(content: &[u8]) -> Result<(Encoding, Cow<'_, [u8]>), NotText> {
    if let Some(units) = content.strip_prefix(UTF16_LE_MARK) {
        return Ok((Encoding::Utf16Le, Cow::Owned(decode_utf16(units, u16::from_le_bytes)?)));
    }
    if let Some(units) = content.strip_prefix(UTF16_BE_MARK) {
        return Ok((Encoding::Utf16Be, Cow::Owned(decode_utf16(units, u16::from_be_bytes)?)));
    }
    if content.contains(&0) {
        return Err(NotText::Nul);
    }
    if str::from_utf8(content).is_err() {
        let is_control = |byte: &&u8| byte.is_ascii_control() && !b"\t\n\x0b\x0c\r\x1b".contains(byte);
        let controls = content.iter().filter(is_control).count();
        return match controls.saturating_mul(CONTROL_SHARE) > content.len() {
            true => Err(NotText::Bytes),
            false => Ok((Encoding::Unknown, Cow::Borrowed(content))),
        };
    }
    Ok(match content.strip_prefix(UTF8_MARK) {
        Some(text) => (Encoding::Utf8WithMark, Cow::Borrowed(text)),
        None => (Encoding::Utf8, Cow::Borrowed(content)),
    })
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<u8>, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NotText::BrokenUtf16);
    }
    let mut text = String::with_capacity(bytes.len());
    for character in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        match character {
            Ok('\0') => return Err(NotText::Nul),
            Ok(character) => text.push(character),
            Err(_) => return Err(NotText::BrokenUtf16),
        }
    }
    Ok(text.into_bytes())
}

/// Returns the text with every line that ends in a carriage return and a line feed ending in the line feed alone.
pub(super) fn with_feeds(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let RawLine { bytes, end } = split_end(line);
        out.extend_from_slice(bytes);
        if end != LineEnd::None {
            out.push(b'\n');
        }
    }
    out
}

/// Returns the text without the end of its last line.
pub(super) fn without_last_end(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\r\n").or(text.strip_suffix(b"\n")).unwrap_or(text)
}

/// Returns the bytes of the text that are not white space of ASCII.
pub(super) fn without_white_space(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'\x0b')
}
