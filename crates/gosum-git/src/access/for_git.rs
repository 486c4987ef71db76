//! What git asks, with the credentials that it would send: those of `http.extraHeader`, netrc, credential helpers and the
//! program that asks for passwords.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use gosum_fetch::{Fetch, FetchError, Request, Response, SafeUrl};
use url::Url;

use super::helper::{self, Filled, Question};
use super::{Access, Header, Secret, basic, netrc, with, with_user};

/// Asks for one repository: over https with the user's credentials, each sent to its own host alone. A redirect to another
/// host takes none along.
pub struct ForGit {
    inner: Arc<dyn Fetch>,
    access: Arc<Access>,
    repository: SafeUrl,
    /// How many of the logins for a host have been refused to the repository, by the host's origin.
    refused: Mutex<HashMap<String, usize>>,
}

/// The logins that have been found, by what was asked.
#[derive(Debug, Default)]
pub(super) struct Logins(Mutex<HashMap<Knower, Arc<Known>>>);

/// Who is asked for a name and a password, and what: the same question has the same answer for all repositories.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Knower {
    /// netrc, of this host, if not also of this user.
    Netrc { origin: String, host: String, user: Option<String> },
    /// The credential helpers, and the program that asks for passwords.
    Helpers(Question),
}

/// What became of a question.
#[derive(Debug, Default)]
struct Known {
    login: OnceLock<Option<Login>>,
    /// Whether a host has let somebody in with it.
    is_right: AtomicBool,
}

/// A name and a password for git.
#[derive(Debug)]
struct Login {
    header: Header,
    /// What helpers are told of it.
    filled: Option<Filled>,
}

impl Access {
    fn extra_headers(&self, url: &Url) -> Vec<Header> {
        let lines = self.config.all_for_url("http", "extraheader", url).into_iter();
        let headers = lines.filter_map(|line| line.split_once(':'));
        headers.map(|(name, value)| (name.trim().to_owned(), Secret::new(value.trim()))).collect()
    }

    /// Returns what is known from `knower`, who is asked if that has not been done.
    fn ask(&self, knower: &Knower) -> Arc<Known> {
        let known = self.known(knower);
        known.login.get_or_init(|| match knower {
            Knower::Netrc { host, user, .. } => self.by_netrc(host, user.as_deref()),
            Knower::Helpers(question) => {
                let filled = helper::fill(question, &self.config, &self.settings, &self.programs)?;
                Some(Login { header: basic(&filled.username, &filled.password), filled: Some(filled) })
            }
        });
        known
    }

    fn known(&self, knower: &Knower) -> Arc<Known> {
        let mut logins = self.logins.0.lock().unwrap_or_else(PoisonError::into_inner);
        logins.entry(knower.clone()).or_default().clone()
    }

    fn by_netrc(&self, host: &str, user: Option<&str>) -> Option<Login> {
        let text = netrc::read_text(&self.settings).unwrap_or_else(|(file, error)| {
            tracing::warn!(file = %file.display(), %error, "cannot read netrc");
            String::new()
        });
        let found = netrc::find_for_git(&text, host, user)?;
        Some(Login { header: basic(&found.login, &found.password), filled: None })
    }
}

impl Known {
    fn header(&self) -> Option<&Header> {
        Some(&self.login.get()?.as_ref()?.header)
    }

    fn has_opened(&self) -> bool {
        self.is_right.load(Ordering::Relaxed)
    }

    /// Learns from the answer that a host gave to the login. A login that has been right is not taken for wrong because one
    /// repository refuses it; and an answer that speaks of something else says nothing about it.
    fn learn(&self, status: u16, access: &Access) {
        let filled = self.login.get().and_then(|login| login.as_ref()?.filled.as_ref());
        let tell = |is_right| filled.iter().for_each(|filled| filled.tell(&access.programs, is_right));
        match status {
            200..300 if !self.is_right.swap(true, Ordering::Relaxed) => tell(true),
            401 if !self.has_opened() => tell(false),
            _ => {}
        }
    }
}

/// One host, as far as it is asked for the repository.
struct Door {
    origin: String,
    /// Headers that go along in any case.
    headers: Vec<Header>,
    /// Who is asked for names and passwords, in this order.
    knowers: Vec<Knower>,
}

