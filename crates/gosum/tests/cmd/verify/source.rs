//! The module cache as a source of an audit.

use std::fs;

use super::machine::{A, Machine};
use crate::run::{answer, codes};

#[test]
fn an_audit_can_ask_the_module_cache_alone() {
    let machine = Machine::new();
    let (code, report) = machine.place.audit("--source modcache --offline");
    assert_eq!((code, &report["verdict"]), (0, &"verified".into()), "{report}");
    assert_eq!(report["counts"]["verified_modcache_only"], 6);
    let text = machine.place.run("audit --source modcache --offline").stdout;
    assert!(text.starts_with("verified: 6 lines: 6 verified by the module cache only\n"), "{text}");
    let html = machine.place.run("audit --source modcache --offline --format html").stdout;
    assert!(html.contains("data-count=\"verified_modcache_only\">6<"), "{html}");
}

#[test]
fn a_cache_that_differs_is_a_mismatch_and_one_that_lacks_is_none() {
    let machine = Machine::new();
    let tampered = machine.release(A).clone().tampered("a.go", "package a // evil\n");
    machine.cache.add(&tampered).unwrap();
    fs::write(machine.place.path("gosum.toml"), "[audit]\nrequire = [\"modcache\"]\n").unwrap();
    let (code, report) = machine.place.audit("--source modcache --offline");
    assert_eq!((code, &report["counts"]["mismatch"]), (1, &1.into()), "{report}");
    assert_eq!(codes(&report), ["go-sum-differs"]);

    let machine = Machine::new();
    fs::remove_file(machine.file(A, "zip")).unwrap();
    fs::remove_dir_all(machine.folder(A)).unwrap();
    let (code, report) = machine.place.audit("--source modcache --require modcache --offline");
    assert_eq!((code, &report["counts"]["unverified"]), (3, &1.into()), "{report}");
    assert_eq!(answer(&report, 2, "modcache")["answer"], "absent", "{report}");
    let text = machine.place.run("audit --source modcache --offline").stdout;
    assert!(text.contains("modcache absent, 1 line: not in the module cache"), "{text}");
}

#[test]
fn hash_reads_the_module_cache() {
    let machine = Machine::new();
    let done = machine.place.run(&format!("hash {A} --from modcache --offline"));
    let lines: String = machine
        .go_sum()
        .split_inclusive('\n')
        .filter(|line| line.starts_with("example.com/a v1.0.0"))
        .collect();
    assert_eq!((done.code, done.stdout), (0, lines));
}
