//! Which files differ, what is worth a look in them, and their lines.

use std::collections::BTreeSet;
use std::io;

use anstyle::Style;
use gosum_evidence::diff::lines::Lines;
use gosum_evidence::diff::notice::{Feature, Notice};
use gosum_evidence::diff::reach::Reach;
use gosum_evidence::diff::tree::{ChangeKind, Side};
use gosum_evidence::explain::{Compared, Content, FileDiff};
use gosum_mod::name::text::Text;

use super::lines;
use super::text::{Page, files};
use crate::escape::terminal;
use crate::paint::{BAD, GOOD, WARN};

/// How many files of a kind are named.
const NAMED: usize = 50;
/// No column is wider.
const LONG: usize = 60;
/// How many notices are shown.
const NOTICES: usize = 30;

impl Page<'_> {
    pub(super) fn compared(&mut self, compared: &Compared) -> io::Result<()> {
        if compared.is_same() {
            return Ok(());
        }
        let (left, right) = (terminal(&compared.left.name), terminal(&compared.right.name));
        if let Some(file) = &compared.go_mod {
            let heading = self.paint(Style::new().bold(), "the go.mod files beside the copies");
            write!(self.out, "\n{heading}")?;
            lines::file(compared, file, self.options.color, self.out)?;
        }
        if compared.files.is_empty() {
            return Ok(());
        }
        let heading = self.paint(Style::new().bold(), "files");
        writeln!(
            self.out,
            "\n{heading}  {} changed, {} only in {left}, {} only in {right}, {} renamed, {} the same",
            compared.count(ChangeKind::Changed),
            compared.count(ChangeKind::OnlyLeft),
            compared.count(ChangeKind::OnlyRight),
            compared.count(ChangeKind::Renamed),
            compared.same,
        )?;
        let (entries, files): (Vec<_>, Vec<_>) =
            compared.files.iter().partition(|file| file.is_folder_entry());
        let (reaching, inert): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.can_reach());
        let builds = compared.platform.as_deref().map_or_else(String::new, |named| format!(" for {named}"));
        self.list(compared, &format!("can reach a build{}", terminal(&builds)), BAD, &reaching)?;
        self.list(compared, &format!("in no build{}", terminal(&builds)), GOOD, &inert)?;
        self.list(compared, "folder entries of a zip, which are no files", GOOD, &entries)?;
        self.notices(compared)?;
        self.diffs(compared)
    }

    fn list(
        &mut self,
        compared: &Compared,
        heading: &str,
        style: Style,
        files: &[&FileDiff],
    ) -> io::Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let heading = self.paint(style, heading);
        writeln!(self.out, "  {heading}: {}", files.len())?;
        let named = if self.options.all { files.len() } else { NAMED };
        let rows: Vec<[String; 4]> = files.iter().take(named).map(|file| row(compared, file)).collect();
        let width = |column: usize| {
            let lengths = rows.iter().map(|row| row[column].chars().count());
            lengths.filter(|length| *length <= LONG).max().unwrap_or(0)
        };
        let (what, path, reach) = (width(0), width(1), width(2));
        for [a, b, c, d] in &rows {
            write!(self.out, "    {a:<what$}  {b:<path$}")?;
            if b.chars().count() > path {
                // what follows a long path stands in its column all the same
                write!(self.out, "\n    {:<what$}  {:<path$}", "", "")?;
            }
            writeln!(self.out, "  {c:<reach$}  {d}")?;
        }
        if files.len() > named {
            writeln!(self.out, "    and {} more (--all names them)", files.len() - named)?;
        }
        Ok(())
    }

    fn notices(&mut self, compared: &Compared) -> io::Result<()> {
        let notices = &compared.notices;
        if notices.notices.is_empty() && notices.not_read.is_empty() {
            return Ok(());
        }
        let heading = self.paint(WARN.bold(), "worth a look");
        writeln!(self.out, "\n{heading}")?;
        let inert = inert(compared);
        let is_inert = |notice: &Notice| inert.contains(&(notice.side, &notice.path));
        let (without, within): (Vec<_>, Vec<_>) = notices.notices.iter().partition(|notice| is_inert(notice));
        let shown = if self.options.all { within.len() } else { NOTICES };
        for notice in within.iter().take(shown) {
            self.notice(compared, notice, "")?;
        }
        let more = within.len().saturating_sub(shown) + notices.left_out;
        if more > 0 {
            writeln!(self.out, "  and {more} more")?;
        }
        if self.options.all {
            for notice in &without {
                self.notice(compared, notice, "  (in no build)")?;
            }
        } else if !without.is_empty() {
            writeln!(
                self.out,
                "  and {} in files that are in no build, such as tests (--all shows them)",
                without.len()
            )?;
        }
        for (side, path) in &notices.not_read {
            let name = terminal(&compared.copy(*side).name).into_owned();
            writeln!(self.out, "  only in {name}: {}: too large to be looked through", lines::path(path))?;
        }
        Ok(())
    }

    fn notice(&mut self, compared: &Compared, notice: &Notice, mark: &str) -> io::Result<()> {
        let name = terminal(&compared.copy(notice.side).name).into_owned();
        let line = notice.line.map(|line| format!(":{line}")).unwrap_or_default();
        let text = terminal(&notice.text.to_lossy()).into_owned();
        let what = match notice.what {
            Feature::Init => "an init function, which runs when the program starts".to_owned(),
            Feature::Assembly => "a file in assembly language".to_owned(),
            Feature::Linkname | Feature::Embed | Feature::Generate => format!("//go:{text}"),
            Feature::CgoFlags => text,
            _ => format!("import \"{text}\""),
        };
        writeln!(self.out, "  only in {name}: {}{line}: {what}{mark}", lines::path(&notice.path))
    }

    fn diffs(&mut self, compared: &Compared) -> io::Result<()> {
        let mut left_out = 0;
        let mut is_first = true;
        for file in &compared.files {
            match file.content {
                Content::LeftOut => left_out += 1,
                // the list has said all of it
                Content::NotAsked | Content::Lines(Lines::Same) => {}
                _ => {
                    if std::mem::take(&mut is_first) {
                        let (left, right) = (&compared.left.name, &compared.right.name);
                        let (left, right) = (terminal(left), terminal(right));
                        writeln!(self.out, "\n- only in {left}, + only in {right}")?;
                    }
                    lines::file(compared, file, self.options.color, self.out)?;
                }
            }
        }
        if left_out > 0 {
            writeln!(
                self.out,
                "\nthe lines of {} are left out (--max-diff shows more of them, --all all)",
                files(left_out)
            )?;
        }
        Ok(())
    }
}

