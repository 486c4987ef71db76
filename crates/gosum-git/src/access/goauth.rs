//! GOAUTH: who knows the credentials for module proxies and go-import pages (spec 04 §6).

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use gosum_fetch::Response;
use gosum_mod::setting::quoted;
use url::Url;

use super::for_go::speaks_of_credentials;
use super::{ConfigError, Header, Secret, Settings, basic, netrc};
use crate::program::{Program, Programs};

/// How often GOAUTH is asked about what one host does not have, when it knows nothing. The go command asks each time.
const MAX_IN_VAIN: usize = 8;

/// A value of GOAUTH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoAuth {
    /// In the order in which they count: the first that knows a URL wins.
    methods: Vec<Method>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Method {
    Netrc,
    /// `git credential`, in this folder.
    Git(PathBuf),
    Command(Vec<String>),
}

/// What is wrong with a value of GOAUTH.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GoAuthError {
    /// Nothing between two semicolons.
    #[error("an empty command")]
    Empty,
    /// `off`, and something else.
    #[error("`off` cannot be combined with anything")]
    Off,
    /// `git` without the absolute path of a folder.
    #[error("`git` needs the absolute path of a folder")]
    Git,
    /// A command whose quotes do not end.
    #[error("a quote that does not end")]
    Quote,
}

/// Why a method of GOAUTH could not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Silence {
    pub(super) reason: String,
    /// Whether its program is not installed.
    pub(super) is_missing: bool,
}

impl From<String> for Silence {
    fn from(reason: String) -> Silence {
        Silence { reason, is_missing: false }
    }
}

impl From<&str> for Silence {
    fn from(reason: &str) -> Silence {
        reason.to_owned().into()
    }
}

/// Headers by the beginning of URLs, without `https://` and without a slash at the end. Where there are none, those that
/// were told before count no more.
type Headers = BTreeMap<String, Vec<Header>>;

/// How the methods are asked.
#[derive(Clone, Copy)]
struct Asking<'a> {
    settings: &'a Settings,
    programs: &'a Programs,
    /// What was refused, and the answer's own words: status line and headers.
    refused: Option<(&'a Url, &'a str)>,
    /// How long a program may take.
    timeout: Duration,
}

/// GOAUTH, and what it told so far.
#[derive(Debug)]
pub(super) struct Known {
    goauth: GoAuth,
    told: OnceLock<Mutex<Headers>>,
    /// How often it was asked in vain, by the host's origin.
    in_vain: Mutex<HashMap<String, usize>>,
}

impl Known {
    pub(super) fn new(goauth: GoAuth) -> Known {
        Known { goauth, told: OnceLock::new(), in_vain: Mutex::default() }
    }

    /// Returns the headers that are known for `url`. GOAUTH is asked once, by the first one who wants to know.
    pub(super) fn headers(&self, url: &Url, settings: &Settings, programs: &Programs) -> Vec<Header> {
        let told = self.told.get_or_init(|| {
            let asking = Asking { settings, programs, refused: None, timeout: Program::TIMEOUT };
            let (mut headers, _) = self.goauth.headers(asking);
            headers.retain(|_, headers| !headers.is_empty());
            Mutex::new(headers)
        });
        look_up(&told.lock().unwrap_or_else(PoisonError::into_inner), url).to_vec()
    }

    /// Asks anew for `url`, to which `response` was the answer, and returns the headers that are known then, with the reasons
    /// of those who could not tell. Others go on meanwhile.
    pub(super) fn ask_again(
        &self,
        url: &Url,
        response: &Response,
        deadline: Instant,
        settings: &Settings,
        programs: &Programs,
    ) -> (Vec<Header>, Vec<Silence>) {
        let before = self.headers(url, settings, programs);
        let origin = url.origin().ascii_serialization();
        let in_vain = || self.in_vain.lock().unwrap_or_else(PoisonError::into_inner);
        let is_worth_it = speaks_of_credentials(response.status)
            || in_vain().get(&origin).is_none_or(|times| *times < MAX_IN_VAIN);
        if !is_worth_it {
            return (before, Vec::new());
        }
        let answer = answer_lines(response);
        let timeout = Program::TIMEOUT.min(deadline.saturating_duration_since(Instant::now()));
        let asking = Asking { settings, programs, refused: Some((url, &answer)), timeout };
        let (headers, silences) = self.goauth.headers(asking);
        if let Some(told) = self.told.get() {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            told.extend(headers);
            told.retain(|_, headers| !headers.is_empty());
        }
        let after = self.headers(url, settings, programs);
        if after == before && silences.is_empty() {
            *in_vain().entry(origin).or_default() += 1;
        }
        (after, silences)
    }
}

/// Returns status line and headers of an answer, as commands are told them.
fn answer_lines(response: &Response) -> String {
    let headers = response.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    format!("HTTP/1.1 {}\n{}\n", response.status, headers.collect::<String>())
}

