//! Whether a URL in git's configuration is about the URL of a repository.

use std::borrow::Cow;

use url::Url;

/// How well a URL of the configuration fits another one: by its host, then its path, then its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Fit {
    host: usize,
    path: usize,
    user: bool,
}

impl Fit {
    /// Returns how well `pattern` fits; nothing when it is about others, or is no such URL.
    pub(super) fn of(pattern: &str, url: &Url) -> Option<Fit> {
        let pattern = whole(pattern)?;
        let user = !pattern.username().is_empty();
        let fits = pattern.scheme() == url.scheme()
            && pattern.port_or_known_default() == url.port_or_known_default()
            && (!user || plain(pattern.username()) == plain(url.username()));
        let host = host_fit(pattern.host_str()?, url.host_str()?)?;
        let path = path_fit(&plain(pattern.path()), &plain(url.path()))?;
        fits.then_some(Fit { host, path, user })
    }

    /// Returns whether `pattern` is about `url` in the eyes of `credential.*`: as a URL, or as a part of one, such as a host
    /// alone.
    pub(super) fn covers(pattern: &str, url: &Url) -> bool {
        if whole(pattern).is_some() {
            return Fit::of(pattern, url).is_some();
        }
        let (scheme, rest) = pattern.split_once("://").unwrap_or(("", pattern));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let url_host = url.host_str().map(|host| match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        });
        let is = |wanted: &str, found: &str| wanted.is_empty() || plain(wanted) == plain(found);
        is(scheme, url.scheme())
            && is(host, url_host.as_deref().unwrap_or_default())
            && is(user, url.username())
            && is(path.trim_end_matches('/'), url.path().trim_matches('/'))
    }
}

/// Returns the URL that `text` is, if it is one with a host, and nothing behind its path.
fn whole(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_whole =
        text.contains("://") && url.has_host() && url.query().is_none() && url.fragment().is_none();
    is_whole.then_some(url)
}

/// Returns `text` with the escapes undone of characters that mean nothing in a URL.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let byte = rest.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte)) {
            Some(byte) => {
                plain.push(byte.into());
                rest = &rest[3..];
            }
            None => {
                plain.push('%');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Returns how much of `host` a pattern fits, a `*` in the place of any one label counting least.
fn host_fit(pattern: &str, host: &str) -> Option<usize> {
    let (patterns, labels): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), host.split('.').collect());
    let fits = |(pattern, label): (&&str, &&str)| *pattern == "*" || pattern.eq_ignore_ascii_case(label);
    let all = patterns.len() == labels.len() && patterns.iter().zip(&labels).all(fits);
    all.then(|| 1 + pattern.bytes().filter(|byte| *byte != b'*').count())
}

/// Returns how much of `path` lies at or below `pattern`.
fn path_fit(pattern: &str, path: &str) -> Option<usize> {
    let pattern = pattern.trim_end_matches('/');
    let rest = path.strip_prefix(pattern)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(1 + pattern.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_urls_are_about_credentials() {
        let covers = |pattern: &str, url: &str| Fit::covers(pattern, &Url::parse(url).unwrap());
        for pattern in
            ["git.example", "https://git.example", "https://", "git.example/team/a", "me@git.example", ""]
        {
            assert!(covers(pattern, "https://me@git.example/team/a"), "{pattern}");
        }
        for pattern in ["other.example", "http://", "git.example/team", "you@git.example", "git.example:81"] {
            assert!(!covers(pattern, "https://me@git.example/team/a"), "{pattern}");
        }
        assert!(covers("git.example:81", "https://git.example:81/a"));
    }

    #[test]
    fn escapes_that_mean_nothing_make_no_difference() {
        let fits = |pattern: &str, url: &str| Fit::of(pattern, &Url::parse(url).unwrap()).is_some();
        assert!(fits("https://us%65r@git.example/te%61m/", "https://user@git.example/team/a"));
        assert!(!fits("https://git.example/a%2Fb", "https://git.example/a/b"));
        assert!(!fits("https://git.example/a?x", "https://git.example/a"));
        assert!(!fits("https://git.example/a#x", "https://git.example/a"));
    }
}
