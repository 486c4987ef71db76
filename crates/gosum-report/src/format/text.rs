//! Text for people: the verdict, the table, what differs, then what could not be told.

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::Style;
use gosum_evidence::evidence::{CommitSaid, Evidence, SourceName};
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::judge::Allowed;
use gosum_evidence::report::{Base, Judged, Report};
use gosum_evidence::subject::{Location, Subject};
use gosum_evidence::verdict::Verdict;

use super::fold::{Fold, folds, missed, private_hosts};
use super::headline::{GRAPH_INCOMPLETE, PARTIAL, both, earlier, headline, plural, since, table};
use super::shown::{self, NAMED, answers, by_subject, capped, of};
use super::{Format, Options};
use crate::escape::terminal;
use crate::paint::{BAD, GOOD, WARN, paint};

/// How many rows what is unverified may take before its lines are not named.
const SCREEN: usize = 24;
/// How many causes are shown then.
const ROWS: usize = 20;
/// How wide a row is then.
const WIDTH: usize = 120;
/// The least width of the names of sources.
const NAME: usize = 7;

pub(super) struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn render(&self, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let names = report.sources.iter().map(|source| terminal(source.name.as_str()).len());
        let name = names.fold(NAME, usize::max);
        let mut page = Page { out, options, name };
        page.headline(report)?;
        page.table(report)?;
        page.mismatches(report)?;
        page.line_findings(report)?;
        page.unverified(report)?;
        page.allowed(report)?;
        if options.verbose {
            page.verified(report)?;
        }
        Ok(())
    }
}

struct Page<'a> {
    out: &'a mut dyn Write,
    options: &'a Options,
    /// The width of the names of sources.
    name: usize,
}

