//! What is known of the commits that two copies are of.

use std::sync::Arc;

use gosum_evidence::compare::Comparison;
use gosum_evidence::diff::cause::{AtCommit, FoundCommit};
use gosum_evidence::evidence::{Answer, Origin, SourceName, Sum};
use gosum_evidence::explain::Doubt;
use gosum_evidence::subject::Subject;
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::{Artifact, ModuleVersion};

use super::seek::{Sought, seek};
use super::{Copy, Pair, Question};
use crate::copy::Copied;
use crate::source::Source as _;
use crate::source::direct::{Choice, Direct};
use crate::source::proxy::Told;

/// What was computed from the repository about the copy that is not version control's.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The content of the commit that its source names.
    pub(super) at_origin: Option<AtCommit>,
    /// A commit with its content, where its source names none, or one that the repository does not give.
    pub(super) found: Option<FoundCommit>,
    /// When that commit was made, where the copy is its content.
    pub(super) commit_time: Option<Arc<str>>,
    /// What speaks against the source's word.
    pub(super) doubt: Option<Doubt>,
}

/// Asks version control for the commit that a proxy names, where no branch and no tag leads to that of the version.
pub(super) fn find_commit(question: &Question<'_>, copies: &mut [Copied]) {
    let Some(direct) = question.asked.direct else { return };
    let subject = Subject::new(question.module.clone(), Artifact::Zip);
    if !direct.misses_a_commit(&subject) {
        return;
    }
    let told = question.asked.proxies.iter().find_map(|proxy| {
        let of = copies.iter().find(|copied| copied.source == proxy.name())?;
        proxy.told(&subject, &of.zip.origin)?.origin?.commit
    });
    let Some(commit) = told else { return };
    let found = direct.copy_at(question.module, &Choice::Told(commit.to_string()));
    if found.files.is_some()
        && let Some(own) = copies.iter_mut().find(|copied| copied.source == SourceName::DIRECT)
    {
        *own = found;
    }
}

/// Returns what is known of the commits of a pair, one of which is version control's. What a proxy tells goes into its
/// origin, and what is odd about it into `remarks`.
pub(super) fn gather(
    question: &Question<'_>,
    pair: &mut Pair,
    answers: &mut [Comparison],
    remarks: &mut Vec<String>,
) -> Known {
    let mut known = Known::default();
    let (own, other) = match (is_direct(&pair.left), is_direct(&pair.right)) {
        (true, false) => (&pair.left, &mut pair.right),
        (false, true) => (&pair.right, &mut pair.left),
        (true, true) => return known,
        (false, false) => {
            for copy in [&mut pair.left, &mut pair.right] {
                trace(question, copy, answers);
            }
            return known;
        }
    };
    if other.copied.source == SourceName::VENDOR {
        // a part with others' files around it is no commit's content
        return known;
    }
    let time = trace(question, other, answers);
    let (Some(direct), Some(h1)) = (question.asked.direct, h1(&other.copied)) else { return known };
    let name = &other.name;
    let own_commit = own.copied.zip.origin.commit.clone();
    match other.copied.zip.origin.commit.clone() {
        Some(named) => {
            let (at, made_at) = match at_commit(question.module, direct, &named, &own.copied) {
                Ok(at) => at,
                Err(why) => {
                    let is_reached = is_reached(question.module, direct, &named);
                    let lost = match is_reached {
                        Some(false) => ", to which no branch and no tag of the repository leads",
                        _ => "",
                    };
                    known.doubt = Some(Doubt::NotGiven {
                        name: name.as_str().into(),
                        commit: named.clone(),
                        is_reached,
                    });
                    let now = match &own.copied.zip.origin.reference {
                        Some(reference) => format!(", and {reference} names another one now"),
                        None => String::new(),
                    };
                    remarks.push(format!(
                        "{name} says that its copy is of commit {named}{lost}{now}; that cannot be proved, as the repository does \
                         not give the commit: {why}"
                    ));
                    known.found = sought(question, direct, &own.copied, other, time.as_deref(), remarks);
                    known.commit_time = known.found.as_ref().and_then(|found| made_or_told(found, time));
                    return known;
                }
            };
            if at.h1 != h1 {
                let whose =
                    if Some(&named) == own_commit.as_ref() { ", which is the one of direct" } else { "" };
                remarks.push(format!(
                    "{name} says that its copy is of commit {named}{whose}; the content of that commit has another hash, {}",
                    at.h1
                ));
                known.doubt = Some(Doubt::OtherContent { name: name.as_str().into(), commit: named.clone() });
            } else {
                known.commit_time = made_at;
                if Some(&named) != own_commit.as_ref()
                    && is_reached(question.module, direct, &named) == Some(false)
                {
                    remarks.push(format!(
                        "no branch and no tag of the repository leads to commit {named} now, of which {name} has the content"
                    ));
                }
            }
            known.at_origin = Some(at);
        }
        None => {
            known.found = sought(question, direct, &own.copied, other, time.as_deref(), remarks);
            known.commit_time = known.found.as_ref().and_then(|found| made_or_told(found, time));
        }
    }
    known
}

