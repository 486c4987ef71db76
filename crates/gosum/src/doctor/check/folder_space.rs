//! Room for what is fetched and built.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "folder-space", about: "space and inodes left where Go and gosum write", run };

const MIB: u64 = 1 << 20;
/// A module zip may be this large; and what one toolchain and a middling project take.
const FOR_GO: [u64; 2] = [512 * MIB, 2048 * MIB];
/// What the records of a large project take, and of many.
const FOR_RECORDS: [u64; 2] = [32 * MIB, 128 * MIB];
/// A toolchain alone has more files.
const LEAST_INODES: u64 = 20_000;
const ENOUGH_INODES: u64 = 100_000;

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    let mut scarcest: Option<(u64, &str)> = None;
    for (name, folder) in &system.folders {
        let Some(space) = &folder.space else { continue };
        if scarcest.is_none_or(|(free, _)| space.free_bytes < free) {
            scarcest = Some((space.free_bytes, name));
        }
        let free = space.free_bytes / MIB;
        let seen = format!("{name} {}: {free} MiB free of {}", folder.path, space.bytes / MIB);
        let why =
            "downloads and builds stop in the middle when nothing is left; one module zip may take 500 MB";
        let [least, enough] = if name == "GOSUM_CACHE" { FOR_RECORDS } else { FOR_GO };
        if space.free_bytes < least {
            remarks.push(Remark::problem(seen, why).fix(clean(name)));
        } else if space.free_bytes < enough {
            remarks.push(Remark::warning(seen, why).fix(clean(name)));
        }
        let (least, enough, why) = match name.as_str() {
            "GOSUM_CACHE" | "GOTMPDIR" | "TMPDIR" => (
                1000,
                10_000,
                "each build and download makes files there: no space left, though there are bytes",
            ),
            _ => (
                LEAST_INODES,
                ENOUGH_INODES,
                "Go's caches are many small files: no space left, though there are bytes",
            ),
        };
        if space.inodes > 0 && space.free_inodes < enough {
            let seen =
                format!("{name} {}: {} inodes free of {}", folder.path, space.free_inodes, space.inodes);
            let is_short = space.free_inodes < least;
            let remark = if is_short { Remark::problem(seen, why) } else { Remark::warning(seen, why) };
            remarks.push(remark.fix(clean(name)));
        }
    }
    let Some((free, name)) = scarcest else {
        return Err(Blind::Skipped(format!("not known on {}", system.os)));
    };
    Ok(Sight::of(remarks, || format!("{} MiB or more are free ({name})", free / MIB)))
}

fn clean(name: &str) -> &'static str {
    match name {
        "GOCACHE" => "go clean -cache",
        "GOMODCACHE" | "GOPATH" => "go clean -modcache",
        "GOSUM_CACHE" => "export GOSUM_CACHE=...  # a folder with more room",
        _ => "export TMPDIR=...  # a folder with more room",
    }
}
