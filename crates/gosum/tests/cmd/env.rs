//! Where settings come from, and `gosum env`, which shows it.

use serde_json::{Value, json};

use super::run::Place;

/// The file that `go env -w` writes, the go.env of the toolchain, the environment; and what `go env NAME` then prints,
/// recorded with Go 1.26. `HOME` in it stands for the home folder.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
);

const CASES: &[Case] = &[
    // the first place that has it
    ("", "GOPROXY=https://r.example\n", &[], &[("GOPROXY", "https://r.example")]),
    ("GOPROXY=https://u.example\n", "GOPROXY=https://r.example\n", &[], &[("GOPROXY", "https://u.example")]),
    (
        "GOPROXY=https://u.example\n",
        "GOPROXY=https://r.example\n",
        &[("GOPROXY", "https://e.example")],
        &[("GOPROXY", "https://e.example")],
    ),
    // an empty variable is none, an empty line hides what follows
    (
        "GOPROXY=https://u.example\n",
        "GOPROXY=https://r.example\n",
        &[("GOPROXY", "")],
        &[("GOPROXY", "https://u.example")],
    ),
    ("GOPROXY=\n", "GOPROXY=https://r.example\n", &[], &[("GOPROXY", "")]),
    ("GOSUMDB=\n", "GOSUMDB=off\n", &[], &[("GOSUMDB", "")]),
    ("", "GOSUMDB=\n", &[], &[("GOSUMDB", "")]),
    ("GOAUTH=\n", "GOAUTH=off\n", &[], &[("GOAUTH", "netrc")]),
    ("", "GOAUTH=off\n", &[], &[("GOAUTH", "off")]),
    ("GOMODCACHE=\n", "GOMODCACHE=/r\n", &[], &[("GOMODCACHE", "HOME/go/pkg/mod")]),
    // the two lists of private names
    (
        "GOPRIVATE=a.example\nGONOSUMDB=\n",
        "GONOSUMDB=r.example\n",
        &[],
        &[("GONOSUMDB", "a.example"), ("GONOPROXY", "a.example"), ("GOPRIVATE", "a.example")],
    ),
    (
        "GOPRIVATE=\n",
        "GOPRIVATE=r.example\n",
        &[],
        &[("GONOSUMDB", ""), ("GONOPROXY", ""), ("GOPRIVATE", "")],
    ),
    (
        "GONOPROXY=none\n",
        "GOPRIVATE=r.example\n",
        &[("GONOSUMDB", "")],
        &[("GONOSUMDB", "r.example"), ("GONOPROXY", "none"), ("GOPRIVATE", "r.example")],
    ),
    (
        "GONOPROXY=u.example\n",
        "",
        &[("GOPRIVATE", "e.example")],
        &[("GONOSUMDB", "e.example"), ("GONOPROXY", "u.example"), ("GOPRIVATE", "e.example")],
    ),
    // folders
    ("", "", &[], &[("GOPATH", "HOME/go"), ("GOMODCACHE", "HOME/go/pkg/mod")]),
    ("GOPATH=/a:/b\n", "", &[], &[("GOPATH", "/a:/b"), ("GOMODCACHE", "/a/pkg/mod")]),
    ("GOPATH=:/b\n", "", &[], &[("GOPATH", ":/b"), ("GOMODCACHE", "")]),
    ("GOPATH=/a//b/../c\n", "", &[], &[("GOPATH", "/a//b/../c"), ("GOMODCACHE", "/a/c/pkg/mod")]),
    ("GOPATH=/a\n", "", &[("GOMODCACHE", "/c")], &[("GOPATH", "/a"), ("GOMODCACHE", "/c")]),
    // others
    ("GOWORK=off\n", "", &[], &[("GOWORK", "off")]),
    ("GOWORK=off\n", "", &[("GOWORK", "/x/go.work")], &[("GOWORK", "/x/go.work")]),
    ("GOFLAGS=-mod=mod\n", "GOFLAGS=-x\n", &[], &[("GOFLAGS", "-mod=mod")]),
    ("", "GOFLAGS='-tags=a b' -x\n", &[], &[("GOFLAGS", "'-tags=a b' -x")]),
    (
        "GOVCS=*:git\n",
        "GOVCS=*:off\nGOINSECURE=*.example\n",
        &[],
        &[("GOVCS", "*:git"), ("GOINSECURE", "*.example")],
    ),
    // the form of the files
    (
        " GOPROXY=x\nGOPROXY= y \ngoproxy=z\nGOPROXY\n#GOPROXY=c\nGOPROXY=https://a.example/b=c",
        "",
        &[],
        &[("GOPROXY", "https://a.example/b=c")],
    ),
];

