//! Annotations for the workflows of GitHub: commands on standard output, each on a line.
//!
//! Of one step, ten errors, ten warnings and ten notices are shown, and the rest is thrown away without a word. So no more are
//! written, and a last notice counts what is left out.

use std::collections::BTreeMap;
use std::io::{self, Write};

use gosum_evidence::lint::Lint;
use gosum_evidence::report::Report;
use gosum_evidence::subject::Location;

use super::headline::{headline, lint_headline, plural};
use super::remark::{Remark, Weight, heads, nowhere, remarks, remarks_of_lint};
use super::{Format, Options};
use crate::escape::terminal;
use crate::escape::uri::relative;

/// How many annotations of one kind are shown.
const MOST: usize = 10;

pub(super) struct Github;

impl Format for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn render(&self, report: &Report, _options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let nowhere = nowhere(report);
        annotations(&remarks(report), &nowhere, &report.verdict.to_string(), headline(report), out)
    }
}

/// Writes the annotations of a lint.
pub(crate) fn of_lint(lint: &Lint, out: &mut dyn Write) -> io::Result<()> {
    let heads = heads(lint);
    let file = lint.files.first().map_or_else(|| "go.sum".into(), |linted| linted.file.clone());
    let nowhere = Location { file, line: 1 };
    annotations(&remarks_of_lint(lint, &heads), &nowhere, &lint.verdict.to_string(), lint_headline(lint), out)
}

/// Writes `remarks`, and a last notice with what they come to.
fn annotations(
    remarks: &[Remark<'_>],
    nowhere: &Location,
    verdict: &str,
    headline: String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut seen: BTreeMap<Weight, usize> = BTreeMap::new();
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    for remark in remarks {
        let seen = seen.entry(remark.weight).or_default();
        *seen += 1;
        // the last notice is one too
        if *seen <= MOST - usize::from(remark.weight == Weight::Note) {
            let at = remark.place(nowhere);
            let title = format!("gosum: {}", remark.code);
            let place = format!("file={},line={},", property(&relative(&at.file)), at.line.max(1));
            let text = [remark.text(), format!("help: {}", remark.help)];
            annotate(out, command(remark), &place, &title, &text)?;
        } else {
            *left_out.entry(remark.code).or_default() += 1;
        }
    }
    let mut text = vec![headline];
    if !left_out.is_empty() {
        let all: usize = left_out.values().sum();
        let codes: Vec<String> = left_out.iter().map(|(code, count)| format!("{count} of {code}")).collect();
        let not_shown = plural(all, "more annotation is not shown", "more annotations are not shown");
        text.push(format!("{not_shown}: {}", codes.join(", ")));
    }
    annotate(out, "notice", "", &format!("gosum: {verdict}"), &text)
}

fn command(remark: &Remark<'_>) -> &'static str {
    match remark.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Note => "notice",
    }
}

fn annotate(out: &mut dyn Write, command: &str, place: &str, title: &str, text: &[String]) -> io::Result<()> {
    let lines: Vec<String> = text.iter().map(|line| message(line)).collect();
    writeln!(out, "::{command} {place}title={}::{}", property(title), lines.join("%0A"))
}

/// Returns a line as the text of a command.
fn message(line: &str) -> String {
    terminal(line).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Returns a value as a property of a command.
fn property(value: &str) -> String {
    message(value).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_property_or_a_command() {
        assert_eq!(
            property("a,b:c%\n::error::x"),
            "a%2Cb%3Cc%25\\u{a}%3A%3Aerror%3A%3Ax".replace("%3Cc", "%3Ac")
        );
        assert_eq!(message("50%: a,b\r\u{1b}"), "50%25: a,b\\u{d}\\u{1b}");
    }
}
