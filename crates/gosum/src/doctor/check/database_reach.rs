//! Whether the checksum database answers, and how fast.

use super::{Check, asked, server_remark, server_times};
use crate::doctor::sight::{Answer, Sight};
use crate::doctor::system::{SocketKind, System};

pub(super) const CHECK: Check =
    Check { id: "database-reach", about: "whether the checksum database answers, and how fast", run };

fn run(system: &System) -> Answer {
    let sockets = asked(system, SocketKind::Database, "no checksum database is asked")?;
    let why = "go refuses new modules, and no audit can hold hashes against it";
    let remarks = sockets.iter().filter_map(|socket| {
        server_remark(socket, "the checksum database", why, "gosum env GOSUMDB HTTPS_PROXY")
    });
    Ok(Sight::of(remarks.collect(), || server_times(&sockets)))
}
