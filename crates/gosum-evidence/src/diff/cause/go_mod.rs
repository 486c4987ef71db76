//! A go.mod that only one copy has.

use gosum_mod::file::go_mod::synthesized;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::zip::limits::MAX_GO_MOD;

use super::facts::{CauseError, Known};
use super::{Cause, Explained};
use crate::diff::tree::Side;

/// Returns what it explains that only `side` has a go.mod.
pub(super) fn find(known: &Known<'_>, side: Side) -> Result<Option<Explained>, CauseError> {
    let change = known.changes().find(|(_, change)| change.is_go_mod());
    let Some((number, change)) = change else { return Ok(None) };
    let (Some(file), None) = (change.side(side), change.side(side.other())) else { return Ok(None) };
    let made_up = go_mod_h1(synthesized(known.facts.module).as_bytes());
    if known.facts.copy(side.other()).go_mod != Some(made_up) {
        return Ok(None);
    }
    let Some(content) = known.content(side, file, MAX_GO_MOD)? else { return Ok(None) };
    if known.facts.copy(side).go_mod.is_some_and(|h1| h1 != go_mod_h1(&content)) {
        return Ok(None);
    }
    let proof = vec![format!(
        "{} has no go.mod, and its hash of the go.mod is {made_up}, that of a file with the module path alone",
        known.name(side.other())
    )];
    Ok(Some(Explained { cause: Cause::GoModOnlyOneSide { side }, proof, changes: vec![number] }))
}
