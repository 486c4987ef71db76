//! Where the bytes of a pack stay.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use gosum_fetch::limit::{Budget, Permit};

/// The largest pack that is kept in memory.
const MAX_IN_MEMORY: u64 = 32 << 20;
/// What is reserved before the first byte came.
const FIRST_GUESS: u64 = 64 << 10;

/// Where packs may be kept.
#[derive(Debug, Clone)]
pub struct Storage {
    /// The bytes that may be in memory.
    pub budget: Arc<Budget>,
    /// The folder for temporary files, which have no name; the system's if there is none.
    pub dir: Option<PathBuf>,
}

impl Default for Storage {
    /// Returns a storage of 256 MiB of memory, and the system's folder.
    fn default() -> Storage {
        Storage { budget: Arc::new(Budget::new(256 << 20)), dir: None }
    }
}

/// The bytes of a pack, written as they come and then read at any place, by several threads: in
/// memory while they are few and the budget allows, else in a temporary file.
///
/// Unlike [`gosum_fetch::Spool`] it is written to, as what comes is taken apart at the same time.
pub(super) struct Spool {
    storage: Storage,
    place: Place,
}

enum Place {
    Memory { bytes: Vec<u8>, permit: Permit },
    Disk(File),
}

impl Spool {
    pub(super) fn new(storage: &Storage) -> io::Result<Spool> {
        let place = match storage.budget.try_reserve(FIRST_GUESS) {
            Some(permit) => Place::Memory { bytes: Vec::new(), permit },
            None => Place::Disk(temporary_file(storage)?),
        };
        Ok(Spool { storage: storage.clone(), place })
    }

    pub(super) fn write(&mut self, part: &[u8]) -> io::Result<()> {
        match &mut self.place {
            Place::Memory { bytes, permit } => {
                if !reserve(permit, bytes.len() + part.len()) {
                    let mut file = temporary_file(&self.storage)?;
                    file.write_all(bytes)?;
                    file.write_all(part)?;
                    self.place = Place::Disk(file);
                    return Ok(());
                }
                if bytes.capacity() < bytes.len() + part.len() {
                    bytes.reserve_exact(permit.bytes() as usize - bytes.len());
                }
                bytes.extend_from_slice(part);
                Ok(())
            }
            Place::Disk(file) => file.write_all(part),
        }
    }

    /// Gives back what is reserved for bytes that did not come.
    pub(super) fn finish(&mut self) {
        if let Place::Memory { bytes, permit } = &mut self.place {
            bytes.shrink_to_fit();
            permit.shrink_to(bytes.len() as u64);
        }
    }

    /// Returns what the spool holds from `offset` on.
    pub(super) fn from(&self, offset: u64) -> Box<dyn BufRead + '_> {
        match &self.place {
            Place::Memory { bytes, .. } => {
                Box::new(usize::try_from(offset).ok().and_then(|at| bytes.get(at..)).unwrap_or(&[]))
            }
            Place::Disk(file) => Box::new(BufReader::new(Cursor { file, offset })),
        }
    }
}

/// Returns whether `permit` covers `needed` bytes, or could be made to: it grows by doubling.
fn reserve(permit: &mut Permit, needed: usize) -> bool {
    let (needed, have) = (needed as u64, permit.bytes());
    needed <= have
        || needed <= MAX_IN_MEMORY && permit.try_grow((needed - have).max(have).min(MAX_IN_MEMORY - have))
}

pub(crate) fn temporary_file(storage: &Storage) -> io::Result<File> {
    match &storage.dir {
        Some(dir) => tempfile::tempfile_in(dir),
        None => tempfile::tempfile(),
    }
}

/// A place in a file that other threads read at other places.
pub(crate) struct Cursor<'a> {
    pub(crate) file: &'a File,
    pub(crate) offset: u64,
}

impl Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(self.file, buffer, self.offset)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(self.file, buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storage(bytes: u64) -> Storage {
        Storage { budget: Arc::new(Budget::new(bytes)), dir: None }
    }

    #[test]
    fn reads_the_same_from_memory_and_from_a_file() {
        let content: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
        for (budget, on_disk) in [(0, true), (FIRST_GUESS, true), (150_000, true), (1 << 20, false)] {
            let storage = storage(budget);
            let mut spool = Spool::new(&storage).unwrap();
            for part in content.chunks(7001) {
                spool.write(part).unwrap();
            }
            spool.finish();
            assert_eq!(matches!(spool.place, Place::Disk(_)), on_disk, "{budget}");
            for offset in [0, 4, 100_000, 200_000, 300_000] {
                let mut read = Vec::new();
                spool.from(offset).read_to_end(&mut read).unwrap();
                assert!(read == content[(offset as usize).min(content.len())..], "{budget} {offset}");
            }
            let free = if on_disk { budget } else { budget - 200_000 };
            assert!(storage.budget.try_reserve(free).is_some(), "only what is held stays reserved");
        }
    }

    #[test]
    fn goes_to_disk_above_the_largest_size_for_memory() {
        let storage = storage(1 << 30);
        let mut spool = Spool::new(&storage).unwrap();
        let part = vec![0; 1 << 20];
        (0..32).for_each(|_| spool.write(&part).unwrap());
        assert!(matches!(spool.place, Place::Memory { .. }));
        spool.write(b"x").unwrap();
        assert!(matches!(spool.place, Place::Disk(_)));
        assert!(storage.budget.try_reserve(1 << 30).is_some());
    }
}
