//! git's configuration, as far as it says how to reach a URL. Only the user's and the system's: a repository's own would
//! be somebody else's.

mod fit;
mod http;
mod read;

use url::Url;

use self::fit::Fit;
pub use self::http::HttpSettings;
pub use self::read::ConfigError;
use super::Settings;

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
    /// None for a key without `=`, which turns something on.
    text: Option<String>,
}

impl Value {
    fn is(&self, section: &str, key: &str) -> bool {
        self.section == section && self.key == key
    }

    fn text(&self) -> &str {
        self.text.as_deref().unwrap_or("true")
    }
}

impl GitConfig {
    /// Returns the configuration of system, user and environment, in this order.
    ///
    /// # Errors
    /// When a file is there and cannot be read or is malformed, or a variable is.
    pub fn read(settings: &Settings) -> Result<GitConfig, ConfigError> {
        Ok(GitConfig { values: read::read(settings)? })
    }

    /// Returns the URL that `url.*.insteadOf` puts in the place of `url`; none where it stays.
    pub fn rewrite(&self, url: &str) -> Option<String> {
        let mut longest: Option<(&str, &str)> = None;
        for rule in self.values.iter().filter(|value| value.is("url", "insteadof")) {
            if let Some(base) = &rule.subsection
                && url.starts_with(rule.text())
                && longest.is_none_or(|(prefix, _)| prefix.len() < rule.text().len())
            {
                longest = Some((rule.text(), base));
            }
        }
        longest.map(|(prefix, base)| format!("{base}{}", &url[prefix.len()..]))
    }

    /// Returns all values in the order in which they count, the last one most: `section.key` in lower case, the subsection,
    /// and the text, which is `true` for a key without one. Any of them may hold a password.
    pub fn values(&self) -> impl Iterator<Item = (String, Option<&str>, &str)> {
        self.values.iter().map(|value| {
            let Value { section, subsection, key, .. } = value;
            (format!("{section}.{key}"), subsection.as_deref(), value.text())
        })
    }

    /// Returns the last value of `section.key`, which is for no URL.
    pub fn get(&self, section: &str, key: &str) -> Option<&str> {
        let is_it = |value: &&Value| value.is(section, key) && value.subsection.is_none();
        self.values.iter().rev().find(is_it).map(Value::text)
    }

    /// Returns the last value of `section.subsection.key`.
    pub(crate) fn get_below(&self, section: &str, subsection: &str, key: &str) -> Option<&str> {
        let is_it =
            |value: &&Value| value.is(section, key) && value.subsection.as_deref() == Some(subsection);
        self.values.iter().rev().find(is_it).map(Value::text)
    }

    /// Returns the values of `section.key` and `section.URL.key` that apply to `url`, in their order. One that fits less
    /// well than one before it does not apply.
    fn for_url(&self, section: &str, key: &str, url: &Url) -> Vec<&str> {
        let (mut best, mut found) = (Fit::default(), Vec::new());
        for value in self.values.iter().filter(|value| value.is(section, key)) {
            let fit = match &value.subsection {
                None => Some(Fit::default()),
                Some(pattern) => Fit::of(pattern, url),
            };
            if let Some(fit) = fit.filter(|fit| *fit >= best) {
                best = fit;
                found.push(value.text());
            }
        }
        found
    }

    /// Returns the value that fits `url` best.
    pub(crate) fn best_for_url(&self, section: &str, key: &str, url: &Url) -> Option<&str> {
        self.for_url(section, key, url).pop()
    }

    /// Returns the values that apply to `url`, behind the last empty one: that undoes those before it.
    pub(crate) fn all_for_url(&self, section: &str, key: &str, url: &Url) -> Vec<&str> {
        behind_empty(self.for_url(section, key, url))
    }

    /// Returns whether a switch is on or off for `url`, if anything says so.
    pub(crate) fn best_switch_for_url(&self, section: &str, key: &str, url: &Url) -> Option<bool> {
        self.best_for_url(section, key, url).map(is_on)
    }

    /// Returns the values of `credential.key` and `credential.URL.key` that are about `url`: all that fit at all, in their
    /// order, a URL that fits better counting no more than others; those behind the last empty one, which undoes the others.
    pub(crate) fn of_credential(&self, key: &str, url: &Url) -> Vec<&str> {
        let is_about = |value: &&Value| {
            let pattern = value.subsection.as_deref();
            value.is("credential", key) && pattern.is_none_or(|pattern| Fit::covers(pattern, url))
        };
        behind_empty(self.values.iter().filter(is_about).map(Value::text).collect())
    }

    /// Returns whether helpers are told the paths of repositories, for `url`.
    pub(crate) fn tells_paths(&self, url: &Url) -> bool {
        self.of_credential("usehttppath", url).pop().is_some_and(is_on)
    }
}

fn behind_empty(mut values: Vec<&str>) -> Vec<&str> {
    if let Some(empty) = values.iter().rposition(|value| value.is_empty()) {
        values.drain(..=empty);
    }
    values
}

/// Returns whether git takes the value of a switch for on.
fn is_on(value: &str) -> bool {
    !is_off(value) && !value.is_empty()
}

fn is_off(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0")
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use gosum_fetch::SafeUrl;

    use super::*;
    use crate::access::Secret;

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
    fn a_value_counts_unless_one_before_it_fits_better() {
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
        let user = HttpSettings::of(
            &SafeUrl::parse("https://me@git.example/a").unwrap(),
            &GitConfig { values: self::config("[http \"https://me@git.example\"]\n\tproxy = x\n").values },
            &Settings::default(),
        );
        assert_eq!(user.proxy, Some(Secret::new("x")));
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
        assert_eq!(config.of_credential("helper", &url), ["b"]);
    }

    #[test]
    fn every_helper_that_fits_is_asked_and_the_last_name_counts() {
        let config = config(
            "[credential \"https://git.example\"]\n\thelper = a\n\tusername = u\n\
             [credential]\n\thelper = b\n\tusername = v\n\tuseHttpPath\n\
             [credential \"git.example\"]\n\thelper = c\n[credential \"https://other.example\"]\n\thelper = d\n",
        );
        let url = Url::parse("https://git.example/a").unwrap();
        assert_eq!(config.of_credential("helper", &url), ["a", "b", "c"]);
        assert_eq!(config.of_credential("username", &url), ["u", "v"]);
        assert!(config.tells_paths(&url));
    }

    #[test]
    fn a_key_without_a_value_turns_something_on() {
        let settings_of = |text: &str| {
            let url = SafeUrl::parse("https://git.example/a").unwrap();
            HttpSettings::of(&url, &config(text), &Settings::default())
        };
        assert!(!settings_of("[http]\n\tsslVerify\n\tpostBuffer = 1\n").is_unchecked);
        assert!(settings_of("[http]\n\tsslVerify = false\n").is_unchecked);
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".gitconfig"), "[url \"https://evil.example/\"]\n\tinsteadOf\n")
            .unwrap();
        let error = GitConfig::read(&settings(dir.path())).unwrap_err().to_string();
        assert!(error.ends_with("is malformed: no value for url.insteadof"), "{error}");
    }

    #[test]
    fn values_go_over_several_lines_and_have_quotes() {
        let config = config("[core]\n\tsshCommand = \"a  b\" c\\\n  d ; e\n\taskPass=\"#x\"\r\n");
        assert_eq!(config.get("core", "sshcommand"), Some("a  b c  d"));
        assert_eq!(config.get("core", "askpass"), Some("#x"));
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
