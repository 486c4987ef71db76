//! `gosum audit`: the main job.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use gosum_audit::plan::Selection;
use gosum_audit::{Outcome, Request, audit};
use gosum_evidence::diff::sums::{DIFF_FILE, DIRECT_FILE, PROXY_FILE, Sums, UNANSWERED_FILE};
use gosum_evidence::finding::Level;
use gosum_evidence::report::Report;
use gosum_mod::name::pattern::Patterns;
use gosum_report::format::{Format, Options, formats, named};
use tempfile::NamedTempFile;

use super::sum_file;
use crate::VERSION;
use crate::exit::Exit;
use crate::network::{NetworkArgs, SourceArg, check_required, distinct};
use crate::progress::Bars;
use crate::session::Session;

/// Recompute every line of go.sum through the proxy and from version control, and compare
///
/// For every line of go.sum, what the module proxy serves and what the module's own repository holds are hashed by Go's
/// rules and held against the hash that the line records. Lines that a source does not answer are never counted as
/// verified.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// A folder that holds a go.sum, a go.sum file, or `-` for a go.sum on standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Which sources to ask
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "proxy,direct")]
    source: Vec<SourceArg>,
    /// Sources whose missing hash makes a line unverified, where they apply [default: those that are asked]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    require: Option<Vec<SourceArg>>,
    /// Whether lines that could not be told fail the audit (exit 3) or only warn (exit 0)
    #[arg(long, value_name = "fail|warn", default_value = "fail")]
    unverified: Unverified,
    /// Report format, to standard output or to FILE: text or json; may be given several times [default: text]
    #[arg(long = "format", value_name = "F[=FILE]")]
    formats: Vec<String>,
    /// Write go.sum.proxy, go.sum.direct, go.sum.diff and go.sum.unanswered into DIR
    #[arg(long, value_name = "DIR")]
    write_sums: Option<PathBuf>,
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
    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Unverified {
    Fail,
    Warn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lines {
    All,
    Zips,
}

pub(crate) fn run(args: &AuditArgs, mut session: Session) -> anyhow::Result<Exit> {
    let report = perform(args, &mut session)?;
    Ok(exit(&report, args.unverified))
}

/// Audits, writes what is asked for, and returns the report.
pub(super) fn perform(args: &AuditArgs, session: &mut Session) -> anyhow::Result<Report> {
    let asked = distinct(&args.source)?;
    let required = required(session, args.require.as_deref(), &asked)?;
    // what cannot be written should not be found out after an hour
    let targets = targets(&args.formats, session)?;
    let sums_dir = args.write_sums.as_deref().map(|dir| SumsDir::open(session, dir)).transpose()?;
    let request = Request {
        files: vec![sum_file::read(session, &args.path)?],
        selection: Selection {
            only: args.only.as_deref().map(Patterns::parse),
            skip: args.skip.as_deref().map(Patterns::parse),
            zips_only: args.lines == Lines::Zips,
        },
        required: required.into_iter().map(SourceArg::name).collect(),
    };
    let sources = args.network.sources(session, &asked)?;
    let bars = Bars::new(session.progress);
    let Outcome { mut report, sums } = audit(request, &sources.list(), &bars, VERSION);
    bars.finish();
    report.complete = !session.interrupt.is_raised();
    if args.no_run {
        report.run = None;
    }
    if let Some(dir) = sums_dir {
        dir.write(&sums)?;
    }
    let options = Options { color: session.color, all: args.all, verbose: args.verbose };
    let unseen = targets.iter().all(|target| target.file.is_some());
    for target in targets {
        target.write(&report, &options, session)?;
    }
    if unseen && !session.quiet {
        session.warn(format!("{}; the report is in the files that --format names", report.verdict));
    }
    Ok(report)
}

/// Returns the exit code that `report` calls for.
pub(super) fn exit(report: &Report, unverified: Unverified) -> Exit {
    let found = report.findings.iter().any(|finding| finding.level >= Level::Deny);
    if !report.complete {
        Exit::Interrupted
    } else if found {
        Exit::Findings
    } else if report.counts.unverified > 0 && unverified == Unverified::Fail {
        Exit::Untold
    } else {
        Exit::Success
    }
}

/// Returns the sources that must answer: those that the user names, else all that are asked.
fn required(
    session: &Session,
    named: Option<&[SourceArg]>,
    asked: &[SourceArg],
) -> anyhow::Result<Vec<SourceArg>> {
    let Some(named) = named else { return Ok(asked.to_vec()) };
    let required = distinct(named)?;
    check_required(session, &required)?;
    for source in &required {
        if !asked.contains(source) {
            bail!("--require names {}, which --source does not ask", source.name());
        }
    }
    Ok(required)
}

/// Where a report goes, in which format.
struct Target {
    format: &'static dyn Format,
    /// None for standard output.
    file: Option<NewFile>,
}

impl Target {
    fn write(self, report: &Report, options: &Options, session: &Session) -> anyhow::Result<()> {
        match self.file {
            None => {
                let mut out = BufWriter::new(session.out.clone());
                self.format
                    .render(report, options, &mut out)
                    .and_then(|()| out.flush())
                    .context("cannot write the report")
            }
            Some(mut file) => {
                let plain = Options { color: false, ..*options };
                let mut out = BufWriter::new(file.temporary.as_file_mut());
                let written = self.format.render(report, &plain, &mut out).and_then(|()| out.flush());
                drop(out);
                file.commit(written)
            }
        }
    }
}

/// Returns the targets that `--format` names; text on standard output when it names none.
fn targets(given: &[String], session: &Session) -> anyhow::Result<Vec<Target>> {
    let mut targets = Vec::new();
    for given in given {
        let (name, file) = match given.split_once('=') {
            Some((name, file)) => (name, Some(NewFile::open(&session.path(Path::new(file)), file)?)),
            None => (given.as_str(), None),
        };
        let Some(format) = named(name) else {
            let known: Vec<&str> = formats().iter().map(|format| format.name()).collect();
            bail!("unknown format `{name}`; there are {}", known.join(", "));
        };
        targets.push(Target { format, file });
    }
    if targets.is_empty() {
        targets.push(Target { format: named("text").expect("text is a format"), file: None });
    }
    if targets.iter().filter(|target| target.file.is_none()).count() > 1 {
        bail!("only one format can go to standard output; give the others a file: --format F=FILE");
    }
    Ok(targets)
}

/// A file that takes the place of an old one when it is whole, and not before.
struct NewFile {
    temporary: NamedTempFile,
    path: PathBuf,
    shown: String,
}

impl NewFile {
    fn open(path: &Path, shown: &str) -> anyhow::Result<NewFile> {
        let unwritable = || format!("cannot write {shown}");
        if path.is_dir() || path.file_name().is_none() {
            bail!("{}: it is a folder", unwritable());
        }
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary =
            tempfile::Builder::new().prefix(".gosum-").tempfile_in(dir).with_context(unwritable)?;
        Ok(NewFile { temporary, path: path.to_path_buf(), shown: shown.to_owned() })
    }

    /// Puts the file in its place when it was `written` whole.
    fn commit(self, written: io::Result<()>) -> anyhow::Result<()> {
        let NewFile { temporary, path, shown } = self;
        written
            .and_then(|()| readable_by_all(temporary.as_file()))
            .and_then(|()| temporary.persist(&path).map(drop).map_err(|error| error.error))
            .with_context(|| format!("cannot write {shown}"))
    }
}

/// A temporary file is its owner's alone; a report is not.
fn readable_by_all(file: &std::fs::File) -> io::Result<()> {
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    file.sync_all()
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
        for (mut file, text) in self.files.into_iter().zip(texts) {
            let written = file.temporary.write_all(text.as_bytes());
            file.commit(written)?;
        }
        Ok(())
    }
}
