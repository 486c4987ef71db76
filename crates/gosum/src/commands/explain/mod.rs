//! `gosum explain`: what differs, from the hash to the changed line, and what a code means.

mod between;
mod rules;

use std::io::BufWriter;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use gosum_audit::copy::disk::{self, DiskCopy};
use gosum_audit::explain::{Asked, Question, explain, explain_between, explain_files};
use gosum_audit::source::Source;
use gosum_audit::source::modcache::ModCache;
use gosum_evidence::diff::lines::Bounds;
use gosum_evidence::explain::{Account, Manner, Outcome};
use gosum_mod::build::constraint::{Configuration, Platform};
use gosum_mod::name::id::ModuleVersion;
use gosum_report::explain::{Options, json, names, text};

use self::between::Side;
use super::{TextOrJson, project, vendor};
use crate::config::Config;
use crate::exit::Exit;
use crate::network::NetworkArgs;
use crate::session::Session;
use crate::source_arg::SourceArg;
use crate::{VERSION, value};

/// Show what differs between two copies of a module version, down to the lines, or what a code means
///
/// With MODULE@VERSION: asks go.sum, the module proxy, version control and the checksum database for their hashes, and says
/// who has which, whose hash go.sum records in which line, and who stands alone; then compares the two copies that differ:
/// which files, whether each can reach a build, which lines, and why, as far as that is proved. go.sum is that of the project
/// whose folder this is. Where it has a hash that nobody else has, the module cache is searched for a copy with it. Where no two
/// copies differ, what the project's vendor folder has of it is compared. With two module zips or folders: compares those. With
/// the CODE of a finding: shows its page.
///
/// A file is said to be in no build only when no combination of GOOS, GOARCH and tags compiles, embeds or assembles it;
/// what is not known counts as one that can reach a build. What is listed as worth a look (init functions, unsafe, os/exec,
/// net, cgo and the like that one copy alone has) is found on Go's tokens, and can be evaded: whoever wants to hide
/// something can do without all of it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    gosum explain example.com/a@v1.2.3\n  \
    gosum explain example.com/a@v1.2.3 --between proxy,modcache\n  \
    gosum explain example.com/a@v1.2.3 --between modcache,vendor\n  \
    gosum explain example.com/a@v1.2.3 --between commit:main,commit:1a2b3c4\n  \
    gosum explain old.zip new.zip\n  \
    gosum explain proxy-direct-differ\n\n\
    Exit codes: 0 it was told, also where it differs; 1 a source must not be believed; 2 wrong use; 3 it could not be told,\n\
    also where a hash has nothing to be compared with.")]
pub(crate) struct ExplainArgs {
    /// MODULE@VERSION, two module zips or folders, or a CODE; nothing lists all codes
    #[arg(value_name = "ITEM", num_args = 0..=2)]
    items: Vec<String>,
    /// The two copies to compare: each is proxy, direct, modcache, vendor (of the project whose folder this is: its vendored
    /// files, over a copy of the rest), proxy=URL, NAME=URL, commit:REVISION of the module's repository, or the path of a module
    /// zip or a folder
    #[arg(long, value_name = "A,B")]
    between: Option<String>,
    /// List the codes
    #[arg(long, conflicts_with_all = ["items", "between"])]
    list: bool,
    /// Say what can reach builds for this system alone [default: all]
    #[arg(long, value_name = "OS", requires = "goarch", help_heading = "What is shown")]
    goos: Option<String>,
    /// Say what can reach builds for this processor alone [default: all]
    #[arg(long, value_name = "ARCH", requires = "goos", help_heading = "What is shown")]
    goarch: Option<String>,
    /// The tags of these builds, separated by commas
    #[arg(
        long,
        value_name = "LIST",
        requires = "goos",
        value_delimiter = ',',
        help_heading = "What is shown"
    )]
    tags: Vec<String>,
    /// Files only, no lines
    #[arg(long, help_heading = "What is shown")]
    stat: bool,
    /// The names of the files alone, a line each: M, A, D or R for changed, added, deleted or renamed, a tab, and the name
    #[arg(long, conflicts_with_all = ["stat", "all", "max_diff", "diff_time"], help_heading = "What is shown")]
    files: bool,
    /// Everything, however much it is and however long it takes
    #[arg(long, conflicts_with_all = ["stat", "max_diff", "diff_time"], help_heading = "What is shown")]
    all: bool,
    /// Bytes of lines that are shown
    #[arg(long, value_name = "SIZE", default_value = "1MiB", value_parser = value::size, help_heading = "What is shown")]
    max_diff: u64,
    /// Time to compare lines
    #[arg(long, value_name = "D", default_value = "10s", value_parser = value::duration, help_heading = "What is shown")]
    diff_time: Duration,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text", help_heading = "What is shown")]
    format: TextOrJson,
    #[command(flatten)]
    network: NetworkArgs,
}

