//! How the user reaches private repositories and module proxies: by the user's own settings, and nobody else's.
//!
//! - [`Settings`]: the variables and files that are read
//! - [`GitConfig`]: what git's own configuration says of URLs: other addresses, headers, helpers, the ssh command
//! - [`netrc`]: names and passwords by host
//! - [`Access`], [`Authorized`]: credentials for requests over https, sent to their own host alone, looked for when a
//!   host asks for them
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

mod authorized;
mod config;
mod goauth;
mod helper;
pub mod netrc;
mod remote;
mod secret;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use authorized::{Access, Authorized, Role};
pub use config::{ConfigError, GitConfig, HttpSettings};
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
    /// Returns a variable, unless it is empty.
    pub(crate) fn var(&self, key: &str) -> Option<&str> {
        self.vars.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }
}
