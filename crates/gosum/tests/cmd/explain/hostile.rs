//! Names and contents that are made to hurt.

use gosum_world::release::zip;

use super::super::run::Place;
use super::{explained, files};

const FOLDER: &str = "example.com/a@v1.0.0/";

#[test]
fn nothing_that_a_terminal_obeys_is_shown() {
    let name = |rest: &str| format!("{FOLDER}{rest}");
    let hostile = [
        (name("\u{1b}[2Jclear.go"), "package a\n"),
        (name("evil\u{202e}og.txt"), "x\n"),
        (name("new\nline.go"), "package a\n"),
        (name("init.go"), "package a\n\n//go:linkname a\u{1b}]0;title\u{7} b\nfunc init() {}\n"),
        ("../../etc/passwd".to_owned(), "root\n"),
    ];
    let place = Place::new()
        .file("a.zip", zip(hostile))
        .file("b.zip", zip([(name("init.go"), "package a // \u{1b}[31mred\u{202e} \u{9b}\r\n")]));
    for args in ["a.zip b.zip", "a.zip b.zip --all", "b.zip a.zip --format json", "a.zip b.zip --stat"] {
        let done = place.run(&format!("explain {args}"));
        assert_eq!(done.code, 0, "{done:?}");
        let obeyed =
            |c: char| (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!done.stdout.contains(obeyed), "{args}: {:?}", done.stdout);
    }
    let text = place.run("explain a.zip b.zip").stdout;
    assert!(text.contains("new\\u{a}line.go") && text.contains("\\u{1b}[2Jclear.go"), "{text}");
    // a name is shown, and never used as one
    let (_, account) = explained(&place, "a.zip b.zip");
    assert!(files(&account).iter().any(|[_, path, _]| path == "../../etc/passwd"), "{account:#}");
    assert_eq!(std::fs::read_dir(place.dir()).unwrap().count(), 2);
}

#[test]
fn damaged_zips_are_wrong_use_and_no_fault() {
    let good = zip([(format!("{FOLDER}a.go"), "package a\n")]);
    let mut bad = good.clone();
    bad[40] ^= 0xff;
    let place = Place::new().file("good.zip", &good).file("bad.zip", &bad).file("cut.zip", &good[..60]);
    for name in ["bad.zip", "cut.zip"] {
        let done = place.run(&format!("explain good.zip {name}"));
        assert!(done.code == 2 || done.code == 0, "{name}: {done:?}");
    }
    assert_eq!(place.run("explain good.zip cut.zip").code, 2);
}
