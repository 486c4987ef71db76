//! The client that asks the network.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::body::Bounded;
use crate::dial::Dial;
use crate::exchange::Exchange;
use crate::limit::HostCaps;
pub use crate::proxy::Proxies;
use crate::runtime::Runtime;
pub use crate::tls::Certificates;
use crate::{Body, Fetch, FetchError, Headers, Method, Request, Response, SafeUrl, file, redirect};

/// How a [`Client`] asks.
#[derive(Clone)]
pub struct Options {
    /// The most requests in flight, over all hosts: from the connection to the last byte of the body,
    /// or until that is dropped.
    pub jobs: usize,
    /// The most polite requests in flight for one host. An answer 429 halves it for that host.
    pub per_host: usize,
    /// For how long nothing may arrive: between sending a request and the end of the answer's headers,
    /// and between two parts of its body.
    pub idle: Duration,
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// Whose certificates are believed.
    pub certificates: Certificates,
    /// Whether anybody's certificate is believed, which is to read at most what anybody may forge.
    pub unchecked: bool,
    /// The HTTP proxies on the way to the network.
    pub proxies: Proxies,
    /// Host names that are reached at a loopback address, in plain HTTP and past all proxies, whatever
    /// the scheme and port of a URL say. All else behaves as if they were what the URL says. For worlds
    /// of one's own making.
    pub routes: BTreeMap<String, SocketAddr>,
    /// Whether only `file:` URLs may be asked.
    pub offline: bool,
    /// The User-Agent header.
    pub user_agent: String,
    /// Who is told of each request.
    pub observer: Option<Arc<dyn Observer>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            jobs: 64,
            per_host: 4,
            idle: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            certificates: Certificates::default(),
            unchecked: false,
            proxies: Proxies::default(),
            routes: BTreeMap::new(),
            offline: false,
            user_agent: "gosum".to_owned(),
            observer: None,
        }
    }
}

/// Someone who is told of each request, in the thread of its sender. One that is redirected is told
/// once for each step.
pub trait Observer: Send + Sync {
    /// A request is about to be sent.
    fn asked(&self, method: Method, url: &SafeUrl);

