//! `gosum audit`: the main job.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use gosum_audit::gather::Progress;
use gosum_audit::graph::{Needed, Project, needed};
use gosum_audit::plan::{Selection, plan};
use gosum_audit::retracted::Retractions;
use gosum_audit::{Outcome, Request, audit};
use gosum_evidence::diff::sums::{DIFF_FILE, DIRECT_FILE, PROXY_FILE, Sums, UNANSWERED_FILE};
use gosum_evidence::evidence::{NotAsked, SourceName};
use gosum_evidence::finding::{Finding, Level};
use gosum_evidence::policy::Unverified;
use gosum_evidence::report::{self, Judged, Report};
use gosum_evidence::rule::SumFile;
use gosum_mod::build::graph::Build;
use gosum_mod::name::pattern::Patterns;
use gosum_mod::name::text::Text;
use gosum_report::format::Options;

use super::ask_args::AskArgs;
use super::base::policy::judging;
use super::base::{Base, Before};
use super::new_file::NewFile;
use super::policy_args::PolicyArgs;
use super::project::{self, Named};
use super::reports::Reports;
use super::toolchain::ToolchainArgs;
use super::vendor;
use crate::config::{Config, UNVERIFIED};
use crate::exit::Exit;
use crate::network::{NetworkArgs, RecallArgs, Sources};
use crate::progress::Bars;
use crate::session::Session;
use crate::timings::{self, Timings};
use crate::{VERSION, value};

/// Recompute every line of go.sum through the proxy and from version control, and compare
///
/// For every line of go.sum, what the module proxy serves and what the module's own repository holds are hashed by Go's
/// rules and held against the hash that the line records, and against that of the checksum database. For a project that has
/// a go.mod and no go.sum, the module graph is loaded once through each path, and the two resulting sets are compared. Lines that a source does not answer are never counted as
/// verified.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// Whether lines that could not be told fail the audit (exit 3) or only warn (exit 0) [default: fail]
    #[arg(long, value_name = "fail|warn", value_parser = unverified())]
    unverified: Option<Unverified>,
    /// Report format, to standard output or to FILE; may be given several times [default: text]
    ///
    /// text for people; html, one page to look at; json and jsonl (an artifact a line, as it is judged) for programs; sarif for
    /// code scanning; markdown for a comment on a pull request; junit for test reports; github for annotations in a workflow;
    /// gitlab for code quality.
    #[arg(long = "format", value_name = "F[=FILE]")]
    formats: Vec<String>,
    /// How many bytes markdown may have, whose readers take no more: a comment on a pull request 64KiB, the summary of a step
    /// 1MiB. What there is no room for is counted
    #[arg(long, value_name = "SIZE", default_value = "64KiB", value_parser = markdown_bytes)]
    markdown_bytes: usize,
    /// Write go.sum.proxy, go.sum.direct, go.sum.diff and go.sum.unanswered into DIR
    #[arg(long, value_name = "DIR")]
    write_sums: Option<PathBuf>,
    /// Only lines that were added or changed since a git revision, such as origin/main, or since a file; what is not a path
    /// with a slash at its front (`./old`) and does not end in `.sum` is a revision. The gosum.toml of a revision judges, and
    /// not that of the change, unless --config names one
    #[arg(long, value_name = "REF|FILE")]
    base: Option<String>,
    /// Only modules that match these patterns, in the syntax of GOPRIVATE
    #[arg(long, value_name = "PATTERNS")]
    only: Option<String>,
    /// No modules that match these patterns
    #[arg(long, value_name = "PATTERNS")]
    skip: Option<String>,
    /// All lines, or only those of module zips
    #[arg(long, value_name = "all|zips", default_value = "all")]
    lines: Lines,
    /// List line by line what is folded otherwise
    #[arg(long)]
    all: bool,
    /// Leave out of the report what differs from run to run: times, requests, bytes
    #[arg(long)]
    no_run: bool,
    /// Show the origin of every answer, also where all agree
    #[arg(short, long)]
    verbose: bool,
    /// Print to standard error how long each stage took and what each source did: how often, bytes, percentiles. In JSON as
    /// `timings` of `run`
    #[arg(long)]
    timings: bool,
    #[command(flatten)]
    toolchain: ToolchainArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    recall: RecallArgs,
}

