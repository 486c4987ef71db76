//! What was asked of a world.

use std::sync::{Mutex, PoisonError};

/// A request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// The host that was asked, in small letters.
    pub host: String,
    /// The method.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// The status of the answer; none if the connection was ended before, or nothing was sent yet.
    pub status: Option<u16>,
    /// How many bytes of the body were sent, without what frames them. All counted before they are sent, so that a
    /// client that has got them finds them here.
    pub bytes: u64,
    /// The version of git's protocol that the client offered, if the request was for git.
    pub git_version: Option<u8>,
    /// What a request to `git-upload-pack` said: its lines, and `0000` and `0001` between them.
    pub git_lines: Vec<String>,
}

impl Exchange {
    /// Returns host, path and query: `proxy.example/example.com/a/@v/list`.
    pub fn address(&self) -> String {
        format!("{}{}", self.host, self.target)
    }
}

/// The requests in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Vec<Exchange>>);

impl Log {
    /// Adds a request. Returns its number.
    pub(crate) fn add(&self, exchange: Exchange) -> usize {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(exchange);
        log.len() - 1
    }

    /// Changes the entry of a request.
    pub(crate) fn change(&self, number: usize, change: impl FnOnce(&mut Exchange)) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(exchange) = log.get_mut(number) {
            change(exchange);
        }
    }

    pub(crate) fn entries(&self) -> Vec<Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
