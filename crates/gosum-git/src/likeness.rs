//! How far a commit has the files that somebody else has. Git gives each content an id, so that the folders of the commit
//! tell, and no file of it need come.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

use crate::limits::{Bound, Limits};
use crate::object::{Mode, TreeEntry, tree_entries};
use crate::objects::Objects;
use crate::repository::{Fetched, Repository, unique};
use crate::session::Filter;
use crate::snapshot::Snapshot;
use crate::{GitError, ObjectId};

const ATTRIBUTES: &[u8] = b".gitattributes";

/// How far a commit has the files that somebody else has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Likeness {
    /// How many of the files it does not have with this content.
    pub differing: usize,
    /// Whether attributes may change what an archive has of its files. Without them it has them as they are.
    pub has_attributes: bool,
}

impl Likeness {
    /// Returns whether an archive of the commit may have exactly these files.
    pub fn is_possible(&self) -> bool {
        self.differing == 0 || self.has_attributes
    }

    fn and(self, other: Likeness) -> Likeness {
        Likeness {
            differing: self.differing + other.differing,
            has_attributes: self.has_attributes || other.has_attributes,
        }
    }
}

/// Files by their paths, with the ids that git gives to their contents.
#[derive(Debug, Clone, Default)]
pub struct KnownFiles {
    /// In the order of their paths, so that those of one folder stand together.
    files: Vec<(Vec<u8>, ObjectId)>,
    /// What was found out of folders: most commits share most of them. By the folder, which of the files it should have, and
    /// how many bytes of their paths lead to it.
    folders: HashMap<(ObjectId, usize, usize), Likeness>,
}

impl KnownFiles {
    /// Returns the files with these paths and contents.
    pub fn new(files: BTreeMap<Vec<u8>, ObjectId>) -> KnownFiles {
        KnownFiles { files: files.into_iter().collect(), folders: HashMap::new() }
    }

    /// Returns how far the folder `dir` of a commit has these files.
    ///
    /// # Errors
    /// When a folder is missing or broken, or a bound is passed.
    pub fn likeness(&mut self, snapshot: &Snapshot, dir: &str) -> Result<Likeness, GitError> {
        let objects = snapshot.objects();
        let mut tree = snapshot.commit().tree;
        let mut above = Likeness::default();
        for name in dir.split('/').filter(|name| !name.is_empty()) {
            let data = objects.tree(&tree)?;
            let entries = tree_entries(tree, &data)?;
            above.has_attributes |= has_attributes(&entries);
            match entries.iter().find(|entry| entry.name == name.as_bytes() && entry.mode == Mode::Folder) {
                Some(entry) => tree = entry.id,
                None => return Ok(above.and(nothing(self.files.len()))),
            }
        }
        let files = std::mem::take(&mut self.files);
        let below = self.below(objects, tree, &files, (0, files.len()), 0, 0);
        self.files = files;
        Ok(above.and(below?))
    }

    /// Returns how far `tree` has those of `files` from one number to another, `skip` bytes of whose paths lead to it.
    fn below(
        &mut self,
        objects: &Objects,
        tree: ObjectId,
        files: &[(Vec<u8>, ObjectId)],
        (from, to): (usize, usize),
        skip: usize,
        depth: u64,
    ) -> Result<Likeness, GitError> {
        if let Some(known) = self.folders.get(&(tree, from, skip)) {
            return Ok(*known);
        }
        let max = objects.limits().tree_depth;
        if depth > max {
            return Err(GitError::Limit { bound: Bound::TreeDepth, max });
        }
        objects.check_time()?;
        let data = objects.tree(&tree)?;
        let entries = tree_entries(tree, &data)?;
        let by_name: HashMap<&[u8], &TreeEntry<'_>> =
            entries.iter().map(|entry| (entry.name, entry)).collect();
        let mut likeness = Likeness { differing: 0, has_attributes: has_attributes(&entries) };
        let mut at = from;
        while at < to {
            let (path, id) = &files[at];
            let rest = &path[skip..];
            let name = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
            let entry = by_name.get(name);
            if name.len() == rest.len() {
                let is_it = entry.is_some_and(|entry| entry.mode == Mode::File && entry.id == *id);
                likeness.differing += usize::from(!is_it);
                at += 1;
                continue;
            }
            let prefix = &path[..=skip + name.len()];
            let count = files[at..to].iter().take_while(|(path, _)| path.starts_with(prefix)).count();
            likeness = likeness.and(match entry.filter(|entry| entry.mode == Mode::Folder) {
                Some(entry) => {
                    self.below(objects, entry.id, files, (at, at + count), prefix.len(), depth + 1)?
                }
                None => nothing(count),
            });
            at += count;
        }
        self.folders.insert((tree, from, skip), likeness);
        Ok(likeness)
    }
}

fn nothing(files: usize) -> Likeness {
    Likeness { differing: files, has_attributes: false }
}

fn has_attributes(entries: &[TreeEntry<'_>]) -> bool {
    entries.iter().any(|entry| entry.name == ATTRIBUTES)
}

impl Repository {
    /// Returns the id that the repository gives to a file of `size` bytes with this content.
    ///
    /// # Errors
    /// When it cannot be read, has another size, or is made to have the id of something else.
    pub fn id_of_file(&self, size: u64, content: &mut dyn Read) -> io::Result<ObjectId> {
        let mut hasher = gix::hash::hasher(self.format());
        hasher.update(&gix::objs::encode::loose_header(gix::objs::Kind::Blob, size));
        let (mut buffer, mut read) = (vec![0; 1 << 16], 0);
        loop {
            match content.read(&mut buffer)? {
                0 => break,
                count => {
                    hasher.update(&buffer[..count]);
                    read += count as u64;
                }
            }
        }
        if read != size {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{read} bytes instead of {size}"),
            ));
        }
        hasher.try_finalize().map(ObjectId).map_err(io::Error::other)
    }

    /// Returns the commits `ids` with their folders and without their files, in a pack of at most `max_bytes`. None where the
    /// host cannot leave out files, or does not give these commits.
    ///
    /// # Errors
    /// As [`Repository::fetch`].
    pub fn fetch_folders_alone(&self, ids: &[ObjectId], max_bytes: u64) -> Result<Option<Fetched>, GitError> {
        let ids = unique(ids);
        if !self.gives(&ids) || self.filters([Filter::Blobs]).is_empty() {
            return Ok(None);
        }
        let limits = Limits { pack_bytes: max_bytes, ..self.options.limits.clone() };
        let mut objects = self.no_objects();
        match self.fetch_into(&mut objects, &ids, Filter::Blobs, &limits, self.deadline()) {
            Ok(refused) => Ok(Some(Fetched { objects: objects.into(), refused })),
            Err(error) if error.may_mean_an_id() => {
                self.note_if_named(Filter::Blobs, &error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
