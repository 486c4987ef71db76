//! Processes that use one store at a time, and processes that are killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gosum_store::Store;

use crate::sample::{NOW, given, kept};

/// The folder in which a child writes; without it, it is no child.
const DIR: &str = "GOSUM_STORE_TEST_DIR";
/// The number of the first answer that it writes.
const FIRST: &str = "GOSUM_STORE_TEST_FIRST";
/// How many it writes at once.
const BATCH: u32 = 50;

/// Starts this program as a process that writes `batches` batches, and says so of each.
fn start(dir: &Path, first: u32, batches: u32) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "share::child", "--nocapture"]).env(DIR, dir);
    command.env(FIRST, format!("{first} {batches}")).stdout(Stdio::piped());
    command.spawn().unwrap()
}

/// Does what a child process does, in one.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let range = std::env::var(FIRST).unwrap();
    let (first, batches) = range.split_once(' ').unwrap();
    let (first, batches): (u32, u32) = (first.parse().unwrap(), batches.parse().unwrap());
    let store = Store::open(Path::new(&dir), NOW).unwrap();
    for batch in 0..batches {
        let from = first + batch * BATCH;
        store.keep_answers(&given(from..from + BATCH)).unwrap();
        println!("\nwrote {}", from + BATCH);
    }
}

fn written(line: &str) -> Option<u32> {
    line.strip_prefix("wrote ")?.parse().ok()
}

#[test]
fn what_was_written_survives_a_kill_at_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let mut end = 0;
    for round in 0..12 {
        let mut child = start(dir.path(), end, 1000);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // some batches, and a part of one
        let mut said = lines.by_ref().map_while(Result::ok).filter_map(|line| written(&line));
        let last = said.by_ref().take(1 + round % 3).last().unwrap();
        std::thread::sleep(Duration::from_micros(u64::from(round as u32) * 700));
        child.kill().unwrap();
        child.wait().unwrap();
        end = said.last().unwrap_or(last).max(last);
        let found = kept(dir.path(), NOW, 0..end + 2 * BATCH);
        assert!(found.len() >= end as usize, "round {round}: {} of {end}", found.len());
        assert_eq!(found[..end as usize], (0..end).collect::<Vec<_>>());
        // a batch is there whole or not at all
        assert_eq!(found.len() as u32 % BATCH, 0);
        assert_eq!(Store::open(dir.path(), NOW).unwrap().usage().unwrap().aside.files, 0);
        end = found.len() as u32;
    }
}

#[test]
fn several_processes_write_and_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (0..3).map(|number| start(dir.path(), number * 10_000, 8)).collect();
    for _ in 0..20 {
        assert_eq!(kept(dir.path(), NOW, 0..8 * BATCH).len() as u32 % BATCH, 0);
        std::thread::sleep(Duration::from_millis(2));
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    for number in 0..3 {
        let numbers = number * 10_000..number * 10_000 + 8 * BATCH;
        assert_eq!(kept(dir.path(), NOW, numbers.clone()), numbers.collect::<Vec<_>>());
    }
}
