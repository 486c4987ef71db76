//! Reading git's configuration: the files of system and user, what they include, and variables.

use std::io;
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, BString, ByteSlice};
use gix::config::parse::{EventRef, Events};
use gix::config::value::normalize;

use super::{Settings, Value, is_off};

/// How deep files may include one another, as git has it.
const MAX_DEPTH: usize = 10;
/// The keys that git does not accept without a value, of those that are looked at here.
const WITH_VALUES: [(&str, &str); 11] = [
    ("core", "askpass"),
    ("core", "sshcommand"),
    ("credential", "helper"),
    ("credential", "username"),
    ("http", "extraheader"),
    ("http", "proxy"),
    ("http", "sslcainfo"),
    ("include", "path"),
    ("protocol", "allow"),
    ("ssh", "variant"),
    ("url", "insteadof"),
];

/// What is wrong with git's configuration, or with GOAUTH, which leads to it.
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

/// Returns the values of system, user and environment, in this order.
pub(super) fn read(settings: &Settings) -> Result<Vec<Value>, ConfigError> {
    let mut values = Vec::new();
    for file in files(settings) {
        add_file(&mut values, &file, settings, 0)?;
    }
    add_variables(&mut values, settings)?;
    Ok(values)
}

fn add_file(
    values: &mut Vec<Value>,
    file: &Path,
    settings: &Settings,
    depth: usize,
) -> Result<(), ConfigError> {
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
    let malformed = |reason: String| ConfigError::Malformed { file: file.to_owned(), reason };
    let events = Events::from_bytes(&bytes, None).map_err(|error| malformed(error.to_string()))?;
    for value in pairs(events.iter()) {
        let Value { section, subsection, key, text } = &value;
        if text.is_none() && WITH_VALUES.contains(&(section, key)) {
            return Err(malformed(format!("no value for {section}.{key}")));
        }
        let path = text.as_ref().filter(|_| (&**section, subsection, &**key) == ("include", &None, "path"));
        if let Some(path) = path {
            add_file(values, &included(path, file, settings), settings, depth + 1)?;
        }
        values.push(value);
    }
    Ok(())
}

/// Returns the keys of a file in their order, with their values.
fn pairs<'e>(events: impl Iterator<Item = EventRef<'e>>) -> Vec<Value> {
    let mut pairs: Vec<Value> = Vec::new();
    let (mut section, mut subsection) = (String::new(), None);
    let (mut has_value, mut unfinished) = (false, BString::default());
    for event in events {
        let mut finish = |text: &BStr| {
            if let Some(last) = pairs.last_mut().filter(|_| has_value) {
                last.text = Some(normalize(text).to_str_lossy().into_owned());
            }
        };
        match event {
            EventRef::SectionHeader { name, subsection_name, .. } => {
                section = name.to_str_lossy().to_ascii_lowercase();
                subsection = subsection_name.map(|name| name.to_str_lossy().into_owned());
            }
            EventRef::SectionValueName(name) => {
                let key = name.to_str_lossy().to_ascii_lowercase();
                let (section, subsection) = (section.clone(), subsection.clone());
                pairs.push(Value { section, subsection, key, text: None });
                has_value = false;
            }
            EventRef::KeyValueSeparator => has_value = true,
            EventRef::Value(text) => finish(text),
            EventRef::ValueNotDone(text) => unfinished.extend_from_slice(text),
            EventRef::ValueDone(text) => {
                unfinished.extend_from_slice(text);
                finish(std::mem::take(&mut unfinished).as_bstr());
            }
            EventRef::Comment { .. } | EventRef::Newline(_) | EventRef::Whitespace(_) => {}
        }
    }
    pairs
}

/// Adds the pairs that `GIT_CONFIG_COUNT` counts.
fn add_variables(values: &mut Vec<Value>, settings: &Settings) -> Result<(), ConfigError> {
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
        values.push(Value { section, subsection, key, text: Some(text) });
    }
    Ok(())
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
    match settings.below_home(path) {
        Some(file) => file,
        None => from.parent().unwrap_or(Path::new("")).join(path),
    }
}
