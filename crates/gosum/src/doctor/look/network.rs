//! Asking the servers that gosum and go would ask, once each: whether they answer, how fast, and what time they have.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gosum_audit::source::direct::Reach;
use gosum_fetch::client;
use gosum_fetch::{Fetch, Request, Response, SafeUrl};
use gosum_git::Programs;
use gosum_git::access::{Access, ForGo};
use gosum_mod::setting::goproxy::{ListEnd, ProxyList};
use gosum_mod::setting::gosumdb::{Database, SumDb};
use jiff::fmt::rfc2822::DateTimeParser;

use crate::VERSION;
use crate::clients::Clients;
use crate::doctor::system::{Socket, SocketKind};
use crate::reach::UsersReach;
use crate::secret::without_credentials;
use crate::session::Session;

/// How long a server may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The largest answer that is accepted; it is not read.
const MAX_ANSWER: u64 = 64 << 20;
/// What a proxy is asked for: every proxy of public modules knows this one.
const MODULE: &str = "golang.org/x/mod/@v/list";

/// A git host, as `--host` names it.
#[derive(Debug, Clone)]
pub(crate) struct Host(SafeUrl);

impl Host {
    /// Returns the host that `text` names: a host, perhaps with a port, or an https URL.
    ///
    /// # Errors
    /// When it is neither. The text is not quoted: it may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Host, String> {
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}/") };
        match SafeUrl::parse(&whole) {
            Ok(url) if url.scheme() == "https" => Ok(Host(url)),
            _ => Err("a host is a name such as git.example.com, or an https URL".to_owned()),
        }
    }
}

/// Asks the proxies of GOPROXY, the checksum database, and `hosts`. With `GOPROXY=off` nobody is asked. Settings that
/// allow for no question are told as the reason why nobody answers.
pub(super) fn ask(session: &Session, hosts: &[Host]) -> Vec<Socket> {
    let Ok(list) = session.env.goproxy() else { return Vec::new() };
    if list.end == ListEnd::Off && list.proxies.is_empty() {
        return Vec::new();
    }
    let asker = match session.env.fault() {
        Some(fault) => Err(fault),
        None => Asker::new(session),
    };
    match asker {
        Ok(asker) => asker.ask_all(&list, session.env.sumdb().ok(), hosts),
        Err(error) => {
            let reason = without_credentials(&format!("{error:#}")).into_owned();
            let proxies = proxies(&list).into_iter().map(|url| (SocketKind::Proxy, url));
            let hosts = hosts.iter().map(|Host(url)| (SocketKind::GitHost, url.clone()));
            proxies.chain(hosts).map(|(kind, url)| unasked(kind, &url, &reason)).collect()
        }
    }
}

/// Returns the proxies that are asked over the network.
fn proxies(list: &ProxyList) -> Vec<SafeUrl> {
    // a malformed one is said of the setting
    let urls = list.proxies.iter().filter_map(|proxy| SafeUrl::parse(&proxy.url).ok());
    urls.filter(|url| matches!(url.scheme(), "http" | "https")).collect()
}

/// Who asks, with the settings of proxies, certificates and credentials that an audit would use.
struct Asker {
    go: ForGo,
    reach: UsersReach,
    began: Instant,
    now: SystemTime,
}

impl Asker {
    fn new(session: &Session) -> anyhow::Result<Asker> {
        let options = client::Options {
            certificates: session.env.certificates(),
            proxies: session.env.proxies()?,
            routes: session.routes.clone(),
            user_agent: format!("gosum/{VERSION}"),
            ..client::Options::default()
        };
        let clients = Arc::new(Clients::new(options, session.interrupt.clone()));
        let settings = session.env.access();
        let programs = Arc::new(Programs::new(None, &settings.vars));
        let stopped = programs.clone();
        session.interrupt.on_raise(move || stopped.stop());
        let access = Arc::new(Access::new(settings, session.env.goauth()?, programs.clone())?);
        let go = ForGo::new(clients.common()?, access.clone());
        Ok(Asker {
            go,
            reach: UsersReach { access, programs, clients },
            began: Instant::now(),
            now: session.now,
        })
    }