/// Writes the names of the files that differ.
pub(super) fn names(compared: &Compared, out: &mut dyn io::Write) -> io::Result<()> {
    for FileDiff { change, .. } in compared.go_mod.iter().chain(&compared.files) {
        let letter = match change.kind {
            ChangeKind::Changed => "M",
            ChangeKind::Renamed => "R",
            ChangeKind::OnlyLeft => "D",
            ChangeKind::OnlyRight => "A",
        };
        let names =
            [Side::Left, Side::Right].map(|side| change.side(side).map(|file| lines::path(&file.path)));
        match names {
            [Some(left), Some(right)] if change.kind == ChangeKind::Renamed => {
                writeln!(out, "{letter}\t{left}\t{right}")?;
            }
            [left, right] => writeln!(out, "{letter}\t{}", left.or(right).unwrap_or_default())?,
        }
    }
    Ok(())
}

/// Returns the files that are in no build, each with its side.
fn inert(compared: &Compared) -> BTreeSet<(Side, &Text)> {
    let sides = [Side::Left, Side::Right];
    let of = |file: &'_ FileDiff, side| file.reach(side).is_some_and(Reach::is_inert);
    let files = compared.files.iter();
    files
        .flat_map(|file| sides.into_iter().filter(move |side| of(file, *side)).map(move |side| (file, side)))
        .filter_map(|(file, side)| Some((side, &file.change.side(side)?.path)))
        .collect()
}

/// Returns what the list says of a file: in which way it differs, where it is, what it can do, and how large it is.
fn row(compared: &Compared, file: &FileDiff) -> [String; 4] {
    let name = |side: Side| terminal(&compared.copy(side).name).into_owned();
    let what = match file.change.kind {
        ChangeKind::Changed => "changed".to_owned(),
        ChangeKind::Renamed => "renamed".to_owned(),
        ChangeKind::OnlyLeft => format!("only in {}", name(Side::Left)),
        ChangeKind::OnlyRight => format!("only in {}", name(Side::Right)),
    };
    let both = |left: Option<String>, right: Option<String>| match (left, right) {
        (Some(left), Some(right)) if left != right => format!("{left} -> {right}"),
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => String::new(),
    };
    let of = |side: Side| {
        let facts = file.change.side(side)?;
        let times = if facts.times > 1 { format!(" ({} times)", facts.times) } else { String::new() };
        Some((lines::path(&facts.path), format!("{}{times}", facts.size)))
    };
    let (left, right) = (of(Side::Left), of(Side::Right));
    let path = both(left.clone().map(|it| it.0), right.clone().map(|it| it.0));
    let size = both(left.map(|it| it.1), right.map(|it| it.1));
    let reach = |side| {
        let shown = match file.reach(side)? {
            // the heading says that they are
            Reach::Inert(inert) if !file.can_reach() => inert.to_string(),
            reach => reach.to_string(),
        };
        Some(terminal(&shown).into_owned())
    };
    let added = match &file.content {
        Content::Lines(Lines::Text(lines)) => format!(", +{} -{}", lines.added, lines.removed),
        Content::Lines(Lines::Binary(_)) => ", binary".to_owned(),
        _ => String::new(),
    };
    [what, path, both(reach(Side::Left), reach(Side::Right)), format!("{size} bytes{added}")]
}