/// What the user names.
enum Item {
    /// All codes.
    Codes,
    /// A code, or something that is none.
    Code(String),
    /// A module version.
    Module(ModuleVersion),
    /// Two copies on disk.
    Files([String; 2]),
}

pub(crate) fn run(args: &ExplainArgs, mut session: Session) -> anyhow::Result<Exit> {
    let item = item(args, &session)?;
    if args.between.is_some() && !matches!(item, Item::Module(_)) {
        bail!("--between compares two copies of one MODULE@VERSION");
    }
    if args.files && (args.format == TextOrJson::Json || matches!(item, Item::Codes | Item::Code(_))) {
        bail!("--files lists the files of two copies, as text");
    }
    let account = match item {
        Item::Codes => return rules::list(&mut session, args.format == TextOrJson::Json),
        Item::Code(code) => return rules::page(&mut session, &code, args.format == TextOrJson::Json),
        Item::Files(files) => of_files(args, &session, files)?,
        Item::Module(module) => of_module(args, &mut session, &module)?,
    };
    let mut no_files = None;
    let mut out = BufWriter::new(&mut session.out);
    match args.format {
        TextOrJson::Text if args.files => match &account.compared {
            Some(compared) => names(compared, &mut out)?,
            None => no_files = Some(nothing(&account)),
        },
        TextOrJson::Text => {
            let options = Options { color: session.color, all: args.all };
            text(&account, options, &mut out)?;
        }
        TextOrJson::Json => json(&account, &mut out)?,
    }
    out.flush()?;
    drop(out);
    if let Some(why) = no_files {
        session.warn(why);
    }
    Ok(if session.interrupt.is_raised() { Exit::Interrupted } else { exit(&account) })
}

/// Returns why there are no two copies with files to name.
fn nothing(account: &Account) -> String {
    let why = account.outcome.why().map(|why| format!(": {why}"));
    format!("no two copies are compared: {}{}", account.outcome.word(), why.unwrap_or_default())
}

fn exit(account: &Account) -> Exit {
    match account.outcome {
        Outcome::Same(_) | Outcome::Differ | Outcome::OneSided(_) => Exit::Success,
        Outcome::Untold(_) => Exit::Untold,
        Outcome::Untrusted(_) => Exit::Findings,
    }
}

/// Returns what the arguments name. A file or folder of that name comes before a module version.
fn item(args: &ExplainArgs, session: &Session) -> anyhow::Result<Item> {
    match args.items.as_slice() {
        [] if args.between.is_some() => bail!("--between needs the MODULE@VERSION to compare"),
        [] => Ok(Item::Codes),
        [one] if session.path(Path::new(one)).exists() => {
            bail!("{one} is a file or folder: name a second one to compare it with")
        }
        // why it is none would quote it in part, and a password with it
        [one] if one.contains("://") => bail!("{one} is a URL, and no module version: that is PATH@VERSION"),
        [one] if one.contains('@') => {
            let module = ModuleVersion::parse(one).map_err(anyhow::Error::from);
            module.map(Item::Module).with_context(|| format!("{one} is no module version"))
        }
        [one] => Ok(Item::Code(one.clone())),
        [left, right] => Ok(Item::Files([left.clone(), right.clone()])),
        _ => unreachable!("no more than two are accepted"),
    }
}

fn of_files(args: &ExplainArgs, session: &Session, files: [String; 2]) -> anyhow::Result<Account> {
    let [left, right] = files;
    let manner = manner(args);
    let copies = [open(session, &left, None)?, open(session, &right, None)?];
    let [first, second] = copies;
    let [left, right] = [between::name(&left, &right), between::name(&right, &left)];
    Ok(explain_files(VERSION, [(left, first), (right, second)], &manner))
}

