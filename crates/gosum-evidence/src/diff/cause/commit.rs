//! Causes that are about commits: they explain the copies as a whole.

use std::sync::Arc;

use gosum_mod::hash::h1::H1;

use super::{AtCommit, Cause, CopyFacts, Facts, FoundCommit};
use crate::diff::tree::Side;
use crate::evidence::SourceName;

const TAGS: &str = "refs/tags/";

/// Returns the cause that explains all of the difference, or the sameness, by two commits.
pub(super) fn find(facts: &Facts<'_>) -> Option<(Cause, Vec<String>)> {
    [Side::Left, Side::Right].into_iter().find_map(|side| find_from(facts, side))
}

/// `side` is the one that has what version control has now.
fn find_from(facts: &Facts<'_>, side: Side) -> Option<(Cause, Vec<String>)> {
    let (direct, other) = (facts.copy(side), facts.copy(side.other()));
    if direct.source != SourceName::DIRECT || !other.source.is_proxy() {
        return None;
    }
    let (to, direct_h1) = content_of_direct(direct)?;
    let (from, other_h1, is_named) = content_of_commit(other)?;
    if from == to || from.len() != to.len() {
        return None;
    }
    let name = &other.source;
    let mut proof = match &is_named {
        Ok(()) => vec![format!(
            "{name} names commit {from}, the content of which is in the repository and hashes to {other_h1}"
        )],
        Err(found) => proof_of(found, name),
    };
    proof.push(format!("what {name} has hashes to the same"));
    let is_named = is_named.is_ok();
    if direct_h1 == other_h1 && facts.diff.changes.is_empty() && is_named {
        proof.push(format!("the content of commit {to} hashes to the same"));
        let (left, right) = if side == Side::Left { (to, from) } else { (from, to) };
        let cause = Cause::SameContentOtherCommit { left: Arc::clone(left), right: Arc::clone(right) };
        return Some((cause, proof));
    }
    if direct_h1 == other_h1 || facts.diff.changes.is_empty() {
        return None; // facts that contradict each other
    }
    let reference = moved_tag(direct, other)?;
    proof.push(format!("{reference} names commit {to}, the content of which hashes to {direct_h1}"));
    let reference = Arc::clone(reference);
    Some((Cause::TagMoved { side, reference, from: Arc::clone(from), to: Arc::clone(to) }, proof))
}

/// Returns the commit whose content the direct copy is.
fn content_of_direct<'f>(copy: &'f CopyFacts<'_>) -> Option<(&'f Arc<str>, H1)> {
    let commit = copy.origin?.commit.as_ref().filter(|commit| is_commit(commit))?;
    let h1 = copy.h1?;
    let is_other = |at: &AtCommit| at.commit != *commit || at.h1 != h1;
    (!copy.at_origin.as_ref().is_some_and(is_other)).then_some((commit, h1))
}

/// Returns what proves that a commit has the content of what `name` has, which does not say so itself.
fn proof_of(found: &FoundCommit, name: &SourceName) -> Vec<String> {
    let AtCommit { commit, h1 } = &found.at;
    let mut proof = vec![match &found.only_from {
        None => format!("commit {commit} is in the repository, and its content hashes to {h1}"),
        Some(only_from) => format!(
            "no branch and no tag leads to commit {commit}, only {only_from}, which others may have written than the authors; \
             its content hashes to {h1}"
        ),
    }];
    if let Some([made, told]) = &found.times {
        proof.push(format!(
            "it was made at {made}, and {name} tells {told}: the tag may have named another commit of the same content"
        ));
    }
    proof
}

/// Returns the commit that the copy's source names, if its content is what the copy has; where it names none, or none of
/// which the content is known, one that was found to have that content.
fn content_of_commit<'f>(copy: &'f CopyFacts<'_>) -> Option<(&'f Arc<str>, H1, Result<(), &'f FoundCommit>)> {
    let h1 = copy.h1?;
    let named = copy.origin.and_then(|origin| origin.commit.as_ref());
    let (Some(commit), Some(at)) = (named, copy.at_origin.as_ref()) else {
        let found = copy.found.as_ref().filter(|found| found.at.h1 == h1 && is_commit(&found.at.commit))?;
        return Some((&found.at.commit, h1, Err(found)));
    };
    (is_commit(commit) && at.commit == *commit && at.h1 == h1).then_some((commit, h1, Ok(())))
}

/// Returns the tag from which both copies are.
fn moved_tag<'f>(direct: &'f CopyFacts<'_>, other: &CopyFacts<'_>) -> Option<&'f Arc<str>> {
    let reference = direct.origin?.reference.as_ref().filter(|reference| reference.starts_with(TAGS))?;
    let named = other.origin.and_then(|origin| origin.reference.as_ref());
    named.is_none_or(|named| named == reference).then_some(reference)
}

/// Returns whether this is the full id of a commit, as git writes it.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
