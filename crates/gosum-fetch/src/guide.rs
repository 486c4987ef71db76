//! Redirects that lead only where the user allows.

use std::sync::Arc;
use std::time::Duration;

use crate::{Fetch, FetchError, Request, Response, SafeUrl, redirect};

/// Says of a redirect, from what was asked at first to where it leads, why it must not be followed, if so.
pub type Guide = dyn Fn(&SafeUrl, &SafeUrl) -> Result<(), String> + Send + Sync;

/// A [`Fetch`] that asks another one, and follows redirects itself: those alone that a [`Guide`] allows.
#[derive(Clone)]
pub struct Guided {
    fetch: Arc<dyn Fetch>,
    guide: Arc<Guide>,
}

impl Guided {
    /// Returns `fetch`, which follows redirects as `guide` allows.
    pub fn new(fetch: Arc<dyn Fetch>, guide: Arc<Guide>) -> Guided {
        Guided { fetch, guide }
    }
}

impl Fetch for Guided {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        let first = request.url.clone();
        let ask = |request: &Request| self.fetch.send(Request { redirects: 0, ..request.clone() });
        redirect::follow(request, ask, |from, to| {
            (self.guide)(&first, to).map_err(|reason| FetchError::ForbiddenRedirect {
                from: from.clone(),
                to: to.clone(),
                reason,
            })
        })
    }

    fn pause(&self, wait: Duration) {
        self.fetch.pause(wait);
    }
}
