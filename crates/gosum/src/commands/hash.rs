//! `gosum hash`: h1 hashes of files, folders and module versions.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use gosum_audit::copy::folder::Folder;
use gosum_audit::copy::{Copied, answers};
use gosum_audit::source::{Source, pool};
use gosum_evidence::evidence::{Answer, Evidence, SourceName, Sum};
use gosum_evidence::report::{SCHEMA, Shown};
use gosum_evidence::subject::Subject;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::hash::zip_h1;
use gosum_mod::zip::limits::{MAX_GO_MOD, read_bounded};
use gosum_mod::zip::tree::tree_h1;
use gosum_report::escape::terminal;
use serde_json::{Value, json};

use super::{TextOrJson, project, vendor};
use crate::config::Config;
use crate::exit::Exit;
use crate::network::{NetworkArgs, distinct};
use crate::session::Session;
use crate::source_arg::{self, SourceArg};

/// Print the h1 hash of a module zip, a folder, a go.mod or a module version
///
/// A module version is asked of sources, and printed as go.sum lines; with several sources each line starts with the
/// source, and the exit code is 1 when they differ.
#[derive(Debug, Args)]
pub(crate) struct HashArgs {
    /// A module zip, a folder (with --module), a go.mod, or MODULE@VERSION
    #[arg(required = true, value_name = "ITEM")]
    items: Vec<String>,
    /// The module version that a folder holds: its name is part of the hash
    #[arg(long, value_name = "M@V")]
    module: Option<String>,
    /// Which sources to ask for a module version. The vendor folder, and what go.sum records, are those of the project whose
    /// folder this is
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "proxy,direct", value_parser = source_arg::source)]
    from: Vec<SourceArg>,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text")]
    format: TextOrJson,
    #[command(flatten)]
    network: NetworkArgs,
}

pub(crate) fn run(args: &HashArgs, mut session: Session) -> anyhow::Result<Exit> {
    // whose names are private, it says for this folder
    let config = Config::here(&session)?;
    session.follow(&config);
    let from = distinct(&args.from)?;
    let module = args.module.as_deref().map(ModuleVersion::parse).transpose().context("--module")?;
    let mut paths = Vec::new();
    let mut modules = Vec::new();
    for item in &args.items {
        match module_version(&session, item)? {
            Some(module) => modules.push((item, module)),
            None => paths.push((item.as_str(), session.path(Path::new(item)))),
        }
    }
    let mut hashed = of_paths(&paths, module.as_ref())?;
    if !modules.is_empty() {
        let files =
            if from.contains(&SourceArg::Vendor) { project::go_sums(&mut session) } else { Vec::new() };
        let vendor = vendor::asked(&session, &from, &project::here(&session), &files)?;
        let sources = args.network.sources(&session, &from, None, vendor)?;
        for (item, module) in modules {
            hashed.extend(Hashed::of_module(item, &module, &sources.list()));
        }
    }
    match args.format {
        TextOrJson::Text => print(&mut session, &hashed, from.len() > 1)?,
        TextOrJson::Json => {
            let items = hashed.iter().map(Hashed::json).collect::<Result<Vec<_>, _>>()?;
            gosum_report::json::write(&json!({"schema": SCHEMA, "items": items}), &mut session.out)?;
        }
    }
    Ok(if session.interrupt.is_raised() { Exit::Interrupted } else { exit(&hashed) })
}

/// Returns the module version that `item` names. A file or folder of that name comes first.
fn module_version(session: &Session, item: &str) -> anyhow::Result<Option<ModuleVersion>> {
    if !item.contains('@') || session.path(Path::new(item)).exists() {
        return Ok(None);
    }
    let module = ModuleVersion::parse(item).map_err(anyhow::Error::from);
    module.map(Some).with_context(|| format!("{item} is neither a file nor a module version"))
}

/// Returns the hash of what is at each path, beside which stands the user's word for it, in their order. As many are hashed at
/// once as there are cores.
fn of_paths(paths: &[(&str, PathBuf)], module: Option<&ModuleVersion>) -> anyhow::Result<Vec<Hashed>> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let mut order: Vec<usize> = (0..paths.len()).collect();
    // what takes longest should not be what is begun last
    order.sort_by_cached_key(|at| Reverse(size(&paths[*at].1)));
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let hashed = pool::map(cores, &order, |at| {
        let (item, path) = &paths[*at];
        Hashed::of_path(item, path, module)
    });
    let mut hashed: Vec<_> = order.into_iter().zip(hashed).collect();
    hashed.sort_by_key(|(at, _)| *at);
    hashed.into_iter().map(|(_, hashed)| hashed).collect()
}

