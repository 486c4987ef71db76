//! Who speaks for a repository: a host over http, or a program.

use std::ffi::OsString;
use std::sync::Arc;

use crate::program::{ProgramServer, Programs};
use gosum_fetch::SafeUrl;

use super::{GitConfig, Settings};

/// Variables of git's that speak of another repository than the one that is asked.
const LOCAL: [&str; 9] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
];

/// Who speaks for a repository.
#[derive(Debug, Clone)]
pub enum Remote {
    /// Its host, over http or https.
    Http(SafeUrl),
    /// A program; the URL is for people.
    Program(SafeUrl, ProgramServer),
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
    /// A host or user name that a program would take for an option.
    #[error("`{0}` looks like an option")]
    Option(String),
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
        let server = |program: OsString, arguments: Vec<OsString>, needs: &str| ProgramServer {
            program,
            arguments,
            shown: None,
            env_removed: LOCAL.iter().map(OsString::from).collect(),
            needs: needs.to_owned(),
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
                Remote::Program(url, server("git".into(), arguments, "git"))
            }
            Place::Ssh { url, user, host, port, path } => {
                if let Some(word) =
                    [user.as_deref(), Some(&host)].into_iter().flatten().find(|word| word.starts_with('-'))
                {
                    return Err(RemoteError::Option(word.to_owned()));
                }
                let target = user.map_or(host.clone(), |user| format!("{user}@{host}"));
                let command = format!("git-upload-pack {}", quoted(&path));
                let ssh = Ssh::of(config, settings);
                let mut arguments = ssh.options(port);
                // a line of the user's own may hold what opens a key
                let shown = ssh.is_line.then(|| format!("GIT_SSH_COMMAND {target} {command}"));
                arguments.extend([target, command]);
                let (program, first) = ssh.program();
                let arguments = first.into_iter().chain(arguments).map(OsString::from).collect();
                Remote::Program(url, ProgramServer { shown, ..server(program.into(), arguments, "ssh") })
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
        let safe = |text: &str| SafeUrl::parse(text).map_err(|error| RemoteError::Url(error.to_string()));
        let Some((scheme, rest)) = text.split_once("://") else { return Place::without_scheme(text) };
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Ok(Place::Http { url: safe(text)? }),
            "file" => {
                let url = safe(text)?;
                let path = decoded(rest.strip_prefix("localhost").unwrap_or(rest));
                Ok(Place::Folder { url, path })
            }
            "ssh" | "git+ssh" | "ssh+git" => {
                let url = safe(&format!("ssh://{rest}"))?;
                let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
                let (user, host) = match authority.rsplit_once('@') {
                    Some((user, host)) => (Some(decoded(user.split(':').next().unwrap_or(user))), host),
                    None => (None, authority),
                };
                let (host, port) = match host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok())
                {
                    Some((host, port)) => (host, port.parse().ok()),
                    None => (host, None),
                };
                let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
                // a path that begins with a home folder is told without its slash
                let path = if path.starts_with("/~") { &path[1..] } else { path };
                Ok(Place::Ssh { url, user, host, port, path: decoded(path) })
            }
            other => Err(RemoteError::Scheme(other.to_owned())),
        }
    }

    /// `[user@]host:path`, or a folder.
    fn without_scheme(text: &str) -> Result<Place, RemoteError> {
        // git's own helpers run whatever stands behind these
        if let Some((helper, _)) = text.split_once("::").filter(|(helper, _)| !helper.contains(['/', '@'])) {
            return Err(RemoteError::Scheme(helper.to_owned()));
        }
        let colon = text.find(':').filter(|at| !text[..*at].contains('/'));
        let Some(colon) = colon else {
            let url = SafeUrl::parse(&format!("file://{text}"))
                .map_err(|error| RemoteError::Url(error.to_string()))?;
            return Ok(Place::Folder { url, path: text.to_owned() });
        };
        let (authority, path) = (&text[..colon], &text[colon + 1..]);
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        let shown = format!("ssh://{authority}/{}", path.trim_start_matches('/'));
        let url = SafeUrl::parse(&shown).map_err(|error| RemoteError::Url(error.to_string()))?;
        Ok(Place::Ssh { url, user, host: host.to_owned(), port: None, path: path.to_owned() })
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

/// The ssh program.
struct Ssh {
    /// A program, or a line of the shell's.
    command: String,
    is_line: bool,
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
        let line = settings.var("GIT_SSH_COMMAND").or_else(|| config.get("core", "sshcommand"));
        let (command, is_line) = match (line, settings.var("GIT_SSH")) {
            (Some(line), _) => (line, true),
            (None, Some(program)) => (program, false),
            (None, None) => ("ssh", false),
        };
        let named = settings.var("GIT_SSH_VARIANT").or_else(|| config.get("ssh", "variant"));
        let first = if is_line { command.split_whitespace().next().unwrap_or("ssh") } else { command };
        let base =
            first.trim_matches(['\'', '"']).rsplit(['/', '\\']).next().unwrap_or(first).to_ascii_lowercase();
        let base = base.strip_suffix(".exe").unwrap_or(&base);
        let kind = match named.filter(|named| *named != "auto").unwrap_or(base) {
            "ssh" => Kind::OpenSsh,
            "plink" | "putty" => Kind::Plink,
            "tortoiseplink" => Kind::TortoisePlink,
            _ => Kind::Other,
        };
        Ssh { command: command.to_owned(), is_line, kind }
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
        if !self.is_line {
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

/// Returns `text` with what is percent-escaped as it is meant.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(url: &str, vars: &[(&str, &str)]) -> Result<Vec<String>, RemoteError> {
        let vars = vars.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { vars, home: None };
        match Remote::new(url, &GitConfig::default(), &settings, &Arc::default())? {
            Remote::Http(url) => Ok(vec![url.to_string()]),
            Remote::Program(_, server) => {
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
        for url in ["file:///srv/a", "/srv/a", "file://localhost/srv/a"] {
            assert_eq!(words(url, &[]).unwrap(), ["git", "upload-pack", "--", "/srv/a"], "{url}");
        }
    }

    #[test]
    fn what_looks_like_an_option_or_is_not_allowed_is_refused() {
        for url in ["ssh://-oProxyCommand=x/a", "-oProxyCommand=x:a", "ssh://-l@git.example/a"] {
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
    }
}
