//! The HTTP proxies between us and the network, and who is reached without them.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// The HTTP proxies of the user's environment, as text. The meaning of each is Go's. The debug form shows which are
/// set, and not their URLs: those may hold a password.
#[derive(Clone, Default)]
pub struct Proxies {
    /// The proxy for `http` URLs: `HTTP_PROXY`.
    pub http: Option<String>,
    /// The proxy for `https` URLs: `HTTPS_PROXY`.
    pub https: Option<String>,
    /// Hosts that are reached without one: `NO_PROXY`.
    pub no_proxy: Option<String>,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (http, https) = (self.http.is_some(), self.https.is_some());
        f.debug_struct("Proxies")
            .field("http", &http)
            .field("https", &https)
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

/// The proxies that [`Proxies`] spells.
pub(crate) struct Detours {
    http: Option<Url>,
    https: Option<Url>,
    exceptions: Vec<Exception>,
}

impl Detours {
    /// Returns what `proxies` spells. A URL without a scheme is an `http` one.
    ///
    /// # Errors
    /// The reason, without the URL: it may hold a password. The go command uses no proxy in this
    /// case, but to go around a proxy that somebody set is no guess to make.
    pub(crate) fn parse(proxies: &Proxies) -> Result<Detours, String> {
        let parse = |text: &Option<String>, of: &str| match text.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => {
                parse_proxy(text).map(Some).map_err(|reason| format!("the proxy for {of} URLs {reason}"))
            }
            None => Ok(None),
        };
        let exceptions = proxies.no_proxy.as_deref().unwrap_or("").split(',').filter_map(Exception::parse);
        Ok(Detours {
            http: parse(&proxies.http, "http")?,
            https: parse(&proxies.https, "https")?,
            exceptions: exceptions.collect(),
        })
    }

    /// Returns the proxy through which `url` is asked, if any. This machine is always reached
    /// without.
    pub(crate) fn of(&self, url: &Url) -> Option<&Url> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        let proxy = proxy.as_ref()?;
        let host = Host::of(url)?;
        let is_local = host.name == "localhost" || host.address.is_some_and(|address| address.is_loopback());
        let is_exempt = is_local || self.exceptions.iter().any(|exception| exception.covers(&host));
        (!is_exempt).then_some(proxy)
    }
}

fn parse_proxy(text: &str) -> Result<Url, String> {
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let Some(url) = url.ok().filter(Url::has_host) else { return Err("is no URL".to_owned()) };
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(format!("has the scheme `{scheme}`, which is not supported")),
    }
}

/// Whom a URL is about, as [`Exception`]s see it.
struct Host<'a> {
    name: &'a str,
    address: Option<IpAddr>,
    port: u16,
}

impl Host<'_> {
    fn of(url: &Url) -> Option<Host<'_>> {
        let name = url.host_str()?;
        Some(Host { name, address: parse_address(name), port: url.port_or_known_default()? })
    }
}

/// Returns the address that `text` is, in brackets or not, in its shorter form if it has two.
fn parse_address(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inner.unwrap_or(text).parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// One entry of `NO_PROXY`, in Go's grammar: `*`, an address, a range of addresses (`10.0.0.0/8`),
/// a domain with all below it (`example.com`), or only what is below it (`.example.com`,
/// `*.example.com`). All but `*` and a range may end in `:port`.
#[derive(Debug, PartialEq)]
enum Exception {
    All,
    Range { base: IpAddr, bits: u32 },
    Address { address: IpAddr, port: Option<u16> },
    Domain { name: String, itself: bool, port: Option<u16> },
}

impl Exception {
    /// Returns what `entry` means; nothing when it is blank or malformed, as in Go.
    fn parse(entry: &str) -> Option<Exception> {
        let entry = entry.trim().to_lowercase();
        if entry == "*" {
            return Some(Exception::All);
        }
        if let Some(range) = parse_range(&entry) {
            return Some(range);
        }
        let (host, port) = split_port(&entry)?;
        if let Some(address) = parse_address(host) {
            return Some(Exception::Address { address, port });
        }
        let below = host.strip_prefix("*.").or_else(|| host.strip_prefix('.'));
        let name = below.unwrap_or(host);
        let name = match name.is_ascii() {
            true => name.to_owned(),
            // URLs spell it in ASCII
            false => Url::parse(&format!("http://{name}")).ok()?.host_str()?.to_owned(),
        };
        Some(Exception::Domain { name, itself: below.is_none(), port })
    }

    fn covers(&self, host: &Host<'_>) -> bool {
        let is_port = |port: &Option<u16>| port.is_none_or(|port| port == host.port);
        match self {
            Exception::All => true,
            Exception::Range { base, bits } => {
                host.address.is_some_and(|address| prefix(address, *bits) == prefix(*base, *bits))
            }
            Exception::Address { address, port } => host.address == Some(*address) && is_port(port),
            Exception::Domain { name, itself, port } => {
                let below = host.name.strip_suffix(name.as_str());
                let matches = below.is_some_and(|below| below.ends_with('.') || *itself && below.is_empty());
                host.address.is_none() && matches && is_port(port)
            }
        }
    }
}

fn parse_range(entry: &str) -> Option<Exception> {
    let (base, bits) = entry.split_once('/')?;
    let (base, bits): (IpAddr, u32) = (base.parse().ok()?, bits.parse().ok()?);
    let most = if base.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some(Exception::Range { base, bits })
}

/// Returns the family of `address` and its first `bits` bits.
fn prefix(address: IpAddr, bits: u32) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (false, u128::from(address.to_bits().checked_shr(32 - bits).unwrap_or(0))),
        IpAddr::V6(address) => (true, address.to_bits().checked_shr(128 - bits).unwrap_or(0)),
    }
}

