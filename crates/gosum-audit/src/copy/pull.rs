//! Content that comes in pieces, to be read by whoever wants it: in memory while it is small, else in a temporary file
//! without a name.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek as _, Write as _};
use std::path::Path;

use gosum_mod::zip::limits::MAX_ZIP;

/// The largest content that is kept in memory.
const IN_MEMORY: u64 = 16 << 20;

/// How much is set aside for content before any of it is there.
const FIRST_CAPACITY: u64 = 1 << 20;

/// Takes the pieces of content.
enum Taken {
    Memory(Vec<u8>),
    Disk(BufWriter<File>),
}

/// Returns a reader of what `push` gives in pieces, some `size` bytes. Temporary files go into `temp`, or the system's
/// folder for them when there is none.
///
/// # Errors
/// As `push`; else when a temporary file cannot be written, or more comes than a module can have.
pub(crate) fn pulled(
    size: u64,
    temp: Option<&Path>,
    push: impl FnOnce(&mut dyn FnMut(&[u8])) -> io::Result<()>,
) -> io::Result<Box<dyn Read>> {
    let mut taken = if size <= IN_MEMORY {
        Taken::Memory(Vec::with_capacity(size.min(FIRST_CAPACITY) as usize))
    } else {
        Taken::Disk(BufWriter::new(temporary(temp)?))
    };
    let (mut written, mut failed) = (0_u64, None);
    push(&mut |piece| {
        written = written.saturating_add(piece.len() as u64);
        if failed.is_some() {
            return;
        }
        if written > MAX_ZIP {
            failed = Some(io::Error::new(io::ErrorKind::FileTooLarge, "larger than a module can be"));
            return;
        }
        failed = taken.take(piece, temp).err();
    })?;
    match failed {
        Some(error) => Err(error),
        None => taken.read(),
    }
}

impl Taken {
    fn take(&mut self, piece: &[u8], temp: Option<&Path>) -> io::Result<()> {
        match self {
            Taken::Memory(bytes) if (bytes.len() + piece.len()) as u64 <= IN_MEMORY => {
                bytes.extend_from_slice(piece);
            }
            // more came than was said
            Taken::Memory(bytes) => {
                let mut file = BufWriter::new(temporary(temp)?);
                file.write_all(bytes)?;
                file.write_all(piece)?;
                *self = Taken::Disk(file);
            }
            Taken::Disk(file) => file.write_all(piece)?,
        }
        Ok(())
    }

    fn read(self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Taken::Memory(bytes) => Box::new(Cursor::new(bytes)),
            Taken::Disk(file) => {
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.rewind()?;
                Box::new(BufReader::new(file))
            }
        })
    }
}

fn temporary(temp: Option<&Path>) -> io::Result<File> {
    match temp {
        Some(dir) => tempfile::tempfile_in(dir),
        None => tempfile::tempfile(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(said: u64, pieces: usize, len: usize) -> Vec<u8> {
        let piece: Vec<u8> = (0..len).map(|at| at as u8).collect();
        let mut bytes = Vec::new();
        let pushed = pulled(said, None, |take| {
            (0..pieces).for_each(|_| take(&piece));
            Ok(())
        });
        pushed.unwrap().read_to_end(&mut bytes).unwrap();
        assert!(bytes.chunks(len.max(1)).all(|chunk| chunk == piece));
        bytes
    }

    #[test]
    fn gives_back_what_came_however_much_was_said_to_come() {
        for (said, pieces, len) in [(0, 0, 0), (10, 2, 5), (1, 18, 1 << 20), (17 << 20, 17, 1 << 20)] {
            assert_eq!(read_back(said, pieces, len).len(), pieces * len, "{said}");
        }
    }

    #[test]
    fn an_error_on_the_way_is_an_error() {
        assert!(pulled(1, None, |_| Err(io::ErrorKind::InvalidData.into())).is_err());
        let endless = pulled(1 << 40, None, |take| {
            let piece = vec![0; 64 << 20];
            (0..9).for_each(|_| take(&piece));
            Ok(())
        });
        assert_eq!(endless.err().unwrap().kind(), io::ErrorKind::FileTooLarge);
    }
}
