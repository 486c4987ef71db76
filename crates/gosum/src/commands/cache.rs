//! `gosum cache`: what is kept from one run to the next.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use gosum_evidence::report::SCHEMA;
use gosum_mod::name::pseudo::rfc3339;
use gosum_report::escape::terminal;
use gosum_store::{Answers, Bounds, DEFAULT_BYTES, Pruned, Room, Store, Usage};
use serde_json::json;

use super::TextOrJson;
use crate::exit::Exit;
use crate::network::cache_dir;
use crate::session::Session;
use crate::value;

/// Show, prune or clear what is kept from one run to the next
///
/// Answers of module proxies and repositories are kept with their times, and count again for --max-age; what commits hash to,
/// where tags led, and tiles and records of the checksum database, for good.
#[derive(Debug, Args)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    action: Action,
    /// Where it is kept [default: GOSUM_CACHE, or `gosum` in the user's folder for caches]
    #[arg(long, value_name = "DIR", global = true)]
    cache_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// What is kept, and how much room it takes
    Stats {
        /// text for people, json for programs
        #[arg(long, value_name = "F", default_value = "text")]
        format: TextOrJson,
    },
    /// Make room: what was of no use for the longest time goes first. An audit does so by itself, once a day
    Prune {
        /// How many bytes may stay
        #[arg(long, value_name = "SIZE", default_value_t = DEFAULT_BYTES, hide_default_value = true, value_parser = value::size, help = "How many bytes may stay [default: 2GiB]")]
        max_size: u64,
        /// What was of no use for so long goes too, such as 90d
        #[arg(long, value_name = "D", value_parser = value::age)]
        unused: Option<Duration>,
    },
    /// Remove all that can be asked for again
    Clear {
        /// Remove what cannot be asked for again too: where tags led when they were first seen, the newest tree heads of checksum
        /// databases, and evidence of misbehaviour
        #[arg(long)]
        sightings: bool,
    },
}

pub(crate) fn run(args: &CacheArgs, mut session: Session) -> anyhow::Result<Exit> {
    let Some(dir) = cache_dir(&session, args.cache_dir.as_deref()) else {
        bail!("there is no folder for what is kept: set GOSUM_CACHE, or name one with --cache-dir");
    };
    let store = Store::open(&dir, session.seconds()).context("the cache cannot be used")?;
    let shown = terminal(&dir.display().to_string()).into_owned();
    match &args.action {
        Action::Stats { format } => {
            let usage = store.usage().context("the cache cannot be read")?;
            match format {
                TextOrJson::Text => stats(&mut session.out, &shown, &usage)?,
                TextOrJson::Json => gosum_report::json::write(&in_json(&shown, &usage), &mut session.out)?,
            }
        }
        Action::Prune { max_size, unused } => {
            let bounds = Bounds { bytes: *max_size, unused: *unused };
            let Pruned { answers, files, bytes: (before, after) } =
                store.prune(&bounds).context("the cache cannot be pruned")?;
            writeln!(
                session.out,
                "{answers} answers and {files} files removed; {} before, {} now",
                size(before),
                size(after)
            )?;
        }
        Action::Clear { sightings } => {
            let cleared = if *sightings { store.clear_for_good() } else { store.clear() };
            let Room { files, bytes } = cleared.context("the cache cannot be cleared")?;
            writeln!(session.out, "{files} files removed, {}", size(bytes))?;
        }
    }
    for notice in store.take_notices() {
        session.warn(notice);
    }
    Ok(Exit::Success)
}

fn stats(out: &mut dyn Write, dir: &str, usage: &Usage) -> std::io::Result<()> {
    writeln!(out, "{dir}\n")?;
    let rows = [
        ("answers", usage.evidence),
        ("sightings of tags", usage.sightings),
        ("checksum databases", usage.sumdb),
        ("incidents", usage.incidents),
        ("set aside", usage.aside),
        ("all", usage.total()),
    ];
    for (what, Room { files, bytes }) in rows {
        writeln!(out, "{what:<18}  {files:>7} files  {:>10}", size(bytes))?;
    }
    writeln!(out, "\n{} contents of commits, {} tags", usage.contents, usage.tags)?;
    for (source, Answers { count, oldest, newest }) in &usage.answers {
        let source = source.replace('\n', "; ");
        let (oldest, newest) = (rfc3339(*oldest), rfc3339(*newest));
        writeln!(out, "\n{}\n  {count} answers, seen from {oldest} to {newest}", terminal(&source))?;
    }
    Ok(())
}

fn in_json(dir: &str, usage: &Usage) -> serde_json::Value {
    let room = |room: Room| json!({"files": room.files, "bytes": room.bytes});
    let answers = usage.answers.iter().map(|(source, answers)| {
        json!({
            "source": source,
            "answers": answers.count,
            "oldest_seen": rfc3339(answers.oldest),
            "newest_seen": rfc3339(answers.newest),
        })
    });
    json!({
        "schema": SCHEMA,
        "dir": dir,
        "sources": answers.collect::<Vec<_>>(),
        "contents": usage.contents,
        "tags": usage.tags,
        "evidence": room(usage.evidence),
        "sightings": room(usage.sightings),
        "sumdb": room(usage.sumdb),
        "incidents": room(usage.incidents),
        "set_aside": room(usage.aside),
        "total": room(usage.total()),
    })
}

/// Returns a number of bytes for people.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let (mut number, mut unit) = (bytes as f64, "bytes");
    for next in UNITS {
        if number < 1024.0 {
            break;
        }
        (number, unit) = (number / 1024.0, next);
    }
    if unit == "bytes" { format!("{bytes} bytes") } else { format!("{number:.1} {unit}") }
}
