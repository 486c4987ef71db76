//! A folder as `git archive` writes it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use gosum_mod::hash::sha256::{Digest, Sha256, sha256};
use gosum_mod::zip::tree::{FileKind, TreeFile};
use rayon::prelude::*;

use crate::attribute::Attributes;
use crate::convert::{Conversion, Label, Refusal};
use crate::limits::Bound;
use crate::object::{Commit, Mode, TreeEntry, tree_entries};
use crate::objects::Objects;
use crate::pack::PackError;
use crate::snapshot::find;
use crate::{GitError, ObjectId};

/// The name of the files that hold attributes.
pub(crate) const ATTRIBUTES: &[u8] = b".gitattributes";
/// The most bytes of all paths of a tree: folders that are used many times can make them long.
const MAX_PATHS: usize = 64 << 20;
/// The largest file of which several are converted at a time.
const SMALL: u64 = 4 << 20;
/// How many times as large as what is read a file may become: four, when each byte becomes a character of UTF-32.
const GROWTH: u64 = 4;
/// Of how many files it is remembered what they became.
const MAX_KNOWN: usize = 1 << 20;
/// The most bytes of folders that are read one within the other.
const MAX_OPEN: usize = 64 << 20;

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
    /// What sources speak of by their numbers.
    conversions: Vec<Conversion>,
    /// By their numbers, the files that are to be changed.
    changed: HashMap<u32, Changed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Source {
    blob: ObjectId,
    conversion: u32,
}