impl Door {
    /// Returns how the repository `url` is asked for, which may be another one than at first after a redirect.
    fn new(url: &SafeUrl, access: &Access) -> Option<Door> {
        let has_password = url.credentials().is_some_and(|(_, password)| password.is_some());
        let url = with_user(url).filter(|url| url.scheme() == "https")?;
        let headers = access.extra_headers(&url);
        let is_authorized = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let origin = url.origin().ascii_serialization();
        let host = url.host_str()?.to_owned();
        // what a URL or a header says itself is not replaced
        let question = Question::about(&url, &access.config).filter(|_| !has_password && !is_authorized);
        let knowers = question.map_or(Vec::new(), |question| {
            let user = question.user_in_url.clone();
            vec![Knower::Netrc { origin: origin.clone(), host, user }, Knower::Helpers(question)]
        });
        Some(Door { origin, headers, knowers })
    }
}

impl ForGit {
    /// Returns who asks for `repository` through `inner` with the credentials that `access` knows.
    pub fn new(inner: Arc<dyn Fetch>, access: Arc<Access>, repository: SafeUrl) -> ForGit {
        ForGit { inner, access, repository, refused: Mutex::default() }
    }

    fn refused(&self) -> std::sync::MutexGuard<'_, HashMap<String, usize>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the place of the next login to try, and what is known of it.
    fn next_login(&self, door: &Door, from: usize) -> Option<(usize, Arc<Known>)> {
        let from = from.max(self.refused().get(&door.origin).copied().unwrap_or(0));
        let all = door.knowers.iter().enumerate().skip(from);
        all.map(|(at, knower)| (at, self.access.ask(knower))).find(|(_, known)| known.header().is_some())
    }

    /// Returns the login that has opened the host before, if the repository has not refused it: it is sent unasked.
    fn proven_login(&self, door: &Door) -> Option<(usize, Arc<Known>)> {
        let from = self.refused().get(&door.origin).copied().unwrap_or(0);
        let all = door.knowers.iter().enumerate().skip(from);
        all.map(|(at, knower)| (at, self.access.known(knower))).find(|(_, known)| known.has_opened())
    }

    fn send_through(
        &self,
        door: &Door,
        request: Request,
        login: Option<&(usize, Arc<Known>)>,
    ) -> Result<Response, FetchError> {
        let asked = request.url.clone();
        let header = login.and_then(|(_, known)| known.header());
        let response = self.inner.send(with(request, door.headers.iter().chain(header)))?;
        // of what another host says nothing is learned
        if let Some((at, known)) = login.filter(|_| response.url.same_origin(&asked)) {
            known.learn(response.status, &self.access);
            if response.status == 401 {
                let mut refused = self.refused();
                let count = refused.entry(door.origin.clone()).or_default();
                *count = (*count).max(at + 1);
            }
        }
        Ok(response)
    }

    fn send_with_credentials(&self, mut door: Door, mut request: Request) -> Result<Response, FetchError> {
        let mut login = self.proven_login(&door);
        let mut response = self.send_through(&door, request.clone(), login.as_ref())?;
        if response.status == 401 && !response.url.same_origin(&request.url) {
            // whoever asks is the one who is told
            let Some(other) = Door::new(&repository_of(&response.url), &self.access) else {
                return Ok(response);
            };
            (door, request.url, login) = (other, response.url.clone(), None);
        }
        while response.status == 401 {
            login = match self.next_login(&door, login.map_or(0, |(at, _)| at + 1)) {
                Some(login) => Some(login),
                None => break,
            };
            response = self.send_through(&door, request.clone(), login.as_ref())?;
        }
        Ok(response)
    }
}

/// Returns the repository of a URL that is asked for it.
fn repository_of(url: &SafeUrl) -> SafeUrl {
    let up = match url.path() {
        path if path.ends_with("/info/refs") => "..",
        path if path.ends_with("/git-upload-pack") => ".",
        _ => return url.clone(),
    };
    url.join(up).map_or_else(|_| url.clone(), |above| above.below(""))
}

impl fmt::Debug for ForGit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForGit").field("repository", &self.repository).finish_non_exhaustive()
    }
}

