//! git's configuration, as far as it says how to reach a URL. Only the user's and the system's: a repository's own would
//! be somebody else's.

use std::io;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::config::File;
use gosum_fetch::SafeUrl;
use url::Url;

use super::{Secret, Settings};

/// How deep files may include one another, as git has it.
const MAX_DEPTH: usize = 10;

/// What is wrong with git's configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file is there and cannot be read.
    #[error("cannot read git's configuration in {}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file is malformed.
    #[error("git's configuration in {} is malformed: {reason}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What the parser found.
        reason: String,
    },
    /// Files include one another without end.
    #[error("git's configuration in {} is included too deep", file.display())]
    TooDeep {
        /// The file.
        file: PathBuf,
    },
    /// GOAUTH asks git in a folder that is not there.
    #[error("GOAUTH: no folder {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
    },
    /// `GIT_CONFIG_COUNT` and the variables that belong to it do not fit.
    #[error("{variable}: {reason}")]
    Variable {
        /// The variable.
        variable: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// The values of git's configuration, those that count more behind the others.
#[derive(Debug, Clone, Default)]
pub struct GitConfig {
    values: Vec<Value>,
}

#[derive(Debug, Clone)]
struct Value {
    /// In lower case.
    section: String,
    subsection: Option<String>,
    /// In lower case.
    key: String,
    text: String,
}

impl GitConfig {
    /// Returns the configuration of system, user and environment, in this order.
    ///
    /// # Errors
    /// When a file is there and cannot be read or is malformed, or a variable is.
    pub fn read(settings: &Settings) -> Result<GitConfig, ConfigError> {
        let mut config = GitConfig::default();
        for file in files(settings) {
            config.add_file(&file, settings, 0)?;
        }
        config.add_variables(settings)?;
        Ok(config)
    }

    fn add_file(&mut self, file: &Path, settings: &Settings, depth: usize) -> Result<(), ConfigError> {
        if depth > MAX_DEPTH {
            return Err(ConfigError::TooDeep { file: file.to_owned() });
        }
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(());
            }
            Err(source) => return Err(ConfigError::Read { file: file.to_owned(), source }),
        };
        let parsed =
            File::from_bytes_no_includes(&bytes, gix::config::file::Metadata::api(), Default::default());
        let parsed = parsed
            .map_err(|error| ConfigError::Malformed { file: file.to_owned(), reason: error.to_string() })?;
        for section in parsed.sections() {
            let header = section.header();
            let name = header.name().to_str_lossy().to_ascii_lowercase();
            let subsection = header.subsection_name().map(|name| name.to_str_lossy().into_owned());
            let mut keys: Vec<String> = Vec::new();
            for key in section.value_names() {
                let key = key.to_ascii_lowercase();
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            for key in keys {
                for value in section.values(&key) {
                    let text = value.to_str_lossy().into_owned();
                    if (name.as_str(), subsection.as_deref(), key.as_str()) == ("include", None, "path") {
                        self.add_file(&included(&text, file, settings), settings, depth + 1)?;
                    }
                    let (section, subsection, key) = (name.clone(), subsection.clone(), key.clone());
                    self.values.push(Value { section, subsection, key, text });
                }
            }
        }
        Ok(())
    }

    /// Adds the pairs that `GIT_CONFIG_COUNT` counts.
    fn add_variables(&mut self, settings: &Settings) -> Result<(), ConfigError> {
        let Some(count) = settings.var("GIT_CONFIG_COUNT") else { return Ok(()) };
        let wrong = |variable: &str, reason| ConfigError::Variable { variable: variable.to_owned(), reason };
        let count: u32 = count.parse().map_err(|_| wrong("GIT_CONFIG_COUNT", "not a number"))?;
        for number in 0..count {
            let (name, value) = (format!("GIT_CONFIG_KEY_{number}"), format!("GIT_CONFIG_VALUE_{number}"));
            let key = settings.vars.get(&name).ok_or_else(|| wrong(&name, "missing"))?;
            let text = settings.vars.get(&value).ok_or_else(|| wrong(&value, "missing"))?.clone();
            let (section, key_name) = key.rsplit_once('.').ok_or_else(|| wrong(&name, "no key"))?;
            let (section, subsection) = match section.split_once('.') {
                Some((section, subsection)) => (section, Some(subsection.to_owned())),
                None => (section, None),
            };
            let (section, key) = (section.to_ascii_lowercase(), key_name.to_ascii_lowercase());
            self.values.push(Value { section, subsection, key, text });
        }
        Ok(())
    }

    /// Returns the URL that `url.*.insteadOf` puts in the place of `url`; none where it stays.
    pub fn rewrite(&self, url: &str) -> Option<String> {
        let mut longest: Option<(&str, &str)> = None;
        let rules = self.values.iter().filter(|value| value.section == "url" && value.key == "insteadof");
        for rule in rules.filter(|rule| url.starts_with(&rule.text)) {
            if let Some(base) = &rule.subsection
                && longest.is_none_or(|(prefix, _)| prefix.len() < rule.text.len())
            {
                longest = Some((&rule.text, base));
            }
        }
        longest.map(|(prefix, base)| format!("{base}{}", &url[prefix.len()..]))
    }

    /// Returns the last value of `section.key`, which is for no URL.
    pub fn get(&self, section: &str, key: &str) -> Option<&str> {
        let is_it =
            |value: &&Value| value.section == section && value.key == key && value.subsection.is_none();
        self.values.iter().rev().find(is_it).map(|value| value.text.as_str())
    }

    /// Returns the last value of `section.subsection.key`.
    pub(crate) fn get_below(&self, section: &str, subsection: &str, key: &str) -> Option<&str> {
        let is_it = |value: &&Value| {
            value.section == section && value.key == key && value.subsection.as_deref() == Some(subsection)
        };
        self.values.iter().rev().find(is_it).map(|value| value.text.as_str())
    }

    /// Returns the values of `section.key` and `section.URL.key` that apply to `url`, in their order. One that fits less
    /// well than one before it does not apply.
    fn for_url(&self, section: &str, key: &str, url: &Url) -> Vec<&str> {
        let (mut best, mut found) = (Fit::default(), Vec::new());
        for value in self.values.iter().filter(|value| value.section == section && value.key == key) {
            let fit = match &value.subsection {
                None => Some(Fit::default()),
                Some(pattern) => Fit::of(pattern, url),
            };
            if let Some(fit) = fit.filter(|fit| *fit >= best) {
                best = fit;
                found.push(value.text.as_str());
            }
        }
        found
    }

    /// Returns the last of the values that apply to `url`.
    pub(crate) fn one_for_url(&self, section: &str, key: &str, url: &Url) -> Option<&str> {
        self.for_url(section, key, url).pop()
    }

    /// Returns the values that apply to `url`, behind the last empty one: that undoes those before it.
    pub(crate) fn all_for_url(&self, section: &str, key: &str, url: &Url) -> Vec<&str> {
        let mut values = self.for_url(section, key, url);
        if let Some(empty) = values.iter().rposition(|value| value.is_empty()) {
            values.drain(..=empty);
        }
        values
    }

    /// Returns whether a switch is on for `url`.
    pub(crate) fn is_on(&self, section: &str, key: &str, url: &Url) -> bool {
        self.switch(section, key, url).unwrap_or(false)
    }

    fn switch(&self, section: &str, key: &str, url: &Url) -> Option<bool> {
        self.one_for_url(section, key, url).map(is_true)
    }
}

