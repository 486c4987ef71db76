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

mod delta;
mod entry;
mod error;
mod inflate;
mod receive;
mod resolve;
#[cfg(test)]
pub(crate) mod sample;
mod spool;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use self::inflate::Inflater;
use self::spool::Spool;
use crate::ObjectId;
use crate::limits::{Bound, Limits};

pub(crate) use self::entry::Kind;
pub use self::error::PackError;
pub(crate) use self::receive::{Found, Incoming};
pub use self::spool::Storage;

/// Anyone who may have an object.
pub(crate) type Lookup<'a> = &'a (dyn Fn(&ObjectId) -> Option<Result<(Kind, Vec<u8>), PackError>> + Sync);

/// A pack that has been read once, every object of which can be read again.
pub(crate) struct Pack {
    spool: Spool,
    /// In the order of their offsets.
    entries: Vec<Entry>,
    /// The bases that are not in this pack.
    foreign: Vec<ObjectId>,
    /// The size of the pack.
    bytes: u64,
    limits: Limits,
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
    /// Returns object number `index`, made anew. `lookup` gives objects of other packs.
    pub(crate) fn read(&self, index: u32, lookup: Lookup<'_>) -> Result<(Kind, Vec<u8>), PackError> {
        let mut inflater = Inflater::new();
        let mut chain = Vec::new();
        let mut at = index;
        let (kind, mut data) = loop {
            let entry = &self.entries[at as usize];
            match entry.base {
                Base::Whole(kind) => break (kind, self.inflate(entry, &mut inflater)?),
                Base::Entry(base) => {
                    chain.push(entry);
                    at = base;
                }
                Base::Foreign(id) => {
                    chain.push(entry);
                    let id = self.foreign[id as usize];
                    break lookup(&id).ok_or(PackError::MissingBase { id })??;
                }
            }
        };
        for entry in chain.into_iter().rev() {
            let delta = self.inflate(entry, &mut inflater)?;
            data = self.make(entry, &data, &delta)?;
        }
        Ok((kind, data))
    }

    /// Returns the size of the pack.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn inflate(&self, entry: &Entry, inflater: &mut Inflater) -> Result<Vec<u8>, PackError> {
        let mut data = Vec::new();
        let mut input = self.spool.from(entry.offset + u64::from(entry.header));
        inflater.inflate(&mut *input, entry.size as usize, entry.offset, &mut data)?;
        Ok(data)
    }

    fn make(&self, entry: &Entry, base: &[u8], delta: &[u8]) -> Result<Vec<u8>, PackError> {
        let corrupt = || PackError::Corrupt { offset: entry.offset, reason: "it does not fit its base" };
        let size = delta::result_size(delta).ok_or_else(corrupt)?;
        check_object_size(size, &self.limits)?;
        let mut made = Vec::new();
        delta::apply(base, delta, &mut made).ok_or_else(corrupt)?;
        Ok(made)
    }

    /// Notes for the objects that are made from an object with a known id where in the pack it is. `ids` are in the order
    /// in which the objects were made: of an object that comes twice the first one counts, and only for those after it,
    /// so that nothing is ever made from itself.
    fn settle(&mut self, ids: &[(ObjectId, u32)]) {
        if self.foreign.is_empty() {
            return;
        }
        let mut places = HashMap::new();
        for &(id, index) in ids {
            let entry = &mut self.entries[index as usize];
            if let Base::Foreign(base) = entry.base
                && let Some(&place) = places.get(&self.foreign[base as usize])
            {
                entry.base = Base::Entry(place);
            }
            places.entry(id).or_insert(index);
        }
    }
}

fn check_object_size(size: u64, limits: &Limits) -> Result<(), PackError> {
    let max = limits.object_bytes.min(u64::from(u32::MAX - 1));
    if size > max { Err(PackError::Limit { bound: Bound::ObjectBytes, max }) } else { Ok(()) }
}
