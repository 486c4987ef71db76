//! Only what is new since a revision of the user's own repository, or since a file.

use std::fs;

use gosum_mod::name::id::Artifact;
use gosum_world::World;
use gosum_world::draft::Draft;
use gosum_world::release::Release;
use gosum_world::repository::{Files, ObjectFormat, ObjectId, ObjectKind, Repository};

use super::checkout;
use super::run::Place;

const H1: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// Returns the go.sum line of a module that nobody has.
fn line(name: &str) -> String {
    format!("example.com/{name} v1.0.0 {H1}\n")
}

fn lines(names: &[&str]) -> String {
    names.iter().map(|name| line(name)).collect()
}

/// A folder that is the work tree of a repository.
pub(crate) struct Tree {
    pub(crate) place: Place,
    pub(crate) repository: Repository,
    pub(crate) commits: Vec<ObjectId>,
}

impl Tree {
    pub(crate) fn new() -> Tree {
        Tree::of(ObjectFormat::Sha1)
    }

    pub(crate) fn of(format: ObjectFormat) -> Tree {
        Tree { place: Place::new(), repository: Repository::new(format), commits: Vec::new() }
    }

    /// Commits these files onto `main`.
    pub(crate) fn commit(mut self, files: &[(&str, &str)]) -> Tree {
        let files = files.iter().fold(Files::new(), |files, (path, text)| files.file(path, *text));
        let time = 1_700_000_000 + self.commits.len() as i64;
        let commit = self.repository.commit("main", time, &files);
        self.commits.push(commit);
        self
    }

    /// Puts these files into the work tree, and writes the repository.
    pub(crate) fn now(self, files: &[(&str, &str)]) -> Tree {
        let place = files.iter().fold(self.place, |place, (path, text)| place.file(path, text));
        checkout::write(&self.repository, &place.path(".git"));
        Tree { place, ..self }
    }

    /// Returns the modules that an audit with `args` does not leave out, and how many lines it does.
    fn audited(&self, args: &str) -> (Vec<String>, u64) {
        let (code, report) = self.place.audit(&format!("--offline --no-cache --source direct {args}"));
        let artifacts = report["artifacts"].as_array().unwrap();
        let name = |artifact: &serde_json::Value| {
            artifact["module"].as_str().unwrap().strip_prefix("example.com/").unwrap().to_owned()
        };
        let modules: Vec<String> = artifacts.iter().map(name).collect();
        assert_eq!(code, if modules.is_empty() { 0 } else { 3 }, "{report:#}");
        (modules, report["counts"]["left_out"].as_u64().unwrap())
    }

    /// Returns what an audit with `args`, which is wrong use, says.
    fn refused(&self, args: &str) -> String {
        let done = self.place.run(&format!("audit --offline --no-cache {args}"));
        assert_eq!((done.code, &*done.stdout), (2, ""), "{done:?}");
        done.stderr
    }
}

/// Returns names, as [`Tree::audited`] has them.
fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Returns a world with two modules.
fn two() -> (World, Vec<Release>) {
    let mut draft = Draft::new("proxy.example");
    let publish = |path: &str| {
        let files = Files::new().file("go.mod", format!("module {path}\n")).file("x.go", "package x\n");
        let revision = draft.commit(path, "main", &files);
        draft.tag("v1.0.0", &revision);
        draft.publish(&format!("{path}@v1.0.0"), &revision, "").unwrap()
    };
    let releases = ["github.com/example/a", "github.com/example/b"].map(publish).to_vec();
    (draft.start().unwrap(), releases)
}

