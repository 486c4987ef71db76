//! GODEBUG: behaviour of old versions of Go that the environment or go.mod brings back.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "godebug", about: "GODEBUG settings that the environment, go.mod or go.work force", run };

/// Settings that switch a protection off, by the value that does it.
const WEAKER: [(&str, &str); 12] = [
    ("allowmultiplevcs=1", "a folder with two repositories in it may be stamped with the wrong one"),
    ("embedfollowsymlinks=1", "a link may bring files into a program that go.sum does not vouch for"),
    ("execerrdot=0", "a program in the current folder may run in the place of one in PATH"),
    ("rsa1024min=0", "RSA keys that are too short are accepted"),
    ("tls10server=1", "servers speak a broken version of TLS"),
    ("tls3des=1", "a broken cipher is accepted"),
    ("tlsrsakex=1", "connections without forward secrecy are accepted"),
    ("tlssha1=1", "signatures with a broken hash are accepted"),
    ("tlsunsafeekm=1", "keys of a connection may be those of another one"),
    ("x509negativeserial=1", "malformed certificates are accepted"),
    ("x509rsacrt=0", "malformed private keys are accepted"),
    ("x509sha1=1", "certificates signed with a broken hash are accepted, before Go 1.24"),
];

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    if let Some(value) = system.variable("GODEBUG") {
        // the last of several with one key counts
        for pair in value.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            remarks.push(remark(pair, "GODEBUG (environment)", "unset GODEBUG"));
        }
    }
    if let Some(error) = &system.lost {
        let why = "which go.mod and go.work hold in it is not known, and go does not run in it";
        let seen = format!("the current folder cannot be told: {error}");
        remarks.push(Remark::problem(seen, why).fix("cd  # to a folder that is there"));
    }
    for file in &system.project {
        if let Some(error) = &file.error {
            let seen = format!("{}: {error}", file.path);
            let why = "its godebug statements, like all others, are not known";
            remarks.push(Remark::problem(seen, why).fix("go mod edit -json"));
        }
        for pair in &file.godebug {
            remarks.push(remark(pair, &file.path, "go mod edit -dropgodebug=KEY"));
        }
    }
    Ok(Sight::of(remarks, || "no setting in the environment, nor in a go.mod or go.work here".to_owned()))
}

fn remark(pair: &str, origin: &str, fix: &str) -> Remark {
    let seen = format!("{pair}, by {origin}");
    match WEAKER.iter().find(|(setting, _)| pair == *setting) {
        Some((_, why)) => Remark::warning(seen, *why).fix(fix),
        None => Remark::note(seen, "go and what it builds behave otherwise than their version says").fix(fix),
    }
}
