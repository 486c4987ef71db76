//! Requests with the user's credentials.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gosum_fetch::{Fetch, FetchError, Request, Response, SafeUrl};
use url::Url;

use super::config::GitConfig;
use super::goauth::{GoAuth, Headers, Silence, basic, look_up};
use super::helper;
use super::netrc;
use super::secret::Secret;
use super::{ConfigError, Settings};
use crate::program::Programs;

/// What the user's settings know of credentials. What hosts asked for is remembered for the run.
#[derive(Debug)]
pub struct Access {
    settings: Settings,
    config: GitConfig,
    goauth: GoAuth,
    programs: Arc<Programs>,
    /// What GOAUTH told so far; nothing as long as it was not asked.
    told: Mutex<Option<Headers>>,
    /// What was found for hosts that asked, by what is asked about.
    found: Mutex<HashMap<String, Arc<Mutex<Logins>>>>,
}

/// A name and a password for git.
#[derive(Debug, Clone)]
struct Login {
    /// Who knew them.
    by: usize,
    header: (String, Secret),
    /// The helpers that are told how it went.
    helper: Option<helper::Found>,
}

/// What was found so far for one host.
#[derive(Debug, Default)]
struct Logins {
    /// What is sent now.
    current: Option<Login>,
    /// Who is asked next.
    next: usize,
}

/// Who knows names and passwords, in the order in which git asks.
const KNOWERS: [fn(&Access, &Url) -> Option<Login>; 3] =
    [Access::by_netrc, Access::by_helpers, Access::by_program];

/// For whom a request is made: the go command and git know other credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What the go command asks itself: proxies and go-import pages. GOAUTH knows.
    Go,
    /// What git asks: repositories. `http.extraHeader`, netrc and git's credential helpers know.
    Git,
}

impl Access {
    /// Returns what `settings` say, with `goauth`, the value of GOAUTH.
    ///
    /// # Errors
    /// When git's configuration cannot be read, or GOAUTH names a folder that is none.
    pub fn new(settings: Settings, goauth: GoAuth, programs: Arc<Programs>) -> Result<Access, ConfigError> {
        let config = GitConfig::read(&settings)?;
        goauth.check_folders()?;
        let (told, found) = (Mutex::default(), Mutex::default());
        Ok(Access { settings, config, goauth, programs, told, found })
    }

    /// Returns git's configuration.
    pub fn config(&self) -> &GitConfig {
        &self.config
    }

    /// Returns the variables and files.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the headers that GOAUTH knows for `url`, and why some of it could not tell; it is asked once, and anew for what
    /// was refused.
    fn go_headers(&self, url: &Url, refused: Option<&str>) -> (Vec<(String, Secret)>, Vec<Silence>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut errors = Vec::new();
        if told.is_none() || refused.is_some() {
            let refused = refused.map(|answer| (url, answer));
            let (headers, reasons) = self.goauth.headers(&self.settings, &self.programs, refused);
            for silence in &reasons {
                tracing::warn!(reason = silence.reason, "no credentials");
            }
            told.get_or_insert_default().extend(headers);
            errors = reasons;
        }
        let found = told.as_ref().and_then(|headers| look_up(headers, url));
        (found.map(<[_]>::to_vec).unwrap_or_default(), errors)
    }

    fn extra_headers(&self, url: &Url) -> Vec<(String, Secret)> {
        let lines = self.config.all_for_url("http", "extraheader", url).into_iter();
        let headers = lines.filter_map(|line| line.split_once(':'));
        headers.map(|(name, value)| (name.trim().to_owned(), Secret::new(value.trim()))).collect()
    }

    /// Returns name and password for a host that asked git for them: those that are known, or the next ones if those were
    /// `refused`.
    fn login(&self, url: &Url, refused: Option<&Login>) -> Option<Login> {
        let logins = self.logins(url);
        let mut logins = logins.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = |login: &&Login| refused.is_none_or(|refused| refused.by < login.by);
        if let Some(login) = logins.current.as_ref().filter(is_new) {
            return Some(login.clone());
        }
        logins.current = None;
        while let Some(knower) = KNOWERS.get(logins.next) {
            let by = logins.next;
            logins.next += 1;
            if let Some(login) = knower(self, url) {
                logins.current = Some(Login { by, ..login });
                break;
            }
        }
        logins.current.clone()
    }

