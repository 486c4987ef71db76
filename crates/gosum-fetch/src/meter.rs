//! Counting what one source costs.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::{Body, Fetch, FetchError, Request, Response};

/// What was asked and read so far.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Meter {
    /// Returns how many requests were sent. One that followed redirects counts once.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Returns how many bytes were read from bodies.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// A [`Fetch`] that counts into a [`Meter`], so that what goes through one client is told apart by
/// who asked. Each request is a span `request` with the `bytes` of its body, which lasts until that is dropped.
#[derive(Clone)]
pub struct Metered {
    fetch: Arc<dyn Fetch>,
    meter: Arc<Meter>,
}

impl Metered {
    /// Returns `fetch`, counted into `meter`.
    pub fn new(fetch: Arc<dyn Fetch>, meter: Arc<Meter>) -> Metered {
        Metered { fetch, meter }
    }
}

impl Fetch for Metered {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        self.meter.requests.fetch_add(1, Ordering::Relaxed);
        let span = tracing::info_span!("request", bytes = tracing::field::Empty);
        let response = span.in_scope(|| self.fetch.send(request))?;
        let declared = response.body.declared();
        let counted = Counted { body: response.body, meter: self.meter.clone(), came: 0, span };
        Ok(Response { body: Body::new(Box::new(counted), declared), ..response })
    }

    fn pause(&self, wait: Duration) {
        self.fetch.pause(wait);
    }
}

/// A body, and the span of its request, which ends when it is dropped.
struct Counted {
    body: Body,
    meter: Arc<Meter>,
    came: u64,
    span: tracing::Span,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let came = self.body.read(buffer)?;
        self.meter.bytes.fetch_add(came as u64, Ordering::Relaxed);
        self.came += came as u64;
        Ok(came)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.span.record("bytes", self.came);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{Headers, SafeUrl};

    /// Answers every request with three bytes, unless it is for `/none`.
    struct Three;

    impl Fetch for Three {
        fn send(&self, request: Request) -> Result<Response, FetchError> {
            if request.url.path() == "/none" {
                return Err(FetchError::Offline { url: request.url });
            }
            let body = Body::from_bytes(b"abc".to_vec());
            Ok(Response { status: 200, url: request.url, headers: Headers::default(), body })
        }
    }

    #[test]
    fn counts_requests_and_the_bytes_that_were_read() {
        let meter = Arc::new(Meter::default());
        let fetch = Metered::new(Arc::new(Three), meter.clone());
        let ask = |path: &str| {
            let url = SafeUrl::parse(&format!("https://proxy.example{path}")).unwrap();
            fetch.send(Request::get(url, 10, Instant::now()))
        };
        let read = ask("/a").unwrap();
        assert_eq!(read.body.declared(), Some(3));
        assert_eq!(read.body.into_bytes().unwrap(), b"abc");
        drop(ask("/b").unwrap());
        assert!(ask("/none").is_err());
        assert_eq!((meter.requests(), meter.bytes()), (3, 3));
    }
}
