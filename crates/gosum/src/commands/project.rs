//! What the user names: go.sum files, and projects that have one, several, or none.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use gosum_evidence::rule::SumFile;
use gosum_mod::build::graph::{Build, MainModule};
use gosum_mod::file::error::SyntaxError;
use gosum_mod::file::go_work::{GoWork, Use};
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::name::text::Text;
use gosum_mod::zip::limits::MAX_GO_MOD;

use super::sum_file;
use crate::session::{Session, read_bounded};

/// What is to be audited.
pub(super) enum Named {
    /// These go.sum files.
    Files(Vec<SumFile>),
    /// A project without a go.sum, in this folder.
    Project { build: Box<Build>, folder: PathBuf },
}

/// Returns what `paths` name: go.sum files, `-` for standard input, and folders with a go.work or a go.mod.
///
/// Of a workspace, go.work.sum counts before the go.sum files of its modules (spec 03 §2). A folder with a go.mod and no
/// go.sum is a project by itself.
///
/// # Errors
/// When there is nothing to audit, or something cannot be read.
pub(super) fn read(session: &mut Session, paths: &[PathBuf]) -> anyhow::Result<Named> {
    let (mut files, mut seen) = (Vec::new(), BTreeSet::new());
    let mut add = |session: &mut Session, path: &Path| -> anyhow::Result<()> {
        let file = sum_file::read(session, path)?;
        if seen.insert(file.name.clone()) {
            files.push(file);
        }
        Ok(())
    };
    for path in paths {
        let folder = session.path(path);
        if !folder.is_dir() {
            add(session, path)?;
            continue;
        }
        let below = |name: &str| if path == Path::new(".") { PathBuf::from(name) } else { path.join(name) };
        if folder.join("go.work").exists() {
            let found = workspace_sums(session, path)?;
            if found.is_empty() {
                let build = workspace(session, path)?;
                return alone(paths, &folder, build);
            }
            found.iter().try_for_each(|file| add(session, file))?;
        } else if folder.join("go.sum").exists() || !folder.join("go.mod").exists() {
            if folder.join("go.work.sum").exists() {
                add(session, &below("go.work.sum"))?;
            }
            add(session, path)?;
        } else {
            let build = Build::Module(main_module(session, &below("go.mod"), "")?);
            return alone(paths, &folder, build);
        }
    }
    Ok(Named::Files(files))
}

/// Returns a project without a go.sum, which is audited by itself: go.sum lines beside it would be of another one.
fn alone(paths: &[PathBuf], folder: &Path, build: Build) -> anyhow::Result<Named> {
    if paths.len() > 1 {
        bail!("{} has no go.sum: audit it by itself, or leave it out", folder.display());
    }
    Ok(Named::Project { build: Box::new(build), folder: folder.to_owned() })
}

/// Returns the files of a workspace that have go.sum lines, those that count first before the others.
fn workspace_sums(session: &Session, path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let go_work = read_work(session, path)?;
    let mut files = vec![path.join("go.work.sum")];
    files.extend(go_work.uses.iter().map(|used| path.join(to_path(&used.directory)).join("go.sum")));
    let is_plain = |part: &Component<'_>| *part != Component::CurDir;
    let plain = |file: PathBuf| file.components().filter(is_plain).collect::<PathBuf>();
    Ok(files.into_iter().filter(|file| session.path(file).exists()).map(plain).collect())
}

fn read_work(session: &Session, path: &Path) -> anyhow::Result<GoWork> {
    let named = path.join("go.work");
    let text = read_file(session, &named)?;
    GoWork::parse(&text).map_err(|error| malformed(&named, &error))
}

fn workspace(session: &Session, path: &Path) -> anyhow::Result<Build> {
    let go_work = read_work(session, path)?;
    let module = |Use { directory, .. }: &Use| {
        let file = main_module(session, &path.join(to_path(directory)).join("go.mod"), "")?;
        Ok(MainModule { directory: directory.clone(), ..file })
    };
    let modules = go_work.uses.iter().map(module).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Build::Workspace { go_work, modules })
}

fn main_module(session: &Session, named: &Path, directory: &str) -> anyhow::Result<MainModule> {
    let text = read_file(session, named)?;
    let file = MainMod::parse(&text).map_err(|error| malformed(named, &error))?;
    Ok(MainModule { directory: directory.into(), file })
}

fn read_file(session: &Session, named: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", named.display());
    let mut file = std::fs::File::open(session.path(named)).with_context(cannot)?;
    read_bounded(&mut file, MAX_GO_MOD).with_context(cannot)
}

/// Returns all that is wrong with a file, a line each.
fn malformed(named: &Path, error: &SyntaxError) -> anyhow::Error {
    let faults = error.faults.iter().map(|fault| {
        let at = fault.position;
        format!("{}:{}:{}: {}", named.display(), at.line, at.column, fault.kind)
    });
    anyhow::anyhow!(faults.collect::<Vec<_>>().join("\n"))
}

/// Reads the go.mod of a directory below `folder`, or of an absolute one.
pub(super) fn read_directory(folder: &Path, directory: &Text) -> Result<Vec<u8>, String> {
    let file = folder.join(to_path(directory)).join("go.mod");
    let read = || read_bounded(&mut std::fs::File::open(&file)?, MAX_GO_MOD);
    read().map_err(|error: std::io::Error| format!("{}: {error}", file.display()))
}

fn to_path(text: &Text) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(text.as_bytes()).into_owned())
}
