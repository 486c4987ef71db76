//! Everything that gosum asks over HTTP, and every `file://` proxy, is asked through here: one
//! pooled client behind the [`Fetch`] trait. Each request carries a bound on its bytes and a
//! deadline before the first byte is read; each host gets no more requests at once than is polite.
//!
//! Callers are plain threads with blocking calls. Only this crate knows that the client behind the
//! trait is asynchronous.
//!
//! Redirects, statuses and `file:` URLs follow the go command (spec 04 §2).
//!
//! ```
//! use std::time::{Duration, Instant};
//!
//! use gosum_fetch::client::{Client, Options};
//! use gosum_fetch::{Fetch, Request, SafeUrl};
//!
//! let dir = tempfile::tempdir()?;
//! std::fs::write(dir.path().join("go.mod"), "module example.com/a\n")?;
//!
//! let client = Client::new(Options { offline: true, ..Options::default() })?;
//! let url = SafeUrl::parse(&format!("file://{}/go.mod", dir.path().display()))?;
//! let deadline = Instant::now() + Duration::from_secs(10);
//! let response = client.send(Request::get(url, 1 << 20, deadline))?;
//! assert_eq!(response.status, 200);
//! assert_eq!(response.body.into_bytes()?, b"module example.com/a\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod client;
pub mod error;
pub mod guide;
pub mod limit;
pub mod meter;
pub mod request;
pub mod retry;
pub mod spool;
pub mod url;

mod body;
mod dial;
mod exchange;
mod failure;
mod file;
mod proxy;
mod redirect;
mod runtime;
mod tls;

pub use client::Client;
pub use error::{ConnectFailure, FetchError};
pub use request::{Body, Fetch, Headers, Method, Request, Response};
pub use retry::Retry;
pub use spool::Spool;
pub use url::{SafeUrl, UrlError};
