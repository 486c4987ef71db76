//! What the go command leaves on a machine: vendor folders of real projects, and a toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{PROJECTS, download, run_with};

/// The toolchain that is downloaded, some 70 MB.
const TOOLCHAIN: &str = "go1.25.0";

/// How many files of each vendor folder are changed.
const CHANGED: usize = 8;

#[test]
#[ignore = "needs internet, go"]
fn what_go_mod_vendor_makes_is_clean_and_each_change_in_it_is_named() {
    let cache = tempfile::tempdir().unwrap();
    let modcache = cache.path().join("proxy");
    for project in PROJECTS.split_whitespace() {
        let folder = vendored(project, cache.path());
        let vendor = folder.path().join("vendor");
        let shown = folder.path().display().to_string();
        let ask = |args: &[&str]| run_with("", args, &[("GOMODCACHE", &modcache)]);
        let verify = || ask(&["verify", &shown]);
        let report = verify();
        let of_vendor = |report: &Value| -> Vec<Value> {
            let codes = ["vendor-differs", "vendor-list-differs"];
            let findings = report["findings"].as_array().unwrap().iter();
            findings.filter(|finding| codes.contains(&finding["code"].as_str().unwrap())).cloned().collect()
        };
        assert_eq!((of_vendor(&report), &report["counts"]["untold"]), (vec![], &0.into()), "{project}");
        let files = files(&vendor);
        // modules.txt is not counted
        assert_eq!(report["counts"]["vendored"], files.len() - 1, "{project}");

        let audited = ask(&["audit", &shown, "--source", "modcache,vendor", "--offline", "--no-cache"]);
        let parts = parts(&audited);
        assert!(!parts.is_empty() && parts.iter().all(|(_, is_same)| *is_same), "{project}: {parts:?}");

        let step = files.len().div_ceil(CHANGED);
        let names = |path: &Path| {
            let file = path.strip_prefix(&vendor).unwrap().to_str().unwrap().to_owned();
            let report = verify();
            let is_named = report["files"].as_array().unwrap().iter().any(|change| change["file"] == *file);
            let is_list = file == "modules.txt";
            assert!(is_named || is_list && !of_vendor(&report).is_empty(), "{project}: {file}");
        };
        for path in files.iter().step_by(step) {
            let content = fs::read(path).unwrap();
            fs::write(path, [&content[..], b"\n// changed\n"].concat()).unwrap();
            let is_list = path.ends_with("modules.txt");
            if !is_list {
                names(path);
            }
            fs::remove_file(path).unwrap();
            names(path);
            fs::write(path, content).unwrap();
            let added = path.with_file_name("added.go");
            fs::write(&added, "package added\n").unwrap();
            names(&added);
            fs::remove_file(&added).unwrap();
        }
        assert_eq!(of_vendor(&verify()), Vec::<Value>::new(), "{project}");

        // one of Go's files, in an audit
        let path = files.iter().find(|path| path.extension().is_some_and(|end| end == "go")).unwrap();
        let content = fs::read(path).unwrap();
        fs::write(path, [&content[..], b"\n// changed\n"].concat()).unwrap();
        let audited = ask(&["audit", &shown, "--source", "modcache,vendor", "--offline", "--no-cache"]);
        let differing = self::parts(&audited).iter().filter(|(_, is_same)| !is_same).count();
        assert_eq!((&audited["verdict"], differing), (&"mismatch".into(), 1), "{project}");
        eprintln!("{project}: {} files vendored of {} modules", files.len(), parts.len());
    }
}

#[test]
#[ignore = "needs internet, go"]
fn a_toolchain_that_go_downloads_is_what_the_database_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let modcache = folder.path().join("gopath/pkg/mod");
    let status = Command::new("go")
        .arg("version")
        .env("GOPATH", folder.path().join("gopath"))
        .env("GOMODCACHE", &modcache)
        .envs([("GOTOOLCHAIN", TOOLCHAIN), ("GOFLAGS", "-modcacherw")])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    let version = TOOLCHAIN.trim_start_matches("go");
    fs::write(folder.path().join("go.mod"), format!("module example.com/m\n\ngo {version}\n")).unwrap();
    let shown = folder.path().display().to_string();
    let gopath = folder.path().join("gopath");
    let auto = PathBuf::from("auto");
    let verify = |args: &[&str]| {
        let env = [("GOPATH", &gopath), ("GOMODCACHE", &modcache), ("GOTOOLCHAIN", &auto)];
        run_with("", &[&["verify", &shown], args].concat(), &env)
    };
    let report = verify(&[]);
    assert_eq!(
        (&report["verdict"], &report["toolchains"][0]["state"]),
        (&"verified".into(), &"recorded".into())
    );
    fs::remove_dir_all(modcache.join("cache/download/sumdb")).unwrap();
    assert_eq!(verify(&[])["toolchains"][0]["state"], "could-not-tell");
    assert_eq!(verify(&["--fetch"])["toolchains"][0]["state"], "recorded");
}

/// Returns the files of a project, with a vendor folder.
fn vendored(project: &str, cache: &Path) -> tempfile::TempDir {
    let downloaded = download(&[project.to_owned()], "proxy", cache);
    let from = PathBuf::from(downloaded[project]["Dir"].as_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    for file in files(&from) {
        let to = folder.path().join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, fs::read(file).unwrap()).unwrap();
    }
    // what the project itself vendors may be another version's work
    let _ = fs::remove_dir_all(folder.path().join("vendor"));
    let proxies = Command::new("go").args(["env", "GOPROXY"]).output().unwrap().stdout;
    let status = Command::new("go")
        .args(["mod", "vendor"])
        .env("GOMODCACHE", cache.join("proxy"))
        .env("GOPROXY", String::from_utf8(proxies).unwrap().trim())
        .envs([("GOSUMDB", "off"), ("GOFLAGS", "-modcacherw"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success(), "{project}");
    folder
}

/// Returns the files below `folder`, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

/// Returns the vendored modules of a report, and of each whether its part is that of the module.
fn parts(report: &Value) -> Vec<(String, bool)> {
    let artifacts = report["artifacts"].as_array().unwrap().iter();
    let part = |artifact: &Value| {
        let h1 = artifact["answers"]["vendor"]["h1"].as_str()?;
        let recorded = artifact["answers"]["go.sum"]["h1"].as_str().unwrap();
        Some((artifact["module"].as_str().unwrap().to_owned(), h1 == recorded))
    };
    artifacts.filter_map(part).collect()
}