#[test]
fn only_new_lines_are_asked_about() {
    let (world, releases) = two();
    let sum = |at: usize| releases[at].sum(Artifact::Zip) + &releases[at].sum(Artifact::GoMod);
    let tree = Tree { place: Place::in_world(&world), ..Tree::new() };
    let tree = tree.commit(&[("go.sum", &sum(0))]).now(&[("go.sum", &(sum(0) + &sum(1)))]);
    let done = tree.place.run("audit --no-run --base main");
    assert_eq!(done.code, 0, "{done:?}");
    let commit = tree.commits[0];
    let head = format!(
        "verified: 2 lines: 2 verified by both paths, 2 left out\n\
         only lines added or changed since main (commit {commit})\n"
    );
    assert!(done.stdout.starts_with(&head), "{}", done.stdout);
    assert!(world.log().iter().all(|exchange| !exchange.target.contains("example/a")));

    let changed = sum(0).replacen("h1:", "h1:x", 1);
    let tree = tree.now(&[("go.sum", &changed)]);
    let (code, report) = tree.place.audit("--base main");
    assert_eq!((code, &report["counts"]["mismatch"]), (1, &1.into()), "{report:#}");
    assert_eq!(report["base"], serde_json::json!({"name": "main", "commit": commit.to_string()}));
}

#[test]
fn nothing_new_is_verified_and_says_so() {
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]).now(&[("go.sum", &line("a"))]);
    let done = tree.place.run("audit --offline --no-run --no-cache --base main");
    assert_eq!((done.code, &*done.stderr), (0, ""));
    let head = format!(
        "verified: 0 lines: 1 left out\nno line added or changed since main (commit {})\n",
        tree.commits[0]
    );
    assert!(done.stdout.starts_with(&head), "{}", done.stdout);
    // what is wrong with the file as a whole is wrong whenever it came
    let tree = tree.now(&[("go.sum", &(line("a") + "oops\n"))]);
    let done = tree.place.run("audit --offline --no-cache --base main");
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stdout.contains("go-sum-malformed"), "{}", done.stdout);
}

#[test]
fn a_revision_is_named_as_in_git() {
    let mut tree = Tree::new().commit(&[("go.sum", &line("a"))]).commit(&[("go.sum", &lines(&["a", "b"]))]);
    let [first, second] = [tree.commits[0], tree.commits[1]];
    tree.repository.annotated_tag("v2", second, 1_700_000_100);
    tree.repository.tag("v1", first);
    tree.repository.set_reference("refs/remotes/origin/main", first);
    let tree = tree.now(&[("go.sum", &lines(&["a", "b", "c"]))]);
    let short = &first.to_string()[..7];
    for base in
        ["HEAD", "@", "main", "refs/heads/main", "v2", "v2^{commit}", &second.to_string(), "HEAD:go.sum"]
    {
        assert_eq!(tree.audited(&format!("--base {base}")), (names(&["c"]), 2), "{base}");
    }
    for base in ["HEAD~1", "main^", "v1", "origin/main", short, "v2~", "origin/main:go.sum"] {
        assert_eq!(tree.audited(&format!("--base {base}")), (names(&["b", "c"]), 1), "{base}");
    }
    assert_eq!(tree.audited("--base HEAD~1 --skip example.com/c"), (names(&["b"]), 2));
}

#[test]
fn what_is_no_single_revision_is_told() {
    let mut tree = Tree::new().commit(&[("go.sum", &line("a"))]).commit(&[("go.sum", &line("b"))]);
    tree.repository.tag("both", tree.commits[0]);
    tree.repository.set_reference("refs/heads/both", tree.commits[1]);
    tree.repository.tag("same", tree.commits[1]);
    tree.repository.set_reference("refs/heads/same", tree.commits[1]);
    let tree = tree.now(&[("go.sum", &lines(&["a", "b"])), ("here", "")]);
    for (base, words) in [
        ("none", "there is no revision \"none\" in the git repository of "),
        ("here", "for the file of this name, write ./here"),
        ("HEAD~9", "there is no revision \"HEAD~9\""),
        ("main..both", "is a range"),
        ("main...both", "is a range"),
        ("both", "is two: write refs/tags/both or refs/heads/both"),
        ("both~0", "is two"),
        ("HEAD:none", "there is no revision \"HEAD:none\""),
        ("0000000000000000000000000000000000000001", "there is no revision"),
        ("./none", "cannot open ./none"),
        ("none.sum", "cannot open none.sum"),
    ] {
        let said = tree.refused(&format!("--base {base}"));
        assert!(said.contains(words), "{base}: {said}");
    }
    assert_eq!(tree.audited("--base same"), (names(&["a"]), 1));
    let outside = Place::new().file("go.sum", line("a")).run("audit --offline --base main");
    assert_eq!(outside.code, 2);
    assert!(outside.stderr.contains("is in no git repository"), "{}", outside.stderr);
}

