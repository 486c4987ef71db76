//! `gosum.toml`: what a project wants of its audits.

mod allow;
mod change;
mod stated;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use gosum_audit::plan::Selection;
use gosum_evidence::evidence::SourceName;
use gosum_evidence::finding::Level;
use gosum_evidence::policy::{Allowance, Date, LevelError, Policy, Unverified};
use gosum_evidence::rule;
use gosum_mod::name::pattern::Patterns;
use toml::Spanned;
use toml::de::DeTable;

pub(crate) use self::allow::KEYS;
pub(crate) use self::stated::Stated;
use self::table::{Faults, Table, meant, text};
use crate::session::Session;
use crate::source_arg;

/// The name of the file.
pub(crate) const FILE: &str = "gosum.toml";
/// The most bytes of it that are read: some 40,000 allowances.
pub(crate) const MAX_BYTES: u64 = 16 << 20;

/// What the config file says; nothing where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// The file, as the user would name it.
    pub(crate) file: Option<PathBuf>,
    /// Sources whose missing hash makes a line unverified.
    pub(crate) require: Option<Vec<SourceName>>,
    pub(crate) fail_on: Option<Level>,
    pub(crate) unverified: Option<Unverified>,
    /// Names that no proxy and no database is told, as patterns of GOPRIVATE.
    pub(crate) private: Vec<String>,
    /// Patterns of the modules to audit.
    pub(crate) only: Vec<String>,
    /// Patterns of the modules to leave out.
    pub(crate) skip: Vec<String>,
    /// Where repositories may be, as patterns of a host with or without a path; none for everywhere.
    pub(crate) hosts: Option<Vec<String>>,
    /// The level of findings by the rule's code; none to leave them out.
    pub(crate) levels: BTreeMap<&'static str, Option<Level>>,
    pub(crate) allowances: Vec<Allowance>,
}

impl Config {
    /// Returns what the file says that `given` names; else the one beside what `paths` name, or in the nearest folder above
    /// it that is in the same repository.
    ///
    /// # Errors
    /// When it cannot be read, or says something that cannot be meant; when `paths` have several.
    pub(crate) fn find(session: &Session, given: Option<&Path>, paths: &[PathBuf]) -> anyhow::Result<Config> {
        let Some(file) = file(session, given, paths)? else { return Ok(Config::default()) };
        let text = read(session, &file)?;
        let config = Config::parse(&text, &file.display().to_string(), session.today()?)?;
        Ok(Config { file: Some(file), ..config })
    }

    /// Returns what the files say, one after the other, that [`Config::find`] may take for `paths`.
    ///
    /// # Errors
    /// When one cannot be read, or says something that cannot be meant.
    pub(crate) fn all(session: &Session, paths: &[PathBuf]) -> anyhow::Result<Vec<Config>> {
        let mut files: Vec<PathBuf> = paths.iter().filter_map(|path| beside(session, path)).collect();
        files.dedup();
        files.iter().map(|file| Config::find(session, Some(file), &[])).collect()
    }

    /// Returns what the file says that counts for a command which names no folder: the nearest one in the current folder or
    /// above it, up to the root of the repository; where there is no repository, up to the folder of the project.
    ///
    /// Further up, anybody may have put one.
    ///
    /// # Errors
    /// When it cannot be read, or says something that cannot be meant.
    pub(crate) fn here(session: &Session) -> anyhow::Result<Config> {
        let here = Path::new(".");
        let real = session.path(here).canonicalize();
        let root: &dyn Fn(&Path) -> bool = match real.is_ok_and(|real| real.ancestors().any(is_repository)) {
            true => &is_repository,
            false => &is_project,
        };
        match above(session, here, root) {
            Some(file) => Config::find(session, Some(&file), &[]),
            None => Ok(Config::default()),
        }
    }

    /// Returns which lines are audited.
    pub(crate) fn selection(&self) -> Selection {
        let patterns = |list: &[String]| (!list.is_empty()).then(|| Patterns::parse(list.join(",")));
        Selection { only: patterns(&self.only), skip: patterns(&self.skip), ..Selection::default() }
    }

