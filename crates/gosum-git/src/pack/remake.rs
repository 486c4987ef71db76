//! Making objects anew: what that costs in all, and what is kept for a while, as many objects are made from one.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{Content, Kind, PackError, check_time};
use crate::limits::{Bound, Limits};

/// How many bytes of objects are kept because others are made from them.
const KEPT: usize = 48 << 20;

/// What the packs of one repository share when objects are made anew.
pub(crate) struct Remaking {
    limits: Limits,
    /// When it must be over.
    end: Option<Instant>,
    /// How many bytes were inflated and made so far.
    bytes: AtomicU64,
    bases: Mutex<Bases>,
}

/// By the pack and the number in it.
type Place = (usize, u32);

#[derive(Default)]
struct Bases {
    known: HashMap<Place, (Kind, Arc<Content>)>,
    /// The first to come is the first to go.
    order: VecDeque<Place>,
    bytes: usize,
}

impl Remaking {
    pub(crate) fn new(limits: Limits, end: Option<Instant>) -> Remaking {
        Remaking { limits, end, bytes: AtomicU64::new(0), bases: Mutex::default() }
    }

    /// Counts what is made, and looks at the time.
    pub(super) fn count(&self, content: &Content) -> Result<(), PackError> {
        self.check_time()?;
        let max = self.limits.remade_bytes;
        if self.bytes.fetch_add(content.len(), Ordering::Relaxed) + content.len() > max {
            return Err(PackError::Limit { bound: Bound::RemadeBytes, max });
        }
        Ok(())
    }

    pub(crate) fn check_time(&self) -> Result<(), PackError> {
        check_time(self.end, &self.limits)
    }

    pub(super) fn get(&self, place: Place) -> Option<(Kind, Arc<Content>)> {
        self.bases.lock().unwrap_or_else(PoisonError::into_inner).known.get(&place).cloned()
    }

    /// Keeps an object for a while, if it is in memory.
    pub(super) fn keep(&self, place: Place, kind: Kind, content: &Arc<Content>) {
        let bytes = content.held();
        if bytes == 0 || bytes > KEPT {
            return;
        }
        let mut bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        if bases.known.insert(place, (kind, Arc::clone(content))).is_some() {
            return;
        }
        bases.order.push_back(place);
        bases.bytes += bytes;
        while bases.bytes > KEPT
            && let Some(first) = bases.order.pop_front()
        {
            let gone = bases.known.remove(&first);
            bases.bytes -= gone.map_or(0, |(_, content)| content.held());
        }
    }
}
