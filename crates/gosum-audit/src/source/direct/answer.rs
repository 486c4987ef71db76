//! What is told of module versions: hashes, or why there are none, and where they came from.

use std::path::PathBuf;
use std::sync::Arc;

use gosum_evidence::evidence::{
    Answer, CommitSaid, Defect, Evidence, Moved, Origin, Seen, SignatureKind, Sum,
};
use gosum_evidence::subject::Subject;
use gosum_fetch::SafeUrl;
use gosum_git::{Commit, ObjectId, Signature};
use gosum_mod::file::go_mod::synthesized;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::hash::h1::H1;
use gosum_mod::name::pseudo::rfc3339;
use gosum_mod::zip::hash::ZipSums;

use super::ask::Wanted;
use super::memory::{Known, Memory};
use super::place::Found;
use super::refusal::Refusal;
use super::revision::Revision;
use crate::copy::Files;
use crate::source::{Tell, To};

/// Tells answers, with where they came from.
pub(super) struct Teller<'a> {
    from: Arc<str>,
    /// What was to be asked, if `from` is in its place.
    asked_for: Option<Arc<str>>,
    to: Told<'a>,
    /// Where temporary files go.
    temp: Option<PathBuf>,
    /// What is known of the repository from earlier runs.
    memory: Option<&'a Memory>,
}