/// Returns whether git takes the value of a switch for on.
fn is_true(value: &str) -> bool {
    !is_off(value) && !value.is_empty()
}

fn is_off(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0")
}

/// How git speaks HTTP to a repository, where its settings say something else than the environment does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpSettings {
    /// The file of certificates that are believed in place of the system's: `GIT_SSL_CAINFO`, `http.sslCAInfo`.
    pub ca_file: Option<PathBuf>,
    /// The proxy, empty for none: `http.proxy`.
    pub proxy: Option<Secret>,
    /// Whether nobody's certificate is looked at: `GIT_SSL_NO_VERIFY`, `http.sslVerify=false`.
    pub is_unchecked: bool,
}

impl HttpSettings {
    /// Returns how the repository at `url` is spoken to.
    pub fn of(url: &SafeUrl, config: &GitConfig, settings: &Settings) -> HttpSettings {
        let Ok(url) = Url::parse(&url.to_string()) else { return HttpSettings::default() };
        let home = |path: &str| match (path.strip_prefix("~/"), &settings.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        };
        let ca_file = settings.var("GIT_SSL_CAINFO").map(PathBuf::from);
        let configured =
            || Some(config.one_for_url("http", "sslcainfo", &url)?).filter(|path| !path.is_empty());
        HttpSettings {
            ca_file: ca_file.or_else(|| configured().map(home)),
            proxy: config.one_for_url("http", "proxy", &url).map(Secret::new),
            // git looks at no value, only whether it is there
            is_unchecked: settings.vars.contains_key("GIT_SSL_NO_VERIFY")
                || config.switch("http", "sslverify", &url) == Some(false),
        }
    }
}

