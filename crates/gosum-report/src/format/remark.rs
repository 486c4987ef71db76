//! What a reader must see of a report, one by one, for formats that show lists: findings, artifacts that could not be told,
//! and what is so of the whole.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Evidence, SourceName};
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::lint::{Lint, Untold};
use gosum_evidence::policy::Unverified;
use gosum_evidence::report::{Judged, Report};
use gosum_evidence::rule::{self, RuleInfo};
use gosum_evidence::subject::{Location, Subject};
use gosum_evidence::verdict::Verdict;
use gosum_mod::hash::sha256::sha256;

use super::headline::{GRAPH_INCOMPLETE, PARTIAL};
use super::shown::{of, silent, word};
use crate::escape::terminal;
use crate::hex;

/// How much a remark weighs. Ordered from heavy to light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Error,
    Warning,
    Note,
}

impl From<Level> for Weight {
    fn from(level: Level) -> Weight {
        match level {
            Level::Deny => Weight::Error,
            Level::Warn => Weight::Warning,
            Level::Note => Weight::Note,
        }
    }
}

/// One thing to see.
#[derive(Debug)]
pub(super) struct Remark<'r> {
    pub(super) kind: Kind,
    pub(super) weight: Weight,
    /// What it is: the code of a rule, or of one of [`OWN`].
    pub(super) code: &'static str,
    /// The artifact it is about, where it is about one.
    pub(super) subject: Option<&'r Subject>,
    /// The answers on it, where it was judged.
    pub(super) comparison: Option<&'r Comparison>,
    pub(super) at: &'r [Location],
    pub(super) message: String,
    /// What to do next, in one line.
    pub(super) help: Cow<'static, str>,
}

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The whole report.
    Whole,
    /// What a rule found.
    Finding,
    /// An artifact that could not be told.
    Unverified,
    /// An artifact on which sources differ, and of which the user wants no finding.
    Mismatch,
}

/// What to do where a lint could not tell.
pub(crate) const UNTOLD_HELP: &str = "`--fetch` reads go.mod files from the module proxy; `go mod download all` puts them into the module cache; `--no-graph` does without";

/// The codes that are not those of rules.
pub(super) static OWN: [RuleInfo; 4] = [
    RuleInfo {
        code: "interrupted",
        level: Some(Level::Deny),
        least: Some(Level::Deny),
        help: "run the audit to its end",
        page: "# `interrupted`\n\nThe audit was interrupted. What was not answered by then is unverified, and says nothing.\n",
    },
    RuleInfo {
        code: "mismatch",
        level: Some(Level::Note),
        least: Some(Level::Note),
        help: "the rule that would say more is switched off; `gosum explain MODULE@VERSION` shows what differs",
        page: "# `mismatch`\n\nSources differ on an artifact, and the user has switched off the rule that finds it.\n",
    },
    RuleInfo {
        code: "untold",
        level: Some(Level::Deny),
        least: Some(Level::Deny),
        help: UNTOLD_HELP,
        page: "# `untold`\n\nA go.mod of the module graph is not known, or the go command would come to another graph, so that it \
               could not be told which lines of go.sum are unneeded, or what lacks one. That is no finding, and no pass.\n",
    },
    RuleInfo {
        code: "unverified",
        level: Some(Level::Deny),
        least: Some(Level::Deny),
        help: "try again: what passes by itself goes; what lasts has a code, and can be accepted in gosum.toml",
        page: "# `unverified`\n\nA source that is required gave no hash, so that it could not be told whether the artifact is \
               what it should be. That is no finding, and no pass.\n\nWhat passes by itself, such as a timeout, is tried again \
               with the next audit. `--unverified warn` lets such artifacts pass, and shows them all the same.\n",
    },
];

impl<'r> Remark<'r> {
    /// Returns what is said, and of which artifact, on one line that is fit for a terminal.
    pub(super) fn text(&self) -> String {
        match self.subject {
            Some(subject) => terminal(&format!("{}: {}", subject.key(), self.message)).into_owned(),
            None => terminal(&self.message).into_owned(),
        }
    }

