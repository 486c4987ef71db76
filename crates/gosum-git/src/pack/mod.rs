//! Packs: how a git server sends objects.
//!
//! ```text
//! pack   = "PACK", version 2, number of objects (4 bytes each, highest first), object*, checksum
//! object = header (see `entry`), deflated data
//! ```
//!
//! A pack is taken apart while it comes ([`receive`]): objects sent whole are inflated and hashed at
//! once, those sent as deltas when all of it is there ([`resolve`]). Ids are computed from the
//! content, so that whoever trusts the id of a commit can trust all that it leads to.

mod content;
mod delta;
mod entry;
mod error;
#[cfg(test)]
mod growth;
mod inflate;
mod receive;
mod remake;
mod resolve;
#[cfg(test)]
pub(crate) mod sample;
mod spool;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use self::content::Draft;
use self::inflate::Inflater;
use self::spool::Spool;
use crate::ObjectId;
use crate::limits::{Bound, Limits};

pub(crate) use self::content::Content;
pub(crate) use self::entry::Kind;
pub use self::error::PackError;
pub(crate) use self::receive::{Found, Incoming};
pub(crate) use self::remake::Remaking;
pub use self::spool::Storage;
pub(crate) use self::spool::{Cursor, temporary_file};

/// Anyone who may have an object.
pub(crate) type Lookup<'a> =
    &'a (dyn Fn(&ObjectId) -> Option<Result<(Kind, Arc<Content>), PackError>> + Sync);

/// A pack that has been read once, every object of which can be read again.
pub(crate) struct Pack {
    spool: Spool,
    /// In the order of their offsets.
    entries: Vec<Entry>,
    /// The bases that are told by their ids, sorted.
    foreign: Vec<ObjectId>,
    /// The size of the pack.
    bytes: u64,
    limits: Limits,
    storage: Storage,
}

/// An object of a pack.
#[derive(Clone, Copy)]
struct Entry {
    offset: u64,
    /// How many bytes after `offset` the deflated data begin.
    header: u8,
    base: Base,
    /// The size of the inflated data.
    size: u32,
}

/// What an object is made from.
#[derive(Clone, Copy)]
enum Base {
    /// Nothing: it is there whole.
    Whole(Kind),
    /// Another object of the pack.
    Entry(u32),
    /// One of the foreign objects.
    Foreign(u32),
}

impl Pack {
    /// Returns object number `index`, made anew. `lookup` gives objects of other packs; `number` is this pack's among those
    /// that share `remaking`.
    pub(crate) fn read(
        &self,
        index: u32,
        lookup: Lookup<'_>,
        number: usize,
        remaking: &Remaking,
    ) -> Result<(Kind, Arc<Content>), PackError> {
        let mut inflater = Inflater::new();
        let mut inflate = |entry: &Entry| {
            let data = self.inflate(entry, &mut inflater)?;
            remaking.count(&data)?;
            Ok::<_, PackError>(data)
        };
        let mut chain = Vec::new();
        let mut at = index;
        // the number in this pack of what the chain begins with, if it is in this pack
        let mut first = None;
        let (kind, mut data) = loop {
            if let Some(known) = remaking.get((number, at)) {
                break known;
            }
            let entry = &self.entries[at as usize];
            match entry.base {
                Base::Whole(kind) => {
                    first = Some(at);
                    break (kind, Arc::new(inflate(entry)?));
                }
                Base::Entry(base) => {
                    chain.push(at);
                    at = base;
                }
                Base::Foreign(id) => {
                    chain.push(at);
                    let id = self.foreign[id as usize];
                    break lookup(&id).ok_or(PackError::MissingBase { id })??;
                }
            }
        };
        while let Some(index) = chain.pop() {
            // others may well be made from the same one
            if let (true, Some(base)) = (chain.is_empty(), first) {
                remaking.keep((number, base), kind, &data);
            }
            let entry = &self.entries[index as usize];
            let delta = inflate(entry)?;
            data = Arc::new(self.make(entry, &data, &delta, true)?);
            remaking.count(&data)?;
            first = Some(index);
        }
        Ok((kind, data))
    }

