//! The zip that the go command would make of a folder in a commit.

use gosum_git::{ArchiveTree, GitError, Snapshot};
use gosum_mod::hash::dirhash::hash1_below;
use gosum_mod::hash::h1::H1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::select::{Selection, select};
use gosum_mod::zip::tree::{FileKind, TreeFile};

use super::refusal::Refusal;

const LICENSE: &str = "LICENSE";

/// Returns the hash of the zip that the go command would make of the folder `dir` (spec 02 §2, §6).
pub(super) fn zip_h1(module: &ModuleVersion, snapshot: &Snapshot, dir: &str) -> Result<H1, Refusal> {
    let tree = snapshot.archive(dir)?;
    let license = inherited_license(snapshot, dir, tree.files())?;
    let inherited = license.as_ref().map(|text| {
        let (path, size) = (LICENSE.as_bytes().to_vec(), text.len() as u64);
        TreeFile { path, kind: FileKind::Regular, size }
    });
    let files: Vec<&TreeFile> = tree.files().iter().chain(&inherited).collect();
    if dir.is_empty() && files.iter().any(|file| file.path.starts_with(b"go.mod/")) {
        // a module without go.mod may be at the root, but the go command reads that of the zip when it has unpacked it
        return Err(Refusal::Zip { reason: "go.mod is a folder".to_owned() });
    }
    let selection = select(&files, go_mod_in(&tree)?.as_deref());
    if let Some(reason) = fault(&selection) {
        return Err(Refusal::Zip { reason });
    }
    let mut lines = Vec::with_capacity(selection.included.len());
    for index in selection.included {
        let digest = match &license {
            Some(text) if index == tree.files().len() => sha256(text),
            _ => tree.sha256(index)?,
        };
        lines.push((&files[index].path, digest));
    }
    hash1_below(&format!("{module}/"), lines).map_err(|error| Refusal::Zip { reason: error.to_string() })
}

/// Returns the LICENSE of the repository's root, raw, for a module in a folder without one of its own.
fn inherited_license(
    snapshot: &Snapshot,
    dir: &str,
    files: &[TreeFile],
) -> Result<Option<Vec<u8>>, GitError> {
    if dir.is_empty() || files.iter().any(|file| file.path == LICENSE.as_bytes()) {
        return Ok(None);
    }
    snapshot.blob(LICENSE)
}

/// Returns the go.mod as it goes into the zip, when it is a regular file.
fn go_mod_in(tree: &ArchiveTree) -> Result<Option<Vec<u8>>, GitError> {
    let is_go_mod = |file: &TreeFile| file.path == b"go.mod" && file.kind == FileKind::Regular;
    tree.files().iter().position(is_go_mod).map(|index| tree.content(index)).transpose()
}

fn fault(selection: &Selection) -> Option<String> {
    let file =
        selection.invalid.first().map(|file| format!("{:?}: {}", file.name, crate::chain(&file.fault)));
    file.or_else(|| selection.size_error.as_ref().map(|error| crate::chain(error)))
}
