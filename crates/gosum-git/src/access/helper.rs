//! git's credential helpers: programs that know names and passwords.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::{GitConfig, Secret, Settings, decoded};
use crate::program::{Program, Programs, Said};

/// What is escaped in a name that is shown in a URL.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is asked about a URL, and whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    scheme: String,
    /// With its port, if the URL names one.
    host: String,
    /// The path of the repository, where helpers are told it.
    path: Option<String>,
    /// The user that the URL names.
    pub(super) user_in_url: Option<String>,
    /// The user that the settings name.
    user_in_settings: Option<String>,
    /// The helpers, in order.
    helpers: Vec<String>,
}

/// A name and a password, and what they answer.
#[derive(Clone)]
pub(super) struct Filled {
    pub(super) username: String,
    pub(super) password: Secret,
    question: Question,
}

impl Question {
    /// Returns what is asked about `url`, the URL of a repository; none when it cannot be said in lines.
    pub(super) fn about(url: &Url, config: &GitConfig) -> Option<Question> {
        let host = url.host_str()?;
        let is_sayable = |text: &String| {
            let sayable = !text.contains(['\n', '\r', '\0']);
            if !sayable {
                tracing::warn!(host, "no credentials: a name or path with a line feed");
            }
            sayable
        };
        let user_in_url = Some(decoded(url.username())).filter(|user| !user.is_empty());
        let path = config.tells_paths(url).then(|| decoded(url.path().trim_start_matches('/')));
        if ![&user_in_url, &path].into_iter().flatten().all(is_sayable) {
            return None;
        }
        Some(Question {
            scheme: url.scheme().to_owned(),
            host: url.port().map_or(host.to_owned(), |port| format!("{host}:{port}")),
            path,
            user_in_url,
            user_in_settings: config.of_credential("username", url).pop().map(str::to_owned),
            helpers: config.of_credential("helper", url).into_iter().map(str::to_owned).collect(),
        })
    }

    fn user(&self) -> Option<&String> {
        self.user_in_url.as_ref().or(self.user_in_settings.as_ref())
    }

    /// Returns the lines in which it is asked.
    fn lines(&self) -> String {
        let path = self.path.as_ref().map_or(String::new(), |path| format!("path={path}\n"));
        format!("protocol={}\nhost={}\n{path}", self.scheme, self.host)
    }
}

/// Returns name and password for `question`: of the helpers, one after another, until both are known, and what is not known
/// then, of the program that asks the user.
pub(super) fn fill(
    question: &Question,
    config: &GitConfig,
    settings: &Settings,
    programs: &Programs,
) -> Option<Filled> {
    let (mut username, mut password) = (question.user().cloned(), None);
    for helper in &question.helpers {
        let known = username.as_ref().map_or(String::new(), |user| format!("username={user}\n"));
        let text = match tell(programs, helper, "get", &format!("{}{known}\n", question.lines())) {
            Ok(said) => said.text,
            Err(error) => {
                tracing::warn!(helper = shown(helper), %error, "no word from the credential helper");
                continue;
            }
        };
        let mut quits = false;
        for line in text.lines() {
            match line.split_once('=') {
                Some(("username", value)) if !value.is_empty() => username = Some(value.to_owned()),
                Some(("password", value)) if !value.is_empty() => password = Some(Secret::new(value)),
                Some(("quit", "1" | "true")) => quits = true,
                _ => {}
            }
        }
        if username.is_some() && password.is_some() {
            break;
        }
        if quits {
            return None;
        }
    }
    let asker = Asker::of(config, settings, programs);
    let username = match username {
        Some(username) => username,
        None => asker.as_ref()?.ask(&format!("Username for '{}': ", address(question, None)))?,
    };
    let password = match password {
        Some(password) => password,
        None => {
            let address = address(question, Some(&username));
            Secret::new(asker.as_ref()?.ask(&format!("Password for '{address}': "))?)
        }
    };
    Some(Filled { username, password, question: question.clone() })
}

/// Returns how a host is named to the user.
fn address(question: &Question, user: Option<&str>) -> String {
    let Question { scheme, host, path, .. } = question;
    let user = user.map_or(String::new(), |user| format!("{}@", utf8_percent_encode(user, ESCAPED)));
    let path = path.as_ref().map_or(String::new(), |path| format!("/{path}"));
    format!("{scheme}://{user}{host}{path}")
}

/// The program that git asks for what nobody else knows: `GIT_ASKPASS`, `core.askPass` or `SSH_ASKPASS`.
struct Asker<'a> {
    program: &'a str,
    programs: &'a Programs,
}