/// What becomes of a file that is to be changed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Changed {
    Into {
        size: u64,
        sha256: Digest,
    },
    /// Its encoding is not supported.
    Unsupported,
    /// It is larger than [`Limits::read_bytes`](crate::Limits::read_bytes), or becomes several times as large.
    TooLarge,
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
        let Walk { files, sources, conversions, .. } = walk;
        let objects = Arc::clone(objects);
        let mut tree = ArchiveTree { objects, files, sources, conversions, changed: HashMap::new() };
        tree.convert()?;
        Ok(tree)
    }

    /// Returns all files and symbolic links, in the order of the repository, with their paths below the
    /// folder. The size is that after conversion, unless the file cannot be converted. There are no folders.
    pub fn files(&self) -> &[TreeFile] {
        &self.files
    }

    /// Returns the SHA-256 of file number `index` after conversion; of a symbolic link, of where it
    /// points to.
    ///
    /// # Errors
    /// When the file is to be written in an encoding that is not supported, or is to be changed and too large for that.
    pub fn sha256(&self, index: usize) -> Result<Digest, GitError> {
        match self.changed.get(&(index as u32)) {
            None => Ok(self.objects.blob(&self.sources[index].blob)?.sha256),
            Some(Changed::Into { sha256, .. }) => Ok(*sha256),
            Some(Changed::Unsupported) => Err(self.unsupported(index)),
            Some(Changed::TooLarge) => Err(self.too_large()),
        }
    }

    /// Returns the content of file number `index` after conversion; of a symbolic link, where it points
    /// to.
    ///
    /// # Errors
    /// As [`ArchiveTree::sha256`]; also when it cannot be read again, or is larger than
    /// [`Limits::read_bytes`](crate::Limits::read_bytes).
    pub fn content(&self, index: usize) -> Result<Vec<u8>, GitError> {
        let source = &self.sources[index];
        let content = self.objects.blob_content(&source.blob)?;
        let converted = self.conversion(source).apply(content, &source.blob, self.max_converted());
        converted.map_err(|refusal| match refusal {
            Refusal::Unsupported => self.unsupported(index),
            Refusal::TooLarge => self.too_large(),
        })
    }

    /// Gives the content of file number `index` after conversion to `take`, a piece at a time, however large it is.
    ///
    /// # Errors
    /// As [`ArchiveTree::sha256`]; also when it cannot be read again.
    pub fn for_each_piece(&self, index: usize, mut take: impl FnMut(&[u8])) -> Result<(), GitError> {
        let source = &self.sources[index];
        if self.objects.blob(&source.blob)?.size <= self.objects.limits().read_bytes {
            take(&self.content(index)?);
            return Ok(());
        }
        let content = self.objects.blob_pieces(&source.blob)?;
        let taken = self.conversion(source).apply_to_pieces(&content, take).map_err(PackError::Spool)?;
        taken.map(|_| ()).ok_or_else(|| self.too_large())
    }

    /// Returns how large a file may become.
    fn max_converted(&self) -> u64 {
        self.objects.limits().read_bytes.saturating_mul(GROWTH)
    }

    /// Returns whether file number `index` may have other bytes than its blob, because of attributes:
    /// another machine's settings can then make others of it still.
    pub fn is_converted(&self, index: usize) -> bool {
        !self.conversion(&self.sources[index]).is_none()
    }

    fn conversion(&self, source: &Source) -> &Conversion {
        &self.conversions[source.conversion as usize]
    }

    fn unsupported(&self, index: usize) -> GitError {
        let encoding: &[u8] = match &self.conversion(&self.sources[index]).encoding {
            Some(Label::Name(name)) => name,
            Some(Label::True) => b"true",
            None => b"",
        };
        GitError::UnsupportedEncoding { path: self.files[index].path[..].into(), encoding: encoding.into() }
    }

    fn too_large(&self) -> GitError {
        GitError::Limit { bound: Bound::ReadBytes, max: self.objects.limits().read_bytes }
    }

    /// Converts what is to be converted, once for each blob and conversion, and notes what it becomes.
    fn convert(&mut self) -> Result<(), GitError> {
        let max = self.objects.limits().converted_bytes;
        let (mut known, mut jobs, mut bytes) = (HashMap::new(), Vec::new(), 0_u64);
        let mut job_of = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            let conversion = self.conversion(source);
            if conversion.is_none() {
                continue;
            }
            if conversion.encoding == Some(Label::True) {
                return Err(self.unsupported(index));
            }
            let job = *known.entry(*source).or_insert_with(|| {
                jobs.push(*source);
                bytes = bytes.saturating_add(self.files[index].size);
                jobs.len() - 1
            });
            if bytes > max {
                return Err(GitError::Limit { bound: Bound::ConvertedBytes, max });
            }
            job_of.push((index, job));
        }
        // many at a time, as long as they are small
        let is_small = |source: &Source| Ok::<_, GitError>(self.objects.blob(&source.blob)?.size <= SMALL);
        let small = jobs.iter().map(is_small).collect::<Result<Vec<bool>, _>>()?;
        let converted = (jobs.par_iter().zip(&small))
            .map(|(source, is_small)| is_small.then(|| self.converted(source)).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let all = (jobs.iter().zip(converted))
            .map(|(source, done)| done.map_or_else(|| self.converted(source), Ok))
            .collect::<Result<Vec<_>, _>>()?;
        let sizes = all.iter().map(|changed| match changed {
            Changed::Into { size, .. } => *size,
            Changed::Unsupported | Changed::TooLarge => 0,
        });
        if sizes.fold(0, u64::saturating_add) > max {
            return Err(GitError::Limit { bound: Bound::ConvertedBytes, max });
        }
        for (index, job) in job_of {
            if let Changed::Into { size, .. } = all[job] {
                self.files[index].size = size;
            }
            self.changed.insert(index as u32, all[job]);
        }
        Ok(())
    }

    fn converted(&self, source: &Source) -> Result<Changed, GitError> {
        let known = || self.objects.converted.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (source.blob, self.conversion(source).clone());
        if let Some(changed) = known().get(&key) {
            return Ok(*changed);
        }
        let changed = self.convert_one(source)?;
        let mut known = known();
        if known.len() < MAX_KNOWN {
            known.insert(key, changed);
        }
        Ok(changed)
    }

    fn convert_one(&self, source: &Source) -> Result<Changed, GitError> {
        self.objects.check_time()?;
        let conversion = self.conversion(source);
        let is_large = self.objects.blob(&source.blob)?.size > SMALL;
        let _alone = is_large.then(|| self.objects.large.lock().unwrap_or_else(PoisonError::into_inner));
        if self.objects.blob(&source.blob)?.size > self.objects.limits().read_bytes {
            let content = self.objects.blob_pieces(&source.blob)?;
            let mut hash = Sha256::new();
            let size = conversion.apply_to_pieces(&content, |piece| hash.update(piece));
            let size = size.map_err(PackError::Spool)?;
            return Ok(size.map_or(Changed::TooLarge, |size| Changed::Into { size, sha256: hash.finish() }));
        }
        let content = self.objects.blob_content(&source.blob)?;
        Ok(match conversion.apply(content, &source.blob, self.max_converted()) {
            Ok(content) => Changed::Into { size: content.len() as u64, sha256: sha256(&content) },
            Err(Refusal::Unsupported) => Changed::Unsupported,
            Err(Refusal::TooLarge) => Changed::TooLarge,
        })
    }
}

