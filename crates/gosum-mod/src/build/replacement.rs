//! Which module or directory stands in for a module version (spec 03 §3).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::graph::{Build, LoadError, Node};
use crate::file::replace::{Replace, Target};
use crate::name::id::{ModuleVersion, ModuleVersionError};
use crate::name::path::ModulePath;
use crate::name::text::Text;
use crate::name::version::Version;

/// Where a go.mod file is looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoModKey {
    /// Where module versions come from.
    Module(ModuleVersion),
    /// In a directory: absolute, or relative to the same folder as the directories of the main modules.
    Directory(Text),
}

impl fmt::Display for GoModKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GoModKey::Module(module) => module.fmt(f),
            GoModKey::Directory(directory) => directory.fmt(f),
        }
    }
}

/// The replace statements of one file. Without a version, one is of all versions.
type Statements = BTreeMap<(Text, Option<Version>), Replaced>;

/// What stands in for a module.
#[derive(Debug, PartialEq, Eq)]
struct Replaced {
    /// With a directory as the key of a go.mod file has it.
    target: Target,
    /// As the file has it.
    written: Target,
}

/// The replace statements of a build.
#[derive(Debug, Default)]
pub(super) struct Replacements {
    go_work: Statements,
    /// Those of each main module.
    modules: Vec<Statements>,
}

impl Replacements {
    pub(super) fn new(build: &Build) -> Result<Replacements, LoadError> {
        let go_work = match build {
            Build::Module(_) => Statements::new(),
            Build::Workspace { go_work, .. } => statements(&go_work.replace, b"")?,
        };
        let overridden: BTreeSet<&Text> = go_work.keys().map(|(path, _)| path).collect();
        let mut modules: Vec<Statements> = Vec::new();
        for main in build.mains() {
            let own = statements(&main.file.replace, main.directory.as_bytes())?;
            for (key, replaced) in own.iter().filter(|((path, _), _)| !overridden.contains(path)) {
                let differs = |earlier: &Replaced| earlier.target != replaced.target;
                if modules.iter().any(|other| other.get(key).is_some_and(differs)) {
                    return Err(conflict(key));
                }
            }
            modules.push(own);
        }
        Ok(Replacements { go_work, modules })
    }

    /// Returns whether go.work replaces every version of `path`.
    pub(super) fn all_replaced(&self, path: &Text) -> bool {
        self.go_work.contains_key(&(path.clone(), None))
    }

    /// Returns what stands in for `node`, which is no main module.
    fn target(&self, path: &Text, version: &Version) -> Result<Option<&Target>, LoadError> {
        if let Some((_, replaced)) = find(&self.go_work, path, version) {
            return Ok(Some(&replaced.target));
        }
        let mut found: Option<&Replaced> = None;
        for statements in &self.modules {
            let Some((exact, replaced)) = find(statements, path, version) else { continue };
            // Go looks for a contradiction only where a later statement names the version, and takes a directory for the
            // same where it is written the same
            if exact && found.is_some_and(|earlier| earlier.written != replaced.written) {
                return Err(conflict(&(path.clone(), Some(version.clone()))));
            }
            found = Some(replaced);
        }
        Ok(found.map(|replaced| &replaced.target))
    }

    /// Returns where the go.mod file of `node` is, or nothing for a main module.
    pub(super) fn key(&self, node: &Node) -> Result<Option<Result<GoModKey, ModuleVersionError>>, LoadError> {
        let Some(version) = &node.version else { return Ok(None) };
        let key = match self.target(&node.path, version)? {
            Some(Target::Directory(directory)) => Ok(GoModKey::Directory(directory.clone())),
            Some(Target::Module { path, version }) => module(path, version),
            None => module(&node.path, version),
        };
        Ok(Some(key))
    }
}

fn module(path: &Text, version: &Version) -> Result<GoModKey, ModuleVersionError> {
    Ok(GoModKey::Module(ModuleVersion::new(ModulePath::parse(path)?, version.clone())?))
}

fn statements(list: &[Replace], directory: &[u8]) -> Result<Statements, LoadError> {
    let mut statements = Statements::new();
    for replace in list {
        let key = (replace.path.clone(), replace.version.clone());
        let target = match &replace.target {
            Target::Directory(target) => Target::Directory(join(directory, target.as_bytes())),
            module => module.clone(),
        };
        match statements.get(&key) {
            Some(earlier) if earlier.written != replace.target => return Err(conflict(&key)),
            _ => statements.insert(key, Replaced { target, written: replace.target.clone() }),
        };
    }
    Ok(statements)
}

/// Returns what `statements` say of a version, and whether they name it: what is said of one counts before what is said
/// of all.
fn find<'a>(statements: &'a Statements, path: &Text, version: &Version) -> Option<(bool, &'a Replaced)> {
    let exact = statements.get(&(path.clone(), Some(version.clone()))).map(|replaced| (true, replaced));
    exact.or_else(|| statements.get(&(path.clone(), None)).map(|replaced| (false, replaced)))
}

fn conflict((path, version): &(Text, Option<Version>)) -> LoadError {
    LoadError::Conflict { path: path.clone(), version: version.clone() }
}

/// Returns `path`, if it is not absolute, as seen from where `directory` is; without `.`, and with `..` at its start
/// alone.
fn join(directory: &[u8], path: &[u8]) -> Text {
    let absolute = matches!(path, [b'/', ..] | [_, b':', ..]);
    let whole = if absolute || directory.is_empty() { path.to_vec() } else { [directory, path].join(&b'/') };
    let rooted = whole.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for element in whole.split(|&byte| byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => {
                kept.pop();
            }
            b".." if rooted => {}
            _ => kept.push(element),
        }
    }
    let cleaned = kept.join(&b'/');
    match (rooted, cleaned.is_empty()) {
        (true, _) => [b"/", &cleaned[..]].concat().into(),
        (false, true) => ".".into(),
        (false, false) => cleaned.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_seen_from_one_folder() {
        for (directory, path, joined) in [
            ("", "../c", "../c"),
            ("", "./c/", "c"),
            ("", ".", "."),
            (".", "..", ".."),
            ("a", "../c", "c"),
            ("a/b", "../../../c/./d", "../c/d"),
            ("/w/a", "../c", "/w/c"),
            ("/w", "../../c", "/c"),
            ("/w", "../..", "/"),
            ("a", "/abs//x/..", "/abs"),
            ("a", "c:/x", "c:/x"),
            ("../m", "./c", "../m/c"),
        ] {
            assert_eq!(join(directory.as_bytes(), path.as_bytes()), joined.into(), "{directory} {path}");
        }
    }
}
