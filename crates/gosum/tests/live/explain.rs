//! Tags that were moved after publication: `gosum explain` beside the two copies that the go command downloads, each by one
//! path, and the commit that it names as the cause beside what the go command downloads of that.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Module versions whose tag now leads to other files than the default proxy serves.
const MOVED: &str = "github.com/adrg/xdg@v0.5.1 github.com/wI2L/jsondiff@v0.5.1 github.com/redis/rueidis@v1.0.50 \
    github.com/muesli/goprogressbar@v0.2.0 github.com/integrii/flaggy@v1.6.0 github.com/uber/h3-go/v4@v4.3.0 \
    github.com/safchain/ethtool@v0.2.0 github.com/emicklei/go-restful/v3@v3.11.1 github.com/graph-gophers/graphql-go@v1.7.1 \
    github.com/nxadm/tail@v1.4.1 github.com/containerd/imgcrypt@v1.1.2 github.com/grafeas/grafeas@v0.1.0 \
    github.com/hibiken/asynqmon@v0.7.2 moul.io/u@v1.22.0";

/// Returns the files on which two folders differ, as `diff -rq` does.
fn differing(left: &Path, right: &Path) -> BTreeSet<String> {
    let output = Command::new("diff").arg("-rqN").args([left, right]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let prefix = format!("Files {}/", left.display());
    text.lines()
        .map(|line| line.strip_prefix(&prefix).unwrap_or_else(|| panic!("{line}")))
        .map(|rest| rest.split_once(" and ").unwrap().0.to_owned())
        .collect()
}

/// Returns the files of a folder that some build for linux/amd64 is made of, tests left out, as `go list` says.
fn built(folder: &Path) -> BTreeSet<String> {
    let output = Command::new("go")
        .args([
            "list",
            "-e",
            "-json=Dir,GoFiles,CgoFiles,CFiles,CXXFiles,HFiles,SFiles,SysoFiles,EmbedFiles",
            "./...",
        ])
        .envs([
            ("GOFLAGS", "-mod=mod"),
            ("GOPROXY", "off"),
            ("GOTOOLCHAIN", "local"),
            ("GOOS", "linux"),
            ("GOARCH", "amd64"),
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    let mut files = BTreeSet::new();
    for package in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>() {
        let package = package.unwrap();
        // one that is imported and not there has none
        let Some(dir) = package["Dir"].as_str() else { continue };
        let dir = Path::new(dir).strip_prefix(folder).unwrap().to_owned();
        for (list, names) in package.as_object().unwrap() {
            if list != "Dir" {
                let names = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                files.extend(names.map(|name| dir.join(name).display().to_string()));
            }
        }
    }
    files
}

#[test]
#[ignore = "needs internet, go"]
fn the_files_that_differ_are_those_of_gos_own_downloads() {
    let modules = std::env::var("GOSUM_LIVE_MOVED").unwrap_or_else(|_| MOVED.to_owned());
    let cache = tempfile::tempdir().unwrap();
    let mut judged = 0;
    for module in modules.split_whitespace() {
        let dir = |path: &str| {
            let said = super::download(&[module.to_owned()], path, cache.path());
            said[module]["Dir"].as_str().unwrap_or_else(|| panic!("{}", said[module])).to_owned()
        };
        let (proxy, direct) = (dir("proxy"), dir("direct"));
        let report = super::run("", &["explain", module, "--between", "proxy,direct"]);
        let files = report["compared"]["files"].as_array().unwrap_or_else(|| panic!("{report:#}"));
        let sides = files.iter().flat_map(|file| [&file["left"]["path"], &file["right"]["path"]]);
        let told: BTreeSet<String> = sides.filter_map(|path| path.as_str().map(str::to_owned)).collect();
        let differ = differing(Path::new(&proxy), Path::new(&direct));
        assert_eq!(told, differ, "{module}");
        let built: BTreeSet<String> =
            [&proxy, &direct].into_iter().flat_map(|dir| built(Path::new(dir))).collect();
        for file in files.iter().filter(|file| file["can_reach"] == false) {
            let path = file["path"].as_str().unwrap();
            assert!(!built.contains(path), "{module}: {path} is built, and called inert");
        }
        let reach = files.iter().filter(|file| file["can_reach"] == true).count();
        let causes: Vec<&str> = report["compared"]["causes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cause| cause["cause"].as_str().unwrap())
            .collect();
        if causes == ["tag-moved"] {
            let sentence = report["compared"]["causes"][0]["sentence"].as_str().unwrap();
            let (path, from) = (module.split_once('@').unwrap().0, sentence.rsplit_once(' ').unwrap().1);
            let said = super::download(&[format!("{path}@{from}")], "direct", cache.path());
            // a stand-in may lack what go fetches beside it
            match said.values().find_map(|said| said["Dir"].as_str()) {
                Some(at) => {
                    let differ = differing(Path::new(&proxy), Path::new(at));
                    assert!(differ.is_empty(), "{module}: {from} is not what the proxy has: {differ:?}");
                    judged += 1;
                }
                None => eprintln!("{module}: go does not give {from}: {said:?}"),
            }
        }
        eprintln!(
            "{module}: {} files differ, {reach} can reach a build: {}",
            differ.len(),
            causes.join(", ")
        );
    }
    assert!(judged > 0, "go was the judge of no cause");
}
