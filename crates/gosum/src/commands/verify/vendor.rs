//! The vendor folders of what the user names.

use std::path::{Path, PathBuf};

use gosum_audit::verify::VendorRequest;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::zip::limits::MAX_GO_MOD;

use super::super::layout::{Layout, folder_of, malformed, plain, read_work, to_path};
use crate::session::Session;

/// The name of the folder.
const VENDOR: &str = "vendor";

/// Returns the vendor folders in the folders of `paths`: that of a workspace, else that of a module.
///
/// # Errors
/// When there is one, and the go.mod or go.work that it is for cannot be read.
pub(super) fn of(session: &Session, paths: &[PathBuf]) -> anyhow::Result<Vec<VendorRequest>> {
    let mut vendors = Vec::new();
    for path in paths.iter().filter(|path| *path != Path::new("-") && session.path(path).is_dir()) {
        let go_work = Layout::of(session)?.workspace(session, path)?;
        let folder = go_work.as_deref().map_or(path.as_path(), folder_of);
        let vendor = plain(&folder.join(VENDOR));
        let go_mod = folder.join("go.mod");
        let is_for_something = go_work.is_some() || session.path(&go_mod).is_file();
        if !is_for_something || !session.path(&vendor).is_dir() {
            continue;
        }
        let (mains, work) = match &go_work {
            None => (vec![main(session, &go_mod)?], None),
            Some(file) => {
                let work = read_work(session, file)?;
                let used = work.uses.iter().map(|used| folder.join(to_path(&used.directory)).join("go.mod"));
                let mains = used.map(|file| main(session, &file)).collect::<anyhow::Result<Vec<_>>>()?;
                (mains, Some((plain(file).display().to_string(), work)))
            }
        };
        let shown = vendor.display().to_string();
        vendors.push(VendorRequest { folder: session.path(&vendor), shown, mains, work });
    }
    Ok(vendors)
}

fn main(session: &Session, file: &Path) -> anyhow::Result<(String, MainMod)> {
    let file = plain(file);
    let text = session.read_file(&file, MAX_GO_MOD)?;
    let parsed = MainMod::parse(&text).map_err(|error| malformed(&file, &error))?;
    Ok((file.display().to_string(), parsed))
}
