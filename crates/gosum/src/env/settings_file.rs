//! The files of Go's settings, as they were read.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use gosum_audit::regular;
use gosum_mod::setting::env_file;
use gosum_mod::zip::limits::read_bounded;

/// The most bytes of such a file.
const MAX_BYTES: u64 = 16 << 20;

/// A file of Go's settings.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    pub(crate) path: PathBuf,
    /// What is in it, with U+FFFD for what is not UTF-8; none if it is not there.
    pub(crate) text: io::Result<Option<String>>,
    /// The numbers of the lines that are not UTF-8.
    pub(crate) not_utf8: Vec<u64>,
}

impl SettingsFile {
    /// Reads the file at `path`.
    pub(super) fn read(path: PathBuf) -> SettingsFile {
        let bytes = regular::open(&path).and_then(|mut file| read_bounded(&mut file, MAX_BYTES));
        match bytes {
            Ok(bytes) => {
                let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
                let bad = lines.filter(|(_, line)| std::str::from_utf8(line).is_err());
                SettingsFile {
                    not_utf8: bad.map(|(number, _)| number).collect(),
                    text: Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
                    path,
                }
            }
            Err(error) if is_missing(&error) => SettingsFile { path, text: Ok(None), not_utf8: Vec::new() },
            Err(error) => SettingsFile { path, text: Err(error), not_utf8: Vec::new() },
        }
    }

    /// Returns the settings in it, those that could be read.
    pub(super) fn settings(&self) -> BTreeMap<String, String> {
        let Ok(Some(text)) = &self.text else { return BTreeMap::new() };
        let settings = env_file::parse(text).into_iter();
        settings.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// Returns why not all of its settings are known; none when they are.
    pub(super) fn fault(&self) -> Option<anyhow::Error> {
        let cannot = |path: &Path| format!("cannot read Go's settings in {}", path.display());
        match (&self.text, self.not_utf8.first()) {
            (Err(error), _) => Some(anyhow!("{error}").context(cannot(&self.path))),
            (Ok(_), Some(line)) => Some(anyhow!("line {line} is not UTF-8").context(cannot(&self.path))),
            (Ok(_), None) => None,
        }
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("env");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let file = SettingsFile::read(pipe);
        assert_eq!(file.fault().unwrap().root_cause().to_string(), "no regular file");
    }
}
