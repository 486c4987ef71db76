//! The go.mod and go.work that hold for the current folder.

use std::path::{Path, PathBuf};

use gosum_mod::file::go_work::GoWork;
use gosum_mod::file::main_mod::{Godebug, MainMod};
use gosum_mod::setting::gowork;
use gosum_mod::zip::limits::MAX_GO_MOD;

use crate::doctor::system::ProjectFile;
use crate::session::Session;

/// Returns the current folder, without links where that can be told.
pub(super) fn current(session: &Session) -> PathBuf {
    let folder = session.path(Path::new("."));
    folder.canonicalize().unwrap_or(folder)
}

/// Returns why the current folder cannot be told; none when it can.
pub(super) fn lost(session: &Session) -> Option<String> {
    session.path(Path::new(".")).canonicalize().err().map(|error| error.to_string())
}

/// Returns the files, of those that there are.
pub(super) fn look(session: &Session) -> Vec<ProjectFile> {
    let folder = current(session);
    let above = |name: &str| folder.ancestors().map(|folder| folder.join(name)).find(|file| file.is_file());
    let go_work = match session.env.gowork() {
        Ok(gowork::GoWork::Off) => None,
        Ok(gowork::GoWork::File(file)) => Some(file),
        // what is wrong with it is said of the setting
        Ok(gowork::GoWork::Search) | Err(_) => above("go.work"),
    };
    let go_mod = above("go.mod")
        .map(|file| project_file(session, &file, |text| MainMod::parse(text).map(|go_mod| go_mod.godebug)));
    let go_work =
        go_work.map(|file| project_file(session, &file, |text| GoWork::parse(text).map(|work| work.godebug)));
    go_mod.into_iter().chain(go_work).collect()
}

fn project_file<E: std::fmt::Display>(
    session: &Session,
    file: &Path,
    parse: impl Fn(&[u8]) -> Result<Vec<Godebug>, E>,
) -> ProjectFile {
    let path = file.display().to_string();
    let parsed = session.read_file(file, MAX_GO_MOD).map_err(|error| error.root_cause().to_string());
    match parsed.and_then(|text| parse(&text).map_err(|error| error.to_string())) {
        Ok(godebug) => {
            let pairs = godebug.iter().map(|Godebug { key, value }| format!("{key}={value}"));
            ProjectFile { path, godebug: pairs.collect(), error: None }
        }
        Err(error) => ProjectFile { path, godebug: Vec::new(), error: Some(error) },
    }
}
