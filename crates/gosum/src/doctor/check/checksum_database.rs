//! Whether new lines of go.sum are compared with what others got.

use super::{Check, covered, shown, unset};
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;
use crate::env::default_gosumdb;

pub(super) const CHECK: Check = Check {
    id: "checksum-database",
    about: "whether new go.sum lines are held against the checksum database",
    run,
};

const WHY: &str =
    "a new go.sum line is then believed because one server sent it once, and is compared with nobody's";

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    let database = system.setting("GOSUMDB")?;
    if database.value == "off" {
        remarks.push(Remark::problem(shown("GOSUMDB", database), WHY).fix(unset("GOSUMDB", database)));
    } else if !database.is_default() && !is_default_database(&database.value) {
        let why = "modules are compared with what this database says, which others may never have seen";
        remarks.push(Remark::note(shown("GOSUMDB", database), why));
    }
    // GONOSUMDB is shown with what GOPRIVATE makes of it: one cause is one remark
    let private = system.setting("GOPRIVATE")?;
    let list = system.setting("GONOSUMDB")?;
    let (name, setting) =
        if list.value == private.value { ("GOPRIVATE", private) } else { ("GONOSUMDB", list) };
    if let Some(names) = covered(&setting.value) {
        let seen = format!("{} covers {names}", shown(name, setting));
        remarks.push(Remark::problem(seen, WHY).fix(narrower(name)));
    }
    Ok(Sight::of(remarks, || shown("GOSUMDB", database)))
}

/// Returns whether a value names the database that Go has by default, perhaps at another URL.
fn is_default_database(value: &str) -> bool {
    value.split([' ', '+']).next() == Some(default_gosumdb())
}

fn narrower(name: &str) -> String {
    format!("go env -w {name}=git.example.com/*  # the private names alone")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level, set};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn wide_lists_are_told_from_private_names() {
        for (name, value, expected) in [
            ("GOSUMDB", "off", Level::Problem),
            ("GOSUMDB", "sum.example+1+key", Level::Note),
            ("GOSUMDB", &format!("{} https://mirror.example", default_gosumdb()), Level::Ok),
            ("GONOSUMDB", "*", Level::Problem),
            ("GONOSUMDB", "corp.example,*/*", Level::Problem),
            ("GONOSUMDB", "github.com", Level::Problem),
            ("GONOSUMDB", "github.com/*", Level::Problem),
            ("GONOSUMDB", "github.com/corp/*,git.corp.example", Level::Ok),
            ("GONOSUMDB", "", Level::Ok),
        ] {
            let mut system = healthy();
            set(&mut system, name, value);
            assert_eq!(level(&run(&system)), expected, "{name}={value}");
        }
    }
}
