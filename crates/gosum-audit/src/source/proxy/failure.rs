//! Why a proxy gave no hash.

use gosum_fetch::FetchError;
use gosum_fetch::retry::{Advice, Passing, status_advice};

use super::patience;
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
    #[error("{url}: given up after {} failures in a row, such as: {such}", patience::GIVEN_UP)]
    GivenUp { url: String, such: String },
    /// What came is nothing.
    #[error("{url}: an empty answer in place of a {wanted}")]
    Nothing { url: String, wanted: &'static str },
}

impl Failure {
    /// Returns whether the proxy said for certain that it does not have what was asked (spec 04 §2).
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Failure::Refused(Refusal { status: 404 | 410, .. }))
    }

    /// Returns whether it will be so tomorrow: the proxy does not have it, or will not give it.
    pub(super) fn is_lasting(&self) -> bool {
        matches!(self, Failure::Refused(Refusal { status: 403 | 404 | 410 | 451, .. }))
    }

    /// Returns whether nobody could be asked, which may be otherwise in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Failure::GivenUp { .. } => true,
            Failure::Fetch(error) => error.is_silence(),
            failure => failure.advice() != Advice::Final,
        }
    }

    /// Returns what failed, without who was asked.
    pub(super) fn what(&self) -> String {
        let text = self.to_string();
        text.split_once(": ").map_or(text.clone(), |(_, what)| what.to_owned())
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
