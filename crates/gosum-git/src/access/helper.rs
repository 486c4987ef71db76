//! git's credential helpers: programs that know names and passwords.

use std::fmt;

use url::Url;

use super::Settings;
use super::config::GitConfig;
use super::secret::Secret;
use crate::program::{Program, Programs};

/// A name and a password, and the helpers that are told whether they were right.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) username: String,
    pub(crate) password: Secret,
    helpers: Vec<String>,
    about: String,
}

/// Asks the helpers that the user's settings name for `url`, one after another, until both are known.
pub(crate) fn find(config: &GitConfig, programs: &Programs, url: &Url) -> Option<Found> {
    let about = about(config, url)?;
    let helpers: Vec<String> =
        config.all_for_url("credential", "helper", url).into_iter().map(str::to_owned).collect();
    let (mut username, mut password) = (username(config, url), None);
    for helper in &helpers {
        let known = username.as_ref().map_or(String::new(), |user| format!("username={user}\n"));
        let said = match tell(programs, helper, "get", &format!("{about}{known}\n")) {
            Ok(said) => said,
            Err(error) => {
                tracing::warn!(helper = shown(helper), %error, "no word from the credential helper");
                continue;
            }
        };
        for line in said.lines() {
            match line.split_once('=') {
                Some(("username", value)) if !value.is_empty() => username = Some(value.to_owned()),
                Some(("password", value)) if !value.is_empty() => password = Some(Secret::new(value)),
                Some(("quit", "1" | "true")) => return None,
                _ => {}
            }
        }
        if let (Some(username), Some(password)) = (&username, &password) {
            let (username, password) = (username.clone(), password.clone());
            return Some(Found { username, password, helpers, about });
        }
    }
    None
}

/// Asks the program that git asks for a name and a password when nobody else knows them: `GIT_ASKPASS`, `core.askPass` or
/// `SSH_ASKPASS`.
pub(crate) fn ask_pass(
    config: &GitConfig,
    settings: &Settings,
    programs: &Programs,
    url: &Url,
) -> Option<(String, Secret)> {
    let set = |key: &str| settings.vars.get(key).map(String::as_str);
    let asked = set("GIT_ASKPASS").or_else(|| config.get("core", "askpass")).or_else(|| set("SSH_ASKPASS"));
    let asked = asked.filter(|program| !program.is_empty())?;
    let host = host(url)?;
    let ask = |question: String| {
        let said = match Program::new(asked, &[&question]).run(programs, "") {
            Ok(said) if said.status.success() => said.text,
            Ok(said) => {
                tracing::warn!(program = asked, status = %said.status, "no word from the program that asks for passwords");
                return None;
            }
            Err(error) => {
                tracing::warn!(program = asked, %error, "no word from the program that asks for passwords");
                return None;
            }
        };
        let line = said.lines().next().unwrap_or_default();
        (!line.is_empty()).then(|| line.to_owned())
    };
    let scheme = url.scheme();
    let username = match username(config, url) {
        Some(username) => username,
        None => ask(format!("Username for '{scheme}://{host}': "))?,
    };
    let password = ask(format!("Password for '{scheme}://{username}@{host}': "))?;
    Some((username, Secret::new(password)))
}

/// Returns the user that the URL or the settings name.
fn username(config: &GitConfig, url: &Url) -> Option<String> {
    let from_url = Some(url.username()).filter(|user| !user.is_empty());
    from_url.or_else(|| config.one_for_url("credential", "username", url)).map(str::to_owned)
}

/// Returns the host of `url`, with its port if it names one.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or(host.to_owned(), |port| format!("{host}:{port}")))
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Found {
    /// Tells the helpers whether name and password were right. What they make of it is their own affair.
    pub(crate) fn tell(&self, programs: &Programs, right: bool) {
        let Found { username, password, helpers, about } = self;
        let words = format!("{about}username={username}\npassword={}\n\n", password.reveal());
        for helper in helpers {
            let operation = if right { "store" } else { "erase" };
            if let Err(error) = tell(programs, helper, operation, &words) {
                tracing::warn!(helper = shown(helper), %error, "the credential helper does not listen");
            }
        }
    }
}

/// Returns what is asked about; none when it cannot be said in lines.
fn about(config: &GitConfig, url: &Url) -> Option<String> {
    let mut about = format!("protocol={}\nhost={}\n", url.scheme(), host(url)?);
    if config.is_on("credential", "usehttppath", url) {
        about += &format!("path={}\n", url.path().trim_start_matches('/'));
    }
    Some(about)
}

/// Returns what is shown of a helper: a line of the shell's may hold what it tells.
fn shown(helper: &str) -> &str {
    if helper.starts_with('!') { "!..." } else { helper.split_whitespace().next().unwrap_or_default() }
}

