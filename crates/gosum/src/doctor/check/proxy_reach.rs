//! Whether the proxies of GOPROXY answer, and how fast.

use super::{Check, asked, server_remark, server_times};
use crate::doctor::sight::{Answer, Sight};
use crate::doctor::system::{SocketKind, System};

pub(super) const CHECK: Check =
    Check { id: "proxy-reach", about: "whether the proxies of GOPROXY answer, and how fast", run };

fn run(system: &System) -> Answer {
    let sockets = asked(system, SocketKind::Proxy, "GOPROXY names no proxy on a network")?;
    let why = "what it has cannot be fetched, and its side of every comparison is missing";
    let remarks = sockets
        .iter()
        .filter_map(|socket| server_remark(socket, "the module proxy", why, "gosum env GOPROXY HTTPS_PROXY"));
    Ok(Sight::of(remarks.collect(), || server_times(&sockets)))
}
