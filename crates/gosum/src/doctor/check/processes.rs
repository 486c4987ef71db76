//! How many processes and threads there may be.

use super::Check;
use crate::doctor::cgroup;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "processes", about: "limits of processes and threads against what go and gosum start", run };

/// Threads of gosum: 64 requests, and what hashes.
const OWN: u64 = 96;
/// Threads of each compiler that go runs; it runs one for each processor.
const EACH: u64 = 16;

fn run(system: &System) -> Answer {
    let mut limits: Vec<(u64, String, &str)> = Vec::new();
    // the limit of a user is none for root
    let is_root = system.user.as_ref().is_some_and(|user| user.uid == 0);
    if let Some(soft) = system.limits.get("processes").and_then(|limit| limit.soft).filter(|_| !is_root) {
        limits.push((soft, "of this user (ulimit -u)".to_owned(), "ulimit -u 4096"));
    }
    if system.os == "linux" {
        if let Some((most, file)) = cgroup::limit(system, &cgroup::PROCESSES)? {
            let now = cgroup::limit(system, &cgroup::PROCESSES_NOW)?.map_or(0, |(now, _)| now);
            let left = most.saturating_sub(now);
            limits.push((left, format!("left of {most} ({file})"), "docker run --pids-limit 4096"));
        }
        for (file, name) in [
            ("/proc/sys/kernel/pid_max", "kernel.pid_max"),
            ("/proc/sys/kernel/threads-max", "kernel.threads-max"),
        ] {
            if let Some(most) = system.number(file)? {
                limits.push((
                    most,
                    format!("of the whole machine ({name})"),
                    "sysctl the kernel to allow more",
                ));
            }
        }
    } else if limits.is_empty() {
        return Err(Blind::Skipped(format!("not known on {}", system.os)));
    }
    let cpus = system.cpus.unwrap_or(1);
    let (least, enough) = (OWN, OWN + EACH * cpus.max(4) * 2);
    let why = format!(
        "go starts a compiler for each of {cpus} processors and gosum up to {OWN} threads: resource temporarily unavailable"
    );
    let remarks = limits.iter().filter(|(most, ..)| *most < enough).map(|(most, whose, fix)| {
        let seen = format!("{most} processes and threads, {whose}");
        let remark = if *most < least { Remark::problem(seen, &why) } else { Remark::warning(seen, &why) };
        remark.fix(format!("{fix}, or go build -p 1 and gosum audit --jobs 8"))
    });
    let remarks: Vec<Remark> = remarks.collect();
    Ok(Sight::of(remarks, || match limits.iter().min_by_key(|(most, ..)| *most) {
        Some((most, whose, _)) => format!("{most} {whose}; {enough} are plenty"),
        None => "no limit".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level};
    use super::*;
    use crate::doctor::sight::Level;
    use crate::doctor::system::{Limit, User};

    #[test]
    fn the_limit_of_a_user_is_none_for_root() {
        let mut system = healthy();
        system.limits.insert("processes".to_owned(), Limit { soft: Some(50), hard: Some(50) });
        assert_eq!(level(&run(&system)), Level::Problem);
        system.user = Some(User { uid: 0, gids: vec![0] });
        assert_eq!(level(&run(&system)), Level::Ok);
    }

    #[test]
    fn what_a_group_has_started_already_is_taken_off() {
        let mut system = healthy();
        let group = "/sys/fs/cgroup/user.slice/user-1000.slice";
        system.files.insert(format!("{group}/pids.current"), "20950\n".to_owned());
        assert_eq!(level(&run(&system)), Level::Problem);
        system.files.insert(format!("{group}/pids.max"), "max\n".to_owned());
        assert_eq!(level(&run(&system)), Level::Ok);
    }
}
