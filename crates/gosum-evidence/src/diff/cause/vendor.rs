//! The rule on vendored files, which changed with Go 1.24 (spec 02 §3).

use std::collections::BTreeSet;

use gosum_mod::file::go_mod::at_least_go_1_24;
use gosum_mod::zip::limits::MAX_GO_MOD;
use gosum_mod::zip::select::select;
use gosum_mod::zip::tree::{FileKind, TreeFile};

use super::facts::{CauseError, Known};
use super::{Cause, Explained};
use crate::diff::tree::Side;

const GO_MOD: &[u8] = b"go.mod";

/// A go.mod by which the newer rule holds.
const NEWER: &[u8] = b"go 1.24\n";

/// Returns what is explained by the older rule having made the copy on `side`, and the newer one the other.
///
/// The files of both copies together are those of the repository that matter. Of them, each copy must have exactly the
/// vendored files that its rule selects; and none that no rule selects.
pub(super) fn find(known: &Known<'_>, side: Side) -> Result<Option<Explained>, CauseError> {
    if !known.shared.contains(GO_MOD) {
        return Ok(None);
    }
    let go_mod = known.shared_content(GO_MOD, MAX_GO_MOD)?;
    if !at_least_go_1_24(go_mod.as_deref()) {
        return Ok(None);
    }
    let older: BTreeSet<&[u8]> = known.paths(side).collect();
    let newer: BTreeSet<&[u8]> = known.paths(side.other()).collect();
    let all: BTreeSet<&[u8]> = older.union(&newer).copied().collect();
    let (Some(by_older), Some(by_newer)) = (selected(&all, None), selected(&all, Some(NEWER))) else {
        return Ok(None);
    };
    if by_older.union(&by_newer).count() != all.len() {
        return Ok(None);
    }
    let affected: BTreeSet<&[u8]> = by_older.symmetric_difference(&by_newer).copied().collect();
    let follows = |path: &&[u8]| {
        older.contains(path) == by_older.contains(path) && newer.contains(path) == by_newer.contains(path)
    };
    if !affected.iter().all(follows) {
        return Ok(None);
    }
    // another commit can have more files; what the newer rule leaves out only the older one lets in
    let is_witnessed = by_older.iter().any(|path| affected.contains(path));
    if !is_witnessed && !known.is_of_one_commit() {
        return Ok(None);
    }
    let is_affected = |number: &usize| {
        let change = &known.facts.diff.changes[*number];
        [&change.left, &change.right]
            .into_iter()
            .flatten()
            .all(|file| affected.contains(file.path.as_bytes()))
    };
    let changes: Vec<usize> = known.changes().map(|(number, _)| number).filter(is_affected).collect();
    let proof = vec![
        "the go line of go.mod is 1.24 or later".to_owned(),
        format!("of all vendored files, {} has those that the older rule selects", known.name(side)),
        format!("and {} has those that the newer rule selects", known.name(side.other())),
    ];
    Ok((!changes.is_empty()).then_some(Explained { cause: Cause::VendorRule { side }, proof, changes }))
}

/// Returns which of the files go into a module zip, if they can make one.
fn selected<'p>(paths: &BTreeSet<&'p [u8]>, go_mod: Option<&[u8]>) -> Option<BTreeSet<&'p [u8]>> {
    let file = |path: &&[u8]| TreeFile { path: path.to_vec(), kind: FileKind::Regular, size: 0 };
    let files: Vec<TreeFile> = paths.iter().map(file).collect();
    let selection = select(&files, go_mod);
    let paths: Vec<&[u8]> = paths.iter().copied().collect();
    selection.is_valid().then(|| selection.included.iter().map(|&index| paths[index]).collect())
}
