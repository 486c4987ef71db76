//! Which files belong into a module zip (spec 02 §2, §3).

use std::borrow::Borrow;
use std::collections::HashSet;

use super::fault::{FileFault, InvalidFile, check_size};
use super::limits::{SizeError, Total};
use super::name::{Names, is_clean};
use super::tree::{FileKind, TreeFile};
use crate::file::go_mod::at_least_go_1_24;
use crate::name::path::check_file_path;
use crate::name::text::Text;

/// What a module zip is to hold of some files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// Which files, in the order given: each goes in under `path@version/` and its path.
    pub included: Vec<usize>,
    /// The files that are left out.
    pub omitted: Vec<OmittedFile>,
    /// The files that make the whole module invalid.
    pub invalid: Vec<InvalidFile>,
    /// If the files are too large together.
    pub size_error: Option<SizeError>,
}

impl Selection {
    /// Returns whether the go command would make a zip of the files.
    pub fn is_valid(&self) -> bool {
        self.invalid.is_empty() && self.size_error.is_none()
    }
}

/// A file that does not belong into a module zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OmittedFile {
    /// Which of the files given.
    pub index: usize,
    /// Its path.
    pub path: Text,
    /// Why it is left out.
    pub reason: Omission,
}

/// Why a file is left out of a module zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Omission {
    /// It belongs to a package in a vendor folder.
    #[error("in a vendor folder")]
    Vendored,
    /// A folder above it has a go.mod file.
    #[error("in another module")]
    NestedModule,
    /// Mercurial adds it when it writes an archive.
    #[error("added by `hg archive`")]
    HgArchival,
    /// It is a symbolic link.
    #[error("a symbolic link")]
    Symlink,
    /// It is neither a file nor a link.
    #[error("not a regular file")]
    Irregular,
}

/// Why a file is not in the zip.
enum Exclusion {
    Omitted(Omission),
    Invalid(FileFault),
}

impl<F: Into<FileFault>> From<F> for Exclusion {
    fn from(fault: F) -> Exclusion {
        Exclusion::Invalid(fault.into())
    }
}

impl From<Omission> for Exclusion {
    fn from(reason: Omission) -> Exclusion {
        Exclusion::Omitted(reason)
    }
}

/// Returns what the go command would put of `files`, paths below the root of a module, into the module's zip.
///
/// `go_mod` is the content of the regular file `go.mod` among them, if there is one; its go line decides which
/// vendored files stay out. Of several findings on one path only the first is told.
///
/// Files and folders beyond the first million are invalid, which Go does not limit.
pub fn select<F: Borrow<TreeFile>>(files: &[F], go_mod: Option<&[u8]>) -> Selection {
    let rules = Rules { nested: nested_modules(files), since_1_24: at_least_go_1_24(go_mod) };
    let mut selection = Selection::default();
    let (mut names, mut total, mut told) = (Names::new(), Total::default(), HashSet::new());
    for (index, file) in files.iter().map(Borrow::borrow).enumerate() {
        let path = file.path.as_slice();
        let exclusion = match rules.check(file, &mut names, &mut total) {
            Ok(()) => {
                selection.included.push(index);
                continue;
            }
            Err(exclusion) => exclusion,
        };
        if !told.insert(path) {
            continue;
        }
        let path = path.into();
        match exclusion {
            Exclusion::Omitted(reason) => selection.omitted.push(OmittedFile { index, path, reason }),
            Exclusion::Invalid(fault) => selection.invalid.push(InvalidFile { index, name: path, fault }),
        }
    }
    selection.size_error = total.error();
    selection
}

/// What the rules need to know of all files.
struct Rules<'a> {
    /// The folders of other modules, each with its slash, sorted, none within another.
    nested: Vec<&'a [u8]>,
    since_1_24: bool,
}

