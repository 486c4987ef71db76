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

/// Returns the name and password that the text of a netrc file has for `host`, as git has it read: the words of all lines in
/// a row, the entry `default` for every host, what stands in double quotes as one word. `user` is the one that is wanted, to
/// whom an entry without a name belongs too.
pub(crate) fn find_for_git(text: &str, host: &str, user: Option<&str>) -> Option<Login> {
    let words = words(text);
    let mut words = words.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        let is_here = match word.to_ascii_lowercase().as_str() {
            "machine" => words.next()?.eq_ignore_ascii_case(host),
            "default" => true,
            _ => continue,
        };
        let (mut login, mut password) = (None, None);
        while let Some(word) = words.next_if(|word| !begins_an_entry(word)) {
            match word.to_ascii_lowercase().as_str() {
                "login" => login = words.next(),
                "password" => password = words.next(),
                "account" => drop(words.next()),
                _ => {}
            }
        }
        let is_user = user.is_none_or(|user| login.is_none_or(|login| login == user));
        if let (true, true, Some(login), Some(password)) = (is_here, is_user, login.or(user), password) {
            let (machine, login) = (host.to_owned(), login.to_owned());
            return Some(Login { machine, login, password: Secret::new(password) });
        }
    }
    None
}

fn begins_an_entry(word: &str) -> bool {
    word.eq_ignore_ascii_case("machine") || word.eq_ignore_ascii_case("default")
}

/// Returns the words of a netrc file, without comments and macros.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut in_macro = false;
    for line in text.lines() {
        if in_macro {
            in_macro = !line.trim().is_empty();
            continue;
        }
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next().filter(|first| *first != '#') {
            let (word, after) = if first == '"' { quoted(&rest[1..]) } else { plain(rest) };
            if word.eq_ignore_ascii_case("macdef") && first != '"' {
                in_macro = true;
                break;
            }
            words.push(word);
            rest = after.trim_start();
        }
    }
    words
}

fn plain(text: &str) -> (String, &str) {
    let (word, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    (word.to_owned(), rest)
}

/// Returns what stands before the next quote, and what behind it.
fn quoted(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (word, &text[at + 1..]),
            '\\' => match chars.next() {
                Some((_, 'n')) => word.push('\n'),
                Some((_, 'r')) => word.push('\r'),
                Some((_, 't')) => word.push('\t'),
                Some((_, other)) => word.push(other),
                None => {}
            },
            char => word.push(char),
        }
    }
    (word, "")
}

/// Returns the entries of the user's file, as the go command reads it.
///
/// # Errors
/// When the file is there and cannot be read; it is named.
pub fn read(settings: &Settings) -> Result<Vec<Login>, (PathBuf, io::Error)> {
    Ok(parse(&read_text(settings)?))
}

/// Returns the text of the user's file: that which NETRC names, else `.netrc` in the home folder. Empty if there is none.
///
/// # Errors
/// When the file is there and cannot be read; it is named.
pub(crate) fn read_text(settings: &Settings) -> Result<String, (PathBuf, io::Error)> {
    let name = if cfg!(windows) { "_netrc" } else { ".netrc" };
    let named = settings.var("NETRC").map(PathBuf::from);
    let Some(file) = named.or_else(|| Some(settings.home.as_ref()?.join(name))) else {
        return Ok(String::new());
    };
    match std::fs::read(&file) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(String::new())
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
    fn git_reads_words_wherever_they_stand_and_heeds_the_default() {
        let text = "machine a.example\n login u\n# machine x\n password \"p q\"\nmachine A.example login v password w\n\
                    macdef init\nmachine b.example login x password y\n\ndefault login d password e";
        let found = |host: &str, user: Option<&str>| {
            find_for_git(text, host, user).map(|found| format!("{} {}", found.login, found.password.reveal()))
        };
        assert_eq!(found("a.example", None).as_deref(), Some("u p q"));
        assert_eq!(found("a.example", Some("v")).as_deref(), Some("v w"));
        assert_eq!(found("b.example", None).as_deref(), Some("d e"));
        assert_eq!(found("b.example", Some("x")), None);
        assert_eq!(find_for_git("machine a.example login u", "a.example", None), None);
        let text = "machine a.example password p\nMACHINE b.example LOGIN v Password q\n";
        let found = |host: &str, user: Option<&str>| {
            find_for_git(text, host, user).map(|found| format!("{} {}", found.login, found.password.reveal()))
        };
        assert_eq!((found("a.example", Some("u")).as_deref(), found("a.example", None)), (Some("u p"), None));
        assert_eq!(found("b.example", None).as_deref(), Some("v q"));
    }

    #[test]
    fn the_password_is_not_shown() {
        let text = format!("{:?}", parse("machine a.example login u password hunter2"));
        assert!(!text.contains("hunter2"), "{text}");
    }
}