/// Opens the zip or folder at `path`, a folder as that of `module`.
fn open(session: &Session, path: &str, module: Option<&ModuleVersion>) -> anyhow::Result<DiskCopy> {
    let copy = disk::open(&session.path(Path::new(path)), module, session.env.temp())
        .with_context(|| format!("cannot compare {path}"))?;
    // shown by the user's word for it
    Ok(DiskCopy { path: path.into(), ..copy })
}

fn of_module(args: &ExplainArgs, session: &mut Session, module: &ModuleVersion) -> anyhow::Result<Account> {
    // whose names are private, it says for this folder
    let config = Config::here(session)?;
    session.follow(&config);
    let files = project::go_sums(session);
    let sides = args.between.as_deref().map(|text| between::parse(session, text)).transpose()?;
    let wanted = match &sides {
        Some(sides) => between::sources(sides),
        None => vec![SourceArg::Proxy, SourceArg::Direct, SourceArg::Sumdb],
    };
    let folders = project::here(session);
    let vendor = match &sides {
        Some(_) => vendor::asked(session, &wanted, &folders, &files)?,
        None => vendor::source(session, &folders, &files).unwrap_or_else(|error| {
            session.warn(format!("vendor is left out: {error:#}"));
            None
        }),
    };
    let bars = args.network.bars(session);
    let sources = args.network.sources(session, &wanted, None, vendor)?.watched_by(&bars);
    let modcache = session.env.gomodcache()?.map(|root| ModCache::new(root, session.env.temp()));
    let asked = Asked {
        proxies: sources.proxies(),
        direct: sources.direct(),
        recorded: sources.sumdb().map(|sumdb| sumdb as &dyn Source).into_iter().collect(),
        modcache: modcache.as_ref(),
        vendor: sources.vendor(),
    };
    let manner = manner(args);
    let question =
        Question { module, files: &files, asked: &asked, manner: &manner, progress: &*bars, gosum: VERSION };
    let account = match sides {
        None => explain(&question),
        Some(sides) => {
            let paths = sides.each_ref().map(|side| match side {
                Side::Path(path) => path.clone(),
                _ => String::new(),
            });
            let [left, right] = sides;
            let named = [named(session, left, &paths[1], module)?, named(session, right, &paths[0], module)?];
            explain_between(&question, named)
        }
    };
    bars.finish();
    Ok(account)
}

fn named(
    session: &Session,
    side: Side,
    other: &str,
    module: &ModuleVersion,
) -> anyhow::Result<gosum_audit::explain::Named> {
    use gosum_audit::explain::Named;
    Ok(match side {
        Side::Source(source) => Named::Source(source.name()),
        Side::ModCache => Named::Source(gosum_evidence::evidence::SourceName::MODCACHE),
        Side::Commit(revision) => Named::Commit(revision),
        Side::Path(path) => {
            let copy = open(session, &path, Some(module))?;
            Named::Disk(between::name(&path, other), Box::new(copy))
        }
    })
}

fn manner(args: &ExplainArgs) -> Manner {
    let mut manner = Manner {
        platform: Platform::Any,
        platform_named: None,
        shows_lines: !args.stat && !args.files,
        bounds: Bounds { deadline: Instant::now().checked_add(args.diff_time), ..Bounds::default() },
        max_shown: args.max_diff,
    };
    if let (Some(goos), Some(goarch)) = (&args.goos, &args.goarch) {
        let tags =
            if args.tags.is_empty() { String::new() } else { format!(" with {}", args.tags.join(",")) };
        manner.platform_named = Some(format!("{goos}/{goarch}{tags}"));
        manner.platform = Platform::One(Configuration {
            goos: goos.clone(),
            goarch: goarch.clone(),
            tags: args.tags.iter().cloned().collect(),
            cgo: None,
        });
    }
    if args.all {
        manner.max_shown = u64::MAX;
        manner.bounds = Bounds {
            file_bytes: u64::MAX,
            file_lines: usize::MAX,
            total_bytes: u64::MAX,
            deadline: None,
            shown_lines: usize::MAX,
            line_bytes: usize::MAX,
            ..Bounds::default()
        };
    }
    manner
}
