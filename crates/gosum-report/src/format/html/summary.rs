//! The top of the page: the verdict, in words and in numbers, and the sources side by side; and its foot.

use gosum_evidence::evidence::Answer;
use gosum_evidence::finding::Level;
use gosum_evidence::report::{Judged, Report, Run, SourceRow, SourceRun};
use gosum_evidence::verdict::Verdict;
use maud::{Markup, html};

use super::shown::{Count, Shown, lines};
use super::{diff, mismatch, unverified};
use crate::format::fold::missed;
use crate::format::headline::{GRAPH_INCOMPLETE, PARTIAL, asked_both, earlier, plural};
use crate::format::shown::others;

/// Returns the verdict, what it means, what of the go.sum it is about, and where to go on.
pub(super) fn header(report: &Report) -> Markup {
    let (tone, mark) = match report.verdict {
        Verdict::Mismatch => ("bad", "✕"),
        Verdict::Unverified => ("warn", "?"),
        Verdict::Verified => ("good", "✓"),
    };
    html! {
        a.skip href="#main" { "Skip to the report" }
        a.skip href="#artifacts" { "Skip to the artifacts" }
        header data-tone=(tone) {
            p.brand { "gosum audit" }
            h1 { span.mark aria-hidden="true" { (mark) } " " (report.verdict) }
            p.lead { (meaning(report)) }
            (notices(report))
            (counts(report))
            (contents(report))
        }
    }
}

/// Returns what the verdict means here.
fn meaning(report: &Report) -> String {
    let counts = &report.counts;
    let judged = counts.judged();
    match report.verdict {
        Verdict::Mismatch => {
            let is_untrusted = |judged: &&Judged| {
                let mut answers = judged.comparison.answers.iter();
                answers.any(|(_, evidence)| matches!(evidence.answer, Answer::Untrusted(_)))
            };
            let untrusted = match mismatch::all(report).filter(is_untrusted).count() {
                0 => String::new(),
                count => format!(" Answers on {} must not be believed.", lines(count)),
            };
            format!(
                "Sources differ on {} of {}.{untrusted} Look at each before you trust this go.sum.",
                counts.mismatch,
                lines(judged)
            )
        }
        Verdict::Unverified if counts.unverified > 0 => format!(
            "No hash differs, but {} of {} could not be told. What could not be told is not verified.",
            counts.unverified,
            lines(judged)
        ),
        Verdict::Unverified if failing(report) > 0 => {
            "No hash differs, but something that the rules found fails the audit.".to_owned()
        }
        Verdict::Unverified => "No hash differs, but not all that is needed is known.".to_owned(),
        Verdict::Verified if judged == 0 => "There was no line to verify.".to_owned(),
        Verdict::Verified if counts.allowed > 0 => format!(
            "Every line was recomputed and is the same everywhere, but for {} that {}.",
            lines(counts.allowed),
            if counts.allowed == 1 { "an allowance covers" } else { "allowances cover" }
        ),
        Verdict::Verified => "Every line was recomputed, and is the same everywhere.".to_owned(),
    }
}

/// Returns how many findings fail the audit.
fn failing(report: &Report) -> usize {
    report.findings.iter().filter(|finding| finding.level >= report.fail_on).count()
}

fn notices(report: &Report) -> Markup {
    let failing = failing(report);
    html! {
        @if !report.complete {
            p.notice data-tone="bad" {
                strong { "Interrupted: " }
                (PARTIAL) "."
            }
        }
        @if report.graph_incomplete {
            p.notice data-tone="warn" {
                strong { "Graph incomplete: " }
                (GRAPH_INCOMPLETE) "."
            }
        }
        @if let Some(base) = &report.base {
            p.notice data-tone="note" {
                @if report.counts.judged() == 0 { "No line added or changed since " }
                @else { "Only lines added or changed since " }
                code { (Shown(&base.name)) }
                @if let Some(commit) = &base.commit { " (commit " code { (Shown(commit)) } ")" }
                "."
            }
        }
        @for line in earlier(report).into_iter().chain(missed(report)) {
            p.notice data-tone="note" { (line) "." }
        }
        @if failing > 0 {
            p.notice data-tone="bad" {
                (plural(failing, "finding fails", "findings fail")) " the audit, which fails on " code { (report.fail_on) }
                @if report.fail_on < Level::Deny { " and above" }
                "."
            }
        }
    }
}

