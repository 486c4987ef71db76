//! The control groups of a Linux process, and their limits.

use super::sight::Blind;
use super::system::System;

/// The file that names them.
pub(crate) const FILE: &str = "/proc/self/cgroup";
/// The file that lists what the groups of version 2 can limit.
pub(crate) const CONTROLLERS: &str = "/sys/fs/cgroup/cgroup.controllers";
/// Where the groups are.
const ROOT: &str = "/sys/fs/cgroup";
/// The most folders of one group that are looked into.
const MAX_DEPTH: usize = 20;

/// A limit: its controller, and its file in each version.
pub(crate) struct Kind {
    controller: &'static str,
    second: &'static str,
    first: &'static str,
}

pub(crate) const MEMORY: Kind =
    Kind { controller: "memory", second: "memory.max", first: "memory.limit_in_bytes" };
pub(crate) const PROCESSES: Kind = Kind { controller: "pids", second: "pids.max", first: "pids.max" };
pub(crate) const PROCESSES_NOW: Kind =
    Kind { controller: "pids", second: "pids.current", first: "pids.current" };

/// Returns the files of all limits of the groups that `text` names: of each group and of those around it.
pub(crate) fn files(text: &str) -> Vec<String> {
    [MEMORY, PROCESSES, PROCESSES_NOW].iter().flat_map(|kind| files_of(text, kind)).collect()
}

/// Returns the files of one limit, that of the innermost group first. `text` has lines `NUMBER:CONTROLLERS:/PATH`; version 2
/// has the number 0 and no controllers, and counts where version 1 does not have the controller.
fn files_of(text: &str, kind: &Kind) -> Vec<String> {
    let fields = |line: &'_ str| {
        let mut fields = line.splitn(3, ':');
        Some((fields.next()?.to_owned(), fields.next()?.to_owned(), fields.next()?.to_owned()))
    };
    let groups: Vec<_> = text.lines().filter_map(fields).collect();
    let first =
        groups.iter().find(|(_, controllers, _)| controllers.split(',').any(|name| name == kind.controller));
    let second = groups.iter().find(|(number, controllers, _)| number == "0" && controllers.is_empty());
    match (first, second) {
        (Some((.., path)), _) => around(&format!("{ROOT}/{}", kind.controller), path, kind.first),
        (None, Some((.., path))) => around(ROOT, path, kind.second),
        (None, None) => Vec::new(),
    }
}

fn around(root: &str, path: &str, file: &str) -> Vec<String> {
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    // a path out of a group's own view begins with `..`
    if names.iter().any(|name| matches!(*name, "." | "..")) || names.len() > MAX_DEPTH {
        return vec![format!("{root}/{file}")];
    }
    let folder =
        |depth| names[..depth].iter().fold(root.to_owned(), |folder, name| format!("{folder}/{name}"));
    (0..=names.len()).rev().map(|depth| format!("{}/{file}", folder(depth))).collect()
}

/// Returns the lowest limit of this kind, and the file that has it; none where there is no limit.
///
/// # Errors
/// When this is no Linux, or a file cannot be read.
pub(crate) fn limit(system: &System, kind: &Kind) -> Result<Option<(u64, String)>, Blind> {
    system.on_linux()?;
    let Some(text) = system.file(FILE)? else { return Ok(None) };
    let mut least: Option<(u64, String)> = None;
    for file in files_of(text, kind) {
        // version 1 writes no limit as the largest number of pages
        if let Some(limit) = system.number(&file)?.filter(|limit| *limit < 1 << 60)
            && least.as_ref().is_none_or(|(other, _)| limit < *other)
        {
            least = Some((limit, file));
        }
    }
    Ok(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_around_count_and_version_1_counts_where_it_has_the_controller() {
        let second = "0::/user.slice/job\n";
        assert_eq!(
            files_of(second, &MEMORY),
            ["user.slice/job/memory.max", "user.slice/memory.max", "memory.max"]
                .map(|file| format!("/sys/fs/cgroup/{file}"))
        );
        let both = "8:pids:/a\n4:cpu,memory:/\n0::/\n";
        assert_eq!(files_of(both, &MEMORY), ["/sys/fs/cgroup/memory/memory.limit_in_bytes"]);
        assert_eq!(
            files_of(both, &PROCESSES),
            ["/sys/fs/cgroup/pids/a/pids.max", "/sys/fs/cgroup/pids/pids.max"]
        );
        assert_eq!(files_of("0::/../../etc\n", &MEMORY), ["/sys/fs/cgroup/memory.max"]);
        assert!(files_of("none\n", &MEMORY).is_empty());
    }
}
