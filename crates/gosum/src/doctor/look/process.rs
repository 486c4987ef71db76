//! Who runs this process, and within which limits.

use std::collections::BTreeMap;

use crate::doctor::system::{Limit, User};

/// Returns how many processors there are.
pub(super) fn cpus() -> Option<u64> {
    std::thread::available_parallelism().ok().map(|count| count.get() as u64)
}

/// Returns who runs this process.
#[cfg(unix)]
pub(super) fn user() -> Option<User> {
    let groups = rustix::process::getgroups().unwrap_or_default();
    let mut gids: Vec<u32> = groups.into_iter().map(rustix::process::Gid::as_raw).collect();
    gids.push(rustix::process::getegid().as_raw());
    gids.sort_unstable();
    gids.dedup();
    Some(User { uid: rustix::process::geteuid().as_raw(), gids })
}

#[cfg(not(unix))]
pub(super) fn user() -> Option<User> {
    None
}

/// Returns the limits of this process.
#[cfg(unix)]
pub(super) fn limits() -> BTreeMap<String, Limit> {
    use rustix::process::Resource;
    let limit = |resource| {
        let limit = rustix::process::getrlimit(resource);
        Limit { soft: limit.current, hard: limit.maximum }
    };
    let limits = [
        ("address_space", Resource::As),
        ("file_size", Resource::Fsize),
        ("open_files", Resource::Nofile),
        ("processes", Resource::Nproc),
    ];
    limits.into_iter().map(|(name, resource)| (name.to_owned(), limit(resource))).collect()
}

#[cfg(not(unix))]
pub(super) fn limits() -> BTreeMap<String, Limit> {
    BTreeMap::new()
}