/// Returns a place with these files and variables, and no other settings.
fn place(user: &str, toolchain: &str, vars: &[(&str, &str)]) -> Place {
    let place = Place::new().file("env", user).file("root/go.env", toolchain).env("GOSUMDB", "");
    let path = |name: &str| place.path(name).to_str().unwrap().to_owned();
    let (file, root, home) = (path("env"), path("root"), path("home"));
    let place = place.env("GOENV", &file).env("GOROOT", &root).env("HOME", &home);
    vars.iter().fold(place, |place, (key, value)| place.env(key, value))
}

#[cfg(unix)]
#[test]
fn settings_are_those_of_go() {
    for (user, toolchain, vars, expected) in CASES {
        let place = place(user, toolchain, vars);
        let home = place.path("home").to_str().unwrap().to_owned();
        for (name, value) in *expected {
            let done = place.run(&format!("env {name}"));
            assert_eq!(
                done.stdout,
                format!("{}\n", value.replace("HOME", &home)),
                "{name} of {user:?}, {toolchain:?}, {vars:?}: {}",
                done.stderr
            );
        }
    }
}

#[cfg(unix)]
#[test]
#[ignore = "needs go"]
fn the_recorded_settings_are_those_of_the_installed_go() {
    for (user, toolchain, vars, expected) in CASES {
        let place = place(user, toolchain, vars);
        let home = place.path("home").to_str().unwrap().to_owned();
        for (name, value) in *expected {
            let mut go = std::process::Command::new("go");
            let path = std::env::var_os("PATH").unwrap();
            go.args(["env", name])
                .env_clear()
                .env("PATH", path)
                .env("GOTOOLCHAIN", "local")
                .envs(place.vars());
            let output = go.current_dir(place.dir()).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(
                printed,
                format!("{}\n", value.replace("HOME", &home)),
                "{name} of {user:?}, {toolchain:?}, {vars:?}"
            );
        }
    }
}

/// Returns the settings that `gosum env` shows, and the exit code.
fn settings(place: &Place) -> (u8, Value) {
    let done = place.run("env --format json");
    let mut shown: Value =
        serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    assert_eq!(shown["schema"], 1);
    (done.code, shown["settings"].take())
}

#[test]
fn where_a_value_comes_from_is_shown() {
    let place = place(
        "GOPRIVATE=u.example\nGOAUTH=\n",
        "GOVCS=*:git\n",
        &[("GONOSUMDB", "e.example"), ("http_proxy", "proxy.example:3128")],
    );
    let (user, toolchain) = (place.path("env"), place.path("root/go.env"));
    let (user, toolchain) = (user.to_str().unwrap(), toolchain.to_str().unwrap());
    let (code, shown) = settings(&place);
    assert_eq!(code, 0, "{shown:#}");
    for (name, value, origin, file, variable, emptied_by) in [
        ("GOPRIVATE", "u.example", "user-file", Some(user), None, None),
        ("GONOPROXY", "u.example", "user-file", Some(user), Some("GOPRIVATE"), None),
        ("GONOSUMDB", "e.example", "environment", None, None, None),
        ("GOVCS", "*:git", "toolchain", Some(toolchain), None, None),
        ("GOAUTH", "netrc", "default", None, None, Some(user)),
        ("GOENV", user, "environment", None, None, None),
        ("HTTP_PROXY", "proxy.example:3128", "environment", None, Some("http_proxy"), None),
        ("GOWORK", "", "default", None, None, None),
    ] {
        let expected = json!({
            "value": value, "origin": origin, "file": file, "variable": variable, "emptied_by": emptied_by, "error": null,
        });
        assert_eq!(shown[name], expected, "{name}");
    }
    let text = place.run("env").stdout;
    for line in [
        format!("GOPRIVATE='u.example'  # {user}\n"),
        format!("GONOPROXY='u.example'  # GOPRIVATE, {user}\n"),
        "GONOSUMDB='e.example'  # environment\n".to_owned(),
        format!("GOVCS='*:git'  # {toolchain}\n"),
        format!("GOAUTH='netrc'  # default, empty in {user}\n"),
        "HTTP_PROXY='proxy.example:3128'  # http_proxy, environment\n".to_owned(),
        "GOINSECURE=''  # default\n".to_owned(),
    ] {
        assert!(text.contains(&line), "no {line:?} in {text}");
    }
    let names: Vec<&str> = text.lines().map(|line| line.split_once('=').unwrap().0).collect();
    assert!(names.is_sorted() && names.len() == shown.as_object().unwrap().len(), "{names:?}");
    assert_eq!(place.run("env GOVCS GOWORK GOPRIVATE").stdout, "*:git\n\nu.example\n");
    let done = place.run("env NOTHING");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("NOTHING is no setting"), "{}", done.stderr);
}