#[test]
fn a_file_with_the_name_of_a_branch_does_not_take_its_place() {
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]);
    let tree = tree.now(&[("go.sum", &lines(&["a", "b"])), ("main", &lines(&["a", "b"]))]);
    assert_eq!(tree.audited("--base main"), (names(&["b"]), 1));
    assert_eq!(tree.audited("--base ./main"), (names(&[]), 2));
}

#[test]
fn a_file_is_a_base_without_a_repository() {
    let place = Place::new().file("go.sum", lines(&["a", "b"])).file("old/go.sum", line("a"));
    let mut tree = Tree { place, ..Tree::new() };
    assert_eq!(tree.audited("--base old/go.sum"), (names(&["b"]), 1));
    tree.place.stdin = lines(&["a", "c"]).into();
    assert_eq!(tree.audited("- --base old/go.sum"), (names(&["c"]), 1));
    assert_eq!(tree.audited("go.sum --base -"), (names(&["b"]), 1));
    assert!(tree.refused("- --base -").contains("cannot be both"));
    assert!(tree.refused("- --base main").contains("standard input is in no repository"));
}

#[test]
fn lines_of_a_file_that_nobody_audits_are_new_where_they_count() {
    let tree = Tree::new().commit(&[("go.sum", &line("a")), ("testdata/go.sum", &lines(&["a", "evil"]))]);
    let tree = tree.now(&[("go.sum", &lines(&["a", "evil"])), ("testdata/go.sum", &lines(&["a", "evil"]))]);
    assert_eq!(tree.audited("--base main"), (names(&["evil"]), 1));
    assert_eq!(tree.audited(". testdata/go.sum --base main"), (names(&[]), 2));
}

#[cfg(unix)]
#[test]
fn links_of_the_work_tree_lead_nowhere_in_the_base() {
    let tree = Tree::new().commit(&[("go.sum", &line("a")), ("testdata/go.sum", &lines(&["a", "evil"]))]);
    let tree = tree.now(&[("testdata/go.sum", &lines(&["a", "evil"]))]);
    std::os::unix::fs::symlink("testdata", tree.place.path("sub")).unwrap();
    assert_eq!(tree.audited("sub --base main"), (names(&["a", "evil"]), 0));
    std::os::unix::fs::symlink("testdata/go.sum", tree.place.path("go.sum")).unwrap();
    // its path had a file of its own
    assert_eq!(tree.audited("--base main"), (names(&["evil"]), 1));
    // a link from outside is a way to the repository like any other
    let outside = Place::new();
    std::os::unix::fs::symlink(tree.place.dir(), outside.path("link")).unwrap();
    let linked = Tree { place: outside, ..Tree::new() };
    assert_eq!(linked.audited("link/testdata --base main"), (names(&[]), 2));
}

#[test]
fn a_folder_that_has_become_a_submodule_has_no_lines_in_the_base() {
    let tree = Tree::new().commit(&[("sub/go.sum", &line("a"))]).now(&[]);
    let mut inner = Repository::new(ObjectFormat::Sha1);
    let files = Files::new().file("go.sum", lines(&["a", "evil"]));
    inner.commit("main", 1_700_000_000, &files);
    checkout::write(&inner, &tree.place.path("sub/.git"));
    let tree = tree.now(&[("sub/go.sum", &lines(&["a", "evil"]))]);
    assert_eq!(tree.audited("sub --base main"), (names(&["evil"]), 1));
    assert_eq!(tree.audited("-C sub --base main"), (names(&[]), 2));
}