/// Who is told answers, and given what is read.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) tell: &'a Tell<'a>,
    pub(super) to: To<'a>,
    /// Whether what is known from earlier runs is enough: nobody wants to read files.
    pub(super) recalls: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn new(url: &SafeUrl, asked_for: Option<Arc<str>>, to: Told<'a>) -> Teller<'a> {
        Teller { from: url.to_string().trim_end_matches('/').into(), asked_for, to, temp: None, memory: None }
    }

    /// Returns the same, with temporary files in `temp`.
    pub(super) fn with_temp(self, temp: Option<PathBuf>) -> Teller<'a> {
        Teller { temp, ..self }
    }

    /// Returns the same, with what is known from earlier runs.
    pub(super) fn with_memory(self, memory: Option<&'a Memory>) -> Teller<'a> {
        Teller { memory, ..self }
    }

    /// Returns where the repository is asked.
    pub(super) fn from(&self) -> &str {
        &self.from
    }

    pub(super) fn temp(&self) -> Option<&PathBuf> {
        self.temp.as_ref()
    }

    /// Returns where an answer came from; the commit only if it was seen.
    fn origin(&self, revision: Option<&Revision>, commit: Option<ObjectId>) -> Origin {
        Origin {
            from: Some(self.from.clone()),
            asked_for: self.asked_for.clone(),
            reference: revision.and_then(|revision| revision.reference.as_deref()).map(Into::into),
            commit: commit.map(|commit| commit.to_string().into()),
            ..Origin::default()
        }
    }

    pub(super) fn refuse(
        &self,
        wanted: &Wanted<'_>,
        revision: Option<&Revision>,
        commit: Option<ObjectId>,
        refusal: &Refusal,
    ) {
        let evidence = refusal.evidence(self.origin(revision, commit));
        for subject in [wanted.zip, wanted.go_mod].into_iter().flatten() {
            (self.to.tell)(subject, evidence.clone());
        }
    }

    pub(super) fn refuse_all(&self, wanted: &[Wanted<'_>], refusal: &Refusal) {
        wanted.iter().for_each(|wanted| self.refuse(wanted, None, None, refusal));
    }

    /// Returns whether somebody keeps the files of zips.
    pub(super) fn keeps_files(&self) -> bool {
        self.to.to.keep.is_some()
    }

    /// Has the files of the zip of `wanted` kept.
    pub(super) fn keep(&self, wanted: &Wanted<'_>, files: Files) {
        if let (Some(subject), Some(keep)) = (wanted.zip, self.to.to.keep) {
            keep(subject, files);
        }
    }

    /// Tells what is known of each of `found` from earlier runs. Returns what is to be fetched.
    pub(super) fn recall<'w>(&self, found: Vec<(Wanted<'w>, Revision)>) -> Vec<(Wanted<'w>, Revision)> {
        let Some(memory) = self.memory.filter(|_| self.to.recalls) else { return found };
        let known = memory.contents(&self.from, &found);
        let mut left = Vec::new();
        for ((mut wanted, revision), Known { zip, go_mod }) in found.into_iter().zip(known) {
            // its tag leads there now, whatever of it is known
            let commit = [&zip, &go_mod].into_iter().flatten().find_map(|known| known.origin.commit.clone());
            let moved = commit.and_then(|commit| memory.sight(&self.from, &wanted, &revision, &commit));
            let moved = moved.map(Arc::new);
            for (subject, known) in [(&mut wanted.zip, zip), (&mut wanted.go_mod, go_mod)] {
                let Some(evidence) = known.and_then(|known| self.recalled(&revision, known, moved.clone()))
                else {
                    continue;
                };
                let subject = subject.take().expect("what is known was wanted");
                (self.to.tell)(subject, evidence.seen(Seen { time: memory.now(), outdated: None }));
            }
            if wanted.zip.is_some() || wanted.go_mod.is_some() {
                left.push((wanted, revision));
            }
        }
        left
    }

    /// Returns what is `known` of a commit, to which `revision` leads now.
    fn recalled(&self, revision: &Revision, known: Evidence, moved: Option<Arc<Moved>>) -> Option<Evidence> {
        let Evidence { answer: Answer::Hash { h1: Sum::H1(h1), .. }, origin, go_mod_inside, .. } = known
        else {
            return None;
        };
        let said = origin
            .said
            .as_deref()
            .map(|said| CommitSaid { resolved_by: resolved_by(revision), ..said.clone() });
        let origin = Origin {
            commit: origin.commit.clone(),
            subdir: origin.subdir.clone(),
            said: said.map(Arc::new),
            moved,
            ..self.origin(Some(revision), None)
        };
        let inside = go_mod_inside.as_deref().copied();
        Some(Evidence::new(hashed(h1, revision), origin).with_go_mod_inside(inside))
    }

    /// Tells the hash of the go.mod that was found of a module version and, where it is wanted, that of its zip.
    pub(super) fn answer(
        &self,
        wanted: &Wanted<'_>,
        revision: &Revision,
        commit: &Commit,
        found: &Found,
        zip: Option<Result<ZipSums, Refusal>>,
    ) {
        let origin = self.origin(Some(revision), Some(commit.id));
        let moved =
            self.memory.and_then(|memory| memory.sight(&self.from, wanted, revision, &commit.id.to_string()));
        let origin = Arc::new(Origin {
            subdir: Some(found.dir.as_str().into()),
            said: Some(Arc::new(said(revision, commit))),
            moved: moved.map(Arc::new),
            ..origin
        });
        let hashed = |h1| hashed(h1, revision);
        let keep = |subject: &Subject, evidence: &Evidence| {
            if let Some(memory) = self.memory {
                memory.keep_content(&self.from, wanted, revision, subject, evidence);
            }
        };
        if let (Some(subject), Some(zip)) = (wanted.zip, zip) {
            let evidence = match zip {
                Ok(ZipSums { h1, go_mod }) => {
                    Evidence::new(hashed(h1), origin.clone()).with_go_mod_inside(go_mod)
                }
                Err(refusal) => refusal.evidence(origin.clone()),
            };
            keep(subject, &evidence);
            (self.to.tell)(subject, evidence);
        }
        if let Some(subject) = wanted.go_mod {
            let text = match &found.go_mod {
                Some(text) => text.clone(),
                None => synthesized(wanted.module.path()).into_bytes(),
            };
            let evidence = Evidence::new(hashed(go_mod_h1(&text)), origin);
            keep(subject, &evidence);
            (self.to.tell)(subject, evidence);
            (self.to.to.give)(subject, text);
        }
    }
}

/// Returns the answer that a commit of `revision` gives.
fn hashed(h1: H1, revision: &Revision) -> Answer {
    match &revision.only_from {
        Some(only_from) => Answer::hash(h1).with_defect(
            Defect::CommitNotInRepository,
            format!("no branch and no tag leads to the commit, only {only_from}"),
        ),
        None => Answer::hash(h1),
    }
}

/// Returns what a commit, and the tag that leads to it, say of themselves.
fn said(revision: &Revision, commit: &Commit) -> CommitSaid {
    CommitSaid {
        resolved_by: resolved_by(revision),
        tag_object: commit.tag.map(|tag| tag.to_string().into()),
        tag_signature: commit.tag_signature.map(kind),
        author_time: commit.author_time.map(rfc3339),
        committer_time: rfc3339(commit.time),
        commit_signature: kind(commit.signature),
    }
}

/// Returns by what a commit was found.
fn resolved_by(revision: &Revision) -> &'static str {
    match (revision.is_chosen, &revision.reference) {
        (true, _) => "choice",
        (false, Some(_)) => "tag",
        (false, None) => "pseudo-version",
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
