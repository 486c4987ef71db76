//! What to ask about: the artifacts that the go.sum files record, and the lines that record them.

use std::collections::BTreeMap;
use std::sync::Arc;

use gosum_evidence::evidence::{Answer, NotAsked, Sum};
use gosum_evidence::rule::SumFile;
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::file::go_sum::Line;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::pattern::Patterns;

use crate::graph::Needed;
use crate::known::Known;

/// Which lines are asked about.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Modules that match are asked about; all when there is none.
    pub only: Option<Patterns>,
    /// Modules that match are left out.
    pub skip: Option<Patterns>,
    /// Whether lines of a go.mod alone are left out.
    pub zips_only: bool,
    /// What was audited before: lines that are as they were then are left out.
    pub known: Option<Known>,
}

impl Selection {
    /// Returns whether nothing is left out.
    pub fn is_all(&self) -> bool {
        !self.is_by_name() && !self.zips_only && self.known.is_none()
    }

    /// Returns whether modules are chosen by their names.
    pub fn is_by_name(&self) -> bool {
        self.only.is_some() || self.skip.is_some()
    }

    /// Returns why `subject` is left out, if it is.
    fn leaves_out(&self, subject: &Subject) -> Option<NotAsked> {
        let matches = |patterns: &Patterns| patterns.matches(subject.module.path().as_str());
        if self.only.as_ref().is_some_and(|only| !matches(only)) || self.skip.as_ref().is_some_and(matches) {
            Some(NotAsked::NotSelected)
        } else if self.zips_only && subject.artifact == Artifact::GoMod {
            Some(NotAsked::ModOnly)
        } else {
            None
        }
    }
}

/// One artifact to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The artifact.
    pub subject: Subject,
    /// The lines that speak of it, in the order of the files.
    pub at: Vec<Location>,
    /// What go.sum says: the first h1 of the key (spec 03 §1). None when no file has such a line.
    pub recorded: Option<Answer>,
    /// Why nobody is asked, when the user left it out.
    pub left_out: Option<NotAsked>,
}

/// Returns the artifacts that `files` record, in the order of go.sum.
///
/// Lines that cover no artifact are left to the rules. The effective hash of a key is its first `h1:` in the
/// order of the files; a key with hashes of unknown kinds alone has none, which is never agreement.
pub fn plan(files: &[SumFile], selection: &Selection) -> Vec<Planned> {
    let planned = |(subject, lines): (Subject, Lines<'_>)| {
        let recorded = recorded(&lines);
        let is_known =
            || selection.known.as_ref().is_some_and(|known| known.covers(&subject, &lines, &recorded));
        Planned {
            left_out: selection.leaves_out(&subject).or_else(|| is_known().then_some(NotAsked::NotSelected)),
            at: lines.into_iter().map(|(at, _)| at).collect(),
            recorded: Some(recorded),
            subject,
        }
    };
    by_subject(files).into_iter().map(planned).collect()
}

/// The lines of one key, in the order of the files.
pub(crate) type Lines<'f> = Vec<(Location, &'f Line)>;

/// Returns the lines of `files` that cover an artifact.
pub(crate) fn by_subject(files: &[SumFile]) -> BTreeMap<Subject, Lines<'_>> {
    let mut lines: BTreeMap<Subject, Lines<'_>> = BTreeMap::new();
    for file in files {
        for line in file.sum.lines.iter().filter(|line| !line.is_conflict_marker()) {
            if let Ok((module, artifact)) = line.key() {
                let subject = Subject::new(module, artifact);
                lines.entry(subject).or_default().push((file.at(line.number()), line));
            }
        }
    }
    lines
}

/// Returns the artifacts that a project without a go.sum needs, in the order of go.sum.
pub fn plan_needed(needed: &Needed, selection: &Selection) -> Vec<Planned> {
    let planned = |subject: Subject| Planned {
        left_out: selection.leaves_out(&subject),
        recorded: None,
        at: Vec::new(),
        subject,
    };
    needed.subjects().into_iter().map(planned).collect()
}

/// One of Go's own toolchains that a project selects. It is in no go.sum (spec 01 §8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// Its module version.
    pub module: ModuleVersion,
    /// The lines that select it; none where a setting does.
    pub at: Vec<Location>,
}

/// Adds the zips of `toolchains` to `planned`, which stays in its order. One that is planned already keeps its lines.
pub fn plan_toolchains(planned: &mut Vec<Planned>, toolchains: Vec<Toolchain>, selection: &Selection) {
    for Toolchain { module, at } in toolchains {
        let subject = Subject::new(module, Artifact::Zip);
        if let Err(place) = planned.binary_search_by(|known| known.subject.cmp(&subject)) {
            let left_out = selection.leaves_out(&subject);
            planned.insert(place, Planned { subject, at, recorded: None, left_out });
        }
    }
}

/// Returns what the lines of one key record.
pub(crate) fn recorded(lines: &[(Location, &Line)]) -> Answer {
    let text = |line: &Line| String::from_utf8_lossy(line.hash()).into_owned();
    match lines.iter().find(|(_, line)| line.hash().starts_with(b"h1:")) {
        Some((_, line)) => Answer::Hash { h1: Sum::parse(&text(line)), defects: Vec::new() },
        None => {
            let hashes: Vec<String> = lines.iter().map(|(_, line)| format!("`{}`", text(line))).collect();
            Answer::Unavailable(Arc::from(format!("no h1 hash, only {}", hashes.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use gosum_mod::file::go_sum::GoSum;

    use super::*;

    fn planned(text: &str, selection: &Selection) -> Vec<Planned> {
        plan(&[SumFile { name: "go.sum".into(), sum: GoSum::parse(text.as_bytes()) }], selection)
    }

    #[test]
    fn the_first_h1_of_a_key_counts_and_every_line_is_named() {
        let plan = planned(
            "example.com/b v1.0.0 h2:x\nexample.com/b v1.0.0 h1:first\nexample.com/a v1.10.0/go.mod h1:m\n\
             example.com/b v1.0.0 h1:second\noops\n",
            &Selection::default(),
        );
        let subjects: Vec<String> = plan.iter().map(|planned| planned.subject.to_string()).collect();
        assert_eq!(subjects, ["example.com/a@v1.10.0/go.mod", "example.com/b@v1.0.0"]);
        assert_eq!(plan[1].recorded, Some(Answer::Hash { h1: Sum::parse("h1:first"), defects: Vec::new() }));
        let lines: Vec<usize> = plan[1].at.iter().map(|at| at.line).collect();
        assert_eq!(lines, [1, 2, 4]);
    }

    #[test]
    fn a_key_of_unknown_hashes_alone_records_none() {
        let plan = planned("example.com/a v1.0.0 h2:x\n", &Selection::default());
        assert_eq!(plan[0].recorded, Some(Answer::Unavailable("no h1 hash, only `h2:x`".into())));
    }

    #[test]
    fn patterns_and_zips_leave_lines_out() {
        let selection = Selection {
            only: Some(Patterns::parse("example.com/*")),
            skip: Some(Patterns::parse("example.com/b")),
            zips_only: true,
            known: None,
        };
        let text = "example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0/go.mod h1:x\nexample.com/b v1.0.0 h1:x\n\
                    example.org/a v1.0.0 h1:x\n";
        let left_out: Vec<Option<NotAsked>> =
            planned(text, &selection).iter().map(|planned| planned.left_out).collect();
        assert_eq!(
            left_out,
            [None, Some(NotAsked::ModOnly), Some(NotAsked::NotSelected), Some(NotAsked::NotSelected)]
        );
    }
}