impl GoAuth {
    /// Returns what `value` says; `netrc` is Go's own default.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn parse(value: &str) -> Result<GoAuth, GoAuthError> {
        let value = if value.is_empty() { "netrc" } else { value };
        let mut methods = Vec::new();
        let commands: Vec<&str> = value.split(';').map(str::trim).collect();
        for command in &commands {
            let words: Vec<&str> = command.split_whitespace().collect();
            methods.push(match words.as_slice() {
                [] => return Err(GoAuthError::Empty),
                ["off", ..] if commands.len() == 1 => return Ok(GoAuth { methods: Vec::new() }),
                ["off", ..] => return Err(GoAuthError::Off),
                ["netrc", ..] => Method::Netrc,
                ["git", dir] if PathBuf::from(dir).is_absolute() => Method::Git(dir.into()),
                ["git", ..] => return Err(GoAuthError::Git),
                _ => Method::Command(split(command)?),
            });
        }
        Ok(GoAuth { methods })
    }

    /// Fails when git is to be asked in a folder that is not there.
    pub(crate) fn check_folders(&self) -> Result<(), ConfigError> {
        let folders = self.methods.iter().filter_map(|method| match method {
            Method::Git(folder) => Some(folder),
            _ => None,
        });
        match folders.into_iter().find(|folder| !folder.is_dir()) {
            Some(folder) => Err(ConfigError::Folder { folder: folder.clone() }),
            None => Ok(()),
        }
    }

    /// Returns the headers that are known, and the reasons of the methods that cannot tell.
    fn headers(&self, asking: Asking<'_>) -> (Headers, Vec<Silence>) {
        let (mut headers, mut silences) = (Headers::new(), Vec::new());
        // the first one counts most
        for method in self.methods.iter().rev() {
            match method.headers(asking) {
                Ok(known) => headers.extend(known),
                Err(silence) => {
                    tracing::warn!(reason = silence.reason, "no credentials");
                    silences.push(silence);
                }
            }
        }
        (headers, silences)
    }
}

impl Method {
    fn headers(&self, asking: Asking<'_>) -> Result<Headers, Silence> {
        let Asking { programs, refused, timeout, .. } = asking;
        match self {
            Method::Netrc => {
                let entries = netrc::read(asking.settings)
                    .map_err(|(file, error)| format!("GOAUTH=netrc: {}: {error}", file.display()))?;
                // the first entry of a machine counts
                let entries = entries.into_iter().rev();
                Ok(entries
                    .map(|entry| (prefix(&entry.machine), vec![basic(&entry.login, &entry.password)]))
                    .collect())
            }
            Method::Git(dir) => match refused {
                Some((url, _)) => by_git(dir, programs, url, timeout),
                None => Ok(Headers::new()),
            },
            Method::Command(words) => {
                let mut arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
                arguments.extend(refused.iter().map(|(url, _)| url.as_str()));
                // its arguments are the user's own, and may hold a token
                let program = Program::new(&words[0], &arguments).shown(format!("{} (GOAUTH)", words[0]));
                let program = program.bounded(timeout);
                let silence =
                    |reason: &dyn std::fmt::Display| format!("GOAUTH command {}: {reason}", words[0]);
                let said =
                    program.run(programs, refused.map_or("", |(_, answer)| answer)).map_err(|error| {
                        let is_missing = error.kind() == std::io::ErrorKind::NotFound;
                        Silence { reason: silence(&error), is_missing }
                    })?;
                if !said.status.success() {
                    return Err(silence(&said.status).into());
                }
                parse(&said.text).map_err(|reason| silence(&reason).into())
            }
        }
    }
}

fn by_git(
    dir: &std::path::Path,
    programs: &Programs,
    url: &Url,
    timeout: Duration,
) -> Result<Headers, Silence> {
    let program = Program::new("git", &["credential", "fill"]).within(dir.to_owned()).bounded(timeout);
    let said = program.run(programs, &format!("url={url}\n")).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Silence { reason: "needs git, which GOAUTH asks for credentials".to_owned(), is_missing: true }
        }
        _ => Silence::from(format!("GOAUTH=git: {error}")),
    })?;
    if !said.status.success() {
        return Err(format!("GOAUTH=git: git credential fill: {}", said.status).into());
    }
    // of several lines of one kind the last one counts
    let value = |key: &str| {
        let mut lines = said.text.lines().rev().filter_map(|line| line.trim().split_once('='));
        lines.find(|(name, _)| *name == key).map_or("", |(_, value)| value)
    };
    let path = value("path");
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    let known = match value("url") {
        "" => format!("{}://{}{slash}{path}", value("protocol"), value("host")),
        whole => whole.to_owned(),
    };
    let is_whole = Url::parse(&known).is_ok_and(|known| known.has_host());
    if !is_whole || !url.as_str().starts_with(&known) {
        return Err("GOAUTH=git: git credential fill answers on another URL".into());
    }
    Ok(Headers::from([(prefix(&known), vec![basic(value("username"), &Secret::new(value("password")))])]))
}

/// Returns the form in which a URL, or its beginning, is looked up.
fn prefix(url: &str) -> String {
    let url = url.strip_prefix("https://").unwrap_or(url);
    url.strip_suffix('/').unwrap_or(url).to_owned()
}

