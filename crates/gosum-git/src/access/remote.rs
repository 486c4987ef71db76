//! Who speaks for a repository: a host over http, or a program.

use std::ffi::OsString;
use std::sync::Arc;

use crate::program::{ProgramServer, Programs};
use gosum_fetch::SafeUrl;

use super::{GitConfig, Settings, decoded};

/// Who speaks for a repository.
#[derive(Debug, Clone)]
pub enum Remote {
    /// Its host, over http or https.
    Http(SafeUrl),
    /// A program.
    Program(ProgramServer),
}

/// Why nobody does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// It is no URL.
    #[error("{0}")]
    Url(String),
    /// A setting does not allow the protocol.
    #[error("{0} does not allow {1}")]
    Protocol(&'static str, String),
    /// A protocol that is not spoken.
    #[error("repositories over `{0}` are not supported")]
    Scheme(String),
    /// A host, user or path that a program would take for an option.
    #[error("`{0}` looks like an option")]
    Option(String),
    /// A URL that names no repository of its host.
    #[error("{0}: no path")]
    NoPath(SafeUrl),
}

impl Remote {
    /// Returns who speaks for the repository at `url`, as git writes URLs: `https://…`, `ssh://…`, `user@host:path`,
    /// `file://…` or the path of a folder.
    ///
    /// # Errors
    /// When nobody does.
    pub fn new(
        url: &str,
        config: &GitConfig,
        settings: &Settings,
        programs: &Arc<Programs>,
    ) -> Result<Remote, RemoteError> {
        let server = |url: SafeUrl, program: OsString, arguments: Vec<OsString>| ProgramServer {
            url,
            program,
            arguments,
            shown: None,
            host: None,
            needs: "git".to_owned(),
            programs: programs.clone(),
        };
        let place = Place::parse(url)?;
        if let Some(forbidden_by) = forbidden_by(place.protocol(), config, settings) {
            return Err(RemoteError::Protocol(forbidden_by, place.protocol().to_owned()));
        }
        Ok(match place {
            Place::Http { url } => Remote::Http(url),
            Place::Folder { url, path } => {
                let arguments = vec!["upload-pack".into(), "--".into(), path.into()];
                Remote::Program(server(url, "git".into(), arguments))
            }
            Place::Ssh { url, user, host, port, path } => {
                let command = format!("git-upload-pack {}", quoted(&path));
                let ssh = Ssh::of(config, settings);
                let mut arguments = ssh.options(port);
                let target = user.map_or(host.clone(), |user| format!("{user}@{host}"));
                // a line of the user's own may hold what opens a key
                let shown = ssh.line_from.map(|variable| format!("{variable} {target} {command}"));
                arguments.extend([target, command]);
                let (program, first) = ssh.program();
                let arguments = first.into_iter().chain(arguments).map(OsString::from).collect();
                let server = server(url, program.into(), arguments);
                Remote::Program(ProgramServer { shown, host: Some(host), needs: "ssh".to_owned(), ..server })
            }
        })
    }
}

/// Returns the setting that does not allow a protocol, if one does not. What git's own server runs as a program, and what
/// is not spoken here, is another matter.
fn forbidden_by(protocol: &str, config: &GitConfig, settings: &Settings) -> Option<&'static str> {
    if let Some(allowed) = settings.var("GIT_ALLOW_PROTOCOL") {
        let is_named = allowed.split(':').any(|name| name == protocol);
        return (!is_named).then_some("GIT_ALLOW_PROTOCOL");
    }
    let value = config.get_below("protocol", protocol, "allow").or_else(|| config.get("protocol", "allow"));
    value.is_some_and(|value| value.eq_ignore_ascii_case("never")).then_some("protocol.allow")
}

/// Where a repository is.
enum Place {
    Http { url: SafeUrl },
    Folder { url: SafeUrl, path: String },
    Ssh { url: SafeUrl, user: Option<String>, host: String, port: Option<u16>, path: String },
}

