//! One fetch for all versions of a repository: whole commits, folders of them, or their go.mod files alone.

use std::collections::BTreeSet;

use gosum_git::{Commit, Fetched, Files, FilesWant, Filter, GitError, ObjectId, Repository};
use rayon::prelude::*;

use super::answer::Teller;
use super::ask::Wanted;
use super::place::Found;
use super::refusal::Refusal;
use super::revision::Revision;
use super::zip::ModuleFiles;
use crate::copy::Files as Kept;
use crate::source::pool::Within;

/// With more objects than this, one commit at a time is hashed.
const MANY_OBJECTS: usize = 200_000;

/// Tells the hashes of the zips and go.mod files of module versions whose commits are known.
pub(super) fn ask_all<'a>(
    repository: &Repository,
    zips: Vec<(Wanted<'a>, Revision)>,
    go_mods: Vec<(Wanted<'a>, Revision)>,
    teller: &Teller<'_>,
) {
    // what lies in a commit that is fetched anyway comes with it
    let commits: BTreeSet<ObjectId> = zips.iter().map(|(_, revision)| revision.commit).collect();
    let (along, mut alone): (Vec<_>, Vec<_>) =
        go_mods.into_iter().partition(|(_, revision)| commits.contains(&revision.commit));
    alone.extend(ask_zips(repository, zips, along, teller));
    ask_go_mods(repository, &alone, teller);
}

/// Fetches the commits of all `zips` at once, and tells the hashes of their zips and go.mod files, and of the go.mod files
/// `along` that lie in the same commits. Returns what may still be asked: the go.mod files, when their modules cannot be
/// had, and those that did not come along.
fn ask_zips<'a>(
    repository: &Repository,
    zips: Vec<(Wanted<'a>, Revision)>,
    along: Vec<(Wanted<'a>, Revision)>,
    teller: &Teller<'_>,
) -> Vec<(Wanted<'a>, Revision)> {
    if zips.is_empty() {
        return along;
    }
    match fetch_modules(repository, &zips, &along) {
        Ok(fetched) => {
            let within = Within::here();
            let tell = |(wanted, revision): &(Wanted<'_>, Revision)| {
                within.run(|| tell_zip(wanted, revision, &fetched, teller));
            };
            // what many files of several commits take together is more than one repository may take
            match fetched.objects.len() > MANY_OBJECTS {
                true => zips.iter().for_each(tell),
                false => zips.par_iter().for_each(tell),
            }
            let came =
                |(wanted, revision): &(Wanted<'_>, Revision)| match go_mods_in(&fetched, wanted, revision) {
                    Some(files) => {
                        tell_go_mod(wanted, revision, &wanted.place.go_mods(), &files, teller);
                        true
                    }
                    None => false,
                };
            along.into_iter().filter(|one| !came(one)).collect()
        }
        Err(error) => {
            let smaller_may_do = matches!(error, GitError::Remote { .. } | GitError::Limit { .. });
            let refusal = error.into();
            let mut left = along;
            for (wanted, revision) in zips {
                if smaller_may_do {
                    let zip = Wanted { go_mod: None, ..wanted.clone() };
                    teller.refuse(&zip, Some(&revision), None, &refusal);
                    left.extend(wanted.go_mod.map(|_| (Wanted { zip: None, ..wanted.clone() }, revision)));
                } else {
                    teller.refuse(&wanted, Some(&revision), None, &refusal);
                }
            }
            left
        }
    }
}

/// Returns the files that may be the go.mod of a module version, if all of them that its commit has are among what was
/// fetched.
fn go_mods_in(fetched: &Fetched, wanted: &Wanted<'_>, revision: &Revision) -> Option<Files> {
    let snapshot = fetched.snapshot(revision.want).ok()?;
    let contents =
        wanted.place.go_mods().iter().map(|path| snapshot.blob(path)).collect::<Result<_, _>>().ok()?;
    Some(Files { commit: snapshot.commit().clone(), contents })
}

/// Tells the hashes of the zip and the go.mod of a module version whose commit has been fetched.
fn tell_zip(wanted: &Wanted<'_>, revision: &Revision, fetched: &Fetched, teller: &Teller<'_>) {
    let snapshot = match fetched.snapshot(revision.want) {
        Ok(snapshot) => snapshot,
        Err(error) => return teller.refuse(wanted, Some(revision), None, &error.into()),
    };
    let commit = snapshot.commit();
    let read = |path: &str| Ok::<_, Refusal>(snapshot.blob(path)?);
    match find(wanted, revision, commit, read) {
        Ok(found) => {
            let files = ModuleFiles::new(&wanted.module, &snapshot, &found.dir);
            let zip = files.as_ref().map_err(Refusal::clone).and_then(ModuleFiles::sums);
            if zip.is_ok() && teller.keeps_files() {
                let files = files.expect("what has a hash has files");
                let attributes = files.attributes(&snapshot, &found.dir);
                let tree = Box::new(files.kept(teller.temp().cloned()));
                teller.keep(wanted, Kept { tree, attributes });
            }
            teller.answer(wanted, revision, commit, &found, Some(zip));
        }
        Err(refusal) => teller.refuse(wanted, Some(revision), Some(commit.id), &refusal),
    }
}

/// Fetches the commits of all `zips`, whole; when all their modules are in folders, those folders alone, which costs a
/// further request and spares the rest of the repository. The tags of `along` lead to the same commits.
fn fetch_modules(
    repository: &Repository,
    zips: &[(Wanted<'_>, Revision)],
    along: &[(Wanted<'_>, Revision)],
) -> Result<Fetched, GitError> {
    if zips.iter().any(|(wanted, _)| wanted.place.folder().is_empty()) {
        let ids: Vec<ObjectId> = zips.iter().chain(along).map(|(_, revision)| revision.want).collect();
        return repository.fetch(&ids, Filter::None);
    }
    let folder =
        |(wanted, revision): &(Wanted<'_>, Revision)| (revision.want, wanted.place.folder().to_owned());
    repository.fetch_folders(&zips.iter().map(folder).collect::<Vec<_>>())
}

/// Fetches the go.mod files of all `wanted`, without their modules, and tells their hashes.
fn ask_go_mods(repository: &Repository, wanted: &[(Wanted<'_>, Revision)], teller: &Teller<'_>) {
    if wanted.is_empty() {
        return;
    }
    let wants: Vec<FilesWant> = wanted
        .iter()
        .map(|(wanted, revision)| FilesWant { id: revision.want, paths: wanted.place.go_mods() })
        .collect();
    let files = match repository.files(&wants) {
        Ok(files) => files,
        Err(error) => {
            let refusal = error.into();
            return wanted
                .iter()
                .for_each(|(wanted, revision)| teller.refuse(wanted, Some(revision), None, &refusal));
        }
    };
    for (((wanted, revision), want), files) in wanted.iter().zip(&wants).zip(files) {
        match files {
            Ok(files) => tell_go_mod(wanted, revision, &want.paths, &files, teller),
            Err(error) => teller.refuse(wanted, Some(revision), None, &error.into()),
        }
    }
}

/// Tells the hash of the go.mod of a module version, given the `files` at the `paths` where it may be.
fn tell_go_mod(
    wanted: &Wanted<'_>,
    revision: &Revision,
    paths: &[String],
    files: &Files,
    teller: &Teller<'_>,
) {
    let read = |path: &str| {
        let at = paths.iter().position(|wanted| wanted == path);
        let at = at.expect("a place reads what it names as its go.mod files");
        Ok::<_, Refusal>(files.contents[at].clone())
    };
    match find(wanted, revision, &files.commit, read) {
        Ok(found) => teller.answer(wanted, revision, &files.commit, &found, None),
        Err(refusal) => teller.refuse(wanted, Some(revision), Some(files.commit.id), &refusal),
    }
}

/// Returns where in a commit a module version is, if the commit may be it.
fn find(
    wanted: &Wanted<'_>,
    revision: &Revision,
    commit: &Commit,
    read: impl FnMut(&str) -> Result<Option<Vec<u8>>, Refusal>,
) -> Result<Found, Refusal> {
    let version = wanted.module.version();
    revision.check_time(version, commit.time)?;
    wanted.place.find(version, read)
}
