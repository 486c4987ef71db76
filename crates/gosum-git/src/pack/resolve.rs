//! Making the objects that came as deltas.
//!
//! The deltas of a pack form trees, rooted in objects that came whole or are in an earlier pack.
//! Each tree is walked depth first by one thread, many trees at a time. Below an object, the child
//! with the most descendants comes last, when the object itself is no longer needed: so no more
//! objects are held than the logarithm of their number.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::entry::Kind;
use super::inflate::Inflater;
use super::receive::Work;
use super::{Base, Pack, PackError};
use crate::ObjectId;
use crate::limits::Bound;

/// How many bytes of objects each thread may hold; only one at a time may hold more.
const HELD: usize = 16 << 20;

/// The deltas of a pack, by what they are made from.
pub(super) struct Forest<'a> {
    pack: &'a Pack,
    work: &'a Work<'a>,
    /// The inflated data of the first objects.
    kept: Vec<Arc<Vec<u8>>>,
    /// Base and delta, in the order of the bases, and of those with one base, heaviest first.
    children: Vec<(u32, u32)>,
    /// The deltas to an id. Whoever finds the object takes its children.
    waiting: Mutex<HashMap<ObjectId, Vec<u32>>>,
    has_waiting: bool,
    large: Mutex<()>,
}

/// An object some of whose children are still to be made.
struct Parent {
    data: Arc<Vec<u8>>,
    children: Vec<u32>,
    depth: u32,
}

impl<'a> Forest<'a> {
    pub(super) fn new(pack: &'a Pack, work: &'a Work<'a>, kept: Vec<Arc<Vec<u8>>>) -> Forest<'a> {
        let mut waiting: HashMap<ObjectId, Vec<u32>> = HashMap::new();
        let mut children = Vec::new();
        for (index, entry) in (0..).zip(&pack.entries) {
            match entry.base {
                Base::Whole(_) => {}
                Base::Entry(base) => children.push((base, index)),
                Base::Foreign(id) => waiting.entry(pack.foreign[id as usize]).or_default().push(index),
            }
        }
        let weights = weigh(&children, pack.entries.len());
        children.sort_unstable_by_key(|&(base, child)| (base, Reverse(weights[child as usize]), child));
        let has_waiting = !waiting.is_empty();
        Forest {
            pack,
            work,
            kept,
            children,
            waiting: Mutex::new(waiting),
            has_waiting,
            large: Mutex::new(()),
        }
    }

    /// Makes every object that came as a delta, and takes it in.
    pub(super) fn resolve(&self) -> Result<(), PackError> {
        let mut whole = self.work.ids.lock().unwrap_or_else(PoisonError::into_inner).clone();
        whole.sort_unstable_by_key(|&(_, index)| index);
        whole.par_iter().try_for_each_init(Inflater::new, |inflater, (id, index)| {
            let children = self.take_children(*index, id);
            let Base::Whole(kind) = self.pack.entries[*index as usize].base else { return Ok(()) };
            if children.is_empty() {
                return Ok(());
            }
            let data = self.data(*index, inflater)?;
            self.grow(kind, Parent { data, children, depth: 0 }, inflater)
        })?;
        self.resolve_foreign()
    }

    /// Makes the objects whose bases are in earlier packs.
    fn resolve_foreign(&self) -> Result<(), PackError> {
        let mut bases: Vec<_> = self.waiting().keys().copied().collect();
        bases.sort_unstable();
        bases.par_iter().try_for_each_init(Inflater::new, |inflater, id| {
            let Some(base) = (self.work.incoming.lookup)(id) else { return Ok(()) };
            let Some(children) = self.waiting().remove(id) else { return Ok(()) };
            let (kind, data) = base?;
            self.grow(kind, Parent { data: Arc::new(data), children, depth: 0 }, inflater)
        })?;
        match self.waiting().keys().min() {
            Some(&id) => Err(PackError::MissingBase { id }),
            None => Ok(()),
        }
    }

    fn grow(&self, kind: Kind, root: Parent, inflater: &mut Inflater) -> Result<(), PackError> {
        let limits = self.work.incoming.limits;
        let (mut held, mut large) = (root.data.len(), None);
        let mut parents = vec![root];
        while let Some(parent) = parents.last_mut() {
            let Some(child) = parent.children.pop() else {
                held -= parent.data.len();
                parents.pop();
                continue;
            };
            let (base, depth) = (Arc::clone(&parent.data), parent.depth + 1);
            if depth > limits.delta_depth {
                return Err(PackError::Limit { bound: Bound::DeltaDepth, max: limits.delta_depth.into() });
            }
            let delta = self.data(child, inflater)?;
            self.hold(held, &delta, &mut large)?;
            let entry = &self.pack.entries[child as usize];
            let data = self.pack.make(entry, &base, &delta)?;
            self.work.count(data.len() as u64)?;
            let id = self.work.take_in(child, entry.offset, kind, &data)?;
            let children = self.take_children(child, &id);
            if parent.children.is_empty() {
                held -= parent.data.len();
                parents.pop();
            }
            if !children.is_empty() {
                held += data.len();
                parents.push(Parent { data: Arc::new(data), children, depth });
            }
        }
        Ok(())
    }

    /// Waits until `held` bytes and what `delta` makes may be held.
    fn hold<'b>(
        &'b self,
        held: usize,
        delta: &[u8],
        large: &mut Option<MutexGuard<'b, ()>>,
    ) -> Result<(), PackError> {
        let max = self.work.incoming.limits.delta_bytes;
        let needed = (held as u64).saturating_add(super::delta::result_size(delta).unwrap_or(0));
        if needed > max {
            return Err(PackError::Limit { bound: Bound::DeltaBytes, max });
        }
        if needed > HELD as u64 && large.is_none() {
            *large = Some(self.large.lock().unwrap_or_else(PoisonError::into_inner));
        }
        Ok(())
    }

    /// Returns the inflated data of an object: the object itself, or its delta.
    fn data(&self, index: u32, inflater: &mut Inflater) -> Result<Arc<Vec<u8>>, PackError> {
        match self.kept.get(index as usize) {
            Some(data) => Ok(Arc::clone(data)),
            None => self.pack.inflate(&self.pack.entries[index as usize], inflater).map(Arc::new),
        }
    }

    /// Returns what is made from object number `index`, to be made from the last to the first.
    fn take_children(&self, index: u32, id: &ObjectId) -> Vec<u32> {
        let start = self.children.partition_point(|&(base, _)| base < index);
        let own = self.children[start..].iter().take_while(|&&(base, _)| base == index);
        let mut children: Vec<_> = own.map(|&(_, child)| child).collect();
        if self.has_waiting {
            children.extend(self.waiting().remove(id).unwrap_or_default());
        }
        children
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<ObjectId, Vec<u32>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns for each object how many are made from it, directly or not, and itself. The base of an
/// offset delta comes before it, so that one pass backwards is enough.
fn weigh(children: &[(u32, u32)], objects: usize) -> Vec<u32> {
    let mut weights = vec![1; objects];
    for &(base, child) in children.iter().rev() {
        weights[base as usize] += weights[child as usize];
    }
    weights
}
