//! The objects that a server sent.

use std::borrow::Cow;
use std::io::BufRead;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gosum_mod::hash::sha256::{Digest, Sha256};

use crate::keeper::{Keeper, Place};
use crate::limits::{Bound, Limits};
use crate::pack::{Content, Found, Ids, Incoming, Kind, Pack, PackError, Storage};
use crate::{GitError, ObjectId};

/// Objects of one repository: commits, tags and trees ready to be read, blobs by their hashes, and the packs out of
/// which they can be made again.
pub struct Objects {
    limits: Limits,
    storage: Storage,
    format: gix::hash::Kind,
    packs: Vec<Received>,
    keeper: Keeper,
}

/// A pack, and what is known of its objects.
struct Received {
    pack: Pack,
    ids: Ids,
    /// The numbers of the objects in the order of their ids.
    order: Vec<u32>,
    known: Vec<Known>,
}

#[derive(Debug)]
enum Known {
    /// Not made yet.
    Nothing,
    Kept {
        kind: Kind,
        place: Place,
    },
    Blob {
        size: u32,
        sha256: Digest,
    },
}

/// A blob.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blob {
    pub(crate) size: u64,
    pub(crate) sha256: Digest,
}

impl Objects {
    pub(crate) fn new(format: gix::hash::Kind, limits: Limits, storage: Storage) -> Objects {
        let keeper = Keeper::new(storage.clone());
        Objects { limits, storage, format, packs: Vec::new(), keeper }
    }

    /// Adds the objects of the pack that is all of `input`.
    pub(crate) fn receive(&mut self, input: &mut dyn BufRead, limits: &Limits) -> Result<(), PackError> {
        // over all packs: a server may have forced a request for each object
        let kept_bytes = AtomicU64::new(self.keeper.bytes());
        let known: Mutex<Vec<Known>> = Mutex::default();
        let visit = |found: Found<'_>| {
            let object = match found.kind {
                Kind::Blob => {
                    let mut sha256 = Sha256::new();
                    found.content.for_each(|piece| sha256.update(piece)).map_err(PackError::Spool)?;
                    Known::Blob { size: found.content.len() as u32, sha256: sha256.finish() }
                }
                kind => {
                    let (bytes, max) = (found.content.len(), limits.read_bytes);
                    if bytes > max {
                        return Err(PackError::Limit { bound: Bound::ReadBytes, max });
                    }
                    let max = limits.kept_bytes;
                    if kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > max {
                        return Err(PackError::Limit { bound: Bound::KeptBytes, max });
                    }
                    let bytes = found.content.bytes().map_err(PackError::Spool)?;
                    Known::Kept { kind, place: self.keeper.keep(&bytes).map_err(PackError::Spool)? }
                }
            };
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() <= found.index as usize {
                known.resize_with(found.index as usize + 1, || Known::Nothing);
            }
            known[found.index as usize] = object;
            Ok(())
        };
        let lookup = |id: &ObjectId| self.read(id);
        let incoming =
            Incoming { limits, storage: &self.storage, format: self.format, lookup: &lookup, visit: &visit };
        let (pack, ids) = incoming.receive(input)?;
        let (order, known) = (ids.sorted(), known.into_inner().unwrap_or_else(PoisonError::into_inner));
        self.packs.push(Received { pack, ids, order, known });
        Ok(())
    }

    /// Returns how many objects there are, those that came several times counted each time.
    pub fn len(&self) -> usize {
        self.packs.iter().map(|received| received.known.len()).sum()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the size of all packs that were read.
    pub(crate) fn packed_bytes(&self) -> u64 {
        self.packs.iter().map(|received| received.pack.bytes()).sum()
    }

    /// Returns the bounds on what is read from the objects.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns whether there is an object `id`.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.find(id).is_some()
    }

    /// Returns a commit, tag or tree.
    pub(crate) fn kept(&self, id: &ObjectId) -> Result<(Kind, Cow<'_, [u8]>), GitError> {
        match self.find(id) {
            Some((received, index)) => match &received.known[index as usize] {
                Known::Kept { kind, place } => {
                    Ok((*kind, self.keeper.read(place).map_err(PackError::Spool)?))
                }
                _ => Err(GitError::Object { id: *id, reason: "a blob in the place of another object" }),
            },
            None => Err(GitError::Missing { id: *id }),
        }
    }

    /// Returns the content of a tree.
    pub(crate) fn tree(&self, id: &ObjectId) -> Result<Cow<'_, [u8]>, GitError> {
        match self.kept(id)? {
            (Kind::Tree, data) => Ok(data),
            _ => Err(GitError::Object { id: *id, reason: "not a tree" }),
        }
    }

    pub(crate) fn blob(&self, id: &ObjectId) -> Result<Blob, GitError> {
        let (received, index) = self.find(id).ok_or(GitError::Missing { id: *id })?;
        match received.known[index as usize] {
            Known::Blob { size, sha256 } => Ok(Blob { size: size.into(), sha256 }),
            _ => Err(GitError::Object { id: *id, reason: "not a blob" }),
        }
    }

    /// Returns the content of a blob, made anew.
    ///
    /// # Errors
    /// When it is larger than [`Limits::read_bytes`], or cannot be made.
    pub(crate) fn blob_content(&self, id: &ObjectId) -> Result<Vec<u8>, GitError> {
        let max = self.limits.read_bytes;
        if self.blob(id)?.size > max {
            return Err(GitError::Limit { bound: Bound::ReadBytes, max });
        }
        let (_, content) = self.read(id).ok_or(GitError::Missing { id: *id })??;
        Ok(content.into_bytes().map_err(PackError::Spool)?)
    }

    /// Returns a blob of any size, made anew.
    pub(crate) fn blob_pieces(&self, id: &ObjectId) -> Result<Content, GitError> {
        self.blob(id)?;
        let (_, content) = self.read(id).ok_or(GitError::Missing { id: *id })??;
        Ok(content)
    }

    /// Returns where an object is: in the first pack that has it. So what is made from others is made from those of
    /// earlier packs, never in a circle.
    fn find(&self, id: &ObjectId) -> Option<(&Received, u32)> {
        self.packs.iter().find_map(|received| Some((received, received.find(id)?)))
    }

    fn read(&self, id: &ObjectId) -> Option<Result<(Kind, Content), PackError>> {
        let (received, index) = self.find(id)?;
        Some(match &received.known[index as usize] {
            Known::Kept { kind, place } => {
                let bytes = self.keeper.read(place).map_err(PackError::Spool);
                bytes.map(|bytes| (*kind, Content::Memory(bytes.into_owned())))
            }
            _ => received.pack.read(index, &|id| self.read(id)),
        })
    }
}

impl Received {
    fn find(&self, id: &ObjectId) -> Option<u32> {
        let at = self.order.binary_search_by(|index| self.ids.slice(*index).cmp(id.as_bytes()));
        at.ok().map(|at| self.order[at])
    }
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("len", &self.len()).finish_non_exhaustive()
    }
}
