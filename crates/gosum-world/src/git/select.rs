//! Which objects go into a pack.

use std::collections::{BTreeMap, BTreeSet};

use super::depth::Shallow;
use super::filter::Filter;
use super::history::{self, ancestry, kind, peel, tag_target};
use super::want::Request;
use crate::repository::{ObjectId, ObjectKind, Repository, mode, tree_entries};

/// An object of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) id: ObjectId,
    /// Its path in the first tree that led to it: what is alike has like paths.
    pub(crate) path: Vec<u8>,
}

/// Returns what the client lacks of what it asked for: commits first, then tags, trees and blobs.
pub(crate) fn select(
    repository: &Repository,
    request: &Request,
    shallow: &Shallow,
    common: &[ObjectId],
) -> Vec<Selected> {
    let common = common.iter().map(|&id| peel(repository, id));
    let known_commits = ancestry(repository, common, &request.shallow);
    let mut known = Walk::new(repository, Filter::None);
    known_commits.iter().for_each(|&commit| known.commit(commit));
    let mut walk = Walk::new(repository, request.filter);
    walk.known = known.seen.into_keys().collect();

    let commits: Vec<ObjectId> =
        shallow.ancestry(repository, request).difference(&known_commits).copied().collect();
    commits.iter().for_each(|&commit| walk.commit(commit));
    request.wants.iter().for_each(|&want| walk.want(want));

    let tags = tags(repository, request, &commits);
    let plain = |id| Selected { id, path: Vec::new() };
    commits.into_iter().chain(tags).map(plain).chain(walk.selected).collect()
}

/// Returns the tag objects that are wanted, and those of commits that are sent if they are to come along.
fn tags(repository: &Repository, request: &Request, commits: &[ObjectId]) -> BTreeSet<ObjectId> {
    let mut starts = request.wants.clone();
    if request.include_tag {
        let sent = |&(_, id): &(&str, ObjectId)| commits.binary_search(&peel(repository, id)).is_ok();
        starts.extend(repository.references().filter(sent).map(|(_, id)| id));
    }
    let mut tags = BTreeSet::new();
    for mut id in starts {
        while let Some(target) = tag_target(repository, id) {
            tags.insert(id);
            id = target;
        }
    }
    tags
}

/// A walk through trees.
struct Walk<'a> {
    repository: &'a Repository,
    filter: Filter,
    /// What the client has.
    known: BTreeSet<ObjectId>,
    /// What the walk has come to, and how deep it was there at the least.
    seen: BTreeMap<ObjectId, u64>,
    /// What is to be sent.
    selected: Vec<Selected>,
    chosen: BTreeSet<ObjectId>,
}

