//! The action for GitHub.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::action::{Ran, Run};
use super::{Machine, git, yaml};

/// Stands for git: has the commits of the file `has`, fetches into it what the file `remote` has, and keeps what it is asked.
const GIT: &str = "#!/bin/sh\n\
    echo \"$*\" >> \"$HOME/git\"\n\
    for last; do :; done\n\
    case $1 in\n\
    rev-parse) grep -qxF \"${last%^*}\" \"$HOME/has\" ;;\n\
    fetch) grep -xF \"$last\" \"$HOME/remote\" >> \"$HOME/has\" ;;\n\
    *) exit 128 ;;\n\
    esac\n";

/// Stands for cargo: installs the program that is there, and keeps what it is asked.
const CARGO: &str = "#!/bin/sh\n\
    echo \"$PWD $*\" >> \"$HOME/cargo\"\n\
    for last; do :; done\n\
    mkdir -p \"$last/bin\" && cp -P \"$HOME/../bin/gosum\" \"$last/bin/\"\n";

fn json(ran: &Ran, output: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(&ran.outputs[output]).unwrap()).unwrap()
}

/// Returns how many commands of each kind there are: errors, warnings, notices.
fn annotations(ran: &Ran) -> [usize; 3] {
    ["error", "warning", "notice"].map(|kind| {
        ran.commands.iter().filter(|(command, _)| command.split(' ').next() == Some(kind)).count()
    })
}

/// Returns a machine with git, whose checkout is that of a pull request that adds the lines with `new` to the demo's go.sum;
/// and the commit that it is based on.
fn pull_request(new: &[&str]) -> (Machine, String) {
    let machine = Machine::new();
    let commit = machine.commit(&[("go.sum", &machine.sums_without(new))]).to_string();
    machine.files(&[("go.sum", &machine.sums())]);
    machine.program("git", GIT);
    fs::write(machine.path("home/has"), format!("{commit}\n")).unwrap();
    fs::write(machine.path("home/remote"), "").unwrap();
    (machine, commit)
}