impl<'a> Asker<'a> {
    fn of(config: &'a GitConfig, settings: &'a Settings, programs: &'a Programs) -> Option<Asker<'a>> {
        let set = |key: &str| settings.vars.get(key).map(String::as_str);
        let named =
            set("GIT_ASKPASS").or_else(|| config.get("core", "askpass")).or_else(|| set("SSH_ASKPASS"));
        named.filter(|program| !program.is_empty()).map(|program| Asker { program, programs })
    }

    fn ask(&self, question: &str) -> Option<String> {
        let program = self.program;
        let said = match Program::new(program, &[question]).of_git().run(self.programs, "") {
            Ok(said) if said.status.success() => said.text,
            Ok(said) => {
                tracing::warn!(program, status = %said.status, "no word from the program that asks for passwords");
                return None;
            }
            Err(error) => {
                tracing::warn!(program, %error, "no word from the program that asks for passwords");
                return None;
            }
        };
        let line = said.lines().next().unwrap_or_default();
        (!line.is_empty()).then(|| line.to_owned())
    }
}

impl fmt::Debug for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filled").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Filled {
    /// Tells the helpers whether name and password were right. What they make of it is their own affair.
    pub(super) fn tell(&self, programs: &Programs, is_right: bool) {
        let Filled { username, password, question } = self;
        let lines = question.lines();
        let words = format!("{lines}username={username}\npassword={}\n\n", password.reveal());
        for helper in &question.helpers {
            let operation = if is_right { "store" } else { "erase" };
            if let Err(error) = tell(programs, helper, operation, &words) {
                tracing::warn!(helper = shown(helper), %error, "the credential helper does not listen");
            }
        }
    }
}

/// Returns what is shown of a helper: a line of the shell's may hold what it tells.
fn shown(helper: &str) -> &str {
    if helper.starts_with('!') { "!..." } else { helper.split_whitespace().next().unwrap_or_default() }
}

/// Runs a helper, as its name says: a line of the shell's, a program, or `git credential-NAME`. What it says counts whether
/// it fails in the end or not.
fn tell(programs: &Programs, helper: &str, operation: &str, words: &str) -> std::io::Result<Said> {
    let program = match helper.strip_prefix('!') {
        Some(line) => Program::shell(&format!("{line} {operation}")),
        None if helper.starts_with('/') => Program::shell(&format!("{helper} {operation}")),
        // without git, its helpers may be there all the same
        None => Program::shell(&format!(
            "if command -v git >/dev/null; then git credential-{helper} {operation}; else git-credential-{helper} {operation}; fi"
        )),
    };
    program.shown(format!("credential helper {} {operation}", shown(helper))).of_git().run(programs, words)
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

    fn filled(config: &GitConfig, settings: &Settings, url: &str) -> Option<Filled> {
        let question = Question::about(&Url::parse(url).unwrap(), config)?;
        fill(&question, config, settings, &Programs::default())
    }

    fn shown(filled: &Filled) -> (String, String) {
        (filled.username.clone(), filled.password.reveal().to_owned())
    }

    fn found(config: &GitConfig, url: &str) -> Option<(String, String)> {
        filled(config, &Settings::default(), url).as_ref().map(shown)
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
        let ask =
            |settings: &Settings, url: &str| filled(&GitConfig::default(), settings, url).as_ref().map(shown);
        let expected = Some(("me".to_owned(), "Password for 'https://me@git.example:81': ".to_owned()));
        assert_eq!(ask(&settings, "https://git.example:81/a"), expected);
        let (user, question) = ask(&settings, "https://y%20o%2Du@git.example/a").unwrap();
        assert_eq!((&*user, &*question), ("y o-u", "Password for 'https://y%20o-u@git.example': "));
        // what a helper knows is not asked
        let knows_name = config(&["!echo username=h; :"], &[]);
        let (user, question) =
            filled(&knows_name, &settings, "https://git.example/a").as_ref().map(shown).unwrap();
        assert_eq!((&*user, &*question), ("h", "Password for 'https://h@git.example': "));
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
        let found = filled(&config, &Settings::default(), "https://git.example/a").unwrap();
        assert!(!format!("{found:?}").contains("hunter2"));
        found.tell(&Programs::default(), false);
        let text = std::fs::read_to_string(log).unwrap();
        assert!(
            text.contains("get\n") && text.contains("erase\n") && text.contains("password=hunter2\n"),
            "{text}"
        );
    }
}
