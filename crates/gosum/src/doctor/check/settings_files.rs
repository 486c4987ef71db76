//! The files in which Go keeps settings. What is wrong with them the go command passes over without a word.

use std::path::Path;

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::{SettingsFile, SettingsOf, State, System};

pub(super) const CHECK: Check = Check {
    id: "settings-files",
    about: "whether the files of Go's settings can be read, and lines in them that have no effect",
    run,
};

/// The lists of names that somebody is not told.
const PRIVATE: [&str; 3] = ["GONOPROXY", "GONOSUMDB", "GOPRIVATE"];

/// What go knows, and refuses to take out of its file.
const FIXED: [&str; 12] = [
    "GODEBUG",
    "GOENV",
    "GOEXE",
    "GOGCCFLAGS",
    "GOHOSTARCH",
    "GOHOSTOS",
    "GOMOD",
    "GOTELEMETRY",
    "GOTELEMETRYDIR",
    "GOTOOLDIR",
    "GOVERSION",
    "GOWORK",
];

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    for file in &system.settings_files {
        remarks.extend(unreadable(file, system));
        remarks.extend(not_utf8(file));
        remarks.extend(carriage_returns(file));
        remarks.extend(file.passed_over.iter().map(|line| passed_over(file, line)));
        remarks.extend(file.unread.iter().map(|(name, meant)| unread(file, name, meant.as_deref())));
    }
    let read = system.settings_files.iter().filter(|file| file.state == State::Read);
    let read: Vec<&str> = read.map(|file| file.path.as_str()).collect();
    Ok(Sight::of(remarks, || if read.is_empty() { "there are none".to_owned() } else { read.join(", ") }))
}

fn unreadable(file: &SettingsFile, system: &System) -> Option<Remark> {
    let SettingsFile { path, of, state, error, .. } = file;
    let error = error.as_ref()?;
    let why = match of {
        SettingsOf::User => {
            "go passes over it without a word: none of its settings is in force, and names that GOPRIVATE keeps private \
             there are sent to proxies and the checksum database; gosum refuses to run"
        }
        SettingsOf::Toolchain => {
            "go passes over it without a word, and then has neither GOPROXY nor GOSUMDB: it downloads nothing; gosum refuses \
             to run"
        }
    };
    let seen = format!("cannot read {path}: {error}");
    let folder = Path::new(path).parent().map(|folder| word(&folder.display().to_string()));
    let (path, folder) = (word(path), folder.unwrap_or_default());
    let fix = match (of, state, &system.user) {
        (SettingsOf::User, State::Denied, Some(user)) => {
            format!("sudo chown {} {path} && chmod u+rw {path}", user.uid)
        }
        (SettingsOf::Toolchain, State::Denied, Some(_)) => format!("sudo chmod a+r {path}"),
        (_, State::Closed, _) => format!("let this user enter the folder: ls -ld {folder}"),
        (_, State::Denied, None) => format!("give this user the right to read {path}"),
        (SettingsOf::User, ..) => format!("mv {path} {path}.old  # go env -w writes a new one"),
        (SettingsOf::Toolchain, ..) => format!("install the toolchain anew, of which {path} is a part"),
    };
    Some(Remark::problem(seen, why).fix(fix))
}

/// Returns `path` as one word of a shell.
fn word(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/\\._-+:~".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn not_utf8(file: &SettingsFile) -> Option<Remark> {
    let more = match file.not_utf8.len().checked_sub(1)? {
        0 => String::new(),
        more => format!(", like {more} more,"),
    };
    let seen = format!("line {} of {}{more} is not UTF-8", file.not_utf8[0], file.path);
    let why = "go takes the bytes as they are: a pattern of GOPRIVATE that has them matches none of the names that were \
               meant; gosum refuses to run";
    Some(Remark::problem(seen, why).fix(format!("edit {}", file.path)))
}

fn carriage_returns(file: &SettingsFile) -> Option<Remark> {
    if file.carriage_returns.is_empty() {
        return None;
    }
    let SettingsFile { path, carriage_returns: names, .. } = file;
    let seen = format!("in {path} a carriage return ends the value of {}", names.join(", "));
    let is_private = names.iter().any(|name| PRIVATE.contains(&name.as_str()));
    let remark = match is_private {
        true => {
            let why = "it is a part of the value: a pattern that ends in it matches nothing, and names that it was to keep \
                       private are sent to proxies and the checksum database";
            Remark::problem(seen, why)
        }
        false => Remark::warning(
            seen,
            "it is a part of the value: go takes some settings so, and fails with others",
        ),
    };
    let path = word(path);
    Some(remark.fix(format!("tr -d '\\r' < {path} > {path}.new && mv {path}.new {path}")))
}

fn passed_over(file: &SettingsFile, line: &str) -> Remark {
    let why = "go passes over a line that does not begin with a capital letter, or has no `=`, without a word: what it was to \
               set is not set";
    Remark::warning(format!("{line}, of {} is no setting", file.path), why).fix(format!("edit {}", file.path))
}

fn unread(file: &SettingsFile, name: &str, meant: Option<&str>) -> Remark {
    let why =
        "go passes over it without a word: whoever wrote it believes in an effect that it does not have";
    let hint = meant.map(|meant| format!("  # {meant} may have been meant")).unwrap_or_default();
    let is_word = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let fix = match file.of {
        SettingsOf::User if is_word && !FIXED.contains(&name) => format!("go env -u {name}{hint}"),
        SettingsOf::User | SettingsOf::Toolchain => format!("edit {}{hint}", file.path),
    };
    Remark::warning(format!("{name} in {} is no setting that go reads there", file.path), why).fix(fix)
}
