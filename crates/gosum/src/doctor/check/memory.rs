//! How much memory there may be used.

use super::Check;
use crate::doctor::cgroup;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "memory", about: "limits of memory against what gosum and the Go compiler take", run };

const MIB: u64 = 1 << 20;
/// gosum keeps 256 MiB of module zips and packs in memory at most, and needs as much for the rest.
const LEAST: u64 = 512 * MIB;
/// The linker of a middling program takes as much.
const ENOUGH: u64 = 2048 * MIB;
/// go and gosum reserve address space that they never use.
const ADDRESSES: u64 = 4096 * MIB;
const FILE: &str = "/proc/meminfo";

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    let mut seen = Vec::new();
    if let Some(soft) = system.limits.get("address_space").and_then(|limit| limit.soft)
        && soft < ADDRESSES
    {
        let seen = format!("a process may have {} MiB of addresses (ulimit -v)", soft / MIB);
        let why = "Go programs reserve far more addresses than they use memory: cannot allocate memory";
        remarks.push(Remark::problem(seen, why).fix("ulimit -v unlimited"));
    }
    if system.os == "linux" {
        if let Some((bytes, file)) = cgroup::limit(system, &cgroup::MEMORY)? {
            judge(&mut remarks, bytes, &format!("{} MiB of memory may be used ({file})", bytes / MIB));
            seen.push(format!("{} MiB ({file})", bytes / MIB));
        }
        let text = system.file(FILE)?.ok_or_else(|| Blind::Unknown(format!("there is no {FILE}")))?;
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        let bytes = 1024 * kilobytes.ok_or_else(|| Blind::Unknown(format!("{FILE} has no MemTotal")))?;
        judge(&mut remarks, bytes, &format!("this machine has {} MiB of memory", bytes / MIB));
        seen.push(format!("{} MiB in this machine", bytes / MIB));
    } else if system.limits.is_empty() {
        return Err(Blind::Skipped(format!("not known on {}", system.os)));
    }
    Ok(Sight::of(remarks, || if seen.is_empty() { "no limit".to_owned() } else { seen.join(", ") }))
}

fn judge(remarks: &mut Vec<Remark>, bytes: u64, seen: &str) {
    let why = "what takes more is killed, in the middle of a build or an audit, without a message of its own";
    let fix = "give it more, or gosum audit --memory 64MiB --jobs 8, GOMEMLIMIT and go build -p 1";
    if bytes < LEAST {
        remarks.push(Remark::problem(seen, why).fix(fix));
    } else if bytes < ENOUGH {
        remarks.push(Remark::warning(seen, why).fix(fix));
    }
}