impl Place {
    fn parse(text: &str) -> Result<Place, RemoteError> {
        let Some((scheme, rest)) = text.split_once("://") else { return Place::without_scheme(text) };
        match scheme {
            // what would be asked below a query is another thing to each host
            "http" | "https" if text.contains(['?', '#']) => {
                Err(RemoteError::Url("a repository's URL has no query and no fragment".to_owned()))
            }
            "http" | "https" => Ok(Place::Http { url: safe(text)? }),
            "file" => {
                // whatever host is named, the folder is one of this machine
                let (url, rest) = (safe(text)?, decoded(rest));
                let at = rest.find('/').ok_or_else(|| RemoteError::NoPath(url.clone()))?;
                Ok(Place::Folder { url, path: rest[at..].to_owned() })
            }
            "ssh" | "git+ssh" | "ssh+git" => Place::ssh(&decoded(rest), '/'),
            other => Err(unknown(other)),
        }
    }

    /// `[user@]host:path`, or a folder.
    fn without_scheme(text: &str) -> Result<Place, RemoteError> {
        // git's own helpers run whatever stands behind these
        if let Some((helper, _)) =
            text.split_once("::").filter(|(helper, _)| !helper.contains(['/', '@', '[']))
        {
            return Err(unknown(helper));
        }
        if text.find(':').is_some_and(|at| !text[..at].contains('/')) {
            return Place::ssh(text, ':');
        }
        Ok(Place::Folder { url: safe(&format!("file://{text}"))?, path: text.to_owned() })
    }

    /// Returns the place `[user@]host[:port]/path`, or `[user@]host:path`, by what stands before the path.
    fn ssh(text: &str, separator: char) -> Result<Place, RemoteError> {
        // a host in brackets may have colons
        let host_at = text.find("@[").map_or(0, |at| at + 1);
        let behind = match text[host_at..].strip_prefix('[').and_then(|inner| inner.find(']')) {
            Some(end) => host_at + end + 2,
            None => 0,
        };
        let path_at = text[behind..].find(separator).map_or(text.len(), |at| behind + at);
        let (authority, path) = text.split_at(path_at);
        let path = if separator == ':' { path.strip_prefix(':').unwrap_or(path) } else { path };
        // a path that begins with a home folder is told without its slash
        let path = if path.starts_with("/~") { &path[1..] } else { path };
        let (user, host) = match authority.rsplit_once('@') {
            // git would hand on the password as a part of the name, for everybody to see
            Some((user, host)) => (Some(user.split(':').next().unwrap_or(user)), host),
            None => (None, authority),
        };
        let (host, port) = match host.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((inner, "" | ":")) => with_port(inner),
            Some((inner, port)) => (inner, with_port(port).1),
            None => with_port(host),
        };
        let looks_like_option = |word: &&str| word.starts_with('-');
        if let Some(word) = [user, Some(host), Some(path)].into_iter().flatten().find(looks_like_option) {
            return Err(RemoteError::Option(word.to_owned()));
        }
        let shown_user = user.map_or(String::new(), |user| format!("{user}@"));
        let shown_host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let shown_port = port.map_or(String::new(), |port| format!(":{port}"));
        let shown_path = path.trim_start_matches('/');
        let url = safe(&format!("ssh://{shown_user}{shown_host}{shown_port}/{shown_path}"))?;
        if path.is_empty() {
            return Err(RemoteError::NoPath(url));
        }
        let user = user.map(str::to_owned);
        Ok(Place::Ssh { url, user, host: host.to_owned(), port, path: path.to_owned() })
    }

    /// Returns the protocol, as git calls it.
    fn protocol(&self) -> &str {
        match self {
            Place::Http { url } => url.scheme(),
            Place::Folder { .. } => "file",
            Place::Ssh { .. } => "ssh",
        }
    }
}

