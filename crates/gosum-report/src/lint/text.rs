//! Text for people: what it comes to, what was found, then what could not be told.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::lint::{Fixed, GraphUse, Lint, Verdict};

use super::Options;
use crate::escape::terminal;
use crate::format::headline::{lint_headline, plural};
use crate::paint::{BAD, GOOD, WARN, paint};

/// How many findings of a code, or reasons, are named.
const NAMED: usize = 3;

pub(super) fn render(lint: &Lint, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, options };
    page.headline(lint)?;
    page.fixed(lint)?;
    page.findings(lint)?;
    page.untold(lint)
}

struct Page<'a> {
    out: &'a mut dyn Write,
    options: Options,
}

impl Page<'_> {
    fn headline(&mut self, lint: &Lint) -> io::Result<()> {
        let style = match lint.verdict {
            Verdict::Clean => GOOD,
            Verdict::Untold => WARN,
            Verdict::Findings => BAD,
        };
        let word = paint(self.options.color, style.bold(), lint.verdict);
        writeln!(self.out, "{word}: {}", lint_headline(lint))?;
        for linted in &lint.files {
            writeln!(self.out, "  {}: {}", terminal(&linted.file), graph(linted.graph))?;
        }
        Ok(())
    }

    fn fixed(&mut self, lint: &Lint) -> io::Result<()> {
        if lint.fixed.is_empty() {
            return Ok(());
        }
        self.heading(GOOD, "fixed")?;
        for Fixed { file, flaws, added } in &lint.fixed {
            let file = terminal(file);
            if *flaws > 0 {
                writeln!(self.out, "  {file}: {}", plural(*flaws, "flaw of writing", "flaws of writing"))?;
            }
            for line in added {
                writeln!(self.out, "  {file}: added, as the sources agree: {}", terminal(line))?;
            }
        }
        Ok(())
    }

    fn findings(&mut self, lint: &Lint) -> io::Result<()> {
        if lint.findings.is_empty() {
            return Ok(());
        }
        self.heading(if lint.verdict == Verdict::Findings { BAD } else { WARN }, "findings")?;
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &lint.findings {
            let seen = seen.entry(finding.code).or_default();
            *seen += 1;
            if *seen <= NAMED || self.options.all {
                self.finding(finding)?;
            }
        }
        for (code, seen) in seen.into_iter().filter(|(_, seen)| *seen > NAMED && !self.options.all) {
            writeln!(self.out, "  and {} more of {code} (--all names them)", seen - NAMED)?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let at = finding.at.iter().map(|at| terminal(&at.to_string()).into_owned());
        let subject = finding.subject.as_ref().map(|subject| terminal(&subject.key()).into_owned());
        let place: Vec<String> = at.chain(subject).collect();
        writeln!(self.out, "  {}", place.join(" "))?;
        let level = match finding.level {
            Level::Deny => String::new(),
            level => format!("{level}: "),
        };
        writeln!(self.out, "    {level}{}: {}", finding.code, terminal(&finding.message))?;
        writeln!(self.out, "    help: {}", finding.help)
    }

    fn untold(&mut self, lint: &Lint) -> io::Result<()> {
        if lint.untold.is_empty() {
            return Ok(());
        }
        self.heading(WARN, "could not tell which lines are unneeded, or what lacks one")?;
        let named = if self.options.all { lint.untold.len() } else { NAMED };
        for untold in lint.untold.iter().take(named) {
            writeln!(self.out, "  {}: {}", terminal(&untold.file), terminal(&untold.reason))?;
        }
        if lint.untold.len() > named {
            writeln!(self.out, "  and {} more (--all names them)", lint.untold.len() - named)?;
        }
        writeln!(self.out, "  help: {}", crate::format::remark::UNTOLD_HELP)
    }

    fn heading(&mut self, style: Style, word: &str) -> io::Result<()> {
        let word = paint(self.options.color, style.bold(), word);
        writeln!(self.out, "\n{word}")
    }
}

fn graph(graph: GraphUse) -> &'static str {
    match graph {
        GraphUse::Checked => {
            "held against the module graph; which further zips a build needs depends on imports, which are not looked at"
        }
        GraphUse::Untold => "the module graph is not known, or not all of it",
        GraphUse::NoGoMod => "held against no module graph: there is no go.mod beside it",
        GraphUse::Workspace => {
            "held against no module graph: nothing ever removes lines from the file of a workspace"
        }
        GraphUse::NotAsked => "held against no module graph, as asked",
    }
}
