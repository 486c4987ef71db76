//! What the user names: go.sum files, and projects that have one, several, or none.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::bail;
use gosum_evidence::rule::{Replaced, SumFile};
use gosum_evidence::subject::Location;
use gosum_mod::build::graph::{Build, MainModule};
use gosum_mod::file::go_work::{GoWork, Use};
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::file::replace::{Replace, Target};
use gosum_mod::name::text::Text;
use gosum_mod::setting::goflags::ModMode;
use gosum_mod::zip::limits::{MAX_GO_MOD, read_bounded};

use super::layout::{Files, Folder, Layout, folder_of, malformed, plain, read_work, to_path};
use super::sum_file;
use crate::config;
use crate::session::Session;

/// What is to be audited.
pub(super) enum Named {
    /// These go.sum files.
    Files(Vec<SumFile>),
    /// A project without a go.sum, in this folder.
    Project { build: Box<Build>, folder: PathBuf },
}

impl Named {
    /// Returns the go.sum files; a project without one has none.
    pub(super) fn files(&self) -> &[SumFile] {
        match self {
            Named::Files(files) => files,
            Named::Project { .. } => &[],
        }
    }
}

/// The folders of the user.
impl Files for Session {
    fn has(&self, path: &Path) -> anyhow::Result<bool> {
        Ok(self.path(path).exists())
    }

    fn read(&self, path: &Path, max: u64) -> anyhow::Result<Vec<u8>> {
        self.read_file(path, max)
    }
}

/// Returns what `paths` name: go.sum files, `-` for standard input, and folders with a go.work or a go.mod.
///
/// Of a workspace, go.work.sum counts before the go.sum files of its modules (spec 03 §2). A folder with a go.mod and no
/// go.sum is a project by itself. GOWORK and `-modfile` have their meaning in folders; a file that is named is that file.
///
/// # Errors
/// When there is nothing to audit, or something cannot be read.
pub(super) fn read(session: &mut Session, paths: &[PathBuf]) -> anyhow::Result<Named> {
    let (mut files, mut seen) = (Vec::new(), BTreeSet::new());
    let mut add = |file: SumFile| {
        if seen.insert(file.name.clone()) {
            files.push(file);
        }
    };
    for path in paths {
        if !session.path(path).is_dir() {
            add(sum_file::read(session, path)?);
            continue;
        }
        let layout = Layout::of(session)?;
        remark(session, &layout, path)?;
        match layout.folder(session, path)? {
            Folder::Sums(sums) => {
                for sum in &sums {
                    add(sum_file::read_file(session, sum)?);
                }
            }
            Folder::Workspace(go_work) => {
                return alone(session, paths, &go_work, workspace(session, &go_work)?);
            }
            Folder::Module(go_mod) => {
                let build = Build::Module(main_module(session, &go_mod, "")?);
                return alone(session, paths, &path.join("go.mod"), build);
            }
            Folder::Foreign(go_work) => bail!(
                "{} is not one of the modules of {}, which GOWORK names: GOWORK=off audits it by itself",
                path.display(),
                go_work.display()
            ),
            // it says that there is none
            Folder::Nothing => add(sum_file::read(session, path)?),
        }
    }
    Ok(Named::Files(files))
}

/// Returns what `paths` name, to be audited: as [`read`], but a project the go.sum of which has no line is one without a go.sum, as
/// it is to the go command, unless `by_lines` are what the audit is about. That nothing was recorded is told.
///
/// # Errors
/// As [`read`].
pub(super) fn to_audit(session: &mut Session, paths: &[PathBuf], by_lines: bool) -> anyhow::Result<Named> {
    let mut named = read(session, paths)?;
    let mut why = "there is no go.sum";
    if let (Named::Files(files), [path], false) = (&named, paths, by_lines)
        && files.iter().all(|file| file.sum.lines.is_empty() && file.sum.malformed.is_empty())
        && let Some((file, build)) = build(session, path)?
        && build.mains().iter().any(|module| !module.file.go_mod.require.is_empty())
    {
        named = alone(session, paths, &file, build)?;
        why = "go.sum has no lines";
    }
    if let Named::Project { folder, .. } = &named
        && !session.quiet
    {
        session.warn(format!(
            "{}: {why}: what the module graph needs today is asked about, and nothing recorded is held against it",
            folder.display()
        ));
    }
    Ok(named)
}

/// Returns the build of what is in the folder at `path`, and the go.work or go.mod that describes it; none where there is neither.
fn build(session: &Session, path: &Path) -> anyhow::Result<Option<(PathBuf, Build)>> {
    if !session.path(path).is_dir() {
        return Ok(None);
    }
    let layout = Layout::of(session)?;
    if let Some(go_work) = layout.workspace(session, path)? {
        let build = workspace(session, &go_work)?;
        return Ok(Some((go_work, build)));
    }
    let go_mod = layout.go_mod(path);
    if !session.path(&go_mod).is_file() {
        return Ok(None);
    }
    let build = Build::Module(main_module(session, &go_mod, "")?);
    Ok(Some((path.join("go.mod"), build)))
}

