//! The pages of the codes.

use gosum_evidence::rule::rules;

use super::super::run::Place;

#[test]
fn every_code_has_a_line_and_a_page() {
    let place = Place::new();
    let list = place.run("explain");
    assert_eq!((list.code, list.stdout.lines().count()), (0, rules().len()));
    assert_eq!(place.run("explain --list").stdout, list.stdout);
    for rule in rules() {
        let info = rule.info();
        assert!(
            list.stdout.lines().any(|line| line.starts_with(&format!("{} ", info.code))),
            "{}",
            list.stdout
        );
        let page = place.run(&format!("explain {}", info.code));
        assert_eq!(page.code, 0);
        let level = info.level.map_or("–".to_owned(), |level| level.to_string());
        let start = format!("# `{}`\n\nDefault level: {level}\n", info.code);
        assert!(page.stdout.starts_with(&start), "{}", page.stdout);
        assert!(page.stdout.contains("## What to do"), "{}", page.stdout);
    }
    let json: serde_json::Value = serde_json::from_str(&place.run("explain --format json").stdout).unwrap();
    assert_eq!(json["rules"].as_array().unwrap().len(), rules().len());
}

#[test]
fn a_password_in_what_is_no_item_is_not_quoted() {
    let place = Place::new().file("a.zip", gosum_world::release::zip([("example.com/a@v1.0.0/a.go", "")]));
    for args in [
        "https://me:secret@git.example/a",
        "https://me:secret@git.example/a@v1.0.0",
        "https://me:sec/secret@git.example/a",
        "a.zip https://me:secret@git.example/a.zip",
        "https://me:secret@git.example/a a.zip",
        "a.zip a.zip https://me:secret@git.example/a",
        "example.com/a@v1.0.0 --between https://me:secret@git.example/a,direct",
        "example.com/a@v1.0.0 --format https://me:secret@git.example/a",
    ] {
        let done = place.run(&format!("explain {args}"));
        assert_eq!((done.code, &*done.stdout), (2, ""), "{args}: {done:?}");
        assert!(!done.stderr.contains("secret") && !done.stderr.contains("me:"), "{args}: {}", done.stderr);
    }
    let done = place.run("explain https://me:secret@git.example/a");
    assert!(done.stderr.contains("https://git.example/a is a URL, and no module version"), "{}", done.stderr);
}

#[test]
fn a_code_that_is_none_names_the_one_that_was_meant_and_all() {
    let done = Place::new().run("explain proxy-direct-difer");
    assert_eq!((done.code, &*done.stdout), (2, ""));
    assert!(done.stderr.contains("did you mean proxy-direct-differ? the codes are "), "{}", done.stderr);
    let done = Place::new().run("explain x@y");
    assert!(done.code == 2 && done.stderr.contains("x@y is no module version"), "{done:?}");
}
