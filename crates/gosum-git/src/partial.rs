//! Single files of many commits, at the least price that the host allows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::hosts::Service;
use crate::limits::{Bound, Limits};
use crate::object::Commit;
use crate::objects::Objects;
use crate::repository::{Fetched, Repository, unique};
use crate::session::{Filter, Want};
use crate::snapshot::Snapshot;
use crate::{GitError, ObjectId};

/// A commit of which a few files are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesWant {
    /// The commit, or an annotated tag that leads to it.
    pub id: ObjectId,
    /// The paths of the files, elements separated by slashes.
    pub paths: Vec<String>,
}

/// A few files of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The commit that was asked for, or to which the tag leads.
    pub commit: Commit,
    /// The contents of the files as they are in the repository, in the order in which they were wanted; None
    /// for those that the commit does not have.
    pub contents: Vec<Option<Vec<u8>>>,
}

impl Repository {
    /// Returns a few files of each of many commits, such as the candidates for the go.mod of a version.
    ///
    /// Asks for the upper levels of the commits where the host can leave out the others; else for all
    /// folders, and then for the files by their ids, one request for the files of all commits; else for
    /// whole commits, as long as [`crate::Options::mod_only_budget`] lasts. What the host refuses is
    /// remembered.
    ///
    /// # Errors
    /// [`GitError::NoFilters`] when the budget does not last; else as [`Repository::fetch`].
    pub fn files(&self, wants: &[FilesWant]) -> Result<Vec<Result<Files, Arc<GitError>>>, GitError> {
        let ids = unique(&wants.iter().map(|want| want.id).collect::<Vec<_>>());
        let levels = wants.iter().flat_map(|want| &want.paths).map(|path| path.matches('/').count()).max();
        let levels = Filter::From(levels.unwrap_or(0) as u32 + 2);
        let blobs = |snapshot: &Snapshot| {
            let paths = wants.iter().filter(|want| snapshot.is(&want.id)).flat_map(|want| &want.paths);
            let found: Result<Vec<_>, _> = paths.map(|path| snapshot.blob_id(path)).collect();
            Ok(found?.into_iter().flatten().collect())
        };
        let deadline = self.deadline();
        let whole = || self.fetch_within_budget(&ids, deadline);
        let fetched = self.fetch_parts(&ids, &[levels, Filter::Blobs], &blobs, deadline, whole)?;
        let read = |want: &FilesWant| {
            let snapshot = fetched.snapshot(want.id)?;
            let contents = want.paths.iter().map(|path| snapshot.blob(path)).collect::<Result<_, _>>()?;
            Ok(Files { commit: snapshot.commit().clone(), contents })
        };
        Ok(wants.iter().map(read).collect())
    }

