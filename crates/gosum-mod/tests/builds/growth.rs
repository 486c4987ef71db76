//! What reading files and selecting versions costs; `scripts/growth` counts.

use std::collections::BTreeMap;
use std::fmt::{Error, Write as _};

use gosum_mod::build::graph::{Build, Limits, MainModule, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::file::main_mod::MainMod;
use gosum_testkit::growth::measured;

const MODULES: usize = 150;
const VERSIONS: usize = 4;

fn module(number: usize) -> String {
    format!("github.com/Owner-{}/module{number}/v2", number % 23)
}

#[test]
fn growth_parse_go_sum() {
    let mut text = String::new();
    for number in 0..1000 {
        let (module, version) = (module(number), number % 7);
        let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        writeln!(text, "{module} v2.{version}.0 h1:{hash}\n{module} v2.{version}.0/go.mod h1:{hash}")
            .unwrap();
    }
    let keys = measured(|| {
        let sum = GoSum::parse(text.as_bytes());
        sum.lines.iter().filter(|line| line.key().is_ok()).count()
    });
    assert_eq!(keys, 2000);
}

/// Returns a go.mod file that requires `count` modules after the one with this number, each at some version.
fn go_mod(number: usize, version: usize, count: usize) -> String {
    let mut text = format!("module {}\n\ngo 1.16\n\nrequire (\n", module(number));
    for further in number + 1..(number + 1 + count).min(MODULES) {
        let version = (version + further) % VERSIONS;
        writeln!(text, "\t{} v2.{version}.0 // indirect", module(further)).unwrap();
    }
    text + ")\n"
}

#[test]
fn growth_parse_go_mod() {
    let text = go_mod(0, 0, MODULES) + "exclude example.com/a v1.0.0\n\nreplace example.com/b => ../b\n";
    let file = measured(|| MainMod::parse(text.as_bytes())).unwrap();
    assert_eq!(file.go_mod.require.len(), MODULES - 1);
}

#[test]
fn growth_select_versions() {
    let name = |number: usize, version: usize| format!("{}@v2.{version}.0", module(number));
    let numbers = (0..MODULES).flat_map(|number| (0..VERSIONS).map(move |version| (number, version)));
    let files: BTreeMap<String, String> =
        numbers.map(|(number, version)| (name(number, version), go_mod(number, version, 6))).collect();
    let main = format!("module example.com/main\n\ngo 1.16\n\nrequire {}\n", name(0, 0).replace('@', " "));
    let file = MainMod::parse(main.as_bytes()).unwrap();
    let build = Build::Module(MainModule { directory: ".".into(), file });
    let mut read = |keys: &[GoModKey]| {
        let text = |key: &GoModKey| match key {
            GoModKey::Module(module) => files.get(&module.to_string()).map(|text| text.clone().into_bytes()),
            GoModKey::Directory(_) => None,
        };
        keys.iter().map(|key| text(key).ok_or(Error)).collect()
    };
    let graph = measured(|| load(&build, &Limits::default(), &mut read)).unwrap();
    assert!(graph.failures().is_empty());
    assert_eq!(graph.build_list().count(), MODULES + 1);
}
