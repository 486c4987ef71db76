//! `gosum diff`: two go.sum files, line by line.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use gosum_evidence::diff::sums::unified;
use gosum_evidence::rule::SumFile;
use gosum_mod::file::go_sum::{Line, compare_keys};
use gosum_report::escape::terminal;

use super::sum_file;
use crate::exit::Exit;
use crate::session::Session;

/// Compare two go.sum files line by line, without any network
///
/// Lines are compared in the order in which Go writes them, so that files that differ in their order alone are the
/// same. Exits with 1 when they differ.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// A go.sum, a folder that holds one, or `-` for standard input
    a: PathBuf,
    /// The one to compare it with
    b: PathBuf,
}

pub(crate) fn run(args: &DiffArgs, mut session: Session) -> anyhow::Result<Exit> {
    if args.a == args.b && args.a.as_os_str() == "-" {
        bail!("standard input can be read once");
    }
    let a = sum_file::read(&mut session, &args.a)?;
    let b = sum_file::read(&mut session, &args.b)?;
    for file in [&a, &b] {
        for line in &file.sum.malformed {
            session.warn(format!(
                "{}: malformed line, not compared: {} fields",
                file.at(line.number),
                line.fields
            ));
        }
    }
    let diff = unified(&terminal(&a.name), &lines(&a), &terminal(&b.name), &lines(&b));
    session.out.write_all(diff.as_bytes())?;
    let told = a.sum.malformed.is_empty() && b.sum.malformed.is_empty();
    Ok(match (diff.is_empty(), told) {
        (true, true) => Exit::Success,
        (true, false) => Exit::Untold,
        (false, _) => Exit::Findings,
    })
}

/// The first two fields of a line, and which of the lines with the same ones it is: the first h1 of them decides.
#[derive(PartialEq, Eq)]
struct Key<'a> {
    path: &'a [u8],
    version: &'a [u8],
    nth: usize,
}

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_keys((self.path, self.version), (other.path, other.version)).then(self.nth.cmp(&other.nth))
    }
}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Returns the lines of `file` in Go's order. A line that repeats an earlier one says nothing.
fn lines(file: &SumFile) -> Vec<(Key<'_>, String)> {
    let mut sorted: Vec<&Line> = file.sum.lines.iter().collect();
    sorted.sort_by(|a, b| compare_keys((a.path(), a.version()), (b.path(), b.version())));
    let same_key = |a: &&Line, b: &&Line| (a.path(), a.version()) == (b.path(), b.version());
    let mut lines = Vec::with_capacity(sorted.len());
    for group in sorted.chunk_by(same_key) {
        let mut hashes = HashSet::new();
        for line in group {
            let nth = hashes.len();
            if hashes.insert(line.hash()) {
                let key = Key { path: line.path(), version: line.version(), nth };
                lines.push((key, format!("{}\n", terminal(&line.to_string()))));
            }
        }
    }
    lines
}
