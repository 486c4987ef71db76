//! Variables that only building Go itself reads.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "compiler-variables", about: "variables for C compilers that go build does not read", run };

/// Returns whether a variable names a compiler for building Go itself: `CC_FOR_TARGET`, `CC_FOR_linux_arm64`.
pub(in crate::doctor) fn is_for_make(name: &str) -> bool {
    name.starts_with("CC_FOR_") || name.starts_with("CXX_FOR_")
}

fn run(system: &System) -> Answer {
    let found = system.variables.keys().filter(|name| is_for_make(name));
    let remarks = found.map(|name| {
        let real = if name.starts_with("CXX") { "CXX" } else { "CC" };
        let why = format!("it is read when Go itself is built from source, and at no other time: go build reads {real} alone");
        Remark::warning(format!("{name} is set (environment)"), why).fix(format!("export {real}=\"${name}\""))
    });
    Ok(Sight::of(remarks.collect(), || "none".to_owned()))
}