impl Rules<'_> {
    /// Applies the rules in Go's order.
    fn check<'a>(
        &self,
        file: &'a TreeFile,
        names: &mut Names<'a>,
        total: &mut Total,
    ) -> Result<(), Exclusion> {
        let path = file.path.as_slice();
        if !is_clean(path) {
            return Err(FileFault::NotClean.into());
        }
        if path.starts_with(b"/") {
            return Err(FileFault::Absolute.into());
        }
        if is_vendored(path, self.since_1_24) {
            return Err(Omission::Vendored.into());
        }
        if self.is_nested(path) {
            return Err(Omission::NestedModule.into());
        }
        if path == b".hg_archival.txt" {
            return Err(Omission::HgArchival.into());
        }
        check_file_path(path)?;
        let path = str::from_utf8(path).expect("a path that was checked is UTF-8");
        if path.eq_ignore_ascii_case("go.mod") && path != "go.mod" {
            return Err(FileFault::GoModCase.into());
        }
        names.add(path, file.kind == FileKind::Folder)?;
        match file.kind {
            FileKind::Regular => {}
            FileKind::Symlink => return Err(Omission::Symlink.into()),
            FileKind::Folder | FileKind::Other => return Err(Omission::Irregular.into()),
        }
        total.add(file.size);
        check_size(path, file.size)?;
        Ok(())
    }

    fn is_nested(&self, path: &[u8]) -> bool {
        // Whatever starts with a folder sorts directly behind it, and no folder here starts with another.
        let after = self.nested.partition_point(|folder| *folder <= path);
        self.nested[..after].last().is_some_and(|folder| path.starts_with(folder))
    }
}

/// Returns the folders below the root in which a regular file is named `go.mod`, in upper or lower case.
fn nested_modules<F: Borrow<TreeFile>>(files: &[F]) -> Vec<&[u8]> {
    let mut folders: Vec<&[u8]> = files
        .iter()
        .map(Borrow::borrow)
        .filter(|file| file.kind == FileKind::Regular)
        .filter_map(|file| {
            let slash = file.path.iter().rposition(|&byte| byte == b'/')?;
            let (folder, base) = file.path.split_at(slash + 1);
            base.eq_ignore_ascii_case(b"go.mod").then_some(folder) // none of its letters folds to one outside ASCII
        })
        .collect();
    folders.sort_unstable();
    folders.dedup_by(|folder, outer| folder.starts_with(outer));
    folders
}

/// Returns whether `path` belongs to a vendored package (spec 02 §3).
fn is_vendored(path: &[u8], since_1_24: bool) -> bool {
    const FOLDER: &[u8] = b"/vendor/";
    if since_1_24 && path == b"vendor/modules.txt" {
        return true;
    }
    let rest = match path.strip_prefix(b"vendor/") {
        Some(rest) => rest,
        None => match path.windows(FOLDER.len()).position(|part| part == FOLDER) {
            None => return false,
            // Before Go 1.24 the place was miscounted, and every file below a nested vendor folder was left out.
            Some(_) if !since_1_24 => return true,
            Some(at) => &path[at + FOLDER.len()..],
        },
    };
    rest.contains(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_line_decides_on_files_directly_in_a_vendor_folder() {
        for (path, before, since) in [
            ("vendor/modules.txt", false, true),
            ("vendor/x.go", false, false),
            ("vendor/a/x.go", true, true),
            ("pkg/vendor/x.go", true, false),
            ("pkg/vendor/modules.txt", true, false),
            ("pkg/vendor/a/x.go", true, true),
            ("a/vendor/b", true, false),
            ("vendor", false, false),
            ("x/vendor", false, false),
            ("Vendor/a/b", false, false),
        ] {
            assert_eq!(is_vendored(path.as_bytes(), false), before, "{path}");
            assert_eq!(is_vendored(path.as_bytes(), true), since, "{path}");
        }
    }

    fn files(paths: &[(&str, FileKind)]) -> Vec<TreeFile> {
        paths.iter().map(|&(path, kind)| TreeFile { path: path.into(), kind, size: 1 }).collect()
    }

    #[test]
    fn folder_with_a_go_mod_file_is_another_module() {
        use FileKind::{Regular, Symlink};
        let files = files(&[
            ("go.mod", Regular),
            ("sub/GO.mod", Regular),
            ("sub/a.go", Regular),
            ("sub/deep/go.mod", Regular),
            ("sub-way/a.go", Regular),
            ("sub.go", Regular),
            ("subway/a.go", Regular),
            ("link/go.mod", Symlink),
            ("link/a.go", Regular),
        ]);
        let selection = select(&files, None);
        assert_eq!(selection.included, [0, 4, 5, 6, 8]);
        assert!(selection.is_valid());
        assert_eq!(nested_modules(&files), [b"sub/"]);
    }

    #[test]
    fn first_finding_on_a_path_stands_for_all() {
        use FileKind::{Regular, Symlink};
        let twice = select(&files(&[("a", Symlink), ("a", Symlink)]), None);
        assert!(twice.is_valid(), "{twice:?}");
        let twice = select(&files(&[("a", Regular), ("a", Regular)]), None);
        assert!(!twice.is_valid(), "{twice:?}");
    }
}
