//! Limits that requests share: bytes in memory, requests in flight on one host.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A number of bytes that may be in memory at once, shared by all that reserve from it. Reserving
/// never waits, so no two can wait for each other.
#[derive(Debug)]
pub struct Budget {
    total: u64,
    used: AtomicU64,
}

impl Budget {
    /// Returns a budget of `bytes`.
    pub fn new(bytes: u64) -> Budget {
        Budget { total: bytes, used: AtomicU64::new(0) }
    }

    /// Returns a reservation of `bytes`, or none when that much is not free now.
    pub fn try_reserve(self: &Arc<Budget>, bytes: u64) -> Option<Permit> {
        self.take(bytes).then(|| Permit { budget: self.clone(), bytes })
    }

    fn take(&self, bytes: u64) -> bool {
        let take = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.total);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Bytes reserved from a [`Budget`], given back when this is dropped.
#[derive(Debug)]
pub struct Permit {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Permit {
    /// Returns how many bytes are reserved.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reserves `more` bytes on top and returns true, or leaves all as it is when that much is not
    /// free now.
    pub fn try_grow(&mut self, more: u64) -> bool {
        let grown = self.budget.take(more);
        if grown {
            self.bytes += more;
        }
        grown
    }

    /// Gives back what is reserved above `bytes`.
    pub fn shrink_to(&mut self, bytes: u64) {
        let less = self.bytes.saturating_sub(bytes);
        self.budget.give_back(less);
        self.bytes -= less;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}

/// The caps on polite requests, a host each.
#[derive(Debug)]
pub(crate) struct HostCaps {
    initial: usize,
    hosts: Mutex<BTreeMap<String, Arc<HostCap>>>,
}

impl HostCaps {
    /// Returns caps of `initial` requests at once for every host.
    pub(crate) fn new(initial: usize) -> HostCaps {
        HostCaps { initial, hosts: Mutex::default() }
    }

    /// Returns the cap of `host`, the same one each time.
    pub(crate) fn of(&self, host: &str) -> Arc<HostCap> {
        let mut hosts = self.hosts.lock().expect("nothing panics while holding the caps");
        match hosts.get(host) {
            Some(cap) => cap.clone(),
            None => hosts.entry(host.to_owned()).or_insert(Arc::new(HostCap::new(self.initial))).clone(),
        }
    }
}

/// How many polite requests one host gets at once.
#[derive(Debug)]
pub(crate) struct HostCap {
    turns: Arc<Semaphore>,
    width: Mutex<Width>,
}

#[derive(Debug)]
struct Width {
    cap: usize,
    /// Turns that were out when the cap shrank: they are not given to the next when they end.
    surplus: usize,
}

impl HostCap {
    fn new(cap: usize) -> HostCap {
        HostCap { turns: Arc::new(Semaphore::new(cap)), width: Mutex::new(Width { cap, surplus: 0 }) }
    }

    /// Returns a turn as soon as there is one, first come, first served.
    pub(crate) async fn turn(self: Arc<HostCap>) -> Turn {
        let permit = self.turns.clone().acquire_owned().await.expect("the turns are never closed");
        Turn { permit: Some(permit), host: self }
    }

    /// Halves the cap for good, down to one: the host said that it gets too many requests.
    pub(crate) fn halve(&self) {
        let mut width = self.width();
        let cap = (width.cap / 2).max(1);
        let fewer = width.cap - cap;
        width.surplus += fewer - self.turns.forget_permits(fewer);
        width.cap = cap;
    }

    fn width(&self) -> MutexGuard<'_, Width> {
        self.width.lock().expect("nothing panics while holding a cap")
    }
}

/// The right to have one polite request in flight, until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    permit: Option<OwnedSemaphorePermit>,
    host: Arc<HostCap>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut width = self.host.width();
        let Some(permit) = self.permit.take().filter(|_| width.surplus > 0) else { return };
        width.surplus -= 1;
        permit.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_no_more_than_the_budget_and_takes_back_what_is_dropped() {
        let budget = Arc::new(Budget::new(10));
        let mut first = budget.try_reserve(6).unwrap();
        assert!(budget.try_reserve(5).is_none());
        assert!(!first.try_grow(5));
        assert!(first.try_grow(4));
        assert!(budget.try_reserve(1).is_none());
        first.shrink_to(3);
        let second = budget.try_reserve(7).unwrap();
        assert_eq!((first.bytes(), second.bytes()), (3, 7));
        drop((first, second));
        assert!(budget.try_reserve(10).is_some());
    }

    #[test]
    fn does_not_wrap_around_on_absurd_sizes() {
        let budget = Arc::new(Budget::new(u64::MAX));
        let _most = budget.try_reserve(u64::MAX - 1).unwrap();
        assert!(budget.try_reserve(u64::MAX).is_none());
    }

    /// Returns how many turns `cap` gives at once, taken and given back.
    fn free(cap: &HostCap) -> usize {
        cap.turns.available_permits()
    }

    fn turn(cap: &Arc<HostCap>) -> Turn {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(cap.clone().turn())
    }

    #[test]
    fn halves_a_cap_down_to_one_even_when_all_turns_are_out() {
        let caps = HostCaps::new(4);
        let cap = caps.of("git.example");
        let turns: Vec<Turn> = (0..4).map(|_| turn(&cap)).collect();
        caps.of("git.example").halve();
        drop(turns);
        assert_eq!(free(&cap), 2);
        cap.halve();
        cap.halve();
        assert_eq!(free(&cap), 1);
        drop(turn(&cap));
        assert_eq!((free(&cap), free(&caps.of("other.example"))), (1, 4));
    }
}
