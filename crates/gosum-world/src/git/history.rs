//! Who descends from whom.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::repository::{ObjectId, ObjectKind, Repository};

/// The ids that the header of a commit or tag names behind `key`.
fn named(content: &[u8], key: &str) -> Vec<ObjectId> {
    content
        .split(|&byte| byte == b'\n')
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix(key.as_bytes())?.strip_prefix(b" "))
        .filter_map(ObjectId::from_hex)
        .collect()
}

/// Returns the parents of `id` that the repository has; none if it is no commit.
pub(crate) fn parents(repository: &Repository, id: ObjectId) -> Vec<ObjectId> {
    match repository.object(id) {
        Some(commit) if commit.kind == ObjectKind::Commit => named(&commit.content, "parent")
            .into_iter()
            .filter(|&parent| kind(repository, parent) == Some(ObjectKind::Commit))
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the tree of a commit.
pub(crate) fn tree(repository: &Repository, id: ObjectId) -> Option<ObjectId> {
    named(&repository.object(id)?.content, "tree").first().copied()
}

/// Returns what is left of `id` when every tag around it is taken off.
pub(crate) fn peel(repository: &Repository, mut id: ObjectId) -> ObjectId {
    while let Some(target) = tag_target(repository, id) {
        id = target;
    }
    id
}

/// Returns what `id` is a tag of, if it is an annotated tag.
pub(crate) fn tag_target(repository: &Repository, id: ObjectId) -> Option<ObjectId> {
    let object = repository.object(id).filter(|object| object.kind == ObjectKind::Tag)?;
    named(&object.content, "object").first().copied()
}

/// Returns what `id` is, if the repository has it.
pub(crate) fn kind(repository: &Repository, id: ObjectId) -> Option<ObjectKind> {
    repository.object(id).map(|object| object.kind)
}

/// Returns the commits among `starts` and all their ancestors, as far as the commits in `boundary`, which count as if
/// they had no parents.
pub(crate) fn ancestry(
    repository: &Repository,
    starts: impl IntoIterator<Item = ObjectId>,
    boundary: &BTreeSet<ObjectId>,
) -> BTreeSet<ObjectId> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<ObjectId> = starts.into_iter().collect();
    while let Some(id) = open.pop() {
        if kind(repository, id) != Some(ObjectKind::Commit) || !seen.insert(id) {
            continue;
        }
        if !boundary.contains(&id) {
            open.extend(parents(repository, id));
        }
    }
    seen
}

/// Returns the commits that lie at most `depth` generations from `starts`, each with its distance; the starts
/// themselves are at distance 1.
pub(crate) fn distances(
    repository: &Repository,
    starts: impl IntoIterator<Item = ObjectId>,
    depth: u32,
) -> BTreeMap<ObjectId, u32> {
    let mut distances = BTreeMap::new();
    let mut open: VecDeque<(ObjectId, u32)> = starts.into_iter().map(|id| (id, 1)).collect();
    while let Some((id, distance)) = open.pop_front() {
        let is_commit = kind(repository, id) == Some(ObjectKind::Commit);
        if distance > depth || !is_commit || distances.contains_key(&id) {
            continue;
        }
        distances.insert(id, distance);
        open.extend(parents(repository, id).into_iter().map(|parent| (parent, distance + 1)));
    }
    distances
}
