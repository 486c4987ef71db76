//! The bytes of one object.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use super::spool::{Cursor, Storage, temporary_file};

/// The largest object that is kept in memory.
const IN_MEMORY: u64 = 16 << 20;
/// How much is set aside for an object before any of it is there.
const FIRST_CAPACITY: u64 = 1 << 20;
const BUFFER: usize = 64 << 10;

/// The bytes of an object: in memory, or in a temporary file when they are many.
#[derive(Debug)]
pub(crate) enum Content {
    Memory(Vec<u8>),
    Disk { file: File, len: u64 },
}

impl Content {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Disk { len, .. } => *len,
        }
    }

    /// Returns how many bytes of memory it takes.
    pub(super) fn held(&self) -> usize {
        match self {
            Content::Memory(bytes) => bytes.len(),
            Content::Disk { .. } => 0,
        }
    }

    /// Returns a reader of the bytes from `offset` on.
    pub(crate) fn from(&self, offset: u64) -> Box<dyn BufRead + '_> {
        match self {
            Content::Memory(bytes) => {
                Box::new(usize::try_from(offset).ok().and_then(|at| bytes.get(at..)).unwrap_or(&[]))
            }
            Content::Disk { file, .. } => Box::new(BufReader::with_capacity(BUFFER, Cursor { file, offset })),
        }
    }

    /// Fills `buffer` with the bytes from `offset` on, of which there must be enough.
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self {
            Content::Memory(_) => self.from(offset).read_exact(buffer),
            Content::Disk { file, .. } => Cursor { file, offset }.read_exact(buffer),
        }
    }

    /// Returns all bytes, which the caller knows to be few.
    pub(crate) fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Content::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
            Content::Disk { .. } => {
                let mut bytes = Vec::new();
                self.from(0).read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// As [`Content::bytes`].
    pub(crate) fn into_bytes(self) -> io::Result<Vec<u8>> {
        match self {
            Content::Memory(bytes) => Ok(bytes),
            Content::Disk { .. } => Ok(self.bytes()?.into_owned()),
        }
    }

    /// Gives the bytes to `take`, a piece at a time.
    pub(crate) fn for_each(&self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        if let Content::Memory(bytes) = self {
            take(bytes);
            return Ok(());
        }
        let mut input = self.from(0);
        loop {
            let piece = match input.fill_buf() {
                Ok([]) => return Ok(()),
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            take(piece);
            let len = piece.len();
            input.consume(len);
        }
    }
}

#[cfg(test)]
impl Content {
    pub(crate) fn on_disk(bytes: &[u8]) -> Content {
        let mut draft = Draft::new(bytes.len() as u64, false, &Storage::default()).unwrap();
        draft.write_all(bytes).unwrap();
        draft.finish().unwrap()
    }
}

/// Takes the bytes of an object of a size that is declared, and need not be true.
pub(super) enum Draft {
    Memory(Vec<u8>),
    Disk { file: BufWriter<File>, len: u64 },
}

impl Draft {
    /// Returns a draft of up to `size` bytes, kept on disk if they are many or memory is not to be used.
    pub(super) fn new(size: u64, may_use_memory: bool, storage: &Storage) -> io::Result<Draft> {
        if size <= IN_MEMORY && may_use_memory {
            // a byte more, which shows what is longer than declared
            return Ok(Draft::Memory(Vec::with_capacity((size + 1).min(FIRST_CAPACITY) as usize)));
        }
        Ok(Draft::Disk { file: BufWriter::with_capacity(BUFFER, temporary_file(storage)?), len: 0 })
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Draft::Memory(bytes) => bytes.len() as u64,
            Draft::Disk { len, .. } => *len,
        }
    }

    pub(super) fn finish(self) -> io::Result<Content> {
        Ok(match self {
            Draft::Memory(bytes) => Content::Memory(bytes),
            Draft::Disk { file, len } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                Content::Disk { file, len }
            }
        })
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Draft::Memory(draft) => {
                draft.extend_from_slice(bytes);
                Ok(())
            }
            Draft::Disk { file, len } => {
                *len += bytes.len() as u64;
                file.write_all(bytes)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_in_memory_and_on_disk() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
        for may_use_memory in [true, false] {
            let mut draft = Draft::new(300_000, may_use_memory, &Storage::default()).unwrap();
            bytes.chunks(7001).for_each(|piece| draft.write_all(piece).unwrap());
            assert_eq!(draft.len(), 300_000);
            let content = draft.finish().unwrap();
            assert_eq!(matches!(content, Content::Memory(_)), may_use_memory);
            assert_eq!((content.len(), content.held() > 0), (300_000, may_use_memory));
            assert!(*content.bytes().unwrap() == bytes[..]);
            for offset in [0, 1, 200_000, 300_000, 400_000] {
                let mut rest = Vec::new();
                content.from(offset).read_to_end(&mut rest).unwrap();
                assert!(rest == bytes[(offset as usize).min(bytes.len())..], "{offset}");
            }
            let mut seen = Vec::new();
            content.for_each(|piece| seen.extend_from_slice(piece)).unwrap();
            assert!(seen == bytes && content.into_bytes().unwrap() == bytes);
        }
    }

    #[test]
    fn large_objects_are_on_disk() {
        let draft = Draft::new(IN_MEMORY + 1, true, &Storage::default()).unwrap();
        assert!(matches!(draft, Draft::Disk { .. }));
    }
}