fn counts(report: &Report) -> Markup {
    let counts = &report.counts;
    html! {
        dl.counts {
            @for count in Count::shown(counts) {
                @let number = count.number(counts);
                div data-tone=[(number > 0).then(|| count.tone())] {
                    dt {
                        @if number > 0 { a href="#artifacts" data-show=(count.key()) { (count.words()) } }
                        @else { (count.words()) }
                    }
                    dd data-count=(count.key()) { (number) }
                }
            }
            @if counts.verified_by_earlier > 0 {
                div {
                    dt { "of the verified by answers seen earlier" }
                    dd data-count="verified_by_earlier" { (counts.verified_by_earlier) }
                }
            }
            div { dt { "left out" } dd data-count="left_out" { (counts.left_out) } }
        }
    }
}

/// Returns links to the parts that the page has.
fn contents(report: &Report) -> Markup {
    let parts = [
        ("mismatches", "Mismatches", mismatch::all(report).count()),
        ("findings", "Findings", others(report).len()),
        ("unverified", "Unverified", report.counts.unverified),
        ("allowed", "Allowed", unverified::passing(report).count()),
        ("difference", "Difference of the two go.sum sets", diff::changes(&report.diff)),
        ("artifacts", "Artifacts", report.artifacts.len()),
    ];
    html! {
        nav aria-label="Parts of the report" {
            ul {
                li { a href="#sources" { "Sources" } }
                @for (id, title, count) in parts {
                    @if count > 0 {
                        li { a href={ "#" (id) } { (title) " (" (count) ")" } }
                    }
                }
            }
        }
    }
}

/// Returns the sources side by side.
pub(super) fn sources(report: &Report) -> Markup {
    let cost =
        |row: &SourceRow| report.run.iter().flat_map(|run| &run.sources).find(|run| run.name == row.name);
    html! {
        section id="sources" aria-labelledby="sources-title" {
            h2 id="sources-title" { "Sources" }
            div.scroll role="region" aria-labelledby="sources-title" tabindex="0" {
                table.numbers {
                    caption { "On how many lines each source could have spoken, and how its answers stand" }
                    thead {
                        tr {
                            @for title in ["source", "lines", "agree", "differ", "unanswered", "not asked"] {
                                th scope="col" { (title) }
                            }
                            @if report.run.is_some() {
                                @for title in ["from cache", "downloaded", "requests", "read", "time"] {
                                    th scope="col" { (title) }
                                }
                            }
                        }
                    }
                    tbody {
                        @for row in &report.sources {
                            tr {
                                th scope="row" { (Shown(row.name.as_str())) }
                                td { (row.lines) }
                                td { (row.agree) }
                                td data-tone=[(row.differ > 0).then_some("bad")] { (row.differ) }
                                td data-tone=[(row.unanswered > 0).then_some("warn")] { (row.unanswered) }
                                td { (row.not_asked) }
                                @if report.run.is_some() { (costs(cost(row))) }
                            }
                        }
                    }
                }
            }
            @if let Some(proxy) = asked_both(report) {
                p {
                    (Shown(proxy.as_str())) " and direct agree on " strong { (report.both.agree) } " of "
                    strong { (report.both.lines) } " lines that both answered."
                }
            }
        }
    }
}

fn costs(run: Option<&SourceRun>) -> Markup {
    html! {
        @if let Some(run) = run {
            td { (run.from_cache) }
            td { (run.downloaded) }
            td { (run.requests) }
            td { (bytes(run.bytes)) }
            td { (time(run.ms)) }
        } @else {
            td colspan="5" { "not known" }
        }
    }
}

/// Returns who made the page, and what the audit took.
pub(super) fn footer(report: &Report) -> Markup {
    html! {
        footer {
            p {
                "Made by gosum " (report.gosum)
                @if let Some(Run { ms, .. }) = &report.run { " in an audit of " (time(*ms)) }
                ". A line is " em { "verified" } " when every required source gave the recorded hash; "
                em { "mismatch" } " when two hashes differ, or an answer must not be believed; else "
                em { "unverified" } "."
            }
        }
    }
}

fn bytes(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["B", "kB", "MB"] {
        if size < 1000.0 {
            return if unit == "B" { format!("{count} B") } else { format!("{size:.1} {unit}") };
        }
        size /= 1000.0;
    }
    format!("{size:.1} GB")
}

fn time(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{:.1} s", ms as f64 / 1000.0),
        _ => format!("{} min {} s", ms / 60_000, ms / 1000 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        for (count, text) in
            [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2_000_000, "2.0 MB"), (1 << 40, "1099.5 GB")]
        {
            assert_eq!(bytes(count), text);
        }
        for (ms, text) in
            [(0, "0 ms"), (999, "999 ms"), (1500, "1.5 s"), (61_000, "1 min 1 s"), (3_600_000, "60 min 0 s")]
        {
            assert_eq!(time(ms), text);
        }
    }
}