    fn ask_all(&self, list: &ProxyList, database: Option<SumDb>, hosts: &[Host]) -> Vec<Socket> {
        let proxies = proxies(list);
        let mut sockets: Vec<Socket> = proxies
            .iter()
            .map(|url| self.ask(SocketKind::Proxy, &url.below(&format!("/{MODULE}")), &self.go))
            .collect();
        if let Some(SumDb::On(database)) = database {
            sockets.extend(self.ask_database(&database, &proxies));
        }
        sockets.extend(hosts.iter().map(|Host(url)| self.ask_host(url)));
        sockets
    }

    /// Asks the database where Go would: at the URL that is set, else through the first proxy that helps to reach it, else
    /// at its own host (spec 06 §2).
    fn ask_database(&self, database: &Database, proxies: &[SafeUrl]) -> Option<Socket> {
        let name = database.key.split('+').next().unwrap_or_default();
        let own = database.url.clone().unwrap_or_else(|| format!("https://{name}"));
        // a malformed one is said of the setting
        let own = SafeUrl::parse(&own).ok()?;
        let helps = |proxy: &&SafeUrl| {
            let supported = proxy.below(&format!("/sumdb/{name}/supported"));
            self.ask(SocketKind::Database, &supported, &self.go).status == Some(200)
        };
        let helper = proxies.iter().find(helps).filter(|_| database.url.is_none());
        let base = helper.map(|proxy| proxy.below(&format!("/sumdb/{name}"))).unwrap_or(own);
        Some(self.ask(SocketKind::Database, &base.below("/latest"), &self.go))
    }

    fn ask_host(&self, url: &SafeUrl) -> Socket {
        match self.reach.reach(&url.to_string(), &|fetch| fetch) {
            Ok(reached) if reached.url.scheme().starts_with("http") => {
                self.ask(SocketKind::GitHost, &reached.url, &*reached.fetch)
            }
            Ok(reached) => {
                let reason = format!("git's settings lead to {}, which is not asked over https", reached.url);
                unasked(SocketKind::GitHost, url, &reason)
            }
            Err(reason) => unasked(SocketKind::GitHost, url, &reason),
        }
    }

    fn ask(&self, kind: SocketKind, url: &SafeUrl, through: &dyn Fetch) -> Socket {
        let start = Instant::now();
        let answer = through.send(Request::get(url.clone(), MAX_ANSWER, start + TIMEOUT));
        let mut socket = Socket {
            kind,
            url: url.to_string(),
            status: None,
            milliseconds: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
            ahead: None,
            error: None,
        };
        match answer {
            Ok(response) => {
                socket.status = Some(response.status);
                socket.ahead = self.ahead(&response);
            }
            Err(error) => socket.error = Some(error.to_string()),
        }
        socket
    }

    /// Returns by how many seconds the server's clock is ahead; none when it does not say what time it is.
    fn ahead(&self, response: &Response) -> Option<i64> {
        let date = DateTimeParser::new().parse_timestamp(response.headers.get("date")?).ok()?.as_second();
        // an answer that was kept on the way says when it was made, and for how long it was kept
        let age: i64 = response.headers.get("age").map_or(Some(0), |age| age.parse().ok())?;
        let now = self.now.checked_add(self.began.elapsed())?.duration_since(UNIX_EPOCH).ok()?;
        date.checked_add(age)?.checked_sub(i64::try_from(now.as_secs()).ok()?)
    }
}

fn unasked(kind: SocketKind, url: &SafeUrl, reason: &str) -> Socket {
    let error = Some(reason.to_owned());
    Socket { kind, url: url.to_string(), status: None, milliseconds: 0, ahead: None, error }
}
