//! How long a proxy is asked that only ever fails.

use std::sync::atomic::{AtomicUsize, Ordering};

use gosum_fetch::Retry;
use gosum_fetch::retry::{Advice, Passing};

use super::failure::Failure;

/// After so many failures in a row that might have passed, each with all its retries, asks are not retried.
const TIRED: usize = 16;
/// After so many, the proxy is not asked any more: what it would not answer is unavailable all the same, and an audit
/// of many lines ends in bounded time.
pub(super) const GIVEN_UP: usize = 128;

/// Counts the failures in a row of one proxy.
#[derive(Debug, Default)]
pub(super) struct Patience(AtomicUsize);

impl Patience {
    /// Returns whether the proxy has failed so often that it is not asked any more.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= GIVEN_UP
    }

    /// Returns `retry`, or no retries for a proxy that has failed often.
    pub(super) fn retry(&self, retry: Retry) -> Retry {
        let tired = self.0.load(Ordering::Relaxed) >= TIRED;
        if tired { Retry { retries: 0, ..retry } } else { retry }
    }

    /// Notes how an ask ended. Whatever the proxy answered for certain, it is there. Once patience is over it stays so.
    pub(super) fn note(&self, failure: Option<&Failure>) {
        let next = |failures| match failure {
            _ if failures >= GIVEN_UP => None,
            Some(failure) if may_pass(failure) => Some(failures + 1),
            _ => Some(0),
        };
        // nothing changes when there is no next
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }
}

/// Returns whether `failure` says nothing about what was asked, but something about the proxy.
pub(super) fn may_pass(failure: &Failure) -> bool {
    matches!(failure, Failure::Fetch(_)) || failure.advice() != Advice::Final
}

#[cfg(test)]
mod tests {
    use gosum_fetch::{Body, Headers, Response, SafeUrl};

    use super::*;
    use crate::source::said::Refusal;

    fn status(status: u16) -> Failure {
        let url = SafeUrl::parse("https://proxy.example/a").unwrap();
        let response =
            Response { status, url, headers: Headers::default(), body: Body::from_bytes(Vec::new()) };
        Failure::Refused(Refusal::read(response))
    }

    #[test]
    fn tires_then_gives_up_for_good() {
        let patience = Patience::default();
        for _ in 0..TIRED {
            assert_eq!(patience.retry(Retry::default()), Retry::default());
            patience.note(Some(&status(503)));
        }
        assert_eq!(patience.retry(Retry::default()).retries, 0);
        for _ in TIRED..GIVEN_UP {
            assert!(!patience.is_over());
            patience.note(Some(&status(503)));
        }
        assert!(patience.is_over());
        // what was under way when it gave up changes nothing: who comes last is chance
        patience.note(None);
        assert!(patience.is_over());
    }

    #[test]
    fn a_definite_answer_is_no_failure_of_the_proxy() {
        let patience = Patience::default();
        for code in [404, 403, 451] {
            patience.note(Some(&status(503)));
            patience.note(Some(&status(code)));
            assert_eq!(patience.0.load(Ordering::Relaxed), 0);
        }
    }
}
