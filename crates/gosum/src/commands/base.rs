//! `--base`: what go.sum was before, at a revision of the user's own repository or in a file.
//!
//! Left out of an audit is what *the same command would have audited at the base*, and nothing else. To take any go.sum of
//! that revision would be wrong: whoever first adds a go.sum in a corner that nobody audits could move its lines to where they
//! count, and nobody would ever look at them. For the same reason a name is taken for a file only where it looks like one: a
//! change could else bring a file with the name of the branch that it is compared with. Symbolic links are not followed in
//! the repository.

pub(super) mod policy;

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use gosum_audit::known::Known;
use gosum_evidence::report;
use gosum_evidence::rule::SumFile;
use gosum_git::ObjectId;
use gosum_git::local::{LocalError, LocalRepository, Revision};
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::zip::limits::MAX_GO_MOD;

use super::layout::{Files, Folder, Layout, absolute, folder_of, plain};
use super::project::Named;
use super::sum_file;
use crate::session::Session;

/// What `--base` names.
pub(super) enum Base {
    /// A file with lines of go.sum.
    File(String),
    /// A revision, in the repository of each path.
    Revision { spec: String, pasts: Vec<Past> },
}

/// What was audited at the base.
pub(super) struct Before {
    pub(super) known: Known,
    pub(super) shown: report::Base,
    /// The go.sum files that were audited then, are still there, and are passed over today.
    pub(super) passed_over: Vec<SumFile>,
}

impl Base {
    /// Returns what `base` names for an audit of `paths`.
    ///
    /// # Errors
    /// When there is no such revision, or no repository.
    pub(super) fn open(session: &Session, base: &str, paths: &[PathBuf]) -> anyhow::Result<Base> {
        if is_file(base) {
            return Ok(Base::File(base.to_owned()));
        }
        if paths.iter().any(|path| path == Path::new("-")) {
            bail!("--base {base}: standard input is in no repository; give --base a file, as in ./base.sum");
        }
        let pasts = paths.iter().map(|path| Past::open(session, base, path));
        Ok(Base::Revision { spec: base.to_owned(), pasts: pasts.collect::<anyhow::Result<_>>()? })
    }

    /// Returns what `paths`, which name `named` today, had then.
    ///
    /// # Errors
    /// When something cannot be read.
    pub(super) fn before(
        &self,
        session: &mut Session,
        paths: &[PathBuf],
        named: &Named,
    ) -> anyhow::Result<Before> {
        let today = match named {
            Named::Files(files) => files,
            Named::Project { folder, .. } => {
                bail!("--base is about lines of go.sum, and {} has none", folder.display())
            }
        };
        let shown = |name: &str, commit| report::Base { name: name.to_owned(), commit, config: None };
        let (spec, pasts) = match self {
            Base::Revision { spec, pasts } => (spec, pasts),
            Base::File(file) => {
                if file == "-" && paths.iter().any(|path| path == Path::new("-")) {
                    bail!("standard input cannot be both go.sum and its --base");
                }
                let then = sum_file::read(session, Path::new(file)).context("--base")?;
                let (known, shown) = (Known::of(&[then]), shown(file, None));
                return Ok(Before { known, shown, passed_over: Vec::new() });
            }
        };
        let (mut files, mut commits, mut passed_over) = (Vec::new(), Vec::new(), Vec::new());
        for (past, path) in pasts.iter().zip(paths) {
            commits.push(past.commit);
            let names = past.names(session, path)?;
            for name in names.iter().filter(|_| session.path(path).is_dir()) {
                let shown = name.display().to_string();
                let is_read = |file: &SumFile| *file.name == *shown;
                if session.path(name).is_file() && !today.iter().chain(&passed_over).any(is_read) {
                    // go.work decides what is audited, and is a part of the change
                    session.warn(format!("{shown} was audited at {spec}, and nothing names it today: its new lines are audited too"));
                    passed_over.push(sum_file::read_file(session, name)?);
                }
            }
            files.extend(past.sums(session, path, &names)?);
        }
        commits.dedup();
        let commit = commits.first().filter(|_| commits.len() == 1);
        let commit = commit.and_then(|commit| commit.map(|id| id.to_string()));
        Ok(Before { known: Known::of(&files), shown: shown(spec, commit), passed_over })
    }
}

/// Returns whether `base` is a file, and no revision: a path that says so at its front, or what is called as sums are. What
/// has a colon after its first letter is a file in a revision.
fn is_file(base: &str) -> bool {
    let is_path = ["./", "../", ".\\", "..\\"].iter().any(|front| base.starts_with(front));
    base == "-" || is_path || Path::new(base).is_absolute() || base.ends_with(".sum") && !base.contains(':')
}