impl Page<'_> {
    fn headline(&mut self, report: &Report) -> io::Result<()> {
        let word = self.paint(verdict_style(report.verdict), report.verdict);
        writeln!(self.out, "{word}: {}", headline(report))?;
        if let Some((words, Base { name, commit, .. })) = since(report) {
            let commit = commit.as_ref().map(|commit| format!(" (commit {commit})")).unwrap_or_default();
            writeln!(self.out, "{words} {}{commit}", terminal(name))?;
        }
        if !report.complete {
            let word = self.paint(BAD, "interrupted");
            writeln!(self.out, "{word}: {PARTIAL}")?;
        }
        if report.graph_incomplete {
            let word = self.paint(WARN, "graph incomplete");
            writeln!(self.out, "{word}: {GRAPH_INCOMPLETE}")?;
        }
        Ok(())
    }

    fn table(&mut self, report: &Report) -> io::Result<()> {
        writeln!(self.out)?;
        self.columns(&table(report))?;
        if let Some(both) = both(report) {
            writeln!(self.out, "{both}")?;
        }
        for line in earlier(report).into_iter().chain(missed(report)) {
            writeln!(self.out, "{}", self.paint(WARN, line))?;
        }
        Ok(())
    }

    /// Writes rows in columns, the first to the left, the others to the right.
    fn columns(&mut self, rows: &[Vec<String>]) -> io::Result<()> {
        let width =
            |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
        for row in rows {
            for (column, cell) in row.iter().enumerate() {
                match column {
                    0 => write!(self.out, "{cell:<width$}", width = width(0).max(NAME))?,
                    _ => write!(self.out, "  {cell:>width$}", width = width(column))?,
                }
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn mismatches(&mut self, report: &Report) -> io::Result<()> {
        let judged: Vec<&Judged> = of(report, Verdict::Mismatch).collect();
        if judged.is_empty() {
            return Ok(());
        }
        self.heading(BAD, "mismatch")?;
        let found = by_subject(report);
        for Judged { comparison, rules_left_out, .. } in judged {
            self.subject(&comparison.subject, &comparison.at)?;
            for (source, evidence) in answers(comparison, report) {
                self.answer(source, evidence)?;
            }
            for rule in rules_left_out {
                writeln!(self.out, "    {rule}: left out, since its level is `allow`")?;
            }
            for finding in found.get(&comparison.subject).into_iter().flatten() {
                self.finding(finding)?;
            }
        }
        Ok(())
    }

    /// Writes what the rules found on lines whose artifact is not shown as a mismatch.
    fn line_findings(&mut self, report: &Report) -> io::Result<()> {
        let (others, more) = capped(report, if self.options.all { usize::MAX } else { NAMED });
        if others.is_empty() {
            return Ok(());
        }
        self.heading(BAD, "findings")?;
        for finding in others {
            let subject =
                finding.subject.as_ref().map(|subject| format!(" {}", subject.key())).unwrap_or_default();
            writeln!(self.out, "  {}{}", places(&finding.at), terminal(&subject))?;
            self.finding(finding)?;
        }
        for (code, more) in more {
            writeln!(self.out, "  and {more} more of {code} (--all names them)")?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let level = match finding.level {
            Level::Deny => String::new(),
            level => format!("{level}: "),
        };
        writeln!(self.out, "    {level}{}: {}", finding.code, terminal(&finding.message))?;
        writeln!(self.out, "    help: {}", finding.help)
    }

    fn unverified(&mut self, report: &Report) -> io::Result<()> {
        let folds = folds(report);
        if folds.is_empty() {
            return Ok(());
        }
        self.heading(WARN, "unverified")?;
        let height = |fold: &Fold<'_>| 1 + fold.comparisons.len().min(NAMED + 1);
        match self.options.all || folds.iter().map(height).sum::<usize>() <= SCREEN {
            true => folds.iter().try_for_each(|fold| self.fold(fold))?,
            false => self.folded(&folds)?,
        }
        for (host, modules) in private_hosts(report) {
            let host = terminal(host);
            writeln!(
                self.out,
                "  help: no proxy has any of the {modules} modules of {host}: private? GOPRIVATE={host}/*"
            )?;
        }
        Ok(())
    }

    /// Writes a fold, and names lines of it.
    fn fold(&mut self, fold: &Fold<'_>) -> io::Result<()> {
        writeln!(self.out, "  {}", terminal(&fold.text()))?;
        let Fold { comparisons, .. } = fold;
        let named = if self.options.all { comparisons.len() } else { NAMED };
        for comparison in comparisons.iter().take(named) {
            writeln!(self.out, "    {}{}", comparison.subject.key(), suffix(&comparison.at))?;
        }
        if comparisons.len() > named {
            writeln!(self.out, "    and {} more (--all names them)", comparisons.len() - named)?;
        }
        Ok(())
    }

    /// Writes folds of which there are too many for their lines to be named.
    fn folded(&mut self, folds: &[Fold<'_>]) -> io::Result<()> {
        let (shown, rest) = folds.split_at(folds.len().min(ROWS));
        for fold in shown {
            writeln!(self.out, "  {}", shorten(terminal(&fold.text()).into_owned()))?;
        }
        if !rest.is_empty() {
            writeln!(
                self.out,
                "  and {}",
                plural(rest.len(), "cause of fewer lines", "causes of fewer lines")
            )?;
        }
        writeln!(self.out, "  --all names the lines")
    }

    /// Writes what passes by an allowance.
    fn allowed(&mut self, report: &Report) -> io::Result<()> {
        let allowed =
            report.artifacts.iter().filter_map(|judged| Some((judged, &**judged.allowed.as_ref()?)));
        let allowed: Vec<(&Judged, &Allowed)> = allowed.collect();
        if allowed.is_empty() {
            return Ok(());
        }
        self.heading(GOOD, "allowed")?;
        let named = if self.options.all { allowed.len() } else { NAMED };
        for (judged, Allowed { at, reason, until }) in allowed.iter().take(named) {
            self.subject(&judged.comparison.subject, &judged.comparison.at)?;
            writeln!(self.out, "    until {until}: {} ({})", terminal(reason), terminal(&at.to_string()))?;
        }
        if allowed.len() > named {
            writeln!(self.out, "  and {} more (--all names them)", allowed.len() - named)?;
        }
        Ok(())
    }

    fn verified(&mut self, report: &Report) -> io::Result<()> {
        let judged: Vec<&Judged> = of(report, Verdict::Verified).collect();
        if judged.is_empty() {
            return Ok(());
        }
        self.heading(GOOD, "verified")?;
        for Judged { comparison, .. } in judged {
            self.subject(&comparison.subject, &comparison.at)?;
            for (source, evidence) in answers(comparison, report) {
                self.answer(source, evidence)?;
            }
        }
        Ok(())
    }

    fn heading(&mut self, style: Style, word: &str) -> io::Result<()> {
        let word = self.paint(style.bold(), word);
        writeln!(self.out, "\n{word}")
    }

    fn subject(&mut self, subject: &Subject, at: &[Location]) -> io::Result<()> {
        writeln!(self.out, "  {}{}", subject.key(), suffix(at))
    }

    fn answer(&mut self, source: &SourceName, evidence: &Evidence) -> io::Result<()> {
        let answer = terminal(&shown::answer(evidence)).into_owned();
        let source = terminal(source.as_str());
        writeln!(self.out, "    {source:<name$} {answer}", name = self.name)?;
        if self.options.verbose
            && let Some(said) = &evidence.origin.said
        {
            self.said(said)?;
        }
        Ok(())
    }

    /// Writes what a commit says of itself.
    fn said(&mut self, said: &CommitSaid) -> io::Result<()> {
        let CommitSaid {
            resolved_by,
            tag_object,
            tag_signature,
            author_time,
            committer_time,
            commit_signature,
        } = said;
        write!(self.out, "    {:<name$} by {resolved_by}; committed {committer_time}", "", name = self.name)?;
        if let Some(time) = author_time.as_ref().filter(|time| *time != committer_time) {
            write!(self.out, ", written {time}")?;
        }
        write!(self.out, "; commit: {commit_signature}")?;
        if let Some(tag) = tag_object {
            write!(self.out, "; tag object {tag}")?;
        }
        if let Some(signature) = tag_signature {
            write!(self.out, ": {signature}")?;
        }
        writeln!(self.out)
    }

    fn paint(&self, style: Style, text: impl Display) -> String {
        paint(self.options.color, style, text)
    }
}

fn verdict_style(verdict: Verdict) -> Style {
    let style = match verdict {
        Verdict::Verified => GOOD,
        Verdict::Unverified => WARN,
        Verdict::Mismatch => BAD,
    };
    style.bold()
}

/// Returns `row`, or what fits of it.
fn shorten(mut row: String) -> String {
    if let Some((end, _)) = row.char_indices().nth(WIDTH - 2)
        && row.chars().count() > WIDTH - 2
    {
        let end = row[..end].char_indices().next_back().map_or(0, |(at, _)| at);
        row.truncate(end);
        row.push('…');
    }
    row
}

fn places(at: &[Location]) -> String {
    at.iter().map(|at| terminal(&at.to_string()).into_owned()).collect::<Vec<_>>().join(", ")
}

fn suffix(at: &[Location]) -> String {
    if at.is_empty() { String::new() } else { format!("  ({})", places(at)) }
}