/// Returns the files of system and user, those that count less first.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let mut files = Vec::new();
    if settings.var("GIT_CONFIG_NOSYSTEM").is_none_or(is_off) {
        files.push(settings.var("GIT_CONFIG_SYSTEM").map_or_else(|| "/etc/gitconfig".into(), PathBuf::from));
    }
    match settings.vars.get("GIT_CONFIG_GLOBAL") {
        Some(file) if !file.is_empty() => files.push(file.into()),
        // an empty one is no file at all
        Some(_) => {}
        None => {
            let xdg = settings.var("XDG_CONFIG_HOME").map(PathBuf::from);
            let xdg = xdg.or_else(|| Some(settings.home.as_ref()?.join(".config")));
            files.extend(xdg.map(|dir| dir.join("git").join("config")));
            files.extend(settings.home.as_ref().map(|home| home.join(".gitconfig")));
        }
    }
    files
}

/// Returns the file that `path` means where `from` includes it.
fn included(path: &str, from: &Path, settings: &Settings) -> PathBuf {
    match (path.strip_prefix("~/"), &settings.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => from.parent().unwrap_or(Path::new("")).join(path),
    }
}

/// How well a URL of the configuration fits another one: by its host, then its path, then its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Fit {
    host: usize,
    path: usize,
    user: bool,
}

impl Fit {
    fn of(pattern: &str, url: &Url) -> Option<Fit> {
        let pattern = Url::parse(pattern).ok()?;
        let user = !pattern.username().is_empty();
        let fits = pattern.scheme() == url.scheme()
            && pattern.port_or_known_default() == url.port_or_known_default()
            && (!user || pattern.username() == url.username());
        let host = host_fit(pattern.host_str()?, url.host_str()?)?;
        let path = path_fit(pattern.path(), url.path())?;
        fits.then_some(Fit { host, path, user })
    }
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