impl Fetch for ForGit {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        let is_at_home = request.url.same_origin(&self.repository);
        let repository = if is_at_home { self.repository.clone() } else { repository_of(&request.url) };
        match Door::new(&repository, &self.access) {
            Some(door) => self.send_with_credentials(door, request),
            None => self.inner.send(request),
        }
    }

    fn pause(&self, wait: Duration) {
        self.inner.pause(wait);
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::test::Place;

    fn fetch(place: &Place, access: &Arc<Access>, repository: &str) -> ForGit {
        ForGit::new(place.server.clone(), access.clone(), SafeUrl::parse(repository).unwrap())
    }

    /// Asks for the first answer of a repository.
    fn greet(place: &Place, access: &Arc<Access>, repository: &str) -> u16 {
        place.send(
            &fetch(place, access, repository),
            &format!("{repository}/info/refs?service=git-upload-pack"),
        )
    }

    fn authorized(asked: &[(String, Vec<String>)]) -> Vec<usize> {
        let is_authorized = |header: &&String| header.starts_with("Authorization: ");
        asked.iter().map(|(_, headers)| headers.iter().filter(is_authorized).count()).collect()
    }

    /// A helper that knows one name and password, and writes what it hears to `log`.
    fn helper(place: &Place, password: &str) -> String {
        let log = place.path("log");
        let log = log.display();
        format!(
            "helper = \"!f() {{ echo $1 >> {log}; cat >> {log}; echo username=u; echo password={password}; }}; f\"\n"
        )
    }

    fn heard(place: &Place) -> Vec<String> {
        let words = ["get", "store", "erase"];
        let text = std::fs::read_to_string(place.path("log")).unwrap_or_default();
        text.lines()
            .filter(|line| words.contains(line) || line.starts_with("path="))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn netrc_is_sent_when_a_host_asks_and_from_then_on_at_once() {
        let place = Place::new("u", "p").file(".netrc", "machine git.example login u password p\n");
        let access = place.access("");
        assert_eq!(greet(&place, &access, "https://git.example/a"), 200);
        assert_eq!(authorized(&place.asked()), [0, 1]);
        assert_eq!(greet(&place, &access, "https://git.example/b"), 200);
        assert_eq!(authorized(&place.asked()), [1]);
        assert_eq!(greet(&place, &access, "https://other.example/a"), 401);
        assert_eq!(authorized(&place.asked()), [0]);
    }

    #[test]
    fn one_after_another_is_asked_until_the_host_is_content() {
        let place = Place::new("u", "p").file(".netrc", "machine git.example login u password old\n");
        let helper = helper(&place, "p");
        let place = place.file(".gitconfig", &format!("[credential]\n\t{helper}"));
        let access = place.access("");
        assert_eq!(greet(&place, &access, "https://git.example/a"), 200);
        assert_eq!(authorized(&place.asked()), [0, 1, 1]);
        assert_eq!(heard(&place), ["get", "store"]);
        // what was right is sent at once, and helpers hear once that it is right
        assert_eq!(greet(&place, &access, "https://git.example/b"), 200);
        assert_eq!(authorized(&place.asked()), [1]);
        assert_eq!(heard(&place), ["get", "store"]);
    }

    #[test]
    fn a_program_is_asked_for_what_the_helpers_do_not_know() {
        let ask = "#!/bin/sh\ncase $1 in User*) echo wrong;; *) echo p;; esac\n";
        let place = Place::new("u", "p").program("ask", ask);
        let config = format!(
            "[credential]\n\thelper = \"!echo username=u; :\"\n[core]\n\taskPass = {}\n",
            place.path("ask").display()
        );
        let place = place.file(".gitconfig", &config);
        assert_eq!(greet(&place, &place.access(""), "https://git.example/a"), 200);
    }

    #[test]
    fn nothing_is_sent_over_plain_http() {
        let place = Place::new("u", "p")
            .file(".netrc", "machine git.example login u password p\n")
            .file(".gitconfig", "[http]\n\textraHeader = X: secret\n");
        assert_eq!(greet(&place, &place.access(""), "http://git.example/a"), 401);
        assert_eq!(place.asked()[0].1, Vec::<String>::new());
    }

    #[test]
    fn extra_headers_go_along_each_time() {
        let place = Place::new("u", "p")
            .file(".netrc", "machine git.example login u password p\n")
            .file(".gitconfig", "[http \"https://git.example/\"]\n\textraHeader = X-Team: a\n");
        let access = place.access("");
        assert_eq!(greet(&place, &access, "https://git.example/a"), 200);
        // a user that cannot be told to helpers is no reason to leave them out
        assert_eq!(greet(&place, &access, "https://a%0Ab@git.example/b"), 401);
        let asked = place.asked();
        assert_eq!(asked.len(), 3);
        assert!(asked.iter().all(|(_, headers)| headers[0] == "X-Team: a"), "{asked:?}");
    }

    #[test]
    fn what_a_url_or_a_header_says_itself_is_not_replaced() {
        let netrc = "machine git.example login u password p\n";
        let place = Place::new("u", "p")
            .file(".netrc", netrc)
            .file(".gitconfig", "[http]\n\textraHeader = Authorization: Bearer t\n");
        assert_eq!(greet(&place, &place.access(""), "https://git.example/a"), 401);
        let asked = place.asked();
        assert_eq!((asked.len(), &*asked[0].1), (1, &["Authorization: Bearer t".to_owned()][..]));
        let place = Place::new("u", "p").file(".netrc", netrc);
        assert_eq!(greet(&place, &place.access(""), "https://v:w@git.example/a"), 401);
        assert_eq!(place.asked().len(), 1);
    }

    #[test]
    fn a_repository_that_refuses_does_not_take_the_login_from_others() {
        let place = Place::new("u", "p");
        let helper = helper(&place, "p");
        let place = place.file(".gitconfig", &format!("[credential]\n\t{helper}"));
        let access = place.access("");
        assert_eq!(greet(&place, &access, "https://git.example/a"), 200);
        place.asked();
        let closed = fetch(&place, &access, "https://git.example/closed");
        place.server.say(401);
        assert_eq!(place.send(&closed, "https://git.example/closed/info/refs"), 401);
        assert_eq!(authorized(&place.asked()), [1]);
        assert_eq!(greet(&place, &access, "https://git.example/b"), 200);
        assert_eq!(authorized(&place.asked()), [1]);
        assert_eq!(heard(&place), ["get", "store"]);
    }

    #[test]
    fn only_a_welcome_is_an_approval_and_only_a_refusal_is_none() {
        for (status, then) in
            [(403, &["get"][..]), (404, &["get"]), (503, &["get"]), (401, &["get", "erase"])]
        {
            let place = Place::new("u", "p");
            let helper = helper(&place, "wrong");
            let place = place.file(".gitconfig", &format!("[credential]\n\t{helper}"));
            let fetch = fetch(&place, &place.access(""), "https://git.example/a");
            place.server.say_with_credentials(status);
            assert_eq!(place.send(&fetch, "https://git.example/a/info/refs"), status);
            assert_eq!(heard(&place), then, "{status}");
        }
    }

    #[test]
    fn helpers_that_want_to_know_the_path_have_a_login_for_each() {
        let place = Place::new("u", "p");
        let helper = helper(&place, "p");
        let place = place.file(".gitconfig", &format!("[credential]\n\tuseHttpPath\n\t{helper}"));
        let access = place.access("");
        for repository in ["https://git.example/a", "https://git.example/b%20c"] {
            let fetch = fetch(&place, &access, repository);
            assert_eq!(place.send(&fetch, &format!("{repository}/info/refs?service=git-upload-pack")), 200);
            assert_eq!(place.send(&fetch, &format!("{repository}/git-upload-pack")), 200);
            assert_eq!(authorized(&place.asked()), [0, 1, 1]);
        }
        let expected = ["get", "path=a", "store", "path=a", "get", "path=b c", "store", "path=b c"];
        assert_eq!(heard(&place), expected);
    }

    #[test]
    fn two_users_of_one_host_are_two() {
        let helper = "[credential]\n\thelper = \"!f() { sed -n 's/^username=/password=of-/p'; }; f\"\n";
        let place = Place::new("a", "of-a").file(".gitconfig", helper);
        let access = place.access("");
        assert_eq!(greet(&place, &access, "https://b@git.example/x"), 401);
        assert_eq!(greet(&place, &access, "https://a@git.example/x"), 200);
        place.asked();
        assert_eq!(greet(&place, &access, "https://b@git.example/x"), 401);
        let right = format!("Authorization: {}", place.server.wanted);
        assert!(place.asked().iter().all(|(_, headers)| !headers.contains(&right)));
    }

    #[test]
    fn whoever_asks_after_a_redirect_is_told_its_own_alone() {
        let place = Place::new("u", "p")
            .file(
                ".netrc",
                "machine old.example login o password x\nmachine new.example login u password p\n",
            )
            .file(".gitconfig", "[http \"https://old.example/\"]\n\textraHeader = X-Old: 1\n");
        place.server.lead("https://old.example/", "https://new.example/");
        assert_eq!(greet(&place, &place.access(""), "https://old.example/a"), 200);
        let asked = place.asked();
        assert_eq!(authorized(&asked), [0, 1]);
        assert_eq!(asked[0].1, ["X-Old: 1"]);
        assert_eq!(asked[1].0, "https://new.example/a/info/refs?service=git-upload-pack");
        assert_eq!(asked[1].1.len(), 1, "{asked:?}");
    }

    #[test]
    fn the_repository_of_a_request_is_known() {
        let of = |url: &str| repository_of(&SafeUrl::parse(url).unwrap()).to_string();
        assert_eq!(of("https://a.example/b/c/info/refs?service=x"), "https://a.example/b/c");
        assert_eq!(of("https://a.example/b/c/git-upload-pack"), "https://a.example/b/c");
    }
}
