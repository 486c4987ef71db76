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
use gosum_evidence::evidence::{Answer, Evidence, Origin, SourceName, Sum};
use gosum_evidence::explain::{Account, Compared, Content, FileDiff, Outcome};
use gosum_mod::name::id::Artifact;
use gosum_mod::name::text::Text;

use super::{Options, advice, lines, stand};
use crate::escape::terminal;
use crate::paint::{BAD, GOOD, WARN, paint};

/// How many files of a kind are named.
const NAMED: usize = 50;
/// No column is wider.
const LONG: usize = 60;
/// How many notices are shown.
const NOTICES: usize = 30;

pub(super) fn render(account: &Account, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, options };
    page.headline(account)?;
    for comparison in &account.answers {
        page.answers(comparison, account)?;
    }
    if let Some(compared) = account.compared.as_ref().filter(|_| account.answers.is_empty()) {
        page.copies(compared)?;
    }
    page.causes(account)?;
    match &account.compared {
        Some(compared) => page.compared(compared),
        None => Ok(()),
    }
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
        let whys = account.outcome.whys();
        if let [why] = whys {
            parts.push(terminal(why).into_owned());
        }
        let compared = account.compared.as_ref().filter(|compared| !compared.is_same());
        let against = stand::against(account).filter(|_| compared.is_some());
        let is_all_said = against.as_ref().is_some_and(|against| against.is_between_two);
        parts.extend(against.map(|against| terminal(&against.words).into_owned()));
        if let Some(compared) = compared {
            let between = format!("{} and {}", terminal(&compared.left.name), terminal(&compared.right.name));
            parts.push(match is_all_said {
                true => verdict(compared),
                false => format!("{between}: {}", verdict(compared)),
            });
        }
        writeln!(self.out, "{word}: {}", parts.join(": "))?;
        // several reasons, each with its URL, are too much for one line
        for why in whys.iter().filter(|_| whys.len() > 1) {
            writeln!(self.out, "  {}", terminal(why))?;
        }
        for line in stand::of_go_sum(account) {
            let word = self.paint(Style::new().bold(), "go.sum");
            writeln!(self.out, "{word}: {}", terminal(&line))?;
        }
        Ok(())
    }

    /// Writes why the copies differ, what to do next, and what else there is to know.
    fn causes(&mut self, account: &Account) -> io::Result<()> {
        let explained =
            account.compared.as_ref().and_then(|compared| Some((compared, compared.explanation.as_ref()?)));
        let explained = explained.filter(|(_, explanation)| !explanation.causes.is_empty());
        if explained.is_none() && account.remarks.is_empty() {
            return Ok(());
        }
        writeln!(self.out)?;
        if let Some((compared, explanation)) = explained {
            self.explained(compared, explanation)?;
            if let Some(advice) = advice::advice(explanation, compared, account) {
                writeln!(self.out, "help: {}", terminal(&advice))?;
            }
        }
        for remark in &account.remarks {
            writeln!(self.out, "note: {}", terminal(remark))?;
        }
        Ok(())
    }

    fn explained(&mut self, compared: &Compared, explanation: &Explanation) -> io::Result<()> {
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
        Ok(())
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
        let is_told = silent.iter().all(|(_, evidence)| matches!(evidence.answer, Answer::NotAsked(_)));
        if let ([(sum, names)], Artifact::GoMod, true) =
            (groups.as_slice(), comparison.subject.artifact, is_told)
        {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            let heading = self.paint(Style::new().bold(), what);
            return writeln!(self.out, "\n{heading}\n  {sum}  {}", terminal(&names.join(", ")));
        }
        let heading = self.paint(Style::new().bold(), what);
        writeln!(self.out, "\n{heading}")?;
        let width = comparison.answers.iter().map(|(name, _)| name.as_str().len()).max().unwrap_or(0);
        for (sum, names) in &groups {
            for name in names {
                let evidence = comparison.answers.get(name).expect("who gave a hash has answered");
                let row = Row { name, width, shown: &sum.to_string(), evidence };
                self.answer(&row, comparison, account)?;
            }
        }
        for (name, evidence) in silent {
            let row = Row { name, width, shown: evidence.answer.word(), evidence };
            self.answer(&row, comparison, account)?;
        }
        Ok(())
    }

    fn answer(&mut self, row: &Row<'_>, comparison: &Comparison, account: &Account) -> io::Result<()> {
        let Row { name, width, shown, evidence: Evidence { answer, origin, .. } } = row;
        let width = *width;
        write!(self.out, "  {:<width$}  {}", terminal(name.as_str()), terminal(shown))?;
        if **name == SourceName::GO_SUM {
            let at: Vec<String> = comparison.at.iter().map(ToString::to_string).collect();
            write!(self.out, "  {}", terminal(&at.join(", ")))?;
        }
        if !matches!(answer, Answer::Hash { .. })
            && let Some(why) = answer.reason()
        {
            write!(self.out, "  {}", terminal(&why))?;
        }
        if comparison.odd_one_out() == Some(*name) {
            let alone = self.paint(BAD, "stands alone");
            write!(self.out, "  {alone}")?;
        }
        writeln!(self.out)?;
        let asked_for = origin.asked_for.as_ref().map(|url| format!(" (rewritten from {url})"));
        let from = origin.from.as_ref().map(|from| format!("{from}{}", asked_for.unwrap_or_default()));
        let commit = origin.commit.as_ref().map(|commit| {
            let time = commit_time(name, origin, account);
            format!("commit {commit}{}", time.map(|time| format!(" of {time}")).unwrap_or_default())
        });
        let reference = origin.reference.as_ref().map(ToString::to_string);
        let revision = [reference, commit].into_iter().flatten().collect::<Vec<_>>().join("  ");
        let revision = (!revision.is_empty()).then_some(revision);
        // a reason begins with the URL, if that alone is known
        if answer.sum().is_some() || revision.is_some() {
            for line in [from, revision].into_iter().flatten() {
                writeln!(self.out, "  {:<width$}  {}", "", terminal(&line))?;
            }
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

    fn paint(&self, style: Style, text: &str) -> String {
        paint(self.options.color, style, text)
    }
}

/// An answer as a row of the table.
struct Row<'a> {
    name: &'a SourceName,
    width: usize,
    /// The hash, or what there is in its place.
    shown: &'a str,
    evidence: &'a Evidence,
}

/// Returns when the commit was made that the answer of `name` is of.
fn commit_time(name: &SourceName, origin: &Origin, account: &Account) -> Option<String> {
    if let Some(said) = &origin.said {
        return Some(said.committer_time.clone());
    }
    let compared = account.compared.as_ref()?;
    let copies = [&compared.left, &compared.right];
    let own = copies.into_iter().find(|copy| *copy.name == *name.as_str())?;
    own.commit_time.as_ref().map(ToString::to_string)
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
pub(super) fn groups<'c>(
    comparison: &'c Comparison,
    account: &Account,
) -> Vec<(&'c Sum, Vec<&'c SourceName>)> {
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
