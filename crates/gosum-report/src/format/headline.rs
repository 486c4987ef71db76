//! What an audit comes to, in a line.

use gosum_evidence::diff::sums::proxy_path;
use gosum_evidence::evidence::{Evidence, SourceName};
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::lint::Lint;
use gosum_evidence::report::{Base, Report};
use gosum_mod::name::pseudo::rfc3339;

use crate::escape::terminal;

/// What is said of a report that is not complete.
pub(super) const PARTIAL: &str = "this report is partial; what was not answered by then is unverified";

/// What is said of a report with [`Report::graph_incomplete`].
pub(super) const GRAPH_INCOMPLETE: &str =
    "a part of the module graph could not be loaded; what only it needs is not listed, and unverified";

/// Returns how many lines there are and what became of them: what follows the verdict.
pub(super) fn headline(report: &Report) -> String {
    let counts = &report.counts;
    let mut parts = Vec::new();
    let mut part = |count: usize, what: &str| {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    };
    part(counts.mismatch, "differ");
    part(counts.unverified, "unverified");
    part(counts.verified_both, "verified by both paths");
    part(counts.verified_proxy_only, "verified by proxy only");
    part(counts.verified_direct_only, "verified by version control only");
    part(counts.verified_modcache_only, "verified by the module cache only");
    part(counts.verified_by_earlier, "of the verified by answers seen earlier");
    part(counts.allowed, "allowed");
    part(counts.left_out, "left out");
    match report.findings.iter().filter(|finding| is_about_a_line(finding)).count() {
        0 => {}
        1 => parts.push("1 bad line in go.sum".to_owned()),
        lines => parts.push(format!("{lines} bad lines in go.sum")),
    }
    if report.graph_incomplete {
        parts.push("graph incomplete".to_owned());
    }
    let what = if parts.is_empty() { "nothing to verify".to_owned() } else { parts.join(", ") };
    format!("{}: {what}", plural(counts.judged(), "line", "lines"))
}

/// Returns what a lint comes to: what follows its verdict.
pub(crate) fn lint_headline(lint: &Lint) -> String {
    let lines: usize = lint.files.iter().map(|linted| linted.lines).sum();
    let mut parts = vec![plural(lines, "line", "lines")];
    if lint.files.len() > 1 {
        parts[0] += &format!(" in {} files", lint.files.len());
    }
    for level in [Level::Deny, Level::Warn, Level::Note] {
        let count = lint.findings.iter().filter(|finding| finding.level == level).count();
        if count > 0 {
            parts.push(format!("{count} {level}"));
        }
    }
    if !lint.untold.is_empty() {
        parts.push("not all could be told".to_owned());
    }
    parts.join(", ")
}

/// Returns which lines alone are audited, before the name of what they are held against.
pub(super) fn since(report: &Report) -> Option<(&'static str, &Base)> {
    let words = match report.counts.judged() {
        0 => "no line added or changed since",
        _ => "only lines added or changed since",
    };
    report.base.as_ref().map(|base| (words, base))
}

/// Returns the source of the proxy path, where it was asked and version control too: on how many lines they agree is worth
/// a line then.
pub(super) fn asked_both(report: &Report) -> Option<SourceName> {
    let proxy = proxy_path(report.sources.iter().map(|source| &source.name));
    let is_asked = |name: &SourceName| {
        report.sources.iter().any(|source| source.name == *name && source.not_asked < source.lines)
    };
    (is_asked(&proxy) && is_asked(&SourceName::DIRECT)).then_some(proxy)
}

/// Returns on how many of the lines that both paths answered they agree, where both were asked.
pub(super) fn both(report: &Report) -> Option<String> {
    let (both, proxy) = (report.both, asked_both(report)?);
    let proxy = terminal(proxy.as_str());
    Some(format!("{proxy} = direct on {} of {} lines that both answered", both.agree, both.lines))
}

/// Returns which sources answered from what the store saw earlier than the user has answers be, and why, a line each.
pub(super) fn earlier(report: &Report) -> Vec<String> {
    let line = |name: &SourceName| {
        let answers = report.artifacts.iter().filter_map(|judged| judged.comparison.answers.get(name));
        let outdated: Vec<_> = answers.filter_map(Evidence::outdated).collect();
        let (oldest, why) = outdated.iter().min_by_key(|(time, _)| *time)?;
        let count = plural(outdated.len(), "answer was seen earlier", "answers were seen earlier");
        let text =
            format!("{name}: {count}, the oldest at {}, and not asked for again: {why}", rfc3339(*oldest));
        Some(terminal(&text).into_owned())
    };
    report.sources.iter().filter_map(|source| line(&source.name)).collect()
}

/// Returns the table of the sources, its head first.
pub(super) fn table(report: &Report) -> Vec<Vec<String>> {
    let mut head = vec!["source", "lines"];
    if report.run.is_some() {
        head.extend(["from cache", "downloaded"]);
    }
    head.extend(["agree", "differ", "unanswered", "not asked"]);
    let mut rows = vec![head.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    for source in &report.sources {
        let mut row = vec![terminal(source.name.as_str()).into_owned(), source.lines.to_string()];
        let run = report.run.iter().flat_map(|run| &run.sources).find(|run| run.name == source.name);
        row.extend(
            run.iter().flat_map(|run| [run.from_cache, run.downloaded]).map(|count| count.to_string()),
        );
        row.extend(
            [source.agree, source.differ, source.unanswered, source.not_asked].map(|count| count.to_string()),
        );
        rows.push(row);
    }
    rows
}

fn is_about_a_line(finding: &Finding) -> bool {
    finding.code.starts_with("go-sum-") && finding.code != "go-sum-differs"
}

pub(crate) fn plural(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
