//! A host and a user's home folder, for tests.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gosum_fetch::{Body, Fetch, FetchError, Headers, Request, Response, SafeUrl};

use super::{Access, GoAuth, Secret, Settings, basic};

/// A server that wants `Authorization: WANTED`, and notes what it was asked.
pub(super) struct Server {
    pub(super) wanted: String,
    asked: Mutex<Vec<(String, Vec<String>)>>,
    /// What it says to the next request, whatever that brings.
    next: Mutex<Option<u16>>,
    /// What it says to whoever brings credentials.
    to_known: Mutex<Option<u16>>,
    /// Where it leads: from the beginning of a URL to another one.
    moved: Mutex<Option<(String, String)>>,
}

impl Server {
    /// Answers the next request with `status`.
    pub(super) fn say(&self, status: u16) {
        *self.next.lock().unwrap() = Some(status);
    }

    /// Answers all requests with credentials with `status`.
    pub(super) fn say_with_credentials(&self, status: u16) {
        *self.to_known.lock().unwrap() = Some(status);
    }

    /// Answers for `to` whoever asks for what begins with `from`, as redirects that have been followed do.
    pub(super) fn lead(&self, from: &str, to: &str) {
        *self.moved.lock().unwrap() = Some((from.to_owned(), to.to_owned()));
    }
}

impl Fetch for Server {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        let headers: Vec<String> =
            request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let is_known = headers.iter().any(|header| header.starts_with("Authorization: "));
        let is_good = headers.contains(&format!("Authorization: {}", self.wanted));
        let asked = request.url.to_string();
        let (mut url, mut is_led) = (request.url, false);
        if let Some((from, to)) = &*self.moved.lock().unwrap()
            && let Some(rest) = asked.strip_prefix(from)
        {
            (url, is_led) = (SafeUrl::parse(&format!("{to}{rest}")).unwrap(), true);
        }
        self.asked.lock().unwrap().push((asked, headers));
        // a redirect takes no credentials along
        let usual = if is_good && !is_led { 200 } else { 401 };
        let to_known = self.to_known.lock().unwrap().filter(|_| is_known);
        let status = self.next.lock().unwrap().take().or(to_known).unwrap_or(usual);
        Ok(Response { status, url, headers: Headers::default(), body: Body::from_bytes(Vec::new()) })
    }
}

/// A user's home folder, and a server that lets in one user.
pub(super) struct Place {
    home: tempfile::TempDir,
    pub(super) server: Arc<Server>,
}

impl Place {
    pub(super) fn new(user: &str, password: &str) -> Place {
        let (_, wanted) = basic(user, &Secret::new(password));
        let (asked, next, to_known, moved) = Default::default();
        let server = Server { wanted: wanted.reveal().to_owned(), asked, next, to_known, moved };
        Place { home: tempfile::tempdir().unwrap(), server: Arc::new(server) }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(super) fn file(self, name: &str, text: &str) -> Place {
        std::fs::write(self.path(name), text).unwrap();
        self
    }

    /// Adds a program.
    #[cfg(unix)]
    pub(super) fn program(self, name: &str, text: &str) -> Place {
        let place = self.file(name, text);
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(place.path(name), executable).unwrap();
        place
    }

    pub(super) fn access(&self, goauth: &str) -> Arc<Access> {
        let vars = [("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned())].into();
        let settings = Settings { vars, home: Some(self.home.path().to_owned()) };
        Arc::new(Access::new(settings, GoAuth::parse(goauth).unwrap(), Arc::default()).unwrap())
    }

    /// Sends a request through `fetch`, and returns the status of the answer.
    pub(super) fn send(&self, fetch: &dyn Fetch, url: &str) -> u16 {
        let url = SafeUrl::parse(url).unwrap();
        fetch.send(Request::get(url, 10, Instant::now() + Duration::from_secs(9))).unwrap().status
    }

    /// Returns what the server was asked since the last time: URLs, and the headers of each.
    pub(super) fn asked(&self) -> Vec<(String, Vec<String>)> {
        std::mem::take(&mut self.server.asked.lock().unwrap())
    }
}
