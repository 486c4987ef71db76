//! One repository, asked about all its modules and versions at once.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use gosum_evidence::evidence::{Answer, CommitSaid, Defect, Evidence, Origin, SignatureKind};
use gosum_evidence::subject::Subject;
use gosum_fetch::SafeUrl;
use gosum_git::{
    ArchiveTree, Commit, Fetched, Files, FilesWant, Filter, GitError, History, HostMemory, ObjectId, Options,
    Ref, Repository, Signature, Snapshot,
};
use gosum_mod::file::go_mod::synthesized;
use gosum_mod::hash::dirhash::{go_mod_h1, hash1_below};
use gosum_mod::hash::h1::H1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::pseudo::rfc3339;
use gosum_mod::name::version::Version;
use gosum_mod::zip::select::{Selection, select};
use gosum_mod::zip::tree::{FileKind, TreeFile};
use rayon::prelude::*;

use super::Fetches;
use super::locate::Root;
use super::place::{Found, Place, PlaceError};
use super::revision::{self, Revision, RevisionError};
use crate::source::Tell;

/// With more tags than this, all tags are listed instead of these alone.
const MAX_PREFIXES: usize = 50;
/// With more objects than this, one commit at a time is hashed.
const MANY_OBJECTS: usize = 200_000;
const LICENSE: &str = "LICENSE";

/// One module version that a repository is asked about.
#[derive(Clone)]
pub(super) struct Wanted<'a> {
    pub(super) module: ModuleVersion,
    pub(super) place: Place,
    /// Its zip, when that is asked about.
    pub(super) zip: Option<&'a Subject>,
    /// Its go.mod, when that is.
    pub(super) go_mod: Option<&'a Subject>,
}

/// Asks repositories.
pub(super) struct Repositories {
    fetches: Fetches,
    options: Options,
    hosts: Arc<HostMemory>,
}

/// Why a repository gives no hash of a module version.
#[derive(Debug, Clone, thiserror::Error)]
enum Refusal {
    #[error("{}", crate::chain(&**.0))]
    Git(Arc<GitError>),
    #[error(transparent)]
    Revision(#[from] RevisionError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("the go command makes no zip of this: {reason}")]
    Zip { reason: String },
    #[error("{0}")]
    Unreachable(String),
}

impl From<GitError> for Refusal {
    fn from(error: GitError) -> Refusal {
        Refusal::Git(Arc::new(error))
    }
}

impl From<Arc<GitError>> for Refusal {
    fn from(error: Arc<GitError>) -> Refusal {
        Refusal::Git(error)
    }
}

impl Refusal {
    /// Returns the answer that this is: a definite "not there", or that it cannot be told.
    fn answer(&self) -> Answer {
        let absent = match self {
            Refusal::Git(error) => matches!(**error, GitError::NotFound { .. } | GitError::Empty { .. }),
            Refusal::Revision(error) => error.is_absent(),
            Refusal::Place(_) | Refusal::Zip { .. } | Refusal::Unreachable(_) => false,
        };
        let why = self.to_string().into();
        if absent { Answer::Absent(why) } else { Answer::Unavailable(why) }
    }
}

impl Repositories {
    pub(super) fn new(fetches: Fetches, options: Options, hosts: Arc<HostMemory>) -> Repositories {
        Repositories { fetches, options, hosts }
    }