/// One hash, or why there is none.
enum Hashed {
    /// Of a file or folder.
    Path { item: String, kind: &'static str, h1: H1 },
    /// Of an artifact, as a source answers.
    Artifact { item: String, subject: Subject, source: SourceName, evidence: Evidence },
}

impl Hashed {
    /// Returns the hash of what is at `path`, which the user calls `item`.
    fn of_path(item: &str, path: &Path, module: Option<&ModuleVersion>) -> anyhow::Result<Hashed> {
        let unread = || format!("cannot hash {item}");
        let metadata = std::fs::metadata(path).with_context(unread)?;
        let (kind, h1) = if metadata.is_dir() {
            let Some(module) = module else {
                bail!("{item} is a folder: its hash needs --module MODULE@VERSION");
            };
            ("folder", tree_h1(&Folder::new(path.to_owned()), &module.to_string()).with_context(unread)?)
        } else if metadata.is_file() {
            of_file(File::open(path).with_context(unread)?, is_go_mod(path)).with_context(unread)?
        } else {
            bail!("{item} is neither a file nor a folder");
        };
        Ok(Hashed::Path { item: item.to_owned(), kind, h1 })
    }

    /// Returns what `sources` answer on both artifacts of `module`, in the order of the sources.
    fn of_module(item: &str, module: &ModuleVersion, sources: &[&dyn Source]) -> Vec<Hashed> {
        let of = |copied: Copied| {
            [(Artifact::Zip, copied.zip), (Artifact::GoMod, copied.go_mod)].map(|(artifact, evidence)| {
                Hashed::Artifact {
                    item: item.to_owned(),
                    subject: Subject::new(module.clone(), artifact),
                    source: copied.source.clone(),
                    evidence,
                }
            })
        };
        answers(sources, module).into_iter().flat_map(of).collect()
    }

    fn json(&self) -> serde_json::Result<Value> {
        Ok(match self {
            Hashed::Path { item, kind, h1 } => json!({"item": item, "kind": kind, "h1": h1.to_string()}),
            Hashed::Artifact { item, subject, source, evidence } => {
                let mut value = serde_json::to_value(Shown(evidence))?;
                value["item"] = json!(item);
                value["module"] = json!(subject.module.path().as_str());
                value["version"] = json!(subject.module.version().as_str());
                value["artifact"] = json!(subject.artifact.to_string());
                value["source"] = json!(source);
                value
            }
        })
    }
}

/// A go.mod is told by its name, as caches and proxies have it.
fn is_go_mod(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "go.mod") || path.extension().is_some_and(|end| end == "mod")
}

fn of_file(mut file: File, is_go_mod: bool) -> anyhow::Result<(&'static str, H1)> {
    if is_go_mod {
        return Ok(("go.mod", go_mod_h1(&read_bounded(&mut file, MAX_GO_MOD)?)));
    }
    let archive = Archive::open(file).context("neither a module zip nor named like a go.mod")?;
    Ok(("zip", zip_h1(&archive)?))
}

/// Prints hashes; what there is none of goes to standard error.
fn print(session: &mut Session, hashed: &[Hashed], several: bool) -> anyhow::Result<()> {
    for one in hashed {
        match one {
            Hashed::Path { item, h1, .. } => writeln!(session.out, "{h1}  {}", terminal(item))?,
            Hashed::Artifact { subject, source, evidence, .. } => {
                let Evidence { answer, .. } = evidence;
                let reason = answer.reason();
                match answer {
                    Answer::Hash { h1, defects } => {
                        let shown = if several { format!("{source}\t") } else { String::new() };
                        write!(session.out, "{shown}{}", subject.line(h1))?;
                        for (defect, reason) in defects {
                            session.warn(format!("{source}: {}: {defect}: {reason}", subject.key()));
                        }
                    }
                    _ => {
                        let reason = reason.expect("an answer without a hash has a reason");
                        session.warn(format!("{source}: {}: {}: {reason}", subject.key(), answer.word()));
                    }
                }
            }
        }
    }
    Ok(())
}

/// Returns the exit code: findings when a source must not be believed or two differ; untold when one did not answer
/// that was asked.
fn exit(hashed: &[Hashed]) -> Exit {
    let mut sums: BTreeMap<&Subject, Vec<&Sum>> = BTreeMap::new();
    let mut untold = false;
    for one in hashed {
        let Hashed::Artifact { subject, evidence, .. } = one else { continue };
        let known = sums.entry(subject).or_default();
        match &evidence.answer {
            Answer::Hash { h1, .. } => {
                known.push(h1);
                // what the go command refuses is shown, and no answer
                untold |= !evidence.answer.is_told();
            }
            Answer::Untrusted(_) => return Exit::Findings,
            Answer::Absent(_) | Answer::Unavailable(_) => untold = true,
            Answer::NotAsked(_) => {}
        }
    }
    if sums.values().any(|sums| sums.windows(2).any(|pair| pair[0] != pair[1])) {
        Exit::Findings
    } else if untold || sums.values().any(Vec::is_empty) {
        Exit::Untold
    } else {
        Exit::Success
    }
}