    fn config(text: &str) -> GitConfig {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".gitconfig"), text).unwrap();
        GitConfig::read(&settings(dir.path())).unwrap()
    }

    fn settings(home: &Path) -> Settings {
        let vars = [("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned())].into();
        Settings { vars, home: Some(home.to_owned()) }
    }

    #[test]
    fn the_longest_prefix_rewrites() {
        let config = config(
            "[url \"ssh://git@git.example/\"]\n\tinsteadOf = https://git.example/\n\
             [URL \"file:///srv/team/\"]\n\tinsteadof = https://git.example/team/\n\
             [url \"x\"]\n\tpushInsteadOf = https://git.example/team/a\n",
        );
        for (url, rewritten) in [
            ("https://git.example/b", Some("ssh://git@git.example/b")),
            ("https://git.example/team/a", Some("file:///srv/team/a")),
            ("https://other.example/a", None),
        ] {
            assert_eq!(config.rewrite(url).as_deref(), rewritten, "{url}");
        }
    }

    #[test]
    fn values_for_a_url_come_before_those_for_all() {
        let config = config(
            "[http]\n\textraHeader = A: all\n\
             [http \"https://git.example\"]\n\textraHeader = B: host\n\
             [http \"https://git.example/team\"]\n\textraHeader = C: team\n\
             [http \"https://git.example\"]\n\textraHeader = D: host again\n\
             [http \"https://*.wild.example\"]\n\textraHeader = E: wild\n\
             [http \"https://git.example:8443\"]\n\textraHeader = F: port\n\
             [http \"http://git.example\"]\n\textraHeader = G: plain\n",
        );
        let headers = |url: &str| config.all_for_url("http", "extraheader", &Url::parse(url).unwrap());
        assert_eq!(headers("https://git.example/team/a"), ["A: all", "B: host", "C: team"]);
        assert_eq!(headers("https://git.example/teams"), ["A: all", "B: host", "D: host again"]);
        assert_eq!(headers("https://a.wild.example/x"), ["A: all", "E: wild"]);
        assert_eq!(headers("https://a.b.wild.example/x"), ["A: all"]);
        assert_eq!(headers("https://git.example:8443/x"), ["A: all", "F: port"]);
    }

    #[test]
    fn http_is_spoken_as_the_settings_for_the_url_say() {
        let config = config(
            "[http]\n\tsslCAInfo = ~/ca.pem\n\
             [http \"https://git.example\"]\n\tproxy = http://proxy.example:8080\n\tsslVerify = no\n",
        );
        let home = PathBuf::from("/home/me");
        let mut settings = Settings { home: Some(home.clone()), ..Settings::default() };
        let of = |url: &str, settings: &Settings| {
            HttpSettings::of(&SafeUrl::parse(url).unwrap(), &config, settings)
        };
        let other = of("https://other.example/a", &settings);
        assert_eq!(
            (other.ca_file, other.proxy, other.is_unchecked),
            (Some(home.join("ca.pem")), None, false)
        );
        let git = of("https://git.example/a", &settings);
        assert_eq!((git.proxy, git.is_unchecked), (Some(Secret::new("http://proxy.example:8080")), true));
        settings.vars.insert("GIT_SSL_CAINFO".into(), "/other.pem".into());
        settings.vars.insert("GIT_SSL_NO_VERIFY".into(), "1".into());
        let other = of("https://other.example/a", &settings);
        assert_eq!((other.ca_file, other.is_unchecked), (Some("/other.pem".into()), true));
    }

    #[test]
    fn an_empty_value_undoes_those_before_it() {
        let config = config("[credential]\n\thelper = a\n\thelper =\n\thelper = b\n");
        let url = Url::parse("https://git.example/a").unwrap();
        assert_eq!(config.all_for_url("credential", "helper", &url), ["b"]);
    }

    #[test]
    fn variables_count_most_and_files_include_others() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".gitconfig"), "[core]\n\tsshCommand = a\n[include]\n\tpath = more\n")
            .unwrap();
        std::fs::write(dir.path().join("more"), "[core]\n\tsshCommand = b\n").unwrap();
        let mut settings = settings(dir.path());
        assert_eq!(GitConfig::read(&settings).unwrap().get("core", "sshcommand"), Some("b"));
        for (key, value) in [("COUNT", "1"), ("KEY_0", "core.sshCommand"), ("VALUE_0", "c")] {
            settings.vars.insert(format!("GIT_CONFIG_{key}"), value.to_owned());
        }
        assert_eq!(GitConfig::read(&settings).unwrap().get("core", "sshcommand"), Some("c"));
        settings.vars.insert("GIT_CONFIG_COUNT".into(), "2".into());
        let error = GitConfig::read(&settings).unwrap_err().to_string();
        assert_eq!(error, "GIT_CONFIG_KEY_1: missing");
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".gitconfig"), "[core\n").unwrap();
        let error = GitConfig::read(&settings(dir.path())).unwrap_err().to_string();
        assert!(error.contains(".gitconfig is malformed"), "{error}");
        std::fs::write(dir.path().join(".gitconfig"), "[include]\n\tpath = .gitconfig\n").unwrap();
        let error = GitConfig::read(&settings(dir.path())).unwrap_err().to_string();
        assert!(error.contains("included too deep"), "{error}");
    }
}
