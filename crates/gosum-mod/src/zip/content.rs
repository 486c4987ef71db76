//! The content of an entry: found, inflated, and held to its size and checksum.

use std::fmt;
use std::io;

use flate2::{Decompress, FlushDecompress, Status};

use super::number::{u16_at, u32_at};
use super::source::{ReadAt, Window};

/// `PK\3\4`: the local header, which stands before the content.
const SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const HEADER_LEN: usize = 30;

/// `PK\7\8`: may stand before the checksum that follows the content.
const DESCRIPTOR_SIGNATURE: [u8; 4] = *b"PK\x07\x08";
const DESCRIPTOR_LEN: usize = 16;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Pieces in which content is read and inflated: most files fit one.
const PIECE: usize = 128 << 10;

/// By how much more than declared content may come out before that is told: so much that the inflater can write without
/// looking, at the end too.
pub(super) const ROOM: usize = 512;

/// What is read with a local header in the hope that its name and extra field end there.
const NAME_AND_EXTRA: u64 = 256;

/// Where the content of an entry is, and what it must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body {
    /// Where the local header is; before the archive if negative.
    pub(super) header: i64,
    pub(super) compressed: u64,
    pub(super) size: u64,
    pub(super) crc: u32,
    pub(super) method: u16,
    pub(super) has_descriptor: bool,
    pub(super) is_dir: bool,
}

/// Content that Go's reader does not give out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The directory points before the first byte of the archive.
    #[error("content lies before the start of the archive")]
    BeforeStart,
    /// What the directory points to is not a local header.
    #[error("no local header where the directory says")]
    NoLocalHeader,
    /// The name of a folder, but a size.
    #[error("a folder with content")]
    FolderWithContent,
    /// Neither stored nor deflated.
    #[error("compressed by method {method}, which the go command does not read")]
    Method {
        /// The method's number.
        method: u16,
    },
    /// Not a deflate stream.
    #[error("compressed data is corrupt")]
    Corrupt,
    /// The archive, the compressed data or the content ends before it is complete.
    #[error("content ends early")]
    UnexpectedEof,
    /// More content than declared.
    #[error("content is longer than declared")]
    LongerThanDeclared,
    /// Content and checksum do not go together.
    #[error("wrong checksum")]
    Checksum,
    /// The archive cannot be read.
    #[error("cannot read zip archive")]
    Read(#[source] io::Error),
}

/// Buffers and state for reading the content of entries: some 320 KiB, whatever an archive declares.
///
/// The tolerance is that of Go's reader (spec 02 §1). The local header must start with its signature and says how
/// long its name and extra field are; all else in it is ignored. A folder must have no size, whatever is stored for
/// it. What follows the end of a deflate stream is ignored, and a compressed size beyond the end of the archive does
/// not matter if the content is complete. The content must have the declared size and the directory's checksum,
/// unless that is 0; with a data descriptor the descriptor's checksum must be the same, and 0 is a checksum like any
/// other.
///
/// Where compressed data is both corrupt and cut short, either error may be told where Go tells the other. A Huffman
/// table without an end of block, for one, is [`ContentError::Corrupt`] here at once, and in Go whatever comes of
/// reading on; an empty one is the reverse. Such data is refused either way.
pub struct ContentReader {
    input: Box<[u8]>,
    output: Box<[u8]>,
    inflate: Decompress,
    /// How much of the compressed data that was read last lies behind its end.
    unread: u64,
}

impl ContentReader {
    /// Returns a reader for any number of entries of any archives.
    pub fn new() -> ContentReader {
        let piece = || vec![0; PIECE].into_boxed_slice();
        ContentReader { input: piece(), output: piece(), inflate: Decompress::new(false), unread: 0 }
    }

