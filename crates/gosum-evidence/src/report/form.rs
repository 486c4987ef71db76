//! How JSON shows what is kept in another shape. The schema of reports is made of these types too, so that the two cannot
//! differ.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gosum_mod::name::id;
use gosum_mod::name::pseudo::rfc3339;
use serde::Serialize;

use super::Judged;
use crate::evidence::{Answer, Defect, Evidence, Lasting, Moved, SignatureKind, SourceName, Sum};
use crate::finding::{Finding, Level};
use crate::judge::Allowed;
use crate::subject::Location;
use crate::verdict::Verdict;

/// An artifact with what every source answered.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Artifact"))]
pub(super) struct JudgedForm<'a> {
    /// The module path.
    module: &'a str,
    /// The version.
    version: &'a str,
    /// What of it.
    artifact: Artifact,
    /// The lines that speak of it; none where no file has such a line.
    at: &'a [Location],
    /// Who requires it, from the main module on; none where it is not known, as it is only where a module graph was loaded.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    via: &'a [String],
    /// The verdict.
    verdict: Verdict,
    /// By what it passes, though it is not verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<AllowedForm<'a>>,
    /// Rules that would have a finding, and are left out since their level is `allow`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    rules_left_out: &'a [&'static str],
    /// What each source answered, by its name.
    answers: BTreeMap<&'a SourceName, AnswerForm<'a>>,
}

impl<'a> From<&'a Judged> for JudgedForm<'a> {
    fn from(Judged { comparison, via, verdict, allowed, rules_left_out }: &'a Judged) -> JudgedForm<'a> {
        let answers = comparison.answers.iter();
        JudgedForm {
            module: comparison.subject.module.path().as_str(),
            version: comparison.subject.module.version().as_str(),
            artifact: comparison.subject.artifact.into(),
            at: &comparison.at,
            via,
            verdict: *verdict,
            allowed: allowed.as_deref().map(Into::into),
            rules_left_out,
            answers: answers.map(|(source, evidence)| (source, evidence.into())).collect(),
        }
    }
}

/// What a line of go.sum covers.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ArtifactKind"))]
enum Artifact {
    /// The module zip.
    #[serde(rename = "zip")]
    Zip,
    /// The go.mod.
    #[serde(rename = "go.mod")]
    GoMod,
}

impl From<id::Artifact> for Artifact {
    fn from(artifact: id::Artifact) -> Artifact {
        match artifact {
            id::Artifact::Zip => Artifact::Zip,
            id::Artifact::GoMod => Artifact::GoMod,
        }
    }
}

/// What a source answered.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum AnswerWord {
    /// A hash, recomputed or recorded.
    Hash,
    /// A definite "I do not have it".
    Absent,
    /// It could not be asked, or refused.
    Unavailable,
    /// It answered, and must not be believed.
    Untrusted,
    /// It does not apply.
    NotAsked,
}

/// What a source answered, and where that came from.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Answer"))]
pub(super) struct AnswerForm<'a> {
    /// What kind of answer it is.
    answer: AnswerWord,
    /// The hash, of an answer that is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    h1: Option<&'a Sum>,
    /// What is wrong with the bytes that were hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    defects: Option<Vec<Defect>>,
    /// Why there is no hash, or what is wrong with it, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    /// Why there lastingly is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Lasting>,
    /// The URL that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    /// The URL that was to be asked, where the user's settings put another in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_for: Option<&'a str>,
    /// Whether the answer is one that our own store saw earlier, and that is older than the user has answers be.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cached: bool,
    /// When it was seen then, in RFC 3339 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<String>,
    /// Why it was not asked for again.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_asked_again: Option<String>,
    /// The tag or branch, in full.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    /// The commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    /// The module's folder in the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    subdir: Option<&'a str>,
    /// The commit that has the content, where the source names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_of: Option<&'a str>,
    /// Where the tag led when our own store saw it before, where that was somewhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<MovedForm<'a>>,
    /// By what the commit was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_by: Option<&'a str>,
    /// The annotated tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_object: Option<&'a str>,
    /// When the change was written, in RFC 3339 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    author_time: Option<&'a str>,
    /// When it was committed, in RFC 3339 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    committer_time: Option<&'a str>,
    /// Which kind of signature the annotated tag has.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_signature: Option<SignatureKind>,
    /// Which kind of signature the commit has.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_signature: Option<SignatureKind>,
}

