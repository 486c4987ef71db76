//! Whose certificates are believed.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "certificates", about: "the trusted certificates of this machine", run };

fn run(system: &System) -> Answer {
    let Some(places) = &system.certificates else {
        return Err(Blind::Skipped(format!("{} has a store of its own", system.os)));
    };
    let why = "no https connection comes about: every source is unavailable, and go downloads nothing";
    let mut remarks = Vec::new();
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let Some(value) = system.variable(name) else { continue };
        let named = |path: &str| {
            value == path || name == "SSL_CERT_DIR" && value.split(':').any(|other| other == path)
        };
        for place in places.iter().filter(|place| named(&place.path)) {
            let seen = match (&place.error, place.certificates) {
                (Some(error), _) => format!("{name} names {}: {error}", place.path),
                (None, None) => format!("{name} names {}, which is not there", place.path),
                (None, Some(0)) => format!("{name} names {}, which holds no certificate", place.path),
                (None, Some(_)) => continue,
            };
            let why = "it replaces the system's own, so that those are not believed either";
            remarks.push(Remark::problem(seen, why).fix(format!("unset {name}")));
        }
    }
    let total: u64 = places.iter().filter_map(|place| place.certificates).sum();
    if total == 0 {
        let looked: Vec<&str> = places.iter().map(|place| place.path.as_str()).collect();
        let seen = format!("no trusted certificate in {}", looked.join(", "));
        let fix = "apt-get install ca-certificates  # or the package of that name of another system";
        remarks.push(Remark::problem(seen, why).fix(fix));
    }
    Ok(Sight::of(remarks, || {
        let found = places.iter().filter(|place| place.certificates.unwrap_or(0) > 0);
        found.map(|place| place.path.as_str()).collect::<Vec<_>>().join(", ")
    }))
}
