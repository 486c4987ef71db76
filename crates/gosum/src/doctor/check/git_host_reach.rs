//! Whether the git hosts of --host answer, and how fast.

use super::{Check, asked, server_remark, server_times};
use crate::doctor::sight::{Answer, Sight};
use crate::doctor::system::{SocketKind, System};

pub(super) const CHECK: Check =
    Check { id: "git-host-reach", about: "whether the git hosts of --host answer, and how fast", run };

fn run(system: &System) -> Answer {
    let sockets = asked(system, SocketKind::GitHost, "no --host is given, or GOPROXY is off")?;
    let why = "repositories there cannot be read: the direct path is missing";
    let remarks = sockets.iter().filter_map(|socket| {
        server_remark(socket, "the git host", why, "gosum env HTTPS_PROXY, git config --list")
    });
    Ok(Sight::of(remarks.collect(), || server_times(&sockets)))
}
