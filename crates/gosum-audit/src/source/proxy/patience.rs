//! How long a proxy is asked that only ever fails.

use std::sync::Mutex;

use gosum_fetch::retry::{Advice, Passing};
use gosum_fetch::{Retry, SafeUrl};

use super::failure::Failure;

/// After so many failures in a row that might have passed, each with all its retries, asks are not retried.
const TIRED: usize = 16;
/// After so many, the proxy is not asked any more: what it would not answer is unavailable all the same, and an audit
/// of many lines ends in bounded time.
const GIVEN_UP: usize = 128;

/// Counts the failures in a row of one proxy.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<Row>);

#[derive(Debug, Default)]
struct Row {
    failures: usize,
    last: String,
}

impl Patience {
    /// Returns whether the proxy at `base` may be asked.
    pub(super) fn allow(&self, base: &SafeUrl) -> Result<(), Failure> {
        let row = self.0.lock().expect("no holder of the lock panics");
        if row.failures < GIVEN_UP {
            return Ok(());
        }
        Err(Failure::GivenUp { url: base.to_string(), failures: row.failures, last: row.last.clone() })
    }

    /// Returns `retry`, or no retries for a proxy that has failed often.
    pub(super) fn retry(&self, retry: Retry) -> Retry {
        let tired = self.0.lock().expect("no holder of the lock panics").failures >= TIRED;
        if tired { Retry { retries: 0, ..retry } } else { retry }
    }

    /// Notes how an ask ended. Whatever the proxy answered for certain, it is there.
    pub(super) fn note(&self, failure: Option<&Failure>) {
        let mut row = self.0.lock().expect("no holder of the lock panics");
        match failure {
            Some(failure) if may_pass(failure) => {
                row.failures += 1;
                row.last = failure.to_string();
            }
            _ => row.failures = 0,
        }
    }
}

/// Returns whether `failure` says nothing about what was asked, but something about the proxy.
fn may_pass(failure: &Failure) -> bool {
    matches!(failure, Failure::Fetch(_)) || failure.advice() != Advice::Final
}

#[cfg(test)]
mod tests {
    use gosum_fetch::{Body, Headers, Response};

    use super::*;
    use crate::source::said::Refusal;

    fn status(status: u16) -> Failure {
        let url = SafeUrl::parse("https://proxy.example/a").unwrap();
        let response =
            Response { status, url, headers: Headers::default(), body: Body::from_bytes(Vec::new()) };
        Failure::Refused(Refusal::read(response))
    }

    #[test]
    fn tires_then_gives_up_until_the_proxy_answers() {
        let base = SafeUrl::parse("https://proxy.example").unwrap();
        let patience = Patience::default();
        for _ in 0..TIRED {
            assert_eq!(patience.retry(Retry::default()), Retry::default());
            patience.note(Some(&status(503)));
        }
        assert_eq!(patience.retry(Retry::default()).retries, 0);
        for _ in TIRED..GIVEN_UP {
            assert!(patience.allow(&base).is_ok());
            patience.note(Some(&status(503)));
        }
        let given_up = patience.allow(&base).unwrap_err().to_string();
        assert_eq!(
            given_up,
            "https://proxy.example/: not asked any more after 128 failures in a row, \
             the last: https://proxy.example/a: status 503"
        );
        patience.note(None);
        assert!(patience.allow(&base).is_ok());
    }

    #[test]
    fn a_definite_answer_is_no_failure_of_the_proxy() {
        let patience = Patience::default();
        for code in [404, 403, 451] {
            patience.note(Some(&status(503)));
            patience.note(Some(&status(code)));
            assert_eq!(patience.0.lock().unwrap().failures, 0);
        }
    }
}
