//! Whether hosts may be anybody.

use super::{Check, covered, shown, unset};
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check {
    id: "insecure-hosts",
    about: "whether modules may come over connections that nobody vouches for",
    run,
};

fn run(system: &System) -> Answer {
    let setting = system.setting("GOINSECURE")?;
    if setting.value.is_empty() {
        return Ok(Sight::Fine("GOINSECURE is empty".to_owned()));
    }
    let fix = unset("GOINSECURE", setting);
    let seen = shown("GOINSECURE", setting);
    let why = "these modules may be fetched over plain http or from a host without a good certificate: whoever is on \
               the way can change them, and where no checksum database knows them nothing notices";
    let remark = match covered(&setting.value) {
        Some(names) => Remark::problem(format!("{seen} covers {names}"), why),
        None => Remark::warning(seen, why),
    };
    Ok(Sight::Seen(vec![remark.fix(fix)]))
}