/// Returns the host and the port of `entry`; nothing when either is malformed. An address with
/// colons has a port only behind brackets.
fn split_port(entry: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (entry, None),
    };
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_direct(no_proxy: &str, url: &str) -> bool {
        let proxies = Proxies {
            http: Some("http.example:3128".to_owned()),
            https: Some("http://u:p@https.example".to_owned()),
            no_proxy: Some(no_proxy.to_owned()),
        };
        Detours::parse(&proxies).unwrap().of(&Url::parse(url).unwrap()).is_none()
    }

    #[test]
    fn takes_the_proxy_of_the_scheme() {
        let proxies = Proxies { http: Some("proxy.example:3128".to_owned()), ..Proxies::default() };
        let detours = Detours::parse(&proxies).unwrap();
        let of = |url: &str| detours.of(&Url::parse(url).unwrap()).map(Url::as_str);
        assert_eq!(of("http://a.example/"), Some("http://proxy.example:3128/"));
        assert_eq!(of("https://a.example/"), None);
    }

    #[test]
    fn refuses_proxies_that_it_cannot_use_without_showing_them() {
        for proxy in
            ["socks5://u:secret@proxy.example", "http://u:secret@[proxy", "ftp://u:secret@proxy.example"]
        {
            let proxies = Proxies { https: Some(proxy.to_owned()), ..Proxies::default() };
            let reason = Detours::parse(&proxies).map(drop).unwrap_err();
            assert!(reason.starts_with("the proxy for https URLs") && !reason.contains("secret"), "{reason}");
        }
    }

    #[test]
    fn shows_no_proxy_url() {
        let proxies =
            Proxies { https: Some("http://u:secret@proxy.example".to_owned()), ..Proxies::default() };
        assert_eq!(format!("{proxies:?}"), "Proxies { http: false, https: true, no_proxy: None }");
    }

    #[test]
    fn reaches_this_machine_directly() {
        for url in
            ["http://localhost:1/", "https://127.3.2.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/"]
        {
            assert!(goes_direct("", url), "{url}");
        }
        assert!(!goes_direct("", "http://localhost.example/"));
    }

    #[test]
    fn reads_no_proxy_as_go_does() {
        for (no_proxy, url, direct) in [
            ("*", "https://a.example/", true),
            ("*", "https://10.0.0.1/", true),
            ("a.example", "https://a.example/", true),
            ("a.example", "https://x.a.example/", true),
            ("a.example", "https://xa.example/", false),
            ("A.Example ", "https://a.example/", true),
            (".a.example", "https://a.example/", false),
            (".a.example", "https://x.a.example/", true),
            ("*.a.example", "https://a.example/", false),
            ("*.a.example", "https://x.y.a.example/", true),
            ("a.example:443", "https://a.example/", true),
            ("a.example:443", "http://a.example/", false),
            ("a.example:8080", "http://a.example:8080/", true),
            ("ü.example", "http://xn--tda.example/", true),
            ("x, ,b.example,:80", "http://b.example/", true),
            ("10.0.0.1", "http://10.0.0.1/", true),
            ("10.0.0.1:81", "http://10.0.0.1/", false),
            ("10.0.0.1", "http://10.0.0.2/", false),
            ("0.0.1", "http://10.0.0.1/", false),
            ("10.0.0.0/8", "http://10.200.0.1/", true),
            ("10.0.0.0/8", "http://11.0.0.1/", false),
            ("0.0.0.0/0", "http://11.0.0.1/", true),
            ("0.0.0.0/0", "http://[fd00::1]/", false),
            ("10.0.0.0/33", "http://10.0.0.1/", false),
            ("fd00::/8", "http://[fdff::1]/", true),
            ("::/0", "http://[fdff::1]/", true),
            ("fd00::1", "http://[fd00::1]/", true),
            ("[fd00::1]:80", "http://[fd00::1]/", true),
            ("[fd00::1]:81", "http://[fd00::1]/", false),
            ("", "http://a.example/", false),
        ] {
            assert_eq!(goes_direct(no_proxy, url), direct, "{no_proxy:?} {url}");
        }
    }
}
