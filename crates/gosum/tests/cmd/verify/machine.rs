//! A machine with a module cache, and a project that uses it.

use std::path::PathBuf;

use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_world::modcache::ModCache;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use gosum_world::sumdb::SumDb;
use serde_json::Value;

use crate::run::{Done, Place};

/// The module whose copy is changed.
pub(super) const A: &str = "example.com/a@v1.0.0";
/// Another version of it.
pub(super) const A2: &str = "example.com/a@v1.1.0";
/// A pseudo-version of a module without a go.mod, and with capitals in its path.
pub(super) const B: &str = "example.com/Bb@v0.0.0-20231114221320-0a0a0a0a0a0a";

/// A machine.
pub(super) struct Machine {
    pub(super) place: Place,
    pub(super) cache: ModCache,
    pub(super) releases: Vec<Release>,
}

fn release(module: &str, files: &Files) -> Release {
    Release::new(module, 1_700_000_000, files, "").unwrap()
}

impl Machine {
    pub(super) fn new() -> Machine {
        let text = "// text that can be compressed, text that can be compressed\n".repeat(3);
        let a = |more: &str| {
            Files::new()
                .file("go.mod", "module example.com/a\n\ngo 1.21\n")
                .file("a.go", format!("package a\n{text}{more}"))
                .file("sub/b.go", format!("package b\n{text}"))
                .file("empty", "")
        };
        let b = Files::new().file("b.go", "package b\n").file("LICENSE", "free\n");
        let releases = vec![release(A, &a("")), release(A2, &a("// more\n")), release(B, &b)];
        let place = Place::new();
        let cache = ModCache::new(place.path("gopath/pkg/mod"));
        releases.iter().for_each(|release| cache.add(release).unwrap());
        let gopath = place.path("gopath").display().to_string();
        let go_mod = "module example.com/project\n\ngo 1.21\n\nrequire (\n\texample.com/Bb \
                      v0.0.0-20231114221320-0a0a0a0a0a0a\n\texample.com/a v1.0.0\n)\n";
        let place = place.env("GOPATH", &gopath).file("go.mod", go_mod);
        let machine = Machine { place, cache, releases };
        machine.write_go_sum(&machine.go_sum());
        machine
    }

    /// Adds what a go command keeps that has looked all releases up in a checksum database.
    pub(super) fn with_database(mut self) -> Machine {
        let mut database = SumDb::new("sum.example", 7);
        for number in 0..300 {
            let other = ModuleVersion::parse(&format!("example.com/other@v1.0.{number}")).unwrap();
            database.record_text(&other, format!("example.com/other v1.0.{number} h1:x\n"));
            if number % 100 == 50 {
                database.record(&self.releases[number / 100]);
            }
        }
        let heads = self.place.path("gopath/pkg/sumdb");
        self.cache.add_database(&database, &heads).unwrap();
        self.place = self.place.env("GOSUMDB", &database.key());
        self
    }

    /// Returns the lines of all releases.
    pub(super) fn go_sum(&self) -> String {
        let lines = self
            .releases
            .iter()
            .flat_map(|release| [Artifact::Zip, Artifact::GoMod].map(|artifact| release.sum(artifact)));
        let mut lines: Vec<String> = lines.collect();
        lines.sort();
        lines.concat()
    }

    pub(super) fn write_go_sum(&self, text: &str) {
        std::fs::write(self.place.path("go.sum"), text).unwrap();
    }

    /// Writes a go.sum without the line about the zip of `module`.
    pub(super) fn forget_zip(&self, module: &str) {
        let line = self.release(module).sum(Artifact::Zip);
        assert!(self.go_sum().contains(&line));
        self.write_go_sum(&self.go_sum().replace(&line, ""));
    }

    /// Returns the release of `module`.
    pub(super) fn release(&self, module: &str) -> &Release {
        self.releases.iter().find(|release| release.to_string() == module).unwrap()
    }

    /// Returns where the file of `module` with this extension is.
    pub(super) fn file(&self, module: &str, extension: &str) -> PathBuf {
        self.cache.file(self.release(module).module(), extension)
    }

    /// Returns where the unpacked files of `module` are.
    pub(super) fn folder(&self, module: &str) -> PathBuf {
        self.cache.folder(self.release(module).module())
    }

    /// Changes the bytes of the file of `module` with this extension.
    pub(super) fn change(&self, module: &str, extension: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let file = self.file(module, extension);
        let mut bytes = std::fs::read(&file).unwrap();
        change(&mut bytes);
        std::fs::write(&file, bytes).unwrap();
    }

    pub(super) fn run(&self, args: &str) -> Done {
        self.place.run(&format!("verify {args}"))
    }

    /// Returns the exit code and the report.
    pub(super) fn verify(&self, args: &str) -> (u8, Value) {
        let done = self.run(&format!("--format json {args}"));
        let report = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        (done.code, report)
    }

    /// Returns the codes of the findings, without repetitions, and all messages.
    pub(super) fn found(&self, args: &str) -> (u8, Vec<String>, String) {
        let (code, report) = self.verify(args);
        let findings = report["findings"].as_array().unwrap();
        let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
        let mut codes: Vec<String> = findings.iter().map(|finding| text(finding, "code")).collect();
        codes.sort();
        codes.dedup();
        let messages: Vec<String> = findings.iter().map(|finding| text(finding, "message")).collect();
        (code, codes, messages.join("\n"))
    }
}

/// Returns the zip of `release` with entries that `change` has made others of.
pub(super) fn rezipped(release: &Release, change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let entry = |(path, content): (&str, &[u8])| (format!("{release}/{path}"), content.to_vec());
    let mut entries: Vec<(String, Vec<u8>)> = release.files().map(entry).collect();
    change(&mut entries);
    gosum_world::release::zip(entries)
}

/// Returns where `bytes` first are in `all`.
pub(super) fn position(all: &[u8], bytes: &[u8]) -> usize {
    all.windows(bytes.len()).position(|window| window == bytes).unwrap()
}
