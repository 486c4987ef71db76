//! Text for people: how it came out and why, who has what, the files, and at last their lines.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::Style;
use gosum_evidence::compare::Comparison;
use gosum_evidence::diff::cause::{Cause, Explanation};
use gosum_evidence::diff::lines::Lines;
use gosum_evidence::diff::notice::{Feature, Notice};
use gosum_evidence::diff::reach::Reach;
use gosum_evidence::diff::tree::{ChangeKind, Side};
use gosum_evidence::evidence::{Answer, Evidence, SourceName, Sum};
use gosum_evidence::explain::{Account, Compared, Content, FileDiff, Outcome};
use gosum_mod::name::id::Artifact;
use gosum_mod::name::text::Text;

use super::{Options, lines};
use crate::escape::terminal;
use crate::paint::{BAD, GOOD, WARN, paint};

/// How many files of a kind are named.
const NAMED: usize = 50;
/// How many notices are shown.
const NOTICES: usize = 30;

pub(super) fn render(account: &Account, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, options };
    page.headline(account)?;
    if let Some(compared) = &account.compared {
        page.causes(compared)?;
    }
    for remark in &account.remarks {
        writeln!(page.out, "note: {}", terminal(remark))?;
    }
    for comparison in &account.answers {
        page.answers(comparison, account)?;
    }
    if let Some(compared) = &account.compared {
        if account.answers.is_empty() {
            page.copies(compared)?;
        }
        page.compared(compared)?;
    }
    Ok(())
}

struct Page<'a> {
    out: &'a mut dyn Write,
    options: Options,
}

