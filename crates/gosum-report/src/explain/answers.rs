//! Who has which hash, and where it came from.

use std::io;

use anstyle::Style;
use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Answer, Evidence, Origin, SourceName, Sum};
use gosum_evidence::explain::Account;
use gosum_mod::name::id::Artifact;

use super::stand;
use super::text::Page;
use crate::escape::terminal;
use crate::paint::BAD;

impl Page<'_> {
    /// Writes the answers on one artifact, those with one hash together.
    pub(super) fn answers(&mut self, comparison: &Comparison, account: &Account) -> io::Result<()> {
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
            let why =
                if is_said(comparison, name, account) { "as for the zip".into() } else { terminal(&why) };
            write!(self.out, "  {why}")?;
        }
        if stand::alone(comparison).as_ref() == Some(*name) {
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
}

/// Returns whether the reason that `name` gives is the one that it gave on the zip, which stands above.
fn is_said(comparison: &Comparison, name: &SourceName, account: &Account) -> bool {
    let zip = account.answers.iter().find(|other| other.subject.artifact == Artifact::Zip);
    let is_long = |answer: &Answer| matches!(answer, Answer::Unavailable(_) | Answer::Absent(_));
    comparison.subject.artifact == Artifact::GoMod
        && comparison.answer(name).is_some_and(is_long)
        && zip.is_some_and(|zip| zip.answer(name) == comparison.answer(name))
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
        _ if *name == SourceName::MODCACHE || *name == SourceName::VENDOR => 2,
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