impl<'a> From<&'a Evidence> for AnswerForm<'a> {
    fn from(evidence: &'a Evidence) -> AnswerForm<'a> {
        let Evidence { answer, origin, lasting, .. } = evidence;
        let outdated = evidence.outdated();
        let (word, defects) = match answer {
            Answer::Hash { defects, .. } => {
                (AnswerWord::Hash, Some(defects.iter().map(|(defect, _)| *defect).collect()))
            }
            Answer::Absent(_) => (AnswerWord::Absent, None),
            Answer::Unavailable(_) => (AnswerWord::Unavailable, None),
            Answer::Untrusted(_) => (AnswerWord::Untrusted, None),
            Answer::NotAsked(_) => (AnswerWord::NotAsked, None),
        };
        let said = origin.said.as_deref();
        AnswerForm {
            answer: word,
            h1: answer.sum(),
            defects,
            reason: answer.reason(),
            why: *lasting,
            from: origin.from.as_deref(),
            asked_for: origin.asked_for.as_deref(),
            cached: outdated.is_some(),
            seen: outdated.map(|(time, _)| rfc3339(time)),
            not_asked_again: outdated.map(|(_, why)| why.to_string()),
            reference: origin.reference.as_deref(),
            commit: origin.commit.as_deref(),
            subdir: origin.subdir.as_deref(),
            content_of: origin.content_of.as_deref(),
            moved: origin.moved.as_deref().map(Into::into),
            resolved_by: said.map(|said| said.resolved_by),
            tag_object: said.and_then(|said| said.tag_object.as_deref()),
            author_time: said.and_then(|said| said.author_time.as_deref()),
            committer_time: said.map(|said| said.committer_time.as_str()),
            tag_signature: said.and_then(|said| said.tag_signature),
            commit_signature: said.map(|said| said.commit_signature),
        }
    }
}

/// Where a tag led when our own store saw it before.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Moved"))]
pub(super) struct MovedForm<'a> {
    /// The commit to which it led.
    commit: &'a str,
    /// When it was seen to lead there first, in RFC 3339 UTC.
    first_seen: String,
    /// When it was for the last time, to the day.
    last_seen: String,
    /// When it was first seen to lead where it leads now.
    since: String,
    /// What the module zip of that commit hashed to, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<String>,
}

impl<'a> From<&'a Moved> for MovedForm<'a> {
    fn from(Moved { commit, first, last, since, zip }: &'a Moved) -> MovedForm<'a> {
        MovedForm {
            commit,
            first_seen: rfc3339(*first),
            last_seen: rfc3339(*last),
            since: rfc3339(*since),
            zip: zip.map(|h1| h1.to_string()),
        }
    }
}

/// By what an artifact passes that is not verified.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Allowed"))]
pub(super) struct AllowedForm<'a> {
    /// Where the allowance stands.
    at: &'a Location,
    /// Why it is accepted.
    reason: &'a str,
    /// The last day on which it is.
    until: String,
}

impl<'a> From<&'a Allowed> for AllowedForm<'a> {
    fn from(Allowed { at, reason, until }: &'a Allowed) -> AllowedForm<'a> {
        AllowedForm { at, reason, until: until.to_string() }
    }
}

/// One thing that a rule found.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Finding"))]
pub(super) struct FindingForm<'a> {
    /// The rule's code.
    code: &'a str,
    /// Its weight.
    level: Level,
    /// The path of the module that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<&'a str>,
    /// The version that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// What of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact: Option<Artifact>,
    /// The lines that it is about.
    at: &'a [Location],
    /// What was found.
    message: &'a str,
    /// What to do next.
    help: &'a str,
}

impl<'a> From<&'a Finding> for FindingForm<'a> {
    fn from(Finding { code, level, subject, at, message, help }: &'a Finding) -> FindingForm<'a> {
        let module = subject.as_ref().map(|subject| &subject.module);
        FindingForm {
            code,
            level: *level,
            module: module.map(|module| module.path().as_str()),
            version: module.map(|module| module.version().as_str()),
            artifact: subject.as_ref().map(|subject| subject.artifact.into()),
            at,
            message,
            help,
        }
    }
}
