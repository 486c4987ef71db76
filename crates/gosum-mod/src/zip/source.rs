//! Where the bytes of an archive come from.

use std::fs::File;
use std::io;
use std::sync::Arc;

/// Bytes of a known number that any thread can read from any place.
#[expect(clippy::len_without_is_empty, reason = "nobody asks")]
pub trait ReadAt: Send + Sync {
    /// Returns how many bytes there are.
    ///
    /// # Errors
    /// When the number cannot be told.
    fn len(&self) -> io::Result<u64>;

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// When the bytes end before `buffer` is full, or cannot be read.
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl ReadAt for [u8] {
    fn len(&self) -> io::Result<u64> {
        Ok(<[u8]>::len(self) as u64)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let bytes = start.and_then(|start| self.get(start..)?.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> io::Result<u64> {
        ReadAt::len(&**self)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_exact_at(offset, buffer)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for Arc<T> {
    fn len(&self) -> io::Result<u64> {
        (**self).len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_exact_at(offset, buffer)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn len(&self) -> io::Result<u64> {
        (**self).len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_exact_at(offset, buffer)
    }
}

/// On Windows the file's own position moves; nothing here depends on it.
impl ReadAt for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    #[cfg(unix)]
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_exact_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(self, buffer, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    buffer = &mut buffer[read..];
                    offset += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A part of a [`ReadAt`] held in a buffer, which is filled anew whenever bytes outside it are asked for.
pub(super) struct Window<'a, R: ?Sized> {
    source: &'a R,
    /// How many bytes `source` has.
    len: u64,
    buffer: &'a mut [u8],
    /// Where in `source` the buffer starts, and how much of it is filled.
    start: u64,
    filled: usize,
}

impl<'a, R: ReadAt + ?Sized> Window<'a, R> {
    /// Returns a window on the first `len` bytes of `source`.
    pub(super) fn new(source: &'a R, len: u64, buffer: &'a mut [u8]) -> Window<'a, R> {
        Window { source, len, buffer, start: 0, filled: 0 }
    }

    /// Returns bytes from `offset` on: at least `want` (at most the size of the buffer), fewer only where the source
    /// ends, and more where they are at hand. If it must read, it reads about `ahead` bytes.
    pub(super) fn at(&mut self, offset: u64, want: usize, ahead: u64) -> io::Result<&[u8]> {
        let left = self.len.saturating_sub(offset);
        let skip = offset.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let held = skip.map_or(0, |skip| self.filled.saturating_sub(skip));
        if (held as u64) < left.min(want as u64) {
            return self.fill(offset, ahead.max(want as u64).min(left));
        }
        match skip {
            Some(skip) if held > 0 => Ok(&self.buffer[skip..self.filled]),
            _ => Ok(&[]),
        }
    }

    fn fill(&mut self, offset: u64, size: u64) -> io::Result<&[u8]> {
        let size = usize::try_from(size).map_or(self.buffer.len(), |size| size.min(self.buffer.len()));
        self.filled = 0; // nothing is held if reading fails half-way
        self.source.read_exact_at(offset, &mut self.buffer[..size])?;
        (self.start, self.filled) = (offset, size);
        Ok(&self.buffer[..size])
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn every_source_reads_alike() {
        let bytes: Arc<[u8]> = (0..100).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let sources: [&dyn ReadAt; 4] = [&&*bytes, &bytes.to_vec(), &bytes, &file];
        for source in sources {
            assert_eq!(source.len().unwrap(), 100);
            let mut buffer = [0; 3];
            source.read_exact_at(97, &mut buffer).unwrap();
            assert_eq!(buffer, [97, 98, 99]);
            for offset in [98, 100, 101, 1 << 40] {
                let error = source.read_exact_at(offset, &mut buffer).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{offset}");
            }
        }
    }

    #[test]
    fn window_shows_the_same_bytes_wherever_it_stood() {
        let bytes: Vec<u8> = (0..100).collect();
        let mut buffer = [0; 16];
        let mut window = Window::new(&bytes, 90, &mut buffer);
        for (offset, want, ahead) in
            [(0, 4, 8), (6, 2, 0), (7, 2, 0), (3, 16, 100), (3, 1, 0), (85, 5, 9), (85, 9, 16)]
        {
            let got = window.at(offset, want, ahead).unwrap();
            let least = want.min(90 - offset as usize);
            assert!(got.len() >= least, "{offset} {want}");
            assert_eq!(got, &bytes[offset as usize..offset as usize + got.len()]);
        }
        assert_eq!(window.at(88, 16, 16).unwrap(), [88, 89]);
        assert!(window.at(90, 4, 4).unwrap().is_empty());
        assert!(window.at(u64::MAX, 4, 4).unwrap().is_empty());
    }
}