/// The work tree in which a path is, as it was.
pub(super) struct Past {
    repository: LocalRepository,
    revision: Revision,
    commit: Option<ObjectId>,
    /// The revision, as the user named it.
    spec: String,
    /// The folder from which relative paths begin.
    dir: PathBuf,
    /// The folder that is named, and where it really is when the repository is found behind a link alone.
    moved: Option<(PathBuf, PathBuf)>,
}

impl Past {
    fn open(session: &Session, spec: &str, path: &Path) -> anyhow::Result<Past> {
        // with a dot in it, since an empty path is no folder
        let dir =
            std::path::absolute(session.path(Path::new("."))).context("cannot tell which folder this is")?;
        let named = absolute(&dir, path);
        let folder = if named.is_dir() { named.as_path() } else { folder_of(&named) };
        // a change may turn a folder into a submodule, with branches that its author has made: of the repository in which
        // gosum runs that folder is then no part
        let here = LocalRepository::find(&absolute(&dir, Path::new(""))).ok();
        let here = here.filter(|here| named.starts_with(here.root()));
        let (repository, moved) = match here.map_or_else(|| LocalRepository::find(folder), Ok) {
            Err(LocalError::NoRepository { .. }) => {
                let real =
                    folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
                let repository = LocalRepository::find(&real).with_context(|| format!("--base {spec}"))?;
                (repository, Some((folder.to_owned(), real)))
            }
            found => (found.with_context(|| format!("--base {spec}"))?, None),
        };
        let revision = repository.revision(spec).map_err(|error| explain(session, spec, error))?;
        let commit = match revision {
            Revision::Tree { commit, .. } => commit,
            Revision::File(_) => None,
        };
        Ok(Past { repository, revision, commit, spec: spec.to_owned(), dir, moved })
    }

    /// Returns the names of the go.sum files that an audit of `path` would have read.
    fn names(&self, session: &Session, path: &Path) -> anyhow::Result<Vec<PathBuf>> {
        if let Revision::File(_) = self.revision {
            return Ok(Vec::new());
        }
        let layout = Layout::of(session)?;
        let then = match session.path(path).is_dir() {
            true => layout.folder(self, path).with_context(|| format!("at {}", self.spec))?,
            false if self.has(path)? => Folder::Sums(vec![path.to_owned()]),
            false => Folder::Nothing,
        };
        Ok(match then {
            Folder::Sums(names) => names,
            Folder::Workspace(_) | Folder::Module(_) | Folder::Foreign(_) | Folder::Nothing => Vec::new(),
        })
    }

    /// Returns the go.sum files with the `names` that an audit of `path` would have read.
    fn sums(&self, session: &Session, path: &Path, names: &[PathBuf]) -> anyhow::Result<Vec<SumFile>> {
        let tree = match self.revision {
            Revision::Tree { tree, .. } => tree,
            Revision::File(id) => {
                return Ok(vec![self.parse(&self.spec, &self.repository.read(id, sum_file::MAX_BYTES)?)?]);
            }
        };
        if !names.is_empty() {
            let read = |path: &PathBuf| {
                self.parse(&path.display().to_string(), &self.read(path, sum_file::MAX_BYTES)?)
            };
            return names.iter().map(read).collect();
        }
        let is_folder = session.path(path).is_dir();
        let layout = Layout::of(session)?;
        let now = if is_folder { path.join("go.sum") } else { path.to_owned() };
        let is_alone = !is_folder || layout.folder(session, path)? == Folder::Sums(vec![plain(&now)]);
        match is_alone.then(|| self.moved_from(session, tree, &now)).transpose()?.flatten() {
            Some(before) => {
                session.warn(format!("{} was {before} at {}", plain(&now).display(), self.spec));
                let id = self.repository.file(tree, &before)?.expect("it has been found a moment ago");
                Ok(vec![self.parse(&before, &self.repository.read(id, sum_file::MAX_BYTES)?)?])
            }
            None => {
                session.warn(format!(
                    "{} has no go.sum lines at {}: all lines are new",
                    path.display(),
                    self.spec
                ));
                Ok(Vec::new())
            }
        }
    }

    fn parse(&self, path: &str, text: &[u8]) -> anyhow::Result<SumFile> {
        let name = format!("{}:{path}", self.spec);
        sum_file::parse(name.as_str().into(), text).context(name)
    }

