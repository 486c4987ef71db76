//! The value that every report is rendered from, in the form that JSON shows (schema 1).

mod form;

use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use self::form::{AnswerForm, FindingForm, JudgedForm};
use crate::compare::Comparison;
use crate::diff::sums;
use crate::evidence::{Evidence, SourceName};
use crate::finding::{Finding, Level};
use crate::judge::{Allowed, Judgement, Tally};
use crate::policy::Unverified;
use crate::verdict::{Counts, Verdict};

/// The number of the form. Fields are added to it, never renamed or removed.
pub const SCHEMA: u32 = 1;

/// An audit, whole.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of gosum.
    pub gosum: &'static str,
    /// The verdict on the whole.
    pub verdict: Verdict,
    /// Whether the audit ran to its end.
    pub complete: bool,
    /// What the lines were held against, where only those are audited that were added or changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// Whether of what the project needs only a part is known: a part of its module graph could not be loaded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub graph_incomplete: bool,
    /// How many artifacts got which verdict.
    pub counts: Counts,
    /// One row a source.
    pub sources: Vec<SourceRow>,
    /// The artifacts that were judged, in the order of go.sum.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<JudgedForm<'static>>"))]
    pub artifacts: Vec<Judged>,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// Findings of this level and above fail the audit.
    pub fail_on: Level,
    /// What is made of artifacts that are unverified.
    pub unverified: Unverified,
    /// The unified difference from the proxy's set to version control's.
    pub diff: String,
    /// On how many lines both paths answered, and agreed.
    pub both: BothAnswered,
    /// What differs from run to run: times, requests, bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
}

/// What go.sum was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Base {
    /// The revision or file, as the user named it.
    pub name: String,
    /// The commit that the revision stands for; none for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The config file of the revision, where it is what judges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
}

/// One source's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceRow {
    /// The source.
    pub name: SourceName,
    /// On how many lines it could have spoken.
    pub lines: usize,
    /// Answers that agree with go.sum.
    pub agree: usize,
    /// Answers that do not, or must not be believed.
    pub differ: usize,
    /// No hash.
    pub unanswered: usize,
    /// Not asked.
    pub not_asked: usize,
}

/// On how many lines both paths answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BothAnswered {
    /// Lines that both paths answered.
    pub lines: usize,
    /// Those on which they agree.
    pub agree: usize,
}

/// An artifact with its verdict.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The answers.
    pub comparison: Comparison,
    /// Who requires it, from the main module on; empty where it is not known, as it is only where a module graph was loaded.
    pub via: Vec<String>,
    /// The verdict on them.
    pub verdict: Verdict,
    /// The allowance by which the artifact passes, though it is not verified.
    pub allowed: Option<Arc<Allowed>>,
    /// The rules that speak of it and whose findings the user's levels leave out.
    pub rules_left_out: Vec<&'static str>,
}

/// What differs from run to run, though the evidence is the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// How long the audit took, in milliseconds.
    pub ms: u64,
    /// One row a source, in the order of the report's.
    pub sources: Vec<SourceRun>,
    /// How long stages, and what sources did, have taken; with `--timings`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timings: Vec<Timing>,
}

/// How long something has taken that was done so many times, in microseconds. What is done at once overlaps: totals of sources may
/// be longer than the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timing {
    /// The source that did it; none of a stage of the audit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What: `ask` (an artifact, or all of a repository), `request` (until its body has been read), `hash` (a module zip), `source`
    /// (everything), or the name of the stage.
    pub what: String,
    /// How often.
    pub count: usize,
    /// Bytes of bodies read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// All times together.
    pub total_us: u64,
    /// What half of the times do not exceed.
    pub p50_us: u64,
    /// What nine in ten do not exceed.
    pub p90_us: u64,
    /// What 99 in a hundred do not exceed.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

/// What one source cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceRun {
    /// The source.
    pub name: SourceName,
    /// Answers that needed no network.
    pub from_cache: usize,
    /// When the oldest of them was seen, in RFC 3339 UTC, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_seen: Option<String>,
    /// Answers that were downloaded.
    pub downloaded: usize,
    /// Requests sent.
    pub requests: u64,
    /// Bytes of bodies read.
    pub bytes: u64,
    /// From the first request to the last answer, in milliseconds.
    pub ms: u64,
}

