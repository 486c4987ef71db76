//! Markdown for a comment on a pull request, or the summary of a step: it keeps to a number of bytes, and says what is left out.
//!
//! The verdict comes first, then what differs, then what could not be told, so that what is cut is what matters least.

use std::collections::BTreeMap;
use std::io::{self, Write};

use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::report::{Base, Judged, Report};
use gosum_evidence::subject::{Location, Subject};
use gosum_evidence::verdict::Verdict;

use super::fold::{Fold, folds, missed, private_hosts};
use super::headline::{GRAPH_INCOMPLETE, PARTIAL, both, earlier, headline, plural, since, table};
use super::shown::{NAMED, answer, answers, by_subject, capped, of};
use super::{COMMENT, Format, Options};
use crate::escape::markdown::{block, cell, code};

/// How many lines of the difference of the two sets are shown.
const DIFF_LINES: usize = 300;
/// How many bytes the last line may take, which says what is left out.
const LAST: usize = 200;

pub(super) struct Markdown;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn render(&self, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let max = options.max_bytes.unwrap_or(COMMENT);
        let mut page = Page { text: String::new(), max: max.saturating_sub(LAST), left_out: 0 };
        page.add(&head(report));
        page.add(&sources(report));
        let named = if options.all { usize::MAX } else { NAMED };
        let found = by_subject(report);
        let mismatches = of(report, Verdict::Mismatch);
        // however much of one kind there is, the next is seen too
        page.section("mismatch", 60, mismatches.map(|judged| mismatch(judged, &found, report)));
        page.section("findings", 75, findings(report, named));
        page.section("unverified", 95, unverified(report, named));
        page.section("allowed", 100, allowed(report, named));
        if options.verbose {
            let verified = of(report, Verdict::Verified);
            page.section("verified", 100, verified.map(|judged| artifact(judged, report)));
        }
        page.diff(&report.diff);
        out.write_all(page.finish(max).as_bytes())
    }
}

/// What is written so far.
struct Page {
    text: String,
    /// How many bytes there is room for.
    max: usize,
    /// How many entries there was no room for.
    left_out: usize,
}

impl Page {
    /// Adds `piece` if there is room for it. Returns whether there was.
    fn add(&mut self, piece: &str) -> bool {
        self.add_within(self.max, piece)
    }

    fn add_within(&mut self, max: usize, piece: &str) -> bool {
        let fits = self.text.len() + piece.len() <= max;
        if fits {
            self.text.push_str(piece);
        }
        fits
    }

    /// Adds those of `entries` that there is room for, below a heading, until `share` hundredths of all room are taken.
    fn section(&mut self, heading: &str, share: usize, entries: impl IntoIterator<Item = impl Into<Entry>>) {
        let max = self.max / 100 * share;
        let mut heading = format!("\n### {heading}\n\n");
        for Entry { text, lines } in entries.into_iter().map(Into::into) {
            if !self.add_within(max, &format!("{heading}{text}")) {
                self.left_out += 1;
                continue;
            }
            heading.clear();
            self.left_out += lines.iter().filter(|line| !self.add_within(max, line)).count();
        }
    }

    /// Adds the difference of the two go.sum sets, folded, or as much of it as there is room for.
    fn diff(&mut self, diff: &str) {
        let lines: Vec<&str> = diff.lines().collect();
        let mut shown = lines.len().min(DIFF_LINES);
        while shown > 0 && !self.add(&folded(&lines, shown)) {
            shown /= 2;
        }
        self.left_out += usize::from(shown == 0 && !lines.is_empty());
    }

    fn finish(mut self, max: usize) -> String {
        if self.left_out > 0 {
            let entries = plural(self.left_out, "entry is", "entries are");
            let last = format!(
                "\n**{entries} left out**, for which there is no room in {max} bytes; other formats have all.\n"
            );
            self.text.push_str(&last);
        }
        self.text
    }
}

/// An entry of a list, and what is below it, of which each can be left out.
struct Entry {
    text: String,
    lines: Vec<String>,
}

impl From<String> for Entry {
    fn from(text: String) -> Entry {
        Entry { text, lines: Vec::new() }
    }
}

fn head(report: &Report) -> String {
    let mut text = format!("**{}**: {}\n", report.verdict, headline(report));
    if let Some((words, Base { name, commit, .. })) = since(report) {
        let commit = commit.as_ref().map(|commit| format!(" (commit {})", code(commit))).unwrap_or_default();
        text += &format!("\n{words} {}{commit}\n", code(name));
    }
    if !report.complete {
        text += &format!("\n**interrupted**: {PARTIAL}\n");
    }
    if report.graph_incomplete {
        text += &format!("\n**graph incomplete**: {GRAPH_INCOMPLETE}\n");
    }
    text
}

