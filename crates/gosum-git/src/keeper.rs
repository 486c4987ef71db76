//! Commits, tags and trees, which are read again and again: the first ones stay in memory, the others in a temporary
//! file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::pack::{Cursor, Storage, temporary_file};

/// How many bytes stay in memory.
const IN_MEMORY: u64 = 64 << 20;

/// Where bytes are kept.
#[derive(Debug)]
pub(crate) enum Place {
    Memory(Box<[u8]>),
    Disk { offset: u64, len: u32 },
}

/// Keeps bytes for any number of threads.
#[derive(Debug)]
pub(crate) struct Keeper {
    storage: Storage,
    in_memory: u64,
    /// How many bytes were kept so far.
    bytes: AtomicU64,
    /// How many of them are on disk.
    on_disk: AtomicU64,
    file: OnceLock<File>,
}

impl Keeper {
    pub(crate) fn new(storage: Storage) -> Keeper {
        let (bytes, on_disk) = (AtomicU64::new(0), AtomicU64::new(0));
        Keeper { storage, in_memory: IN_MEMORY, bytes, on_disk, file: OnceLock::new() }
    }

    /// Returns how many bytes were kept so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Forgets what was kept since it had `bytes`, of which `on_disk` were on disk.
    pub(crate) fn forget(&mut self, (bytes, on_disk): (u64, u64)) {
        *self.bytes.get_mut() = bytes;
        *self.on_disk.get_mut() = on_disk;
    }

    /// Returns what [`Keeper::forget`] needs to know.
    pub(crate) fn mark(&self) -> (u64, u64) {
        (self.bytes(), self.on_disk.load(Ordering::Relaxed))
    }

    pub(crate) fn keep(&self, bytes: &[u8]) -> io::Result<Place> {
        let len = bytes.len() as u64;
        if self.bytes.fetch_add(len, Ordering::Relaxed) + len <= self.in_memory {
            return Ok(Place::Memory(bytes.into()));
        }
        if self.file.get().is_none() {
            // of several threads that come here at once one keeps its file
            let _ = self.file.set(temporary_file(&self.storage)?);
        }
        let file = self.file.get().expect("set a moment ago");
        let offset = self.on_disk.fetch_add(len, Ordering::Relaxed);
        write_at(file, bytes, offset)?;
        Ok(Place::Disk { offset, len: bytes.len() as u32 })
    }

    pub(crate) fn read<'p>(&self, place: &'p Place) -> io::Result<Cow<'p, [u8]>> {
        match place {
            Place::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
            Place::Disk { offset, len } => {
                let mut bytes = vec![0; *len as usize];
                let file = self.file.get().expect("whoever wrote to it has set it");
                Cursor { file, offset: *offset }.read_exact(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }
}

fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::write_all_at(file, bytes, offset);
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < bytes.len() {
            done += std::os::windows::fs::FileExt::seek_write(file, &bytes[done..], offset + done as u64)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_memory_is_read_from_disk() {
        let keeper = Keeper { in_memory: 1000, ..Keeper::new(Storage::default()) };
        let texts: Vec<Vec<u8>> = (0..50_u8).map(|number| vec![number; 10 + usize::from(number)]).collect();
        let places: Vec<Place> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                texts.iter().map(|text| scope.spawn(|| keeper.keep(text).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let on_disk = places.iter().filter(|place| matches!(place, Place::Disk { .. })).count();
        assert!((1..50).contains(&on_disk), "{on_disk}");
        assert!(texts.iter().zip(&places).all(|(text, place)| *keeper.read(place).unwrap() == text[..]));
        assert_eq!(keeper.bytes(), texts.iter().map(|text| text.len() as u64).sum::<u64>());
    }
}
