//! Interrupts by the user.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::exit::Exit;

/// Tells the parts of a run that the user wants it to end. Clones tell the same.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    raised: AtomicBool,
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

    /// Takes a signal: the first raises the interrupt, the second ends the program.
    pub fn signal(&self) {
        if self.is_raised() {
            std::process::exit(Exit::Interrupted.code().into());
        }
        self.raise();
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
