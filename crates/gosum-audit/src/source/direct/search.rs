//! Commits that a copy may be of whose source names none, or one that the repository does not give. None of this proves
//! anything: what a candidate hashes to does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use gosum_evidence::evidence::{Evidence, Sum};
use gosum_git::{GitError, History, KnownFiles, ObjectId, Ref, Repository};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::pseudo::rfc3339;
use gosum_mod::zip::tree::{FileKind, FileTree};

use super::choose::{Choice, branches_and_tags};
use super::locate::{Root, Vcs};
use super::place::Place;
use super::resolve::beyond_refs;
use super::{Direct, wanted};
use crate::source::Lost;

/// How many commits of one time are candidates.
const MAX_OF_TIME: usize = 8;

/// How many commits before that of the tag are looked at, and how many are on each side of the time.
const MAX_NEAR: usize = 32;

/// How many commits are candidates that have all the files.
const MAX_LIKELY: usize = 4;

/// How many are where none has, but attributes may change what an archive has of them.
const MAX_CHANGED: usize = 2;

/// How many bytes of folders are fetched to look at commits.
const MAX_FOLDERS: u64 = 32 << 20;

/// With more refs than this beside branches and tags, these are left alone.
const MAX_OTHER_REFS: usize = 20_000;

/// How many bytes are fetched in all before no further candidate is.
const MAX_BYTES: u64 = 256 << 20;

/// The file that a module in a folder may have from the root of the repository.
const LICENSE: &[u8] = b"LICENSE";

/// A commit that a copy may be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub commit: String,
    /// When it was committed, in RFC 3339 UTC.
    pub time: String,
    /// What leads to it, where no branch and no tag does.
    pub only_from: Option<String>,
    /// The tag of another version of the module that names it, where it is not of the time that was looked for.
    pub of_other: Option<String>,
}

/// A search for the commit of one copy. From step to step it costs more; each gives a few candidates, the likeliest first.
pub struct Search<'a> {
    direct: &'a Direct,
    module: &'a ModuleVersion,
    /// The files of the copy. Without them only a commit of the time can be told.
    files: Option<&'a dyn FileTree>,
    /// When the commit was committed, as somebody says, in RFC 3339 UTC.
    time: String,
    /// The commit that the version names now.
    own: Option<ObjectId>,
    root: Root,
    place: Place,
    refs: Vec<Ref>,
    history: Arc<History>,
    /// When it must be over, and by how many bytes of all that the source asks.
    end: (Instant, u64),
}

impl Direct {
    /// Begins a search in the repository of `module`: reads which commits branches and tags lead to. `own` is the commit that
    /// the version names now. None where there are no commits.
    ///
    /// # Errors
    /// When the history cannot be had, in words.
    pub fn search<'a>(
        &'a self,
        module: &'a ModuleVersion,
        files: Option<&'a dyn FileTree>,
        time: &str,
        own: Option<&str>,
    ) -> Result<Option<Search<'a>>, String> {
        let words = |evidence: Evidence| {
            evidence.answer.reason().map_or_else(String::new, std::borrow::Cow::into_owned)
        };
        let root = self.root(module).map_err(words)?;
        if root.vcs != Vcs::Git {
            return Ok(None);
        }
        let place = wanted(module, &[], &Ok(root.clone())).map_err(words)?.1.place;
        let end = (Instant::now() + self.timeout, self.meter.bytes().saturating_add(MAX_BYTES));
        let (refs, history) = self.repositories.with(&root, |repository| {
            let refs = branches_and_tags(repository)?;
            let history = repository.history(&refs)?;
            Ok((refs, history))
        })?;
        let own = own.and_then(|own| ObjectId::parse(own).ok());
        Ok(Some(Search {
            direct: self,
            module,
            files,
            time: time.to_owned(),
            own,
            root,
            place,
            refs,
            history,
            end,
        }))
    }

    /// Returns the commit of the time that `lost` tells and of its content, if a branch or a tag leads to one.
    pub(super) fn commit_of(&self, lost: &Lost) -> Option<Arc<str>> {
        let search = self.search(&lost.module, None, &lost.time, Some(&lost.now));
        let search =
            search.inspect_err(|why| tracing::warn!(module = %lost.module, why, "no history")).ok()??;
        let candidates = search.of_time().into_iter().take_while(|_| !search.is_over());
        candidates.map(|candidate| candidate.commit).find_map(|commit| {
            let copied = self.copy_at(&lost.module, &Choice::Commit(commit.clone()));
            (copied.zip.answer.sum() == Some(&Sum::H1(lost.h1))).then(|| commit.into())
        })
    }
}

