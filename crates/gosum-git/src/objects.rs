//! The objects that a server sent.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gosum_mod::hash::sha256::{Digest, sha256};

use crate::limits::{Bound, Limits};
use crate::pack::{Found, Incoming, Kind, Pack, PackError, Storage};
use crate::{GitError, ObjectId};

/// Objects of one repository: commits, tags and trees in memory, blobs by their hashes, and the packs
/// out of which they can be made again.
pub struct Objects {
    format: gix::hash::Kind,
    limits: Limits,
    storage: Storage,
    packs: Vec<Pack>,
    known: HashMap<ObjectId, Known>,
    /// The bytes of commits, tags and trees of all packs.
    kept: u64,
}

enum Known {
    Kept(Kind, Box<[u8]>),
    Blob(Blob),
}

/// A blob.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blob {
    pub(crate) size: u64,
    pub(crate) sha256: Digest,
    pack: u32,
    index: u32,
}

impl Objects {
    pub(crate) fn new(format: gix::hash::Kind, limits: Limits, storage: Storage) -> Objects {
        Objects { format, limits, storage, packs: Vec::new(), known: HashMap::new(), kept: 0 }
    }

    /// Adds the objects of the pack that is all of `input`.
    pub(crate) fn receive(&mut self, input: &mut dyn BufRead, limits: &Limits) -> Result<(), PackError> {
        // over all packs: a server may have forced a request for each object
        let (number, kept) = (self.packs.len() as u32, AtomicU64::new(self.kept));
        let known = Mutex::new(HashMap::new());
        let visit = |found: Found<'_>| {
            let object = match found.kind {
                Kind::Blob => Known::Blob(Blob {
                    size: found.data.len() as u64,
                    sha256: sha256(found.data),
                    pack: number,
                    index: found.index,
                }),
                kind => {
                    let (bytes, max) = (found.data.len() as u64, limits.kept_bytes);
                    if kept.fetch_add(bytes, Ordering::Relaxed) + bytes > max {
                        return Err(PackError::Limit { bound: Bound::KeptBytes, max });
                    }
                    Known::Kept(kind, found.data.into())
                }
            };
            known.lock().unwrap_or_else(PoisonError::into_inner).insert(found.id, object);
            Ok(())
        };
        let lookup = |id: &ObjectId| self.read(id);
        let storage = &self.storage;
        let pack = Incoming { limits, storage, format: self.format, lookup: &lookup, visit: &visit }
            .receive(input)?;
        self.packs.push(pack);
        self.kept = kept.into_inner();
        for (id, object) in known.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // the first one stays: so an object is made only from those of earlier packs, never in a circle
            self.known.entry(id).or_insert(object);
        }
        Ok(())
    }

    /// Returns the size of all packs that were read.
    pub(crate) fn packed_bytes(&self) -> u64 {
        self.packs.iter().map(Pack::bytes).sum()
    }

    /// Returns the bounds on what is read from the objects.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns whether there is an object `id`.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.known.contains_key(id)
    }

    /// Returns a commit, tag or tree.
    pub(crate) fn kept(&self, id: &ObjectId) -> Result<(Kind, &[u8]), GitError> {
        match self.known.get(id) {
            Some(Known::Kept(kind, data)) => Ok((*kind, data)),
            Some(Known::Blob(_)) => {
                Err(GitError::Object { id: *id, reason: "a blob in the place of another object" })
            }
            None => Err(GitError::Missing { id: *id }),
        }
    }

    /// Returns the content of a tree.
    pub(crate) fn tree(&self, id: &ObjectId) -> Result<&[u8], GitError> {
        match self.kept(id)? {
            (Kind::Tree, data) => Ok(data),
            _ => Err(GitError::Object { id: *id, reason: "not a tree" }),
        }
    }

    pub(crate) fn blob(&self, id: &ObjectId) -> Result<Blob, GitError> {
        match self.known.get(id) {
            Some(Known::Blob(blob)) => Ok(*blob),
            Some(Known::Kept(..)) => Err(GitError::Object { id: *id, reason: "not a blob" }),
            None => Err(GitError::Missing { id: *id }),
        }
    }

    /// Returns the content of a blob, made anew.
    pub(crate) fn blob_content(&self, id: &ObjectId) -> Result<Vec<u8>, GitError> {
        self.blob(id)?;
        let (_, content) = self.read(id).ok_or(GitError::Missing { id: *id })??;
        Ok(content)
    }

    fn read(&self, id: &ObjectId) -> Option<Result<(Kind, Vec<u8>), PackError>> {
        Some(match self.known.get(id)? {
            Known::Kept(kind, data) => Ok((*kind, data.to_vec())),
            Known::Blob(blob) => self.packs[blob.pack as usize].read(blob.index, &|id| self.read(id)),
        })
    }
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("known", &self.known.len()).finish_non_exhaustive()
    }
}
