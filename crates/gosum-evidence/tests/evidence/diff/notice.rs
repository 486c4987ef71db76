use gosum_evidence::diff::notice::{Feature, Notices, notices};
use gosum_evidence::diff::tree::{Side, compare};
use proptest::prelude::*;

use crate::files::{Files, Huge};

fn between(left: &Files, right: &Files) -> Notices {
    notices(&compare(left, right).unwrap().changes, left, right).unwrap()
}

/// One line a notice: side, path, line, what, text.
fn shown(found: &Notices) -> Vec<String> {
    let line = |notice: &gosum_evidence::diff::notice::Notice| {
        let line = notice.line.map_or("-".to_owned(), |line| line.to_string());
        format!("{} {}:{line} {} {}", notice.side, notice.path, notice.what, notice.text)
            .trim_end()
            .to_owned()
    };
    found.notices.iter().map(line).collect()
}

/// What a Go file has that was not there.
fn new(text: &str) -> Vec<String> {
    let found = between(&Files::default(), &Files::new([("x.go", text)]));
    shown(&found).into_iter().map(|line| line.strip_prefix("right x.go:").unwrap().to_owned()).collect()
}

#[test]
fn points_out_imports_however_they_are_written() {
    let text = "package p\nimport \"unsafe\"\nimport x `os/exec`\nimport (\n\t_ \"net\"\n\t. \"net/http\"; y \"plugin\"\n\t\"sys\\x63all\"\n\t\"fmt\"\n\t\"network\"\n)\n";
    assert_eq!(
        new(text),
        [
            "2 unsafe unsafe",
            "3 os/exec os/exec",
            "5 net net",
            "6 net net/http",
            "6 plugin plugin",
            "7 syscall syscall"
        ]
    );
    assert_eq!(new("package p\nvar s = \"unsafe\"\nfunc f() { g(\"net\") }\n"), [""; 0]);
    assert_eq!(
        new("package p\n// import \"unsafe\"\n/* import \"net\" */\nvar s = `\nimport \"unsafe\"\n`\n"),
        [""; 0]
    );
}

#[test]
fn points_out_functions_that_run_at_the_start() {
    let text = "package p\nfunc init() {}\nfunc /* x */ init /* y */ (\n) {}\nfunc (t T) init() {}\nfunc inits() {}\nvar init2 = func() { init() }\n";
    assert_eq!(new(text), ["2 init init", "3 init init"]);
    let left = Files::new([("x.go", "package p\nfunc init() {}\n")]);
    let right = Files::new([("x.go", "package p\nfunc init() {}\nfunc init() { f() }\n")]);
    assert_eq!(shown(&between(&left, &right)), ["right x.go:3 init init"]);
    assert_eq!(shown(&between(&right, &left)), ["left x.go:3 init init"]);
}

#[test]
fn points_out_directives_and_flags() {
    let text = "package p\n\n//go:generate rm -rf x\n//go:linkname a b.c\r\n//go:embed *.txt\n//go:noinline\n// go:embed no\nvar s = `//go:embed no`\n";
    assert_eq!(
        new(text),
        ["3 go:generate generate rm -rf x", "4 go:linkname linkname a b.c", "5 go:embed embed *.txt"]
    );
    let cgo = "package p\n\n/*\n #cgo LDFLAGS: -lm\n#include <x.h>\n*/\n// #cgo CFLAGS: -O2\nimport \"C\"\n";
    assert_eq!(new(cgo), ["4 cgo-flags #cgo LDFLAGS: -lm", "7 cgo-flags #cgo CFLAGS: -O2", "8 cgo C"]);
    let grouped = "package p\nimport (\n\t\"fmt\"\n\t// #cgo LDFLAGS: -lm\n\t_ \"C\"\n)\n";
    assert_eq!(new(grouped), ["4 cgo-flags #cgo LDFLAGS: -lm", "5 cgo C"]);
    let elsewhere = "// #cgo LDFLAGS: -lm\npackage p\n// #cgo LDFLAGS: -lm\nimport \"fmt\"\nimport \"C\"\n";
    assert_eq!(new(elsewhere), ["5 cgo C"]);
}

#[test]
fn a_changed_directive_is_told_on_both_sides() {
    let left = Files::new([("x.go", "package p\n//go:generate a\nimport \"net\"\n")]);
    let right = Files::new([("x.go", "package p\nimport \"net\"\n//go:generate b\n")]);
    assert_eq!(
        shown(&between(&left, &right)),
        ["left x.go:2 go:generate generate a", "right x.go:3 go:generate generate b"]
    );
}

#[test]
fn files_count_by_what_go_takes_them_for() {
    let asm = Files::new([("a/x.s", "TEXT"), ("y.S", "T2"), ("z.sx", "T3"), ("s", "T4"), ("x.so", "T5")]);
    assert_eq!(
        shown(&between(&asm, &Files::default())),
        ["left a/x.s:- assembly", "left y.S:- assembly", "left z.sx:- assembly"]
    );
    let changed = between(&Files::new([("x.s", "1")]), &Files::new([("x.s", "2")]));
    assert_eq!(changed, Notices::default());
    let text = "package p\nimport \"unsafe\"\n";
    let (plain, go) = (Files::new([("x.txt", text)]), Files::new([("x.go", text)]));
    assert_eq!(shown(&between(&plain, &go)), ["right x.go:2 unsafe unsafe"], "renamed into a Go file");
    assert_eq!(between(&go, &Files::new([("y.go", text)])), Notices::default(), "renamed among Go files");
    assert_eq!(shown(&between(&Files::default(), &plain)), [""; 0]);
}

#[test]
fn what_is_too_much_is_told() {
    let left = Files::default();
    let many = "//go:embed a\n".repeat(1_500);
    let right = Files::new([("x.go", many)]);
    let found = between(&left, &right);
    assert_eq!((found.notices.len(), found.left_out), (1_000, 500));
    let long = Files::new([("x.go", format!("//go:embed {}\n", "a".repeat(1 << 20)))]);
    assert_eq!(between(&left, &long).notices[0].text.as_bytes().len(), 200);

    let huge = Huge { name: "huge.go", size: 17 << 20, last: b'x' };
    let found = notices(&compare(&left, &huge).unwrap().changes, &left, &huge).unwrap();
    assert_eq!(found.not_read, [(Side::Right, "huge.go".into())]);
}

proptest! {
    #[test]
    fn any_text_is_looked_through(text in "(import|func|init|\"C\"|\"net\"|[(){}\n `\"/*]|//go:embed |#cgo ){0,40}") {
        let found = between(&Files::default(), &Files::new([("x.go", &text)]));
        prop_assert!(found.notices.iter().all(|notice| notice.what != Feature::Assembly));
        let lines = text.split('\n').count();
        prop_assert!(found.notices.iter().all(|notice| notice.line.is_some_and(|line| (1..=lines).contains(&line))));
    }
}
