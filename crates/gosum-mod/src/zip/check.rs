//! What a module zip from outside must not hold (spec 02 §4).

use super::archive::{Archive, Entry};
use super::fault::{FileFault, InvalidFile, check_size};
use super::limits::{MAX_ZIP, SizeError, Total};
use super::name::{Names, is_clean};
use super::source::ReadAt;
use crate::name::id::ModuleVersion;
use crate::name::path::check_file_path;
use crate::name::text::Text;

/// Which entries of a zip lie in the folder of a module version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// All of them, if there are any.
    Inside,
    /// None: this is the zip of something else.
    Outside {
        /// The name of the first entry.
        first: Text,
    },
    /// Some are, some are not.
    Mixed {
        /// The name of the first entry that is not.
        first: Text,
    },
}

/// Returns whether the names of all entries start with `path@version/`, compared by bytes.
///
/// The go command makes this check alone before it hashes a zip, and refuses all but [`Placement::Inside`].
pub fn placement<R: ReadAt>(module: &ModuleVersion, archive: &Archive<R>) -> Placement {
    let prefix = folder(module);
    let is_inside = |entry: &Entry<'_, R>| entry.name().starts_with(prefix.as_bytes());
    let Some(stray) = archive.entries().find(|entry| !is_inside(entry)) else { return Placement::Inside };
    let first = stray.name().into();
    if archive.entries().any(|entry| is_inside(&entry)) {
        Placement::Mixed { first }
    } else {
        Placement::Outside { first }
    }
}

/// What was found out about the names and declared sizes in a module zip.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ZipCheck {
    /// Which entries are the module's files, in the order of the zip: neither invalid nor folders.
    pub valid: Vec<usize>,
    /// What is wrong with the others.
    pub invalid: Vec<InvalidFile>,
    /// If the zip or the files in it are too large.
    pub size_error: Option<SizeError>,
}

impl ZipCheck {
    /// Returns whether the go command would unpack the zip, if it can read all content.
    pub fn is_valid(&self) -> bool {
        self.invalid.is_empty() && self.size_error.is_none()
    }
}

/// Checks the names and declared sizes in a zip that is said to hold `module` (spec 02 §4).
///
/// The go command checks this after the hash. Content is not read; [`zip_h1`](super::hash::zip_h1) does. Vendored
/// files and modes of links are accepted in a zip; the entry of the module's own folder is passed over. Files and
/// folders beyond the first million are invalid, which Go does not limit.
pub fn check_zip<R: ReadAt>(module: &ModuleVersion, archive: &Archive<R>) -> ZipCheck {
    let mut check = ZipCheck::default();
    if archive.file_size() > MAX_ZIP {
        check.size_error = Some(SizeError::Zip { size: archive.file_size() });
        return check;
    }
    let prefix = folder(module);
    let (mut names, mut total) = (Names::new(), Total::default());
    for (index, entry) in archive.entries().enumerate() {
        let Some(path) = entry.name().strip_prefix(prefix.as_bytes()) else {
            check.invalid.push(InvalidFile { index, name: entry.name().into(), fault: FileFault::Outside });
            continue;
        };
        match check_entry(path, entry.size(), &mut names, &mut total) {
            Ok(true) => check.valid.push(index),
            Ok(false) => {}
            Err(fault) => check.invalid.push(InvalidFile { index, name: entry.name().into(), fault }),
        }
    }
    check.size_error = total.error();
    check
}

/// Returns the start of all names in the zip of `module`.
fn folder(module: &ModuleVersion) -> String {
    format!("{module}/")
}

/// Returns whether the entry at `path`, below the module's folder, is a file.
fn check_entry<'a>(
    path: &'a [u8],
    size: u64,
    names: &mut Names<'a>,
    total: &mut Total,
) -> Result<bool, FileFault> {
    if path.is_empty() {
        return Ok(false);
    }
    let (path, is_folder) = match path.strip_suffix(b"/") {
        Some(path) => (path, true),
        None => (path, false),
    };
    if !is_clean(path) {
        return Err(FileFault::NotClean);
    }
    check_file_path(path)?;
    let path = str::from_utf8(path).expect("a path that was checked is UTF-8");
    names.add(path, is_folder)?;
    if is_folder {
        return Ok(false);
    }
    check_go_mod(path)?;
    total.add(size);
    check_size(path, size)?;
    Ok(true)
}

fn check_go_mod(path: &str) -> Result<(), FileFault> {
    let base = path.rsplit('/').next().expect("splitting gives at least one piece");
    if !base.eq_ignore_ascii_case("go.mod") {
        return Ok(()); // none of its letters folds to one outside ASCII
    }
    match path {
        "go.mod" => Ok(()),
        _ if base == path => Err(FileFault::GoModCase),
        _ => Err(FileFault::NestedGoMod),
    }
}
