//! GOPROXY: a list of module proxies, and what a failure of each means (spec 04 §3).

/// The entries of GOPROXY up to its end: the proxies, in order, and what stands behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyList {
    /// The proxies, in the order in which they are tried.
    pub proxies: Vec<ProxyEntry>,
    /// What ends the list.
    pub end: ListEnd,
}

/// One proxy of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyEntry {
    /// The base URL, with its scheme, as the user wrote it.
    pub url: String,
    /// Whether any failure goes on to the next entry, as `|` behind it says. Otherwise only "not there" does.
    pub any_failure: bool,
}

/// What stands at the end of the list. Entries behind it are never looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListEnd {
    /// Nothing: what no proxy has cannot be had.
    Nothing,
    /// `direct`: version control.
    Direct,
    /// `off`: no network.
    Off,
}

/// A value that is no GOPROXY list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyListError {
    /// The list is not empty, but has no entry.
    #[error("the list {list:?} has no entry")]
    NoEntry {
        /// The whole value: separators and blanks.
        list: String,
    },
    /// An entry without a scheme that is no host name either.
    #[error("the entry {entry:?} is neither a URL nor `direct` or `off`")]
    NoScheme {
        /// The entry, without what may be a password.
        entry: String,
    },
    /// A scheme that proxies do not have.
    #[error("an entry of scheme `{scheme}`: a proxy's URL is https, http or file")]
    Scheme {
        /// The scheme; the entry itself may hold a password.
        scheme: String,
    },
}

impl ProxyList {
    /// Returns the list that `value` writes.
    ///
    /// Entries are separated by `,` or `|` and trimmed, empty ones are skipped, and a bare host name gets
    /// `https://`. Unlike Go, `https//host` is refused, and not taken for a path on a host named `https`: what follows
    /// may be a password, which would be shown as part of a path.
    ///
    /// # Errors
    /// When there is no entry, or one is no proxy URL.
    pub fn parse(value: &str) -> Result<ProxyList, ProxyListError> {
        let mut list = ProxyList { proxies: Vec::new(), end: ListEnd::Nothing };
        let mut rest = value;
        while !rest.is_empty() {
            let end = rest.find([',', '|']).unwrap_or(rest.len());
            let entry = rest[..end].trim();
            let any_failure = rest[end..].starts_with('|');
            rest = rest.get(end + 1..).unwrap_or("");
            match entry {
                "" => continue,
                "direct" => list.end = ListEnd::Direct,
                "off" => list.end = ListEnd::Off,
                _ => {
                    list.proxies.push(ProxyEntry { url: complete(entry)?, any_failure });
                    continue;
                }
            }
            break;
        }
        if list.proxies.is_empty() && list.end == ListEnd::Nothing {
            return Err(ProxyListError::NoEntry { list: value.to_owned() });
        }
        Ok(list)
    }
}

/// Returns `entry` with its scheme.
fn complete(entry: &str) -> Result<String, ProxyListError> {
    let typo = ["https//", "http//", "file//"].iter().any(|start| entry.starts_with(start));
    let bare = !entry.contains(":/") && !entry.starts_with('/') && !typo;
    let url = match bare && entry.contains(['.', ':', '/']) {
        true => format!("https://{entry}"),
        false => entry.to_owned(),
    };
    match url.split_once(':') {
        Some(("https" | "http" | "file", _)) => Ok(url),
        _ if typo => Err(ProxyListError::NoScheme { entry: without_password(entry) }),
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Err(ProxyListError::Scheme { scheme: scheme.to_owned() })
        }
        _ => Err(ProxyListError::NoScheme { entry: without_password(entry) }),
    }
}

/// Returns `entry` without what stands before its last `@`.
fn without_password(entry: &str) -> String {
    entry.rsplit_once('@').map_or(entry.to_owned(), |(_, host)| format!("...@{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(value: &str) -> Vec<(String, bool)> {
        let list = ProxyList::parse(value).unwrap();
        list.proxies.into_iter().map(|entry| (entry.url, entry.any_failure)).collect()
    }

    #[test]
    fn a_bar_belongs_to_the_entry_before_it() {
        assert_eq!(
            urls(" https://a.example | b.example/go ,,file:///srv/proxy"),
            [
                ("https://a.example".to_owned(), true),
                ("https://b.example/go".to_owned(), false),
                ("file:///srv/proxy".to_owned(), false),
            ]
        );
    }

    #[test]
    fn direct_and_off_end_the_list() {
        for (value, end) in
            [("direct,x", ListEnd::Direct), ("off", ListEnd::Off), ("a.example", ListEnd::Nothing)]
        {
            assert_eq!(ProxyList::parse(value).unwrap().end, end, "{value}");
        }
        assert_eq!(urls("https://a.example,direct,::bad"), [("https://a.example".to_owned(), false)]);
    }

    #[test]
    fn refuses_what_go_refuses() {
        let no_entry = |list: &str| Err(ProxyListError::NoEntry { list: list.into() });
        for value in ["", ",", " | "] {
            assert_eq!(ProxyList::parse(value), no_entry(value));
        }
        for entry in ["none", "/srv/proxy"] {
            assert_eq!(ProxyList::parse(entry), Err(ProxyListError::NoScheme { entry: entry.into() }));
        }
        for entry in ["https//user:secret@a.example", "/user:secret@a.example"] {
            let error = ProxyList::parse(entry).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!(ProxyList::parse("ftp://a.example"), Err(ProxyListError::Scheme { scheme: "ftp".into() }));
    }
}
