//! What the HTTP library's errors mean.

use std::error::Error;
use std::io;

use crate::{ConnectFailure, FetchError, SafeUrl};

/// The most characters of a reason: some of it is what the other side sent.
const MAX_REASON: usize = 300;

/// Returns why a request for `url` cannot be sent.
pub(crate) fn of_building(url: &SafeUrl, error: &reqwest::Error) -> FetchError {
    FetchError::Unsendable { url: url.clone(), reason: reason(error) }
}

/// Returns why no answer to a request for `url`, by way of `proxy` or not, came.
pub(crate) fn of_request(url: &SafeUrl, proxy: Option<&str>, error: &reqwest::Error) -> FetchError {
    let (url, reason) = (url.clone(), reason(error));
    if !error.is_connect() {
        return FetchError::Broken { url, reason };
    }
    let kind = match () {
        () if error.is_dns() => ConnectFailure::Name,
        () if is_tls(error) => ConnectFailure::Tls,
        () => ConnectFailure::Address,
    };
    let is_slow = kind == ConnectFailure::Address && error.is_timeout();
    let reason = if is_slow { "no answer in time".to_owned() } else { reason };
    let reason = match proxy {
        Some(proxy) => format!("by way of the proxy {proxy}: {reason}"),
        None => reason,
    };
    FetchError::Connect { url, kind, reason }
}

/// Returns why the body of an answer to a request for `url` ended early.
pub(crate) fn of_body(url: &SafeUrl, error: &reqwest::Error) -> FetchError {
    FetchError::Broken { url: url.clone(), reason: reason(error) }
}

/// Returns what the innermost cause says: the outer ones repeat that a request failed, and its URL
/// with it.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> String {
    let innermost = causes(error).last().expect("an error is its own first cause");
    let text = match innermost.downcast_ref::<reqwest::Error>() {
        // names a URL when it has no cause, and that may hold credentials
        Some(_) => "the request is not valid".to_owned(),
        None => innermost.to_string(),
    };
    text.chars().take(MAX_REASON).collect()
}

fn is_tls(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.is::<rustls::Error>())
}

/// Returns `error`, its cause, the cause of that, and so on.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // an I/O error does not count the error that it wraps among its causes
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
