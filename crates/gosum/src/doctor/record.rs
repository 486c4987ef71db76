//! Views as folders: `view.json`, and the system files where they are on the machine, such as `proc/self/mountinfo`.

use std::fs;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, bail};
use gosum_mod::zip::limits::read_bounded;

use super::look::{of_view, read_files};
use super::system::System;

/// The file that holds all but the system files.
const FILE: &str = "view.json";
/// The largest one that is read.
const MAX_FILE: u64 = 16 << 20;

/// Writes `system` to the folder at `dir`, which is made, and which messages show as `shown`. `view.json` comes last: a
/// folder without it is no view.
///
/// # Errors
/// When the folder is there and not empty, or something cannot be written.
pub(crate) fn write(system: &System, dir: &Path, shown: &str) -> anyhow::Result<()> {
    let cannot = |path: &str| format!("cannot write {path} below {shown}");
    fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {shown}"))?;
    if dir.read_dir().with_context(|| format!("cannot read the folder {shown}"))?.next().is_some() {
        bail!("{shown} is not empty: a view is recorded into a new folder");
    }
    for (path, text) in &system.files {
        let file = dir.join(path.trim_start_matches('/'));
        let folder = file.parent().expect("it lies below a folder");
        fs::create_dir_all(folder).and_then(|()| fs::write(&file, text)).with_context(|| cannot(path))?;
    }
    let mut json = Vec::new();
    gosum_report::json::write(system, &mut json)?;
    fs::write(dir.join(FILE), json).with_context(|| cannot(FILE))
}

/// Returns the view that was written to the folder at `dir`, which messages show as `shown`.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(crate) fn read(dir: &Path, shown: &str) -> anyhow::Result<System> {
    let cannot = || format!("cannot read {FILE} in {shown}: it is no view that --record wrote");
    let mut file = fs::File::open(dir.join(FILE)).map(BufReader::new).with_context(cannot)?;
    let json = read_bounded(&mut file, MAX_FILE).with_context(cannot)?;
    let mut system: System = serde_json::from_slice(&json).with_context(cannot)?;
    let (files, unreadable) = read_files(&|path| of_view(dir, path));
    system.files = files;
    system.unreadable.extend(unreadable);
    Ok(system)
}