impl Report {
    /// Returns the report of `comparisons`, which `judgement` judged with the tallies of `sources`. It is complete, and what
    /// is unverified in it fails the audit.
    pub fn new(
        gosum: &'static str,
        comparisons: Vec<Comparison>,
        sources: &[SourceName],
        judgement: Judgement,
        diff: String,
    ) -> Report {
        let (lines, agree) = sums::both_answered(&comparisons);
        let (verdict, left_out) = (judgement.verdict(), judgement.left_out);
        let row = |(name, tally): (&SourceName, &Tally)| SourceRow {
            name: name.clone(),
            lines: tally.lines(),
            agree: tally.agree,
            differ: tally.differ,
            unanswered: tally.unanswered,
            not_asked: tally.not_asked,
        };
        let judged =
            |((comparison, verdict), allowed): ((Comparison, Option<Verdict>), Option<Arc<Allowed>>)| {
                let rules_left_out =
                    left_out.get(&comparison.subject).into_iter().flatten().copied().collect();
                let via = Vec::new();
                verdict.map(|verdict| Judged { comparison, via, verdict, allowed, rules_left_out })
            };
        Report {
            schema: SCHEMA,
            gosum,
            verdict,
            complete: true,
            base: None,
            graph_incomplete: false,
            counts: judgement.counts,
            sources: sources.iter().zip(&judgement.tallies).map(row).collect(),
            artifacts: {
                let verdicts = comparisons.into_iter().zip(judgement.verdicts);
                verdicts.zip(judgement.allowed).filter_map(judged).collect()
            },
            fail_on: judgement.fail_on,
            unverified: Unverified::Fail,
            findings: judgement.findings,
            diff,
            both: BothAnswered { lines, agree },
            run: None,
        }
    }

    /// Notes that of what the project needs only a part is known. What it needs beside is not verified.
    pub fn note_incomplete_graph(&mut self) {
        self.graph_incomplete = true;
        if self.verdict == Verdict::Verified {
            self.verdict = Verdict::Unverified;
        }
    }

    /// Returns whether something could not be told that no allowance covers.
    pub fn is_untold(&self) -> bool {
        self.counts.untold > 0 || self.graph_incomplete
    }
}

/// A report as JSON shows it, but for its artifacts.
#[derive(Debug, Clone, Copy)]
pub struct WithoutArtifacts<'r>(pub &'r Report);

impl Serialize for WithoutArtifacts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Report {
            schema,
            gosum,
            verdict,
            complete,
            base,
            graph_incomplete,
            counts,
            sources,
            artifacts: _,
            findings,
            fail_on,
            unverified,
            diff,
            both,
            run,
        } = self.0;
        let mut out = serializer.serialize_struct("Report", 14)?;
        out.serialize_field("schema", schema)?;
        out.serialize_field("gosum", gosum)?;
        out.serialize_field("verdict", verdict)?;
        out.serialize_field("complete", complete)?;
        match base {
            Some(base) => out.serialize_field("base", base)?,
            None => out.skip_field("base")?,
        }
        match graph_incomplete {
            true => out.serialize_field("graph_incomplete", graph_incomplete)?,
            false => out.skip_field("graph_incomplete")?,
        }
        out.serialize_field("counts", counts)?;
        out.serialize_field("sources", sources)?;
        out.serialize_field("findings", findings)?;
        out.serialize_field("fail_on", fail_on)?;
        out.serialize_field("unverified", unverified)?;
        out.serialize_field("diff", diff)?;
        out.serialize_field("both", both)?;
        match run {
            Some(run) => out.serialize_field("run", run)?,
            None => out.skip_field("run")?,
        }
        out.end()
    }
}

impl Serialize for Judged {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        JudgedForm::from(self).serialize(serializer)
    }
}

/// One answer as JSON shows it.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a Evidence);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        AnswerForm::from(self.0).serialize(serializer)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FindingForm::from(self).serialize(serializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Finding {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        FindingForm::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        FindingForm::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Answer;
    use crate::judge::judge;
    use crate::policy::{Date, Policy};
    use crate::rule::Case;
    use crate::sample::{comparison, hash, sum};

    #[test]
    fn json_has_the_documented_form() {
        let comparisons = vec![comparison(Some(hash("a")), hash("a"), Answer::Absent("no such tag".into()))];
        let sources = [SourceName::PROXY, SourceName::DIRECT];
        let today = Date::parse("2026-11-26").unwrap();
        let judgement = judge(
            &Case { comparisons: &comparisons, ..Case::default() },
            &sources,
            &Policy::plain(sources.to_vec(), today),
        );
        let report = Report::new("0.0.0", comparisons, &sources, judgement, String::new());
        let json = serde_json::to_value(&report).unwrap();
        let h1 = sum("a").to_string();
        let expected = serde_json::json!({
            "schema": 1, "gosum": "0.0.0", "verdict": "unverified", "complete": true,
            "counts": {"verified_both": 0, "verified_proxy_only": 0, "verified_direct_only": 0, "mismatch": 0,
                       "unverified": 1, "allowed": 0, "left_out": 0, "untold": 1},
            "sources": [
                {"name": "proxy", "lines": 1, "agree": 1, "differ": 0, "unanswered": 0, "not_asked": 0},
                {"name": "direct", "lines": 1, "agree": 0, "differ": 0, "unanswered": 1, "not_asked": 0}],
            "artifacts": [{
                "module": "example.com/colors", "version": "v1.2.0", "artifact": "zip",
                "at": [{"file": "go.sum", "line": 3}], "verdict": "unverified",
                "answers": {
                    "go.sum": {"answer": "hash", "h1": h1, "defects": []},
                    "proxy": {"answer": "hash", "h1": h1, "defects": []},
                    "direct": {"answer": "absent", "reason": "no such tag"}}}],
            "findings": [], "fail_on": "deny", "unverified": "fail", "diff": "", "both": {"lines": 0, "agree": 0},
        });
        assert_eq!(json, expected);
    }
}