/// Returns a commit that has the content of `other`, where `own` is of a tag that may have moved since.
fn sought(
    question: &Question<'_>,
    direct: &Direct,
    own: &Copied,
    other: &Copy,
    time: Option<&str>,
    remarks: &mut Vec<String>,
) -> Option<FoundCommit> {
    let Origin { reference, commit, .. } = &*own.zip.origin;
    let _tag = reference.as_deref().filter(|reference| reference.starts_with("refs/tags/"))?;
    let sought = Sought {
        module: question.module,
        name: &other.name,
        files: other.copied.files.as_ref()?,
        h1: h1(&other.copied)?,
        time: time?,
        own: commit.as_deref(),
    };
    seek(direct, &sought, remarks)
}

fn is_direct(copy: &Copy) -> bool {
    copy.copied.source == SourceName::DIRECT
}

/// Puts what a proxy tells of where its copy came from into the origin, and returns the time of the commit that it tells.
fn trace(question: &Question<'_>, copy: &mut Copy, answers: &mut [Comparison]) -> Option<String> {
    let source = &copy.copied.source;
    let proxy = question.asked.proxies.iter().find(|proxy| proxy.name() == *source)?;
    let subject = Subject::new(question.module.clone(), Artifact::Zip);
    let Told { origin, time } = proxy.told(&subject, &copy.copied.zip.origin)?;
    if let Some(told) = origin {
        let merged = Arc::new(Origin {
            reference: told.reference,
            commit: told.commit,
            subdir: told.subdir,
            ..Origin::clone(&copy.copied.zip.origin)
        });
        copy.copied.zip.origin = merged.clone();
        let shown = SourceName::further(copy.name.clone());
        for comparison in answers.iter_mut().filter(|it| it.subject.artifact == Artifact::Zip) {
            if let Some(evidence) = comparison.answers.get_mut(&shown) {
                evidence.origin = merged.clone();
            }
        }
    }
    time
}

pub(super) fn h1(copied: &Copied) -> Option<H1> {
    match copied.zip.answer.sum() {
        Some(Sum::H1(h1)) => Some(*h1),
        _ => None,
    }
}

/// Returns whether a branch or a tag of the repository leads to `commit`; none where that cannot be told.
fn is_reached(module: &ModuleVersion, direct: &Direct, commit: &str) -> Option<bool> {
    let reached = direct.leads_to(module, commit);
    reached.inspect_err(|why| tracing::warn!(%module, why, "no history")).ok()
}

/// Returns when a commit was made that was found: at the time that was `told`, unless it says another one.
fn made_or_told(found: &FoundCommit, told: Option<String>) -> Option<Arc<str>> {
    let made = found.times.as_ref().map(|[made, _]| made.clone());
    made.or_else(|| told.map(Into::into))
}

/// Returns when the commit was made that a copy of version control is of.
pub(super) fn made_at(copied: &Copied) -> Option<Arc<str>> {
    copied.zip.origin.said.as_ref().map(|said| said.committer_time.as_str().into())
}

/// Returns the content of the commit `named`, and when that was made; those of `own`, if it is of that.
fn at_commit(
    module: &ModuleVersion,
    direct: &Direct,
    named: &Arc<str>,
    own: &Copied,
) -> Result<(AtCommit, Option<Arc<str>>), String> {
    let of = |copied: &Copied| h1(copied).map(|h1| (AtCommit { commit: named.clone(), h1 }, made_at(copied)));
    if own.zip.origin.commit.as_ref() == Some(named)
        && let Some(at) = of(own)
    {
        return Ok(at);
    }
    let copied = direct.copy_at(module, &Choice::Commit(named.to_string()));
    of(&copied).ok_or_else(|| reason(&copied.zip.answer))
}

fn reason(answer: &Answer) -> String {
    answer.reason().unwrap_or_default().into_owned()
}