fn safe(text: &str) -> Result<SafeUrl, RemoteError> {
    SafeUrl::parse(text).map_err(|error| RemoteError::Url(error.to_string()))
}

/// Returns the error for a URL of another scheme; what cannot be a scheme may be a secret.
fn unknown(scheme: &str) -> RemoteError {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    match !scheme.is_empty() && scheme.bytes().all(is_plain) {
        true => RemoteError::Scheme(scheme.to_owned()),
        false => RemoteError::Url("not a URL".to_owned()),
    }
}

/// Returns a host, and the port behind its first colon, if that is one.
fn with_port(host: &str) -> (&str, Option<u16>) {
    match host.split_once(':') {
        Some((host, "")) => (host, None),
        Some((name, port)) => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (host, None),
        },
        None => (host, None),
    }
}

/// The ssh program.
struct Ssh {
    /// A program, or a line of the shell's.
    command: String,
    /// The setting that has the line, if it is one.
    line_from: Option<&'static str>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    OpenSsh,
    Plink,
    TortoisePlink,
    /// One of which only the port is known how to be told.
    Other,
}

impl Ssh {
    fn of(config: &GitConfig, settings: &Settings) -> Ssh {
        let by_variable = settings.var("GIT_SSH_COMMAND").map(|line| (line, Some("GIT_SSH_COMMAND")));
        let by_config = || Some((config.get("core", "sshcommand")?, Some("core.sshCommand")));
        let by_program = || Some((settings.var("GIT_SSH")?, None));
        let found = by_variable.or_else(by_config).or_else(by_program);
        let (command, line_from) = found.unwrap_or(("ssh", None));
        let named = settings.var("GIT_SSH_VARIANT").or_else(|| config.get("ssh", "variant"));
        let first =
            if line_from.is_some() { command.split_whitespace().next().unwrap_or("ssh") } else { command };
        let base =
            first.trim_matches(['\'', '"']).rsplit(['/', '\\']).next().unwrap_or(first).to_ascii_lowercase();
        let base = base.strip_suffix(".exe").unwrap_or(&base);
        let kind = match named.filter(|named| *named != "auto").unwrap_or(base) {
            "ssh" => Kind::OpenSsh,
            "plink" | "putty" => Kind::Plink,
            "tortoiseplink" => Kind::TortoisePlink,
            _ => Kind::Other,
        };
        Ssh { command: command.to_owned(), line_from, kind }
    }

    fn options(&self, port: Option<u16>) -> Vec<String> {
        let mut options = Vec::new();
        match self.kind {
            Kind::OpenSsh => options.extend(["-o".to_owned(), "SendEnv=GIT_PROTOCOL".to_owned()]),
            Kind::TortoisePlink => options.push("-batch".to_owned()),
            Kind::Plink | Kind::Other => {}
        }
        if let Some(port) = port {
            let flag = if matches!(self.kind, Kind::Plink | Kind::TortoisePlink) { "-P" } else { "-p" };
            options.extend([flag.to_owned(), port.to_string()]);
        }
        options
    }

    /// Returns the program and its first arguments.
    fn program(&self) -> (String, Vec<String>) {
        if self.line_from.is_none() {
            return (self.command.clone(), Vec::new());
        }
        let line = format!("{} \"$@\"", self.command);
        ("sh".to_owned(), vec!["-c".to_owned(), line, self.command.clone()])
    }
}

