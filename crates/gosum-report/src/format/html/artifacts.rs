//! The table of all artifacts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use gosum_evidence::compare::{Comparison, Standing};
use gosum_evidence::evidence::{Answer, SourceName};
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::report::{Judged, Report};
use gosum_evidence::subject::Subject;
use gosum_evidence::verdict::{Counts, Verdict};
use gosum_mod::name::version::Version;
use maud::{Markup, html};

use super::shown::{self, Count, Shown, places};
use crate::format::shown::by_subject;

/// Writes the part of the page on them.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let table = Table::new(report);
    writeln!(
        out,
        "<section id=\"artifacts\" aria-labelledby=\"artifacts-title\">\n{}",
        html! {
            h2 id="artifacts-title" { "Artifacts" }
            (controls(&report.counts))
        }
        .0
    )?;
    writeln!(
        out,
        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"artifacts-title\" tabindex=\"0\"><table>{}<tbody>",
        table.head().0
    )?;
    let mut mismatches = 0;
    for judged in &report.artifacts {
        let is_shown = judged.verdict == Verdict::Mismatch && judged.allowed.is_none();
        mismatches += usize::from(is_shown);
        writeln!(out, "{}", table.row(judged, is_shown.then_some(mismatches)).0)?;
    }
    writeln!(out, "</tbody></table></div>\n{}</section>", more().0)
}

/// Returns what filters the table, out of sight until the script works.
fn controls(counts: &Counts) -> Markup {
    html! {
        div.controls role="search" aria-label="Filter artifacts" hidden {
            div {
                label for="filter-text" { "Filter" }
                input id="filter-text" type="search" autocomplete="off" spellcheck="false"
                    placeholder="module, version, hash, reason" aria-describedby="filter-help" aria-controls="artifacts";
            }
            div {
                label for="filter-verdict" { "Verdict" }
                select id="filter-verdict" aria-controls="artifacts" {
                    option value="" { "any" }
                    @for count in Count::shown(counts) { option value=(count.key()) { (count.words()) } }
                }
            }
            div {
                label for="filter-level" { "Level of findings" }
                select id="filter-level" aria-controls="artifacts" {
                    option value="" { "any" }
                    @for level in [Level::Deny, Level::Warn, Level::Note] { option value=(level) { (level) } }
                    option value="none" { "without findings" }
                }
            }
            button id="filter-clear" type="button" { "Clear" }
            p.help id="filter-help" { "All words must be in the row. Escape clears. A column's title sorts by it." }
        }
        p id="filter-shown" role="status" {
            "All are listed here. To filter and sort them takes the script of this page."
        }
    }
}

/// Returns what shows more rows, out of sight until the script has left some out.
fn more() -> Markup {
    html! {
        p.more id="more" hidden {
            button id="more-some" type="button" { "Show more" }
            " "
            button id="more-all" type="button" { "Show all" }
        }
    }
}

struct Table<'r> {
    /// Whose answers are columns, beside go.sum's.
    sources: Vec<&'r SourceName>,
    /// The place of each version among all, by which they are sorted.
    versions: BTreeMap<&'r Version, usize>,
    findings: BTreeMap<&'r Subject, Vec<&'r Finding>>,
}

impl<'r> Table<'r> {
    fn new(report: &'r Report) -> Table<'r> {
        let comparisons = || report.artifacts.iter().map(|judged| &judged.comparison);
        let mut sources: Vec<&SourceName> = report.sources.iter().map(|source| &source.name).collect();
        let answering: BTreeSet<&SourceName> =
            comparisons().flat_map(|comparison| comparison.asked()).map(|(name, _)| name).collect();
        let others: Vec<&SourceName> = answering.into_iter().filter(|name| !sources.contains(name)).collect();
        sources.extend(others);
        let versions: BTreeSet<&Version> =
            comparisons().map(|comparison| comparison.subject.module.version()).collect();
        let versions = versions.into_iter().enumerate().map(|(at, version)| (version, at)).collect();
        Table { sources, versions, findings: by_subject(report) }
    }

    fn head(&self) -> Markup {
        html! {
            thead {
                tr {
                    @for title in ["Module", "Version", "Artifact", "Verdict", "Findings", "go.sum"] {
                        th scope="col" { (title) }
                    }
                    @for source in &self.sources { th.source scope="col" { (Shown(source.as_str())) } }
                    th scope="col" { "Line" }
                }
            }
        }
    }

    /// Returns the row of `judged`, which may be a mismatch that is shown under a number.
    fn row(&self, judged: &Judged, number: Option<usize>) -> Markup {
        let Judged { comparison, via, .. } = judged;
        let Subject { module, artifact } = &comparison.subject;
        let count = Count::of(judged);
        let findings = self.findings.get(&comparison.subject).map_or(&[][..], Vec::as_slice);
        let level = findings.iter().map(|finding| finding.level).max();
        html! {
            tr data-verdict=(count.key()) data-level=[level] {
                th scope="row" {
                    (Shown(module.path().as_str()))
                    @if !via.is_empty() { " " small { (shown::via(via)) } }
                }
                td data-key=[self.versions.get(module.version())] { (Shown(module.version().as_str())) }
                td { (artifact) }
                td data-key=(count as usize) {
                    (count.tag())
                    @if let Some(number) = number { " " a href={ "#mismatch-" (number) } { "see" } }
                }
                td data-key=(3 - level.map_or(0, |level| level as usize + 1)) {
                    @for (at, finding) in findings.iter().enumerate() {
                        @if at > 0 { ", " }
                        (finding.level) " " code { (finding.code) }
                    }
                }
                td { (recorded(comparison)) }
                @for source in &self.sources { (answer(comparison, source)) }
                td.key { (places(&comparison.at)) }
            }
        }
    }
}

/// Returns what go.sum has.
fn recorded(comparison: &Comparison) -> Markup {
    html! {
        @match comparison.answer(&SourceName::GO_SUM) {
            Some(Answer::Hash { h1, .. }) => code.sum { (Shown(&h1.to_string())) },
            Some(answer) => {
                (answer.word())
                @if let Some(why) = answer.reason() { " " small { (Shown(&why)) } }
            }
            None => "no line",
        }
    }
}

/// Returns the cell of what `source` said.
fn answer(comparison: &Comparison, source: &SourceName) -> Markup {
    let Some(answer) = comparison.answer(source) else { return html! { td.source { "–" } } };
    let (word, tone) = match (comparison.standing(source), answer) {
        (_, Answer::Untrusted(_)) => ("untrusted", Some("bad")),
        (Some(Standing::Differs), _) => ("differs", Some("bad")),
        (Some(Standing::Agrees), answer) => ("agrees", (!answer.is_told()).then_some("warn")),
        (_, Answer::NotAsked(_)) => ("not asked", None),
        (_, answer) => (answer.word(), Some("warn")),
    };
    html! {
        td.source data-tone=[tone] {
            (word)
            @if let Answer::Hash { defects, .. } = answer {
                @for (defect, why) in defects { ", but " strong { (defect) } " " small { (Shown(why)) } }
            } @else if let Some(why) = answer.reason() {
                " " small { (Shown(&why)) }
            }
        }
    }
}
