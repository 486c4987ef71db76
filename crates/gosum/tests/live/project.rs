//! The lines that a project without a go.sum needs, as the go command writes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{PROJECTS, download, run};

#[test]
#[ignore = "needs internet, go"]
fn the_graph_of_a_project_needs_what_go_writes() {
    let cache = tempfile::tempdir().unwrap();
    for project in PROJECTS.split_whitespace() {
        let downloaded = download(&[project.to_owned()], "proxy", cache.path());
        let go_mod = fs::read_to_string(downloaded[project]["GoMod"].as_str().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("go.mod"), &go_mod).unwrap();
        let out = folder.path().join("out");
        let report = run(
            "",
            &[
                "audit",
                folder.path().to_str().unwrap(),
                "--source",
                "proxy",
                "--write-sums",
                out.to_str().unwrap(),
            ],
        );
        assert_eq!(report["verdict"], "verified", "{project}");
        let ours = lines(&out.join("go.sum.proxy"));
        let status = Command::new("go")
            .args(["mod", "download"])
            .env("GOMODCACHE", cache.path().join("proxy"))
            .envs([
                ("GOSUMDB", "off"),
                ("GOFLAGS", "-modcacherw -mod=mod"),
                ("GOTOOLCHAIN", "local"),
                ("GOWORK", "off"),
            ])
            .current_dir(folder.path())
            .status()
            .unwrap();
        assert!(status.success(), "{project}");
        let gos = lines(&folder.path().join("go.sum"));
        eprintln!("{project}: {} lines, of which Go writes {}", ours.len(), gos.len());
        // it writes no line for a zip
        let go_mods = |lines: &BTreeSet<String>| -> BTreeSet<String> {
            lines.iter().filter(|line| line.contains("/go.mod ")).cloned().collect()
        };
        assert_eq!(go_mods(&ours), go_mods(&gos), "{project}");
    }
}

fn lines(file: &Path) -> BTreeSet<String> {
    fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}