#[test]
fn a_module_that_moves_takes_its_lines_with_it() {
    let go_mod = "module example.com/m\n";
    let before =
        [("old/go.mod", go_mod), ("old/go.sum", &line("a")), ("other/go.mod", "module example.com/o\n")];
    let now = [("new/go.mod", go_mod), ("new/go.sum", &lines(&["a", "b"]))];
    let tree = Tree::new().commit(&before).now(&now);
    assert_eq!(tree.audited("new --base main"), (names(&["b"]), 1));
    assert_eq!(tree.audited("-C new --base main"), (names(&["b"]), 1));
    let done = tree.place.run("audit --offline new --base main");
    assert!(done.stderr.contains("new/go.sum was old/go.sum at main"), "{}", done.stderr);

    // still there: a copy is not a move
    let tree = tree.now(&[("old/go.sum", "")]);
    assert_eq!(tree.audited("new --base main"), (names(&["a", "b"]), 0));
    let done = tree.place.run("audit --offline new --base main");
    assert!(done.stderr.contains("new has no go.sum lines at main: all lines are new"), "{}", done.stderr);

    let twin =
        [("old/go.mod", go_mod), ("old/go.sum", &line("a")), ("x/go.mod", go_mod), ("x/go.sum", &line("b"))];
    assert_eq!(Tree::new().commit(&twin).now(&now).audited("new --base main"), (names(&["a", "b"]), 0));
    let other = [("old/go.mod", "module example.com/o\n"), ("old/go.sum", &line("a"))];
    assert_eq!(Tree::new().commit(&other).now(&now).audited("new --base main"), (names(&["a", "b"]), 0));
}

#[test]
fn the_base_of_a_workspace_is_what_it_was() {
    let before = [
        ("go.work", "use (\n\t./x\n\t./y\n)\n"),
        ("go.work.sum", &*line("a")),
        ("x/go.mod", "module example.com/x\n"),
        ("x/go.sum", &*line("b")),
        ("y/go.mod", "module example.com/y\n"),
        ("y/go.sum", &*line("c")),
        ("stray/go.mod", "module example.com/stray\n"),
        ("stray/go.sum", &*line("evil")),
    ];
    // y has moved, stray is used only now
    let now = [
        ("go.work", "use (\n\t./x\n\t./z\n\t./stray\n)\n"),
        ("go.work.sum", &*lines(&["a", "b"])),
        ("x/go.sum", &*lines(&["b", "d"])),
        ("z/go.sum", &*line("c")),
        ("stray/go.sum", &*line("evil")),
    ];
    let tree = Tree::new().commit(&before).now(&now);
    assert_eq!(tree.audited("--base main"), (names(&["d", "evil"]), 3));
    assert_eq!(tree.audited("x --base main"), (names(&["d"]), 1));
    assert_eq!(tree.audited("x z --base main"), (names(&["c", "d"]), 1));
}

#[test]
fn without_lines_at_the_base_or_now() {
    let tree = Tree::new().commit(&[("README", "")]).now(&[("go.sum", &line("a"))]);
    assert_eq!(tree.audited("--base main"), (names(&["a"]), 0));
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]).now(&[("go.mod", "module example.com/m\n")]);
    assert!(tree.refused("--base main").contains("--base is about lines of go.sum, and"));
}

#[test]
fn a_clone_that_lacks_something_says_how_to_get_it() {
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]).commit(&[("go.sum", &lines(&["a", "b"]))]);
    let first = tree.commits[0];
    let tree = tree.now(&[("go.sum", &line("a")), (".git/shallow", "")]);
    fs::write(tree.place.path(".git/shallow"), format!("{}\n", tree.commits[1])).unwrap();
    fs::remove_file(checkout::object_path(&tree.place.path(".git"), &first.to_string())).unwrap();
    for base in ["HEAD~1", "origin/main", &first.to_string()] {
        let said = tree.refused(&format!("--base {base}"));
        assert!(said.contains("the clone is shallow: fetch the revision first"), "{base}: {said}");
        assert!(said.contains("fetch-depth: 0"), "{said}");
    }
    assert_eq!(tree.audited("--base HEAD"), (names(&[]), 1));

    let mut tree = Tree::new().commit(&[("go.sum", &line("a"))]);
    let blob = tree.repository.write(ObjectKind::Blob, line("a")).to_string();
    let tree = tree.now(&[("go.sum", &line("a"))]);
    let path = checkout::object_path(&tree.place.path(".git"), &blob);
    let other = checkout::object_path(&tree.place.path(".git"), &tree.commits[0].to_string());
    fs::remove_file(&path).unwrap();
    let said = tree.refused("--base main");
    assert!(said.contains(&format!("cannot read the object {blob}")), "{said}");
    // another object in its place
    fs::copy(other, &path).unwrap();
    let said = tree.refused("--base main");
    assert!(said.contains("another content than its id says"), "{said}");
}

