//! The sources that the user names.

use gosum_evidence::evidence::SourceName;
use gosum_fetch::SafeUrl;
use gosum_mod::setting::goproxy::{ListEnd, ProxyList};

use crate::config::KEYS;
use crate::env::default_goproxy;

/// What the user may write.
pub(crate) const FORMS: &str = "proxy, direct, sumdb, modcache, vendor, proxy=URL or NAME=URL";

/// A source that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceArg {
    /// The module proxies of GOPROXY.
    Proxy,
    /// A further proxy, or several that stand for one another.
    Further { name: SourceName, list: ProxyList },
    /// Version control: the module's own repository.
    Direct,
    /// The checksum database of GOSUMDB.
    Sumdb,
    /// The module cache on this machine.
    Modcache,
    /// The vendor folder of the project.
    Vendor,
}

impl SourceArg {
    pub(crate) fn name(&self) -> SourceName {
        match self {
            SourceArg::Proxy => SourceName::PROXY,
            SourceArg::Further { name, .. } => name.clone(),
            SourceArg::Direct => SourceName::DIRECT,
            SourceArg::Sumdb => SourceName::SUMDB,
            SourceArg::Modcache => SourceName::MODCACHE,
            SourceArg::Vendor => SourceName::VENDOR,
        }
    }
}

/// Returns the source that `text` names: one of the settings', or a proxy by its URL, with a name or without. No message
/// holds what may be a password.
pub(crate) fn source(text: &str) -> Result<SourceArg, String> {
    let (left, url) = match (text, text.split_once('=')) {
        ("proxy", _) => return Ok(SourceArg::Proxy),
        ("direct", _) => return Ok(SourceArg::Direct),
        ("sumdb", _) => return Ok(SourceArg::Sumdb),
        ("modcache", _) => return Ok(SourceArg::Modcache),
        ("vendor", _) => return Ok(SourceArg::Vendor),
        (_, Some(parts)) => parts,
        (_, None) => return Err(format!("a source is {FORMS}; a URL has no comma")),
    };
    let mut list = match (left, url) {
        ("proxy", "default") => ProxyList::parse(default_goproxy()),
        _ => ProxyList::parse(url),
    }
    .map_err(|error| error.to_string())?;
    if url != "default" && (list.proxies.len() != 1 || list.end != ListEnd::Nothing) {
        return Err(format!("`{left}=` is followed by the URL of one proxy"));
    }
    // what is not there is not asked for elsewhere in this proxy's name
    list.end = ListEnd::Nothing;
    let url = list.proxies.first().map(|entry| SafeUrl::parse(&entry.url));
    let url = url.ok_or("no proxy")?.map_err(|error| error.to_string())?;
    let shown = url.to_string();
    if shown.contains(['?', '#']) {
        // neither is ever sent, and either may hold a token
        return Err("a proxy's URL has neither `?` nor `#`".to_owned());
    }
    let name = match left {
        "proxy" => {
            let place = shown.split_once("://").map_or(&*shown, |(_, place)| place);
            format!("proxy:{}", place.trim_end_matches('/'))
        }
        name if is_name(name) => name.to_owned(),
        _ => {
            return Err("a source's name is lower-case letters, digits and hyphens, and not that of another source or of a \
                        key of allowances"
                .to_owned());
        }
    };
    Ok(SourceArg::Further { name: SourceName::further(name), list })
}

/// Returns the name of a source, as `--require` has it.
pub(crate) fn name(text: &str) -> Result<SourceName, String> {
    match text {
        "proxy" => Ok(SourceName::PROXY),
        "direct" => Ok(SourceName::DIRECT),
        "sumdb" => Ok(SourceName::SUMDB),
        "modcache" => Ok(SourceName::MODCACHE),
        "vendor" => Ok(SourceName::VENDOR),
        _ if is_name(text) || text.starts_with("proxy:") => Ok(SourceName::further(text.to_owned())),
        _ => Err("no source has such a name".to_owned()),
    }
}

fn is_name(text: &str) -> bool {
    let is_reserved =
        matches!(text, "proxy" | "direct" | "sumdb" | "modcache" | "vendor") || KEYS.contains(&text);
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !is_reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Result<String, String> {
        source(text).map(|source| source.name().to_string())
    }

    #[test]
    fn a_proxy_has_a_name_or_that_of_its_place() {
        for (text, expected) in [
            ("proxy", "proxy"),
            ("sumdb", "sumdb"),
            ("modcache", "modcache"),
            ("vendor", "vendor"),
            ("proxy=https://me:secret@mirror.example/go/", "proxy:mirror.example/go"),
            ("proxy=mirror.example:8443", "proxy:mirror.example:8443"),
            ("proxy=file:///srv/proxy", "proxy:/srv/proxy"),
            ("proxy=https://MIRROR.example", "proxy:mirror.example"),
            ("mirror-2=https://mirror.example", "mirror-2"),
        ] {
            assert_eq!(named(text).as_deref(), Ok(expected), "{text}");
        }
        assert!(named("proxy=default").unwrap().starts_with("proxy:"));
    }

    #[test]
    fn what_is_no_source_is_told_without_its_secrets() {
        for text in [
            "nonsense",
            "vendor=https://mirror.example",
            "direct=https://mirror.example",
            "Mirror=https://mirror.example",
            "proxy=",
            "proxy=off",
            "proxy=https://a.example|https://b.example",
            "mirror=ftp://me:secret@mirror.example",
            "mirror=default",
            "mirror=https://mirror.example/go?token=secret",
            "proxy=https://mirror.example/go#secret",
            "go.sum=https://mirror.example",
            "sumdb=https://mirror.example",
            "modcache=https://mirror.example",
            "2nd=https://mirror.example",
            "reason=https://mirror.example",
        ] {
            let error = source(text).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