    /// Returns the path that the go.sum at `now`, which is new there, had before its module was moved: that of the one go.sum
    /// that is gone, beside a go.mod of the same module. Where there are two such, none is meant.
    fn moved_from(&self, session: &Session, tree: ObjectId, now: &Path) -> anyhow::Result<Option<String>> {
        let is_go_sum = now.file_name().is_some_and(|name| name == "go.sum");
        let go_mod = folder_of(now).join("go.mod");
        if !is_go_sum || !Files::has(session, &go_mod)? || self.has(&go_mod)? {
            return Ok(None);
        }
        let Some(module) = module_of(&Files::read(session, &go_mod, MAX_GO_MOD)?) else { return Ok(None) };
        let mut found = None;
        let paths = match self.repository.files_named(tree, "go.sum") {
            Ok(paths) => paths,
            // then all lines are new, and more is audited than had to be
            Err(error) => {
                let (now, spec) = (plain(now), &self.spec);
                let error = anyhow!(error);
                session.warn(format!(
                    "whether {} was elsewhere at {spec} is not known: {error:#}",
                    now.display()
                ));
                return Ok(None);
            }
        };
        for path in paths {
            let is_gone = !self.repository.root().join(&path).exists();
            let go_mod = format!("{}go.mod", path.strip_suffix("go.sum").expect("it is its name"));
            let Some(id) = self.repository.file(tree, &go_mod)?.filter(|_| is_gone) else { continue };
            if module_of(&self.repository.read(id, MAX_GO_MOD)?).as_ref() == Some(&module) {
                if found.is_some() {
                    return Ok(None);
                }
                found = Some(path);
            }
        }
        Ok(found)
    }

    /// Returns the file at `path`, if there was one.
    fn file(&self, path: &Path) -> anyhow::Result<Option<ObjectId>> {
        let Revision::Tree { tree, .. } = self.revision else { return Ok(None) };
        match self.inside(path) {
            Some(parts) => Ok(self.repository.file(tree, &parts.join("/"))?),
            None => Ok(None),
        }
    }

    /// Returns the names that lead to `path` from the root of the repository; none where it is not in it, or a name is not
    /// UTF-8.
    fn inside(&self, path: &Path) -> Option<Vec<String>> {
        let mut at = absolute(&self.dir, path);
        if let Some((named, real)) = &self.moved
            && let Ok(rest) = at.strip_prefix(named)
        {
            at = real.join(rest);
        }
        let inside = at.strip_prefix(self.repository.root()).ok()?;
        inside.components().map(|part| name(part).map(str::to_owned)).collect()
    }
}

impl Files for Past {
    fn has(&self, path: &Path) -> anyhow::Result<bool> {
        Ok(self.file(path)?.is_some())
    }

    fn read(&self, path: &Path, max: u64) -> anyhow::Result<Vec<u8>> {
        let id =
            self.file(path)?.ok_or_else(|| anyhow!("there is no {} at {}", path.display(), self.spec))?;
        let cannot = || format!("cannot read {} at {}", path.display(), self.spec);
        self.repository.read(id, max).with_context(cannot)
    }
}

/// Returns the path of the module that a go.mod declares.
fn module_of(go_mod: &[u8]) -> Option<String> {
    let parsed = MainMod::parse(go_mod).ok()?;
    Some(parsed.go_mod.module?.path.to_string())
}

fn name(part: Component<'_>) -> Option<&str> {
    match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    }
}

/// Returns `error` with what to do about it.
fn explain(session: &Session, spec: &str, error: LocalError) -> anyhow::Error {
    let hint = match &error {
        LocalError::NoRevision { is_shallow: true, .. } => Some(
            "the clone is shallow: fetch the revision first, as with `git fetch --depth=1 origin BRANCH`, \
             or clone all of the history (`fetch-depth: 0`)"
                .to_owned(),
        ),
        LocalError::NoRevision { has_reftable: true, .. } => Some(
            "its references are kept as a reftable, which is not read: give the full id of a commit"
                .to_owned(),
        ),
        LocalError::NoRevision { .. } if session.path(Path::new(spec)).is_file() => {
            Some(format!("for the file of this name, write ./{spec}"))
        }
        _ => None,
    };
    let text = format!("--base: {error}");
    match hint {
        Some(hint) => anyhow!("{text}; {hint}"),
        None => anyhow!(error).context("--base"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_file_is_one() {
        for file in ["./main", "../x/go.sum", "old.sum", "sub/go.sum", "-"] {
            assert!(is_file(file), "{file}");
        }
        for revision in
            ["main", "origin/main", "HEAD~2", "v1.0.0", "HEAD:go.sum", "main:sub/go.sum", ".", "go.sum.old"]
        {
            assert!(!is_file(revision), "{revision}");
        }
    }
}
