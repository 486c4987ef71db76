//! Random packages, with the go command as the judge of which files are part of a build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use gosum_mod::build::constraint::{Configuration, Constraint};
use gosum_mod::build::embed::EmbedPattern;
use gosum_mod::build::go_file::GoFile;
use gosum_mod::build::source_kind::SourceKind;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;

const CONFIGURATIONS: &[(&str, &str, &str, bool)] = &[
    ("linux", "amd64", "", true),
    ("linux", "arm64", "a,ignore", false),
    ("windows", "amd64", "b", true),
    ("darwin", "arm64", "", true),
    ("android", "arm64", "a", true),
    ("ios", "arm64", "", false),
    ("illumos", "amd64", "", true),
    ("plan9", "386", "a,b", false),
    ("js", "wasm", "", false),
    ("wasip1", "wasm", "linux", false),
];

/// The content of the files of a folder.
type Folder = BTreeMap<String, Vec<u8>>;

fn tag() -> impl Strategy<Value = String> {
    const TAGS: &[&str] = &[
        "linux", "windows", "darwin", "android", "solaris", "illumos", "ios", "unix", "amd64", "arm64",
        "wasm", "386", "cgo", "gc", "gccgo", "go1.1", "go1.26", "go1.99", "a", "b", "ignore", "é", "٣", "_x",
        "a.b",
    ];
    select(TAGS).prop_map(str::to_owned)
}

fn expr() -> impl Strategy<Value = String> {
    tag().prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|x| format!("!({x})")),
            tag().prop_map(|x| format!("!{x}")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("{x}&&({y})")),
            (inner.clone(), inner).prop_map(|(x, y)| format!("{x} || {y}")),
        ]
    })
}

/// What may stand before the code, in any order.
fn header() -> impl Strategy<Value = String> {
    let old = vec(
        prop_oneof![tag(), tag().prop_map(|tag| format!("!{tag}")), Just("!!a".into()), Just("a-b".into())],
        0..3,
    );
    let line = prop_oneof![
        3 => expr().prop_map(|expr| format!("//go:build {expr}\n")),
        3 => old.prop_map(|words| format!("// +build {}\n", words.join(","))),
        2 => Just("\n".to_owned()),
        1 => select(vec![
            "// words\n", "/* a */\n", "/*\n//go:build ignore\n*/\n", "  \t\n", "/* b */ // c\n", ";\n", "//go:build a\r\n",
            "/* \n\n */", "// go:build ignore\n", "//go:builds ignore\n", "//+build a b\n\n", " // +build b\n\n", "\u{feff}",
        ])
        .prop_map(str::to_owned),
    ];
    vec(line, 0..4).prop_map(|lines| lines.concat())
}

fn name() -> impl Strategy<Value = String> {
    let stem = select(vec!["a", "b", "linux", "_h", ".h", "x.y", "test", ""]);
    let words = vec(
        select(vec!["linux", "windows", "amd64", "arm64", "wasip1", "ios", "test", "x", "nacl", "unix", ""]),
        0..3,
    );
    let end = prop_oneof![
        5 => Just("go"),
        3 => select(vec![
            "c", "cc", "cpp", "cxx", "m", "h", "hh", "hpp", "hxx", "f", "F", "for", "f90", "s", "S", "sx", "swig", "swigcxx",
            "syso", "txt", "md", "GO", "C", "c++", "a.go",
        ]),
    ];
    (stem, words, end).prop_map(|(stem, words, end)| {
        let words: String = words.iter().map(|word| format!("_{word}")).collect();
        format!("{stem}{words}.{end}")
    })
}

fn go_text() -> impl Strategy<Value = String> {
    let package = prop_oneof![9 => Just("package p\n"), 1 => Just("package documentation\n"), 1 => Just("package p // import \"x\"\n")];
    let imports = vec(
        select(vec![
            "import \"C\"\n",
            "import _ \"embed\"\n",
            "import `embed`\n",
            "import (\n\t. \"os\"\n)\n",
            "import (\"C\"; _ \"embed\")\n",
        ]),
        0..3,
    );
    let body = vec(
        select(vec![
            "//go:embed a*\nvar x string\n",
            "//go:embed d\n",
            "//go:embed all:d\n",
            "//go:embed d/* \"*.txt\"\n",
            "//go:embed *\n",
            "//go:embed `d/e`\n",
            "//go:embed d/.h\n",
            "var s = `\n//go:embed no\n`\n",
            "/*\n//go:embed no\n*/\n",
            "func f() {\n\t//go:embed d\n}\n",
            "//go:embedded no\n",
            "// go:embed no\n",
            "var r = '\"' // \"\n",
            "import \"C\"\n",
            "//go:embed [ad]?*\n",
            "//go:embed m\n",
        ]),
        0..4,
    );
    (package, imports, body)
        .prop_map(|(package, imports, body)| format!("{package}{}{}", imports.concat(), body.concat()))
}

