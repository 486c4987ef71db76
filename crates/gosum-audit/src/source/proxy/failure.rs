//! Why a proxy gave no hash.

use gosum_fetch::FetchError;
use gosum_fetch::retry::{Advice, Passing, status_advice};

use crate::source::said::Refusal;

/// Why a proxy gave no hash.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// It answered with a status that is no success.
    #[error("{0}")]
    Refused(Refusal),
    /// No answer, or none that is whole.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What came cannot be kept for reading: a full disk.
    #[error("{url}: {reason}")]
    Keep { url: String, reason: String },
    /// What came is a page of a web site.
    #[error("{url}: an HTML page in place of a {wanted}")]
    Page { url: String, wanted: &'static str },
    /// What came is no zip, or a damaged one.
    #[error("{url}: {reason}")]
    Zip { url: String, reason: String },
    /// What came does not say what was asked.
    #[error("{url}: {reason}")]
    Info { url: String, reason: String },
    /// The proxy has failed too often to be asked again.
    #[error("{url}: not asked any more after {failures} failures in a row, the last: {last}")]
    GivenUp { url: String, failures: usize, last: String },
}

impl Failure {
    /// Returns whether the proxy said for certain that it does not have what was asked (spec 04 §2).
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Failure::Refused(Refusal { status: 404 | 410, .. }))
    }

    /// Returns who was asked, where that is known apart from the text.
    pub(super) fn url(&self) -> Option<&str> {
        match self {
            Failure::Refused(refusal) => Some(&refusal.url),
            Failure::Fetch(_) => None,
            Failure::Keep { url, .. }
            | Failure::Page { url, .. }
            | Failure::Zip { url, .. }
            | Failure::Info { url, .. }
            | Failure::GivenUp { url, .. } => Some(url),
        }
    }
}

impl Passing for Failure {
    fn advice(&self) -> Advice {
        match self {
            Failure::Refused(refusal) => status_advice(refusal.status, refusal.retry_after.as_deref()),
            Failure::Fetch(error) => error.advice(),
            _ => Advice::Final,
        }
    }
}
