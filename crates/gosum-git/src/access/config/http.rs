//! How git speaks HTTP to a repository.

use std::path::PathBuf;

use gosum_fetch::SafeUrl;

use super::GitConfig;
use crate::access::{Secret, Settings, with_user};

/// How git speaks HTTP to a repository, where its settings say something else than the environment does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpSettings {
    /// The file of certificates that are believed in place of the system's file: `GIT_SSL_CAINFO`, `http.sslCAInfo`.
    pub ca_file: Option<PathBuf>,
    /// The proxy, empty for none: `http.proxy`.
    pub proxy: Option<Secret>,
    /// Whether nobody's certificate is looked at: `GIT_SSL_NO_VERIFY`, `http.sslVerify=false`.
    pub is_unchecked: bool,
}

impl HttpSettings {
    /// Returns how the repository at `url` is spoken to.
    pub fn of(url: &SafeUrl, config: &GitConfig, settings: &Settings) -> HttpSettings {
        let Some(url) = with_user(url) else { return HttpSettings::default() };
        let ca_file = settings.var("GIT_SSL_CAINFO").map(PathBuf::from);
        let configured = || {
            let path = config.best_for_url("http", "sslcainfo", &url).filter(|path| !path.is_empty())?;
            Some(settings.below_home(path).unwrap_or_else(|| path.into()))
        };
        HttpSettings {
            ca_file: ca_file.or_else(configured),
            proxy: config.best_for_url("http", "proxy", &url).map(Secret::new),
            // git looks at no value, only whether it is there
            is_unchecked: settings.vars.contains_key("GIT_SSL_NO_VERIFY")
                || config.best_switch_for_url("http", "sslverify", &url) == Some(false),
        }
    }
}
