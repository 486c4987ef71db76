//! What of an artifact is shown, and in which order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Answer, Evidence, SourceName};
use gosum_evidence::finding::Finding;
use gosum_evidence::report::{Judged, Report};
use gosum_evidence::subject::Subject;
use gosum_evidence::verdict::Verdict;
use gosum_mod::name::pseudo::rfc3339;

/// How many lines of a fold, or findings of a code, are named, unless all are.
pub(super) const NAMED: usize = 3;

/// Returns the artifacts with this verdict that no allowance covers.
pub(super) fn of(report: &Report, verdict: Verdict) -> impl Iterator<Item = &Judged> {
    report.artifacts.iter().filter(move |judged| judged.verdict == verdict && judged.allowed.is_none())
}

/// Returns the answers of a comparison: what is recorded first, of go.sum and of the checksum database, then those that
/// recompute, in the order in which the report has them.
pub(super) fn answers<'c>(
    comparison: &'c Comparison,
    report: &Report,
) -> impl Iterator<Item = (&'c SourceName, &'c Evidence)> + use<'c> {
    let mut answers: Vec<_> = comparison.answers.iter().collect();
    answers.sort_by_key(|(name, _)| {
        let at = report.sources.iter().position(|source| source.name == **name);
        (**name != SourceName::GO_SUM, name.recomputes(), at)
    });
    answers.into_iter()
}

/// Returns what the rules found on each artifact.
pub(super) fn by_subject(report: &Report) -> BTreeMap<&Subject, Vec<&Finding>> {
    let mut found: BTreeMap<&Subject, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        if let Some(subject) = &finding.subject {
            found.entry(subject).or_default().push(finding);
        }
    }
    found
}

/// Returns what the rules found that is not about an artifact which is shown as a mismatch.
pub(super) fn others(report: &Report) -> Vec<&Finding> {
    let shown: BTreeSet<&Subject> =
        of(report, Verdict::Mismatch).map(|judged| &judged.comparison.subject).collect();
    let is_shown =
        |finding: &Finding| finding.subject.as_ref().is_some_and(|subject| shown.contains(subject));
    report.findings.iter().filter(|finding| !is_shown(finding)).collect()
}

/// Returns those of [`others`] that are named, `named` of each code at most, and of which codes there are how many more.
pub(super) fn capped(report: &Report, named: usize) -> (Vec<&Finding>, Vec<(&'static str, usize)>) {
    let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut shown = others(report);
    shown.retain(|finding| {
        let seen = seen.entry(finding.code).or_default();
        *seen += 1;
        *seen <= named
    });
    let more =
        |(code, seen): (&'static str, usize)| Some((code, seen.checked_sub(named).filter(|more| *more > 0)?));
    (shown, seen.into_iter().filter_map(more).collect())
}

/// Returns the answers that do not verify the artifact. That a source has a part alone, or was not asked, is no reason where
/// another one has one.
pub(super) fn silent(comparison: &Comparison) -> Vec<(&SourceName, &Evidence)> {
    let silent = || comparison.answers.iter().filter(|(_, evidence)| !evidence.answer.votes());
    let rank = |evidence: &Evidence| match &evidence.answer {
        Answer::NotAsked(_) => 2,
        answer if answer.is_told() => 1,
        _ => 0,
    };
    let first = silent().map(|(_, evidence)| rank(evidence)).min();
    silent().filter(|(_, evidence)| Some(rank(evidence)) == first).collect()
}

/// Returns the word for an answer, or what is wrong with a hash.
pub(super) fn word(answer: &Answer) -> String {
    match answer {
        Answer::Hash { defects, .. } => {
            defects.iter().map(|(defect, _)| defect.to_string()).collect::<Vec<_>>().join(", ")
        }
        answer => answer.word().to_owned(),
    }
}

/// Returns an answer and where it came from, on one line.
pub(super) fn answer(evidence: &Evidence) -> String {
    let Evidence { answer, origin, .. } = evidence;
    let mut text = match answer {
        Answer::Hash { h1, .. } => h1.to_string(),
        answer => answer.word().to_owned(),
    };
    let mut part = |before: &str, what: &Option<Arc<str>>, after: &str| {
        if let Some(what) = what {
            text = format!("{text}{before}{what}{after}");
        }
    };
    part("  ", &origin.from, "");
    part(" (rewritten from ", &origin.asked_for, ")");
    part("  ", &origin.reference, "");
    part("  commit ", &origin.commit, "");
    part("  the content of commit ", &origin.content_of, "");
    if let Some((time, why)) = evidence.outdated() {
        text = format!("{text}  (seen {}; not asked for again: {why})", rfc3339(time));
    }
    match (answer, answer.reason()) {
        (Answer::Hash { defects, .. }, _) => {
            defects.iter().fold(text, |text, (defect, why)| format!("{text}  ({defect}: {why})"))
        }
        (_, Some(why)) => format!("{text}  ({why})"),
        (_, None) => text,
    }
}