    /// Returns where it is; `nowhere`, if no line of a file is concerned.
    pub(super) fn place(&self, nowhere: &'r Location) -> &'r Location {
        self.at.first().unwrap_or(nowhere)
    }
}

/// Returns where to show what no line of a file is concerned by, for those who show nothing without a place: at the head of a
/// file that was audited; of a project without a go.sum, its go.mod.
pub(super) fn nowhere(report: &Report) -> Location {
    let files = report.artifacts.iter().flat_map(|judged| &judged.comparison.at);
    let file = files.map(|at| at.file.clone()).next();
    Location { file: file.unwrap_or_else(|| "go.mod".into()), line: 1 }
}

/// Returns what there is to see of `report`, the heavier first.
pub(super) fn remarks(report: &Report) -> Vec<Remark<'_>> {
    let judged: BTreeMap<&Subject, &Comparison> =
        report.artifacts.iter().map(|judged| (&judged.comparison.subject, &judged.comparison)).collect();
    let mut remarks = whole(report);
    remarks.extend(report.findings.iter().map(|finding| Remark {
        kind: Kind::Finding,
        weight: finding.level.into(),
        code: finding.code,
        subject: finding.subject.as_ref(),
        comparison: finding.subject.as_ref().and_then(|subject| judged.get(subject).copied()),
        at: &finding.at,
        message: finding.message.clone(),
        help: finding.help.clone(),
    }));
    remarks.extend(of(report, Verdict::Unverified).map(|judged| unverified(report, judged)));
    let found: BTreeSet<&Subject> =
        report.findings.iter().filter_map(|finding| finding.subject.as_ref()).collect();
    let quiet = of(report, Verdict::Mismatch).filter(|judged| !found.contains(&judged.comparison.subject));
    remarks.extend(quiet.map(|Judged { comparison, .. }| {
        let groups: Vec<String> =
            comparison.sums().iter().map(|(_, sources)| gosum_evidence::evidence::list(sources)).collect();
        let message = format!("the hashes differ: {}", groups.join(" against "));
        about(comparison, Kind::Mismatch, Weight::Note, own("mismatch"), message)
    }));
    remarks.sort_by_key(|remark| remark.weight);
    remarks
}

/// Returns what there is to see of `lint`, the heavier first. `nowhere` has, for each that could not be told, the head of its file.
pub(super) fn remarks_of_lint<'r>(lint: &'r Lint, nowhere: &'r [Location]) -> Vec<Remark<'r>> {
    let finding = |finding: &'r Finding| Remark {
        kind: Kind::Finding,
        weight: finding.level.into(),
        code: finding.code,
        subject: finding.subject.as_ref(),
        comparison: None,
        at: &finding.at,
        message: finding.message.clone(),
        help: finding.help.clone(),
    };
    let untold = |(untold, at): (&'r Untold, &'r Location)| Remark {
        kind: Kind::Unverified,
        weight: weigh(lint.unverified),
        code: own("untold").code,
        subject: None,
        comparison: None,
        at: std::slice::from_ref(at),
        message: untold.reason.clone(),
        help: UNTOLD_HELP.into(),
    };
    let mut remarks: Vec<Remark<'_>> = lint.findings.iter().map(finding).collect();
    remarks.extend(lint.untold.iter().zip(nowhere).map(untold));
    remarks.sort_by_key(|remark| remark.weight);
    remarks
}

/// Returns the head of the file of each thing that `lint` could not tell.
pub(super) fn heads(lint: &Lint) -> Vec<Location> {
    lint.untold.iter().map(|untold| Location { file: untold.file.clone(), line: 1 }).collect()
}

/// Returns a text for each of `remarks` that stays the same as long as it is about the same thing, wherever that stands in a
/// file: of the code, the artifact and the hashes that were given. No two are the same.
pub(super) fn fingerprints(remarks: &[Remark<'_>]) -> Vec<String> {
    let mut seen: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut one = |remark: &Remark<'_>| {
        let mut identity = identity(remark).join("\0").into_bytes();
        let before = seen.entry(identity.clone()).or_default();
        *before += 1;
        if *before > 1 {
            identity.extend(format!("\0{before}").bytes());
        }
        hex(&sha256(&identity))
    };
    remarks.iter().map(&mut one).collect()
}

