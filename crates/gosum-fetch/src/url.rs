//! URLs that never show the credentials they carry.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// A URL with a scheme and, unless it is a `file:` URL, a host. Its text form and its debug form
/// leave user name and password out; only [`SafeUrl::credentials`] gives them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeUrl(Arc<reqwest::Url>);

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
        Ok(SafeUrl(Arc::new(url)))
    }

    /// Returns the scheme, in lower case.
    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }

    /// Returns the host, in lower case; empty for a `file:` URL.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or("")
    }

    /// Returns the path, percent-escaped.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// Returns user name and password, percent-escaped as written, when the URL has either.
    pub fn credentials(&self) -> Option<(&str, Option<&str>)> {
        let (user, password) = (self.0.username(), self.0.password());
        (!user.is_empty() || password.is_some()).then_some((user, password))
    }

    /// Returns this URL with `suffix` (which starts with `/`, percent-escaped) behind its path, and
    /// without query and fragment.
    #[must_use]
    pub fn below(&self, suffix: &str) -> SafeUrl {
        let mut url = (*self.0).clone();
        let path = format!("{}{suffix}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        SafeUrl(Arc::new(url))
    }

    /// Returns the URL that `reference` means when this one is where it was found (RFC 3986 §5).
    ///
    /// # Errors
    /// As [`SafeUrl::parse`].
    pub fn join(&self, reference: &str) -> Result<SafeUrl, UrlError> {
        let url = self.0.join(reference).map_err(|error| UrlError::Syntax { reason: error.to_string() })?;
        SafeUrl::parse(url.as_str())
    }

    /// Returns whether the URL has nothing but a scheme and a path.
    pub(crate) fn is_path_alone(&self) -> bool {
        let url = &self.0;
        url.host_str().is_none_or(str::is_empty) && url.query().is_none() && url.fragment().is_none()
    }

    /// Returns whether this and `other` are on the same host and port, spoken to in the same way.
    pub(crate) fn same_origin(&self, other: &SafeUrl) -> bool {
        self.0.origin() == other.0.origin()
    }

    /// Returns the URL without user name and password.
    #[must_use]
    pub(crate) fn without_credentials(&self) -> SafeUrl {
        let mut url = (*self.0).clone();
        // neither can fail for a URL that could carry them
        let _ = url.set_username("");
        let _ = url.set_password(None);
        SafeUrl(Arc::new(url))
    }

    /// Returns this URL with user name and password of `other`, a URL of the same origin.
    pub(crate) fn with_credentials_of(mut self, other: &SafeUrl) -> SafeUrl {
        let (user, password) = other.credentials().map_or(("", None), |credentials| credentials);
        let url = Arc::make_mut(&mut self.0);
        // neither can fail for a URL of the same origin
        let _ = url.set_username(user);
        let _ = url.set_password(password);
        self
    }

    /// Returns this URL, of http or https, in plain HTTP at `address`.
    pub(crate) fn at(mut self, address: SocketAddr) -> SafeUrl {
        let url = Arc::make_mut(&mut self.0);
        url.set_scheme("http").expect("http replaces https");
        url.set_ip_host(address.ip()).expect("a URL with a host can have another one");
        url.set_port(Some(address.port())).expect("a URL with a host can have a port");
        self
    }

    pub(crate) fn inner(&self) -> &reqwest::Url {
        &self.0
    }
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.credentials().is_none() {
            return f.write_str(self.0.as_str());
        }
        f.write_str(self.without_credentials().0.as_str())
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
