//! What is on this machine, for people and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use gosum_evidence::disk::{CachedToolchain, DiskCounts, DiskReport, ToolchainState, Untold};
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::verdict::Verdict;

use crate::escape::terminal;
use crate::format::headline::plural;
use crate::paint::{BAD, GOOD, WARN, paint};

/// How many findings of a code, and how many things that could not be told, are named.
const NAMED: usize = 10;

/// How a report is shown as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether colours are used.
    pub color: bool,
    /// Whether everything is listed, however much it is.
    pub verbose: bool,
}

/// Writes `report` as JSON.
///
/// # Errors
/// As `out`.
pub fn json(report: &DiskReport, out: &mut dyn Write) -> io::Result<()> {
    crate::json::write(report, out)
}

/// Writes `report` as text for people: the verdict and what it is about, what was looked at, what was found, what could not
/// be told.
///
/// # Errors
/// As `out`.
pub fn text(report: &DiskReport, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let style = match report.verdict {
        Verdict::Verified => GOOD,
        Verdict::Unverified => WARN,
        Verdict::Mismatch => BAD,
    };
    let word = paint(options.color, style.bold(), report.verdict);
    writeln!(out, "{word}: {}", headline(report))?;
    if !report.complete {
        let word = paint(options.color, BAD.bold(), "interrupted");
        writeln!(out, "{word}: not all was looked at")?;
    }
    for line in looked_at(report) {
        writeln!(out, "  {line}")?;
    }
    findings(report, options, out)?;
    untold(report, options, out)
}

fn headline(report: &DiskReport) -> String {
    let levels = report.by_level();
    let many = |level, one: &str, more: &str| levels.get(&level).map(|count| plural(*count, one, more));
    let mut parts: Vec<String> = [
        many(Level::Deny, "finding", "findings"),
        many(Level::Warn, "warning", "warnings"),
        many(Level::Note, "note", "notes"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if report.counts.untold > 0 {
        parts.push(format!("{} could not be told", report.counts.untold));
    }
    let found = if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") };
    format!("{found}, in {}", plural(report.counts.modules, "module version", "module versions"))
}

/// Returns what was looked at, a line each.
fn looked_at(report: &DiskReport) -> Vec<String> {
    let DiskCounts {
        zips,
        zips_recorded,
        trees,
        go_mods,
        go_mods_recorded,
        tiles,
        records,
        vendored,
        vendored_uncompared,
        zips_absent,
        go_mods_absent,
        ..
    } = report.counts;
    let of = |held: usize, all: usize| match (held, all) {
        (_, 0) => String::new(),
        _ if held == all => ", all held against go.sum".to_owned(),
        _ => format!(", {held} held against go.sum"),
    };
    let mut lines = vec![format!("module cache {}", terminal(&report.cache))];
    lines.push(format!("{} hashed{}", plural(zips, "zip", "zips"), of(zips_recorded, zips)));
    lines.push(format!("{} compared with their zips", plural(trees, "folder", "folders")));
    lines.push(format!(
        "{} hashed{}",
        plural(go_mods, "go.mod file", "go.mod files"),
        of(go_mods_recorded, go_mods)
    ));
    if tiles + records > 0 {
        lines.push(format!(
            "{} proven by {} of the checksum database",
            plural(records, "record", "records"),
            plural(tiles, "tile", "tiles")
        ));
    }
    lines.extend(report.toolchains.iter().filter_map(toolchain));
    if vendored > 0 {
        lines.push(format!(
            "{} compared with their modules",
            plural(vendored, "vendored file", "vendored files")
        ));
    }
    if vendored_uncompared > 0 {
        let modules = plural(vendored_uncompared, "vendored module", "vendored modules");
        lines.push(format!("not compared: {modules} that a folder replaces"));
    }
    if zips_absent + go_mods_absent > 0 {
        lines.push(format!(
            "not in the cache: {} and {} that go.sum records",
            plural(zips_absent, "zip", "zips"),
            plural(go_mods_absent, "go.mod file", "go.mod files")
        ));
    }
    lines
}

/// Returns what is to be said of a toolchain that is neither a finding nor untold.
fn toolchain(toolchain: &CachedToolchain) -> Option<String> {
    let at: Vec<String> = toolchain.at.iter().map(|at| terminal(&at.to_string()).into_owned()).collect();
    let at = if at.is_empty() { String::new() } else { format!(" ({})", at.join(", ")) };
    let version = toolchain.module.version().as_str();
    let name = version.strip_prefix("v0.0.1-").unwrap_or(version);
    let state = match toolchain.state {
        ToolchainState::Absent => "is not in the cache",
        ToolchainState::Recorded => "is what the checksum database recorded",
        ToolchainState::Differs | ToolchainState::Untold => return None,
    };
    Some(format!("toolchain {}{at} {state}", terminal(name)))
}

fn findings(report: &DiskReport, options: Options, out: &mut dyn Write) -> io::Result<()> {
    if report.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint(options.color, BAD.bold(), "findings"))?;
    // the heaviest first; what is alike stays in the order of go.sum
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        let seen = seen.entry(finding.code).or_default();
        *seen += 1;
        if *seen <= NAMED || options.verbose {
            one(finding, out)?;
        }
    }
    for (code, seen) in seen.into_iter().filter(|(_, seen)| *seen > NAMED && !options.verbose) {
        writeln!(out, "  and {} more of {code} (-v names them)", seen - NAMED)?;
    }
    Ok(())
}

fn one(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let at: Vec<String> = finding.at.iter().map(|at| terminal(&at.to_string()).into_owned()).collect();
    let subject = match (&finding.subject, at.is_empty()) {
        (Some(subject), true) => subject.key(),
        (Some(subject), false) => format!("{}  ({})", subject.key(), at.join(", ")),
        (None, _) => at.join(", "),
    };
    if !subject.is_empty() {
        writeln!(out, "  {}", terminal(&subject))?;
    }
    let level = match finding.level {
        Level::Deny => String::new(),
        level => format!("{level}: "),
    };
    writeln!(out, "    {level}{}: {}", finding.code, terminal(&finding.message))?;
    writeln!(out, "    help: {}", finding.help)
}

fn untold(report: &DiskReport, options: Options, out: &mut dyn Write) -> io::Result<()> {
    if report.untold.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint(options.color, WARN.bold(), "could not be told"))?;
    let named = if options.verbose { report.untold.len() } else { NAMED };
    for Untold { module, place, reason } in report.untold.iter().take(named) {
        let about = module.as_ref().map_or_else(|| place.clone(), ToString::to_string);
        writeln!(out, "  {}: {}", terminal(&about), terminal(reason))?;
    }
    if report.untold.len() > named {
        writeln!(out, "  and {} more (-v names them)", report.untold.len() - named)?;
    }
    Ok(())
}
