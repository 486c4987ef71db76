//! Interrupts by the user.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::exit::Exit;

/// For how long a further signal is the same one, come again: `timeout` and others send it to the program and to its group.
const SAME: Duration = Duration::from_secs(1);

/// Tells the parts of a run that the user wants it to end. Clones tell the same.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    raised: AtomicBool,
    first: Mutex<Option<Instant>>,
    actions: Mutex<Vec<Box<dyn Fn() + Send>>>,
}

impl Interrupt {
    /// Raises the interrupt: each action is taken, now or when it is registered.
    pub fn raise(&self) {
        self.0.raised.store(true, Ordering::SeqCst);
        for action in self.0.actions.lock().expect("no action panics").iter() {
            action();
        }
    }

    /// Takes a signal: the first raises the interrupt, a second one, a while later, ends the program.
    pub fn signal(&self) {
        match self.since_first(Instant::now()) {
            None => self.raise(),
            Some(elapsed) if elapsed < SAME => {}
            Some(_) => std::process::exit(Exit::Interrupted.code().into()),
        }
    }

    /// Returns how long ago the first signal came; nothing if this is it.
    fn since_first(&self, now: Instant) -> Option<Duration> {
        let mut first = self.0.first.lock().expect("taking the time does not panic");
        let before = *first;
        first.get_or_insert(now);
        before.map(|first| now.saturating_duration_since(first))
    }

    /// Returns whether the user wants the run to end.
    pub fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }

    /// Registers what is to be done when the interrupt is raised.
    pub fn on_raise(&self, action: impl Fn() + Send + 'static) {
        let mut actions = self.0.actions.lock().expect("no action panics");
        if self.is_raised() {
            action();
        }
        actions.push(Box::new(action));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn a_signal_that_comes_twice_at_once_is_one() {
        let interrupt = Interrupt::default();
        interrupt.signal();
        interrupt.signal(); // would end this test
        assert!(interrupt.is_raised());
        let later = Instant::now() + SAME;
        assert!(interrupt.since_first(later).is_some_and(|elapsed| elapsed >= SAME));
    }

    #[test]
    fn actions_are_taken_whenever_they_are_registered() {
        let interrupt = Interrupt::default();
        let taken = Arc::new(AtomicUsize::new(0));
        let register = || {
            let taken = taken.clone();
            interrupt.on_raise(move || {
                taken.fetch_add(1, Ordering::SeqCst);
            });
        };
        register();
        assert_eq!((taken.load(Ordering::SeqCst), interrupt.is_raised()), (0, false));
        interrupt.raise();
        register();
        assert_eq!((taken.load(Ordering::SeqCst), interrupt.is_raised()), (2, true));
    }
}
