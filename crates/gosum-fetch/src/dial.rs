//! The connections: which client, proxy or address a request goes to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HOST};
use reqwest::redirect::Policy;
use rustls::RootCertStore;

use crate::client::{ClientError, Options};
use crate::failure;
use crate::proxy::Detours;
use crate::tls::{self, Certificates};
use crate::{ConnectFailure, FetchError, Method, Request, SafeUrl};

/// How much of one HTTP/2 answer may be on its way unread. A connection has room for several, so
/// that one that nobody reads does not hold up the others.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Two pools of connections: one that cannot speak TLS, and one that reads the trusted certificates
/// when it is first wanted. So a start costs nothing, and a machine without certificates has http.
pub(crate) struct Dial {
    plain: reqwest::Client,
    secure: OnceLock<Result<reqwest::Client, String>>,
    common: Common,
    certificates: Certificates,
    unchecked: bool,
    routes: BTreeMap<String, SocketAddr>,
}

/// A request as it is sent.
pub(crate) struct Prepared {
    /// The pool that sends it.
    pub(crate) client: reqwest::Client,
    pub(crate) request: reqwest::Request,
    /// The HTTP proxy that it goes through, if any.
    pub(crate) proxy: Option<String>,
}

/// What both pools have in common.
struct Common {
    user_agent: String,
    connect: Duration,
    idle: Duration,
    detours: Arc<Detours>,
}

impl Common {
    fn builder(&self) -> reqwest::ClientBuilder {
        let detours = self.detours.clone();
        // an explicit proxy, be it none, keeps the library from reading the environment
        let proxy = reqwest::Proxy::custom(move |url| detours.of(url).cloned());
        reqwest::Client::builder()
            .proxy(proxy)
            .redirect(Policy::none())
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect)
            .http2_initial_stream_window_size(STREAM_WINDOW)
            .http2_initial_connection_window_size(CONNECTION_WINDOW)
            // a connection that died unnoticed would stall every request to its host: ask it for a sign of life, and
            // have it replaced before the idle timeout of its requests
            .http2_keep_alive_interval(self.idle / 3)
            .http2_keep_alive_timeout(self.idle / 3)
    }
}

impl Dial {
    /// Returns the pools that `options` describe. Nothing is connected or read yet.
    pub(crate) fn new(options: &Options) -> Result<Dial, ClientError> {
        let mut routes = BTreeMap::new();
        for (host, address) in &options.routes {
            if !address.ip().is_loopback() {
                return Err(ClientError::Route { host: host.clone(), address: *address });
            }
            routes.insert(host.to_ascii_lowercase(), *address);
        }
        let detours = Detours::parse(&options.proxies).map_err(|reason| ClientError::Proxy { reason })?;
        let common = Common {
            user_agent: options.user_agent.clone(),
            connect: options.connect,
            idle: options.idle,
            detours: Arc::new(detours),
        };
        let plain = tls::with_roots(common.builder(), RootCertStore::empty())
            .build()
            .map_err(|error| ClientError::Setup { reason: failure::reason(&error) })?;
        Ok(Dial {
            plain,
            secure: OnceLock::new(),
            common,
            certificates: options.certificates.clone(),
            unchecked: options.unchecked,
            routes,
        })
    }

    /// Returns `request` as it is sent.
    pub(crate) fn prepare(&self, request: &Request) -> Result<Prepared, FetchError> {
        let (url, host) = self.route(&request.url);
        let proxy = self.common.detours.of(url.inner());
        let client = self.pool(&url, proxy)?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let is_authorized =
            request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()));
        let url = if is_authorized { url.without_credentials() } else { url };
        let mut builder = client.request(method, url.inner().clone());
        if request.method == Method::Post {
            builder = builder.body(request.body.clone());
        }
        if let Some(host) = host {
            builder = builder.header(HOST, host);
        }
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let built = builder.build().map_err(|error| failure::of_building(&request.url, &error))?;
        Ok(Prepared { client, request: built, proxy: proxy.map(authority) })
    }

    /// Returns the URL that is really asked, and the Host header when it is another one's.
    fn route(&self, url: &SafeUrl) -> (SafeUrl, Option<String>) {
        let Some(address) = self.routes.get(url.host()) else { return (url.clone(), None) };
        (url.clone().at(*address), Some(authority(url.inner())))
    }

    fn pool(&self, url: &SafeUrl, proxy: Option<&Url>) -> Result<reqwest::Client, FetchError> {
        if ![Some(url.inner()), proxy].into_iter().flatten().any(|url| url.scheme() == "https") {
            return Ok(self.plain.clone());
        }
        let secure = self.secure.get_or_init(|| {
            let builder = self.common.builder();
            let builder = match self.unchecked {
                true => tls::without_checks(builder),
                false => tls::with_trust(builder, &self.certificates)?,
            };
            builder.build().map_err(|error| failure::reason(&error))
        });
        let no_trust = |reason| FetchError::Connect { url: url.clone(), kind: ConnectFailure::Tls, reason };
        secure.clone().map_err(no_trust)
    }
}

/// Returns the host of `url`, with its port unless that is the scheme's own.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or("");
    url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"))
}
