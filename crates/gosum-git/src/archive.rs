//! A folder as `git archive` writes it.

use std::collections::HashMap;
use std::sync::Arc;

use gosum_mod::hash::sha256::{Digest, sha256};
use gosum_mod::zip::tree::{FileKind, TreeFile};
use rayon::prelude::*;

use crate::attribute::Attributes;
use crate::convert::{Conversion, Label};
use crate::encoding::Unsupported;
use crate::limits::Bound;
use crate::object::{Commit, Mode, TreeEntry, tree_entries};
use crate::objects::Objects;
use crate::snapshot::find;
use crate::{GitError, ObjectId};

/// The name of the files that hold attributes.
pub(crate) const ATTRIBUTES: &[u8] = b".gitattributes";
/// The most bytes of all paths of a tree: folders that are used many times can make them long.
const MAX_PATHS: usize = 256 << 20;

/// The files of a folder as `git archive` writes them, with `core.autocrlf=input`, `core.eol=lf`, and
/// the attributes `export-ignore` and `export-subst` switched off (spec 05 §5).
///
/// Attributes come from the commit alone. No filter is run: files that are kept elsewhere stay the
/// pointers that they are in the repository.
#[derive(Debug)]
pub struct ArchiveTree {
    objects: Arc<Objects>,
    files: Vec<TreeFile>,
    /// For each file, where its bytes come from.
    sources: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    blob: ObjectId,
    conversion: Conversion,
    /// None for a file in an encoding that is not supported.
    sha256: Option<Digest>,
}

impl ArchiveTree {
    pub(crate) fn new(
        objects: &Arc<Objects>,
        commit: &Commit,
        subdir: &str,
    ) -> Result<ArchiveTree, GitError> {
        let mut walk = Walk::new(objects);
        let folder = walk.descend(commit, subdir)?;
        walk.read_folder(folder, 0)?;
        let Walk { mut files, mut sources, .. } = walk;
        convert(objects, &mut files, &mut sources)?;
        Ok(ArchiveTree { objects: Arc::clone(objects), files, sources })
    }

    /// Returns all files and symbolic links, in the order of the repository, with their paths below the
    /// folder. The size is that after conversion, unless the file has an encoding that is not
    /// supported. There are no folders.
    pub fn files(&self) -> &[TreeFile] {
        &self.files
    }

    /// Returns the SHA-256 of file number `index` after conversion; of a symbolic link, of where it
    /// points to.
    ///
    /// # Errors
    /// When the file is to be written in an encoding that is not supported.
    pub fn sha256(&self, index: usize) -> Result<Digest, GitError> {
        self.sources[index].sha256.ok_or_else(|| self.unsupported(index))
    }

    /// Returns the content of file number `index` after conversion; of a symbolic link, where it points
    /// to.
    ///
    /// # Errors
    /// When the file is to be written in an encoding that is not supported, or cannot be read again.
    pub fn content(&self, index: usize) -> Result<Vec<u8>, GitError> {
        let source = &self.sources[index];
        if source.sha256.is_none() {
            return Err(self.unsupported(index));
        }
        let content = self.objects.blob_content(&source.blob)?;
        source.conversion.apply(content, &source.blob).map_err(|Unsupported| self.unsupported(index))
    }

    /// Returns whether file number `index` may have other bytes than its blob, because of attributes:
    /// another machine's settings can then make others of it still.
    pub fn is_converted(&self, index: usize) -> bool {
        !self.sources[index].conversion.is_none()
    }

    fn unsupported(&self, index: usize) -> GitError {
        unsupported(&self.files[index].path, &self.sources[index].conversion)
    }
}

fn unsupported(path: &[u8], conversion: &Conversion) -> GitError {
    let encoding: &[u8] = match &conversion.encoding {
        Some(Label::Name(name)) => name,
        Some(Label::True) => b"true",
        None => b"",
    };
    GitError::UnsupportedEncoding { path: path.into(), encoding: encoding.into() }
}

impl Source {
    /// Returns size and hash after conversion; none where the encoding is not supported.
    fn converted(&self, objects: &Objects) -> Result<Option<(u64, Digest)>, GitError> {
        let content = self.conversion.apply(objects.blob_content(&self.blob)?, &self.blob);
        Ok(content.ok().map(|content| (content.len() as u64, sha256(&content))))
    }
}

