//! `gosum lint`: go.sum itself, by its lines and by the module graph.

mod fix;
mod merge;
mod output;
mod target;

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use gosum_audit::source::Source;
use gosum_audit::source::modcache::ModCache;
use gosum_evidence::lint::{Fixed, Lint, Linted, Untold, Verdict};
use gosum_evidence::policy::{Policy, Unverified};
use gosum_evidence::rule::{Case, Form, Needs, SumFile};
use gosum_mod::file::sum_form::flaws;
use gosum_report::lint::Options;

use self::output::Outputs;
use self::target::{Sum, Target};
use super::audit::unverified;
use super::policy_args::PolicyArgs;
use crate::VERSION;
use crate::config::Config;
use crate::exit::Exit;
use crate::network::{NetworkArgs, Sources};
use crate::session::Session;
use crate::source_arg::SourceArg;

/// Check go.sum itself: its lines, and whether they are those that the module graph needs
///
/// Line by line: duplicates, two hashes of one artifact, malformed lines, marks of a merge, hashes that no go command computes,
/// ends and order of lines. By the module graph, from the go.mod files in the module cache: lines that `go mod tidy` would remove,
/// whatever is imported, and lines that are missing. Of a selected version it depends on imports whether its lines are needed;
/// those are not looked at, and such a line is never called unneeded. A go.mod that cannot be had makes it "could not tell".
///
/// No network is used unless --fetch is given.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 clean, 1 findings that fail it, 2 wrong use, 3 it could not be told which lines are needed.\n\n\
    As git's merge driver for go.sum:\n  \
    git config merge.gosum.name 'go.sum by artifact'\n  \
    git config merge.gosum.driver 'gosum lint --merge %O %A %B'\n  \
    and in .gitattributes: `go.sum merge=gosum`"
)]
pub(crate) struct LintArgs {
    /// Folders with a go.sum, a go.work or a go.mod alone; go.sum files; or `-` for a go.sum on standard input
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Put right what takes no judgement: duplicates, order, ends of lines, white space. With --fetch, also add missing lines on
    /// whose hash at least two of proxy, version control and checksum database agree, and none contradicts
    #[arg(long)]
    fix: bool,
    /// Use the network: read go.mod files that the module cache lacks from the module proxy or version control
    #[arg(long)]
    fetch: bool,
    /// Look at the lines alone, not at the module graph
    #[arg(long, conflicts_with = "fetch")]
    no_graph: bool,
    /// Merge three go.sum files artifact by artifact, and write the result to OURS. What the sides contradict each other on is
    /// decided with --fetch where two sources agree on the hash of one side, and else left between marks, with exit code 1
    #[arg(long, num_args = 3, value_names = ["BASE", "OURS", "THEIRS"], conflicts_with_all = ["paths", "fix", "no_graph", "formats", "all", "unverified", "config", "deny", "warn", "allow"])]
    merge: Option<Vec<PathBuf>>,
    /// Report format, to standard output or to FILE; may be given several times: text, json, sarif, github [default: text]
    #[arg(long = "format", value_name = "F[=FILE]")]
    formats: Vec<String>,
    /// List one by one what is folded otherwise
    #[arg(long)]
    all: bool,
    /// Whether it fails (exit 3) or only warns (exit 0) when it cannot be told which lines are needed [default: fail]
    #[arg(long, value_name = "fail|warn", value_parser = unverified())]
    unverified: Option<Unverified>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub(crate) fn run(args: &LintArgs, mut session: Session) -> anyhow::Result<Exit> {
    if let Some(files) = &args.merge {
        session.follow(&Config::here(&session)?);
        return merge::run(args, files, &session);
    }
    if args.fix && args.paths.iter().any(|path| path == Path::new("-")) {
        bail!("--fix writes into files, and not into standard input");
    }
    let config = args.policy.config(&mut session, &args.paths)?;
    let policy = args.policy.policy(&session, &config, Vec::new())?;
    let options = Options { color: session.color, all: args.all };
    let outputs = Outputs::open(&args.formats, options, &session)?;
    let sources = args.fetch.then(|| args.sources(&session)).transpose()?;
    let cache = session.env.gomodcache()?.map(|root| ModCache::new(root, session.env.temp()));
    let readers = readers(cache.as_ref(), sources.as_ref());
    let mut targets = Vec::new();
    for path in &args.paths {
        let mut target = Target::read(&mut session, path)?;
        if args.no_graph {
            target.leave_graphs_out();
        } else {
            target.load_graphs(&session, &readers);
        }
        targets.push(target);
    }
    let mut fixed = Vec::new();
    // who has interrupted it wants nothing written any more
    if args.fix && !session.interrupt.is_raised() {
        for target in &mut targets {
            fixed.extend(fix::fix(target, sources.as_ref(), &session)?);
        }
    }
    let lint =
        lint(&targets, fixed, &policy, args.unverified.or(config.unverified).unwrap_or(Unverified::Fail));
    outputs.write(&lint)?;
    Ok(exit(&lint, &session))
}

impl LintArgs {
    /// Returns all sources.
    fn sources(&self, session: &Session) -> anyhow::Result<Sources> {
        self.network.sources(session, &[SourceArg::Proxy, SourceArg::Direct, SourceArg::Sumdb], None, None)
    }
}

/// Returns who has go.mod files: the module cache, then the proxy and version control, where they are asked at all.
fn readers<'a>(cache: Option<&'a ModCache>, sources: Option<&'a Sources>) -> Vec<&'a dyn Source> {
    let cache = cache.map(|cache| cache as &dyn Source);
    let others = sources.map(Sources::list).unwrap_or_default();
    cache.into_iter().chain(others.into_iter().filter(|source| source.reads_go_mods())).collect()
}

/// What the rules look at of one target.
struct Looked {
    files: Vec<SumFile>,
    forms: Vec<Form>,
    needs: Vec<Needs>,
    untold: Vec<Untold>,
}

impl Looked {
    fn at(target: &Target) -> Looked {
        let files: Vec<SumFile> = target.sums.iter().map(|sum| sum.file.clone()).collect();
        let form = |sum: &Sum| Form { name: sum.file.name.clone(), flaws: flaws(&sum.text) };
        let mut looked = Looked {
            forms: target.sums.iter().map(form).collect(),
            files,
            needs: Vec::new(),
            untold: Vec::new(),
        };
        for sum in &target.sums {
            let (needs, reasons) = sum.needs(target.is_workspace);
            looked.needs.extend(needs);
            let untold = |reason| Untold { file: sum.file.name.clone(), reason };
            looked.untold.extend(reasons.into_iter().map(untold));
        }
        looked
    }