    /// Returns how many bytes of the compressed data that was read last, and to its end, lie behind the end of the
    /// deflate stream. Nothing that reads the zip as Go does ever sees them.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    pub(super) fn read<R: ReadAt + ?Sized>(
        &mut self,
        source: &R,
        len: u64,
        body: &Body,
        sink: impl FnMut(&[u8]),
    ) -> Result<(), ContentError> {
        let window = Window::new(source, len, &mut self.input);
        let output = Output { buffer: &mut self.output, filled: 0, is_kept: false };
        read(window, &mut self.inflate, output, body, len, sink)?;
        self.note_unread(body);
        Ok(())
    }

    /// Reads the content to the start of `into`, which must have [`ROOM`] bytes more than it.
    pub(super) fn read_to<R: ReadAt + ?Sized>(
        &mut self,
        source: &R,
        len: u64,
        body: &Body,
        into: &mut [u8],
    ) -> Result<(), ContentError> {
        debug_assert!(into.len() as u64 >= body.size + ROOM as u64);
        let window = Window::new(source, len, &mut self.input);
        if body.method == STORED {
            let mut filled = 0;
            let output = Output { buffer: &mut [], filled: 0, is_kept: false };
            read(window, &mut self.inflate, output, body, len, |piece| {
                into[filled..][..piece.len()].copy_from_slice(piece);
                filled += piece.len();
            })?;
            self.note_unread(body);
            return Ok(());
        }
        let output = Output { buffer: into, filled: 0, is_kept: true };
        read(window, &mut self.inflate, output, body, len, |_| {})?;
        self.note_unread(body);
        Ok(())
    }

    fn note_unread(&mut self, body: &Body) {
        let is_inflated = body.method == DEFLATED && !body.is_dir;
        self.unread = if is_inflated { body.compressed.saturating_sub(self.inflate.total_in()) } else { 0 };
    }
}

/// Where inflated bytes go.
struct Output<'a> {
    buffer: &'a mut [u8],
    filled: usize,
    /// Whether bytes stay where they came out; else the buffer is used again for the next ones.
    is_kept: bool,
}

fn read<R: ReadAt + ?Sized>(
    mut window: Window<'_, R>,
    state: &mut Decompress,
    output: Output<'_>,
    body: &Body,
    len: u64,
    sink: impl FnMut(&[u8]),
) -> Result<(), ContentError> {
    let start = content_start(&mut window, body)?;
    if body.is_dir {
        return if body.size == 0 { Ok(()) } else { Err(ContentError::FolderWithContent) };
    }
    let end = start.saturating_add(body.compressed).min(len);
    let mut packed = Packed { window, position: start, end };
    let mut content = Content { left: body.size, crc: crc32fast::Hasher::new(), sink };
    match body.method {
        STORED => copy(&mut packed, &mut content)?,
        DEFLATED => inflate(&mut packed, state, output, &mut content)?,
        method => return Err(ContentError::Method { method }),
    }
    if content.left > 0 {
        return Err(ContentError::UnexpectedEof);
    }
    check_crc(&mut packed.window, start, body, content.crc.finalize())
}

impl Default for ContentReader {
    fn default() -> Self {
        ContentReader::new()
    }
}

impl fmt::Debug for ContentReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentReader").finish_non_exhaustive()
    }
}

impl From<io::Error> for ContentError {
    fn from(error: io::Error) -> ContentError {
        ContentError::Read(error)
    }
}

/// Returns where the content starts: after the local header.
fn content_start<R: ReadAt + ?Sized>(window: &mut Window<'_, R>, body: &Body) -> Result<u64, ContentError> {
    let at = u64::try_from(body.header).map_err(|_| ContentError::BeforeStart)?;
    let ahead = (HEADER_LEN as u64 + NAME_AND_EXTRA).saturating_add(body.compressed);
    let header = window.at(at, HEADER_LEN, ahead)?.get(..HEADER_LEN).ok_or(ContentError::UnexpectedEof)?;
    if !header.starts_with(&SIGNATURE) {
        return Err(ContentError::NoLocalHeader);
    }
    let (name_len, extra_len) = (u16_at(header, 26), u16_at(header, 28));
    Ok(at + HEADER_LEN as u64 + u64::from(name_len) + u64::from(extra_len))
}

/// What is stored for an entry, read piece by piece.
struct Packed<'a, R: ?Sized> {
    window: Window<'a, R>,
    position: u64,
    end: u64,
}