#[test]
fn a_push_is_audited_whole() {
    let mut machine = Machine::new();
    machine.files(&[("go.sum", &machine.sums()), ("go.mod", &machine.demo.go_mod)]);
    let ran = Run::new(&mut machine, "push", &[]).with_cached_program().run();
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{ran:#?}");
    assert!(ran.stdout.contains("\nmismatch: 13 lines: 2 differ, 11 verified by both paths\n"), "{ran:#?}");
    assert!(ran.summary.starts_with("**mismatch**: 13 lines: 2 differ"), "{}", ran.summary);
    assert_eq!(annotations(&ran), [2, 0, 1], "{:?}", ran.commands);
    assert_eq!(ran.commands[0].0.split(',').take(2).collect::<Vec<_>>(), ["error file=go.sum", "line=1"]);
    assert_eq!(ran.outputs["exit-code"], "1");
    let (report, sarif) = (json(&ran, "json"), json(&ran, "sarif"));
    assert_eq!(report["counts"]["mismatch"], 2);
    assert_eq!(report["base"], Value::Null);
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
    // the store is kept by go.sum, the program by its sources
    let [program, store] = &ran.caches[..] else { panic!("{:?}", ran.caches) };
    assert!(program.starts_with("gosum-program-Linux-X64-") && program.len() == 24 + 64, "{program}");
    assert_eq!(store, "gosum-store-Linux-5ca1ab1e");
    assert!(
        machine.path("temp/gosum/store").is_dir(),
        "what is proven for good is in the folder that is kept"
    );
}

#[test]
fn a_pull_request_is_audited_against_its_base() {
    let (mut machine, base) = pull_request(&["/nightly "]);
    // the change's own policy does not count
    machine.files(&[("gosum.toml", "[rules]\ngo-sum-differs = \"warn\"\n")]);
    let given = [("github.event.pull_request.base.sha", base.as_str())];
    let ran = Run::new(&mut machine, "pull_request", &given).with_cached_program().run();
    assert_eq!((ran.code, ran.outputs["exit-code"].as_str()), (0, "0"), "{ran:#?}");
    assert!(ran.summary.contains(&format!("only lines added or changed since `{base}`")), "{}", ran.summary);
    let report = json(&ran, "json");
    assert_eq!((&report["counts"]["verified_both"], &report["counts"]["left_out"]), (&2.into(), &11.into()));
    assert_eq!(report["base"]["commit"], *base);
    assert_eq!(report["findings"][0]["code"], "policy-changed");
    assert_eq!(annotations(&ran), [0, 1, 1], "{:?}", ran.commands);
    // an input takes the place of the event's base
    let given = [given[0], ("inputs.base", "none")];
    let ran = Run::new(&mut machine, "pull_request", &given).with_cached_program().run();
    assert_eq!((ran.code, &json(&ran, "json")["base"]), (1, &Value::Null), "{ran:#?}");
}

#[test]
fn what_is_in_the_store_does_not_answer_for_a_change() {
    let (mut machine, base) = pull_request(&["/nightly "]);
    let from_cache = |ran: &Ran| json(ran, "json")["run"]["sources"][0]["from_cache"].clone();
    let given = [("github.event.pull_request.base.sha", base.as_str())];
    for (event, given, expected) in
        [("push", &[][..], 0), ("push", &[], 13), ("pull_request", &given, 0), ("push", &[], 13)]
    {
        let ran = Run::new(&mut machine, event, given).with_cached_program().run();
        assert_eq!(from_cache(&ran), expected, "{event}: {ran:#?}");
    }
}

#[test]
fn a_base_that_is_not_there_is_fetched() {
    let (mut machine, base) = pull_request(&["/nightly "]);
    fs::write(machine.path("home/has"), "").unwrap();
    let given = [("github.event.merge_group.base_sha", base.as_str())];
    let ran = Run::new(&mut machine, "merge_group", &given).with_cached_program().run();
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert_eq!(ran.commands.len(), 1, "{ran:#?}");
    assert!(ran.commands[0].1.contains("cannot be fetched; check out with fetch-depth: 0"), "{ran:#?}");
    assert_eq!((ran.outputs["exit-code"].as_str(), ran.outputs["json"].as_str()), ("2", ""), "{ran:#?}");

    fs::write(machine.path("home/remote"), format!("{base}\n")).unwrap();
    let ran = Run::new(&mut machine, "merge_group", &given).with_cached_program().run();
    assert_eq!((ran.code, &json(&ran, "json")["base"]["commit"]), (0, &base.into()), "{ran:#?}");
    let asked = fs::read_to_string(machine.path("home/git")).unwrap();
    assert!(asked.contains("\nfetch --quiet --no-tags --depth=1 origin "), "{asked}");
}

#[test]
#[ignore = "needs git"]
fn a_base_is_fetched_into_a_shallow_checkout() {
    let mut machine = Machine::new();
    // the host has the base, and the change after it
    let run = |args: &[&str]| {
        let (code, said, told) = git(&machine, args);
        assert_eq!(code, 0, "{args:?}: {said}{told}");
        said.trim_end().to_owned()
    };
    run(&["init", "-q", "-b", "main"]);
    run(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    machine.files(&[("go.sum", &machine.sums_without(&["/nightly "]))]);
    run(&["add", "."]);
    run(&["commit", "-q", "-m", "base"]);
    let base = run(&["rev-parse", "HEAD"]);
    machine.files(&[("go.sum", &machine.sums())]);
    run(&["commit", "-q", "-a", "-m", "change"]);
    fs::rename(machine.path("checkout"), machine.path("host")).unwrap();
    fs::create_dir(machine.path("checkout")).unwrap();
    let url = format!("file://{}", machine.path("host").display());
    run(&["clone", "-q", "--depth=1", &url, "."]);
    assert_eq!(run(&["rev-list", "--all"]).lines().count(), 1, "the base is not there");
    let given = [("github.event.pull_request.base.sha", base.as_str())];
    let ran = Run::new(&mut machine, "pull_request", &given).with_cached_program().run();
    assert_eq!(ran.code, 0, "{ran:#?}");
    let report = json(&ran, "json");
    assert_eq!((&report["base"]["commit"], &report["counts"]["verified_both"]), (&base.into(), &2.into()));
}

#[test]
fn a_report_gives_the_runner_no_commands() {
    let mut machine = Machine::new();
    machine.files(&[
        ("go.sum", "::set-env name=X::y\n"),
        ("::error::x/go.sum", "::warning::x\n"),
        ("a\n::error title=b::c/go.sum", "oops\n"),
    ]);
    let given = [("inputs.path", ". ::error::x"), ("inputs.annotations", "false")];
    let ran = Run::new(&mut machine, "push", &given).with_cached_program().run();
    assert!(ran.code == 1 && ran.stdout.contains("bad lines in go.sum"), "{ran:#?}");
    assert_eq!(ran.commands, [], "{ran:#?}");
    let given = [("inputs.path", ". ::error::x")];
    let ran = Run::new(&mut machine, "push", &given).with_cached_program().run();
    assert_eq!((annotations(&ran), ran.commands.len()), ([2, 0, 1], 3), "{ran:#?}");
}

#[test]
fn inputs_reach_the_audit() {
    let mut machine = Machine::new();
    machine.files(&[("a/go.sum", &machine.sums()), ("b/go.sum", &machine.sums())]);
    let given = [
        ("inputs.path", "a\nb"),
        ("inputs.args", "--skip github.com/example/cache/v3 \n --source proxy,direct"),
        ("inputs.summary", "false"),
        ("inputs.annotations", "false"),
    ];
    let ran = Run::new(&mut machine, "push", &given).with_cached_program().run();
    assert_eq!((ran.code, ran.summary.as_str(), ran.commands.len()), (1, "", 0), "{ran:#?}");
    let report = json(&ran, "json");
    assert_eq!(report["counts"]["mismatch"], 1, "{report:#}");
    assert_eq!(report["artifacts"][0]["at"].as_array().unwrap().len(), 2);
    // what cannot be run leaves no report behind, and none of an earlier run is taken for its own
    let ran =
        Run::new(&mut machine, "push", &[("inputs.args", "--no-such-flag")]).with_cached_program().run();
    assert_eq!((ran.code, ran.outputs["exit-code"].as_str()), (2, "2"), "{ran:#?}");
    assert_eq!((ran.outputs["json"].as_str(), ran.outputs["sarif"].as_str()), ("", ""));
    assert!(ran.stderr.contains("--no-such-flag") && ran.summary.is_empty(), "{ran:#?}");
}

#[test]
fn the_program_is_built_from_the_sources_of_the_action_unless_it_is_there() {
    let mut machine = Machine::new();
    machine.files(&[("go.sum", &machine.sums_without(&["/colors ", "/cache/"]))]);
    machine.program("cargo", CARGO);
    let ran = Run::new(&mut machine, "push", &[]).run();
    assert_eq!(ran.code, 0, "{ran:#?}");
    let asked = fs::read_to_string(machine.path("home/cargo")).unwrap();
    let (folder, arguments) = asked.trim_end().split_once(' ').unwrap();
    let root = machine.path("temp/gosum/program");
    assert_eq!(arguments, format!("install --locked --path crates/gosum --root {}", root.display()));
    assert!(Path::new(folder).join("crates/gosum/Cargo.toml").is_file(), "{folder}");
    // one that is installed is taken
    fs::remove_dir_all(&root).unwrap();
    let given = [("inputs.gosum", "gosum"), ("inputs.cache", "false")];
    let ran = Run::new(&mut machine, "push", &given).run();
    assert_eq!((ran.code, ran.caches.len(), root.exists()), (0, 0, false), "{ran:#?}");
}

#[test]
fn the_action_asks_for_nothing_but_to_read() {
    let text = fs::read_to_string(Path::new(super::ROOT).join("action.yml")).unwrap();
    for word in ["github.token", "secrets.", "GITHUB_TOKEN", "permissions:"] {
        assert!(!text.contains(word), "{word}");
    }
    let action = yaml("action.yml");
    for step in action["runs"]["steps"].as_vec().unwrap() {
        // what others write, such as titles and names of branches, is no text of a script
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step:?}");
    }
}
