//! `gosum verify`: what is on this machine, held against go.sum.

mod required;

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use gosum_audit::source::Source;
use gosum_audit::source::modcache::ModCache;
use gosum_audit::vendor::Reference;
use gosum_audit::verify::{Request, verify};
use gosum_evidence::disk::{Cached, DiskReport};
use gosum_evidence::evidence::SourceName;
use gosum_evidence::policy::Unverified;
use gosum_evidence::rule::SumFile;
use gosum_mod::build::graph::Build;
use gosum_report::disk::{Options, json, text};

use super::TextOrJson;
use super::audit;
use super::policy_args::PolicyArgs;
use super::project::{self, Named};
use super::toolchain;
use super::vendor;
use crate::VERSION;
use crate::exit::Exit;
use crate::network::{NetworkArgs, is_direct_for_private};
use crate::progress::Bars;
use crate::session::Session;
use crate::source_arg::SourceArg;

/// Who is asked for what is not on this machine.
const FETCHED: [SourceArg; 3] = [SourceArg::Proxy, SourceArg::Direct, SourceArg::Sumdb];

/// Hold what is on this machine against go.sum: the module cache's zips, hashed anew, the files unpacked from them, and vendor
///
/// For every module version of go.sum that the module cache has: the zip is hashed and held against go.sum, the ziphash beside it
/// is held against the zip, each unpacked file is compared with the zip, and the go.mod, the .info and what the cache keeps of
/// the checksum database with all of them. In a project with a vendor folder, each file of it is held against the zip of its
/// module, by what `go mod vendor` copies, and vendor/modules.txt against go.mod. The toolchain that go.mod or go.work selects is
/// in no go.sum: if the cache has it, it is held against what the cache has of the checksum database, if a signed tree head
/// proves that. Uses no network but with --fetch, and writes nothing. What the cache does not have is counted, and no finding.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing found (or only warnings); 1 findings; 2 wrong use; 3 no finding, but something could \
                        not be told, such as a file that cannot be read or a module that another process is downloading."
)]
pub(crate) struct VerifyArgs {
    /// Folders with a go.sum or a go.work; go.sum files; or `-` for a go.sum on standard input
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look at everything that the module cache has, also what go.sum does not name: it is held against the hashes that were
    /// kept with it. No go.sum is needed then
    #[arg(long)]
    all: bool,
    /// Download what vendored files are held against and the module cache does not have, through the module proxies of GOPROXY
    /// or, as the go command would, from version control; and ask the checksum database about toolchains of which the cache has no proven record. The options
    /// under "Network" are for this alone
    #[arg(long)]
    fetch: bool,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text")]
    format: TextOrJson,
    /// List everything, however much it is
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub(crate) fn run(args: &VerifyArgs, mut session: Session) -> anyhow::Result<Exit> {
    let config = args.policy.config(&mut session, &args.paths)?;
    let policy = args.policy.policy(&session, &config, Vec::new())?;
    let (files, missing) = files(args, &mut session)?;
    let (toolchains, untold) = toolchain::of_host(&session, &args.paths);
    let Some(cache) = session.env.gomodcache()? else {
        bail!("no module cache: set GOMODCACHE, GOPATH or HOME");
    };
    match std::fs::metadata(&cache) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => bail!("{}, the module cache, is not a folder", cache.display()),
        // an empty one, which verifies nothing
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => bail!("{}, the module cache, cannot be opened: {error}", cache.display()),
    }
    let vendors = vendor::of(&session, &args.paths)?;
    let local = ModCache::new(cache.clone(), session.env.temp());
    let fetched = match args.fetch {
        true => Some(args.network.sources(&session, &FETCHED, None, None)?),
        false => None,
    };
    let is_database = |source: &&dyn Source| source.name() == SourceName::SUMDB;
    let (database, further): (Vec<&dyn Source>, Vec<&dyn Source>) =
        fetched.iter().flat_map(|sources| sources.list()).partition(is_database);
    // a setting that nobody uses cannot be wrong
    let is_direct_for_private = args.fetch && is_direct_for_private(&session.env.goproxy()?);
    let request = Request {
        cache,
        required: required::of(&session, &files),
        toolchains,
        database: database.first().copied(),
        files: &files,
        vendors,
        references: std::iter::once(&local as &dyn Source)
            .chain(further)
            .map(|source| Reference {
                source,
                for_private: is_direct_for_private && source.name() == SourceName::DIRECT,
            })
            .collect(),
        all: args.all,
        keys: session.env.sumdb_keys(),
        heads: session.env.sumdb_heads()?,
    };
    let bars = Bars::new(session.progress);
    let mut disk = verify(&request, &*bars, &|| session.interrupt.is_raised());
    bars.finish();
    if let Some(folder) = missing
        && disk.vendors.is_empty()
        && disk.cached.iter().all(Cached::is_absent)
        && untold.is_empty()
    {
        bail!(
            "{} has no go.sum to hold the module cache against; --all looks at the cache by itself",
            folder.display()
        );
    }
    let untold = untold.into_iter().map(|(path, error)| {
        (path.display().to_string(), format!("which toolchain it selects is not known: {error:#}"))
    });
    disk.unread.extend(untold);
    let mut report = DiskReport::new(VERSION, &files, &disk, &policy);
    report.complete = !session.interrupt.is_raised();
    let mut out = std::io::BufWriter::new(&mut session.out);
    match args.format {
        TextOrJson::Text => text(&report, Options { color: session.color, verbose: args.verbose }, &mut out)?,
        TextOrJson::Json => json(&report, &mut out)?,
    }
    std::io::Write::flush(&mut out)?;
    if !report.complete {
        return Ok(Exit::Interrupted);
    }
    let unverified = config.unverified.unwrap_or(Unverified::Fail);
    Ok(audit::code(&report.findings, report.fail_on, report.counts.untold > 0, unverified))
}

/// Returns the go.sum files; none where all is looked at and there are none. Of a project without any, its folder too.
fn files(args: &VerifyArgs, session: &mut Session) -> anyhow::Result<(Vec<SumFile>, Option<PathBuf>)> {
    let is_default = args.paths == [Path::new(".")];
    match project::read(session, &args.paths) {
        Ok(Named::Files(files)) => Ok((files, None)),
        Ok(Named::Project { .. }) | Err(_) if args.all && is_default => Ok((Vec::new(), None)),
        // `go mod tidy` leaves it without a go.sum
        Ok(Named::Project { build, .. }) if requires_nothing(&build) => Ok((Vec::new(), None)),
        Ok(Named::Project { folder, .. }) => Ok((Vec::new(), Some(folder))),
        Err(error) => Err(error),
    }
}

fn requires_nothing(build: &Build) -> bool {
    build.mains().iter().all(|module| module.file.go_mod.require.is_empty())
}