fn sources(report: &Report) -> String {
    let mut rows = table(report).into_iter();
    let head = rows.next().expect("a table has a head");
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let align = std::iter::once(":--").chain(std::iter::repeat_n("--:", head.len() - 1));
    let mut text = format!("\n{}{}", line(head.clone()), line(align.map(str::to_owned).collect()));
    for mut row in rows {
        row[0] = cell(&row[0]);
        text += &line(row);
    }
    text += &both(report).map(|both| format!("\n{}\n", code(&both))).unwrap_or_default();
    let below = earlier(report).into_iter().chain(missed(report));
    below.fold(text, |text, line| format!("{text}\n{}\n", code(&line)))
}

fn mismatch(judged: &Judged, found: &BTreeMap<&Subject, Vec<&Finding>>, report: &Report) -> String {
    let found = found.get(&judged.comparison.subject).into_iter().flatten();
    let found = found.map(|found| format!("  - {}", finding(found, "    ")));
    let left_out = judged.rules_left_out.iter();
    let left_out = left_out.map(|rule| format!("  - **{rule}**: left out, since its level is `allow`\n"));
    artifact(judged, report) + &left_out.chain(found).collect::<String>()
}

fn artifact(judged: &Judged, report: &Report) -> String {
    let comparison = &judged.comparison;
    let answers = answers(comparison, report)
        .map(|(source, evidence)| format!("  - {}: {}\n", code(source.as_str()), code(&answer(evidence))));
    format!("- {}\n{}", subject(&comparison.subject, &comparison.at), answers.collect::<String>())
}

/// Returns a finding, and below it, after `indent`, what to do.
fn finding(Finding { level, code: rule, message, help, .. }: &Finding, indent: &str) -> String {
    let level = if *level == Level::Deny { String::new() } else { format!("{level}: ") };
    // the advice is ours, and has code where it needs it
    format!("{level}**{rule}**: {}\\\n{indent}help: {help}\n", code(message))
}

/// Returns what the rules found on lines whose artifact is not shown as a mismatch.
fn findings(report: &Report, named: usize) -> Vec<String> {
    let (shown, more) = capped(report, named);
    let mut entries = Vec::new();
    for found in shown {
        let about = match &found.subject {
            Some(about) => subject(about, &found.at),
            None => places(&found.at),
        };
        entries.push(format!("- {about}\n  - {}", finding(found, "    ")));
    }
    entries.extend(more.into_iter().map(|(rule, more)| format!("- and {more} more of **{rule}**\n")));
    entries
}

fn unverified(report: &Report, named: usize) -> Vec<Entry> {
    let entry = |fold: Fold<'_>| {
        let named = fold.comparisons.iter().take(named);
        let mut lines: Vec<String> = named
            .map(|comparison| format!("  - {}\n", subject(&comparison.subject, &comparison.at)))
            .collect();
        let more = fold.comparisons.len() - lines.len();
        if more > 0 {
            lines.push(format!("  - and {more} more\n"));
        }
        Entry { text: format!("- {}\n", code(&fold.text())), lines }
    };
    let mut entries: Vec<Entry> = folds(report).into_iter().map(entry).collect();
    entries.extend(private_hosts(report).into_iter().map(|(host, modules)| {
        let setting = code(&format!("GOPRIVATE={host}/*"));
        format!("- help: no proxy has any of the {modules} modules of {}: private? {setting}\n", code(host))
            .into()
    }));
    entries
}

fn allowed(report: &Report, named: usize) -> Vec<String> {
    let allowed = report.artifacts.iter().filter_map(|judged| Some((judged, judged.allowed.as_ref()?)));
    let entry = |(Judged { comparison, .. }, allowed): (&Judged, &std::sync::Arc<_>)| {
        let gosum_evidence::judge::Allowed { at, reason, until } = &**allowed;
        let about = subject(&comparison.subject, &comparison.at);
        format!("- {about}: until {until}: {} ({})\n", code(reason), code(&at.to_string()))
    };
    let mut entries: Vec<String> = allowed.map(entry).collect();
    let more = entries.len().saturating_sub(named);
    entries.truncate(named);
    if more > 0 {
        entries.push(format!("- and {more} more\n"));
    }
    entries
}

fn folded(lines: &[&str], shown: usize) -> String {
    let more = match lines.len() - shown {
        0 => String::new(),
        more => format!("\nand {}\n", plural(more, "more line", "more lines")),
    };
    let block = block("diff", &lines[..shown]);
    format!("\n<details>\n<summary>The two go.sum sets</summary>\n\n{block}{more}\n</details>\n")
}

fn subject(subject: &Subject, at: &[Location]) -> String {
    let at = if at.is_empty() { String::new() } else { format!(" ({})", places(at)) };
    code(&subject.key()) + &at
}

fn places(at: &[Location]) -> String {
    at.iter().map(|at| code(&at.to_string())).collect::<Vec<_>>().join(", ")
}
