//! URLs that never show the credentials they carry.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// A URL with a scheme and, unless it is a `file:` URL, a host. Its text form and its debug form
/// leave user name and password out; only [`SafeUrl::credentials`] gives them. They leave out the query, too, where a
/// redirect led with another one than was asked: it may be what opens the target.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeUrl {
    url: Arc<reqwest::Url>,
    hides_query: bool,
}

/// Why a text is no URL that can be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// The text does not follow the grammar of URLs. The text is not shown: it may hold a password.
    #[error("not a URL: {reason}")]
    Syntax {
        /// What the parser found.
        reason: String,
    },
    /// A URL of a host that names none.
    #[error("a {scheme} URL needs a host")]
    NoHost {
        /// The scheme of the URL.
        scheme: String,
    },
}

impl SafeUrl {
    /// Returns the URL that `text` spells.
    ///
    /// # Errors
    /// When `text` is no absolute URL, or one without a host whose scheme is not `file`.
    pub fn parse(text: &str) -> Result<SafeUrl, UrlError> {
        let url =
            reqwest::Url::parse(text).map_err(|error| UrlError::Syntax { reason: error.to_string() })?;
        if url.scheme() != "file" && url.host_str().is_none_or(str::is_empty) {
            return Err(UrlError::NoHost { scheme: url.scheme().to_owned() });
        }
        Ok(SafeUrl::of(url))
    }

    fn of(url: reqwest::Url) -> SafeUrl {
        SafeUrl { url: Arc::new(url), hides_query: false }
    }

    /// Returns the scheme, in lower case.
    pub fn scheme(&self) -> &str {
        self.url.scheme()
    }

    /// Returns the host, in lower case; empty for a `file:` URL.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("")
    }

    /// Returns the path, percent-escaped.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// Returns user name and password, percent-escaped as written, when the URL has either.
    pub fn credentials(&self) -> Option<(&str, Option<&str>)> {
        let (user, password) = (self.url.username(), self.url.password());
        (!user.is_empty() || password.is_some()).then_some((user, password))
    }

    /// Returns this URL with `suffix` (which starts with `/`, percent-escaped) behind its path, and
    /// without query and fragment.
    #[must_use]
    pub fn below(&self, suffix: &str) -> SafeUrl {
        let mut url = (*self.url).clone();
        let path = format!("{}{suffix}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        SafeUrl::of(url)
    }

    /// Returns the URL that `reference` means when this one is where it was found (RFC 3986 §5).
    ///
    /// # Errors
    /// As [`SafeUrl::parse`].
    pub fn join(&self, reference: &str) -> Result<SafeUrl, UrlError> {
        let url = self.url.join(reference).map_err(|error| UrlError::Syntax { reason: error.to_string() })?;
        SafeUrl::parse(url.as_str())
    }

    /// Returns whether the URL has nothing but a scheme and a path.
    pub(crate) fn is_path_alone(&self) -> bool {
        let url = &self.url;
        url.host_str().is_none_or(str::is_empty) && url.query().is_none() && url.fragment().is_none()
    }

    /// Returns whether this and `other` are on the same host and port, spoken to in the same way.
    pub fn same_origin(&self, other: &SafeUrl) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// Returns the URL without user name and password.
    #[must_use]
    pub(crate) fn without_credentials(mut self) -> SafeUrl {
        let url = Arc::make_mut(&mut self.url);
        // neither can fail for a URL that could carry them
        let _ = url.set_username("");
        let _ = url.set_password(None);
        self
    }

    /// Returns this URL as the target of a redirect from `asked`.
    #[must_use]
    pub(crate) fn redirected_from(mut self, asked: &SafeUrl) -> SafeUrl {
        self.hides_query =
            self.url.query().is_some() && (asked.hides_query || self.url.query() != asked.url.query());
        self
    }

    /// Returns this URL with user name and password of `other`, a URL of the same origin.
    pub(crate) fn with_credentials_of(mut self, other: &SafeUrl) -> SafeUrl {
        let (user, password) = other.credentials().map_or(("", None), |credentials| credentials);
        let url = Arc::make_mut(&mut self.url);
        // neither can fail for a URL of the same origin
        let _ = url.set_username(user);
        let _ = url.set_password(password);
        self
    }

    /// Returns this URL, of http or https, in plain HTTP at `address`.
    pub(crate) fn at(mut self, address: SocketAddr) -> SafeUrl {
        let url = Arc::make_mut(&mut self.url);
        url.set_scheme("http").expect("http replaces https");
        url.set_ip_host(address.ip()).expect("a URL with a host can have another one");
        url.set_port(Some(address.port())).expect("a URL with a host can have a port");
        self
    }

    pub(crate) fn inner(&self) -> &reqwest::Url {
        &self.url
    }
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.credentials().is_none() && !self.hides_query {
            return f.write_str(self.url.as_str());
        }
        let mut shown = self.clone().without_credentials();
        if self.hides_query {
            Arc::make_mut(&mut shown.url).set_query(Some("..."));
        }
        f.write_str(shown.url.as_str())
    }
}

impl fmt::Debug for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SafeUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_credentials() {
        let url = SafeUrl::parse("https://user:secret@git.example/a").unwrap();
        assert_eq!(url.to_string(), "https://git.example/a");
        assert_eq!(format!("{url:?}"), "SafeUrl(https://git.example/a)");
        assert_eq!(url.credentials(), Some(("user", Some("secret"))));
    }

    #[test]
    fn shows_no_query_that_a_redirect_brought() {
        let asked = SafeUrl::parse("https://proxy.example/a.zip").unwrap();
        let signed = asked.join("//files.example/a?key=secret").unwrap().redirected_from(&asked);
        assert_eq!(signed.to_string(), "https://files.example/a?...");
        assert_eq!(format!("{signed:?}"), "SafeUrl(https://files.example/a?...)");
        assert_eq!(signed.inner().query(), Some("key=secret"));
        let again = signed.join("/b?key=secret").unwrap().redirected_from(&signed);
        assert_eq!(again.to_string(), "https://files.example/b?...");

        let asked = SafeUrl::parse("https://git.example/a/info/refs?service=git-upload-pack").unwrap();
        let moved = asked.join("/b/info/refs?service=git-upload-pack").unwrap().redirected_from(&asked);
        assert_eq!(moved.to_string(), "https://git.example/b/info/refs?service=git-upload-pack");
    }

    #[test]
    fn appends_below_a_path_with_or_without_slash() {
        for base in ["https://proxy.example/go", "https://proxy.example/go/?x#y"] {
            assert_eq!(
                SafeUrl::parse(base).unwrap().below("/a/@v/v1.0.0.mod").to_string(),
                "https://proxy.example/go/a/@v/v1.0.0.mod"
            );
        }
    }

    #[test]
    fn refuses_what_has_no_host() {
        assert!(SafeUrl::parse("proxy.example").is_err());
        assert!(SafeUrl::parse("data:text/plain,x").is_err());
        assert!(SafeUrl::parse("file:///srv/proxy").is_ok());
    }
}