    /// Returns commits with all that [`Snapshot::archive`] needs for one folder of each, and the
    /// LICENSE file of the root: without the other files where the host can leave them out. Costs one
    /// more request than [`Repository::fetch`], and so pays for folders of large repositories only.
    ///
    /// # Errors
    /// As [`Repository::fetch`].
    pub fn fetch_folders(&self, wants: &[(ObjectId, String)]) -> Result<Fetched, GitError> {
        let ids = unique(&wants.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        let blobs = |snapshot: &Snapshot| {
            let mut blobs = Vec::new();
            for (_, folder) in wants.iter().filter(|(id, _)| snapshot.is(id)) {
                blobs.extend(snapshot.blobs_below(folder)?);
            }
            Ok(blobs)
        };
        let deadline = self.deadline();
        let whole = || {
            let mut objects = self.no_objects();
            let refused =
                self.fetch_into(&mut objects, &ids, Filter::None, &self.options.limits, deadline)?;
            Ok(Fetched { objects: Arc::new(objects), refused })
        };
        let fetched = self.fetch_parts(&ids, &[Filter::Blobs], &blobs, deadline, whole)?;
        self.hold(&fetched.objects);
        Ok(fetched)
    }

    /// Returns commits with all their files, but for those that came before; what `whole` gives if the host gives no single
    /// files.
    pub(crate) fn fetch_rest(
        &self,
        wants: &[ObjectId],
        deadline: Instant,
        whole: impl FnOnce() -> Result<Fetched, GitError>,
    ) -> Result<Fetched, GitError> {
        let blobs = |snapshot: &Snapshot| snapshot.blobs_below("");
        self.fetch_parts(&unique(wants), &[Filter::Blobs], &blobs, deadline, whole)
    }

    /// Returns commits, as much of them as the first of `filters` leaves that the host knows; and those
    /// of the blobs that `blobs` names that were left out. What `whole` gives if the host knows no
    /// filter, or does not give blobs.
    fn fetch_parts(
        &self,
        ids: &[ObjectId],
        filters: &[Filter],
        blobs: &dyn Fn(&Snapshot) -> Result<Vec<ObjectId>, GitError>,
        deadline: Instant,
        whole: impl FnOnce() -> Result<Fetched, GitError>,
    ) -> Result<Fetched, GitError> {
        let mut refused = Vec::new();
        for filter in self.filters(filters.iter().copied().filter(|_| self.gives(ids))) {
            if filter == Filter::Blobs && self.hosts.refuses(self.host(), Service::SingleBlobs) {
                continue;
            }
            match self.fetch_part(ids, filter, blobs, deadline) {
                Ok(fetched) => return Ok(self.note_refusals(refused, fetched)),
                Err((service, error)) if error.may_mean_an_id() => {
                    self.note_if_named(filter, &error);
                    refused.push(service);
                }
                Err((_, error)) => return Err(error),
            }
        }
        Ok(self.note_refusals(refused, whole()?))
    }

    /// Remembers what the host refused before it gave `fetched`, if that has all ids: only then it is
    /// clear that it was not one of them that it refused.
    fn note_refusals(&self, services: Vec<Service>, fetched: Fetched) -> Fetched {
        for service in services.into_iter().filter(|_| fetched.refused.is_empty()) {
            self.hosts.note_refusal(self.host(), service);
        }
        fetched
    }

    fn fetch_part(
        &self,
        ids: &[ObjectId],
        filter: Filter,
        blobs: &dyn Fn(&Snapshot) -> Result<Vec<ObjectId>, GitError>,
        deadline: Instant,
    ) -> Result<Fetched, (Service, GitError)> {
        let limits = &self.options.limits;
        let mut objects = self.no_objects().beside(self.held());
        let failed = |error| (Service::Filter(filter), error);
        let refused = self.fetch_into(&mut objects, ids, filter, limits, deadline).map_err(failed)?;
        let mut fetched = Fetched { objects: Arc::new(objects), refused };
        let missing = missing_blobs(&fetched, ids, blobs);
        if !missing.is_empty() {
            let failed = |error| (Service::SingleBlobs, error);
            let objects = Arc::get_mut(&mut fetched.objects).expect("nobody else has it");
            let want = Want::whole(&missing, Filter::None);
            self.receive(objects, want, limits, deadline).map_err(failed)?;
        }
        Ok(fetched)
    }

    /// Returns whole commits, if the budget for go.mod files allows.
    fn fetch_within_budget(&self, ids: &[ObjectId], deadline: Instant) -> Result<Fetched, GitError> {
        let used = self.mod_only_used.load(Ordering::Relaxed);
        let pack_bytes = self.options.mod_only_budget.saturating_sub(used);
        let limits = Limits {
            pack_bytes: pack_bytes.min(self.options.limits.pack_bytes),
            ..self.options.limits.clone()
        };
        let mut objects: Objects = self.no_objects();
        match self.fetch_into(&mut objects, ids, Filter::None, &limits, deadline) {
            Ok(refused) => {
                self.mod_only_used.fetch_add(objects.packed_bytes(), Ordering::Relaxed);
                Ok(Fetched { objects: Arc::new(objects), refused })
            }
            Err(GitError::Limit { bound: Bound::PackBytes, .. })
                if pack_bytes < self.options.limits.pack_bytes =>
            {
                self.mod_only_used.store(self.options.mod_only_budget, Ordering::Relaxed);
                Err(GitError::NoFilters { url: self.url().clone() })
            }
            Err(error) => Err(error),
        }
    }
}

/// Returns those of the blobs that `blobs` names that did not come.
fn missing_blobs(
    fetched: &Fetched,
    ids: &[ObjectId],
    blobs: &dyn Fn(&Snapshot) -> Result<Vec<ObjectId>, GitError>,
) -> Vec<ObjectId> {
    let mut missing = BTreeSet::new();
    for id in ids.iter().filter(|id| !fetched.refused.contains_key(id)) {
        // what cannot be read now cannot be read later either, and is told then
        let Ok(snapshot) = Snapshot::new(&fetched.objects, *id) else { continue };
        let Ok(blobs) = blobs(&snapshot) else { continue };
        missing.extend(blobs.into_iter().filter(|blob| !fetched.objects.contains(blob)));
    }
    missing.into_iter().collect()
}
