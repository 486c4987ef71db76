//! What all checks said, as text and as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use gosum_evidence::report::SCHEMA;
use gosum_report::escape::terminal_line;
use serde_json::{Value, json};

use super::check::{Check, checks};
use super::sight::{Answer, Blind, Level, Remark, Sight};
use super::system::System;

/// What the checks said.
pub(crate) struct Report(Vec<(Check, Answer)>);

impl Report {
    /// Returns what all checks say of `system`.
    pub(crate) fn of(system: &System) -> Report {
        let answers = checks().into_iter().map(|check| {
            let answer = (check.run)(system);
            (check, answer)
        });
        Report(answers.collect())
    }

    /// Returns whether there is a problem.
    pub(crate) fn has_problems(&self) -> bool {
        self.0.iter().any(|(_, answer)| level(answer) == Level::Problem)
    }

    /// Returns `problems`, `untold` when there are none and a check could not tell, or `fine`.
    fn verdict(&self) -> &'static str {
        let could_not_tell = |(_, answer): &(Check, Answer)| level(answer) == Level::Unknown;
        match self.has_problems() {
            true => "problems",
            false if self.0.iter().any(could_not_tell) => "untold",
            false => "fine",
        }
    }

    /// Returns how many remarks there are of each level, and how many checks were fine, skipped, or could not tell.
    fn counts(&self) -> BTreeMap<Level, usize> {
        let mut counts: BTreeMap<Level, usize> = Level::ALL.map(|level| (level, 0)).into();
        for (_, answer) in &self.0 {
            match answer {
                Ok(Sight::Seen(remarks)) => {
                    remarks.iter().for_each(|remark| *counts.entry(remark.level).or_default() += 1);
                }
                other => *counts.entry(level(other)).or_default() += 1,
            }
        }
        counts
    }

    /// Writes the report for people: the verdict, then remarks, the gravest first, then what was fine and what was skipped.
    /// With `all` it says of each of those what was seen, or why not.
    pub(crate) fn write_text(&self, all: bool, out: &mut impl Write) -> io::Result<()> {
        let counts = self.counts();
        let count = |level: Level, one: &str, more: &str| match counts[&level] {
            1 => format!("1 {one}"),
            count => format!("{count} {more}"),
        };
        writeln!(
            out,
            "{}: {}, {}, {}, {}; {} ok, {} skipped",
            self.verdict().replace("untold", "not all could be told"),
            count(Level::Problem, "problem", "problems"),
            count(Level::Warning, "warning", "warnings"),
            count(Level::Note, "note", "notes"),
            count(Level::Unknown, "check could not tell", "checks could not tell"),
            counts[&Level::Ok],
            counts[&Level::Skipped]
        )?;
        for level in [Level::Problem, Level::Warning, Level::Unknown, Level::Note] {
            for (check, answer) in &self.0 {
                write_remarks(level, check, answer, out)?;
            }
        }
        match all {
            true => self.write_rest(out),
            false => self.write_rest_folded(out),
        }
    }

    fn write_rest(&self, out: &mut impl Write) -> io::Result<()> {
        for (check, answer) in &self.0 {
            let said = match answer {
                Ok(Sight::Fine(seen)) => seen,
                Err(Blind::Skipped(reason)) => reason,
                _ => continue,
            };
            writeln!(out, "\n{} {}: {}", level(answer).word(), check.id, terminal_line(said))?;
            writeln!(out, "  it looks at: {}", check.about)?;
        }
        Ok(())
    }

    /// Writes the names of the checks that were fine, and of those that were skipped by their reasons.
    fn write_rest_folded(&self, out: &mut impl Write) -> io::Result<()> {
        let fine = self.0.iter().filter(|(_, answer)| matches!(answer, Ok(Sight::Fine(_))));
        let fine: Vec<&str> = fine.map(|(check, _)| check.id).collect();
        if !fine.is_empty() {
            writeln!(out, "\nok: {}", fine.join(", "))?;
        }
        let mut skipped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (check, answer) in &self.0 {
            if let Err(Blind::Skipped(reason)) = answer {
                skipped.entry(reason).or_default().push(check.id);
            }
        }
        for (reason, ids) in skipped {
            writeln!(out, "skipped, {}: {}", terminal_line(reason), ids.join(", "))?;
        }
        Ok(())
    }

    /// Returns the report for programs.
    pub(crate) fn json(&self) -> Value {
        let counts: serde_json::Map<String, Value> =
            self.counts().into_iter().map(|(level, count)| (level.word().to_owned(), count.into())).collect();
        let checks: Vec<Value> = self.0.iter().map(|(check, answer)| check_json(check, answer)).collect();
        json!({
            "schema": SCHEMA,
            "gosum": crate::VERSION,
            "verdict": self.verdict(),
            "counts": counts,
            "checks": checks,
        })
    }
}

/// Returns the gravest of what a check said.
pub(super) fn level(answer: &Answer) -> Level {
    match answer {
        Ok(Sight::Fine(_)) => Level::Ok,
        Ok(Sight::Seen(remarks)) => remarks.iter().map(|remark| remark.level).min().unwrap_or(Level::Ok),
        Err(Blind::Skipped(_)) => Level::Skipped,
        Err(Blind::Unknown(_)) => Level::Unknown,
    }
}

/// Writes what a check said at one level. What matters for the same reason stands together, and the reason is said once.
fn write_remarks(level: Level, check: &Check, answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    match answer {
        Ok(Sight::Seen(remarks)) => {
            let here: Vec<&Remark> = remarks.iter().filter(|remark| remark.level == level).collect();
            let mut reasons: Vec<&str> = here.iter().map(|remark| remark.why.as_str()).collect();
            let mut seen = BTreeSet::new();
            reasons.retain(|why| seen.insert(*why));
            for why in reasons {
                let same: Vec<&&Remark> = here.iter().filter(|remark| remark.why == why).collect();
                writeln!(out)?;
                for remark in &same {
                    writeln!(out, "{} {}: {}", level.word(), check.id, terminal_line(&remark.seen))?;
                }
                writeln!(out, "  why: {}", terminal_line(why))?;
                let mut fixes: Vec<&str> = same.iter().filter_map(|remark| remark.fix.as_deref()).collect();
                fixes.dedup();
                for fix in fixes {
                    writeln!(out, "  fix: {}", terminal_line(fix))?;
                }
            }
            Ok(())
        }
        Err(Blind::Unknown(reason)) if level == Level::Unknown => {
            writeln!(out, "\nunknown {}: {}", check.id, terminal_line(reason))?;
            writeln!(out, "  it looks at: {}", check.about)
        }
        _ => Ok(()),
    }
}

fn check_json(check: &Check, answer: &Answer) -> Value {
    let (seen, reason, remarks) = match answer {
        Ok(Sight::Fine(seen)) => (Some(seen), None, Vec::new()),
        Ok(Sight::Seen(remarks)) => (None, None, remarks.iter().map(remark_json).collect()),
        Err(Blind::Skipped(reason) | Blind::Unknown(reason)) => (None, Some(reason), Vec::new()),
    };
    json!({
        "id": check.id,
        "about": check.about,
        "level": level(answer).word(),
        "seen": seen,
        "reason": reason,
        "remarks": remarks,
    })
}

fn remark_json(remark: &Remark) -> Value {
    json!({
        "level": remark.level.word(),
        "seen": remark.seen,
        "why": remark.why,
        "fix": remark.fix,
    })
}
