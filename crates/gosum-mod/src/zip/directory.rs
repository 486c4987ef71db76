//! The central directory: a header for each entry.

use std::io;

use super::number::{u16_at, u32_at, u64_at};
use super::source::{ReadAt, Window};

/// `PK\1\2`: the header of an entry.
const SIGNATURE: [u8; 4] = *b"PK\x01\x02";
pub(super) const LEN: usize = 46;

/// The longest header: its name, extra field and comment have 16 bits for their lengths.
const MAX_LEN: u64 = LEN as u64 + 3 * 0xffff;

/// The extra field that holds what does not fit 32 bits.
const ZIP64: u16 = 1;

/// How reading the directory fails, told apart as Go's reader does, which goes on after some and not after others.
#[derive(Debug)]
pub(super) enum Fault {
    /// This is not a header.
    Format,
    /// The bytes end within a header.
    Truncated,
    /// The bytes end where a header, or what follows its fixed part, starts.
    Ended,
    /// The bytes cannot be read.
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

/// What the directory says of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) name: &'a [u8],
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    /// Where the local header is, before what lies in front of the archive is counted. Go holds it as a signed
    /// number.
    pub(super) offset: i64,
    /// The header up to its name, as it is.
    pub(super) fixed: [u8; LEN],
    pub(super) extra: &'a [u8],
    pub(super) comment: &'a [u8],
}

/// Reads headers one after the other.
pub(super) struct Headers<'a, R: ?Sized> {
    window: Window<'a, R>,
    position: u64,
}

impl<'a, R: ReadAt + ?Sized> Headers<'a, R> {
    /// Returns the headers that start at `position` of the `len` bytes of `source`. `buffer` gets the size that
    /// reading needs, less than 256 KiB.
    pub(super) fn new(source: &'a R, len: u64, position: u64, buffer: &'a mut Vec<u8>) -> Headers<'a, R> {
        buffer.resize(len.saturating_sub(position).min(MAX_LEN) as usize, 0);
        Headers { window: Window::new(source, len, buffer), position }
    }

    /// Returns where the next header is, if there is one.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Returns the next header.
    pub(super) fn next_header(&mut self) -> Result<Header<'_>, Fault> {
        let fixed = whole(self.window.at(self.position, LEN, MAX_LEN)?, LEN)?;
        if !fixed.starts_with(&SIGNATURE) {
            return Err(Fault::Format);
        }
        let name_len = usize::from(u16_at(fixed, 28));
        let extra_len = usize::from(u16_at(fixed, 30));
        let comment_len = usize::from(u16_at(fixed, 32));
        let rest_len = name_len + extra_len + comment_len;

        // The fixed part again, with what follows it: the window may have moved.
        let record = self.window.at(self.position, LEN + rest_len, MAX_LEN)?;
        let (fixed, rest) = record.split_at(LEN);
        let (name, rest) = whole(rest, rest_len)?.split_at(name_len);
        let (extra, comment) = rest.split_at(extra_len);
        self.position += (LEN + rest_len) as u64;
        parse(fixed, name, extra, comment)
    }
}

/// Returns the first `len` of `bytes`.
fn whole(bytes: &[u8], len: usize) -> Result<&[u8], Fault> {
    match bytes.get(..len) {
        Some(bytes) => Ok(bytes),
        None if bytes.is_empty() => Err(Fault::Ended),
        None => Err(Fault::Truncated),
    }
}

fn parse<'a>(fixed: &[u8], name: &'a [u8], extra: &'a [u8], comment: &'a [u8]) -> Result<Header<'a>, Fault> {
    let mut header = Header {
        name,
        flags: u16_at(fixed, 8),
        method: u16_at(fixed, 10),
        crc: u32_at(fixed, 16),
        compressed: u32_at(fixed, 20).into(),
        size: u32_at(fixed, 24).into(),
        offset: u32_at(fixed, 42).into(),
        fixed: *fixed.first_chunk().expect("the fixed part is whole"),
        extra,
        comment,
    };
    widen(&mut header, extra)?;
    Ok(header)
}

/// Takes what is all ones in the header from its zip64 fields.
///
/// A size of all ones may stand for itself; the other two may not. What cannot be split into fields is passed over.
fn widen(header: &mut Header<'_>, mut extra: &[u8]) -> Result<(), Fault> {
    const ONES: u64 = 0xffff_ffff;
    let mut need_size = header.size == ONES;
    let mut need_compressed = header.compressed == ONES;
    let mut need_offset = header.offset == ONES as i64;
    while extra.len() >= 4 {
        let (tag, len) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let Some((mut field, rest)) = extra[4..].split_at_checked(len) else { break };
        extra = rest;
        if tag != ZIP64 {
            continue;
        }
        let mut next = || {
            let (number, rest) = field.split_at_checked(8).ok_or(Fault::Format)?;
            field = rest;
            Ok::<u64, Fault>(u64_at(number, 0))
        };
        if std::mem::take(&mut need_size) {
            header.size = next()?;
        }
        if std::mem::take(&mut need_compressed) {
            header.compressed = next()?;
        }
        if std::mem::take(&mut need_offset) {
            header.offset = next()? as i64;
        }
    }
    if need_compressed || need_offset { Err(Fault::Format) } else { Ok(()) }
}
