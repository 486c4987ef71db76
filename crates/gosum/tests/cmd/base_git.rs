//! `--base` in repositories that real git made, and with `git rev-parse` as the judge of revisions.

use std::path::Path;

use serde_json::Value;

use super::git_program::git_in;
use super::run::Place;

const H1: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn lines(names: &[&str]) -> String {
    names.iter().map(|name| format!("example.com/{name} v1.0.0 {H1}\n")).collect()
}

/// Runs git in `folder`, and returns what it prints.
fn git(folder: &Path, args: &str) -> String {
    let done = try_git(folder, args);
    done.unwrap_or_else(|error| panic!("git {args}: {error}"))
}

fn try_git(folder: &Path, args: &str) -> Result<String, String> {
    let done = git_in(folder).args(args.split(' ')).output().unwrap();
    match done.status.success() {
        true => Ok(String::from_utf8(done.stdout).unwrap().trim_end().to_owned()),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
    }
}

/// Returns a place with a repository in `main`: a tag `v1` with one line, and a commit with one more.
fn place() -> Place {
    let place = Place::new().file("main/go.mod", "module example.com/m\n").file("main/go.sum", lines(&["a"]));
    let main = place.path("main");
    git(&main, "init -q -b main");
    git(&main, "config uploadpack.allowFilter true");
    git(&main, "add .");
    git(&main, "commit -q -m one");
    git(&main, "tag -a -m one v1");
    let place = place.file("main/go.sum", lines(&["a", "b"]));
    git(&main, "commit -q -a -m two");
    place
}

fn run(place: &Place, args: &str) -> (u8, Value) {
    place.audit(&format!("--offline --no-cache --source direct {args}"))
}

/// Returns how many lines an audit has, and how many it leaves out.
fn counts(place: &Place, args: &str) -> (u64, u64) {
    let (_, report) = run(place, args);
    let count = |name: &str| report["counts"][name].as_u64().unwrap();
    (count("unverified"), count("left_out"))
}

#[test]
#[ignore = "needs git"]
fn repositories_of_all_kinds_are_read_as_git_leaves_them() {
    let place = place();
    let [root, main] = [place.dir().to_owned(), place.path("main")];
    assert_eq!(counts(&place, "main --base v1"), (1, 1));
    git(&main, "gc -q --aggressive");
    git(&main, "pack-refs --all");
    assert!(!main.join(".git/refs/heads/main").exists());
    assert_eq!(counts(&place, "main --base v1"), (1, 1));
    git(&main, "worktree add -q ../tree -b side");
    assert_eq!(counts(&place, "tree --base main~1"), (1, 1));
    let url = format!("file://{}", main.display());
    git(&root, "clone -q --shared main shared");
    assert_eq!(counts(&place, "shared --base origin/main~1"), (1, 1));
    git(&root, &format!("clone -q --depth=1 {url} shallow"));
    assert_eq!(counts(&place, "shallow --base HEAD"), (0, 2));
    let shallow = place.run("audit --offline shallow --base HEAD~1");
    assert!(shallow.code == 2 && shallow.stderr.contains("the clone is shallow"), "{shallow:?}");
    git(&place.path("shallow"), &format!("fetch -q --depth=1 {url} tag v1"));
    assert_eq!(counts(&place, "shallow --base v1"), (1, 1));
    git(&root, &format!("clone -q --filter=blob:none --no-checkout {url} partial"));
    let partial = place.file("partial/go.sum", lines(&["a"]));
    let done = partial.run("audit --offline partial --base v1");
    assert!(done.code == 2 && done.stderr.contains("cannot read the object"), "{done:?}");
    git(&main, &format!("submodule --quiet add {url} module"));
    assert_eq!(counts(&partial, "main/module --base v1"), (1, 1));
    git(&main, "mv go.mod module-of-old");
    git(&main, "reset -q --hard");
    std::fs::create_dir(main.join("sub")).unwrap();
    git(&main, "mv go.mod go.sum sub");
    assert_eq!(counts(&partial, "main/sub --base HEAD"), (0, 2));
    assert_eq!(counts(&partial, "-C main/sub --base v1"), (1, 1));
}

#[test]
#[ignore = "needs git"]
fn a_revision_is_what_git_says() {
    let place = place();
    let main = place.path("main");
    git(&main, "checkout -q -b side v1");
    git(&main, "commit -q --allow-empty -m three");
    git(&main, "checkout -q main");
    git(&main, "merge -q --no-ff -m four side");
    git(&main, "tag light HEAD~1");
    git(&main, "update-ref refs/remotes/origin/main HEAD~1");
    git(&main, "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main");
    let id = git(&main, "rev-parse HEAD");
    let specs = [
        "HEAD",
        "@",
        "main",
        "side",
        "v1",
        "light",
        "heads/main",
        "tags/v1",
        "refs/tags/v1",
        "origin/main",
        "origin",
        "remotes/origin/main",
        "HEAD~1",
        "HEAD~2",
        "HEAD~3",
        "HEAD^",
        "HEAD^1",
        "HEAD^2",
        "HEAD^3",
        "HEAD^2~1",
        "v1^{}",
        "v1^{commit}",
        "v1~0",
        "v1^0",
        "main@{0}",
        "main@{1}",
        "main^{/two}",
        "none",
        "HEAD~9",
        &id,
        &id[..8],
        &id[..4],
        "-x",
        "HEAD..main",
        "^main",
        "main^@",
        "HEAD^{blob}",
        "v1:none",
    ];
    let mut agreed = 0;
    for spec in specs {
        let expected =
            try_git(&main, &format!("rev-parse --verify --quiet --end-of-options {spec}^{{commit}}"));
        let done = place
            .run(&format!("audit main --offline --no-cache --source direct --format json --base={spec}"));
        match expected {
            // with a `^` in front it is what a range leaves out
            Ok(expected) if !expected.starts_with('^') => {
                let report: Value = serde_json::from_str(&done.stdout)
                    .unwrap_or_else(|error| panic!("{spec}: {error}: {done:?}"));
                assert_eq!(report["base"]["commit"], *expected, "{spec}");
                agreed += 1;
            }
            _ => assert_eq!(done.code, 2, "{spec}: {done:?}"),
        }
    }
    assert!(agreed >= 25, "{agreed}");
}
