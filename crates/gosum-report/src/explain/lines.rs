//! The lines in which a file differs, as a unified difference.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use gosum_evidence::diff::lines::{Line, LineEnd, LineKind, Lines, TextForm, TextLines};
use gosum_evidence::diff::tree::{FileFacts, Side};
use gosum_evidence::explain::{Compared, Content, FileDiff};
use gosum_mod::name::text::Text;

use crate::escape::{terminal, terminal_line};
use crate::hex;
use crate::paint::{BAD, GOOD, paint};

const REMOVED: Style = BAD;
const ADDED: Style = GOOD;
const HUNK: Style = AnsiColor::Cyan.on_default();

/// Writes in which lines `file` differs. Returns whether there was something to show.
pub(super) fn file(compared: &Compared, file: &FileDiff, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, color };
    let name = |side: Side| match file.change.side(side) {
        Some(facts) => format!("{}/{}", terminal(&compared.copy(side).name), path(&facts.path)),
        None => format!("{} (not there)", terminal(&compared.copy(side).name)),
    };
    let heads = [("---", name(Side::Left)), ("+++", name(Side::Right))];
    writeln!(page.out)?;
    for (sign, name) in heads {
        let line = page.paint(Style::new().bold(), &format!("{sign} {name}"));
        writeln!(page.out, "{line}")?;
    }
    match &file.content {
        Content::NotAsked | Content::LeftOut => Ok(()),
        Content::Unread(why) => writeln!(page.out, "  {}", terminal(why)),
        Content::Lines(Lines::Same) => writeln!(page.out, "  the same content"),
        Content::Lines(Lines::Binary(why)) => {
            writeln!(page.out, "  not text: {why}")?;
            page.digests(file)
        }
        Content::Lines(Lines::TooLarge(excess)) => {
            writeln!(page.out, "  not compared line by line: {excess} (--all compares all)")?;
            page.digests(file)
        }
        Content::Lines(Lines::OutOfTime) => {
            writeln!(page.out, "  not compared line by line: the time was over (--diff-time gives more)")?;
            page.digests(file)
        }
        Content::Lines(Lines::Text(lines)) => page.lines(lines),
    }
}

struct Page<'a> {
    out: &'a mut dyn Write,
    color: bool,
}

impl Page<'_> {
    fn digests(&mut self, file: &FileDiff) -> io::Result<()> {
        for (sign, side) in [('-', Side::Left), ('+', Side::Right)] {
            if let Some(FileFacts { size, sha256, .. }) = file.change.side(side) {
                writeln!(self.out, "  {sign} {size} bytes, SHA-256 {}", hex(sha256))?;
            }
        }
        Ok(())
    }

    fn lines(&mut self, lines: &TextLines) -> io::Result<()> {
        if !lines.only.is_empty() {
            let only: Vec<String> = lines.only.iter().map(ToString::to_string).collect();
            writeln!(self.out, "  all that differs: {}", only.join(", "))?;
            if let (Some(left), Some(right)) = (&lines.left, &lines.right)
                && lines.hunks.is_empty()
            {
                writeln!(self.out, "  - {}", form(left))?;
                writeln!(self.out, "  + {}", form(right))?;
            }
        }
        let shows_ends = shows_ends(lines);
        for hunk in &lines.hunks {
            let header = self.paint(HUNK, &hunk.header());
            writeln!(self.out, "{header}")?;
            for line in &hunk.lines {
                self.line(line, shows_ends)?;
            }
        }
        if lines.left_out > 0 {
            writeln!(self.out, "  and {} more lines (--all shows them)", lines.left_out)?;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line, shows_ends: bool) -> io::Result<()> {
        let cut = |bytes: usize| if bytes == 0 { String::new() } else { format!("[{bytes} bytes]") };
        let end = if shows_ends && line.end == LineEnd::CrLf { "\\r" } else { "" };
        let text = line.text();
        let text = format!(
            "{}{}{}{}{end}",
            line.kind.sign(),
            cut(line.cut_before),
            terminal_line(&text),
            cut(line.cut_after)
        );
        let text = match line.kind {
            LineKind::Context => text,
            LineKind::Removed => self.paint(REMOVED, &text),
            LineKind::Added => self.paint(ADDED, &text),
        };
        writeln!(self.out, "{text}")?;
        if line.end == LineEnd::None {
            writeln!(self.out, "\\ No newline at end of file")?;
        }
        Ok(())
    }

    fn paint(&self, style: Style, text: &str) -> String {
        paint(self.color, style, text)
    }
}

/// Returns whether it matters how lines end: not all of both files end in one way.
fn shows_ends(lines: &TextLines) -> bool {
    let forms = || [&lines.left, &lines.right].into_iter().flatten();
    forms().any(|form| form.crlf > 0) && forms().any(|form| form.lf > 0)
}

fn form(form: &TextForm) -> String {
    let mut parts = vec![form.encoding.to_string()];
    for (count, what) in [(form.lf, "LF"), (form.crlf, "CRLF")] {
        if count > 0 {
            parts.push(format!("{count} lines end with {what}"));
        }
    }
    if !form.is_ended {
        parts.push("the last line does not end".to_owned());
    }
    parts.join(", ")
}

/// Returns a path fit for a terminal; in Go's quotes, if it is not UTF-8.
pub(super) fn path(path: &Text) -> String {
    match str::from_utf8(path.as_bytes()) {
        Ok(text) => terminal(text).into_owned(),
        Err(_) => terminal(&format!("{path:?}")).into_owned(),
    }
}