impl Search<'_> {
    /// Returns whether it has cost what it may.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.end.0 || self.direct.meter.bytes() >= self.end.1
    }

    /// Returns whether the time is that of the commit which the version names now: then the tag has not moved, by all that is
    /// said.
    fn is_of_own_time(&self) -> bool {
        let own = self.own.and_then(|own| self.history.commit_time(&own));
        own.is_some_and(|own| rfc3339(own) == self.time)
    }

    /// Returns the commits of the time that branches and tags lead to.
    pub fn of_time(&self) -> Vec<Candidate> {
        let found = self.history.commits().filter(|(_, at)| at.is_some_and(|at| rfc3339(at) == self.time));
        let found = found.map(|(id, _)| *id).filter(|id| Some(*id) != self.own).take(MAX_OF_TIME);
        self.narrowed(found.collect(), &self.history)
    }

    /// Returns commits of other times that branches and tags lead to and that have the files: of those before the commit of
    /// the version, and of those about the time. None of them where the host does not give folders
    /// without their files.
    pub fn near(&self) -> Vec<Candidate> {
        if self.is_of_own_time() {
            return Vec::new();
        }
        let mut ids = self.own.map(|own| self.history.before(&own, MAX_NEAR)).unwrap_or_default();
        let mut timed: Vec<(i64, ObjectId)> =
            self.history.commits().filter_map(|(id, at)| Some((at?, *id))).collect();
        timed.sort_unstable();
        let from = timed.partition_point(|(at, _)| rfc3339(*at) < self.time);
        let to = timed.partition_point(|(at, _)| rfc3339(*at) <= self.time);
        ids.extend(timed[..from].iter().rev().take(MAX_NEAR).map(|(_, id)| *id));
        ids.extend(timed[to..].iter().take(MAX_NEAR).map(|(_, id)| *id));
        let mut seen = BTreeSet::from_iter(self.own);
        seen.extend(timed[from..to].iter().map(|(_, id)| *id));
        ids.retain(|id| seen.insert(*id));
        let likely = self.likely(ids).unwrap_or_default();
        likely.into_iter().filter_map(|id| self.candidate(id, &self.history, true)).collect()
    }

    /// Returns the commits of the time that only other refs lead to, such as those of pull requests.
    pub fn beyond(&self) -> Vec<Candidate> {
        if self.is_of_own_time() {
            return Vec::new();
        }
        let beyond =
            self.with(|repository| Ok(beyond_refs(repository, &self.refs, &self.history, MAX_OTHER_REFS)));
        let Some(beyond) = beyond.flatten() else { return Vec::new() };
        let is_of = |at: Option<i64>| at.is_some_and(|at| rfc3339(at) == self.time);
        let found = beyond.history.commits().filter(|(id, at)| is_of(*at) && !self.history.contains(id));
        let found = found.map(|(id, _)| *id).take(MAX_OF_TIME).collect();
        let named = |mut candidate: Candidate| {
            let id = ObjectId::parse(&candidate.commit).ok()?;
            candidate.only_from = Some(beyond.first_to(&id)?.to_owned());
            Some(candidate)
        };
        self.narrowed(found, &beyond.history).into_iter().filter_map(named).collect()
    }

    /// Returns the candidates that `ids` are. Of several, those that cannot have the files are left out, where the host lets
    /// that be told.
    fn narrowed(&self, ids: Vec<ObjectId>, history: &History) -> Vec<Candidate> {
        let ids = match ids.len() {
            0 | 1 => ids,
            _ => self.likely(ids.clone()).unwrap_or(ids),
        };
        ids.into_iter().filter_map(|id| self.candidate(id, history, false)).collect()
    }

    /// Returns `id` as a candidate; none if it does not tell its time.
    fn candidate(&self, id: ObjectId, history: &History, of_other_time: bool) -> Option<Candidate> {
        let own_tag = format!("refs/tags/{}", self.place.tag(self.module.version()));
        let prefix = format!("refs/tags/{}v", self.place.tag_prefix());
        let is_other =
            |found: &&Ref| found.leads_to() == id && found.name.starts_with(&prefix) && found.name != own_tag;
        let of_other = self.refs.iter().find(is_other).filter(|_| of_other_time);
        Some(Candidate {
            commit: id.to_string(),
            time: rfc3339(history.commit_time(&id)?),
            only_from: None,
            of_other: of_other.map(|found| found.name.clone()),
        })
    }

    /// Returns the likeliest of `ids`, whose archives may have exactly the files: those that have all of them; where there is
    /// none, those that have most. None where the host does not let that be told.
    fn likely(&self, ids: Vec<ObjectId>) -> Option<Vec<ObjectId>> {
        if ids.is_empty() {
            return Some(ids);
        }
        self.with(|repository| {
            let Some(mut known) = self.known(repository) else { return Ok(None) };
            let Some(fetched) = repository.fetch_folders_alone(&ids, MAX_FOLDERS)? else { return Ok(None) };
            let mut likely: Vec<(usize, ObjectId)> = Vec::new();
            for id in ids {
                // what cannot be read is no candidate
                let Ok(snapshot) = fetched.snapshot(id) else { continue };
                let dirs = self.dirs().into_iter();
                let likeness = dirs.filter_map(|dir| known.likeness(&snapshot, &dir).ok());
                let possible = likeness.filter(|likeness| likeness.is_possible());
                likely.extend(possible.map(|likeness| likeness.differing).min().map(|count| (count, id)));
            }
            likely.sort_by_key(|(count, _)| *count);
            let exact = likely.partition_point(|(count, _)| *count == 0);
            likely.truncate(if exact > 0 { exact.min(MAX_LIKELY) } else { MAX_CHANGED });
            Ok(Some(likely.into_iter().map(|(_, id)| id).collect()))
        })
        .flatten()
    }

    /// Returns the folders in which the module may be.
    fn dirs(&self) -> Vec<String> {
        let of = |path: String| path.strip_suffix("go.mod").unwrap_or(&path).trim_end_matches('/').to_owned();
        self.place.go_mods().into_iter().map(of).collect()
    }

    /// Returns the files of the copy as the repository would name them.
    fn known(&self, repository: &Repository) -> Option<KnownFiles> {
        let tree = self.files?;
        let read = || -> std::io::Result<BTreeMap<Vec<u8>, ObjectId>> {
            let files = tree.list()?.into_iter().filter(|file| file.kind == FileKind::Regular);
            let is_inherited = |path: &[u8]| path == LICENSE && self.dirs().iter().any(|dir| !dir.is_empty());
            let files = files.filter(|file| !is_inherited(&file.path));
            files
                .map(|file| {
                    let id = repository.id_of_file(file.size, &mut *tree.open(&file.path)?)?;
                    Ok((file.path, id))
                })
                .collect()
        };
        read()
            .inspect_err(|error| tracing::warn!(module = %self.module, %error, "a copy cannot be read"))
            .ok()
            .map(KnownFiles::new)
    }

    /// Returns what `ask` finds out from the repository, unless it fails: a search that finds nothing proves nothing either.
    fn with<T>(&self, ask: impl FnOnce(&Repository) -> Result<T, GitError>) -> Option<T> {
        let answer = self.direct.repositories.with(&self.root, ask);
        answer.inspect_err(|why| tracing::warn!(module = %self.module, why, "no candidates")).ok()
    }
}