impl AuditArgs {
    /// Returns which lines are audited. What the command line names takes the place of what the config file does.
    fn selection(&self, config: &Config) -> Selection {
        let listed = config.selection();
        Selection {
            only: self.only.as_deref().map(Patterns::parse).or(listed.only),
            skip: self.skip.as_deref().map(Patterns::parse).or(listed.skip),
            zips_only: self.lines == Lines::Zips,
            known: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lines {
    All,
    Zips,
}

pub(crate) fn run(args: &AuditArgs, mut session: Session) -> anyhow::Result<Exit> {
    Ok(exit(&perform(args, &mut session)?))
}

/// Audits, writes what is asked for, and returns the report.
pub(super) fn perform(args: &AuditArgs, session: &mut Session) -> anyhow::Result<Report> {
    if !args.timings {
        return perform_measured(args, session, None);
    }
    let timings = Timings::default();
    let report = timings.measure(|| perform_measured(args, session, Some(&timings)))?;
    // what cannot be written is no reason to fail
    let _ = timings::write(&timings.rows(), session.err.clone());
    Ok(report)
}

fn perform_measured(
    args: &AuditArgs,
    session: &mut Session,
    timings: Option<&Timings>,
) -> anyhow::Result<Report> {
    let paths = &args.ask.paths;
    let base = args.base.as_deref().map(|base| Base::open(session, base, paths)).transpose()?;
    let judging = judging(session, &args.policy, base.as_ref(), paths)?;
    let config = judging.config;
    let asked = args.ask.asked()?;
    let required = args.ask.required(session, &config, &asked)?;
    let insisted = args.ask.insisted(&config, &required);
    let mut policy = args.policy.policy(session, &config, required)?;
    policy.changes = judging.changes;
    // what cannot be written should not be found out after an hour
    let max_bytes = Some(args.markdown_bytes);
    let options = Options { color: session.color, all: args.all, verbose: args.verbose, max_bytes };
    let reports = Reports::open(&args.formats, options, session)?;
    let sums_dir = args.write_sums.as_deref().map(|dir| SumsDir::open(session, dir)).transpose()?;
    let mut named = project::to_audit(session, paths, base.is_some())?;
    let mut selection = args.selection(&config);
    check_selected(&named, &selection, "--only and --skip, or those of the config file,")?;
    let before = base.as_ref().map(|base| base.before(session, paths, &named)).transpose()?;
    let mut shown = None;
    if let Some(Before { known, shown: base, passed_over }) = before {
        selection.known = Some(known);
        shown = Some(report::Base { config: judging.of_base, ..base });
        if let Named::Files(files) = &mut named {
            files.extend(passed_over);
        }
    }
    policy.is_whole = selection.is_all() && config.is_beside(session, paths);
    let replaced = project::replaced(session, paths);
    let toolchains = args.toolchain.toolchains(session, paths, &asked)?;
    let vendor = vendor::asked(session, &asked, paths, named.files())?;
    let bars = args.network.bars(session);
    let sources = args.network.sources(session, &asked, Some(&args.recall), vendor)?.watched_by(&bars);
    let loading = tracing::info_span!("stage", stage = "load").entered();
    let (files, needed) = lines(session, named, &sources, &bars)?;
    drop(loading);
    let withheld = judging.withheld;
    let request = Request { files, selection, replaced, policy, needed, toolchains, withheld, insisted };
    let watched = Watched { bars: &bars, reports: &reports };
    let Outcome { mut report, sums, retractions } = audit(request, &sources.list(), &watched, VERSION);
    bars.finish();
    sources.finish(session);
    warn_of_untold(session, &retractions);
    report.complete = !session.interrupt.is_raised();
    report.base = shown;
    report.unverified = args.unverified.or(config.unverified).unwrap_or(report.unverified);
    if let (Some(run), Some(timings)) = (&mut report.run, timings) {
        run.timings = timings.rows();
    }
    if args.no_run {
        report.run = None;
    }
    let unseen = !reports.is_seen();
    // one that cannot be written takes none of the others away
    let writing = tracing::info_span!("stage", stage = "report").entered();
    let written = reports.finish(&report);
    let sums_written = sums_dir.map_or(Ok(()), |dir| dir.write(&sums));
    drop(writing);
    written.and(sums_written)?;
    if unseen && !session.quiet {
        session.warn(format!("{}; the report is in the files that --format names", report.verdict));
    }
    Ok(report)
}

/// Shows how far the audit has come, and writes what is known by then.
struct Watched<'a> {
    bars: &'a Bars,
    reports: &'a Reports,
}

impl Progress for Watched<'_> {
    fn begins(&self, source: &SourceName, lines: usize) {
        self.bars.begins(source, lines);
    }

    fn answered(&self, source: &SourceName) {
        self.bars.answered(source);
    }

    fn judged(&self, judged: &Judged) {
        self.reports.artifact(judged, self.bars);
    }
}

/// Returns the go.sum files that are `named`; what a project without one needs, as `sources` say.
///
/// # Errors
/// When its module graph cannot be loaded.
pub(super) fn lines(
    session: &Session,
    named: Named,
    sources: &Sources,
    bars: &Bars,
) -> anyhow::Result<(Vec<SumFile>, Option<Needed>)> {
    match named {
        Named::Files(files) => Ok((files, None)),
        Named::Project { build, folder } => {
            Ok((Vec::new(), Some(load(session, *build, &folder, sources, bars)?)))
        }
    }
}

/// Loads the module graphs of a project without a go.sum.
fn load(
    session: &Session,
    build: Build,
    folder: &Path,
    sources: &Sources,
    bars: &Bars,
) -> anyhow::Result<Needed> {
    let directory = |directory: &Text| project::read_directory(folder, directory);
    let project = Project { build, directory: &directory };
    bars.turns_to("loading the module graph");
    let needed = needed(&project, &sources.list());
    bars.finish();
    let needed = needed.context("the module graph cannot be loaded")?;
    for fault in &needed.faults {
        session.warn(fault);
    }
    for require in &needed.outdated {
        session.warn(format!(
            "go.mod is not up to date: it requires {require}, and another version is selected"
        ));
    }
    Ok(needed)
}

/// Fails when the patterns of `selection`, which messages name `patterns`, leave nothing of what is `named`: most likely
/// a typing error, and nothing that was checked.
pub(super) fn check_selected(named: &Named, selection: &Selection, patterns: &str) -> anyhow::Result<()> {
    match named {
        Named::Files(files) if selection.is_by_name() && selects_nothing(files, selection) => {
            bail!("{patterns} leave no line of {} to audit", files[0].name)
        }
        _ => Ok(()),
    }
}

/// Says of which modules it could not be told whether they are retracted, if there are any: no audit fails for it.
pub(super) fn warn_of_untold(session: &Session, Retractions { untold, .. }: &Retractions) {
    let Some((path, why)) = untold.first_key_value() else { return };
    let others = match untold.len() - 1 {
        0 => String::new(),
        others => format!(" (and of {others} more)"),
    };
    session.warn(format!("could not tell which versions of {path}{others} are retracted: {why}"));
}

fn selects_nothing(files: &[SumFile], selection: &Selection) -> bool {
    let planned = plan(files, selection);
    !planned.is_empty() && planned.iter().all(|planned| planned.left_out == Some(NotAsked::NotSelected))
}

/// Returns how `--unverified` is read.
pub(super) fn unverified() -> impl TypedValueParser<Value = Unverified> {
    PossibleValuesParser::new(UNVERIFIED.map(|(word, _)| word)).map(|given| {
        let value = UNVERIFIED.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        value.expect("the parser lets no other word through")
    })
}

/// Returns the number of bytes that `text` spells, in which there is room for what is said of what is left out.
fn markdown_bytes(text: &str) -> Result<usize, String> {
    let bytes = usize::try_from(value::size(text)?).map_err(|_| "too large")?;
    if bytes < 1 << 10 { Err("less than 1KiB holds no report".into()) } else { Ok(bytes) }
}

/// Returns the exit code that `report` calls for.
pub(super) fn exit(report: &Report) -> Exit {
    match report.complete {
        true => code(&report.findings, report.fail_on, report.is_untold(), report.unverified),
        false => Exit::Interrupted,
    }
}

/// Returns the exit code of what was found, when something could not be told or all could.
pub(super) fn code(findings: &[Finding], fail_on: Level, is_untold: bool, unverified: Unverified) -> Exit {
    if findings.iter().any(|finding| finding.level >= fail_on) {
        Exit::Findings
    } else if is_untold && unverified == Unverified::Fail {
        Exit::Untold
    } else {
        Exit::Success
    }
}

/// The folder that `--write-sums` names.
struct SumsDir {
    files: [NewFile; 4],
}

impl SumsDir {
    fn open(session: &Session, dir: &Path) -> anyhow::Result<SumsDir> {
        let folder = session.path(dir);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", dir.display()))?;
        let open = |name: &str| NewFile::open(&folder.join(name), &dir.join(name).display().to_string());
        Ok(SumsDir {
            files: [open(PROXY_FILE)?, open(DIRECT_FILE)?, open(DIFF_FILE)?, open(UNANSWERED_FILE)?],
        })
    }

    fn write(self, sums: &Sums) -> anyhow::Result<()> {
        let texts = [&sums.proxy, &sums.direct, &sums.diff, &sums.unanswered];
        for (file, text) in self.files.into_iter().zip(texts) {
            file.write(|out| out.write_all(text.as_bytes()))?;
        }
        Ok(())
    }
}
