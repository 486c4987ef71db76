//! The files of one commit.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use crate::archive::{ATTRIBUTES, ArchiveTree};
use crate::limits::Bound;
use crate::object::{Commit, Mode, TreeEntry, tag_signature as signature_of_tag, tag_target, tree_entries};
use crate::objects::Objects;
use crate::pack::Kind;
use crate::{GitError, ObjectId};

/// How many tags may point to one another.
pub(crate) const MAX_TAGS: usize = 16;

/// A commit and its files.
#[derive(Debug, Clone)]
pub struct Snapshot {
    objects: Arc<Objects>,
    commit: Commit,
    /// Set once all names of the tree have been found good.
    checked: OnceLock<()>,
}

impl Snapshot {
    /// Returns the commit `id`, or the one to which the annotated tag `id` leads.
    ///
    /// # Errors
    /// When the commit is not among `objects`, or `id` leads to something else.
    pub fn new(objects: &Arc<Objects>, id: ObjectId) -> Result<Snapshot, GitError> {
        const NO_COMMIT: &str = "neither a commit nor a tag of one";
        let mut at = id;
        let mut tag_signature = None;
        for _ in 0..MAX_TAGS {
            let kept = match objects.kept(&at) {
                Err(GitError::Object { .. }) => return Err(GitError::Object { id, reason: NO_COMMIT }),
                kept => kept?,
            };
            match kept {
                (Kind::Commit, data) => {
                    let tag = (at != id).then_some(id);
                    let commit = Commit { tag, tag_signature, ..Commit::parse(at, &data)? };
                    return Ok(Snapshot { objects: Arc::clone(objects), commit, checked: OnceLock::new() });
                }
                (Kind::Tag, data) => {
                    tag_signature.get_or_insert_with(|| signature_of_tag(&data));
                    at = tag_target(at, &data)?;
                }
                _ => break,
            }
        }
        Err(GitError::Object { id, reason: NO_COMMIT })
    }

    /// Returns the commit.
    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Returns whether this is what is meant by `id`: the commit, or the tag through which it was
    /// asked for.
    pub(crate) fn is(&self, id: &ObjectId) -> bool {
        self.commit.id == *id || self.commit.tag == Some(*id)
    }

    /// Returns the content of the file at `path`, elements separated by slashes, as it is in the
    /// repository; of a symbolic link, where it points to. None if there is no file there.
    ///
    /// # Errors
    /// When an object on the way is missing or broken.
    pub fn blob(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        match self.entry(path)? {
            Some((Mode::File | Mode::Symlink, id)) => self.objects.blob_content(&id).map(Some),
            _ => Ok(None),
        }
    }

    /// Returns the id of the blob at `path`, as [`Snapshot::blob`] reads it.
    pub(crate) fn blob_id(&self, path: &str) -> Result<Option<ObjectId>, GitError> {
        let entry = self.entry(path)?;
        Ok(entry.filter(|(mode, _)| matches!(mode, Mode::File | Mode::Symlink)).map(|(_, id)| id))
    }

    /// Returns the files of the folder `subdir`, empty for all of the commit, as `git archive` writes
    /// them (spec 05 §5).
    ///
    /// # Errors
    /// When there is no such folder, git would refuse a name anywhere in the commit, a bound is passed,
    /// or an object is missing or broken.
    pub fn archive(&self, subdir: &str) -> Result<ArchiveTree, GitError> {
        if self.checked.get().is_none() {
            self.visit_trees(self.commit.tree, |_| {})?;
            let _ = self.checked.set(()); // whoever came first has found the same
        }
        ArchiveTree::new(&self.objects, &self.commit, subdir)
    }

    /// Returns the blobs that [`Snapshot::archive`] reads for `subdir`, and the LICENSE file of the
    /// root; none where there is no such folder.
    pub(crate) fn blobs_below(&self, subdir: &str) -> Result<Vec<ObjectId>, GitError> {
        let mut blobs: HashSet<_> = self.blob_id("LICENSE")?.into_iter().collect();
        let mut tree = self.commit.tree;
        for name in subdir.split('/').filter(|_| !subdir.is_empty()) {
            let attributes = find(&self.objects, tree, ATTRIBUTES)?;
            let attributes = attributes.filter(|(mode, _)| matches!(mode, Mode::File | Mode::Symlink));
            blobs.extend(attributes.map(|(_, id)| id));
            match find(&self.objects, tree, name.as_bytes())? {
                Some((Mode::Folder, id)) => tree = id,
                _ => return Ok(Vec::new()),
            }
        }
        self.visit_trees(tree, |entry| {
            if matches!(entry.mode, Mode::File | Mode::Symlink) {
                blobs.insert(entry.id);
            }
        })?;
        Ok(blobs.into_iter().collect())
    }

    /// Shows all that is below `tree`, each tree once, however often it is used.
    fn visit_trees(&self, tree: ObjectId, mut visit: impl FnMut(&TreeEntry<'_>)) -> Result<(), GitError> {
        let limits = self.objects.limits();
        let (max, mut entries) = (limits.tree_depth, 0);
        let mut seen = HashSet::from([tree]);
        let mut waiting = vec![(tree, 0)];
        while let Some((id, depth)) = waiting.pop() {
            if depth > max {
                return Err(GitError::Limit { bound: Bound::TreeDepth, max });
            }
            self.objects.check_time()?;
            let data = self.objects.tree(&id)?;
            for entry in tree_entries(id, &data)? {
                entries += 1;
                if entries > limits.tree_entries {
                    return Err(GitError::Limit { bound: Bound::TreeEntries, max: limits.tree_entries });
                }
                visit(&entry);
                if entry.mode == Mode::Folder && seen.insert(entry.id) {
                    waiting.push((entry.id, depth + 1));
                }
            }
        }
        Ok(())
    }

    fn entry(&self, path: &str) -> Result<Option<(Mode, ObjectId)>, GitError> {
        let mut at = (Mode::Folder, self.commit.tree);
        for name in path.split('/') {
            if at.0 != Mode::Folder {
                return Ok(None);
            }
            match find(&self.objects, at.1, name.as_bytes())? {
                Some(entry) => at = entry,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }
}

/// Returns what the tree `id` has under `name`.
pub(crate) fn find(
    objects: &Objects,
    id: ObjectId,
    name: &[u8],
) -> Result<Option<(Mode, ObjectId)>, GitError> {
    let data = objects.tree(&id)?;
    let found = tree_entries(id, &data)?.into_iter().find(|entry| entry.name == name);
    Ok(found.map(|entry| (entry.mode, entry.id)))
}