    /// Returns what is known already.
    fn known_login(&self, url: &Url) -> Option<Login> {
        self.logins(url).lock().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    fn logins(&self, url: &Url) -> Arc<Mutex<Logins>> {
        let mut key = url.origin().ascii_serialization() + url.username();
        if self.config.is_on("credential", "usehttppath", url) {
            key += url.path();
        }
        self.found.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }

    fn by_netrc(&self, url: &Url) -> Option<Login> {
        let text = netrc::read_text(&self.settings).unwrap_or_else(|(file, error)| {
            tracing::warn!(file = %file.display(), %error, "cannot read netrc");
            String::new()
        });
        let user = Some(url.username()).filter(|user| !user.is_empty());
        let found = netrc::find_for_git(&text, url.host_str()?, user)?;
        Some(Login { by: 0, header: basic(&found.login, &found.password), helper: None })
    }

    fn by_helpers(&self, url: &Url) -> Option<Login> {
        let found = helper::find(&self.config, &self.programs, url)?;
        Some(Login { by: 0, header: basic(&found.username, &found.password), helper: Some(found) })
    }

    fn by_program(&self, url: &Url) -> Option<Login> {
        let (username, password) = helper::ask_pass(&self.config, &self.settings, &self.programs, url)?;
        Some(Login { by: 0, header: basic(&username, &password), helper: None })
    }
}

/// Asks with the user's credentials: over https alone, and a host only with what is its own. A redirect to another host
/// takes none along.
pub struct Authorized {
    inner: Arc<dyn Fetch>,
    access: Arc<Access>,
    role: Role,
}

impl Authorized {
    /// Returns who asks through `inner` with the credentials that `access` knows for `role`.
    pub fn new(inner: Arc<dyn Fetch>, access: Arc<Access>, role: Role) -> Authorized {
        Authorized { inner, access, role }
    }

    fn send_for_go(&self, url: &Url, request: Request) -> Result<Response, FetchError> {
        let (headers, _) = self.access.go_headers(url, None);
        let response = self.inner.send(with(request.clone(), &headers))?;
        if !(400..500).contains(&response.status) {
            return Ok(response);
        }
        let (better, errors) = self.access.go_headers(url, Some(&answer_lines(&response)));
        // the go command asks once more in any case; the same question gives the same answer
        if better != headers {
            return self.inner.send(with(request, &better));
        }
        // where nobody could tell, what the host says to strangers is no answer
        let counts = |silence: &&Silence| silence.is_missing || matches!(response.status, 401 | 403 | 407);
        match errors.iter().find(counts).filter(|_| better.is_empty()) {
            Some(Silence { reason, .. }) => {
                let reason = format!("{reason} (status {})", response.status);
                Err(FetchError::Program { url: request.url, reason })
            }
            None => Ok(response),
        }
    }

    fn send_for_git(&self, url: &Url, request: &Request) -> Result<Response, FetchError> {
        let extra = self.access.extra_headers(url);
        let has_own = url.password().is_some() || is_authorized(&extra);
        let known = self.access.known_login(url).filter(|_| !has_own);
        let headers: Vec<_> = extra.iter().chain(known.iter().map(|login| &login.header)).cloned().collect();
        let mut response = self.inner.send(with(request.clone(), &headers))?;
        if response.status != 401 || has_own {
            return Ok(response);
        }
        // whoever asks is the one who is told: a redirect may have led to another host
        let (asked, mut refused) = match response.url.same_origin(&request.url) {
            true => (request.url.clone(), known),
            false => (response.url.clone(), None),
        };
        let Some(asked_url) = parsed(&asked).filter(|url| url.scheme() == "https") else {
            return Ok(response);
        };
        let extra = self.access.extra_headers(&asked_url);
        while let Some(login) = self.access.login(&asked_url, refused.as_ref()) {
            let headers: Vec<_> = extra.iter().chain([&login.header]).cloned().collect();
            response = self.inner.send(with(Request { url: asked.clone(), ..request.clone() }, &headers))?;
            let is_right = response.status != 401;
            if let Some(helper) = &login.helper {
                helper.tell(&self.access.programs, is_right);
            }
            if is_right {
                break;
            }
            refused = Some(login);
        }
        Ok(response)
    }
}

impl fmt::Debug for Authorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized").field("role", &self.role).finish_non_exhaustive()
    }
}

