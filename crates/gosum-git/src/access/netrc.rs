//! netrc files, read as the go command reads them (spec 04 §6).

use std::io;
use std::path::PathBuf;

use super::{Secret, Settings};

/// The name and password for a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The host, as it is written; the go command lets it be the beginning of a URL.
    pub machine: String,
    /// The user.
    pub login: String,
    /// The password.
    pub password: Secret,
}

/// Returns the entries of the text of a netrc file, in order: those with machine, login and password. Macros are skipped;
/// the entry `default` is for nobody.
pub fn parse(text: &str) -> Vec<Login> {
    let mut entries = Vec::new();
    let (mut machine, mut login, mut password) = (String::new(), String::new(), String::new());
    let mut in_macro = false;
    for line in text.split('\n') {
        if in_macro {
            in_macro = !line.is_empty();
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.chunks_exact(2) {
            match pair[0] {
                "machine" => (machine, login, password) = (pair[1].to_owned(), String::new(), String::new()),
                "login" => pair[1].clone_into(&mut login),
                "password" => pair[1].clone_into(&mut password),
                "macdef" => in_macro = true,
                _ => {}
            }
            if !machine.is_empty() && !login.is_empty() && !password.is_empty() {
                entries.push(Login {
                    machine: std::mem::take(&mut machine),
                    login: std::mem::take(&mut login),
                    password: Secret::new(std::mem::take(&mut password)),
                });
            }
        }
        if words.len() % 2 == 1 && words.last() == Some(&"default") {
            break;
        }
    }
    entries
}

/// Returns the entries of the user's file: that which NETRC names, else `.netrc` in the home folder.
///
/// # Errors
/// When the file is there and cannot be read; it is named.
pub fn read(settings: &Settings) -> Result<Vec<Login>, (PathBuf, io::Error)> {
    let name = if cfg!(windows) { "_netrc" } else { ".netrc" };
    let named = settings.var("NETRC").map(PathBuf::from);
    let Some(file) = named.or_else(|| Some(settings.home.as_ref()?.join(name))) else {
        return Ok(Vec::new());
    };
    match std::fs::read(&file) {
        Ok(bytes) => Ok(parse(&String::from_utf8_lossy(&bytes))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err((file, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let shown = |entry: Login| format!("{} {} {}", entry.machine, entry.login, entry.password.reveal());
        parse(text).into_iter().map(shown).collect()
    }

    #[test]
    fn reads_entries_on_one_line_or_several() {
        assert_eq!(
            shown("machine a.example login u password p\nmachine b.example\n  password q\n  login v\n"),
            ["a.example u p", "b.example v q"]
        );
        assert_eq!(
            shown("machine a.example login u machine b.example login v password p"),
            ["b.example v p"]
        );
    }

    #[test]
    fn macros_and_default_are_for_nobody() {
        let text = "machine a.example login u password p\nmacdef x\nmachine evil.example login u password p\n\n\
                    machine b.example login v password q\ndefault login w password r\n";
        assert_eq!(shown(text), ["a.example u p", "b.example v q"]);
        assert_eq!(shown("default\nmachine a.example login u password p\n"), Vec::<String>::new());
    }

    #[test]
    fn the_password_is_not_shown() {
        let text = format!("{:?}", parse("machine a.example login u password hunter2"));
        assert!(!text.contains("hunter2"), "{text}");
    }
}
