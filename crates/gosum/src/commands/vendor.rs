//! The vendor folders of what the user names.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use gosum_audit::source::vendor::Vendor;
use gosum_audit::vendor::VendorRequest;
use gosum_evidence::rule::SumFile;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::file::replace::Target;
use gosum_mod::zip::limits::MAX_GO_MOD;

use super::layout::{Layout, absolute, folder_of, malformed, plain, read_work, to_path};
use crate::session::Session;
use crate::source_arg::SourceArg;

/// The name of the folder.
const VENDOR: &str = "vendor";

/// Where a vendor folder would be.
struct Place {
    /// The folder.
    vendor: PathBuf,
    /// The folder that it is in.
    beside: PathBuf,
    /// The go.work that it is for, where it is that of a workspace.
    go_work: Option<PathBuf>,
}

/// Returns the vendor folders in the folders of `paths`: that of a workspace, else that of a module.
///
/// # Errors
/// When there is one, and the go.mod or go.work that it is for cannot be read.
pub(super) fn of(session: &Session, paths: &[PathBuf]) -> anyhow::Result<Vec<VendorRequest>> {
    let places = places(session, paths)?;
    let there = places.into_iter().filter(|place| session.path(&place.vendor).is_dir());
    there.map(|place| request(session, place)).collect()
}

/// Returns the vendor folders in the folders of `paths` as a source, if there are any. `files` record what is vendored.
///
/// # Errors
/// When one cannot be read, or the go.mod or go.work that it is for.
pub(super) fn source(
    session: &Session,
    paths: &[PathBuf],
    files: &[SumFile],
) -> anyhow::Result<Option<Vendor>> {
    let vendors = of(session, paths)?;
    Ok(if vendors.is_empty() { None } else { Some(Vendor::open(vendors, files)?) })
}

/// Returns the same, if the vendor folder is one of the sources that are `asked`.
///
/// # Errors
/// As [`source`]; and when it is asked, and there is none.
pub(super) fn asked(
    session: &Session,
    asked: &[SourceArg],
    paths: &[PathBuf],
    files: &[SumFile],
) -> anyhow::Result<Option<Vendor>> {
    if !asked.contains(&SourceArg::Vendor) {
        return Ok(None);
    }
    if let Some(vendor) = source(session, paths, files)? {
        return Ok(Some(vendor));
    }
    let looked: Vec<String> = places(session, paths)?
        .iter()
        .map(|place| session.path(&place.vendor).display().to_string())
        .collect();
    match looked.as_slice() {
        [] => {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            bail!(
                "vendor is to be asked, and is looked for beside go.mod or go.work: {} is no folder with one of them",
                paths.join(", ")
            )
        }
        looked => bail!(
            "vendor is to be asked, and there is no such folder: {}; `go mod vendor` and `go work vendor` make it",
            looked.join(", ")
        ),
    }
}

fn places(session: &Session, paths: &[PathBuf]) -> anyhow::Result<Vec<Place>> {
    let mut places: Vec<Place> = Vec::new();
    for path in paths.iter().filter(|path| *path != Path::new("-") && session.path(path).is_dir()) {
        let go_work = Layout::of(session)?.workspace(session, path)?;
        let beside = go_work.as_deref().map_or(path.as_path(), folder_of).to_owned();
        let vendor = plain(&beside.join(VENDOR));
        let is_for_something = go_work.is_some() || session.path(&beside.join("go.mod")).is_file();
        if is_for_something {
            places.push(Place { vendor, beside, go_work });
        }
    }
    Ok(places)
}

fn request(session: &Session, Place { vendor, beside, go_work }: Place) -> anyhow::Result<VendorRequest> {
    let (mains, work) = match &go_work {
        None => (vec![main(session, &beside.join("go.mod"))?], None),
        Some(file) => {
            let work = read_work(session, file)?;
            let base = std::path::absolute(session.path(&beside)).context("the current folder")?;
            let mains = work.uses.iter().map(|used| {
                let used = to_path(&used.directory);
                let (name, mut main) = main(session, &beside.join(&used).join("go.mod"))?;
                main.replace.iter_mut().for_each(|replace| from(&base, &used, &mut replace.target));
                Ok((name, main))
            });
            let mains = mains.collect::<anyhow::Result<Vec<_>>>()?;
            (mains, Some((plain(file).display().to_string(), work)))
        }
    };
    let shown = vendor.display().to_string();
    Ok(VendorRequest { folder: session.path(&vendor), shown, mains, work })
}

fn main(session: &Session, file: &Path) -> anyhow::Result<(String, MainMod)> {
    let file = plain(file);
    let text = session.read_file(&file, MAX_GO_MOD)?;
    let parsed = MainMod::parse(&text).map_err(|error| malformed(&file, &error))?;
    Ok((file.display().to_string(), parsed))
}

/// Names a folder, which the go.mod in the folder `used` of the workspace at `base` names from there, from `base`: as the
/// go command does in modules.txt. An absolute one stays.
fn from(base: &Path, used: &Path, target: &mut Target) {
    let Target::Directory(named) = target else { return };
    let path = to_path(named);
    if path.is_absolute() {
        return;
    }
    let base = absolute(base, Path::new(""));
    let path = absolute(&base.join(used), &path);
    let shared = base.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = base.components().skip(shared).map(|_| "..".to_owned());
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    let dots = if parts.first().is_some_and(|part| part == "..") { "" } else { "./" };
    *named = format!("{dots}{}", parts.join("/")).as_str().into();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_from_that_of_the_workspace() {
        for (used, named, expected) in [
            ("./app", "../lib", "./lib"),
            ("app", "./lib/../x/", "./app/x"),
            ("./app", "../../up/x", "../up/x"),
            ("./app", "../../../up", "../../up"),
            ("/p/w/app", "../lib", "./lib"),
            ("/p/other", "./lib", "../other/lib"),
            ("./app", "/abs/../x", "/abs/../x"),
        ] {
            let mut target = Target::Directory(named.into());
            from(Path::new("/p/w"), Path::new(used), &mut target);
            assert_eq!(target, Target::Directory(expected.into()), "{used} {named}");
        }
    }
}