/// Runs a helper, as its name says: a line of the shell's, a program, or `git credential-NAME`.
fn tell(programs: &Programs, helper: &str, operation: &str, words: &str) -> std::io::Result<String> {
    let program = match helper.strip_prefix('!') {
        Some(line) => Program::shell(&format!("{line} {operation}")),
        None if helper.starts_with('/') => Program::shell(&format!("{helper} {operation}")),
        // without git, its helpers may be there all the same
        None => Program::shell(&format!(
            "if command -v git >/dev/null; then git credential-{helper} {operation}; else git-credential-{helper} {operation}; fi"
        )),
    };
    let program = program.shown(format!("credential helper {} {operation}", shown(helper)));
    let said = program.run(programs, words)?;
    if said.status.success() { Ok(said.text) } else { Err(std::io::Error::other(said.status.to_string())) }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn config(helpers: &[&str], more: &[(&str, &str)]) -> GitConfig {
        let mut settings = Settings::default();
        let mut pairs: Vec<(&str, &str)> =
            helpers.iter().map(|helper| ("credential.helper", *helper)).collect();
        pairs.extend(more);
        settings.vars.insert("GIT_CONFIG_NOSYSTEM".into(), "1".into());
        settings.vars.insert("GIT_CONFIG_COUNT".into(), pairs.len().to_string());
        for (number, (key, value)) in pairs.iter().enumerate() {
            settings.vars.insert(format!("GIT_CONFIG_KEY_{number}"), (*key).to_owned());
            settings.vars.insert(format!("GIT_CONFIG_VALUE_{number}"), (*value).to_owned());
        }
        GitConfig::read(&settings).unwrap()
    }

    fn found(config: &GitConfig, url: &str) -> Option<(String, String)> {
        let found = find(config, &Programs::default(), &Url::parse(url).unwrap())?;
        Some((found.username, found.password.reveal().to_owned()))
    }

    #[test]
    fn helpers_are_asked_until_both_are_known() {
        let helpers = ["!exit 1", "!echo username=u; :", "!f() { cat >&2; echo password=p; }; f"];
        let got = found(&config(&helpers, &[]), "https://git.example/a");
        assert_eq!(got, Some(("u".into(), "p".into())));
        assert_eq!(found(&config(&["!echo quit=1; :", helpers[2]], &[]), "https://git.example/a"), None);
        assert_eq!(found(&config(&[], &[]), "https://git.example/a"), None);
    }

    #[test]
    fn helpers_hear_of_the_path_only_when_they_want_to() {
        let echo = "!f() { echo username=u; echo password=$(tr '\\n' ' '); }; f";
        let words = |more: &[(&str, &str)], url: &str| found(&config(&[echo], more), url).unwrap().1;
        assert_eq!(words(&[], "https://git.example:8443/a"), "protocol=https host=git.example:8443");
        let path = [("credential.https://git.example.useHttpPath", "true")];
        assert_eq!(words(&path, "https://git.example/a/b"), "protocol=https host=git.example path=a/b");
        let user = [("credential.username", "me")];
        assert_eq!(words(&user, "https://git.example/a"), "protocol=https host=git.example username=me");
        assert_eq!(words(&user, "https://you@git.example/a"), "protocol=https host=git.example username=you");
    }

    #[test]
    fn a_program_is_asked_for_what_nobody_knows() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("ask");
        std::fs::write(&script, "#!/bin/sh\ncase $1 in User*) echo me;; *) echo \"$1\"; echo more;; esac\n")
            .unwrap();
        let mut permissions = std::fs::metadata(&script).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
        std::fs::set_permissions(&script, permissions).unwrap();
        let script = script.to_str().unwrap().to_owned();
        let mut settings = Settings::default();
        settings.vars.insert("SSH_ASKPASS".into(), script.clone());
        let ask = |settings: &Settings, url: &str| {
            let url = Url::parse(url).unwrap();
            let (user, password) = ask_pass(&GitConfig::default(), settings, &Programs::default(), &url)?;
            Some((user, password.reveal().to_owned()))
        };
        let expected = Some(("me".to_owned(), "Password for 'https://me@git.example:81': ".to_owned()));
        assert_eq!(ask(&settings, "https://git.example:81/a"), expected);
        assert_eq!(ask(&settings, "https://you@git.example/a").unwrap().0, "you");
        settings.vars.insert("GIT_ASKPASS".into(), String::new());
        assert_eq!(ask(&settings, "https://git.example/a"), None);
        settings.vars.insert("GIT_ASKPASS".into(), "false".into());
        assert_eq!(ask(&settings, "https://git.example/a"), None);
    }

    #[test]
    fn helpers_are_told_how_it_went() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let helper = format!(
            "!f() {{ echo $1 >> {0}; cat >> {0}; echo username=u; echo password=hunter2; }}; f",
            log.display()
        );
        let config = config(&[&helper], &[]);
        let found =
            find(&config, &Programs::default(), &Url::parse("https://git.example/a").unwrap()).unwrap();
        assert!(!format!("{found:?}").contains("hunter2"));
        found.tell(&Programs::default(), false);
        let text = std::fs::read_to_string(log).unwrap();
        assert!(
            text.contains("get\n") && text.contains("erase\n") && text.contains("password=hunter2\n"),
            "{text}"
        );
    }
}
