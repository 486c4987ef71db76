//! A zip archive as Go's reader sees it.

use std::fmt;
use std::io;

use super::content::{Body, ContentError, ContentReader};
use super::directory::{Fault, Header, Headers};
use super::end::{self, End};
use super::source::ReadAt;

/// Flag bit 3: the checksum follows the content.
const HAS_DESCRIPTOR: u16 = 1 << 3;

/// A zip archive whose central directory was read.
///
/// What is an archive, and what it holds, is what Go's reader makes of it (spec 02 §1): bytes before the archive, after
/// it and between entries do not matter, the number of entries must be right in its low 16 bits only, names are any
/// bytes and may repeat, and local headers are not compared with the directory. Nothing here judges names or sizes.
///
/// Memory: the names, and 48 bytes for each entry, which is about what the directory takes in the archive. How large
/// an archive may be is for the caller to bound.
pub struct Archive<R> {
    pub(super) source: R,
    pub(super) len: u64,
    pub(super) end: End,
    names: Vec<u8>,
    records: Vec<Record>,
}

struct Record {
    name_start: usize,
    name_len: u16,
    body: Body,
}

/// Bytes that are not a zip archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// No end record, or what it says cannot be.
    #[error("not a valid zip archive")]
    Format,
    /// The archive ends within its directory, or the number of entries is not the one that the end record states.
    #[error("zip archive ends early")]
    UnexpectedEof,
    /// The bytes cannot be read.
    #[error("cannot read zip archive")]
    Read(#[source] io::Error),
}

impl From<Fault> for ArchiveError {
    fn from(fault: Fault) -> ArchiveError {
        match fault {
            Fault::Format => ArchiveError::Format,
            Fault::Truncated | Fault::Ended => ArchiveError::UnexpectedEof,
            Fault::Io(error) => ArchiveError::Read(error),
        }
    }
}

impl<R: ReadAt> Archive<R> {
    /// Returns the archive that the bytes of `source` are.
    ///
    /// # Errors
    /// When Go's reader would not open it, or `source` cannot be read.
    pub fn open(source: R) -> Result<Archive<R>, ArchiveError> {
        let len = source.len().map_err(ArchiveError::Read)?;
        let end = end::find(&source, len)?;
        let mut archive = Archive { source, len, end, names: Vec::new(), records: Vec::new() };
        let stop = archive.read_directory(end.directory, end.base)?;
        if archive.records.len() as u16 == end.records as u16 { Ok(archive) } else { Err(stop.into()) }
    }

    /// Reads headers until there are no more, and returns why. A directory that nothing follows, not even an end
    /// record, is refused whatever its number of entries.
    fn read_directory(&mut self, directory: u64, base: i64) -> Result<Fault, ArchiveError> {
        let mut buffer = Vec::new();
        let mut headers = Headers::new(&self.source, self.len, directory, &mut buffer);
        loop {
            match headers.next_header() {
                Ok(header) => {
                    self.records.push(Record::new(&header, self.names.len(), base));
                    self.names.extend_from_slice(header.name);
                }
                Err(stop @ (Fault::Format | Fault::Truncated)) => return Ok(stop),
                Err(fault) => return Err(fault.into()),
            }
        }
    }

    /// Returns how many bytes the archive has.
    pub fn file_size(&self) -> u64 {
        self.len
    }

    /// Returns the entry with this place in the directory.
    pub fn entry(&self, index: usize) -> Option<Entry<'_, R>> {
        self.records.get(index).map(|record| Entry { archive: self, record })
    }

    /// Returns all entries, in the order of the directory.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_, R>> + Clone {
        self.records.iter().map(|record| Entry { archive: self, record })
    }
}

impl Record {
    fn new(header: &Header<'_>, name_start: usize, base: i64) -> Record {
        Record {
            name_start,
            name_len: u16::try_from(header.name.len()).expect("a header has 16 bits for it"),
            body: Body {
                header: header.offset.wrapping_add(base), // as Go adds them
                compressed: header.compressed,
                size: header.size,
                crc: header.crc,
                method: header.method,
                has_descriptor: header.flags & HAS_DESCRIPTOR != 0,
                is_dir: header.name.ends_with(b"/"),
            },
        }
    }
}

impl<R> fmt::Debug for Archive<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("len", &self.len).field("entries", &self.records.len()).finish()
    }
}

/// An entry of an archive, as the central directory has it.
pub struct Entry<'a, R> {
    archive: &'a Archive<R>,
    record: &'a Record,
}

impl<R> Clone for Entry<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Entry<'_, R> {}

impl<R> fmt::Debug for Entry<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name().escape_ascii().to_string()).finish_non_exhaustive()
    }
}

impl<'a, R> Entry<'a, R> {
    /// Returns the name, exactly as stored.
    pub fn name(&self) -> &'a [u8] {
        &self.archive.names[self.record.name_start..][..usize::from(self.record.name_len)]
    }

    /// Returns whether the name says that this is a folder: it ends in a slash.
    pub fn is_dir(&self) -> bool {
        self.record.body.is_dir
    }

    /// Returns the size that the content is declared to have.
    pub fn size(&self) -> u64 {
        self.record.body.size
    }

    /// Returns how much compressed data the entry is declared to have, which may go beyond the end of the archive.
    pub fn compressed_size(&self) -> u64 {
        self.record.body.compressed
    }
}

impl<'a, R: ReadAt> Entry<'a, R> {
    /// Passes the content to `sink`, piece by piece, and returns when all of it was read and found sound.
    ///
    /// Use one `reader` for many entries. Never more than the declared size is passed on, and what was passed on
    /// counts only once this returns.
    ///
    /// # Errors
    /// As Go's reader, whose tolerance [`ContentReader`] describes.
    pub fn read(&self, reader: &mut ContentReader, sink: impl FnMut(&[u8])) -> Result<(), ContentError> {
        reader.read(&self.archive.source, self.archive.len, &self.record.body, sink)
    }

    /// Reads the content to the start of `into`, which must have [`ROOM`](super::content::ROOM) bytes more than
    /// [`Entry::size`] says. Else as [`Entry::read`].
    pub(super) fn read_to(&self, reader: &mut ContentReader, into: &mut [u8]) -> Result<(), ContentError> {
        reader.read_to(&self.archive.source, self.archive.len, &self.record.body, into)
    }
}