    /// Returns whether it is about what `paths` name and nothing else: they name one folder, and it is in it.
    pub(crate) fn is_beside(&self, session: &Session, paths: &[PathBuf]) -> bool {
        let ([path], Some(file)) = (paths, &self.file) else { return false };
        let folder = session.path(&folder(session, path)).canonicalize();
        let file = session.path(file).canonicalize();
        matches!((folder, file), (Ok(folder), Ok(file)) if file.parent() == Some(&folder))
    }

    /// Returns what `text`, which stands in `file`, says on the day `today`.
    ///
    /// # Errors
    /// Everything that is wrong with it, a line each.
    pub(crate) fn parse(text: &str, file: &str, today: Date) -> anyhow::Result<Config> {
        let mut faults = Faults::new(text);
        let config = match DeTable::parse(text) {
            Ok(document) => config(document.get_ref(), &file.into(), today, &mut faults),
            Err(error) => {
                faults.add(&error.span().unwrap_or(0..0), error.message());
                Config::default()
            }
        };
        let faults = faults.messages(file);
        if faults.is_empty() { Ok(config) } else { bail!(faults.join("\n")) }
    }
}

/// Returns the text of a config file.
///
/// # Errors
/// When it cannot be read, or is no text.
pub(crate) fn read(session: &Session, file: &Path) -> anyhow::Result<String> {
    text_of(session.read_file(file, MAX_BYTES)?, file)
}

/// Returns the bytes of a config file as text.
///
/// # Errors
/// When they are none.
pub(crate) fn text_of(bytes: Vec<u8>, file: &Path) -> anyhow::Result<String> {
    String::from_utf8(bytes).with_context(|| format!("cannot read {}", file.display()))
}

/// Returns the config file that is to be read, as the user would name it.
///
/// # Errors
/// When `paths` have several.
fn file(session: &Session, given: Option<&Path>, paths: &[PathBuf]) -> anyhow::Result<Option<PathBuf>> {
    if let Some(given) = given {
        return Ok(Some(given.to_owned()));
    }
    let mut found: Vec<Option<PathBuf>> = Vec::new();
    for path in paths {
        let file = beside(session, path);
        if !found.contains(&file) {
            found.push(file);
        }
    }
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(one.clone()),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|file| file.as_ref().map_or("none".to_owned(), |file| file.display().to_string()))
                .collect();
            bail!("the paths have several config files: {}; name one with --config", names.join(", "))
        }
    }
}

