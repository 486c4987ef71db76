use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Read};

use gosum_mod::build::constraint::Configuration;
use gosum_mod::zip::tree::TreeFile;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// A tree in memory.
struct Tree(BTreeMap<Vec<u8>, Vec<u8>>);

impl FileTree for Tree {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let file = |(path, text): (&Vec<u8>, &Vec<u8>)| TreeFile {
            path: path.clone(),
            kind: FileKind::Regular,
            size: text.len() as u64,
        };
        Ok(self.0.iter().map(file).collect())
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn Read + '_>> {
        match self.0.get(path) {
            Some(text) if text == b"unreadable" => Err(io::ErrorKind::PermissionDenied.into()),
            Some(text) => Ok(Box::new(Cursor::new(text))),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Holds what is said of each file of a module, of which files without a text are empty, to what is expected.
fn check_on(platform: &Platform, module: &[(&str, &str, &str)]) {
    let files = module.iter().map(|(path, text, _)| (path.as_bytes().to_vec(), text.as_bytes().to_vec()));
    let reaches = reaches(&Tree(files.collect()), platform).unwrap();
    for (path, _, expected) in module {
        assert_eq!(reaches.of(path.as_bytes()).to_string(), *expected, "{path}");
    }
}

fn check(module: &[(&str, &str, &str)]) {
    check_on(&Platform::Any, module);
}

const C: &str = "package p\n\n// #include \"a.h\"\nimport \"C\"\n";

#[test]
fn go_files_reach_where_some_build_compiles_them() {
    check(&[
        ("go.mod", "module m\n", "go.mod"),
        ("go.sum", "", "inert: read of the main module alone"),
        ("go.work", "", "inert: read of the main module alone"),
        ("a.go", "package p\n", "compiled Go"),
        ("a_test.go", "package p\n", "inert: test"),
        ("a_linux.go", "//go:build windows\n\npackage p\n", "inert: never compiled"),
        ("cmd/main.go", "package main\n", "compiled Go"),
        ("cmd/default.pgo", "", "profile for optimisation"),
        ("default.pgo", "", "profile for optimisation"), // `-tags ignore` makes a command of it
        ("internal/default.pgo", "", "inert: read by no build"),
        ("tool.go", "//go:build ignore\n\npackage main\n", "compiled Go"),
        ("doc.go", "package documentation\n", "inert: never compiled"),
        ("nocgo.go", "//go:build !cgo\n\npackage p\nimport \"C\"\n", "inert: never compiled"),
        ("broken.go", "pakcage p\n", "not known: go refuses the file"),
        ("template.go", "//go:build a && !a\n\n{{.}}\n", "inert: never compiled"),
        ("twice.go", "//go:build a\n//go:build b\npackage p\n", "not known: go refuses the file"),
        ("gone/a.go", "unreadable", "not known: cannot be read"),
        ("_a.go", "package p\n", "inert: name begins with `_` or `.`"),
        (".a.go", "package p\n", "inert: name begins with `_` or `.`"),
        ("testdata/a.go", "package p\n", "compiled Go"),
        ("_x/a.go", "package p\n", "compiled Go"),
        (".x/a.go", "package p\n", "compiled Go"),
        ("vendor/x/a.go", "package p\n", "compiled Go"),
        ("internal/a.go", "package p\n", "compiled Go"),
        ("a b/a.go", "package p\n", "inert: in a folder that cannot be imported"),
        ("é/a.go", "package p\n", "inert: in a folder that cannot be imported"),
        ("x~1/a.go", "package p\n", "inert: in a folder that cannot be imported"),
    ]);
}

#[test]
fn other_files_are_told_by_what_they_are_for() {
    check(&[
        ("README.md", "", "inert: documentation"),
        ("LICENSE", "", "inert: licence"),
        ("LICENSE.md", "", "inert: licence"),
        (".github/workflows/go.yml", "", "inert: settings"),
        (".golangci.yml", "", "inert: settings"),
        ("testdata/x.json", "", "inert: test data"),
        ("vendor/modules.txt", "", "inert: read of the main module alone"),
        ("docs/a.png", "", "inert: documentation"),
        ("Makefile", "", "inert: read by no build"),
        ("sub/go.mod", "", "go.mod"),
        ("sub/go.sum", "", "inert: read by no build"),
    ]);
}

#[test]
fn c_and_assembly_reach_in_a_package() {
    check(&[
        ("a.go", C, "compiled Go"),
        ("a.h", "#include <b/inner.inc>\n", "compiled with cgo"),
        ("x/b/inner.inc", "", "included by \"a.h\""),
        ("x/inner.inc", "", "inert: read by no build"),
        ("a.c", "", "compiled with cgo"),
        ("a_linux.c", "//go:build windows\n\nint x;\n", "inert: never compiled"),
        ("a.cc", "", "compiled with cgo"),
        ("a.S", "", "assembly"),
        ("a.s", "asm(\".incbin \\\"data.bin\\\"\");", "assembly"),
        ("blob/data.bin", "", "included by \"a.s\""),
        ("a.syso", "", "linked object code"),
        ("a_linux_windows.syso", "", "linked object code"),
        ("a.swig", "", "compiled with cgo"),
        ("pure/a.go", "package p\n", "compiled Go"),
        ("pure/a.s", "#include \"textflag.h\"\n#include \"pure.h\"\n", "assembly"),
        ("pure/pure.h", "", "included by \"pure/a.s\""),
        ("pure/other.h", "", "inert: package without cgo"),
        ("pure/a.S", "", "inert: package without cgo"),
        ("pure/a.cc", "", "inert: package without cgo"),
        ("pure/a.c", "", "compiled with cgo"),
        ("none/a.c", "", "inert: no Go package in its folder"),
        ("none/a.syso", "", "inert: no Go package in its folder"),
        ("none/a.s", "", "inert: no Go package in its folder"),
        ("none/a_test.go", "package p\n", "inert: test"),
    ]);
}

#[test]
fn what_c_includes_counts_wherever_it_is() {
    let lines = "package p\n/*\n#cgo LDFLAGS: -L${SRCDIR}/libs/linux -lmine -Wl,${SRCDIR}/one.ld\n#cgo CFLAGS: -include pre.txt\n#include \"../up/HEAD.inc\"\n*/\nimport \"C\"\nvar s = \"LICENSE\"\n";
    check(&[
        ("p/a.go", lines, "compiled Go"),
        ("p/libs/linux/x.o", "", "included by \"p/a.go\""),
        ("other/libmine.so.1", "", "included by \"p/a.go\""),
        ("p/one.ld", "", "included by \"p/a.go\""),
        ("p/pre.txt", "", "included by \"p/a.go\""),
        ("up/head.inc", "#define X <deep.c>\n", "included by \"p/a.go\""),
        ("src/deep.c", "", "included by \"up/head.inc\""),
        ("src/a.h.gch", "", "included by \"p/a.go\""),
        ("LICENSE", "", "inert: licence"),
        ("p/README.md", "", "inert: documentation"),
    ]);
    check(&[
        ("a.go", "package p\n// #define STR(x) #x\n// #include STR(odd.md)\nimport \"C\"\n", "compiled Go"),
        ("odd.md", "", "included by \"a.go\""),
        ("even.md", "", "inert: documentation"),
    ]);
    check(&[
        ("a.go", C, "compiled Go"),
        ("a.h", "unreadable", "not known: cannot be read"),
        ("README.md", "", "not known: what \"a.h\" names"),
    ]);
}

#[test]
fn embedded_files_reach() {
    let embed = "package p\nimport _ \"embed\"\n//go:embed static *.tmpl\nvar s string\n";
    check(&[
        ("a.go", embed, "compiled Go"),
        ("static/README.md", "", "embedded by \"a.go\""),
        ("static/.hidden", "", "inert: settings"),
        ("static/sub/go.mod", "", "go.mod"),
        ("static/sub/x", "", "inert: read by no build"),
        ("x.tmpl", "", "embedded by \"a.go\""),
        ("sub/x.tmpl", "", "inert: read by no build"),
        ("in/a_test.go", "package p\nimport _ \"embed\"\n//go:embed x\nvar s string\n", "inert: test"),
        ("in/x", "", "inert: test"),
        ("off/a.go", &format!("//go:build a && !a\n\n{embed}"), "inert: never compiled"),
        ("off/x.tmpl", "", "inert: read by no build"),
        ("lost/a.go", "unreadable", "not known: cannot be read"),
        ("lost/deep/x", "", "not known: what \"lost/a.go\" embeds"),
    ]);
}

#[test]
fn large_files_are_read_in_part() {
    let large = |head: &str| format!("{head}{}", " ".repeat(17 << 20));
    check(&[
        ("big/a.go", &large("package p\nimport \"embed\"\n"), "compiled Go"),
        ("big/b", "", "not known: what \"big/a.go\" embeds"),
        ("c/a.go", &large("//go:build a && !a\n\npackage p\nvar x = 1\n"), "inert: never compiled"),
        ("d/d.go", &large(""), "not known: cannot be read"),
    ]);
}

#[test]
fn hostile_modules_end_and_stay_unknown() {
    let many = format!("package p\nimport _ \"embed\"\n{}", "//go:embed a*b*c*d\n".repeat(2000));
    let deep = "a/".repeat(2000);
    let hard: String =
        (0..80).map(|at| format!("((t{at}&&!t{0})||(!t{at}&&t{0}))&&", (at + 1) % 79)).collect();
    check(&[
        ("a.go", &many, "compiled Go"),
        ("b", "", "not known: what \"a.go\" embeds"),
        (&format!("{deep}x.go"), "package p\n", "compiled Go"),
        (&format!("{deep}y"), "", "not known: what \"a.go\" embeds"),
        ("hard/a.go", &format!("//go:build {hard}x\n\npackage p\n"), "not known: build constraint too hard"),
        (
            "c/a.go",
            &format!("package p\n/*\n{}*/\nimport \"C\"\n", "#include \"x\"\n".repeat(20_000)),
            "compiled Go",
        ),
        ("c/x", "", "included by \"c/a.go\""),
    ]);
    check(&[
        ("a.go", &format!("package p\n//go:generate x {}\n", "a.b ".repeat(300_000)), "compiled Go"),
        ("b", "", "not known: what \"a.go\" names"),
    ]);
    let long = "b/".repeat(40_000) + "x";
    let tree = Tree([(long.clone().into_bytes(), Vec::new())].into());
    assert_eq!(
        reaches(&tree, &Platform::Any).unwrap().of(long.as_bytes()),
        Reach::Unknown(Unknown::LongPath)
    );
    assert_eq!(reaches(&tree, &Platform::Any).unwrap().of(b"none"), Reach::Unknown(Unknown::Absent));
    assert_eq!(reaches(&tree, &Platform::Any).unwrap().of(b"b/"), Reach::Inert(Inert::FolderEntry));
}

/// Modules of a few files, out of pieces that make them matter to one another.
fn module() -> impl Strategy<Value = Vec<(String, String)>> {
    let folder = select(vec!["", "p/", "p/q/", "testdata/", ".x/", "a b/"]);
    let name = select(vec![
        "a.go",
        "b_linux.go",
        "c_windows_arm64.go",
        "d_test.go",
        "a.c",
        "a.h",
        "a.s",
        "b_linux.S",
        "x.syso",
        "x.txt",
        ".y",
        "default.pgo",
        "README.md",
        "go.mod",
    ]);
    let line = select(vec![
        "//go:build linux\n",
        "//go:build windows && !linux\n",
        "//go:build a && !a\n",
        "// +build cgo\n\n",
        "\n",
        "package p\n",
        "package p\n",
        "package main\n",
        "package documentation\n",
        "import \"C\"\n",
        "import _ \"embed\"\n",
        "//go:embed *\n",
        "//go:embed all:q x.txt\n",
        "// #include \"a.h\"\n",
        "#include X\n",
        "// \"README.md\"\n",
        "//go:generate x ./x.txt *.md\n",
        "/* ",
        "*/",
        "`",
        "\0",
    ]);
    let text = vec(line, 0..8).prop_map(|lines| lines.concat());
    vec(((folder, name).prop_map(|(folder, name)| format!("{folder}{name}")), text), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_reaches_on_one_platform_reaches_on_any(module in module()) {
        let files = module.iter().map(|(path, text)| (path.clone().into_bytes(), text.clone().into_bytes()));
        let tree = Tree(files.collect());
        let any = reaches(&tree, &Platform::Any).unwrap();
        for (goos, goarch, tag, cgo) in
            [("linux", "amd64", "a", Some(true)), ("windows", "arm64", "b", Some(false)), ("plan9", "386", "a", None)]
        {
            let tags = [tag.to_owned()].into();
            let one = Platform::One(Configuration { goos: goos.into(), goarch: goarch.into(), tags, cgo });
            let one = reaches(&tree, &one).unwrap();
            for path in tree.0.keys() {
                prop_assert!(one.of(path).is_inert() || !any.of(path).is_inert(), "{goos} {:?}", Text::from(path.as_slice()));
            }
        }
    }
}

#[test]
fn what_go_generate_reads_may_become_code() {
    let generate = "package p\n//go:generate protoc --out=. api/*.proto -I=./inc ./... stringer\n";
    check(&[
        ("g/a.go", generate, "compiled Go"),
        ("g/api/x.proto", "", "input of go generate in \"g/a.go\""),
        ("g/api/x.md", "", "inert: documentation"),
        ("g/inc/y", "", "input of go generate in \"g/a.go\""),
        ("g/z", "", "inert: read by no build"),
    ]);
}

#[test]
fn one_platform_leaves_out_what_is_for_others() {
    let linux = Platform::One(Configuration {
        goos: "linux".into(),
        goarch: "amd64".into(),
        tags: BTreeSet::new(),
        cgo: Some(false),
    });
    check_on(
        &linux,
        &[
            ("a.go", "package p\n", "compiled Go"),
            ("a_windows.go", "package p\n", "inert: not compiled for this platform"),
            ("never.go", "//go:build x && !x\n\npackage p\n", "inert: never compiled"),
            ("c.go", C, "inert: not compiled for this platform"),
            ("a.cc", "", "inert: package without cgo"),
            ("b_arm64.s", "", "inert: not compiled for this platform"),
        ],
    );
}
