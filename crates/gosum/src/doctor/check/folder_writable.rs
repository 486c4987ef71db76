//! Whether what is fetched can be kept.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "folder-writable", about: "folders that Go and gosum write to, and may not", run };

fn run(system: &System) -> Answer {
    let user = system.on_unix()?.uid;
    let mut remarks = Vec::new();
    for (name, folder) in &system.folders {
        let (Some(facts), Some(at)) = (&folder.unix, &folder.at) else { continue };
        if facts.writable || folder.error.is_some() {
            continue;
        }
        let seen = if folder.exists {
            format!(
                "{name} {} cannot be written by user {user} (owner {}, mode {})",
                folder.path, facts.uid, facts.mode
            )
        } else {
            format!("{name} {} is not there, and user {user} cannot make it in {at}", folder.path)
        };
        let why = match name.as_str() {
            "TMPDIR" | "GOTMPDIR" => "builds and downloads use temporary files there, and fail",
            "GOSUM_CACHE" => "what gosum has proven is asked for again in each run",
            _ => "go cannot add what is missing: every download or build that needs it fails",
        };
        let fix = format!("chmod u+w {at}, or go env -w {name}=...");
        let fix =
            if name.starts_with("GO") && name != "GOSUM_CACHE" { fix } else { format!("export {name}=...") };
        let remark =
            if name == "GOSUM_CACHE" { Remark::warning(seen, why) } else { Remark::problem(seen, why) };
        remarks.push(remark.fix(fix));
    }
    Ok(Sight::of(remarks, || "all can be written".to_owned()))
}
