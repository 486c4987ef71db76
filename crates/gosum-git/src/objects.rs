//! The objects that a server sent.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::BufRead;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use gosum_mod::hash::sha256::{Digest, Sha256};

use crate::archive::Changed;
use crate::convert::Conversion;
use crate::keeper::{Keeper, Place};
use crate::limits::{Bound, Limits};
use crate::pack::{Content, Found, Ids, Incoming, Kind, Pack, PackError, Remaking, Storage};
use crate::{GitError, ObjectId};

/// Objects of one repository: commits, tags and trees ready to be read, blobs by their hashes, and the packs out of
/// which they can be made again.
pub struct Objects {
    limits: Limits,
    storage: Storage,
    format: gix::hash::Kind,
    packs: Vec<Received>,
    keeper: Keeper,
    end: Option<Instant>,
    remaking: Remaking,
    /// The bytes unpacked so far.
    unpacked: u64,
    /// What files have become that were converted: versions of a module have many in common.
    pub(crate) converted: Mutex<HashMap<(ObjectId, Conversion), Changed>>,
    /// Held by whoever converts a large file.
    pub(crate) large: Mutex<()>,
    /// What came before and need not come again.
    had: Option<Arc<Objects>>,
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
    /// Returns no objects. What is done with them must be over at `end`.
    pub(crate) fn new(
        format: gix::hash::Kind,
        limits: Limits,
        storage: Storage,
        end: Option<Instant>,
    ) -> Objects {
        Objects {
            format,
            packs: Vec::new(),
            keeper: Keeper::new(storage.clone()),
            end,
            remaking: Remaking::new(limits.clone(), end),
            unpacked: 0,
            converted: Mutex::default(),
            large: Mutex::default(),
            had: None,
            limits,
            storage,
        }
    }

    /// Returns these objects, and those of `had` with them.
    pub(crate) fn beside(self, had: Option<Arc<Objects>>) -> Objects {
        Objects { had, ..self }
    }

    /// Adds the objects of the pack that is all of `input`.
    pub(crate) fn receive(&mut self, input: &mut dyn BufRead, limits: &Limits) -> Result<(), PackError> {
        let mark = self.keeper.mark();
        let received = self.receive_pack(input, &self.left_of(limits));
        match received {
            Ok((received, unpacked)) => {
                self.unpacked += unpacked;
                self.packs.push(received);
                Ok(())
            }
            Err(error) => {
                // what comes with another attempt is counted then
                self.keeper.forget(mark);
                Err(error)
            }
        }
    }

    /// Returns what of `limits` is left for a further pack: a server may have forced a request for each object.
    fn left_of(&self, limits: &Limits) -> Limits {
        let left =
            |all: u64, times: u64, used: u64| all.min((all.saturating_mul(times)).saturating_sub(used));
        Limits {
            objects: left(limits.objects, 2, self.len() as u64),
            pack_bytes: left(limits.pack_bytes, 4, self.packed_bytes()),
            unpacked_bytes: left(limits.unpacked_bytes, 4, self.unpacked),
            ..limits.clone()
        }
    }

    fn receive_pack(&self, input: &mut dyn BufRead, limits: &Limits) -> Result<(Received, u64), PackError> {
        // over all packs
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
        let incoming = Incoming {
            limits,
            storage: &self.storage,
            format: self.format,
            lookup: &lookup,
            visit: &visit,
            may_lack_bases: false,
            end: self.end,
        };
        let (pack, ids, unpacked) = incoming.receive(input)?;
        let (order, known) = (ids.sorted(), known.into_inner().unwrap_or_else(PoisonError::into_inner));
        Ok((Received { pack, ids, order, known }, unpacked))
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
        self.find(id).is_some() || self.had.as_ref().is_some_and(|had| had.contains(id))
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
            None => self.had(id)?.kept(id),
        }
    }

    /// Returns where an object is to be looked for that did not come.
    fn had(&self, id: &ObjectId) -> Result<&Objects, GitError> {
        self.had.as_deref().ok_or(GitError::Missing { id: *id })
    }

    /// Returns the content of a tree.
    pub(crate) fn tree(&self, id: &ObjectId) -> Result<Cow<'_, [u8]>, GitError> {
        match self.kept(id)? {
            (Kind::Tree, data) => Ok(data),
            _ => Err(GitError::Object { id: *id, reason: "not a tree" }),
        }
    }

    pub(crate) fn blob(&self, id: &ObjectId) -> Result<Blob, GitError> {
        let Some((received, index)) = self.find(id) else { return self.had(id)?.blob(id) };
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
        let bytes = match Arc::try_unwrap(content) {
            Ok(content) => content.into_bytes(),
            Err(shared) => shared.bytes().map(Cow::into_owned),
        };
        Ok(bytes.map_err(PackError::Spool)?)
    }

    /// Fails when what is done with the objects takes too long.
    pub(crate) fn check_time(&self) -> Result<(), GitError> {
        Ok(self.remaking.check_time()?)
    }

    /// Returns a blob of any size, made anew.
    pub(crate) fn blob_pieces(&self, id: &ObjectId) -> Result<Arc<Content>, GitError> {
        self.blob(id)?;
        let (_, content) = self.read(id).ok_or(GitError::Missing { id: *id })??;
        Ok(content)
    }

    /// Returns where an object is: in the first pack that has it. So what is made from others is made from those of
    /// earlier packs, never in a circle.
    fn find(&self, id: &ObjectId) -> Option<(&Received, u32)> {
        self.packs.iter().find_map(|received| Some((received, received.find(id)?)))
    }

    fn read(&self, id: &ObjectId) -> Option<Result<(Kind, Arc<Content>), PackError>> {
        let places = self.packs.iter().enumerate();
        let mut found = places.filter_map(|(number, received)| Some((number, received, received.find(id)?)));
        let Some((number, received, index)) = found.next() else { return self.had.as_ref()?.read(id) };
        Some(match &received.known[index as usize] {
            Known::Kept { kind, place } => {
                let bytes = self.keeper.read(place).map_err(PackError::Spool);
                bytes.map(|bytes| (*kind, Arc::new(Content::Memory(bytes.into_owned()))))
            }
            _ => received.pack.read(index, &|id| self.read(id), number, &self.remaking),
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