impl Fetch for Authorized {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        match parsed(&request.url).filter(|url| url.scheme() == "https") {
            Some(url) if self.role == Role::Go => self.send_for_go(&url, request),
            Some(url) => self.send_for_git(&url, &request),
            None => self.inner.send(request),
        }
    }

    fn pause(&self, wait: Duration) {
        self.inner.pause(wait);
    }
}

/// Returns the URL, with its user but without a password.
fn parsed(url: &SafeUrl) -> Option<Url> {
    let mut parsed = Url::parse(&url.to_string()).ok()?;
    if let Some((user, password)) = url.credentials() {
        parsed.set_username(user).ok()?;
        parsed.set_password(password).ok()?;
    }
    Some(parsed)
}

fn with(mut request: Request, headers: &[(String, Secret)]) -> Request {
    for (name, value) in headers {
        request = request.header(name, value.reveal());
    }
    request
}

fn is_authorized(headers: &[(String, Secret)]) -> bool {
    headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
}

/// Returns status line and headers of an answer, as commands are told them.
fn answer_lines(response: &Response) -> String {
    let headers = response.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    format!("HTTP/1.1 {}\n{}\n", response.status, headers.collect::<String>())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::time::Instant;

    use gosum_fetch::{Body, Headers as ResponseHeaders};

    use super::*;

    /// A server that wants `Authorization: WANTED`, and notes what it was asked.
    struct Server {
        wanted: String,
        asked: Mutex<Vec<(String, Vec<String>)>>,
    }

    impl Fetch for Server {
        fn send(&self, request: Request) -> Result<Response, FetchError> {
            let headers: Vec<String> =
                request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let good = headers.contains(&format!("Authorization: {}", self.wanted));
            self.asked.lock().unwrap().push((request.url.to_string(), headers));
            let body = Body::from_bytes(Vec::new());
            let status = if good { 200 } else { 401 };
            Ok(Response { status, url: request.url, headers: ResponseHeaders::default(), body })
        }
    }

    struct Place {
        home: tempfile::TempDir,
        server: Arc<Server>,
    }

    impl Place {
        fn new(user: &str, password: &str) -> Place {
            let (_, wanted) = basic(user, &Secret::new(password));
            let server = Server { wanted: wanted.reveal().to_owned(), asked: Mutex::default() };
            Place { home: tempfile::tempdir().unwrap(), server: Arc::new(server) }
        }

        fn file(self, name: &str, text: &str) -> Place {
            std::fs::write(self.home.path().join(name), text).unwrap();
            self
        }

        fn fetch(&self, role: Role, goauth: &str) -> Authorized {
            let vars = [("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned())].into();
            let settings = Settings { vars, home: Some(self.home.path().to_owned()) };
            let goauth = GoAuth::parse(goauth).unwrap();
            let access = Access::new(settings, goauth, Arc::default()).unwrap();
            Authorized::new(self.server.clone(), Arc::new(access), role)
        }

        fn asked(&self) -> Vec<(String, Vec<String>)> {
            std::mem::take(&mut self.server.asked.lock().unwrap())
        }
    }

    fn send(fetch: &Authorized, url: &str) -> u16 {
        let url = SafeUrl::parse(url).unwrap();
        fetch.send(Request::get(url, 10, Instant::now() + Duration::from_secs(9))).unwrap().status
    }

    #[test]
    fn git_sends_netrc_when_it_is_asked_to_and_from_then_on_at_once() {
        let place = Place::new("u", "p").file(".netrc", "machine git.example login u password p\n");
        let fetch = place.fetch(Role::Git, "");
        assert_eq!(send(&fetch, "https://git.example/a"), 200);
        assert_eq!(place.asked().len(), 2);
        assert_eq!(send(&fetch, "https://git.example/b"), 200);
        assert_eq!(place.asked().len(), 1);
        assert_eq!(send(&fetch, "https://other.example/a"), 401);
        assert_eq!(place.asked(), [("https://other.example/a".to_owned(), vec![])]);
    }

    #[test]
    fn git_asks_one_after_another_until_the_host_is_content() {
        let helper = "[credential]\n\thelper = \"!f() { echo username=u; echo password=wrong; }; f\"\n";
        let ask = "#!/bin/sh\ncase $1 in User*) echo u;; *) echo p;; esac\n";
        let place = Place::new("u", "p")
            .file(".netrc", "machine git.example login u password old\n")
            .file(".gitconfig", helper)
            .file("ask", ask);
        let program = place.home.path().join("ask");
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let place = place.file(".gitconfig", &format!("{helper}[core]\n\taskPass = {}\n", program.display()));
        let fetch = place.fetch(Role::Git, "");
        assert_eq!(send(&fetch, "https://git.example/a"), 200);
        assert_eq!(place.asked().len(), 4);
        // what was right is sent at once
        assert_eq!(send(&fetch, "https://git.example/b"), 200);
        assert_eq!(place.asked().len(), 1);
    }

    #[test]
    fn without_its_program_goauth_leaves_open_what_a_host_has() {
        let place = Place::new("u", "p");
        let fetch = place.fetch(Role::Go, "no-such-program-here");
        let url = SafeUrl::parse("https://proxy.example/a").unwrap();
        let deadline = Instant::now() + Duration::from_secs(9);
        let error = fetch.send(Request::get(url, 10, deadline)).map(|response| response.status).unwrap_err();
        assert!(error.to_string().contains("GOAUTH command no-such-program-here: "), "{error}");
        assert!(error.to_string().ends_with("(status 401)"), "{error}");
    }

    #[test]
    fn nothing_is_sent_over_plain_http() {
        for role in [Role::Git, Role::Go] {
            let place = Place::new("u", "p")
                .file(".netrc", "machine git.example login u password p\n")
                .file(".gitconfig", "[http]\n\textraHeader = X: secret\n");
            assert_eq!(send(&place.fetch(role, "netrc"), "http://git.example/a"), 401);
            assert_eq!(place.asked(), [("http://git.example/a".to_owned(), vec![])]);
        }
    }

    #[test]
    fn git_asks_its_helpers_once_a_host() {
        let place = Place::new("u", "p").file(
            ".gitconfig",
            "[credential]\n\thelper = \"!f() { echo $1 >> ~/no-such; echo username=u; echo password=p; }; f\"\n\
             [http \"https://git.example/\"]\n\textraHeader = X-Team: a\n",
        );
        let fetch = place.fetch(Role::Git, "");
        assert_eq!(send(&fetch, "https://git.example/a"), 200);
        assert_eq!(send(&fetch, "https://git.example/b"), 200);
        let asked = place.asked();
        assert_eq!(asked.len(), 3);
        assert!(asked.iter().all(|(_, headers)| headers[0] == "X-Team: a"), "{asked:?}");
    }

    #[test]
    fn what_a_url_or_a_header_says_itself_is_not_replaced() {
        let place = Place::new("u", "p")
            .file(".netrc", "machine git.example login u password p\n")
            .file(".gitconfig", "[http]\n\textraHeader = Authorization: Bearer t\n");
        assert_eq!(send(&place.fetch(Role::Git, ""), "https://git.example/a"), 401);
        assert_eq!(
            place.asked(),
            [("https://git.example/a".to_owned(), vec!["Authorization: Bearer t".to_owned()])]
        );
        let place = Place::new("u", "p").file(".netrc", "machine git.example login u password p\n");
        assert_eq!(send(&place.fetch(Role::Git, ""), "https://v:w@git.example/a"), 401);
        assert_eq!(place.asked().len(), 1);
    }

    #[test]
    fn go_sends_what_goauth_knows_at_once_and_asks_it_again_when_refused() {
        let place = Place::new("u", "p").file(".netrc", "machine proxy.example login u password p\n");
        let fetch = place.fetch(Role::Go, "netrc");
        assert_eq!(send(&fetch, "https://proxy.example/a"), 200);
        assert_eq!(place.asked().len(), 1);
        let script = "test $# = 0 && exit 0\nread status\nprintf 'https://proxy.example\\n\\nAuthorization: %s\\n\\n' \"$WANTED\"\n";
        let place = Place::new("u", "p");
        let script = script.replace("$WANTED", &place.server.wanted);
        let place = place.file("auth", &script);
        let goauth = format!("sh {}", place.home.path().join("auth").display());
        let fetch = place.fetch(Role::Go, &goauth);
        assert_eq!(send(&fetch, "https://proxy.example/a"), 200);
        assert_eq!(place.asked().len(), 2);
        assert_eq!(send(&place.fetch(Role::Go, "off"), "https://proxy.example/a"), 401);
    }
}
