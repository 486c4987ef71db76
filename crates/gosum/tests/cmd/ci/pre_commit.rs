//! The hook for git.

use std::path::Path;
use std::process::Command;

use super::{Machine, ROOT, git, told, yaml};

/// Returns a machine whose checkout is a repository with the hook installed.
fn machine() -> Machine {
    let machine = Machine::new();
    assert_eq!(git(&machine, &["init", "-q", "-b", "main"]).0, 0);
    let hook = machine.path("checkout/.git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(Path::new(ROOT).join("ci/pre-commit"), hook).unwrap();
    machine
}

fn commit(machine: &Machine) -> (i32, String, String) {
    git(machine, &["commit", "-q", "-m", "change"])
}

#[test]
fn the_definition_names_a_script_that_is_there() {
    let hook = &yaml(".pre-commit-hooks.yaml")[0];
    let script = Path::new(ROOT).join(hook["entry"].as_str().unwrap());
    assert!(script.is_file());
    assert_eq!(hook["language"].as_str(), Some("script"));
    assert_eq!(hook["files"].as_str(), Some(r"(^|/)go\.(work\.)?sum$"));
    // without gosum it says so, and nothing passes
    let mut hook = Command::new("bash");
    let (code, _, stderr) =
        told(&hook.arg(script).arg("go.sum").env("GOSUM", "/nowhere/gosum").output().unwrap());
    assert!(code == 2 && stderr.starts_with("gosum is not installed"), "{code} {stderr}");
}

#[test]
#[ignore = "needs git"]
fn a_commit_with_a_line_that_differs_is_stopped() {
    let machine = machine();
    machine.files(&[("go.sum", &machine.sums_without(&["/colors ", "/cache/"])), ("x.go", "package x\n")]);
    git(&machine, &["add", "."]);
    // the first commit has nothing before it: all lines are audited
    let (code, said, told) = commit(&machine);
    assert!(code == 0 && (said + &told).contains("verified: 8 lines: 8 verified by both paths"), "{told}");
    machine.files(&[("go.sum", &machine.sums())]);
    git(&machine, &["add", "."]);
    let (code, said, told) = commit(&machine);
    assert!(code == 1 && (said + &told).contains("mismatch: 5 lines: 2 differ"), "{told}");
    // a commit without go.sum is none of its business
    git(&machine, &["reset", "-q", "--hard"]);
    let asked = machine.demo.world.log().len();
    machine.files(&[("x.go", "package x // better\n")]);
    git(&machine, &["add", "."]);
    assert_eq!(commit(&machine), (0, String::new(), String::new()));
    assert_eq!(machine.demo.world.log().len(), asked, "nothing is asked");
}

#[test]
#[ignore = "needs git"]
fn what_is_not_staged_is_not_audited_in_place_of_what_is() {
    let machine = machine();
    machine.files(&[("go.sum", &machine.sums())]);
    git(&machine, &["add", "."]);
    machine.files(&[("go.sum", "")]);
    let (code, _, told) = commit(&machine);
    assert!(code == 1 && told.contains("go.sum has changes that are not staged"), "{code} {told}");
}

#[test]
#[ignore = "needs git"]
fn folders_are_audited_in_their_order_and_the_worst_code_counts() {
    let machine = machine();
    git(&machine, &["commit", "-q", "--allow-empty", "-m", "first"]);
    let good = machine.sums_without(&["/colors ", "/cache/"]);
    let bad = machine.sums();
    let folders = ["b", "a", "a b", "c"];
    for folder in folders {
        let sums = if folder == "a" { &bad } else { &good };
        machine.files(&[(&format!("{folder}/go.sum"), sums), (&format!("{folder}/go.work.sum"), "")]);
    }
    machine.files(&[("go.sum", "")]);
    git(&machine, &["add", "."]);
    let (code, said, told) = commit(&machine);
    let said = said + &told;
    let verdicts: Vec<&str> = said.lines().filter(|line| line.contains(" lines: ")).collect();
    let good = "verified: 8 lines: 8 verified by both paths";
    let expected = [
        "verified: 0 lines: nothing to verify",
        "mismatch: 13 lines: 2 differ, 11 verified by both paths",
        good,
        good,
        good,
    ];
    assert_eq!((code, verdicts), (1, expected.to_vec()), "{said}");
    // as the tool runs it, which names files, and the revision before
    let first = git(&machine, &["rev-parse", "HEAD"]).1;
    assert_eq!(git(&machine, &["commit", "-q", "--no-verify", "-m", "second"]).0, 0);
    let run = |from: Option<&str>| {
        let mut hook = machine.command("bash");
        hook.arg(Path::new(ROOT).join("ci/pre-commit")).args(["a/go.sum", "b/go.sum", "x.go"]);
        from.map(|from| hook.env("PRE_COMMIT_FROM_REF", from));
        super::told(&hook.output().unwrap())
    };
    let (code, said, _) = run(None);
    assert!(code == 0 && said.contains("no line added or changed since HEAD"), "{said}");
    let (code, said, _) = run(Some(first.trim_end()));
    assert!(code == 1 && said.contains("mismatch: 13 lines: 2 differ"), "{said}");
}
