//! Graphs that never end, and files that are made to take long.

use std::convert::Infallible;

use gosum_mod::build::graph::{Build, Graph, Limits, LoadError, MainModule, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::file::main_mod::MainMod;

const LIMITS: Limits = Limits { files: 1000, rounds: 100, requirements: 10_000 };

/// Loads the graph whose go.mod files `text` makes up.
fn endless(text: &dyn Fn(&GoModKey, usize) -> String) -> (Result<Graph<Infallible>, LoadError>, usize) {
    loaded("", text)
}

fn loaded(
    statements: &str,
    text: &dyn Fn(&GoModKey, usize) -> String,
) -> (Result<Graph<Infallible>, LoadError>, usize) {
    let file = format!("module example.com/m\ngo 1.16\nrequire example.com/a v1.0.0\n{statements}");
    let file = MainMod::parse(file.as_bytes()).unwrap();
    let build = Build::Module(MainModule { directory: "".into(), file });
    let mut asked = 0;
    let mut read = |keys: &[GoModKey]| {
        let texts = keys.iter().map(|key| {
            asked += 1;
            Ok(format!("module {}\n{}", key.to_string().split('@').next().unwrap(), text(key, asked)).into())
        });
        texts.collect()
    };
    let loaded = load(&build, &LIMITS, &mut read);
    (loaded, asked)
}

#[test]
fn a_chain_without_end_is_too_deep() {
    let (loaded, asked) = endless(&|_, asked| format!("require example.com/a v1.0.{asked}\n"));
    assert_eq!(loaded.unwrap_err(), LoadError::TooDeep { max: 100 });
    assert_eq!(asked, 100);
}

#[test]
fn a_tree_without_end_has_too_many_files() {
    let (loaded, asked) = endless(&|_, asked| {
        (0..3).map(|leg| format!("require example.com/{asked}/{leg} v1.0.0\n")).collect()
    });
    let error = loaded.unwrap_err();
    assert_eq!(error, LoadError::TooManyFiles { max: 1000 });
    assert_eq!(error.to_string(), "the module graph has more than 1000 go.mod files");
    assert!(asked <= 1000);
}

#[test]
fn requirements_are_counted_though_no_file_is_read_for_them() {
    let (loaded, asked) = endless(&|_, _| "require example.com/a v1.0.0\n".repeat(11_000));
    assert_eq!(loaded.unwrap_err(), LoadError::TooManyRequirements { max: 10_000 });
    assert_eq!(asked, 1);
}

#[test]
fn requirements_of_a_replacement_count_for_each_version_that_it_replaces() {
    let replace = "replace example.com/a => example.com/a v1.0.0\n";
    let many =
        |_: &GoModKey, _| (0..1000).map(|patch| format!("require example.com/a v1.0.{patch}\n")).collect();
    let (loaded, asked) = loaded(replace, &many);
    assert_eq!(loaded.unwrap_err(), LoadError::TooManyRequirements { max: 10_000 });
    assert_eq!(asked, 1);
}