/// A walk over trees that collects files.
struct Walk<'a> {
    objects: &'a Objects,
    attributes: Attributes,
    /// The path of the current folder in the commit, with a slash behind it.
    path: Vec<u8>,
    /// How much of `path` is the folder that is archived.
    base: usize,
    entries: u64,
    path_bytes: usize,
    /// The bytes of the folders that are being read.
    open_bytes: usize,
    files: Vec<TreeFile>,
    sources: Vec<Source>,
    conversions: Vec<Conversion>,
    /// The numbers of the conversions.
    numbers: HashMap<Conversion, u32>,
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
            open_bytes: 0,
            files: Vec::new(),
            sources: Vec::new(),
            conversions: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    /// Goes from the root down to `subdir`, and returns its tree. The attributes of all folders above
    /// it are in force then.
    fn descend(&mut self, commit: &Commit, subdir: &str) -> Result<ObjectId, GitError> {
        let mut tree = commit.tree;
        for name in subdir.split('/').filter(|_| !subdir.is_empty()) {
            let data = self.objects.tree(&tree)?;
            self.enter(&tree_entries(tree, &data)?)?;
            tree = match find(self.objects, tree, name.as_bytes())? {
                Some((Mode::Folder, id)) => id,
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
        let file = match file {
            Some(TreeEntry { mode: Mode::File | Mode::Symlink, id, .. }) => Some(*id),
            Some(TreeEntry { mode: Mode::Submodule, id, .. }) => {
                return Err(GitError::Object {
                    id: *id,
                    reason: "a submodule in the place of .gitattributes",
                });
            }
            _ => None,
        };
        let folder = self.path.strip_suffix(b"/").unwrap_or_default();
        let objects = self.objects;
        self.attributes.enter(folder, file.map(|id| (id, move || objects.blob_content(&id))))
    }

    fn read_folder(&mut self, tree: ObjectId, depth: u64) -> Result<(), GitError> {
        let limits = self.objects.limits();
        if depth > limits.tree_depth {
            return Err(GitError::Limit { bound: Bound::TreeDepth, max: limits.tree_depth });
        }
        self.objects.check_time()?;
        let data = self.objects.tree(&tree)?;
        let entries = tree_entries(tree, &data)?;
        self.entries = self.entries.saturating_add(entries.len() as u64);
        self.open_bytes += data.len();
        if self.entries > limits.tree_entries {
            return Err(GitError::Limit { bound: Bound::TreeEntries, max: limits.tree_entries });
        }
        if self.open_bytes > MAX_OPEN {
            return Err(GitError::Object { id: tree, reason: "the folders above it are too large together" });
        }
        self.enter(&entries)?;
        for entry in entries {
            let start = self.path.len();
            self.path.extend_from_slice(entry.name);
            self.read_entry(entry, depth)?;
            self.path.truncate(start);
        }
        self.attributes.leave();
        self.open_bytes -= data.len();
        Ok(())
    }

    fn read_entry(&mut self, entry: TreeEntry<'_>, depth: u64) -> Result<(), GitError> {
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
        let path = self.path[self.base..].to_vec();
        self.path_bytes += path.len();
        if self.path_bytes > MAX_PATHS {
            return Err(GitError::Object {
                id: entry.id,
                reason: "the paths of all files are too long together",
            });
        }
        let blob = self.objects.blob(&entry.id)?;
        let conversion = self.conversion_number(conversion);
        self.files.push(TreeFile { path, kind, size: blob.size });
        self.sources.push(Source { blob: entry.id, conversion });
        Ok(())
    }

    /// Returns the number of a conversion.
    fn conversion_number(&mut self, conversion: Conversion) -> u32 {
        let conversions = &mut self.conversions;
        *self.numbers.entry(conversion).or_insert_with_key(|conversion| {
            conversions.push(conversion.clone());
            conversions.len() as u32 - 1
        })
    }
}
