//! Why a request gave no answer.

use std::io;
use std::time::Duration;

use crate::SafeUrl;

/// Why a request, or the reading of its body, ended without an answer. A status such as 404 is an
/// answer and no error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Offline mode forbids the network.
    #[error("{url}: not asked, offline")]
    Offline {
        /// What was to be asked.
        url: SafeUrl,
    },
    /// The scheme is none that the client speaks.
    #[error("{url}: scheme `{}` is not supported", url.scheme())]
    Scheme {
        /// What was to be asked.
        url: SafeUrl,
    },
    /// Credentials are never sent over a connection that anybody can read.
    #[error("{url}: refusing to send credentials over plain http")]
    Credentials {
        /// What was to be asked.
        url: SafeUrl,
    },
    /// A header or the URL cannot be sent in HTTP.
    #[error("{url}: cannot be sent: {reason}")]
    Unsendable {
        /// What was to be asked.
        url: SafeUrl,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection came about.
    #[error("{url}: {kind}: {reason}")]
    Connect {
        /// What was to be asked.
        url: SafeUrl,
        /// At which step it failed.
        kind: ConnectFailure,
        /// What the system or the TLS library said.
        reason: String,
    },
    /// A redirect led from an encrypted connection to one that is not.
    #[error("{from}: redirected to the insecure {to}")]
    InsecureRedirect {
        /// Where the redirect came from.
        from: SafeUrl,
        /// Where it led.
        to: SafeUrl,
    },
    /// A redirect without a usable target, or one where none is followed.
    #[error("{url}: redirected without a usable target")]
    Redirect {
        /// Where the redirect came from.
        url: SafeUrl,
    },
    /// A redirect led where the user allows none to lead.
    #[error("{from}: redirected to {to}: {reason}")]
    ForbiddenRedirect {
        /// Where the redirect came from.
        from: SafeUrl,
        /// Where it led.
        to: SafeUrl,
        /// Why nobody may be asked there.
        reason: String,
    },
    /// More redirects than are followed.
    #[error("{url}: more than {max} redirects")]
    TooManyRedirects {
        /// The first URL of the chain.
        url: SafeUrl,
        /// How many are followed.
        max: u8,
    },
    /// The deadline of the request passed.
    #[error("{url}: no complete answer before the deadline")]
    Deadline {
        /// What was asked.
        url: SafeUrl,
    },
    /// Nothing arrived for too long.
    #[error("{url}: no byte for {} s", idle.as_secs())]
    Stalled {
        /// What was asked.
        url: SafeUrl,
        /// For how long nothing arrived.
        idle: Duration,
    },
    /// The body is larger than the request allowed.
    #[error("{url}: more than the allowed {max} bytes")]
    TooLarge {
        /// What was asked.
        url: SafeUrl,
        /// The bound.
        max: u64,
    },
    /// The connection broke, or what came is not HTTP.
    #[error("{url}: connection broke: {reason}")]
    Broken {
        /// What was asked.
        url: SafeUrl,
        /// What the connection said.
        reason: String,
    },
    /// The body ended before, or went on after, the length that the server declared.
    #[error("{url}: {got} bytes came, {declared} were declared")]
    Length {
        /// What was asked.
        url: SafeUrl,
        /// The server's Content-Length.
        declared: u64,
        /// What came.
        got: u64,
    },
    /// The body is encoded in a way that was not asked for.
    #[error("{url}: content encoding `{encoding}` was not asked for")]
    Encoding {
        /// What was asked.
        url: SafeUrl,
        /// The server's Content-Encoding.
        encoding: String,
    },
    /// A `file:` URL that cannot be read.
    #[error("{url}: {reason}")]
    File {
        /// What was asked.
        url: SafeUrl,
        /// What the system said.
        reason: String,
    },
    /// A program that was to ask in our place.
    #[error("{url}: {reason}")]
    Program {
        /// What was asked.
        url: SafeUrl,
        /// That it is not there, or what it said.
        reason: String,
    },
    /// The user interrupted the run.
    #[error("{url}: interrupted")]
    Interrupted {
        /// What was asked.
        url: SafeUrl,
    },
}

/// The step at which no connection came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectFailure {
    /// The name did not resolve.
    Name,
    /// No connection to the address.
    Address,
    /// The certificate or the TLS handshake.
    Tls,
}

impl std::fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ConnectFailure::Name => "cannot resolve the host name",
            ConnectFailure::Address => "cannot connect",
            ConnectFailure::Tls => "no secure connection",
        })
    }
}

impl FetchError {
    /// Returns whether the same request may well succeed a moment later: a broken connection or one
    /// that was refused. A stall is not one, it has cost its time already.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            FetchError::Broken { .. }
                | FetchError::Length { .. }
                | FetchError::Connect { kind: ConnectFailure::Address, .. }
        )
    }

    /// Returns whether nobody was there to answer, as when a host or the way to it is down. Who answers something odd is there.
    pub fn is_silence(&self) -> bool {
        matches!(
            self,
            FetchError::Broken { .. }
                | FetchError::Deadline { .. }
                | FetchError::Stalled { .. }
                | FetchError::Connect { kind: ConnectFailure::Address | ConnectFailure::Name, .. }
        )
    }

    /// Returns the fetch error that `error` carries, when reading a [`crate::Body`] gave it.
    pub fn in_io(error: &io::Error) -> Option<&FetchError> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<FetchError> for io::Error {
    fn from(error: FetchError) -> io::Error {
        let kind = match &error {
            FetchError::Deadline { .. } | FetchError::Stalled { .. } => io::ErrorKind::TimedOut,
            FetchError::Broken { .. } | FetchError::Length { .. } => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}
