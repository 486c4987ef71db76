//! The files of Go's settings: whether they can be read, and what in them has no effect.

use std::io;

use gosum_mod::setting::env_file::{Line, lines};
use gosum_mod::setting::layers::Layer;

use crate::doctor::system::{SettingsFile, SettingsOf, State};
use crate::env::{self, Env, is_of_files, meant_in_file};

/// The longest beginning of a line that is shown.
const MAX_BEGINNING: usize = 40;

/// Returns the files, there or not.
pub(super) fn files(env: &Env) -> Vec<SettingsFile> {
    env.settings_files().map(|(layer, read)| file(layer, read)).collect()
}

fn file(layer: Layer, read: &env::SettingsFile) -> SettingsFile {
    let mut file = SettingsFile {
        path: read.path.display().to_string(),
        of: if layer == Layer::User { SettingsOf::User } else { SettingsOf::Toolchain },
        state: State::Read,
        error: None,
        not_utf8: read.not_utf8.clone(),
        passed_over: Vec::new(),
        carriage_returns: Vec::new(),
        unread: std::collections::BTreeMap::new(),
    };
    let text = match &read.text {
        Ok(Some(text)) => text,
        Ok(None) => {
            file.state = State::Missing;
            return file;
        }
        Err(error) => {
            file.state = match error.kind() {
                io::ErrorKind::PermissionDenied if read.path.symlink_metadata().is_ok() => State::Denied,
                io::ErrorKind::PermissionDenied => State::Closed,
                _ => State::Failed,
            };
            file.error = Some(error.to_string());
            return file;
        }
    };
    for (number, line) in (1..).zip(lines(text)) {
        match line {
            Line::Setting(key, _) if !is_of_files(key) => {
                let key = beginning(key).unwrap_or_else(|| format!("line {number}"));
                let meant = meant_in_file(&key).map(str::to_owned);
                file.unread.insert(key, meant);
            }
            Line::Setting(key, value) if value.ends_with('\r') => file.carriage_returns.push(key.to_owned()),
            Line::Other(line) => {
                let beginning = beginning(line).map(|text| format!(", which begins with `{text}`"));
                file.passed_over.push(format!("line {number}{}", beginning.unwrap_or_default()));
            }
            Line::Setting(..) | Line::Blank => {}
        }
    }
    file
}

/// Returns what stands before the first `=`, if it is a few words: anything else may hold a password.
fn beginning(line: &str) -> Option<String> {
    let before = line.split('=').next().unwrap_or(line).trim_end();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '\u{feff}');
    let is_shown = !before.is_empty() && before.len() <= MAX_BEGINNING && before.chars().all(is_plain);
    is_shown.then(|| before.replace('\u{feff}', "\\u{feff}"))
}
