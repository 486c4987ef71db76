//! go.sum files that are not as they should be.

use super::run::{Place, answer, codes};
use super::world::One;
use gosum_world::World;
use serde_json::Value;

fn world() -> (World, String) {
    let one = One::new();
    let go_sum = one.go_sum();
    (one.draft.start().unwrap(), go_sum)
}

fn audit(world: &World, go_sum: impl AsRef<[u8]>) -> (u8, Value) {
    Place::in_world(world).file("go.sum", go_sum).audit(".")
}

#[test]
fn a_malformed_line_is_a_finding_and_the_others_are_checked() {
    let (world, go_sum) = world();
    let (code, report) = audit(&world, format!("oops\n{go_sum}example.com/a main h1:x\n"));
    assert_eq!((code, codes(&report)), (1, vec!["go-sum-malformed", "go-sum-malformed"]));
    let lines: Vec<u64> = (0..2).map(|n| report["findings"][n]["at"][0]["line"].as_u64().unwrap()).collect();
    assert_eq!((lines, &report["counts"]["verified_both"]), (vec![1, 4], &2.into()));
    assert_eq!(report["verdict"], "unverified");
}

#[test]
fn conflict_markers_are_findings_and_both_sides_are_checked() {
    let (world, go_sum) = world();
    let other = "github.com/example/colors v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    let (code, report) = audit(&world, format!("<<<<<<< HEAD\n{go_sum}=======\n{other}>>>>>>> a b\n"));
    assert_eq!(code, 1);
    let mut codes = codes(&report);
    codes.sort_unstable();
    assert_eq!(codes, ["go-sum-conflict", "go-sum-conflict", "go-sum-conflict", "go-sum-two-hashes"]);
    assert_eq!(report["counts"]["verified_both"], 2);
}