/// Returns the folder of what the user names: itself when it is one.
pub(crate) fn folder(session: &Session, path: &Path) -> PathBuf {
    if path == Path::new("-") {
        return PathBuf::from(".");
    }
    if session.path(path).is_dir() {
        return path.to_owned();
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}

/// Returns the config file beside `path`, or in the nearest folder above it in the same repository.
fn beside(session: &Session, path: &Path) -> Option<PathBuf> {
    above(session, &folder(session, path), &is_repository)
}

fn is_repository(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// Returns whether `folder` is that of a project.
pub(crate) fn is_project(folder: &Path) -> bool {
    ["go.work", "go.sum", "go.mod"].iter().any(|file| folder.join(file).is_file())
}

/// Returns the config file in `folder`, or in the nearest one above it, up to one that `is_root`.
fn above(session: &Session, folder: &Path, is_root: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let here = folder.join(FILE);
    // whatever it is: one that cannot be read is no reason to tell names that it may keep private
    let is_there = |file: &Path| file.symlink_metadata().is_ok();
    let real = session.path(folder).canonicalize().ok();
    let current = session.path(Path::new(".")).canonicalize().ok();
    if is_there(&session.path(&here)) {
        let is_here = real.is_some() && real == current;
        return Some(if is_here { PathBuf::from(FILE) } else { here });
    }
    let real = real?;
    let root = real.ancestors().position(is_root)?;
    let found = real.ancestors().take(root + 1).skip(1).find(|folder| is_there(&folder.join(FILE)))?;
    let is_here = current.as_deref() == Some(found);
    Some(if is_here { PathBuf::from(FILE) } else { found.join(FILE) })
}

fn config(document: &DeTable<'_>, file: &Arc<str>, today: Date, faults: &mut Faults) -> Config {
    let mut top = Table::new("the file", document, 0..0);
    let mut config = Config::default();
    if let Some(mut audit) = top.table("audit", "[audit]", faults) {
        config.require = audit.texts("require", faults).map(|names| sources(&names, faults));
        config.fail_on =
            audit.text("fail-on", faults).and_then(|level| word(&level, "fail-on", &FAIL_ON, faults));
        config.unverified =
            audit.text("unverified", faults).and_then(|what| word(&what, "unverified", &UNVERIFIED, faults));
        let mut patterns =
            |key, faults: &mut Faults| audit.texts(key, faults).map(|list| patterns(list, faults));
        config.private = patterns("private", faults).unwrap_or_default();
        config.only = patterns("only", faults).unwrap_or_default();
        config.skip = patterns("skip", faults).unwrap_or_default();
        config.hosts = patterns("hosts", faults);
        audit.finish(faults);
    }
    if let Some(rules) = top.table("rules", "[rules]", faults) {
        for (code, value) in rules.rest() {
            let Some(level) = text(value, code.get_ref(), faults) else { continue };
            let Some(level) = word(&level, code.get_ref(), &LEVELS, faults) else { continue };
            match set(code.get_ref(), level) {
                Ok(code) => drop(config.levels.insert(code, level)),
                Err(error) => faults.add(&code.span(), error),
            }
        }
    }
    if let Some(allow) = top.take("allow") {
        let named = config.require.as_deref().unwrap_or_default();
        config.allowances = allow::allowances(allow, file, today, named, faults);
    }
    top.finish(faults);
    config
}

const FAIL_ON: [(&str, Level); 3] = [("deny", Level::Deny), ("warn", Level::Warn), ("note", Level::Note)];
pub(crate) const UNVERIFIED: [(&str, Unverified); 2] =
    [("fail", Unverified::Fail), ("warn", Unverified::Warn)];
const LEVELS: [(&str, Option<Level>); 4] =
    [("deny", Some(Level::Deny)), ("warn", Some(Level::Warn)), ("note", Some(Level::Note)), ("allow", None)];

/// Returns what the word `given` stands for.
fn word<T: Copy>(given: &Spanned<String>, key: &str, words: &[(&str, T)], faults: &mut Faults) -> Option<T> {
    let found = words.iter().find(|(word, _)| *word == given.get_ref());
    if found.is_none() {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        faults.add(
            &given.span(),
            format_args!("`{key}` is one of {}, and not {:?}", all.join(", "), given.get_ref()),
        );
    }
    found.map(|(_, value)| *value)
}

/// Returns the code of the rule `code`, of which the level may be set to `level`; else why not.
pub(crate) fn set(code: &str, level: Option<Level>) -> Result<&'static str, String> {
    Policy::may_set(code, level).map_err(|error| {
        let codes = rule::rules().iter().map(|rule| rule.info().code);
        let hint = if matches!(error, LevelError::Unknown(_)) { meant(code, codes) } else { String::new() };
        format!("{error}{hint}")
    })
}

fn sources(names: &[Spanned<String>], faults: &mut Faults) -> Vec<SourceName> {
    let mut sources = Vec::new();
    for name in names {
        match source_arg::name(name.get_ref()) {
            Ok(source) => sources.push(source),
            Err(error) => faults.add(&name.span(), format_args!("{:?}: {error}", name.get_ref())),
        }
    }
    sources
}

/// Returns patterns, each of which is one alone.
fn patterns(list: Vec<Spanned<String>>, faults: &mut Faults) -> Vec<String> {
    for pattern in &list {
        if pattern.get_ref().contains(',') || pattern.get_ref().trim().is_empty() {
            faults.add(&pattern.span(), "one pattern each: [\"a.example/*\", \"b.example\"]");
        }
    }
    list.into_iter().map(Spanned::into_inner).collect()
}

#[cfg(test)]
mod tests;