/// Returns the headers for the longest beginning of `url`, at slashes, that has any.
fn look_up<'h>(headers: &'h Headers, url: &Url) -> &'h [Header] {
    let mut at = prefix(url.as_str());
    loop {
        if let Some(found) = headers.get(&at) {
            return found;
        }
        match at.rfind('/') {
            Some(slash) => at.truncate(slash),
            None => return &[],
        }
    }
}

/// Returns what a command says: URLs, an empty line, headers, an empty line, and so on.
fn parse(text: &str) -> Result<Headers, &'static str> {
    let mut known = Headers::new();
    let mut rest = text;
    let mut line = |what: &'static str| {
        let (line, after) = rest.split_once('\n').ok_or(what)?;
        rest = after;
        Ok::<_, &'static str>((line, after.is_empty()))
    };
    if text.is_empty() {
        return Ok(known);
    }
    loop {
        let mut urls = Vec::new();
        loop {
            match line("no empty line behind its URLs")?.0 {
                "" => break,
                url => urls.push(prefix(Url::parse(url).map_err(|_| "a URL that is none")?.as_str())),
            }
        }
        let mut headers = Vec::new();
        let is_last = loop {
            match line("no empty line behind its headers")? {
                ("", is_last) => break is_last,
                (header, _) => {
                    let (name, value) = header.split_once(": ").ok_or("a header without a value")?;
                    let is_token =
                        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
                    if name.is_empty()
                        || !name.bytes().all(is_token)
                        || value.contains(|c: char| c.is_control())
                    {
                        return Err("a header that cannot be sent");
                    }
                    headers.push((name.to_owned(), Secret::new(value.trim())));
                }
            }
        };
        known.extend(urls.into_iter().map(|url| (url, headers.clone())));
        if is_last {
            return Ok(known);
        }
    }
}

/// Returns the words of a command.
fn split(command: &str) -> Result<Vec<String>, GoAuthError> {
    let words = quoted::split(command).map_err(|_| GoAuthError::Quote)?;
    Ok(words.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn malformed_values_are_told() {
        for (value, error) in [
            ("netrc;", GoAuthError::Empty),
            ("off;netrc", GoAuthError::Off),
            ("git", GoAuthError::Git),
            ("git relative", GoAuthError::Git),
            ("'a b", GoAuthError::Quote),
        ] {
            assert_eq!(GoAuth::parse(value), Err(error), "{value}");
        }
        assert_eq!(GoAuth::parse("off").unwrap().methods, []);
        assert_eq!(GoAuth::parse("").unwrap().methods, [Method::Netrc]);
        let command = Method::Command(vec!["a b".into(), "c".into(), "d e".into()]);
        assert_eq!(GoAuth::parse("'a b' c \"d e\"").unwrap().methods, [command]);
    }

    #[test]
    fn headers_are_for_the_longest_beginning_at_a_slash() {
        let headers = parse(
            "https://proxy.example/a/\nhttps://other.example\n\nX: 1\n\nhttps://proxy.example\n\nX: 2\nY: 3\n\n",
        );
        let headers = headers.unwrap();
        let found = |text: &str| {
            look_up(&headers, &url(text)).iter().map(|(_, value)| value.reveal()).collect::<Vec<_>>()
        };
        assert_eq!(found("https://proxy.example/a/b"), ["1"]);
        assert_eq!(found("https://proxy.example/ab"), ["2", "3"]);
        assert_eq!(found("https://other.example/"), ["1"]);
        assert!(found("https://proxy.example.evil.example/a").is_empty());
        for text in [
            "https://a.example\n",
            "x\n\nA: b\n\n",
            "https://a.example\n\nA b\n\n",
            "https://a.example\n\nA: b\n",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_first_entry_of_a_machine_counts_and_the_first_method() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join(".netrc"),
            "machine a.example login u password first\nmachine a.example login u password second\n",
        )
        .unwrap();
        let settings = Settings { home: Some(dir.path().to_owned()), ..Settings::default() };
        let value = |goauth: &str| {
            let programs = Programs::default();
            let asking =
                Asking { settings: &settings, programs: &programs, refused: None, timeout: Program::TIMEOUT };
            let (headers, silences) = GoAuth::parse(goauth).unwrap().headers(asking);
            assert!(silences.is_empty(), "{silences:?}");
            look_up(&headers, &url("https://a.example/x")).first().map(|(_, value)| value.reveal().to_owned())
        };
        assert_eq!(value("netrc"), Some(basic("u", &Secret::new("first")).1.reveal().to_owned()));
        assert_eq!(value("off"), None);
        if cfg!(unix) {
            let command = r"printf 'https://a.example\n\nAuthorization: mine\n\n'";
            let script = dir.path().join("auth");
            std::fs::write(&script, format!("{command}\n")).unwrap();
            let goauth = format!("sh {}; netrc", script.display());
            assert_eq!(value(&goauth).as_deref(), Some("mine"));
        }
    }
}
