//! A copy that the user has: a module zip, or a folder with the files of a module.

use std::fs::File;
use std::path::{Path, PathBuf};

use gosum_evidence::evidence::{Answer, Evidence, Origin, Sum};
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::archive::{Archive, ArchiveError};
use gosum_mod::zip::hash::{ZipError, zip_h1};
use gosum_mod::zip::limits::MAX_ZIP;
use gosum_mod::zip::tree::{TreeError, tree_h1};

use super::Files;
use super::folder::Folder;
use super::zip::ZipFiles;
use crate::regular;

/// A copy on disk.
#[derive(Debug)]
pub struct DiskCopy {
    /// The module version: that of the names in a zip, or the one that a folder is said to hold.
    pub module: Option<ModuleVersion>,
    /// Its hash, or why it has none: a folder that is not said to hold a module version, a name with a newline.
    pub h1: Result<H1, String>,
    /// Its files.
    pub files: Files,
    /// Where it is.
    pub path: PathBuf,
}

impl DiskCopy {
    /// Returns it as an answer.
    pub fn evidence(&self) -> Evidence {
        let origin = Origin { from: Some(self.path.display().to_string().into()), ..Origin::default() };
        let answer = match &self.h1 {
            Ok(h1) => Answer::Hash { h1: Sum::H1(*h1), defects: Vec::new() },
            Err(why) => Answer::Unavailable(why.as_str().into()),
        };
        Evidence::new(answer, origin)
    }
}

/// A copy on disk that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiskError {
    /// It cannot be opened.
    #[error("cannot open it")]
    Open(#[from] std::io::Error),
    /// It is larger than a module zip can be.
    #[error("{size} bytes, more than the {MAX_ZIP} that a module zip can have")]
    TooLarge {
        /// How large it is.
        size: u64,
    },
    /// It is neither a zip nor a folder.
    #[error("neither a module zip nor a folder")]
    Other,
    /// It is a damaged zip, or none.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A zip that has no hash.
    #[error(transparent)]
    Zip(#[from] ZipError),
    /// A folder that has no hash.
    #[error(transparent)]
    Folder(#[from] TreeError),
}

/// Refuses a zip whose content would be read without end: one that has a hash has been held to this.
fn check_work(archive: &Archive<File>) -> Result<(), DiskError> {
    let add = |sum: u64, size: u64| sum.saturating_add(size);
    let size = archive.entries().map(|entry| entry.size()).fold(0, add);
    let packed = archive.entries().map(|entry| entry.compressed_size()).fold(0, add);
    match size.max(packed) {
        size if size > MAX_ZIP => Err(DiskError::TooLarge { size }),
        _ => Ok(()),
    }
}

/// Opens the zip or folder at `path`, a folder as that of `module`. What is large goes to temporary files in `temp` while it
/// is read.
///
/// # Errors
/// When it is neither, cannot be read, or has no hash.
pub fn open(
    path: &Path,
    module: Option<&ModuleVersion>,
    temp: Option<PathBuf>,
) -> Result<DiskCopy, DiskError> {
    let metadata = std::fs::metadata(path)?;
    let path = path.to_owned();
    if metadata.is_dir() {
        let tree = Folder::new(path.clone());
        let h1 = match module.map(|module| tree_h1(&tree, &module.to_string())) {
            Some(Err(TreeError::Name(error))) => Err(error.to_string()),
            Some(h1) => Ok(h1?),
            None => Err("a folder has no hash without a module version".to_owned()),
        };
        let files = Files { tree: Box::new(tree), attributes: None };
        return Ok(DiskCopy { module: module.cloned(), h1, files, path });
    }
    if !metadata.is_file() {
        return Err(DiskError::Other);
    }
    if metadata.len() > MAX_ZIP {
        return Err(DiskError::TooLarge { size: metadata.len() });
    }
    let archive = Archive::open(regular::open(&path)?)?;
    let h1 = match zip_h1(&archive) {
        Err(ZipError::Name(error)) => {
            check_work(&archive)?;
            Err(error.to_string())
        }
        h1 => Ok(h1?),
    };
    let tree = ZipFiles::of_any(archive, temp);
    let module = tree.module();
    Ok(DiskCopy { module, h1, files: Files { tree: Box::new(tree), attributes: None }, path })
}
