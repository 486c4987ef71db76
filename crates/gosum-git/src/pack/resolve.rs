//! Making the objects that came as deltas.
//!
//! The deltas of a pack form trees, rooted in objects that came whole or are in an earlier pack.
//! Each tree is walked depth first by one thread, many trees at a time. Below an object, the child
//! with the most descendants comes last, when the object itself is no longer needed: so no more
//! objects are held than the logarithm of their number.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::entry::Kind;
use super::inflate::Inflater;
use super::receive::Work;
use super::{Base, Content, Pack, PackError};
use crate::ObjectId;
use crate::limits::Bound;

/// How many bytes of objects all threads together may hold in memory, each its share; and how many the one may that is
/// allowed to hold more. What does not fit goes to disk.
const HELD: u64 = 64 << 20;

/// What an object on disk counts for at least: there are few files that may be open.
const FILE: u64 = 16 << 20;

/// The deltas of a pack, by what they are made from.
pub(super) struct Forest<'a> {
    pack: &'a Pack,
    work: &'a Work<'a>,
    /// The inflated data of the first objects.
    kept: Vec<Arc<Content>>,
    /// Base and delta, in the order of the bases, and of those with one base, heaviest first.
    children: Vec<(u32, u32)>,
    /// The same for the bases that are told by their ids.
    waiting: Vec<(u32, u32)>,
    /// Which of these bases have been found. Whoever finds one takes its children.
    found: Vec<AtomicBool>,
    /// How much a thread may hold.
    share: u64,
    large: Mutex<()>,
}

/// An object some of whose children are still to be made.
struct Parent {
    data: Arc<Content>,
    children: Vec<u32>,
    depth: u64,
}

impl<'a> Forest<'a> {
    pub(super) fn new(pack: &'a Pack, work: &'a Work<'a>, kept: Vec<Arc<Content>>) -> Forest<'a> {
        let (mut children, mut waiting) = (Vec::new(), Vec::new());
        for (index, entry) in (0..).zip(&pack.entries) {
            match entry.base {
                Base::Whole(_) => {}
                Base::Entry(base) => children.push((base, index)),
                Base::Foreign(id) => waiting.push((id, index)),
            }
        }
        let weights = weigh(&children, pack.entries.len());
        children.sort_unstable_by_key(|&(base, child)| (base, Reverse(weights[child as usize]), child));
        waiting.sort_unstable();
        let found = pack.foreign.iter().map(|_| AtomicBool::new(false)).collect();
        let share = HELD / rayon::current_num_threads() as u64;
        Forest { pack, work, kept, children, waiting, found, share, large: Mutex::new(()) }
    }

    /// Makes every object that came as a delta, and takes it in.
    pub(super) fn resolve(&self) -> Result<(), PackError> {
        let entries = &self.pack.entries;
        (0..entries.len() as u32).into_par_iter().try_for_each_init(Inflater::new, |inflater, index| {
            let Base::Whole(kind) = entries[index as usize].base else { return Ok(()) };
            let children = self.take_children(index, || self.work.id(index));
            if children.is_empty() {
                return Ok(());
            }
            let size = u64::from(entries[index as usize].size);
            let mut large = self.enter(size);
            let data = self.data(index, inflater)?;
            self.grow(kind, Parent { data, children, depth: 0 }, inflater, &mut large)
        })?;
        self.resolve_foreign()
    }

    /// Makes the objects whose bases are in earlier packs.
    fn resolve_foreign(&self) -> Result<(), PackError> {
        let is_missing = |number: &usize| !self.found[*number].load(Ordering::Relaxed);
        let foreign = &self.pack.foreign;
        let missing: Vec<usize> = (0..foreign.len()).filter(is_missing).collect();
        missing.par_iter().try_for_each_init(Inflater::new, |inflater, number| {
            let Some(base) = (self.work.incoming.lookup)(&foreign[*number]) else { return Ok(()) };
            let (kind, data) = base?;
            let children = self.take_waiting(*number);
            let mut large = self.enter(data.held() as u64);
            self.grow(kind, Parent { data, children, depth: 0 }, inflater, &mut large)
        })?;
        match (0..foreign.len()).find(is_missing) {
            Some(_) if self.work.incoming.may_lack_bases => Ok(()),
            Some(number) => Err(PackError::MissingBase { id: foreign[number] }),
            None => Ok(()),
        }
    }

    fn grow<'l>(
        &'l self,
        kind: Kind,
        root: Parent,
        inflater: &mut Inflater,
        large: &mut Option<MutexGuard<'l, ()>>,
    ) -> Result<(), PackError> {
        let limits = self.work.incoming.limits;
        let mut held = Held::default();
        held.add(&root.data);
        let mut parents = vec![root];
        while let Some(parent) = parents.last_mut() {
            let Some(child) = parent.children.pop() else {
                held.remove(&parent.data);
                parents.pop();
                continue;
            };
            let (base, depth) = (Arc::clone(&parent.data), parent.depth + 1);
            if depth > limits.delta_depth {
                return Err(PackError::Limit { bound: Bound::DeltaDepth, max: limits.delta_depth });
            }
            let delta = self.data(child, inflater)?;
            let entry = &self.pack.entries[child as usize];
            let size = self.pack.made_size(entry, &delta)?;
            if held.all + size > limits.delta_bytes {
                return Err(PackError::Limit { bound: Bound::DeltaBytes, max: limits.delta_bytes });
            }
            if large.is_none() {
                *large = self.enter(held.in_memory + size);
            }
            let data = self.pack.make(entry, &base, &delta, held.in_memory + size <= HELD)?;
            self.work.count(data.len())?;
            let id = self.work.take_in(child, entry.offset, kind, &data)?;
            let children = self.take_children(child, || id);
            if parent.children.is_empty() {
                held.remove(&parent.data);
                parents.pop();
            }
            if !children.is_empty() {
                held.add(&data);
                parents.push(Parent { data: Arc::new(data), children, depth });
            }
        }
        Ok(())
    }