    /// Its answer came, up to the headers, or did not.
    fn answered(&self, method: Method, url: &SafeUrl, answer: Result<u16, &FetchError>, elapsed: Duration);
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nothing could ever be asked.
    #[error("`{option}` must be at least 1")]
    Zero {
        /// The name of the option.
        option: &'static str,
    },
    /// A route leads to another machine, which would be spoken to unencrypted.
    #[error("`{host}` is routed to {address}, which is not on this machine")]
    Route {
        /// The host name.
        host: String,
        /// Where it is routed to.
        address: SocketAddr,
    },
    /// A proxy that cannot be used.
    #[error("{reason}")]
    Proxy {
        /// Which proxy, and what is wrong with it.
        reason: String,
    },
    /// The HTTP library refuses a setting, such as a user agent with a line end.
    #[error("cannot set up the HTTP client: {reason}")]
    Setup {
        /// What it said.
        reason: String,
    },
    /// The system gives no further thread.
    #[error("cannot start the network thread")]
    Thread {
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The one client of a run: it keeps connections, and what hosts said of too many requests. Dropping it
/// leaves the bodies alone that are still being read.
///
/// Its calls block, and must not be made within an asynchronous runtime.
pub struct Client {
    runtime: Arc<Runtime>,
    dial: Dial,
    jobs: Arc<Semaphore>,
    hosts: HostCaps,
    idle: Duration,
    offline: bool,
    observer: Option<Arc<dyn Observer>>,
}

impl Client {
    /// Returns a client that has asked, connected and read nothing yet.
    ///
    /// # Errors
    /// When an option makes no sense, or the system gives no thread.
    pub fn new(options: Options) -> Result<Client, ClientError> {
        for (option, value) in [("jobs", options.jobs), ("per_host", options.per_host)] {
            if value == 0 {
                return Err(ClientError::Zero { option });
            }
        }
        Ok(Client {
            dial: Dial::new(&options)?,
            runtime: Arc::new(Runtime::start().map_err(|source| ClientError::Thread { source })?),
            jobs: Arc::new(Semaphore::new(options.jobs.min(Semaphore::MAX_PERMITS))),
            hosts: HostCaps::new(options.per_host.min(Semaphore::MAX_PERMITS)),
            idle: options.idle,
            offline: options.offline,
            observer: options.observer,
        })
    }

    /// Ends all requests and bodies with [`FetchError::Interrupted`], those under way at once and those
    /// that come before they begin.
    pub fn interrupt(&self) {
        self.runtime.stop();
    }

    /// Sends one request, and follows no redirect.
    fn ask(&self, request: &Request) -> Result<Response, FetchError> {
        self.check(&request.url)?;
        if let Some(observer) = &self.observer {
            observer.asked(request.method, &request.url);
        }
        let start = Instant::now();
        let answer = match request.url.scheme() {
            "file" => file::open(request, &self.runtime),
            _ => self.exchange(request),
        };
        let (elapsed, status) = (start.elapsed(), answer.as_ref().map(|response| response.status));
        tracing::debug!(method = %request.method, url = %request.url, ?status, ?elapsed, "asked");
        if let Some(observer) = &self.observer {
            observer.answered(request.method, &request.url, status, elapsed);
        }
        answer
    }

    /// Returns why `url` must not be asked, if so.
    fn check(&self, url: &SafeUrl) -> Result<(), FetchError> {
        let (scheme, url) = (url.scheme(), url.clone());
        match scheme {
            _ if self.runtime.is_stopped() => Err(FetchError::Interrupted { url }),
            "file" => Ok(()),
            _ if self.offline => Err(FetchError::Offline { url }),
            "http" if url.credentials().is_some() => Err(FetchError::Credentials { url }),
            "http" | "https" => Ok(()),
            _ => Err(FetchError::Scheme { url }),
        }
    }

    fn exchange(&self, request: &Request) -> Result<Response, FetchError> {
        let exchange = Exchange {
            prepared: self.dial.prepare(request)?,
            url: request.url.clone(),
            deadline: request.deadline.into(),
            idle: self.idle,
            jobs: self.jobs.clone(),
            host: self.hosts.of(request.url.host()),
            polite: request.polite,
        };
        let (head, download) = exchange.start(&self.runtime)?;
        let url = request.url.clone();
        let mut body = Bounded::new(request, head.declared, download);
        // the status still counts: a page of some 404 may come compressed, asked or not
        if let Some(encoding) = unwanted_encoding(&head.headers) {
            body = body.refuse(FetchError::Encoding { url: url.clone(), encoding: encoding.to_owned() });
        }
        let body = Body::new(Box::new(body), head.declared);
        Ok(Response { status: head.status, url, headers: head.headers, body })
    }
}

/// Returns an encoding of the body that nobody asked for, if there is one. Of those of the transfer, only `chunked`
/// has been undone; as Go does, all others are refused.
fn unwanted_encoding(headers: &Headers) -> Option<&str> {
    let is_plain = |name: &str, value: &str| match () {
        () if name.eq_ignore_ascii_case("content-encoding") => {
            value.is_empty() || value.eq_ignore_ascii_case("identity")
        }
        () if name.eq_ignore_ascii_case("transfer-encoding") => value.eq_ignore_ascii_case("chunked"),
        () => true,
    };
    headers.iter().find(|(name, value)| !is_plain(name, value.trim())).map(|(_, value)| value)
}

impl Fetch for Client {
    /// Sends `request`, follows its redirects, and returns the answer once its headers have come. Waits
    /// while too many requests are in flight.
    ///
    /// An answer in an encoding that nobody asked for has a body that gives [`FetchError::Encoding`].
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        redirect::follow(request, |request| self.ask(request), |_, _| Ok(()))
    }

    /// Waits, until [`Client::interrupt`] at most.
    fn pause(&self, wait: Duration) {
        self.runtime.pause(wait);
    }
}