#[test]
fn broken_values_are_all_shown_and_wrong_use() {
    let place = place(
        "GOSUMDB=a b c\nGOWORK=sub\nGOPATH=here\n",
        "GOVCS=git\n",
        &[
            ("GOPROXY", "nowhere"),
            ("GOFLAGS", "-mod"),
            ("GOAUTH", "off;netrc"),
            ("GOMODCACHE", "cache"),
            ("HTTPS_PROXY", "socks5://u:hunter2@proxy.example"),
        ],
    );
    let (code, shown) = settings(&place);
    assert_eq!(code, 2);
    for (name, words) in [
        ("GOPROXY", "the entry \"nowhere\" is neither"),
        ("GOSUMDB", "more than a key and a URL"),
        ("GOVCS", "the entry \"git\" has no colon"),
        ("GOFLAGS", "-mod needs a value"),
        ("GOAUTH", "`off` cannot be combined with anything"),
        ("GOMODCACHE", "\"cache\" is no absolute path"),
        ("GOPATH", "\"here\" is no absolute path"),
        ("GOWORK", "\"sub\" is neither an absolute path"),
        ("HTTPS_PROXY", "has the scheme `socks5`"),
    ] {
        let error = shown[name]["error"].as_str().unwrap_or_default();
        assert!(error.contains(words), "{name}: {shown:#}");
    }
    let done = place.run("env");
    assert_eq!(done.code, 2);
    assert!(done.stdout.contains("GOPROXY='nowhere'  # environment; wrong: the entry"), "{}", done.stdout);
    assert!(!done.stdout.contains("hunter2"), "{}", done.stdout);
    let done = place.run("env GOPRIVATE GOVCS");
    assert_eq!((done.code, done.stdout.as_str()), (2, "\ngit\n"));
    assert!(done.stderr.contains("root/go.env: the entry \"git\" has no colon"), "{}", done.stderr);
    assert_eq!(place.run("env GOPRIVATE").code, 0);
}

#[test]
fn passwords_are_not_shown_and_a_terminal_obeys_nothing() {
    let place = place(
        "GOPRIVATE=a\u{1b}[2Jb\n",
        "",
        &[
            ("GOPROXY", "https://me:hunter2@proxy.example|https://hunter2@b.example,direct"),
            ("GOSUMDB", "sum.example+00000000+AAAA https://me:hunter2@sum.example"),
            ("GOAUTH", "helper --token hunter2;netrc"),
            ("GOFLAGS", "-ldflags=-X=main.url=https://me:hunter2@b.example"),
            ("HTTP_PROXY", "me:hunter2@proxy.example:3128"),
        ],
    );
    for args in ["env", "env --format json", "env GOPROXY GOSUMDB GOAUTH GOFLAGS HTTP_PROXY GOPRIVATE"] {
        let done = place.run(args);
        let all = format!("{}{}", done.stdout, done.stderr);
        assert!(!all.contains("hunter2") && !all.contains('\u{1b}'), "{all}");
        assert!(all.contains("https://...@proxy.example|https://...@b.example,direct"), "{all}");
        assert!(all.contains("helper ...; netrc"), "{all}");
    }
    assert_eq!(place.run("env GOPRIVATE GONOPROXY").stdout, "a\\u{1b}[2Jb\na\\u{1b}[2Jb\n");
}