fn folder() -> impl Strategy<Value = Folder> {
    let code = select(vec!["int x;\n", "  int x;\n", "#include \"a.h\"\n", "", "TEXT\n", "/ x\n"]);
    let file = (name(), header(), go_text(), code).prop_map(|(name, header, go, code)| {
        let text = if name.ends_with(".go") { format!("{header}{go}") } else { format!("{header}{code}") };
        (name, text.into_bytes())
    });
    let data = select(vec![
        "d/a.txt",
        "d/.h",
        "d/_u",
        "d/e/f",
        "d/e/.g/h",
        "d/m/go.mod",
        "d/m/x",
        "a.txt",
        "d/.git",
        "m/x",
        "d/ok",
    ]);
    (vec(file, 1..7), btree_map(data.prop_map(str::to_owned), Just(b"x".to_vec()), 0..6))
        .prop_map(|(files, data)| files.into_iter().chain(data).collect())
}

/// Returns the lists of a package as `go list` names them; nothing where go refuses one of the files.
fn lists(folder: &Folder, configuration: &Configuration) -> Option<BTreeMap<&'static str, BTreeSet<String>>> {
    let mut lists: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut patterns = Vec::new();
    let mut with_cgo = BTreeSet::new();
    for (name, text) in folder.iter().filter(|(name, _)| !name.contains('/')) {
        let Some(kind) = SourceKind::of(name.as_bytes()) else { continue };
        let constraint = match kind {
            SourceKind::Go => Constraint::of_go(name.as_bytes(), text),
            SourceKind::Syso => Ok(Constraint::of_name(name.as_bytes())),
            _ => Constraint::of_other(name.as_bytes(), text),
        };
        let matches = constraint.ok()?.matches(configuration);
        let list = match kind {
            SourceKind::Go => {
                let file = GoFile::parse(text);
                let (is_test, has_cgo) = (name.ends_with("_test.go"), file.imports(b"C"));
                if matches && (file.is_malformed || is_test && has_cgo) {
                    return None;
                }
                let list = match () {
                    () if !matches || file.package.as_deref() == Some(b"documentation") => "IgnoredGoFiles",
                    () if has_cgo && configuration.cgo == Some(false) => "IgnoredGoFiles",
                    () if has_cgo => "CgoFiles",
                    () if is_test => "TestGoFiles",
                    () => "GoFiles",
                };
                if matches!(list, "GoFiles" | "CgoFiles") {
                    patterns.extend(file.embeds);
                }
                list
            }
            _ if !matches => "IgnoredOtherFiles",
            SourceKind::C => "CFiles",
            SourceKind::Cxx => "CXXFiles",
            SourceKind::ObjectiveC => "MFiles",
            SourceKind::Header => "HFiles",
            SourceKind::Fortran => "FFiles",
            SourceKind::Assembly => "SFiles",
            SourceKind::CAssembly => {
                with_cgo.insert(name.clone());
                continue;
            }
            SourceKind::Swig => "SwigFiles",
            SourceKind::SwigCxx => "SwigCXXFiles",
            SourceKind::Syso => "SysoFiles",
        };
        lists.entry(list).or_default().insert(name.clone());
    }
    if !with_cgo.is_empty() {
        let list = if lists.contains_key("CgoFiles") { "SFiles" } else { "IgnoredOtherFiles" };
        lists.entry(list).or_default().extend(with_cgo);
    }
    if configuration.cgo == Some(false) {
        for list in ["CFiles", "CXXFiles", "MFiles", "SwigFiles", "SwigCXXFiles"] {
            lists.remove(list);
        }
    }
    let is_module = |path: &[u8]| folder.contains_key(&format!("{}/go.mod", str::from_utf8(path).unwrap()));
    let patterns: Vec<_> = patterns.iter().filter_map(|pattern| EmbedPattern::parse(pattern)).collect();
    let embedded =
        |path: &&String| patterns.iter().any(|pattern| pattern.embeds(path.as_bytes(), &is_module));
    let embedded: BTreeSet<_> = folder.keys().filter(embedded).cloned().collect();
    if !embedded.is_empty() {
        lists.insert("EmbedFiles", embedded);
    }
    Some(lists)
}

