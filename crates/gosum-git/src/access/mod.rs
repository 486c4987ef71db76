//! How the user reaches private repositories and module proxies: by the user's own settings, and nobody else's.
//!
//! - [`Settings`]: the variables and files that are read
//! - [`GitConfig`]: what git's own configuration says of URLs: other addresses, headers, helpers, the ssh command
//! - [`netrc`]: names and passwords by host
//! - [`Access`]: what the settings know of credentials, which are sent over https alone, and to their own host
//! - [`ForGo`], [`ForGit`]: requests with them; the go command and git know other ones
//! - [`Remote`]: who speaks for a repository: a host over http, or a program such as ssh
//!
//! Nothing here reads the process's environment, and no credential appears in any text, debug text or error.
//!
//! ```
//! use gosum_git::access::{GitConfig, Settings};
//!
//! let mut settings = Settings::default();
//! settings.vars.extend([
//!     ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
//!     ("GIT_CONFIG_COUNT".into(), "1".into()),
//!     ("GIT_CONFIG_KEY_0".into(), "url.ssh://git@git.example/.insteadOf".into()),
//!     ("GIT_CONFIG_VALUE_0".into(), "https://git.example/".into()),
//! ]);
//! let config = GitConfig::read(&settings)?;
//! assert_eq!(config.rewrite("https://git.example/team/a").as_deref(), Some("ssh://git@git.example/team/a"));
//! # Ok::<(), gosum_git::access::ConfigError>(())
//! ```

mod config;
mod for_git;
mod for_go;
mod goauth;
mod helper;
pub mod netrc;
mod remote;
mod secret;
#[cfg(test)]
mod test;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gosum_fetch::{Request, SafeUrl};
use url::Url;

use crate::program::Programs;

pub use config::{ConfigError, GitConfig, HttpSettings};
pub use for_git::ForGit;
pub use for_go::ForGo;
pub use goauth::{GoAuth, GoAuthError};
pub use remote::{Remote, RemoteError};
pub use secret::Secret;

/// What is read of the world: variables, and where the user's files are.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The environment.
    pub vars: BTreeMap<String, String>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
}

impl Settings {
    /// Returns the file that `path` means, if it begins with the user's home folder.
    fn below_home(&self, path: &str) -> Option<PathBuf> {
        Some(self.home.as_ref()?.join(path.strip_prefix("~/")?))
    }

    /// Returns a variable, unless it is empty.
    pub(crate) fn var(&self, key: &str) -> Option<&str> {
        self.vars.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// What the user's settings know of credentials. What is found is remembered for the run.
#[derive(Debug)]
pub struct Access {
    settings: Settings,
    config: GitConfig,
    programs: Arc<Programs>,
    goauth: goauth::Known,
    logins: for_git::Logins,
}

impl Access {
    /// Returns what `settings` say, with `goauth`, the value of GOAUTH.
    ///
    /// # Errors
    /// When git's configuration cannot be read, or GOAUTH names a folder that is none.
    pub fn new(settings: Settings, goauth: GoAuth, programs: Arc<Programs>) -> Result<Access, ConfigError> {
        let config = GitConfig::read(&settings)?;
        goauth.check_folders()?;
        let goauth = goauth::Known::new(goauth);
        Ok(Access { settings, config, programs, goauth, logins: for_git::Logins::default() })
    }

    /// Returns git's configuration.
    pub fn config(&self) -> &GitConfig {
        &self.config
    }

    /// Returns the variables and files.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// A header of a request, and its value.
type Header = (String, Secret);

/// Returns the header that a name and a password are.
fn basic(user: &str, password: &Secret) -> Header {
    let text = STANDARD.encode(format!("{user}:{}", password.reveal()));
    ("Authorization".to_owned(), Secret::new(format!("Basic {text}")))
}

/// Returns a request with more headers.
fn with<'h>(request: Request, headers: impl IntoIterator<Item = &'h Header>) -> Request {
    let add = |request: Request, (name, value): &Header| request.header(name, value.reveal());
    headers.into_iter().fold(request, add)
}

/// Returns a URL with its user, and without a password.
fn with_user(url: &SafeUrl) -> Option<Url> {
    let mut parsed = Url::parse(&url.to_string()).ok()?;
    if let Some((user, _)) = url.credentials() {
        parsed.set_username(user).ok()?;
    }
    Some(parsed)
}

/// Returns `text` with what is percent-escaped as it is meant.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