#[test]
fn repositories_of_all_kinds_are_read() {
    let now = [("go.sum", &*lines(&["a", "b"]))];
    let tree = Tree::of(ObjectFormat::Sha256).commit(&[("go.sum", &line("a"))]).now(&now);
    assert_eq!(tree.audited("--base main"), (names(&["b"]), 1));

    // a submodule, or a further work tree, has a file that says where
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]).now(&now);
    fs::rename(tree.place.path(".git"), tree.place.path("real")).unwrap();
    fs::write(tree.place.path(".git"), "gitdir: real\n").unwrap();
    assert_eq!(tree.audited("--base main"), (names(&["b"]), 1));

    // objects that another repository has
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]).now(&now);
    fs::rename(tree.place.path(".git/objects"), tree.place.path("shared")).unwrap();
    fs::create_dir_all(tree.place.path(".git/objects/info")).unwrap();
    let shared = tree.place.path("shared");
    fs::write(tree.place.path(".git/objects/info/alternates"), format!("{}\n", shared.display())).unwrap();
    assert_eq!(tree.audited("--base main"), (names(&["b"]), 1));

    // references in one file
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]).now(&now);
    fs::remove_file(tree.place.path(".git/refs/heads/main")).unwrap();
    let packed =
        format!("# pack-refs with: peeled fully-peeled sorted \n{} refs/heads/main\n", tree.commits[0]);
    fs::write(tree.place.path(".git/packed-refs"), packed).unwrap();
    assert_eq!(tree.audited("--base main"), (names(&["b"]), 1));

    // a form of them that is not known
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]).now(&now);
    fs::remove_dir_all(tree.place.path(".git/refs/heads")).unwrap();
    fs::write(tree.place.path(".git/HEAD"), "ref: refs/heads/.invalid\n").unwrap();
    fs::create_dir(tree.place.path(".git/reftable")).unwrap();
    let said = tree.refused("--base main");
    assert!(said.contains("kept as a reftable, which is not read: give the full id of a commit"), "{said}");
    assert_eq!(tree.audited(&format!("--base {}", tree.commits[0])), (names(&["b"]), 1));
}

#[test]
fn nothing_in_the_repository_changes_what_a_commit_is_or_runs_anything() {
    let tree = Tree::new().commit(&[("go.sum", &line("a"))]).commit(&[("go.sum", &lines(&["a", "b"]))]);
    let [first, second] = [tree.commits[0], tree.commits[1]];
    let config = "[core]\n\trepositoryformatversion = 0\n\tfsmonitor = touch ran\n\tsshCommand = touch ran\n\t\
                  worktree = /\n\tuseReplaceRefs = true\n\thooksPath = hooks\n\
                  [include]\n\tpath = ../more\n[diff]\n\texternal = touch ran\n\
                  [remote \"origin\"]\n\turl = ext::touch ran\n\tpromisor = true\n";
    let replacement = format!(".git/refs/replace/{first}");
    let tree = tree.now(&[("go.sum", &lines(&["a", "b"])), ("more", "[core\n")]);
    let place = tree.place.file(".git/config", config).file(&replacement, format!("{second}\n"));
    let tree = Tree { place, ..tree };
    assert_eq!(tree.audited("--base HEAD~1"), (names(&["b"]), 1));
    assert!(!tree.place.path("ran").exists() && !tree.place.path(".git/ran").exists());
    let broken = Tree::new().commit(&[("go.sum", "")]).now(&[("go.sum", &line("a")), (".git/HEAD", "?")]);
    fs::write(broken.place.path(".git/HEAD"), "?").unwrap();
    fs::remove_dir_all(broken.place.path(".git/objects")).unwrap();
    assert!(broken.refused("--base main").contains("cannot open the git repository of"));
}