    /// Waits until `bytes` may be held, if they are more than a thread's share.
    fn enter(&self, bytes: u64) -> Option<MutexGuard<'_, ()>> {
        (bytes > self.share).then(|| self.large.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the inflated data of an object: the object itself, or its delta.
    fn data(&self, index: u32, inflater: &mut Inflater) -> Result<Arc<Content>, PackError> {
        match self.kept.get(index as usize) {
            Some(data) => Ok(Arc::clone(data)),
            None => self.pack.inflate(&self.pack.entries[index as usize], inflater).map(Arc::new),
        }
    }

    /// Returns what is made from object number `index`, to be made from the last to the first.
    fn take_children(&self, index: u32, id: impl FnOnce() -> ObjectId) -> Vec<u32> {
        let mut children = below(&self.children, index);
        if !self.waiting.is_empty()
            && let Ok(number) = self.pack.foreign.binary_search(&id())
        {
            children.extend(self.take_waiting(number));
        }
        children
    }

    /// Returns what is made from base number `number` of those told by their ids, to whoever asks first.
    fn take_waiting(&self, number: usize) -> Vec<u32> {
        match self.found[number].swap(true, Ordering::Relaxed) {
            true => Vec::new(),
            false => below(&self.waiting, number as u32),
        }
    }
}

/// How many bytes of objects a thread holds.
#[derive(Default)]
struct Held {
    in_memory: u64,
    all: u64,
}

impl Held {
    fn add(&mut self, content: &Content) {
        self.in_memory += content.held() as u64;
        self.all += Held::weight(content);
    }

    fn remove(&mut self, content: &Content) {
        self.in_memory -= content.held() as u64;
        self.all -= Held::weight(content);
    }

    fn weight(content: &Content) -> u64 {
        match content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Disk { len, .. } => FILE.max(*len),
        }
    }
}

/// Returns the second of all pairs of which `base` is the first.
fn below(pairs: &[(u32, u32)], base: u32) -> Vec<u32> {
    let start = pairs.partition_point(|&(other, _)| other < base);
    pairs[start..].iter().take_while(|(other, _)| *other == base).map(|(_, child)| *child).collect()
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
