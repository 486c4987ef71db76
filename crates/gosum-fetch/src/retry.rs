//! Trying again what may well succeed a moment later.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::{Fetch, FetchError};

/// The longest wait that a server's Retry-After can ask for.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How often something is tried again, and after what wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How many further attempts follow a first one that failed.
    pub retries: u32,
    /// The wait before the first of them; it doubles each time, with up to half as much again by chance.
    pub base: Duration,
}

impl Default for Retry {
    fn default() -> Retry {
        Retry { retries: 3, base: Duration::from_millis(250) }
    }
}

/// What an error says of another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Another attempt gives the same.
    Final,
    /// Another attempt may succeed.
    Again,
    /// The server asked to be left alone for so long.
    After(Duration),
}

/// An error that can tell whether another attempt is worth while.
pub trait Passing {
    /// Returns what the error says of another attempt.
    fn advice(&self) -> Advice;
}

impl Passing for FetchError {
    fn advice(&self) -> Advice {
        if self.is_passing() { Advice::Again } else { Advice::Final }
    }
}

/// Returns the advice that an answer's status gives: 429 and 5xx may pass, and say when by their
/// Retry-After (seconds; `retry_after` is that header's value).
pub fn status_advice(status: u16, retry_after: Option<&str>) -> Advice {
    if status != 429 && !(500..600).contains(&status) {
        return Advice::Final;
    }
    match retry_after.and_then(|value| value.trim().parse().ok()) {
        Some(seconds) => Advice::After(Duration::from_secs(seconds).min(MAX_RETRY_AFTER)),
        None => Advice::Again,
    }
}

impl Retry {
    /// Returns what the first successful `attempt` gives, or the last error. Between attempts, `fetch`
    /// pauses; none begins whose wait would pass `deadline`.
    ///
    /// # Errors
    /// The error of the last attempt.
    pub fn run<T, E: Passing>(
        &self,
        fetch: &dyn Fetch,
        deadline: Instant,
        mut attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut failed = 0;
        loop {
            let error = match attempt() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let wait = match error.advice() {
                Advice::Final => return Err(error),
                Advice::Again => self.backoff(failed),
                Advice::After(wait) => wait,
            };
            if failed == self.retries || Instant::now() + wait >= deadline {
                return Err(error);
            }
            failed += 1;
            fetch.pause(wait);
        }
    }

    fn backoff(&self, failed: u32) -> Duration {
        let wait = self.base.saturating_mul(1 << failed.min(16));
        // a hasher's random keys are all the chance that spreading requests needs
        let chance = (RandomState::new().hash_one(failed) % 1024) as u32;
        wait + wait / 2 * chance / 1024
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{Request, Response};

    #[derive(Debug, PartialEq)]
    struct Failed(Advice);

    impl Passing for Failed {
        fn advice(&self) -> Advice {
            self.0
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    /// Counts how long it was to wait.
    #[derive(Default)]
    struct Clock(Mutex<Vec<Duration>>);

    impl Fetch for Clock {
        fn send(&self, _: Request) -> Result<Response, FetchError> {
            unreachable!("nothing is sent")
        }

        fn pause(&self, wait: Duration) {
            self.0.lock().unwrap().push(wait);
        }
    }

    const QUICK: Retry = Retry { retries: 3, base: Duration::ZERO };

    #[test]
    fn tries_as_often_as_asked_and_gives_the_last_error() {
        let mut attempts = 0;
        let got: Result<(), _> = QUICK.run(&Clock::default(), soon(), || {
            attempts += 1;
            Err(Failed(Advice::Again))
        });
        assert_eq!((got, attempts), (Err(Failed(Advice::Again)), 4));
    }

    #[test]
    fn stops_at_a_final_error_and_at_success() {
        let mut attempts = 0;
        let got: Result<(), _> = QUICK.run(&Clock::default(), soon(), || {
            attempts += 1;
            Err(Failed(Advice::Final))
        });
        assert_eq!((got.is_err(), attempts), (true, 1));
        let mut attempts = 0;
        let got = QUICK.run(&Clock::default(), soon(), || {
            attempts += 1;
            if attempts < 3 { Err(Failed(Advice::Again)) } else { Ok(attempts) }
        });
        assert_eq!(got, Ok(3));
    }

    #[test]
    fn begins_no_attempt_past_the_deadline() {
        let mut attempts = 0;
        let got: Result<(), _> =
            QUICK.run(&Clock::default(), Instant::now() + Duration::from_secs(5), || {
                attempts += 1;
                Err(Failed(Advice::After(Duration::from_secs(10))))
            });
        assert_eq!((got.is_err(), attempts), (true, 1));
    }

    #[test]
    fn waits_longer_each_time_and_as_long_as_the_server_asks() {
        let clock = Clock::default();
        let retry = Retry { retries: 3, base: Duration::from_millis(100) };
        let advices = [Advice::Again, Advice::Again, Advice::After(Duration::from_secs(7)), Advice::Again];
        let mut advices = advices.into_iter();
        let got: Result<(), _> =
            retry.run(&clock, soon(), || Err(Failed(advices.next().unwrap_or(Advice::Final))));
        assert!(got.is_err());
        let waits = clock.0.into_inner().unwrap();
        assert_eq!(waits.len(), 3);
        for (wait, from, to) in [(waits[0], 100, 150), (waits[1], 200, 300), (waits[2], 7000, 7000)] {
            assert!((from..=to).contains(&wait.as_millis()), "{wait:?}");
        }
    }

    #[test]
    fn reads_retry_after() {
        assert_eq!(status_advice(429, Some("7")), Advice::After(Duration::from_secs(7)));
        assert_eq!(status_advice(503, Some("9999")), Advice::After(MAX_RETRY_AFTER));
        assert_eq!(status_advice(500, None), Advice::Again);
        assert_eq!(status_advice(404, Some("7")), Advice::Final);
    }
}