#[test]
fn line_ends_blank_lines_and_an_empty_file_make_no_difference() {
    let (world, go_sum) = world();
    for text in [
        go_sum.replace('\n', "\r\n"),
        go_sum.trim_end().to_owned(),
        format!("\n\n \t\n{go_sum}\n"),
        go_sum.replace(' ', "\t "),
    ] {
        let (code, report) = audit(&world, &text);
        assert_eq!((code, &report["counts"]["verified_both"]), (0, &2.into()), "{text:?}");
    }
    let (code, report) = audit(&world, "");
    assert_eq!(
        (code, &report["verdict"], &report["sources"][0]["lines"]),
        (0, &"verified".into(), &0.into())
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_wrong_use() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new().file("go.sum", "");
    std::fs::set_permissions(place.path("go.sum"), PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::File::open(place.path("go.sum")).is_ok() {
        return; // whoever may read everything cannot try it
    }
    let done = place.run("audit");
    assert_eq!(done.code, 2);
    assert!(done.stderr.starts_with("gosum: cannot open go.sum: "), "{}", done.stderr);
}

#[test]
fn a_go_mod_that_is_named_in_the_place_of_its_folder_is_wrong_use() {
    let place = Place::new().file("go.mod", "module example.com/m\n").file("go.work", "go 1.26\n");
    for command in ["audit", "lint", "verify", "init"] {
        for file in ["go.mod", "./go.work"] {
            let done = place.run(&format!("{command} {file}"));
            let said = format!("gosum: {file} is no go.sum: name the folder that it is in\n");
            assert_eq!((done.code, done.stderr), (2, said), "{command}");
        }
    }
}

#[test]
fn the_nearest_project_above_is_named() {
    let place = Place::new().file("m/go.mod", "module example.com/m\n").file("m/a/b/README", "");
    let said = format!("; the nearest project above is {}\n", place.path("m").display());
    for command in ["audit", "lint", "verify", "init"] {
        for folder in ["m/a/b", "m/a/../a"] {
            let done = place.run(&format!("{command} {folder}"));
            assert_eq!(done.code, 2, "{done:?}");
            assert!(done.stderr.ends_with(&said), "{done:?}");
        }
    }
}

#[test]
fn a_key_with_hashes_of_unknown_kinds_alone_cannot_be_told() {
    let (world, go_sum) = world();
    let (code, report) = audit(&world, go_sum.replace("h1:", "h2:"));
    assert_eq!((code, &report["counts"]["unverified"]), (3, &2.into()));
    assert_eq!(answer(&report, 0, "go.sum")["answer"], "unavailable");
    assert_eq!(answer(&report, 0, "proxy")["answer"], "hash");
    let (code, _) = audit(&world, go_sum.replace("h1:", "h2:") + &go_sum);
    assert_eq!(code, 0, "an h1 beside it can be told");
}

#[test]
fn what_is_no_go_sum_at_all_is_wrong_use() {
    let (world, _) = world();
    let place = Place::in_world(&world)
        .file("binary/go.sum", [0, 1, 2, 3, 0xff, b'\n', 0])
        .file("garbage/go.sum", [b"\xff\xfe\xfd one\n".as_slice(), &[0xc3, 0x28]].concat())
        .file("folder/go.sum/file", "");
    for (args, said) in [
        ("audit nowhere", "cannot open nowhere"),
        ("audit binary", "not a go.sum"),
        ("audit garbage", "not a go.sum"),
        ("audit folder", "neither a file nor a folder"),
        ("audit folder/go.sum/file/go.sum", "cannot open"),
    ] {
        let done = place.run(args);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{args}: {done:?}");
        assert!(done.stderr.starts_with("gosum: ") && done.stderr.contains(said), "{args}: {}", done.stderr);
    }
    assert!(world.log().is_empty());
}

#[test]
fn a_go_sum_is_read_from_a_file_a_folder_or_standard_input() {
    let (world, go_sum) = world();
    let mut place = Place::in_world(&world).file("sub/go.sum", &go_sum);
    place.stdin = go_sum.into();
    for (args, file) in
        [("sub", "sub/go.sum"), ("sub/go.sum", "sub/go.sum"), ("-C sub", "go.sum"), ("-", "<stdin>")]
    {
        let (code, report) = place.audit(args);
        assert_eq!((code, &report["artifacts"][0]["at"][0]["file"]), (0, &file.into()), "{args}");
    }
}

#[test]
fn a_diff_holds_nothing_that_a_terminal_obeys_and_tells_all_that_differs() {
    let line = |hash: &[u8]| [b"example.com/a v1.0.0 h1:".as_slice(), hash, b"\n"].concat();
    let place = Place::new().file("a.sum", line(b"\x1b[2J\x07\xc2\x9b")).file("b.sum", line(b"\xff"));
    let done = place.run("diff a.sum b.sum");
    assert_eq!(done.code, 1);
    assert!(done.stdout.contains("-example.com/a v1.0.0 h1:\\u{1b}[2J\\u{7}\\u{9b}\n"), "{}", done.stdout);
    assert!(done.stdout.contains("+example.com/a v1.0.0 h1:\\xff\n"), "{}", done.stdout);
    assert_eq!(place.file("a.sum", line(b"\xfe")).run("diff a.sum b.sum").code, 1);
}

#[test]
fn many_hashes_for_one_key_take_no_longer_than_many_lines() {
    let sums: String = (0..100_000).map(|n| format!("example.com/a v1.0.0 h1:{n}\n")).collect();
    let place = Place::new().file("a.sum", &sums).file("b.sum", &sums);
    let start = std::time::Instant::now();
    assert_eq!(place.run("diff a.sum b.sum").code, 0);
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "took {:?}", start.elapsed());
}

#[test]
fn more_lines_than_any_project_has_are_refused() {
    let done = Place::new().file("go.sum", "a\n".repeat(1_000_001)).run("audit");
    assert_eq!(
        (done.code, done.stderr.as_str()),
        (2, "gosum: go.sum: not a go.sum: more than 1000000 lines\n")
    );
}

#[test]
fn a_workspace_file_beside_it_is_audited_too() {
    let line = "example.com/a v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    let place = Place::new().env("GOPROXY", "off").file("go.sum", "").file("go.work.sum", line);
    let (code, report) = place.audit(".");
    assert_eq!((code, &report["artifacts"][0]["at"][0]["file"]), (3, &"go.work.sum".into()));
}
