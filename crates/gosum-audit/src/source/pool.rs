//! Bounded workers for work that waits for answers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::{Dispatch, Span, dispatcher};

/// Does `work` on each of `items`, in their order, on at most `workers` threads at once, within the caller's span. A panic of
/// a worker goes on to the caller as it is: it is gosum's own fault, and no answer.
pub fn each<T: Sync>(workers: usize, items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let within = Within::here();
    let work_off = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(item);
        }
    };
    let worker = || within.run(work_off);
    std::thread::scope(|scope| {
        let threads = 0..workers.max(1).min(items.len());
        let threads: Vec<_> = threads.map(|_| scope.spawn(worker)).collect();
        for thread in threads {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

/// Returns what `work` makes of each of `items`, in their order; else as [`each`].
pub fn map<T: Sync, R: Send>(workers: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let made: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let jobs: Vec<(&T, &Mutex<Option<R>>)> = items.iter().zip(&made).collect();
    each(workers, &jobs, |(item, made)| {
        *made.lock().expect("no holder of the lock panics") = Some(work(item));
    });
    let made = made.into_iter().map(|made| made.into_inner().expect("no holder of the lock panics"));
    made.map(|made| made.expect("each has been worked on")).collect()
}

/// The span that the caller is in, and who hears of it. Other threads do not know by themselves.
#[derive(Debug, Clone)]
pub struct Within {
    subscriber: Dispatch,
    span: Span,
}

impl Within {
    /// Returns that of this thread.
    pub fn here() -> Within {
        Within { subscriber: dispatcher::get_default(Dispatch::clone), span: Span::current() }
    }

    /// Does `work` within it, in whichever thread.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        dispatcher::with_default(&self.subscriber, || self.span.in_scope(work))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works_on_each_item_once_and_on_few_at_a_time() {
        let items: Vec<usize> = (0..200).collect();
        let done = Mutex::new(Vec::new());
        let (busy, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        each(7, &items, |item| {
            most.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            done.lock().unwrap().push(*item);
            std::thread::yield_now();
            busy.fetch_sub(1, Ordering::SeqCst);
        });
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        assert_eq!(done, items);
        assert!(most.into_inner() <= 7);
    }

    #[test]
    fn what_is_made_stands_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        assert_eq!(map(7, &items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_of_a_worker_is_that_of_the_caller() {
        let work = |item: &u8| {
            if *item == 2 {
                panic!("on two")
            }
        };
        let panic = std::panic::catch_unwind(|| each(4, &[1, 2, 3], work)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"on two"));
    }

    #[test]
    fn does_nothing_without_items() {
        each(4, &[] as &[u8], |_| panic!("there is nothing to work on"));
    }
}
