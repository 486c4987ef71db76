//! How large a file may become.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "file-size", about: "the limit of a file's size against the largest module zip", run };

const MIB: u64 = 1 << 20;
/// The largest module zip that go accepts.
const LARGEST_ZIP: u64 = 500 * MIB;

fn run(system: &System) -> Answer {
    let Some(limit) = system.limits.get("file_size") else {
        return Err(Blind::Skipped(format!("not known on {}", system.os)));
    };
    match limit.soft {
        Some(bytes) if bytes < LARGEST_ZIP => {
            let seen = format!("no file may be larger than {} MiB (ulimit -f)", bytes / MIB);
            let why = "a module zip, a toolchain or a built program may be: whoever writes it is killed in the middle";
            Ok(Sight::Seen(vec![Remark::problem(seen, why).fix("ulimit -f unlimited")]))
        }
        Some(bytes) => Ok(Sight::Fine(format!("{} MiB", bytes / MIB))),
        None => Ok(Sight::Fine("no limit".to_owned())),
    }
}