fn identity(remark: &Remark<'_>) -> Vec<String> {
    let mut parts = vec![remark.code.to_owned()];
    match (remark.subject, remark.at.first()) {
        (Some(subject), _) => parts.push(subject.key()),
        // what is said of a line may have the numbers of lines in it
        (None, Some(at)) => {
            parts.push(at.file.to_string());
            parts.push(remark.message.chars().filter(|c| !c.is_ascii_digit()).collect());
        }
        (None, None) => {}
    }
    let sums = remark.comparison.iter().flat_map(|comparison| comparison.sums());
    let mut sums: Vec<String> = sums.map(|(sum, _)| sum.to_string()).collect();
    sums.sort();
    parts.extend(sums);
    parts
}

/// Returns what is to be said of the whole, where no single artifact says it.
fn whole(report: &Report) -> Vec<Remark<'_>> {
    let remark = |info: &'static RuleInfo, weight, message: &str| Remark {
        kind: Kind::Whole,
        weight,
        code: info.code,
        subject: None,
        comparison: None,
        at: &[],
        message: message.to_owned(),
        help: info.help_on(None),
    };
    let mut remarks = Vec::new();
    if !report.complete {
        remarks.push(remark(own("interrupted"), Weight::Error, PARTIAL));
    }
    if report.findings.iter().any(|finding| finding.level >= report.fail_on) {
        return remarks;
    }
    if report.graph_incomplete {
        remarks.push(remark(own("unverified"), weight(report), GRAPH_INCOMPLETE));
    }
    let beside = report.counts.untold.saturating_sub(report.counts.unverified);
    if beside > 0 {
        let message =
            format!("where sources differ, a source that is required gave no hash on {beside} of the lines");
        remarks.push(remark(own("unverified"), weight(report), &message));
    }
    remarks
}

/// Returns how much it weighs that something could not be told: as much as a finding where it fails the audit.
fn weight(report: &Report) -> Weight {
    weigh(report.unverified)
}

fn weigh(unverified: Unverified) -> Weight {
    match unverified {
        Unverified::Fail => Weight::Error,
        Unverified::Warn => Weight::Warning,
    }
}

fn unverified<'r>(report: &Report, Judged { comparison, .. }: &'r Judged) -> Remark<'r> {
    let silent = silent(comparison);
    let reason = |(source, Evidence { answer, .. }): &(&SourceName, &Evidence)| match answer.reason() {
        Some(reason) => format!("{source} {}: {reason}", word(answer)),
        None => format!("{source} {}", word(answer)),
    };
    let reasons: Vec<String> = silent.iter().map(reason).collect();
    let message = format!("could not be told: {}", reasons.join("; "));
    about(comparison, Kind::Unverified, weight(report), cause(&silent), message)
}

/// Returns the page of why there is no hash: of a lasting reason, where there is nothing that may pass by itself. Those who
/// recompute come before those who only record.
fn cause(silent: &[(&SourceName, &Evidence)]) -> &'static RuleInfo {
    let recompute = silent.iter().any(|(source, _)| source.recomputes());
    let mut told = silent.iter().filter(|(source, _)| source.recomputes() == recompute);
    let lasting = |evidence: &Evidence| {
        // a rule that finds something has said it already
        evidence.lasting.and_then(|why| rule::find(why.code())).filter(|info| info.level.is_none())
    };
    let first = told.next().and_then(|(_, evidence)| lasting(evidence));
    first.filter(|_| told.all(|(_, evidence)| lasting(evidence).is_some())).unwrap_or(own("unverified"))
}

fn about<'r>(
    comparison: &'r Comparison,
    kind: Kind,
    weight: Weight,
    info: &'static RuleInfo,
    message: String,
) -> Remark<'r> {
    Remark {
        kind,
        weight,
        code: info.code,
        subject: Some(&comparison.subject),
        comparison: Some(comparison),
        at: &comparison.at,
        message,
        help: info.help_on(Some(&comparison.subject)),
    }
}

fn own(code: &str) -> &'static RuleInfo {
    OWN.iter().find(|info| info.code == code).expect("it is one of the list")
}
