//! What is told of module versions: hashes, or why there are none, and where they came from.

use std::path::PathBuf;
use std::sync::Arc;

use gosum_evidence::evidence::{Answer, CommitSaid, Defect, Evidence, Origin, SignatureKind};
use gosum_fetch::SafeUrl;
use gosum_git::{Commit, ObjectId, Signature};
use gosum_mod::file::go_mod::synthesized;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::pseudo::rfc3339;
use gosum_mod::zip::hash::ZipSums;

use super::ask::Wanted;
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
}

/// Who is told answers, and given what is read.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) tell: &'a Tell<'a>,
    pub(super) to: To<'a>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(url: &SafeUrl, asked_for: Option<Arc<str>>, to: Told<'a>) -> Teller<'a> {
        Teller { from: url.to_string().trim_end_matches('/').into(), asked_for, to, temp: None }
    }

    /// Returns the same, with temporary files in `temp`.
    pub(super) fn with_temp(self, temp: Option<PathBuf>) -> Teller<'a> {
        Teller { temp, ..self }
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
            let evidence = match zip {
                Ok(ZipSums { h1, go_mod }) => {
                    Evidence::new(hashed(h1), origin.clone()).with_go_mod_inside(go_mod)
                }
                Err(refusal) => refusal.evidence(origin.clone()),
            };
            (self.to.tell)(subject, evidence);
        }
        if let Some(subject) = wanted.go_mod {
            let text = match &found.go_mod {
                Some(text) => text.clone(),
                None => synthesized(wanted.module.path()).into_bytes(),
            };
            (self.to.tell)(subject, Evidence::new(hashed(go_mod_h1(&text)), origin));
            (self.to.to.give)(subject, text);
        }
    }
}

/// Returns what a commit, and the tag that leads to it, say of themselves.
fn said(revision: &Revision, commit: &Commit) -> CommitSaid {
    CommitSaid {
        resolved_by: match (revision.is_chosen, &revision.reference) {
            (true, _) => "choice",
            (false, Some(_)) => "tag",
            (false, None) => "pseudo-version",
        },
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
