//! What git's settings say, without what may be a password.

use std::io;
use std::path::{Path, PathBuf};

use gosum_evidence::chain;
use gosum_git::access::{GitConfig, Settings};

use super::files::contents;
use crate::doctor::system::{AttributeFile, Git, GitValue, User, WorkTree};
use crate::env::Env;
use crate::secret::without_credentials;
use crate::session::Session;

/// The keys that checks look at.
const KEYS: [&str; 13] = [
    "core.attributesfile",
    "core.autocrlf",
    "core.eol",
    "credential.helper",
    "filter.clean",
    "filter.process",
    "filter.required",
    "filter.smudge",
    "http.sslverify",
    "includeif.path",
    "safe.barerepository",
    "safe.directory",
    "url.insteadof",
];
/// The largest file of attributes that is read.
const MAX_ATTRIBUTES: u64 = 1 << 20;

/// Returns what git's settings say in `session`.
pub(super) fn look(session: &Session, user: Option<&User>) -> Git {
    let settings = session.env.access();
    let mut git = Git { work_tree: work_tree(&super::project::current(session), user), ..Git::default() };
    match GitConfig::read(&settings) {
        Err(error) => git.error = Some(without_credentials(&chain(&error)).into_owned()),
        Ok(config) => {
            let wanted = config.values().filter(|(key, ..)| KEYS.contains(&key.as_str()));
            git.config = wanted.map(|(key, subsection, text)| value(key, subsection, text)).collect();
            let files = attribute_files(&settings, &config);
            git.attributes = files.iter().filter_map(|file| attributes(file)).collect();
        }
    }
    git
}

/// Returns a value as it can be shown: commands without their arguments, URLs without names and passwords.
fn value(key: String, subsection: Option<&str>, text: &str) -> GitValue {
    let value = match key.as_str() {
        "credential.helper" | "filter.clean" | "filter.process" | "filter.smudge" => Env::shown_command(text),
        _ => without_credentials(text).into_owned(),
    };
    GitValue { key, subsection: subsection.map(|text| without_credentials(text).into_owned()), value }
}

/// Returns the files of attributes that git reads beside those of repositories.
fn attribute_files(settings: &Settings, config: &GitConfig) -> Vec<PathBuf> {
    let var = |key: &str| settings.vars.get(key).filter(|value| !value.is_empty());
    let home = settings.home.as_ref();
    let mut files = Vec::new();
    if var("GIT_ATTR_NOSYSTEM").is_none() && cfg!(unix) {
        files.push(PathBuf::from("/etc/gitattributes"));
    }
    let own = match config.get("core", "attributesfile") {
        Some(path) => match path.strip_prefix("~/") {
            Some(below) => home.map(|home| home.join(below)),
            None => Some(PathBuf::from(path)),
        },
        None => {
            let folder = var("XDG_CONFIG_HOME").map(PathBuf::from);
            folder.or_else(|| Some(home?.join(".config"))).map(|folder| folder.join("git").join("attributes"))
        }
    };
    // a relative one is another file in each place
    files.extend(own.filter(|file| file.is_absolute()));
    files
}

/// Returns the lines of a file of attributes; none when it is not there.
fn attributes(file: &Path) -> Option<AttributeFile> {
    let path = file.display().to_string();
    match contents(file, MAX_ATTRIBUTES) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            Some(AttributeFile { path, lines: lines.map(str::to_owned).collect(), error: None })
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        Err(error) => Some(AttributeFile { path, lines: Vec::new(), error: Some(error.to_string()) }),
    }
}

/// Returns the repository around `folder`.
fn work_tree(folder: &Path, user: Option<&User>) -> Option<WorkTree> {
    let path = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    Some(WorkTree { path: path.display().to_string(), uid: owner(path, user) })
}

/// Returns who owns a repository: of its folder and the one with its data, whoever is not this user.
#[cfg(unix)]
fn owner(path: &Path, user: Option<&User>) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let of = |path: &Path| path.metadata().ok().map(|metadata| metadata.uid());
    let tree = of(path)?;
    let data = of(&path.join(".git")).unwrap_or(tree);
    Some(if user.is_some_and(|user| user.uid == tree) { data } else { tree })
}

#[cfg(not(unix))]
fn owner(_: &Path, _: Option<&User>) -> Option<u32> {
    None
}