/// Returns the go.sum files of the project that the folder is part of. One that cannot be read is said to be so, and no
/// reason to stop.
pub(super) fn go_sums(session: &mut Session) -> Vec<SumFile> {
    let folders = here(session);
    if folders.is_empty() {
        return Vec::new();
    }
    match read(session, &folders) {
        Ok(Named::Files(files)) => files,
        Ok(Named::Project { .. }) => Vec::new(),
        Err(error) => {
            session.warn(format!("go.sum is left out: {error:#}"));
            Vec::new()
        }
    }
}

/// Returns the nearest folder, from the working folder upwards, that holds a go.sum, a go.mod or a go.work; none where there is
/// no such folder.
pub(super) fn here(session: &Session) -> Vec<PathBuf> {
    let start = std::fs::canonicalize(session.path(Path::new(".")));
    let depth = start.ok().and_then(|start| start.ancestors().position(config::is_project));
    let folder = |depth| match depth {
        0 => PathBuf::from("."),
        depth => std::iter::repeat_n("..", depth).collect(),
    };
    depth.map(folder).into_iter().collect()
}

/// Returns what the go.mod and the go.work in the folders of `paths` replace by directories. What cannot be read is told, and
/// replaces nothing: no hash depends on it.
pub(super) fn replaced(session: &Session, paths: &[PathBuf]) -> Vec<Replaced> {
    let mut all = Vec::new();
    for path in paths.iter().filter(|path| *path != Path::new("-")) {
        let folder = config::folder(session, path);
        for name in ["go.work", "go.mod"] {
            let file = plain(&folder.join(name));
            if !session.path(&file).is_file() {
                continue;
            }
            match replaces(session, &file) {
                Ok(replaces) => {
                    all.extend(replaces.into_iter().filter_map(|replace| by_directory(replace, &file)));
                }
                Err(error) => {
                    session.warn(format!("what {} replaces is not known: {error:#}", file.display()));
                }
            }
        }
    }
    all
}

fn replaces(session: &Session, file: &Path) -> anyhow::Result<Vec<Replace>> {
    let text = Files::read(session, file, MAX_GO_MOD)?;
    let is_work = file.file_name().is_some_and(|name| name == "go.work");
    match is_work {
        true => Ok(GoWork::parse(&text).map_err(|error| malformed(file, &error))?.replace),
        false => Ok(MainMod::parse(&text).map_err(|error| malformed(file, &error))?.replace),
    }
}

fn by_directory(replace: Replace, file: &Path) -> Option<Replaced> {
    let Replace { path, version, target: Target::Directory(directory), line } = replace else { return None };
    let at = Location { file: file.display().to_string().into(), line };
    Some(Replaced { path, version, directory, at })
}

/// Tells what a build in the folder at `path` uses, and the audit does not.
fn remark(session: &Session, layout: &Layout, path: &Path) -> anyhow::Result<()> {
    if session.quiet {
        return Ok(());
    }
    if session.env.goflags()?.mode == Some(ModMode::Vendor) {
        session.warn(
            "GOFLAGS has -mod=vendor: a build uses the folder vendor: `gosum verify` looks at what is in it, and an audit where \
             --source names vendor",
        );
    }
    if let Some(go_work) = layout.workspace_above(session, path) {
        session.warn(format!(
            "{} uses this module: a build reads the go.sum lines of the whole workspace, and those of {} alone are audited; \
             GOWORK={0} audits all",
            go_work.display(),
            path.display()
        ));
    }
    Ok(())
}

/// Returns a project without a go.sum, which is audited by itself: go.sum lines beside it would be of another one.
fn alone(session: &Session, paths: &[PathBuf], file: &Path, build: Build) -> anyhow::Result<Named> {
    let folder = plain(&session.path(folder_of(file)));
    if paths.len() > 1 {
        bail!("{} has no go.sum: audit it by itself, or leave it out", folder.display());
    }
    Ok(Named::Project { build: Box::new(build), folder })
}

fn workspace(session: &Session, path: &Path) -> anyhow::Result<Build> {
    let go_work = read_work(session, path)?;
    let module = |Use { directory, .. }: &Use| {
        let file = main_module(session, &folder_of(path).join(to_path(directory)).join("go.mod"), "")?;
        Ok(MainModule { directory: directory.clone(), ..file })
    };
    let modules = go_work.uses.iter().map(module).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Build::Workspace { go_work, modules })
}

pub(super) fn main_module(session: &Session, named: &Path, directory: &str) -> anyhow::Result<MainModule> {
    let text = Files::read(session, named, MAX_GO_MOD)?;
    let file = MainMod::parse(&text).map_err(|error| malformed(named, &error))?;
    Ok(MainModule { directory: directory.into(), file })
}

/// Reads the go.mod of a directory below `folder`, or of an absolute one.
pub(super) fn read_directory(folder: &Path, directory: &Text) -> Result<Vec<u8>, String> {
    let file = folder.join(to_path(directory)).join("go.mod");
    let read = || read_bounded(&mut File::open(&file)?, MAX_GO_MOD);
    read().map_err(|error: io::Error| format!("{}: {error}", file.display()))
}