#[cfg(unix)]
#[test]
fn a_toolchain_in_path_is_found_through_links_and_not_run() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = place("", "", &[("GOROOT", "")])
        .file("go1/bin/go", "#!/bin/sh\ntouch \"$0.was_run\"\n")
        .file("go1/pkg/tool/compile", "")
        .file("go1/go.env", "GOPRIVATE=r.example\n")
        .file("links/note", "")
        .file("other/go", "no program");
    std::fs::set_permissions(place.path("go1/bin/go"), PermissionsExt::from_mode(0o755)).unwrap();
    symlink("../go1/bin/go", place.path("links/go")).unwrap();
    let dir = place.dir().to_str().unwrap().to_owned();
    let path = format!("relative:{dir}/none:{dir}/other:{dir}/links");
    let place = place.env("PATH", &path);
    let (code, shown) = settings(&place);
    let file = place.path("go1/go.env").canonicalize().unwrap();
    assert_eq!((code, &shown["GONOPROXY"]["value"]), (0, &"r.example".into()), "{shown:#}");
    assert_eq!(shown["GOPRIVATE"]["file"], file.to_str().unwrap());
    assert!(!place.path("go1/bin/go.was_run").exists() && !place.path("links/go.was_run").exists());
    // what is not laid out like a toolchain has no settings
    std::fs::remove_dir_all(place.path("go1/pkg")).unwrap();
    assert_eq!(settings(&place).1["GOPRIVATE"]["value"], "");
}

#[test]
fn wrong_settings_are_wrong_use_and_their_place_is_named() {
    let unreadable = place("", "", &[]).file("root2/go.env/file", "");
    let root = unreadable.path("root2").to_str().unwrap().to_owned();
    let unreadable = unreadable.env("GOROOT", &root);
    for (place, words) in [
        (place("", "", &[("GOPROXY", ",")]), "the environment's GOPROXY: the list \",\" has no entry"),
        (place("GOPROXY=\n", "GOPROXY=off\n", &[]), "GOPROXY in FOLDER/env: the list \"\" has no entry"),
        (
            place("", "GOPROXY=ftp://a.example\n", &[]),
            "GOPROXY in FOLDER/root/go.env: an entry of scheme `ftp`",
        ),
        (place("", "", &[("GOSUMDB", "a b c")]), "the environment's GOSUMDB: more than a key and a URL"),
        (place("GOSUMDB=\n", "GOSUMDB=off\n", &[]), "GOSUMDB in FOLDER/env: names no checksum database"),
        (place("GOSUMDB=nonsense\n", "", &[]), "GOSUMDB in FOLDER/env: the checksum database's key is none"),
        (place("", "GOVCS=git\n", &[]), "GOVCS in FOLDER/root/go.env: the entry \"git\" has no colon"),
        (place("GOAUTH=git here\n", "", &[]), "GOAUTH in FOLDER/env: `git` needs the absolute path"),
        (place("", "", &[]).env("GOENV", "."), "cannot read Go's settings in ."),
        (unreadable, "cannot read Go's settings in FOLDER/root2/go.env"),
    ] {
        let place = place.file("go.sum", "");
        let words = words.replace("FOLDER", place.dir().to_str().unwrap());
        for args in ["audit", "hash example.com/a@v1.0.0 --from proxy,direct,sumdb", "env"] {
            let done = place.run(args);
            assert_eq!(done.code, 2, "{args}: {done:?}");
            let is_told = done.stderr.contains(&words) || args == "env" && done.stdout.contains("; wrong: ");
            assert!(is_told, "{args}: {words}: {done:?}");
        }
    }
}
