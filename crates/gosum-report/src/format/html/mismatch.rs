//! What differs: the hashes side by side, who stands by which, and what the rules say.

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Answer, Evidence, SourceName, Sum, list};
use gosum_evidence::finding::Finding;
use gosum_evidence::report::{Judged, Report};
use gosum_evidence::verdict::Verdict;
use maud::{Markup, html};

use super::shown::{self, Shown, finding, origin, places};
use crate::format::shown::{answers, by_subject, of};

/// Returns what differs and is not allowed.
pub(super) fn all(report: &Report) -> impl Iterator<Item = &Judged> {
    of(report, Verdict::Mismatch)
}

/// Returns the part of the page on it; nothing where there is none.
pub(super) fn section(report: &Report) -> Markup {
    let findings = by_subject(report);
    html! {
        @if all(report).next().is_some() {
            section id="mismatches" aria-labelledby="mismatches-title" {
                h2 id="mismatches-title" { "Mismatches" }
                @for (number, judged) in all(report).enumerate() {
                    @let findings = findings.get(&judged.comparison.subject).map_or(&[][..], Vec::as_slice);
                    (mismatch(number + 1, judged, findings, report))
                }
            }
        }
    }
}

fn mismatch(number: usize, judged: &Judged, findings: &[&Finding], report: &Report) -> Markup {
    let Judged { comparison, via, rules_left_out, .. } = judged;
    let id = format!("mismatch-{number}");
    let groups = comparison.sums();
    let odd = comparison.odd_one_out();
    let silent: Vec<_> =
        answers(comparison, report).filter(|(_, evidence)| evidence.answer.sum().is_none()).collect();
    html! {
        article id=(id) aria-labelledby={ (id) "-title" } {
            h3 id={ (id) "-title" } { (Shown(&comparison.subject.key())) }
            @if !comparison.at.is_empty() { p.places { (places(&comparison.at)) } }
            @if !via.is_empty() { p.places { (shown::via(via)) } }
            div.hashes {
                @for (sum, names) in &groups {
                    (hash(comparison, sum, names, odd, groups.len() > 1))
                }
                @if !silent.is_empty() { (without_hash(&silent)) }
            }
            @if groups.len() > 1 && odd.is_none() {
                p { "No source stands alone here: from the hashes, nobody can tell which one is right." }
            }
            @for rule in rules_left_out { p { code { (rule) } ": left out, since its level is " code { "allow" } } }
            @for about in findings { div.finding { (finding(about)) } }
            @if !findings.iter().any(|finding| finding.help.contains("gosum explain")) {
                p { "See which files and lines differ: " code { "gosum explain " (Shown(&comparison.subject.module.to_string())) } }
            }
        }
    }
}

/// Returns one of the hashes, with those who gave it.
fn hash(
    comparison: &Comparison,
    sum: &Sum,
    names: &[&SourceName],
    odd: Option<&SourceName>,
    differ: bool,
) -> Markup {
    let stands_alone = odd.is_some_and(|odd| names == [odd]);
    let verdict = match (stands_alone, odd, differ) {
        (true, _, _) => Some("stands alone"),
        (false, None, true) => Some("differs"),
        _ => None,
    };
    html! {
        div.hash data-tone=[verdict.map(|_| "bad")] {
            h4 {
                (Shown(&list(names)))
                @if let Some(verdict) = verdict { " " span.tag data-tone="bad" { (verdict) } }
            }
            p { code.sum { (Shown(&sum.to_string())) } }
            ul {
                @for name in names {
                    @if let Some(evidence) = comparison.answers.get(name) {
                        li { strong { (Shown(name.as_str())) } (given(name, evidence)) }
                    }
                }
            }
        }
    }
}

/// Returns where a hash came from, in words where a source alone does not say it.
fn given(name: &SourceName, evidence: &Evidence) -> Markup {
    html! {
        @if name.recomputes() { ": recomputed from" } @else { ": recorded" }
        (origin(evidence))
    }
}

/// Returns the answers of those who gave no hash.
fn without_hash(silent: &[(&SourceName, &Evidence)]) -> Markup {
    let is_untrusted = |evidence: &Evidence| matches!(evidence.answer, Answer::Untrusted(_));
    let any = silent.iter().any(|(_, evidence)| is_untrusted(evidence));
    html! {
        div.hash data-tone=[any.then_some("bad")] {
            h4 {
                "No hash"
                @if any { " " span.tag data-tone="bad" { "must not be believed" } }
            }
            ul {
                @for (name, evidence) in silent {
                    li {
                        strong { (Shown(name.as_str())) } ": "
                        @if is_untrusted(evidence) { strong { (evidence.answer.word()) } }
                        @else { (evidence.answer.word()) }
                        (origin(evidence))
                    }
                }
            }
        }
    }
}