impl Page<'_> {
    fn headline(&mut self, account: &Account) -> io::Result<()> {
        let style = match &account.outcome {
            Outcome::Same(_) => GOOD,
            Outcome::Differ | Outcome::Untrusted(_) => BAD,
            Outcome::OneSided(_) | Outcome::Untold(_) => WARN,
        };
        let word = self.paint(style.bold(), account.outcome.word());
        let mut parts = Vec::new();
        if let Some(module) = &account.module {
            parts.push(module.to_string());
        }
        if let Some(why) = account.outcome.why() {
            parts.push(terminal(why).into_owned());
        }
        if let Some(compared) = account.compared.as_ref().filter(|compared| !compared.is_same()) {
            parts.push(format!(
                "{} and {}: {}",
                terminal(&compared.left.name),
                terminal(&compared.right.name),
                verdict(compared)
            ));
        }
        writeln!(self.out, "{word}: {}", parts.join(": "))
    }

    fn causes(&mut self, compared: &Compared) -> io::Result<()> {
        let Some(explanation) = &compared.explanation else { return Ok(()) };
        let (left, right) = (&*compared.left.name, &*compared.right.name);
        for explained in &explanation.causes {
            let what = match explained.cause {
                Cause::NotKnown if explanation.causes.len() == 1 => "not known".to_owned(),
                Cause::NotKnown => format!("not known for {}", files(explained.changes.len())),
                _ if explanation.the_cause().is_some() => explained.cause.sentence(left, right),
                _ => format!(
                    "of {}: {}",
                    files(explained.changes.len()),
                    explained.cause.sentence(left, right)
                ),
            };
            let word = self.paint(Style::new().bold(), "cause");
            writeln!(self.out, "{word}: {}", terminal(&what))?;
            for (nth, proof) in explained.proof.iter().enumerate() {
                let lead = if nth == 0 { "  proof:" } else { "        " };
                writeln!(self.out, "{lead} {}", terminal(proof))?;
            }
        }
        match advice(explanation, compared) {
            Some(advice) => writeln!(self.out, "help: {}", terminal(&advice)),
            None => Ok(()),
        }
    }

    /// Writes the hashes of two copies that nobody was asked about.
    fn copies(&mut self, compared: &Compared) -> io::Result<()> {
        let names =
            [&compared.left, &compared.right].map(|copy| (terminal(&copy.name).into_owned(), &copy.h1));
        let width = names.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        writeln!(self.out)?;
        for (name, h1) in names {
            let h1 = h1.as_ref().map_or_else(|| "no hash".to_owned(), ToString::to_string);
            writeln!(self.out, "  {name:<width$}  {}", terminal(&h1))?;
        }
        Ok(())
    }

    /// Writes the answers on one artifact, those with one hash together.
    fn answers(&mut self, comparison: &Comparison, account: &Account) -> io::Result<()> {
        if comparison.answers.iter().next().is_none() {
            return Ok(());
        }
        let what = match comparison.subject.artifact {
            Artifact::Zip => "zip",
            Artifact::GoMod => "go.mod",
        };
        let groups = groups(comparison, account);
        let is_silent = |(_, evidence): &(&SourceName, &Evidence)| evidence.answer.sum().is_none();
        let mut silent: Vec<_> = comparison.answers.iter().filter(is_silent).collect();
        silent.sort_by_key(|(name, _)| rank(name, account));
        // of a go.mod on which all agree one line says enough
        if let ([(sum, names)], Artifact::GoMod, true) =
            (groups.as_slice(), comparison.subject.artifact, silent.is_empty())
        {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            let heading = self.paint(Style::new().bold(), what);
            return writeln!(self.out, "\n{heading}\n  {sum}  {}", terminal(&names.join(", ")));
        }
        let heading = self.paint(Style::new().bold(), what);
        writeln!(self.out, "\n{heading}")?;
        let width = comparison.answers.iter().map(|(name, _)| name.as_str().len()).max().unwrap_or(0);
        let lone = comparison.odd_one_out().filter(|_| account.outcome == Outcome::Differ);
        for (sum, names) in &groups {
            for name in names {
                let evidence = comparison.answers.get(name).expect("who gave a hash has answered");
                self.answer(name, width, &sum.to_string(), evidence, comparison)?;
            }
        }
        for (name, evidence) in silent {
            self.answer(name, width, evidence.answer.word(), evidence, comparison)?;
        }
        if let Some(lone) = lone {
            writeln!(self.out, "  {} stands alone", terminal(lone.as_str()))?;
        }
        Ok(())
    }

    fn answer(
        &mut self,
        name: &SourceName,
        width: usize,
        shown: &str,
        Evidence { answer, origin, .. }: &Evidence,
        comparison: &Comparison,
    ) -> io::Result<()> {
        write!(self.out, "  {:<width$}  {}", terminal(name.as_str()), terminal(shown))?;
        if *name == SourceName::GO_SUM {
            let at: Vec<String> = comparison.at.iter().map(ToString::to_string).collect();
            write!(self.out, "  {}", terminal(&at.join(", ")))?;
        }
        if !matches!(answer, Answer::Hash { .. })
            && let Some(why) = answer.reason()
        {
            write!(self.out, "  {}", terminal(&why))?;
        }
        writeln!(self.out)?;
        let mut parts = Vec::new();
        let asked_for = origin.asked_for.as_ref().map(|url| format!("rewritten from {url}").into());
        let commit = origin.commit.as_ref().map(|commit| format!("commit {commit}").into());
        for part in [&origin.from, &asked_for, &origin.reference, &commit].into_iter().flatten() {
            parts.push(terminal(part).into_owned());
        }
        // a reason begins with the URL, if that alone is known
        if !parts.is_empty() && (answer.sum().is_some() || parts.len() > 1) {
            writeln!(self.out, "  {:<width$}  {}", "", parts.join("  "))?;
        }
        if let Answer::Hash { defects, .. } = answer {
            for (defect, why) in defects {
                writeln!(self.out, "  {:<width$}  {defect}: {}", "", terminal(why))?;
            }
        }
        Ok(())
    }

    fn compared(&mut self, compared: &Compared) -> io::Result<()> {
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
        let (reaching, inert): (Vec<_>, Vec<_>) = compared.files.iter().partition(|file| file.can_reach());
        let builds = compared.platform.as_deref().map_or_else(String::new, |named| format!(" for {named}"));
        self.list(compared, &format!("can reach a build{}", terminal(&builds)), BAD, &reaching)?;
        self.list(compared, &format!("in no build{}", terminal(&builds)), GOOD, &inert)?;
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
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count().min(60)).max().unwrap_or(0);
        let (what, path, reach) = (width(0), width(1), width(2));
        for [a, b, c, d] in &rows {
            writeln!(self.out, "    {a:<what$}  {b:<path$}  {c:<reach$}  {d}")?;
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
        let shown = if self.options.all { notices.notices.len() } else { NOTICES };
        let inert = inert(compared);
        let is_inert = |notice: &Notice| inert.contains(&(notice.side, &notice.path));
        // what can reach a build comes first
        let (without, within): (Vec<_>, Vec<_>) = notices.notices.iter().partition(|notice| is_inert(notice));
        let marked = within
            .into_iter()
            .map(|notice| (notice, ""))
            .chain(without.into_iter().map(|notice| (notice, "  (in no build)")));
        for (notice, mark) in marked.take(shown) {
            self.notice(compared, notice, mark)?;
        }
        let more = notices.notices.len().saturating_sub(shown) + notices.left_out;
        if more > 0 {
            writeln!(self.out, "  and {more} more")?;
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

    fn paint(&self, style: Style, text: &str) -> String {
        paint(self.options.color, style, text)
    }
}

/// Returns in which place a source is shown: what is recorded first, then who recomputes.
fn rank(name: &SourceName, account: &Account) -> (u8, bool, String) {
    let is_right = account.compared.as_ref().is_some_and(|compared| *compared.right.name == *name.as_str());
    let rank = match name {
        _ if *name == SourceName::GO_SUM => 0,
        _ if *name == SourceName::SUMDB => 1,
        _ if *name == SourceName::MODCACHE => 2,
        _ if *name == SourceName::DIRECT => 4,
        _ => 3,
    };
    (rank, is_right, name.as_str().to_owned())
}

/// Returns each hash that was given, with the sources that gave it.
fn groups<'c>(comparison: &'c Comparison, account: &Account) -> Vec<(&'c Sum, Vec<&'c SourceName>)> {
    let mut groups = comparison.sums();
    for (_, names) in &mut groups {
        names.sort_by_key(|name| rank(name, account));
    }
    groups.sort_by_key(|(_, names)| rank(names[0], account));
    groups
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

/// Returns what the first line says of the difference.
fn verdict(compared: &Compared) -> String {
    if compared.files.is_empty() {
        return "the same files; the go.mod files beside them differ".to_owned();
    }
    let (all, reaching) = (compared.files.len(), compared.reaching());
    let builds = if compared.platform.is_some() { "such a build" } else { "a build" };
    let reach = match (reaching, all) {
        (0, 1) => format!("it cannot reach {builds}"),
        (0, _) => format!("none of them can reach {builds}"),
        (1, 1) => format!("it can reach {builds}"),
        (_, _) if reaching == all => format!("all of them can reach {builds}"),
        (_, _) => format!("{reaching} of them can reach {builds}"),
    };
    let differ = if all == 1 { "differs" } else { "differ" };
    format!("{} {differ}, {reach}", files(all))
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// Returns what to do next.
fn advice(explanation: &Explanation, compared: &Compared) -> Option<String> {
    if let Some(Cause::TagMoved { side, .. }) = explanation.the_cause() {
        let older = &compared.copy(side.other()).name;
        let read =
            if compared.reaching() == 0 { "" } else { " Read the lines below before you use the newer one." };
        return Some(format!(
            "builds that go through {older} keep the older content. Ask the author for a new version.{read}"
        ));
    }
    let unexplained = explanation.unexplained();
    let is_unexplained = |file: &&FileDiff| unexplained.contains(&file.number);
    if compared.files.iter().filter(is_unexplained).any(FileDiff::can_reach) {
        return Some(
            "trust neither copy until someone explains this; `gosum explain proxy-direct-differ` says more"
                .to_owned(),
        );
    }
    (!unexplained.is_empty() && compared.reaching() == 0)
        .then(|| "no build sees the difference; ask who made it all the same".to_owned())
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
