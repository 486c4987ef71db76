//! What the go command asks itself, proxies and go-import pages, with the credentials that GOAUTH knows.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gosum_fetch::{Fetch, FetchError, Request, Response};
use url::Url;

use super::goauth::Silence;
use super::{Access, with, with_user};

/// Asks with what GOAUTH knows: over https alone, and a host only with what is its own. A redirect to another host takes
/// nothing along.
pub struct ForGo {
    inner: Arc<dyn Fetch>,
    access: Arc<Access>,
}

impl ForGo {
    /// Returns who asks through `inner` with the credentials that `access` knows.
    pub fn new(inner: Arc<dyn Fetch>, access: Arc<Access>) -> ForGo {
        ForGo { inner, access }
    }

    fn send_with_credentials(&self, url: &Url, request: Request) -> Result<Response, FetchError> {
        let Access { settings, programs, goauth, .. } = &*self.access;
        let headers = goauth.headers(url, settings, programs);
        let response = self.inner.send(with(request.clone(), &headers))?;
        if !(400..500).contains(&response.status) {
            return Ok(response);
        }
        let (better, silences) = goauth.ask_again(url, &response, request.deadline, settings, programs);
        // the go command asks once more in any case; the same question gives the same answer
        if better != headers {
            return self.inner.send(with(request, &better));
        }
        // where nobody could tell, what the host says to strangers is no answer
        let counts = |silence: &&Silence| silence.is_missing || speaks_of_credentials(response.status);
        match silences.iter().find(counts).filter(|_| better.is_empty()) {
            Some(Silence { reason, .. }) => {
                let reason = format!("{reason} (status {})", response.status);
                Err(FetchError::Program { url: request.url, reason })
            }
            None => Ok(response),
        }
    }
}

/// Returns whether a host says with `status` that somebody else would be let in.
pub(super) fn speaks_of_credentials(status: u16) -> bool {
    matches!(status, 401 | 403 | 407)
}

impl fmt::Debug for ForGo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForGo").finish_non_exhaustive()
    }
}

impl Fetch for ForGo {
    fn send(&self, request: Request) -> Result<Response, FetchError> {
        match with_user(&request.url).filter(|url| url.scheme() == "https") {
            Some(url) => self.send_with_credentials(&url, request),
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
    use std::time::{Duration, Instant};

    use gosum_fetch::SafeUrl;

    use super::*;
    use crate::access::test::Place;

    fn fetch(place: &Place, goauth: &str) -> ForGo {
        ForGo::new(place.server.clone(), place.access(goauth))
    }

    #[test]
    fn without_its_program_goauth_leaves_open_what_a_host_has() {
        let place = Place::new("u", "p");
        let url = SafeUrl::parse("https://proxy.example/a").unwrap();
        let request = Request::get(url, 10, Instant::now() + Duration::from_secs(9));
        let error = fetch(&place, "no-such-program-here").send(request).map(|response| response.status);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("GOAUTH command no-such-program-here: "), "{error}");
        assert!(error.ends_with("(status 401)"), "{error}");
    }

    #[test]
    fn nothing_is_sent_over_plain_http() {
        let place = Place::new("u", "p").file(".netrc", "machine proxy.example login u password p\n");
        assert_eq!(place.send(&fetch(&place, "netrc"), "http://proxy.example/a"), 401);
        assert_eq!(place.asked(), [("http://proxy.example/a".to_owned(), vec![])]);
    }

    #[test]
    fn what_goauth_knows_is_sent_at_once_and_it_is_asked_again_when_refused() {
        let place = Place::new("u", "p").file(".netrc", "machine proxy.example login u password p\n");
        assert_eq!(place.send(&fetch(&place, "netrc"), "https://proxy.example/a"), 200);
        assert_eq!(place.asked().len(), 1);
        let place = Place::new("u", "p");
        let script = format!(
            "test $# = 0 && exit 0\nread status\nprintf 'https://proxy.example\\n\\nAuthorization: %s\\n\\n' '{}'\n",
            place.server.wanted
        );
        let place = place.file("auth", &script);
        let goauth = format!("sh {}", place.path("auth").display());
        assert_eq!(place.send(&fetch(&place, &goauth), "https://proxy.example/a"), 200);
        assert_eq!(place.asked().len(), 2);
        assert_eq!(place.send(&fetch(&place, "off"), "https://proxy.example/a"), 401);
    }

    #[test]
    fn a_command_takes_back_what_it_said() {
        // the second answer has no headers for the host, so those for all that is below it count no more
        let script = "if test $# = 0; then printf 'https://proxy.example\\n\\nX: 1\\n\\nhttps://proxy.example/a\\n\\nX: 2\\n\\n'\n\
                      else printf 'https://proxy.example/a\\n\\n\\n'; fi\n";
        let place = Place::new("u", "p").file("auth", script);
        let goauth = format!("sh {}", place.path("auth").display());
        assert_eq!(place.send(&fetch(&place, &goauth), "https://proxy.example/a/b"), 401);
        let sent: Vec<_> = place.asked().into_iter().map(|(_, headers)| headers).collect();
        assert_eq!(sent, [vec!["X: 2".to_owned()], vec!["X: 1".to_owned()]]);
    }

    #[test]
    fn what_is_not_there_is_asked_about_a_few_times_alone() {
        let place = Place::new("u", "p");
        let log = place.path("log");
        let place = place.file("auth", &format!("echo $# >> {}\n", log.display()));
        let fetch = fetch(&place, &format!("sh {}", place.path("auth").display()));
        for number in 0..20 {
            place.server.say(404);
            assert_eq!(place.send(&fetch, &format!("https://proxy.example/{number}")), 404);
        }
        let runs = || std::fs::read_to_string(&log).unwrap().lines().count();
        assert!((2..20).contains(&runs()), "{}", runs());
        // that somebody else would be let in is another matter
        let before = runs();
        assert_eq!(place.send(&fetch, "https://proxy.example/b"), 401);
        assert_eq!(runs(), before + 1);
    }
}