    /// Returns the size of the pack.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn inflate(&self, entry: &Entry, inflater: &mut Inflater) -> Result<Content, PackError> {
        let mut input = self.spool.from(entry.offset + u64::from(entry.header));
        inflater.inflate(&mut *input, entry.size.into(), entry.offset, &self.storage)
    }

    /// Returns the size of what `delta` makes.
    fn made_size(&self, entry: &Entry, delta: &Content) -> Result<u64, PackError> {
        let sizes = delta::sizes(&mut *delta.from(0)).map_err(PackError::Spool)?;
        let (_, size) = sizes.ok_or_else(|| entry.misfit())?;
        check_object_size(size, &self.limits)?;
        Ok(size)
    }

    fn make(
        &self,
        entry: &Entry,
        base: &Content,
        delta: &Content,
        may_use_memory: bool,
    ) -> Result<Content, PackError> {
        let size = self.made_size(entry, delta)?;
        let mut made = Draft::new(size, may_use_memory, &self.storage).map_err(PackError::Spool)?;
        let applied = delta::apply(base, delta, &mut made).map_err(PackError::Spool)?;
        applied.ok_or_else(|| entry.misfit())?;
        made.finish().map_err(PackError::Spool)
    }

    /// Notes for the objects that are made from an object with a known id where in the pack it is. Of an object that comes
    /// twice the first one that was made counts, and only for those made after it, so that nothing is ever made from
    /// itself.
    fn settle(&mut self, ids: &Ids) {
        if self.foreign.is_empty() {
            return;
        }
        let mut places = HashMap::new();
        for &index in &ids.made {
            let entry = &mut self.entries[index as usize];
            if let Base::Foreign(base) = entry.base
                && let Some(&place) = places.get(&self.foreign[base as usize])
            {
                entry.base = Base::Entry(place);
            }
            // only what something is made from need be known
            let id = ids.get(index);
            if self.foreign.binary_search(&id).is_ok() {
                places.entry(id).or_insert(index);
            }
        }
    }
}

/// The ids of a pack's objects by their numbers, and the order in which they were made.
pub(crate) struct Ids {
    width: usize,
    bytes: Vec<u8>,
    made: Vec<u32>,
}

impl Ids {
    fn new(format: gix::hash::Kind) -> Ids {
        Ids { width: format.len_in_bytes(), bytes: Vec::new(), made: Vec::new() }
    }

    fn set(&mut self, index: u32, id: &ObjectId) {
        let start = index as usize * self.width;
        if self.bytes.len() < start + self.width {
            self.bytes.resize(start + self.width, 0);
        }
        self.bytes[start..start + self.width].copy_from_slice(id.as_bytes());
        self.made.push(index);
    }

    /// Returns the id of object number `index`, which has been made.
    pub(crate) fn get(&self, index: u32) -> ObjectId {
        ObjectId::from_bytes(self.slice(index)).expect("as long as the format says")
    }

    /// Returns the bytes of the id of object number `index`.
    pub(crate) fn slice(&self, index: u32) -> &[u8] {
        let start = index as usize * self.width;
        &self.bytes[start..start + self.width]
    }

    /// Returns the numbers of all objects, in the order of their ids.
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..(self.bytes.len() / self.width) as u32).collect();
        order.sort_unstable_by(|a, b| self.slice(*a).cmp(self.slice(*b)));
        order
    }
}

impl Entry {
    fn misfit(&self) -> PackError {
        PackError::Corrupt { offset: self.offset, reason: "it does not fit its base" }
    }
}

/// Fails when `end` has come.
pub(crate) fn check_time(end: Option<Instant>, limits: &Limits) -> Result<(), PackError> {
    match end.is_some_and(|end| Instant::now() >= end) {
        true => Err(PackError::Limit { bound: Bound::Seconds, max: limits.seconds }),
        false => Ok(()),
    }
}

fn check_object_size(size: u64, limits: &Limits) -> Result<(), PackError> {
    let max = limits.object_bytes.min(u64::from(u32::MAX - 1));
    if size > max { Err(PackError::Limit { bound: Bound::ObjectBytes, max }) } else { Ok(()) }
}