/// Converts what is to be converted, once for each blob and conversion, and notes size and hash of what it becomes.
fn convert(objects: &Objects, files: &mut [TreeFile], sources: &mut [Source]) -> Result<(), GitError> {
    let max = objects.limits().converted_bytes;
    let (mut known, mut jobs, mut bytes) = (HashMap::new(), Vec::new(), 0_u64);
    let mut job_of = Vec::new();
    for (index, source) in sources.iter().enumerate().filter(|(_, source)| !source.conversion.is_none()) {
        if source.conversion.encoding == Some(Label::True) {
            return Err(unsupported(&files[index].path, &source.conversion));
        }
        let job = *known.entry((source.blob, &source.conversion)).or_insert_with(|| {
            jobs.push(source);
            bytes = bytes.saturating_add(files[index].size);
            jobs.len() - 1
        });
        if bytes > max {
            return Err(GitError::Limit { bound: Bound::ConvertedBytes, max });
        }
        job_of.push((index, job));
    }
    let converted = jobs.par_iter().map(|source| source.converted(objects)).collect::<Result<Vec<_>, _>>()?;
    for (index, job) in job_of {
        sources[index].sha256 = converted[job].map(|(_, sha256)| sha256);
        files[index].size = converted[job].map_or(files[index].size, |(size, _)| size);
    }
    Ok(())
}

/// A walk over trees that collects files.
struct Walk<'a> {
    objects: &'a Objects,
    attributes: Attributes,
    /// The path of the current folder in the commit, with a slash behind it.
    path: Vec<u8>,
    /// How much of `path` is the folder that is archived.
    base: usize,
    entries: u32,
    path_bytes: usize,
    files: Vec<TreeFile>,
    sources: Vec<Source>,
}

impl<'a> Walk<'a> {
    fn new(objects: &'a Objects) -> Walk<'a> {
        Walk {
            objects,
            attributes: Attributes::new(objects.limits()),
            path: Vec::new(),
            base: 0,
            entries: 0,
            path_bytes: 0,
            files: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Goes from the root down to `subdir`, and returns its tree. The attributes of all folders above
    /// it are in force then.
    fn descend(&mut self, commit: &Commit, subdir: &str) -> Result<ObjectId, GitError> {
        let mut tree = commit.tree;
        for name in subdir.split('/').filter(|_| !subdir.is_empty()) {
            let entries = tree_entries(tree, self.objects.tree(&tree)?)?;
            self.enter(&entries)?;
            tree = match find(self.objects, tree, name.as_bytes())? {
                Some(TreeEntry { mode: Mode::Folder, id, .. }) => id,
                _ => return Err(GitError::NoFolder { commit: commit.id, path: subdir.into() }),
            };
            self.path.extend_from_slice(name.as_bytes());
            self.path.push(b'/');
        }
        self.base = self.path.len();
        Ok(tree)
    }

    /// Puts the attributes of the current folder into force. A symbolic link in the place of the file is
    /// read as if it were one: git looks at no mode when it archives. It would read a submodule too, if that is the id of
    /// a file that happens to be there.
    fn enter(&mut self, entries: &[TreeEntry<'_>]) -> Result<(), GitError> {
        let file = entries.iter().find(|entry| entry.name == ATTRIBUTES);
        let content = match file {
            Some(TreeEntry { mode: Mode::File | Mode::Symlink, id, .. }) => {
                Some(self.objects.blob_content(id)?)
            }
            Some(TreeEntry { mode: Mode::Submodule, id, .. }) => {
                return Err(GitError::Object {
                    id: *id,
                    reason: "a submodule in the place of .gitattributes",
                });
            }
            _ => None,
        };
        let folder = self.path.strip_suffix(b"/").unwrap_or_default();
        self.attributes.enter(folder, content.as_deref())
    }

    fn read_folder(&mut self, tree: ObjectId, depth: u32) -> Result<(), GitError> {
        let limits = self.objects.limits();
        if depth > limits.tree_depth {
            return Err(GitError::Limit { bound: Bound::TreeDepth, max: limits.tree_depth.into() });
        }
        let entries = tree_entries(tree, self.objects.tree(&tree)?)?;
        self.enter(&entries)?;
        for entry in entries {
            let start = self.path.len();
            self.path.extend_from_slice(entry.name);
            self.read_entry(entry, depth)?;
            self.path.truncate(start);
        }
        self.attributes.leave();
        Ok(())
    }

    fn read_entry(&mut self, entry: TreeEntry<'_>, depth: u32) -> Result<(), GitError> {
        let limits = self.objects.limits();
        let path = self.path[self.base..].to_vec();
        self.path_bytes += path.len();
        self.entries += 1;
        if self.entries > limits.tree_entries || self.path_bytes > MAX_PATHS {
            return Err(GitError::Limit { bound: Bound::TreeEntries, max: limits.tree_entries.into() });
        }
        let (kind, conversion) = match entry.mode {
            Mode::File => (FileKind::Regular, self.attributes.conversion(&self.path)?),
            Mode::Symlink => (FileKind::Symlink, Conversion::default()),
            Mode::Folder => {
                self.path.push(b'/');
                return self.read_folder(entry.id, depth + 1);
            }
            // git archives an empty folder of it, which no zip has
            Mode::Submodule => return Ok(()),
        };
        let blob = self.objects.blob(&entry.id)?;
        self.files.push(TreeFile { path, kind, size: blob.size });
        self.sources.push(Source { blob: entry.id, conversion, sha256: Some(blob.sha256) });
        Ok(())
    }
}