impl<R: ReadAt + ?Sized> Packed<'_, R> {
    /// Returns the next piece and whether it is the last one. After the end that is an empty one.
    fn piece(&mut self) -> Result<(&[u8], bool), ContentError> {
        let left = self.end.saturating_sub(self.position);
        if left == 0 {
            return Ok((&[], true));
        }
        let piece = self.window.at(self.position, 1, left.saturating_add(DESCRIPTOR_LEN as u64))?;
        Ok(match usize::try_from(left) {
            Ok(left) if left <= piece.len() => (&piece[..left], true),
            _ => (piece, false),
        })
    }
}

/// What comes out, on its way to where it is wanted.
struct Content<F> {
    /// How much of the declared size is still to come.
    left: u64,
    crc: crc32fast::Hasher,
    sink: F,
}

impl<F: FnMut(&[u8])> Content<F> {
    fn take(&mut self, piece: &[u8]) -> Result<(), ContentError> {
        self.left = self.left.checked_sub(piece.len() as u64).ok_or(ContentError::LongerThanDeclared)?;
        self.crc.update(piece);
        (self.sink)(piece);
        Ok(())
    }
}

fn copy<R, F>(packed: &mut Packed<'_, R>, content: &mut Content<F>) -> Result<(), ContentError>
where
    R: ReadAt + ?Sized,
    F: FnMut(&[u8]),
{
    loop {
        let (piece, last) = packed.piece()?;
        content.take(piece)?;
        if last {
            return Ok(());
        }
        packed.position += piece.len() as u64;
    }
}

/// Inflates until the end of the deflate stream.
///
/// What comes out before an error counts first, as in Go: if that is longer than declared, this is the error.
fn inflate<R, F>(
    packed: &mut Packed<'_, R>,
    inflate: &mut Decompress,
    mut output: Output<'_>,
    content: &mut Content<F>,
) -> Result<(), ContentError>
where
    R: ReadAt + ?Sized,
    F: FnMut(&[u8]),
{
    inflate.reset(false);
    loop {
        let (piece, last) = packed.piece()?;
        // Told that it sees everything and has room for it, the inflater keeps no copy of the last 32 KiB.
        let room = &mut output.buffer[output.filled..];
        let whole = last && content.left <= room.len() as u64;
        let flush = if whole { FlushDecompress::Finish } else { FlushDecompress::None };
        let (read, written) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(piece, room, flush);
        let read = inflate.total_in() - read;
        let written = (inflate.total_out() - written) as usize;
        content.take(&room[..written])?;
        if output.is_kept {
            output.filled += written; // less than there is room for, or it was more than declared
        }
        match status {
            Ok(Status::StreamEnd) => return Ok(()),
            Ok(_) if read > 0 || written > 0 => packed.position += read,
            Ok(_) if last => return Err(ContentError::UnexpectedEof),
            Ok(_) | Err(_) => return Err(ContentError::Corrupt),
        }
    }
}

/// Holds `crc`, the checksum of the content, to the directory's and the data descriptor's.
fn check_crc<R>(window: &mut Window<'_, R>, start: u64, body: &Body, crc: u32) -> Result<(), ContentError>
where
    R: ReadAt + ?Sized,
{
    if !body.has_descriptor {
        return if body.crc == 0 || body.crc == crc { Ok(()) } else { Err(ContentError::Checksum) };
    }
    // Go adds signed numbers: a compressed size beyond them leads back.
    let at = (start as i64).wrapping_add(body.compressed as i64);
    let at = u64::try_from(at).map_err(|_| ContentError::BeforeStart)?;
    let bytes = window.at(at, DESCRIPTOR_LEN, DESCRIPTOR_LEN as u64)?;
    let (stated, len) = match bytes.strip_prefix(&DESCRIPTOR_SIGNATURE) {
        Some(rest) => (rest, DESCRIPTOR_LEN),
        None => (bytes, DESCRIPTOR_LEN - DESCRIPTOR_SIGNATURE.len()),
    };
    if bytes.len() < len {
        return Err(ContentError::UnexpectedEof);
    }
    if u32_at(stated, 0) == body.crc && crc == body.crc { Ok(()) } else { Err(ContentError::Checksum) }
}
