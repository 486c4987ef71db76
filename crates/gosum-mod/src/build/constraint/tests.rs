use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn of(name: &str, line: &str) -> Constraint {
    Constraint::of_go(name.as_bytes(), format!("{line}\n\npackage p\n").as_bytes()).unwrap()
}

fn configuration(goos: &str, goarch: &str, tags: &[&str]) -> Configuration {
    let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
    Configuration { goos: goos.into(), goarch: goarch.into(), tags, cgo: Some(true) }
}

#[test]
fn some_files_are_part_of_no_build() {
    use Possible::{No, Yes};
    for (name, line, possible) in [
        ("a.go", "", Yes),
        ("a.go", "//go:build ignore", Yes),
        ("a.go", "//go:build ignore && !ignore", No),
        ("a.go", "// +build ignore\n// +build !ignore", No),
        ("a.go", "//go:build linux && windows", No),
        ("a.go", "//go:build linux && android", Yes),
        ("a.go", "//go:build darwin && android", No),
        ("a.go", "//go:build !linux && android", No),
        ("a.go", "//go:build linux && nacl", Yes), // `-tags nacl` links
        ("a.go", "//go:build amd64 && arm64", No),
        ("a.go", "//go:build windows && mips", Yes), // no pair of Go's own, but another compiler may have it
        ("a_linux.go", "//go:build windows", No),
        ("a_linux.go", "//go:build !linux", No),
        ("a_linux.go", "//go:build android", Yes),
        ("a_android.go", "//go:build linux", Yes),
        ("a_wasip1.go", "//go:build linux", Yes), // Go before 1.21 compiles it
        ("a_linux_arm64.go", "//go:build amd64", No),
        ("a.go", "//go:build unix && windows", Yes),
        ("a.go", "//go:build linux && !unix", Yes), // Go before 1.19 compiles it
        ("a.go", "//go:build !go1.1", Yes),
        ("a.go", "//go:build go1.20 && !go1.18", Yes),
        ("a.go", "//go:build gc && gccgo", Yes),
        ("a.go", "//go:build cgo && !cgo", No),
        ("a.go", "//go:build (a || b) && (!a || b) && (a || !b) && (!a || !b)", No),
        ("a.go", "//go:build (a || b) && (!a || b) && (a || !b)", Yes),
    ] {
        assert_eq!(of(name, line).possible(&Platform::Any), possible, "{name} {line}");
    }
    assert_eq!(of("a.go", "//go:build !cgo").with_cgo().possible(&Platform::Any), No);
    assert_eq!(of("a.go", "//go:build cgo").with_cgo().possible(&Platform::Any), Yes);
    let none = name::SYSTEMS.iter().map(|goos| format!("!{goos}")).collect::<Vec<_>>().join(" && ");
    assert_eq!(
        of("a.go", &format!("//go:build {none}")).possible(&Platform::Any),
        Yes,
        "a system of the future"
    );
}

#[test]
fn one_configuration_leaves_little_open() {
    use Possible::{No, Yes};
    let platform = Platform::One(configuration("linux", "amd64", &["x"]));
    for (name, line, possible) in [
        ("a.go", "//go:build x && !y", Yes),
        ("a.go", "//go:build y", No),
        ("a.go", "//go:build ignore", No),
        ("a.go", "//go:build cgo && unix && !windows", Yes),
        ("a.go", "//go:build go1.99 || !go1.26", Yes),
        ("a.go", "//go:build !gc && goexperiment.x && amd64.v3 && race", Yes),
        ("a.go", "//go:build arm64.v8.0", No),
        ("a_windows.go", "", No),
        ("a_linux_amd64_test.go", "", Yes),
        ("a_nacl.go", "", No),
    ] {
        assert_eq!(of(name, line).possible(&platform), possible, "{name} {line}");
    }
}

#[test]
fn matches_as_go_1_26_does() {
    for (goos, goarch, line, matches) in [
        ("linux", "amd64", "linux && unix && gc && cgo && go1.26 && go1.1 && t", true),
        ("linux", "amd64", "go1.27 || go1.0 || go1.01 || go1 || gccgo || amd64.v1 || goexperiment.x", false),
        ("android", "arm64", "linux && android && unix", true),
        ("ios", "arm64", "darwin && ios", true),
        ("illumos", "amd64", "solaris && illumos", true),
        ("darwin", "arm64", "ios", false),
        ("plan9", "386", "unix", false),
        ("windows", "386", "unix || ignore", false),
    ] {
        let constraint = of("a.go", &format!("//go:build {line}"));
        assert_eq!(constraint.matches(&configuration(goos, goarch, &["t"])), matches, "{goos} {line}");
    }
}

#[test]
fn hostile_expressions_end() {
    let clauses = |seed: usize| {
        let literal = |at: usize| format!("{}t{}", if at.is_multiple_of(3) { "!" } else { "" }, at * at % 97);
        (0..240)
            .map(|at| format!("({}||{}||{})", literal(at * seed), literal(at + seed), literal(at * 7 + seed)))
            .collect::<Vec<_>>()
            .join("&&")
    };
    for seed in 1..20 {
        of("a.go", &format!("//go:build {}", clauses(seed))).possible(&Platform::Any);
    }
    let parity =
        (0..60).map(|at| format!("((t{at}&&!t{0})||(!t{at}&&t{0}))", (at + 1) % 59)).collect::<Vec<_>>();
    let parity = of("a.go", &format!("//go:build {}", parity.join("&&")));
    assert_ne!(parity.possible(&Platform::Any), Possible::Yes);
}

/// Every tag whose being given makes a difference.
const TAGS: &[&str] = &[
    "linux", "android", "windows", "darwin", "ios", "solaris", "illumos", "nacl", "amd64", "arm64",
    "amd64p32", "a", "b", "unix", "cgo",
];
/// Those which any build may give.
const FREE: &[&str] = &["nacl", "amd64p32", "a", "b", "unix", "cgo"];

fn expr() -> impl Strategy<Value = String> {
    let leaf = select(TAGS).prop_map(str::to_owned);
    leaf.prop_recursive(5, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|x| format!("!({x})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("({x} && {y})")),
            (inner.clone(), inner).prop_map(|(x, y)| format!("({x} || {y})")),
        ]
    })
}

/// Tries every system and processor that is named, another one, and every set of tags.
fn brute_force(constraint: &Constraint) -> bool {
    let among = |all: &[&'static str]| {
        all.iter().copied().filter(|name| TAGS.contains(name)).chain(["other"]).collect::<Vec<_>>()
    };
    let (systems, processors) = (among(name::SYSTEMS), among(name::PROCESSORS));
    systems.iter().any(|goos| {
        processors.iter().any(|goarch| {
            (0..1u32 << FREE.len()).any(|set| {
                let mut given: BTreeSet<&str> = [*goos, *goarch].into();
                given.extend(platform::implied(goos));
                given
                    .extend(FREE.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, tag)| tag));
                constraint.holds(&|tag| given.contains(tag))
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn possible_is_what_some_build_shows(expr in expr(), name in select(vec!["a.go", "a_linux.go", "a_amd64.go", "a_ios_arm64.go"])) {
        let constraint = of(name, &format!("//go:build {expr}"));
        let possible = if brute_force(&constraint) { Possible::Yes } else { Possible::No };
        prop_assert_eq!(constraint.possible(&Platform::Any), possible, "{} {}", name, expr);
    }
}