/// Returns `word` as the shell at the other end reads it whole.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''").replace('!', r"'\!'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(url: &str, vars: &[(&str, &str)]) -> Result<Vec<String>, RemoteError> {
        let vars = vars.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { vars, home: None };
        match Remote::new(url, &GitConfig::default(), &settings, &Arc::default())? {
            Remote::Http(url) => Ok(vec![url.to_string()]),
            Remote::Program(server) => {
                let words = std::iter::once(server.program).chain(server.arguments);
                Ok(words.map(|word| word.into_string().unwrap()).collect())
            }
        }
    }

    #[test]
    fn a_host_over_ssh_is_asked_by_the_users_program() {
        let send = ["ssh", "-o", "SendEnv=GIT_PROTOCOL"];
        for (url, rest) in [
            ("ssh://git@git.example/team/a", &["git@git.example", "git-upload-pack '/team/a'"][..]),
            ("git+ssh://git.example:2222/a", &["-p", "2222", "git.example", "git-upload-pack '/a'"]),
            ("git@git.example:team/a.git", &["git@git.example", "git-upload-pack 'team/a.git'"]),
            ("ssh://git.example/~me/a%20b", &["git.example", "git-upload-pack '~me/a b'"]),
            ("ssh://git.example/%7Eme/a", &["git.example", "git-upload-pack '~me/a'"]),
            ("git.example:/~me/a", &["git.example", "git-upload-pack '~me/a'"]),
            ("ssh://m%65:secret@git.example:/a", &["me@git.example", "git-upload-pack '/a'"]),
            ("ssh://me@[::1]:22/a", &["-p", "22", "me@::1", "git-upload-pack '/a'"]),
            ("ssh://[git.example:22]/a", &["-p", "22", "git.example", "git-upload-pack '/a'"]),
            ("[git.example:22]:a", &["-p", "22", "git.example", "git-upload-pack 'a'"]),
            ("me@[::1]:a", &["me@::1", "git-upload-pack 'a'"]),
            ("git.example:22/a", &["git.example", "git-upload-pack '22/a'"]),
            ("ssh://git.example/it's", &["git.example", r"git-upload-pack '/it'\''s'"]),
        ] {
            assert_eq!(words(url, &[]).unwrap(), [&send[..], rest].concat(), "{url}");
        }
        assert_eq!(
            words("ssh://git.example:9/a", &[("GIT_SSH_COMMAND", "plink -i key")]).unwrap(),
            [
                "sh",
                "-c",
                "plink -i key \"$@\"",
                "plink -i key",
                "-P",
                "9",
                "git.example",
                "git-upload-pack '/a'"
            ]
        );
        assert_eq!(
            words("ssh://h.example/a", &[("GIT_SSH", "/bin/my")]).unwrap()[..2],
            ["/bin/my", "h.example"]
        );
    }

    #[test]
    fn folders_are_asked_through_git() {
        for url in ["file:///srv/a", "/srv/a", "file://localhost/srv/a", "file://any.example/srv/a"] {
            assert_eq!(words(url, &[]).unwrap(), ["git", "upload-pack", "--", "/srv/a"], "{url}");
        }
    }

    #[test]
    fn what_looks_like_an_option_or_is_not_allowed_is_refused() {
        for url in [
            "ssh://-oProxyCommand=x/a",
            "ssh://%2doProxyCommand=x/a",
            "-oProxyCommand=x:a",
            "ssh://-l@git.example/a",
            "git.example:-a",
            "ssh://git.example",
            "git.example:",
            "file://git.example",
            "https://git.example/a?b",
            "https://git.example/a#b",
        ] {
            assert!(words(url, &[]).is_err(), "{url}");
        }
        let https = [("GIT_ALLOW_PROTOCOL", "https:http")];
        assert_eq!(
            words("ssh://git.example/a", &https),
            Err(RemoteError::Protocol("GIT_ALLOW_PROTOCOL", "ssh".into()))
        );
        assert!(words("https://git.example/a", &https).is_ok());
        assert_eq!(words("git://git.example/a", &[]), Err(RemoteError::Scheme("git".into())));
        assert_eq!(words("ext::sh -c x", &[]), Err(RemoteError::Scheme("ext".into())));
        assert_eq!(words("HTTPS://git.example/a", &[]), Err(RemoteError::Scheme("HTTPS".into())));
        assert_eq!(words("me:secret@x://git.example/a", &[]), Err(RemoteError::Url("not a URL".into())));
    }
}
