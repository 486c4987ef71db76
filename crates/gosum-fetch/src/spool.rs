//! A body at rest, to be read in any order.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use crate::limit::{Budget, Permit};

/// The largest body that is kept in memory.
const MAX_IN_MEMORY: u64 = 32 << 20;

/// What is reserved for a body of unknown length before its first byte came.
const FIRST_GUESS: u64 = 64 << 10;

/// How much is read at once on the way to a file.
const CHUNK: usize = 128 << 10;

/// A whole body: in memory while it is small and the budget allows, else in a temporary file without
/// a name, which the system removes with the last handle. Several threads may read at once.
#[derive(Debug)]
pub struct Spool {
    place: Place,
    len: u64,
}

#[derive(Debug)]
enum Place {
    Memory { bytes: Vec<u8>, _permit: Permit },
    Disk(File),
}

impl Spool {
    /// Reads `body` to its end and keeps it. `declared` is the length to expect, no more than a
    /// hint. Nothing is allocated that was not reserved from `budget` first. Temporary files go into
    /// `dir`, or the system's folder for them when there is none.
    ///
    /// How much may come is bounded by `body` alone, as a [`crate::Body`] is.
    ///
    /// # Errors
    /// When reading fails: the body's own error. When writing fails, such as on a full disk: an
    /// error that names the folder.
    pub fn read(
        mut body: impl Read,
        declared: Option<u64>,
        budget: &Arc<Budget>,
        dir: Option<&Path>,
    ) -> io::Result<Spool> {
        // one byte more than declared shows the end without growing
        let expected = declared.map_or(FIRST_GUESS, |declared| declared.saturating_add(1));
        let permit = (expected <= MAX_IN_MEMORY + 1).then(|| budget.try_reserve(expected)).flatten();
        let Some(mut permit) = permit else { return to_disk(Vec::new(), body, dir) };
        let mut bytes = Vec::new();
        loop {
            let room = permit.bytes() - bytes.len() as u64;
            bytes.reserve_exact(room as usize);
            let came = body.by_ref().take(room).read_to_end(&mut bytes)? as u64;
            if came < room {
                bytes.shrink_to_fit();
                permit.shrink_to(bytes.len() as u64);
                return Ok(Spool {
                    len: bytes.len() as u64,
                    place: Place::Memory { bytes, _permit: permit },
                });
            }
            let more = permit.bytes().min((MAX_IN_MEMORY + 1).saturating_sub(permit.bytes()));
            if more == 0 || !permit.try_grow(more) {
                return to_disk(bytes, body, dir);
            }
        }
    }

