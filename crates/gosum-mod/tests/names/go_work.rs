use gosum_mod::file::go_work::GoWork;
use gosum_mod::file::replace::Target;

/// What `go work edit -json` of Go 1.26 makes of a go.work file, or the places that it complains about.
const RECORDED: &[(&str, &str)] = &[
    ("", ""),
    ("go 1.21\n", "go 1.21"),
    ("go 1.21.0\ntoolchain go1.22.1\n", "go 1.21.0"),
    ("toolchain default\n", ""),
    ("toolchain local\n", "refused at 1:1"),
    ("go 1.21.x\n", "refused at 1:1"),
    ("go v1.21\n", "refused at 1:1"),
    ("go\n", "refused at 1:1"),
    ("go 1.21 1.22\n", "refused at 1:1"),
    ("go 1.20\ngo 1.21\n", "refused at 2:1"),
    ("go (\n 1.21\n)\n", "refused at 1:1"),
    ("use ./a\n", "use ./a"),
    ("use (\n\t./a\n\t\"./b c\"\n\t../d // why\n)\n", "use ./a; use ./b c; use ../d"),
    ("use ()\n", ""),
    ("use\n", "refused at 1:1"),
    ("use a b\n", "refused at 1:1"),
    ("use `./a`\n", "refused at 1:1"),
    ("use \"./a\n", "refused at 1:9"),
    ("use /abs\n", "use /abs"),
    ("use .\nuse .\n", "use .; use ."),
    ("use a/b\n", "use a/b"),
    ("replace a.b/c => ../c\n", "replace a.b/c => ../c"),
    ("replace a.b/c v1.2.3 => x.y/z v1\n", "replace a.b/c@v1.2.3 => x.y/z@v1.0.0"),
    ("replace (\n\ta.b/c => x.y/z v1.0.0+meta\n\ta.b/c/v2 v1.0.0 => ./x\n)\n", "refused at 3:2"),
    ("replace a.b/c => x.y/z\n", "refused at 1:1"),
    ("replace a.b/c => x.y/z master\n", "refused at 1:1"),
    ("replace a.b/c/v1 => ./c\n", "refused at 1:1"),
    ("replace => ./c\n", "refused at 1:1"),
    ("replace a.b/c => ./c v1.0.0\n", "refused at 1:1"),
    ("replace a.b/c => .\\c\n", "refused at 1:1"),
    ("godebug default=go1.21\ngodebug (\n\tpanicnil=1\n\ta=b=c\n)\n", ""),
    ("godebug x\n", "refused at 1:1"),
    ("godebug \"a=b\"\n", "refused at 1:1"),
    ("module a.b/c\n", "refused at 1:1"),
    ("require a.b/c v1.0.0\n", "refused at 1:1"),
    ("require (\n\ta.b/c v1.0.0\n)\n", "refused at 1:1"),
    ("exclude a.b/c v1.0.0\n", "refused at 1:1"),
    ("toolchain (\n\tgo1.21.0\n)\n", "refused at 1:1"),
    ("use x (\n\t./a\n)\n", "refused at 1:1"),
    ("use (\n\t./a\n", "refused at 3:1"),
    ("use (\n\t./a\n) x\n", "refused at 3:4"),
    ("/* x */\n", "refused at 1:1"),
    ("use ./a/*\n", "refused at 1:8"),
    ("\u{feff}go 1.21\n", "refused at 1:1"),
    ("go 1.21\r\nuse ./a\r\n", "go 1.21; use ./a"),
    ("go 1.0rc1\n", "go 1.0rc1"),
    ("Use ./a\n", "refused at 1:1"),
    ("go 1.21\ntoolchain go1.21.0\ntoolchain go1.22.0\n", "refused at 3:1"),
    ("use ./a // indirect\n", "use ./a"),
    ("use \"\\x41\"\n", "use A"),
    ("use \"\\q\"\n", "refused at 1:1"),
    ("x\ny (\n)\nuse\n", "refused at 1:1, 2:1, 4:1"),
];

#[test]
fn parses_workspaces_as_go_does() {
    for (text, recorded) in RECORDED {
        let shown = match GoWork::parse(text.as_bytes()) {
            Ok(file) => shown(&file),
            Err(error) => {
                let places = error.faults.iter().map(|fault| fault.position);
                let places: Vec<_> = places.map(|at| format!("{}:{}", at.line, at.column)).collect();
                format!("refused at {}", places.join(", "))
            }
        };
        assert_eq!(shown, *recorded, "{text:?}");
    }
}

fn shown(file: &GoWork) -> String {
    let mut parts: Vec<_> = file.go.iter().map(|go| format!("go {go}")).collect();
    parts.extend(file.uses.iter().map(|line| format!("use {}", line.directory)));
    parts.extend(file.replace.iter().map(|line| {
        let old = line.version.as_ref().map_or(String::new(), |version| format!("@{version}"));
        let new = match &line.target {
            Target::Module { path, version } => format!("{path}@{version}"),
            Target::Directory(directory) => directory.to_string(),
        };
        format!("replace {}{old} => {new}", line.path)
    }));
    parts.join("; ")
}

#[test]
fn reads_what_go_does_not_print() {
    let text = b"toolchain go1.22.1\ngodebug (\n\tpanicnil=1\n\ta=b=c\n)\nuse (\n\t./a\n)\n";
    let file = GoWork::parse(text).unwrap();
    assert_eq!(file.toolchain, Some("go1.22.1".into()));
    let settings: Vec<_> =
        file.godebug.iter().map(|line| (line.key.to_string(), line.value.to_string())).collect();
    assert_eq!(settings, [("panicnil".into(), "1".into()), ("a".into(), "b=c".into())]);
    assert_eq!(file.uses[0].line, 7);
    assert_eq!(file.go_version(), "1.18");
}