    fn case(&self) -> Case<'_> {
        Case { files: &self.files, forms: &self.forms, needs: &self.needs, ..Case::default() }
    }
}

/// Looks at `targets` as they are now.
fn lint(targets: &[Target], fixed: Vec<Fixed>, policy: &Policy, unverified: Unverified) -> Lint {
    let looked: Vec<Looked> = targets.iter().map(Looked::at).collect();
    let cases: Vec<Case<'_>> = looked.iter().map(Looked::case).collect();
    let mut lint = Lint::new(VERSION, &cases, policy, unverified);
    lint.untold = looked.iter().flat_map(|looked| looked.untold.clone()).collect();
    let linted = |sum: &Sum| Linted {
        file: sum.file.name.clone(),
        lines: sum.file.sum.lines.len(),
        graph: sum.graph_use(&lint.untold),
    };
    lint.files = targets.iter().flat_map(|target| &target.sums).map(linted).collect();
    lint.fixed = fixed;
    lint.judged()
}

fn exit(lint: &Lint, session: &Session) -> Exit {
    if session.interrupt.is_raised() {
        return Exit::Interrupted;
    }
    match lint.verdict {
        Verdict::Findings => Exit::Findings,
        Verdict::Untold => Exit::Untold,
        Verdict::Clean => Exit::Success,
    }
}