    /// Returns the length of the body.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Returns whether the body is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills as much of `buffer` as possible with the bytes from `offset` on, and returns how many;
    /// none at or behind the end.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.place {
            Place::Memory { bytes, .. } => {
                let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or(&[]);
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                Ok(count)
            }
            Place::Disk(file) => fill(buffer, |at, rest| read_file_at(file, offset + at, rest)),
        }
    }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// When the body ends before the buffer is full, or the temporary file cannot be read.
    pub fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self.read_at(offset, buffer)? == buffer.len() {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Keeps `start` and the rest of `body` in a temporary file.
fn to_disk(start: Vec<u8>, mut body: impl Read, dir: Option<&Path>) -> io::Result<Spool> {
    let failed = |error: io::Error| {
        let system = std::env::temp_dir();
        let dir = dir.unwrap_or(&system).display();
        io::Error::new(error.kind(), format!("cannot write to the temporary folder `{dir}`: {error}"))
    };
    let mut file = match dir {
        Some(dir) => tempfile::tempfile_in(dir),
        None => tempfile::tempfile(),
    }
    .map_err(failed)?;
    file.write_all(&start).map_err(failed)?;
    let mut len = start.len() as u64;
    drop(start);
    let mut chunk = vec![0; CHUNK];
    loop {
        let came = fill(&mut chunk, |_, rest| body.read(rest))?;
        file.write_all(&chunk[..came]).map_err(failed)?;
        len += came as u64;
        if came < chunk.len() {
            return Ok(Spool { place: Place::Disk(file), len });
        }
    }
}

/// Fills as much of `buffer` as `read` gives, which is told how much there is already, and returns
/// how many bytes that are.
fn fill(buffer: &mut [u8], mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read(filled as u64, &mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(unix)]
fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    // moves the file's cursor, which nothing uses
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|at| (at % 251) as u8).collect()
    }

    fn spool(len: usize, declared: Option<u64>, budget: &Arc<Budget>) -> Spool {
        Spool::read(io::Cursor::new(bytes(len)), declared, budget, None).unwrap()
    }

    fn is_on_disk(spool: &Spool) -> bool {
        matches!(spool.place, Place::Disk(_))
    }

    fn holds(spool: &Spool, len: usize) {
        assert_eq!(spool.len(), len as u64);
        let mut all = vec![0; len];
        spool.read_exact_at(0, &mut all).unwrap();
        assert_eq!(all, bytes(len));
    }

    #[test]
    fn keeps_small_bodies_in_memory_whatever_was_declared() {
        for declared in [None, Some(0), Some(100_000), Some(99_999), Some(1 << 20)] {
            let budget = Arc::new(Budget::new(4 << 20));
            let spool = spool(100_000, declared, &budget);
            assert!(!is_on_disk(&spool), "{declared:?}");
            holds(&spool, 100_000);
            assert!(budget.try_reserve((4 << 20) - 100_000).is_some(), "only what is held stays reserved");
        }
    }

    #[test]
    fn goes_to_disk_when_the_budget_is_used_up_and_gives_back_its_part() {
        let budget = Arc::new(Budget::new(200_000));
        for declared in [None, Some(300_000)] {
            let spool = spool(300_000, declared, &budget);
            assert!(is_on_disk(&spool), "{declared:?}");
            holds(&spool, 300_000);
            assert!(budget.try_reserve(200_000).is_some());
        }
    }

    #[test]
    fn goes_to_disk_above_the_largest_size_for_memory() {
        let budget = Arc::new(Budget::new(u64::MAX));
        let most = MAX_IN_MEMORY as usize;
        for (len, declared, disk) in [
            (most, None, false),
            (most, Some(MAX_IN_MEMORY), false),
            (most + 1, None, true),
            (10, Some(MAX_IN_MEMORY + 1), true),
            (10, Some(u64::MAX), true),
        ] {
            let body = io::repeat(7).take(len as u64);
            let spool = Spool::read(body, declared, &budget, None).unwrap();
            assert_eq!((is_on_disk(&spool), spool.len()), (disk, len as u64), "{declared:?}");
            let mut last = [0; 2];
            assert_eq!(spool.read_at(len as u64 - 1, &mut last).unwrap(), 1);
            assert_eq!(last, [7, 0]);
        }
    }

    #[test]
    fn reads_up_to_the_end_and_not_behind_it() {
        let small = Arc::new(Budget::new(0));
        let large = Arc::new(Budget::new(1 << 20));
        for budget in [small, large] {
            let spool = spool(1000, None, &budget);
            let mut buffer = [0; 10];
            assert_eq!(spool.read_at(995, &mut buffer).unwrap(), 5);
            assert_eq!(buffer[..5], bytes(1000)[995..]);
            assert_eq!(spool.read_at(1000, &mut buffer).unwrap(), 0);
            assert_eq!(spool.read_at(u64::from(u32::MAX), &mut buffer).unwrap(), 0);
            assert_eq!(
                spool.read_exact_at(995, &mut buffer).unwrap_err().kind(),
                io::ErrorKind::UnexpectedEof
            );
        }
    }

    #[test]
    fn serves_several_threads_from_one_file() {
        let spool = spool(500_000, None, &Arc::new(Budget::new(0)));
        assert!(is_on_disk(&spool));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| holds(&spool, 500_000)));
            }
        });
    }

    #[test]
    fn passes_on_the_error_of_the_body() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the line is cut"))
            }
        }
        for budget in [0, 1 << 20] {
            let body = io::Cursor::new(bytes(200_000)).chain(Broken);
            let error = Spool::read(body, None, &Arc::new(Budget::new(budget)), None).unwrap_err();
            assert_eq!(error.to_string(), "the line is cut");
        }
    }

    #[test]
    fn names_the_folder_that_cannot_be_written() {
        let missing = tempfile::tempdir().unwrap().path().join("missing");
        let error =
            Spool::read(io::empty(), Some(u64::MAX), &Arc::new(Budget::new(0)), Some(&missing)).unwrap_err();
        assert!(error.to_string().contains(&format!("`{}`", missing.display())), "{error}");
    }
}