    /// Tells what the repository at `root` answers on everything in `wanted`.
    pub(super) fn ask(&self, root: &Root, wanted: &[Wanted<'_>], tell: &Tell<'_>) {
        let (repository, asked_for) = match self.open(root) {
            Ok(opened) => opened,
            Err((url, refusal)) => {
                let asked_for = (url != root.url).then(|| root.named.as_str().into());
                return Teller::new(&url, asked_for, tell).refuse_all(wanted, &refusal);
            }
        };
        let teller = Teller::new(repository.contacted(), asked_for, tell);
        let resolved = match resolve(&repository, wanted) {
            Ok(resolved) => resolved,
            Err(refusal) => return teller.refuse_all(wanted, &refusal),
        };
        let mut zips = Vec::new();
        let mut go_mods = Vec::new();
        for (wanted, revision) in wanted.iter().zip(resolved) {
            match revision {
                Ok(revision) if wanted.zip.is_some() => zips.push((wanted.clone(), revision)),
                Ok(revision) => go_mods.push((wanted.clone(), revision)),
                Err(refusal) => teller.refuse(wanted, None, None, &refusal),
            }
        }
        ask_all(&repository, zips, go_mods, &teller);
    }

    /// Tells what the repository at `root` has of commits that no branch and no tag leads to, if its host gives them.
    pub(super) fn ask_for_commits(&self, root: &Root, wanted: &[(Wanted<'_>, ObjectId)], tell: &Tell<'_>) {
        let told = wanted.iter().filter_map(|(wanted, commit)| {
            Some((wanted.clone(), Revision::told(wanted.module.version(), *commit)?))
        });
        let (zips, go_mods): (Vec<_>, Vec<_>) = told.partition(|(wanted, _)| wanted.zip.is_some());
        if zips.is_empty() && go_mods.is_empty() {
            return;
        }
        match self.open(root) {
            Ok((repository, asked_for)) => {
                let teller = Teller::new(repository.contacted(), asked_for, tell);
                ask_all(&repository, zips, go_mods, &teller);
            }
            Err((url, refusal)) => tracing::warn!(%url, %refusal, "no commits by their ids"),
        }
    }
}

/// Tells the hashes of the zips and go.mod files of module versions whose commits are known.
fn ask_all<'a>(
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

/// A repository, with what was to be asked when the user's settings put another URL in its place.
type Opened = (Repository, Option<Arc<str>>);

impl Repositories {
    /// Opens the repository at `root`, or at the first of its alternatives that answers when it does not.
    fn open(&self, root: &Root) -> Result<Opened, (SafeUrl, Refusal)> {
        let first = match self.open_at(&root.named, &root.url) {
            Ok(opened) => return Ok(opened),
            Err(failed) => failed,
        };
        let is_interrupted =
            matches!(&first.1, Refusal::Git(error) if matches!(**error, GitError::Interrupted { .. }));
        let alternatives = root.alternatives.iter().filter(|_| !is_interrupted);
        alternatives.filter_map(|named| self.open_at(named, &root.url).ok()).next().ok_or(first)
    }

    fn open_at(&self, named: &str, url: &SafeUrl) -> Result<Opened, (SafeUrl, Refusal)> {
        let reached = self.fetches.reach(named).map_err(|why| (url.clone(), Refusal::Unreachable(why)))?;
        let asked_for = reached.is_rewritten.then(|| named.into());
        let opened =
            Repository::open(reached.fetch, reached.url.clone(), self.options.clone(), self.hosts.clone());
        opened.map(|repository| (repository, asked_for)).map_err(|error| (reached.url, error.into()))
    }
}

/// Tells answers, with where they came from.
struct Teller<'a> {
    from: Arc<str>,
    /// What was to be asked, if `from` is in its place.
    asked_for: Option<Arc<str>>,
    tell: &'a Tell<'a>,
}

impl<'a> Teller<'a> {
    fn new(url: &SafeUrl, asked_for: Option<Arc<str>>, tell: &'a Tell<'a>) -> Teller<'a> {
        Teller { from: url.to_string().trim_end_matches('/').into(), asked_for, tell }
    }

    /// Returns where an answer came from; the commit only if it was seen.
    fn origin(&self, revision: Option<&Revision>, commit: Option<ObjectId>) -> Origin {
        Origin {
            from: Some(self.from.clone()),
            asked_for: self.asked_for.clone(),
            reference: revision.and_then(|revision| revision.reference.as_deref()).map(Into::into),
            commit: commit.map(|commit| commit.to_string().into()),
            subdir: None,
            said: None,
        }
    }

    fn refuse(
        &self,
        wanted: &Wanted<'_>,
        revision: Option<&Revision>,
        commit: Option<ObjectId>,
        refusal: &Refusal,
    ) {
        let evidence = Evidence::new(refusal.answer(), self.origin(revision, commit));
        for subject in [wanted.zip, wanted.go_mod].into_iter().flatten() {
            (self.tell)(subject, evidence.clone());
        }
    }

    fn refuse_all(&self, wanted: &[Wanted<'_>], refusal: &Refusal) {
        wanted.iter().for_each(|wanted| self.refuse(wanted, None, None, refusal));
    }

    /// Tells the hash of the go.mod that was found of a module version and, where it is wanted, that of its zip.
    fn answer(
        &self,
        wanted: &Wanted<'_>,
        revision: &Revision,
        commit: &Commit,
        found: &Found,
        zip: Option<Result<H1, Refusal>>,
    ) {
        let origin = self.origin(Some(revision), Some(commit.id));
        let origin = Arc::new(Origin {
            subdir: Some(found.dir.as_str().into()),
            said: Some(Arc::new(said(revision, commit))),
            ..origin
        });
        let hashed = |h1| match &revision.only_from {
            Some(only_from) => Answer::hash(h1).with_defect(
                Defect::CommitNotInRepository,
                format!("no branch and no tag leads to the commit, only {only_from}"),
            ),
            None => Answer::hash(h1),
        };
        if let (Some(subject), Some(zip)) = (wanted.zip, zip) {
            let answer = zip.map_or_else(|refusal| refusal.answer(), hashed);
            (self.tell)(subject, Evidence::new(answer, origin.clone()));
        }
        if let Some(subject) = wanted.go_mod {
            let h1 = match &found.go_mod {
                Some(text) => go_mod_h1(text),
                None => go_mod_h1(synthesized(wanted.module.path()).as_bytes()),
            };
            (self.tell)(subject, Evidence::new(hashed(h1), origin));
        }
    }
}

/// Returns what a commit, and the tag that leads to it, say of themselves.
fn said(revision: &Revision, commit: &Commit) -> CommitSaid {
    CommitSaid {
        resolved_by: if revision.reference.is_some() { "tag" } else { "pseudo-version" },
        tag_object: commit.tag.map(|tag| tag.to_string().into()),
        tag_signature: commit.tag_signature.map(kind),
        author_time: commit.author_time.map(rfc3339),
        committer_time: rfc3339(commit.time),
        commit_signature: kind(commit.signature),
    }
}

fn kind(signature: Signature) -> SignatureKind {
    match signature {
        Signature::None => SignatureKind::None,
        Signature::Openpgp => SignatureKind::Openpgp,
        Signature::Ssh => SignatureKind::Ssh,
        Signature::X509 => SignatureKind::X509,
        _ => SignatureKind::Unknown,
    }
}

/// Returns the commit of each of `wanted`: one listing of refs for all and, for pseudo-versions, one history.
fn resolve(
    repository: &Repository,
    wanted: &[Wanted<'_>],
) -> Result<Vec<Result<Revision, Refusal>>, Refusal> {
    let is_pseudo = |wanted: &Wanted<'_>| wanted.module.version().is_pseudo();
    let tags: BTreeSet<String> = wanted
        .iter()
        .filter(|wanted| !is_pseudo(wanted))
        .map(|wanted| format!("refs/tags/{}", wanted.place.tag(wanted.module.version())))
        .collect();
    let pseudo = wanted.iter().any(is_pseudo);
    let refs: Vec<Ref> = if pseudo {
        repository.refs(&["refs/heads/", "refs/tags/"])?
    } else if tags.len() > MAX_PREFIXES {
        repository.refs(&["refs/tags/"])?
    } else {
        repository.refs(&tags.iter().map(String::as_str).collect::<Vec<_>>())?
    };
    // without a history no pseudo-version can be told, but tags can
    let history = pseudo.then(|| repository.history(&refs).map_err(Refusal::from));
    let beyond = OnceCell::new();
    let resolve = |wanted: &Wanted<'_>| {
        let (place, version) = (&wanted.place, wanted.module.version());
        match &history {
            Some(history) if is_pseudo(wanted) => {
                let history = history.as_ref().map_err(Refusal::clone)?;
                match revision::pseudo(place, version, &refs, history) {
                    Err(unknown @ RevisionError::Unknown { .. }) => {
                        let beyond = beyond.get_or_init(|| beyond_refs(repository, &refs, history));
                        let beyond = beyond.as_ref().ok_or(unknown)?;
                        Ok(beyond.pseudo(place, version, &refs)?)
                    }
                    revision => Ok(revision?),
                }
            }
            _ => Ok(revision::tagged(place, version, &refs)?),
        }
    };
    Ok(wanted.iter().map(resolve).collect())
}

/// What a repository holds beside what its branches and tags lead to.
struct Beyond {
    refs: Vec<Ref>,
    history: History,
}

impl Beyond {
    /// Returns the revision of a pseudo-version whose commit no branch and no tag of `refs` leads to.
    fn pseudo(&self, place: &Place, version: &Version, refs: &[Ref]) -> Result<Revision, RevisionError> {
        let revision = revision::pseudo(place, version, refs, &self.history)?;
        // where there are several, the first one tells enough
        let leads = |found: &&Ref| self.history.is_ancestor(&revision.want, &found.leads_to()) == Some(true);
        let named = self.refs.iter().find(leads).map_or("its id", |found| &found.name).to_owned();
        Ok(Revision { only_from: Some(named), ..revision })
    }
}

/// Returns what the refs of `repository` beside branches and tags lead to, such as pull requests; none when that
/// cannot be had: what they may say is only an addition.
fn beyond_refs(repository: &Repository, refs: &[Ref], history: &History) -> Option<Beyond> {
    let is_other = |found: &Ref| found.name != "HEAD" && !refs.iter().any(|known| known.name == found.name);
    let all =
        repository.refs(&["refs/"]).inspect_err(|error| tracing::warn!(%error, "no other refs")).ok()?;
    let others: Vec<Ref> = all.into_iter().filter(is_other).collect();
    if others.is_empty() {
        return None;
    }
    let both: Vec<Ref> = refs.iter().chain(&others).cloned().collect();
    let history = repository.history_beyond(&both, history);
    let history = history.inspect_err(|error| tracing::warn!(%error, "no history of other refs")).ok()?;
    Some(Beyond { refs: others, history })
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
            let tell =
                |(wanted, revision): &(Wanted<'_>, Revision)| tell_zip(wanted, revision, &fetched, teller);
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
            let zip = zip_h1(&wanted.module, &snapshot, &found.dir);
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

/// Returns the hash of the zip that the go command would make of the folder `dir` (spec 02 §2, §6).
fn zip_h1(module: &ModuleVersion, snapshot: &Snapshot, dir: &str) -> Result<H1, Refusal> {
    let tree = snapshot.archive(dir)?;
    let license = inherited_license(snapshot, dir, tree.files())?;
    let inherited = license.as_ref().map(|text| {
        let (path, size) = (LICENSE.as_bytes().to_vec(), text.len() as u64);
        TreeFile { path, kind: FileKind::Regular, size }
    });
    let files: Vec<&TreeFile> = tree.files().iter().chain(&inherited).collect();
    if dir.is_empty() && files.iter().any(|file| file.path.starts_with(b"go.mod/")) {
        // a module without go.mod may be at the root, but the go command reads that of the zip when it has unpacked it
        return Err(Refusal::Zip { reason: "go.mod is a folder".to_owned() });
    }
    let selection = select(&files, go_mod_in(&tree)?.as_deref());
    if let Some(reason) = fault(&selection) {
        return Err(Refusal::Zip { reason });
    }
    let mut lines = Vec::with_capacity(selection.included.len());
    for index in selection.included {
        let digest = match &license {
            Some(text) if index == tree.files().len() => sha256(text),
            _ => tree.sha256(index)?,
        };
        lines.push((&files[index].path, digest));
    }
    hash1_below(&format!("{module}/"), lines).map_err(|error| Refusal::Zip { reason: error.to_string() })
}

/// Returns the LICENSE of the repository's root, raw, for a module in a folder without one of its own.
fn inherited_license(
    snapshot: &Snapshot,
    dir: &str,
    files: &[TreeFile],
) -> Result<Option<Vec<u8>>, GitError> {
    if dir.is_empty() || files.iter().any(|file| file.path == LICENSE.as_bytes()) {
        return Ok(None);
    }
    snapshot.blob(LICENSE)
}

/// Returns the go.mod as it goes into the zip, when it is a regular file.
fn go_mod_in(tree: &ArchiveTree) -> Result<Option<Vec<u8>>, GitError> {
    let is_go_mod = |file: &TreeFile| file.path == b"go.mod" && file.kind == FileKind::Regular;
    tree.files().iter().position(is_go_mod).map(|index| tree.content(index)).transpose()
}

fn fault(selection: &Selection) -> Option<String> {
    let file =
        selection.invalid.first().map(|file| format!("{:?}: {}", file.name, crate::chain(&file.fault)));
    file.or_else(|| selection.size_error.as_ref().map(|error| crate::chain(error)))
}
