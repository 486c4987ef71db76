//! The digests of a batch of entries, small ones two at a time.

use std::mem;
use std::sync::{Mutex, PoisonError};

use super::archive::Entry;
use super::content::{ContentError, ContentReader, ROOM};
use super::hash::{Onlooker, ZipError};
use super::source::ReadAt;
use crate::hash::lanes::sha256_each;
use crate::hash::sha256::{Digest, Sha256};

/// Which contents are gathered. Those of up to 1 MiB are three quarters of what modules hold; up to 128 KiB would give
/// half of the gain, and up to 4 MiB costs it again in cache misses.
const SMALL: u64 = 1 << 20;

/// How much of them, together.
const GATHERED: usize = 2 << 20;

/// Buffers that batches have left, one for each core at most: to clear new ones takes longer than to hash a small batch.
static IDLE: Mutex<Vec<Buffers>> = Mutex::new(Vec::new());

type Buffers = (ContentReader, Gathered);

/// Returns the SHA-256 of the content of each of `entries`, in their order, and what `onlooker` has to say of it.
///
/// # Errors
/// The first entry whose content cannot be read.
pub(super) fn digest_batch<'a, R: ReadAt + 'a, O: Onlooker>(
    entries: impl ExactSizeIterator<Item = Entry<'a, R>>,
    onlooker: &mut O,
) -> Result<Vec<(Digest, O::Seen)>, ZipError> {
    let (mut reader, mut gathered) = take_buffers();
    let mut digests = vec![[0; 32]; entries.len()];
    let mut seen = Vec::with_capacity(entries.len());
    for (place, entry) in entries.enumerate() {
        onlooker.begins(entry.name(), entry.size());
        let read = if entry.size() > SMALL {
            digest(&entry, &mut reader, onlooker).map(|digest| digests[place] = digest)
        } else {
            let size = entry.size() as usize;
            if !gathered.fits(size) {
                gathered.settle(&mut digests);
            }
            let room = gathered.room(place, size);
            entry.read_to(&mut reader, room).map(|()| onlooker.piece(&room[..size]))
        };
        read.map_err(|source| ZipError::Content { name: entry.name().into(), source })?;
        seen.push(onlooker.ends(reader.unread()));
    }
    gathered.settle(&mut digests);
    leave_buffers((reader, gathered));
    Ok(digests.into_iter().zip(seen).collect())
}

fn take_buffers() -> Buffers {
    let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    idle.unwrap_or_else(|| (ContentReader::new(), Gathered::new()))
}

fn leave_buffers(buffers: Buffers) {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if idle.len() < rayon::current_num_threads() {
        idle.push(buffers);
    }
}

fn digest<R: ReadAt, O: Onlooker>(
    entry: &Entry<'_, R>,
    reader: &mut ContentReader,
    onlooker: &mut O,
) -> Result<Digest, ContentError> {
    let mut hash = Sha256::new();
    entry.read(reader, |piece| {
        hash.update(piece);
        onlooker.piece(piece);
    })?;
    Ok(hash.finish())
}

/// Small contents, which are hashed together.
struct Gathered {
    buffer: Box<[u8]>,
    filled: usize,
    /// Of which entry each content is, and where it ends.
    ends: Vec<(usize, usize)>,
}

impl Gathered {
    fn new() -> Gathered {
        Gathered { buffer: vec![0; GATHERED + ROOM].into_boxed_slice(), filled: 0, ends: Vec::new() }
    }

    fn fits(&self, size: usize) -> bool {
        self.filled + size <= GATHERED
    }

    /// Returns the room for a content of `size` bytes, which is that of entry `place`.
    fn room(&mut self, place: usize, size: usize) -> &mut [u8] {
        let start = self.filled;
        self.filled += size;
        self.ends.push((place, self.filled));
        &mut self.buffer[start..][..size + ROOM]
    }

    /// Hashes what was gathered, and forgets it.
    fn settle(&mut self, digests: &mut [Digest]) {
        let mut start = 0;
        let contents = self.ends.iter().map(|&(_, end)| &self.buffer[mem::replace(&mut start, end)..end]);
        let mut hashed = Vec::with_capacity(self.ends.len());
        sha256_each(contents, &mut hashed);
        for (&(place, _), digest) in self.ends.iter().zip(hashed) {
            digests[place] = digest;
        }
        self.ends.clear();
        self.filled = 0;
    }
}
