//! What a lint of go.sum files comes to: the value that its reports are rendered from, in the form that JSON shows (schema 1).

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::finding::{Finding, Level};
use crate::policy::{Policy, Unverified};
use crate::report::SCHEMA;
use crate::rule::{self, Case};

/// A lint, whole.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lint {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of gosum.
    pub gosum: &'static str,
    /// What it comes to.
    pub verdict: Verdict,
    /// The files that were looked at.
    pub files: Vec<Linted>,
    /// What was put right.
    pub fixed: Vec<Fixed>,
    /// What the rules found, and is so still.
    pub findings: Vec<Finding>,
    /// What could not be told.
    pub untold: Vec<Untold>,
    /// Findings of this level and above fail the lint.
    pub fail_on: Level,
    /// What is made of what could not be told.
    pub unverified: Unverified,
}

/// What a lint comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Verdict {
    /// There is nothing that fails it.
    Clean,
    /// Something could not be told.
    Untold,
    /// There are findings that fail it.
    Findings,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Clean => "clean",
            Verdict::Untold => "untold",
            Verdict::Findings => "findings",
        })
    }
}

/// A file that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Linted {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// How many lines of it the go command reads.
    pub lines: usize,
    /// Whether its lines were held against a module graph.
    pub graph: GraphUse,
}

/// Whether the lines of a file were held against a module graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum GraphUse {
    /// They were.
    Checked,
    /// The graph, or a part of it, is not known.
    Untold,
    /// There is no go.mod beside the file.
    NoGoMod,
    /// No command of Go ever removes a line from the go.sum of a workspace, and it need not be complete.
    Workspace,
    /// The user does not want it.
    NotAsked,
}

/// What was put right in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fixed {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// How many flaws of writing it has no more.
    pub flaws: usize,
    /// The lines that were added.
    pub added: Vec<String>,
}

/// Something that could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Untold {
    /// The file that it is about, as the user named it.
    pub file: Arc<str>,
    /// Why.
    pub reason: String,
}

impl Lint {
    /// Returns what the rules find in `cases`, judged by `policy`. The files of each case belong together.
    pub fn new(gosum: &'static str, cases: &[Case<'_>], policy: &Policy, unverified: Unverified) -> Lint {
        let mut findings: Vec<Finding> = cases.iter().flat_map(rule::check).collect();
        findings.retain_mut(|finding| match policy.level(finding) {
            Some(level) => {
                finding.level = level;
                true
            }
            None => false,
        });
        // what is said of a line stands where the line does
        findings.sort_by(|a, b| (&a.at, &a.subject, a.code).cmp(&(&b.at, &b.subject, b.code)));
        Lint {
            schema: SCHEMA,
            gosum,
            verdict: Verdict::Clean,
            files: Vec::new(),
            fixed: Vec::new(),
            findings,
            untold: Vec::new(),
            fail_on: policy.fail_on,
            unverified,
        }
        .judged()
    }

    /// Returns the lint with the verdict that what it has comes to.
    #[must_use]
    pub fn judged(mut self) -> Lint {
        self.verdict = if self.findings.iter().any(|finding| finding.level >= self.fail_on) {
            Verdict::Findings
        } else if self.untold.is_empty() || self.unverified == Unverified::Warn {
            Verdict::Clean
        } else {
            Verdict::Untold
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use gosum_mod::file::go_sum::GoSum;

    use super::*;
    use crate::policy::Date;
    use crate::rule::SumFile;

    fn lint(policy: &Policy, text: &str, untold: bool, unverified: Unverified) -> Lint {
        let file = SumFile { name: "go.sum".into(), sum: GoSum::parse(text.as_bytes()) };
        let case = Case { files: &[file], ..Case::default() };
        let mut lint = Lint::new("0.0.0", &[case], policy, unverified);
        if untold {
            lint.untold.push(Untold { file: "go.sum".into(), reason: "why".into() });
        }
        lint.judged()
    }

    #[test]
    fn what_fails_comes_before_what_could_not_be_told() {
        let mut policy = Policy::plain(Vec::new(), Date::parse("2026-11-26").unwrap());
        let verdict = |policy: &Policy, text: &str, untold: bool, unverified| {
            lint(policy, text, untold, unverified).verdict
        };
        assert_eq!(verdict(&policy, "", false, Unverified::Fail), Verdict::Clean);
        assert_eq!(verdict(&policy, "", true, Unverified::Fail), Verdict::Untold);
        assert_eq!(verdict(&policy, "", true, Unverified::Warn), Verdict::Clean);
        assert_eq!(verdict(&policy, "oops\n", true, Unverified::Fail), Verdict::Findings);
        policy.levels.insert("go-sum-malformed", Some(Level::Warn));
        assert_eq!(verdict(&policy, "oops\n", false, Unverified::Fail), Verdict::Clean);
        policy.levels.insert("go-sum-malformed", None);
        assert!(lint(&policy, "oops\n", false, Unverified::Fail).findings.is_empty());
    }
}
