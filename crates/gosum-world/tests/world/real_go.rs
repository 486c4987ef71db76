//! The go command judges the proxy, the pages and the sums.

use std::fs;
use std::path::Path;
use std::process::Command;

use gosum_mod::name::id::ModuleVersion;
use gosum_world::World;
use gosum_world::demo::{self, Demo};
use gosum_world::draft::Draft;
use gosum_world::repository::{Files, ObjectFormat, Repository};
use serde_json::Value;
use tempfile::tempdir;

use crate::program::{rewrites, run, set};

/// Returns go, untouched by the settings of this machine, reaching the hosts of `world` by their ordinary URLs.
fn go(world: &World, folder: &Path) -> Command {
    let path = std::env::var_os("PATH").unwrap();
    let mut go = Command::new("go");
    go.env_clear().env("PATH", path).current_dir(folder);
    for (variable, place) in [("GOPATH", "gopath"), ("GOMODCACHE", "modcache"), ("HOME", "home")] {
        go.env(variable, folder.join(place));
    }
    go.env("GOENV", "off").env("GOSUMDB", "off").env("GOFLAGS", "-modcacherw").env("GOTOOLCHAIN", "local");
    // pages are asked for by https, which nobody answers, and then by http, through the world as an HTTP proxy
    go.env("GOINSECURE", "*").env("HTTPS_PROXY", "http://127.0.0.1:1");
    go.env("HTTP_PROXY", format!("http://{}", world.address())).env("NO_PROXY", "127.0.0.1");
    go.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    set(&mut go, &rewrites(world));
    go
}

/// Returns the go.sum that the go command writes for a project that imports what its go.mod requires.
fn sums(demo: &Demo, proxy: &str) -> String {
    let folder = tempdir().unwrap();
    let requires = demo.go_mod.lines().filter_map(|line| line.strip_prefix('\t')?.split(' ').next());
    let imports: String = requires.map(|path| format!("import _ \"{path}\"\n")).collect();
    fs::write(folder.path().join("main.go"), format!("package main\n\n{imports}\nfunc main() {{}}\n"))
        .unwrap();
    fs::write(folder.path().join("go.mod"), &demo.go_mod).unwrap();
    run(go(&demo.world, folder.path()).args(["mod", "tidy"]).env("GOPROXY", proxy));
    assert_eq!(fs::read_to_string(folder.path().join("go.mod")).unwrap(), demo.go_mod);
    fs::read_to_string(folder.path().join("go.sum")).unwrap()
}

/// Returns the lines of `sums` that are not in `honest`, which has the same artifacts, without their hashes.
fn wrong<'a>(sums: &'a str, honest: &'a str) -> Vec<&'a str> {
    let artifact = |line: &'a str| line.split(" h1:").next().unwrap();
    let artifacts = |text: &'a str| text.lines().map(artifact).collect::<Vec<&str>>();
    assert_eq!(artifacts(sums), artifacts(honest));
    sums.lines().zip(honest.lines()).filter(|(a, b)| a != b).map(|(line, _)| artifact(line)).collect()
}

#[test]
#[ignore = "needs go"]
fn sums_of_the_demo_are_those_of_the_go_command_but_for_what_is_planted() {
    let demo = demo::world().unwrap();
    let zip = |module: &ModuleVersion| format!("{} {}", module.path(), module.version());
    assert_eq!(wrong(&sums(&demo, &demo.proxy), &demo.go_sum), [zip(&demo.tampered)]);
    assert_eq!(wrong(&sums(&demo, "direct"), &demo.go_sum), [zip(&demo.moved)]);
}

/// Returns what the go command says of a module that it downloads.
fn download(world: &World, module: &str, proxy: &str) -> Value {
    let folder = tempdir().unwrap();
    let told = run(go(world, folder.path()).args(["mod", "download", "-json", module]).env("GOPROXY", proxy));
    serde_json::from_str(&told).unwrap()
}

#[test]
#[ignore = "needs go"]
fn module_is_the_same_from_proxy_folder_and_repository() {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let mut draft = Draft::new("proxy.example/modules");
        let address = "github.com/Example/Big";
        draft.sites.add_repository(address, Repository::new(format));
        let files = Files::new()
            .file("LICENSE", "root\n")
            .file("Sub/go.mod", "module github.com/Example/Big/Sub\n\ngo 1.24\n")
            .file("Sub/s.go", "package sub\n")
            .file("Sub/vendor/modules.txt", "# left out\n")
            .executable("Sub/run.sh", "#!/bin/sh\n")
            .symlink("Sub/link", "s.go");
        let commit = draft.commit(address, "main", &files);
        draft.tag("Sub/v1.2.3-RC.1", &commit);
        let module = "github.com/Example/Big/Sub@v1.2.3-RC.1";
        let release = draft.publish(module, &commit, "Sub").unwrap();
        let folder = tempdir().unwrap();
        draft.proxy().write_to(folder.path()).unwrap();
        let world = draft.start().unwrap();

        let by_folder = format!("file://{}", folder.path().display());
        for proxy in ["http://proxy.example/modules", &by_folder, "direct"] {
            let told = download(&world, module, proxy);
            assert_eq!(told["Sum"], release.zip_h1().to_string(), "{proxy} {told}");
            assert_eq!(told["GoModSum"], release.go_mod_h1().to_string(), "{proxy} {told}");
            assert_eq!(told["Origin"]["Hash"], commit.commit.to_string(), "{proxy} {told}");
            assert_eq!(told["Origin"]["Subdir"], "Sub", "{proxy} {told}");
            assert_eq!(told["Origin"]["Ref"], "refs/tags/Sub/v1.2.3-RC.1", "{proxy} {told}");
        }
    }
}

#[test]
#[ignore = "needs go"]
fn go_command_picks_versions_from_the_list() {
    let mut draft = Draft::new("proxy.example");
    let files = Files::new().file("go.mod", "module example.com/a\n").file("a.go", "package a\n");
    let commit = draft.commit("git.example/a", "main", &files);
    for version in ["v1.9.0", "v1.10.0", "v1.11.0-rc.1", &commit.pseudo_version()] {
        draft.publish(&format!("example.com/a@{version}"), &commit, "").unwrap();
    }
    let world = draft.start().unwrap();
    assert_eq!(download(&world, "example.com/a@latest", "http://proxy.example")["Version"], "v1.10.0");
    let folder = tempdir().unwrap();
    let mut list = go(&world, folder.path());
    list.args(["list", "-m", "-versions", "example.com/a"]).env("GOPROXY", "http://proxy.example");
    assert_eq!(run(&mut list), "example.com/a v1.9.0 v1.10.0 v1.11.0-rc.1");
}
