//! The two go.sum sets side by side, where they differ.

use std::collections::BTreeSet;

use gosum_evidence::report::Report;
use maud::{Markup, html};

use super::shown::Shown;

/// One row of the two sets side by side.
#[derive(Debug, PartialEq, Eq)]
enum Row<'d> {
    /// The head of a hunk.
    Hunk(&'d str),
    /// A line that both have.
    Same(&'d str),
    /// A line that one has, or that both have with another hash.
    Changed(Option<&'d str>, Option<&'d str>),
}

/// Returns how many lines differ in a unified difference of two go.sum sets.
pub(super) fn changes(diff: &str) -> usize {
    rows(diff).iter().filter(|row| matches!(row, Row::Changed(..))).count()
}

/// Returns the part of the page on the difference; nothing where there is none.
pub(super) fn section(report: &Report) -> Markup {
    let Some((old, new)) = names(&report.diff) else { return html! {} };
    html! {
        section id="difference" aria-labelledby="difference-title" {
            h2 id="difference-title" { "Difference of the two go.sum sets" }
            p { "What the proxy gives, to the left, and what version control gives, over the lines that both answered." }
            div.scroll role="region" aria-labelledby="difference-title" tabindex="0" {
                table.diff {
                    thead { tr { th scope="col" { (Shown(old)) } th scope="col" { (Shown(new)) } } }
                    tbody { @for row in rows(&report.diff) { (shown(&row)) } }
                }
            }
        }
    }
}

/// Returns the names of the two sets.
fn names(diff: &str) -> Option<(&str, &str)> {
    let mut lines = diff.lines();
    Some((lines.next()?.strip_prefix("--- ")?, lines.next()?.strip_prefix("+++ ")?))
}

/// Returns the rows of `diff`, which goes by key: lines of one key are in one row.
fn rows(diff: &str) -> Vec<Row<'_>> {
    let (mut rows, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for line in diff.lines().skip(2) {
        match line.split_at_checked(1) {
            Some(("-", line)) => old.push(line),
            Some(("+", line)) => new.push(line),
            other => {
                join(&mut rows, &mut old, &mut new);
                rows.push(match other {
                    Some((" ", line)) => Row::Same(line),
                    _ => Row::Hunk(line),
                });
            }
        }
    }
    join(&mut rows, &mut old, &mut new);
    rows
}

/// Puts lines of a change into rows.
fn join<'d>(rows: &mut Vec<Row<'d>>, old: &mut Vec<&'d str>, new: &mut Vec<&'d str>) {
    let new_keys: BTreeSet<_> = new.iter().map(|line| key(line)).collect();
    let mut added = new.drain(..).peekable();
    for removed in old.drain(..) {
        if !new_keys.contains(&key(removed)) {
            rows.push(Row::Changed(Some(removed), None));
            continue;
        }
        while let Some(before) = added.next_if(|line| key(line) != key(removed)) {
            rows.push(Row::Changed(None, Some(before)));
        }
        rows.push(Row::Changed(Some(removed), added.next()));
    }
    rows.extend(added.map(|line| Row::Changed(None, Some(line))));
}

/// Returns what a line of a go.sum is about: its first two fields.
fn key(line: &str) -> (&str, &str) {
    let mut fields = line.splitn(3, ' ');
    (fields.next().unwrap_or(line), fields.next().unwrap_or(""))
}

fn shown(row: &Row<'_>) -> Markup {
    match row {
        Row::Hunk(head) => html! { tr.hunk { th scope="rowgroup" colspan="2" { code { (Shown(head)) } } } },
        Row::Same(line) => html! { tr { td { code { (Shown(line)) } } td { code { (Shown(line)) } } } },
        Row::Changed(old, new) => html! {
            tr.changed {
                td.old { @if let Some(line) = old { span.sign { "− " } code { (changed(line, *new, true)) } } }
                td.new { @if let Some(line) = new { span.sign { "+ " } code { (changed(line, *old, false)) } } }
            }
        },
    }
}

/// Returns a line in which the fields are marked that `other` has not; the whole line where there is no other.
fn changed(line: &str, other: Option<&str>, is_old: bool) -> Markup {
    let mark = |text: &str| {
        html! { @if is_old { del { (Shown(text)) } } @else { ins { (Shown(text)) } } }
    };
    let Some(other) = other else { return mark(line) };
    let mut others = other.split(' ');
    html! {
        @for (number, field) in line.split(' ').enumerate() {
            @if number > 0 { " " }
            @if others.next() == Some(field) { (Shown(field)) } @else { (mark(field)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_key_are_in_one_row() {
        let diff = "--- old\n+++ new\n@@ -1,4 +1,4 @@\n a v1 h1:x\n-b v1 h1:x\n-c v1 h1:x\n-f v1 h1:x\n+b v1 h1:y\n+d v1 h1:y\n+f v1 h1:y\n+g v1 h1:y\n";
        let (old, new) = (|line| Row::Changed(Some(line), None), |line| Row::Changed(None, Some(line)));
        let expected = [
            Row::Hunk("@@ -1,4 +1,4 @@"),
            Row::Same("a v1 h1:x"),
            Row::Changed(Some("b v1 h1:x"), Some("b v1 h1:y")),
            old("c v1 h1:x"),
            new("d v1 h1:y"),
            Row::Changed(Some("f v1 h1:x"), Some("f v1 h1:y")),
            new("g v1 h1:y"),
        ];
        assert_eq!(rows(diff), expected);
        assert_eq!((changes(diff), changes("")), (5, 0));
        assert_eq!((names(diff), names("")), (Some(("old", "new")), None));
    }

    #[test]
    fn what_differs_in_a_line_is_marked() {
        let line = |other| changed("a v1 h1:x", other, true).0;
        assert_eq!(line(Some("a v1 h1:y")), "a v1 <del>h1:x</del>");
        assert_eq!(line(None), "<del>a v1 h1:x</del>");
    }
}