impl<'a> Walk<'a> {
    fn new(repository: &'a Repository, filter: Filter) -> Walk<'a> {
        Walk {
            repository,
            filter,
            known: BTreeSet::new(),
            seen: BTreeMap::new(),
            selected: Vec::new(),
            chosen: BTreeSet::new(),
        }
    }

    /// Walks through the tree of a commit.
    fn commit(&mut self, commit: ObjectId) {
        if let Some(tree) = history::tree(self.repository, commit) {
            self.tree(tree, &[], 0);
        }
    }

    /// Walks through a tree, or takes a blob, that is wanted by its id or by that of a tag.
    fn want(&mut self, want: ObjectId) {
        let id = peel(self.repository, want);
        match kind(self.repository, id) {
            Some(ObjectKind::Blob) => self.choose(id, &[]),
            Some(ObjectKind::Tree) => {
                self.choose(id, &[]);
                self.tree(id, &[], 0);
            }
            _ => {}
        }
    }

    fn tree(&mut self, id: ObjectId, folder: &[u8], depth: u64) {
        if self.known.contains(&id) || self.seen.get(&id).is_some_and(|&least| least <= depth) {
            return;
        }
        let Some(tree) = self.repository.object(id).filter(|object| object.kind == ObjectKind::Tree) else {
            return;
        };
        self.seen.insert(id, depth);
        if !self.filter.sends_tree(depth) {
            return; // everything below is deeper
        }
        self.choose(id, folder);
        for entry in tree_entries(&tree.content, self.repository.format().id_length()) {
            let mut path = [folder, &entry.name].concat();
            if entry.mode == mode::FOLDER.as_bytes() {
                path.push(b'/');
                self.tree(entry.id, &path, depth + 1);
            } else {
                self.blob(entry.id, &path, depth + 1);
            }
        }
    }

    fn blob(&mut self, id: ObjectId, path: &[u8], depth: u64) {
        let Some(blob) = self.repository.object(id).filter(|object| object.kind == ObjectKind::Blob) else {
            return; // a commit of another repository, or an entry that leads nowhere
        };
        self.seen.insert(id, depth);
        if !self.known.contains(&id) && self.filter.sends_blob(depth, blob.content.len() as u64) {
            self.choose(id, path);
        }
    }

    fn choose(&mut self, id: ObjectId, path: &[u8]) {
        if self.chosen.insert(id) {
            self.selected.push(Selected { id, path: path.to_vec() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{Files, ObjectFormat};

    fn repository() -> (Repository, ObjectId, ObjectId) {
        let mut repository = Repository::new(ObjectFormat::Sha1);
        let files = Files::new().file("go.mod", "m").file("a/big", "x".repeat(100)).file("a/b/c", "c");
        let first = repository.commit("main", 1, &files);
        let second = repository.commit("main", 2, &files.file("a/b/c", "changed"));
        repository.annotated_tag("v1.0.0", first, 3);
        (repository, first, second)
    }

    fn sent(repository: &Repository, request: &Request) -> Vec<(&'static str, String)> {
        request.check_wants(repository).unwrap();
        let shallow = Shallow::of(repository, request);
        let common = request.common(repository);
        select(repository, request, &shallow, &common)
            .into_iter()
            .map(|selected| {
                let kind = repository.object(selected.id).unwrap().kind.name();
                (kind, String::from_utf8(selected.path).unwrap())
            })
            .collect()
    }

    fn count(sent: &[(&str, String)]) -> [usize; 4] {
        ["commit", "tag", "tree", "blob"].map(|kind| sent.iter().filter(|(is, _)| *is == kind).count())
    }

    #[test]
    fn everything_is_sent_once() {
        let (repository, _, second) = repository();
        let mut request = Request { wants: vec![second], ..Request::default() };
        assert_eq!(count(&sent(&repository, &request)), [2, 0, 6, 4]);
        request.include_tag = true;
        assert_eq!(count(&sent(&repository, &request)), [2, 1, 6, 4]);
    }

    #[test]
    fn what_the_client_has_is_left_out() {
        let (repository, first, second) = repository();
        let request = Request { wants: vec![second], haves: vec![first], ..Request::default() };
        let sent = sent(&repository, &request);
        let paths: Vec<&str> = sent.iter().map(|(_, path)| path.as_str()).collect();
        assert_eq!(paths, ["", "", "a/", "a/b/", "a/b/c"]);
    }

    #[test]
    fn filters_leave_out_trees_and_blobs() {
        let (repository, _, second) = repository();
        for (filter, counts) in [
            (Filter::BlobNone, [1, 0, 3, 0]),
            (Filter::BlobLimit(100), [1, 0, 3, 2]),
            (Filter::BlobLimit(101), [1, 0, 3, 3]),
            (Filter::Tree(0), [1, 0, 0, 0]),
            (Filter::Tree(1), [1, 0, 1, 0]),
            (Filter::Tree(2), [1, 0, 2, 1]),
            (Filter::Tree(3), [1, 0, 3, 2]),
            (Filter::Tree(4), [1, 0, 3, 3]),
        ] {
            let request = Request { wants: vec![second], depth: Some(1), filter, ..Request::default() };
            assert_eq!(count(&sent(&repository, &request)), counts, "{filter:?}");
        }
    }

    #[test]
    fn what_is_wanted_by_its_id_is_sent_whatever_the_filter() {
        let (repository, _, second) = repository();
        let tree = history::tree(&repository, second).unwrap();
        let entries = tree_entries(&repository.object(tree).unwrap().content, 20);
        let blob = entries.iter().find(|entry| entry.name == b"go.mod").unwrap().id;
        let request = Request { wants: vec![blob, tree], filter: Filter::Tree(0), ..Request::default() };
        assert_eq!(count(&sent(&repository, &request)), [0, 0, 1, 1]);
    }
}