const LISTS: &[&str] = &[
    "GoFiles",
    "CgoFiles",
    "IgnoredGoFiles",
    "IgnoredOtherFiles",
    "CFiles",
    "CXXFiles",
    "MFiles",
    "HFiles",
    "FFiles",
    "SFiles",
    "SwigFiles",
    "SwigCXXFiles",
    "SysoFiles",
    "TestGoFiles",
    "EmbedFiles",
];

/// Asks go for every package of a module.
fn go_list(module: &Path, (goos, goarch, tags, cgo): (&str, &str, &str, bool)) -> Vec<Value> {
    let output = Command::new("go")
        .args(["list", "-e", "-json", "-tags", tags, "./..."])
        .current_dir(module)
        .env("GOOS", goos)
        .env("GOARCH", goarch)
        .env("CGO_ENABLED", if cgo { "1" } else { "0" })
        .envs([("GOFLAGS", "-mod=mod"), ("GOPROXY", "off"), ("GOWORK", "off"), ("GOTOOLCHAIN", "local")])
        .output()
        .unwrap();
    let packages: Result<Vec<Value>, _> =
        serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect();
    packages.unwrap()
}

#[test]
#[ignore = "needs go"]
fn random_packages_have_the_files_that_go_list_names() {
    let count: usize = std::env::var("GOSUM_GO_PACKAGES").map_or(300, |count| count.parse().unwrap());
    let mut runner = TestRunner::default();
    let folders: Vec<Folder> =
        (0..count).map(|_| folder().new_tree(&mut runner).unwrap().current()).collect();
    let module = tempfile::tempdir().unwrap();
    std::fs::write(module.path().join("go.mod"), "module example.com/m\n\ngo 1.26\n").unwrap();
    for (number, folder) in folders.iter().enumerate() {
        for (name, text) in folder {
            let path = module.path().join(format!("p{number}")).join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    let (mut compared, mut refused, mut passed_over, mut embedded) = (0, 0, 0, 0);
    for &(goos, goarch, tags, cgo) in CONFIGURATIONS {
        let configuration = Configuration {
            goos: goos.into(),
            goarch: goarch.into(),
            tags: tags.split(',').filter(|tag| !tag.is_empty()).map(ToOwned::to_owned).collect(),
            cgo: Some(cgo),
        };
        for package in go_list(module.path(), (goos, goarch, tags, cgo)) {
            let number = package["ImportPath"].as_str().unwrap().strip_prefix("example.com/m/p").unwrap();
            let Ok(number) = number.parse::<usize>() else { continue }; // a folder of data
            let folder = &folders[number];
            let error = package["Error"]["Err"].as_str().unwrap_or_default();
            let Some(lists) = lists(folder, &configuration) else {
                refused += usize::from(!error.is_empty() || package["InvalidGoFiles"].is_array());
                passed_over += usize::from(error.is_empty() && package["InvalidGoFiles"].is_null());
                continue;
            };
            for &list in LISTS {
                if list == "EmbedFiles"
                    && (error.contains("pattern") || !error.is_empty() && package[list].is_null())
                {
                    continue; // go gives no files where one pattern is wrong
                }
                let theirs = package[list]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|name| name.as_str().unwrap().to_owned());
                let ours = lists.get(list).cloned().unwrap_or_default();
                embedded += usize::from(list == "EmbedFiles" && !ours.is_empty());
                let shown = || {
                    folder
                        .iter()
                        .map(|(name, text)| format!("\n-- {name}\n{}", String::from_utf8_lossy(text)))
                        .collect::<String>()
                };
                assert_eq!(ours, theirs.collect(), "{list} {goos} {goarch} {tags} {cgo} {error}{}", shown());
            }
            compared += 1;
        }
    }
    println!(
        "{compared} packages compared, {embedded} of them with embedded files; {refused} refused by both, {passed_over} by us alone"
    );
    // a broken constraint in a file that is not Go, or that is not for the system, may go unnoticed
    assert!(compared > count && embedded > count / 20 && passed_over < refused);
}
