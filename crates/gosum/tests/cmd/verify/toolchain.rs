//! The toolchain that the project selects, held against the checksum database.

use std::collections::BTreeMap;
use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};

use gosum_mod::name::id::Artifact;
use gosum_world::World;
use gosum_world::draft::Draft;
use gosum_world::modcache::ModCache;
use gosum_world::release::Release;
use gosum_world::repository::Files;
use gosum_world::sumdb::SumDb;
use serde_json::Value;

use crate::run::Place;

const GO_MOD: &str = "module example.com/m\n\ngo 1.20\n\ntoolchain go1.22.1\n";

/// Where a machine has what it keeps of the database.
const DATABASE: &str = "gopath/pkg/mod/cache/download/sumdb/sum.example";

/// A machine on which a go command has downloaded a toolchain, with a project that selects it and has no go.sum.
struct Machine {
    world: World,
    place: Place,
    cache: ModCache,
}

/// Returns the name that Go has for this machine.
fn host() -> String {
    let os = if OS == "macos" { "darwin" } else { OS };
    let arch = match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}-{arch}")
}

fn release(platform: &str) -> Release {
    let module = format!("golang.org/toolchain@v0.0.1-go1.22.1.{platform}");
    let files = Files::new()
        .file("bin/go", "the program")
        .file("VERSION", "go1.22.1\n")
        .file("src/_go.mod", "module std\n\ngo 1.22\n")
        .file("src/cmd/_go.mod", "module cmd\n\ngo 1.22\n");
    Release::new(&module, 1_700_000_000, &files, "").unwrap()
}

fn toolchain() -> Release {
    release(&host())
}

fn evil() -> Release {
    toolchain().tampered("bin/go", "another program")
}

/// Returns a database, with the toolchain in it if it `knows` it.
fn database(knows: bool) -> SumDb {
    let mut database = SumDb::new("sum.example", 7);
    if knows {
        database.record(&toolchain());
    }
    let other = Files::new().file("go.mod", "module example.com/other\n");
    database.record(&Release::new("example.com/other@v1.0.0", 1_700_000_000, &other, "").unwrap());
    database
}

impl Machine {
    /// Returns the machine; its database can be asked, and has a record if it `knows` the toolchain.
    fn new(knows: bool) -> Machine {
        let mut draft = Draft::new("proxy.example");
        draft.sites.add_sumdb("proxy.example/sumdb/sum.example", database(knows));
        let world = draft.start().unwrap();
        let place = Place::in_world(&world);
        let gopath = place.path("gopath").display().to_string();
        let own = place.path("own").display().to_string();
        let place = place
            .env("GOPATH", &gopath)
            .env("GOSUM_CACHE", &own)
            .env("GOSUMDB", &database(knows).key())
            .file("go.mod", GO_MOD);
        let cache = ModCache::new(place.path("gopath/pkg/mod"));
        cache.add(&toolchain()).unwrap();
        cache.add_database(&database(knows), &place.path("gopath/pkg/sumdb")).unwrap();
        Machine { world, place, cache }
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.cache.file(toolchain().module(), extension)
    }

    fn tree(&self) -> PathBuf {
        self.cache.folder(toolchain().module())
    }

    fn record(&self) -> PathBuf {
        self.place.path(&format!("{DATABASE}/lookup/{}", toolchain().module()))
    }

    /// Replaces what the cache has by another toolchain, with all that goes with it.
    fn replace(&self) {
        fs::remove_dir_all(self.tree()).unwrap();
        self.cache.add(&evil()).unwrap();
    }

    /// Makes the record that of the other toolchain.
    fn forge_record(&self) {
        let text = fs::read_to_string(self.record()).unwrap();
        let forged = text.replace(&toolchain().zip_h1().to_string(), &evil().zip_h1().to_string());
        assert_ne!(text, forged);
        fs::write(self.record(), forged).unwrap();
    }

    /// Returns the exit code, the codes that were found, the states of the toolchains, and the report.
    fn verify(&self, args: &str) -> (u8, Vec<String>, Vec<String>, Value) {
        let done = self.place.run(&format!("verify --format json {args}"));
        let report: Value =
            serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        let texts = |list: &str, key: &str| -> Vec<String> {
            let items = report[list].as_array().unwrap().iter();
            items.map(|item| item[key].as_str().unwrap().to_owned()).collect()
        };
        (done.code, texts("findings", "code"), texts("toolchains", "state"), report)
    }

    fn asked(&self) -> usize {
        self.world.log().len()
    }
}

fn all_files(folder: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_files(&path, into);
        } else {
            into.insert(path.clone(), fs::read(path).unwrap());
        }
    }
}

#[test]
fn one_that_the_cached_database_proves_is_verified_without_a_network() {
    let machine = Machine::new(true);
    let (code, found, states, report) = machine.verify("");
    assert_eq!((code, found.len(), states), (0, 0, vec!["recorded".to_owned()]), "{report:#}");
    assert_eq!(report["toolchains"][0]["at"][0]["line"], 5);
    assert_eq!((&report["counts"]["modules"], &report["counts"]["zips"]), (&1.into(), &0.into()));
    let text = machine.place.run("verify").stdout;
    let line = format!("toolchain go1.22.1.{} (go.mod:5) is what the checksum database recorded", host());
    assert!(text.contains(&line), "{text}");
    // nor is anybody asked who need not be
    assert_eq!((machine.verify("--fetch").0, machine.asked()), (0, 0));
}

#[test]
fn without_a_proven_record_it_cannot_be_told_until_the_database_is_asked() {
    let lacks = |machine: &Machine| fs::remove_file(machine.record()).unwrap();
    let unproven = |machine: &Machine| fs::remove_dir_all(machine.place.path(DATABASE).join("tile")).unwrap();
    let unread = |machine: &Machine| {
        lacks(machine);
        fs::create_dir(machine.record()).unwrap();
        fs::write(machine.record().join("x"), "").unwrap();
    };
    for change in [&lacks as &dyn Fn(&Machine), &unproven, &unread] {
        let machine = Machine::new(true);
        change(&machine);
        let (code, _, states, report) = machine.verify("");
        assert_eq!((code, states, machine.asked()), (3, vec!["could-not-tell".to_owned()], 0), "{report:#}");
        let untold = report["untold"].to_string();
        assert!(untold.contains("--fetch asks the database"), "{untold}");
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        all_files(&machine.place.path("gopath"), &mut before);
        let (_, found, states, report) = machine.verify("--fetch");
        all_files(&machine.place.path("gopath"), &mut after);
        assert_eq!((found.len(), states), (0, vec!["recorded".to_owned()]), "{report:#}");
        assert!(machine.asked() > 0 && before == after);
    }
    let machine = Machine::new(true);
    fs::remove_file(machine.record()).unwrap();
    assert_eq!((machine.verify("--fetch --offline").0, machine.asked()), (3, 0));
}

#[test]
fn what_was_replaced_with_all_that_goes_with_it_is_found() {
    let machine = Machine::new(true);
    machine.replace();
    let (code, found, states, report) = machine.verify("");
    assert_eq!((code, states), (1, vec!["differs".to_owned()]), "{report:#}");
    assert_eq!(found, ["cached-zip-differs"], "{report:#}");
    let message = report["findings"][0]["message"].as_str().unwrap();
    let recorded = format!("the checksum database recorded {}", toolchain().zip_h1());
    assert!(message.contains(&recorded), "{message}");
    // a record that was changed to fit is not proven
    machine.forge_record();
    let (code, found, states, report) = machine.verify("");
    assert_eq!((code, states), (1, vec!["could-not-tell".to_owned()]), "{report:#}");
    assert_eq!(found, ["cached-tile-differs"], "{report:#}");
    let (_, found, states, report) = machine.verify("--fetch");
    assert_eq!(states, ["differs"], "{report:#}");
    assert_eq!(found, ["cached-tile-differs", "cached-record-differs", "cached-zip-differs"], "{report:#}");
}

#[test]
fn a_folder_of_another_database_proves_and_hides_nothing() {
    for name in ["a.example", "z.example"] {
        let machine = Machine::new(true);
        machine.replace();
        let mut other = SumDb::new(name, 8);
        other.record(&evil());
        machine.cache.add_database(&other, &machine.place.path("gopath/pkg/sumdb")).unwrap();
        let (code, found, _, report) = machine.verify("");
        assert_eq!((code, found), (1, vec!["cached-zip-differs".to_owned()]), "{name}: {report:#}");
        fs::remove_dir_all(machine.place.path(DATABASE)).unwrap();
        assert_eq!(machine.verify("").2, ["could-not-tell"], "{name}");
    }
}

#[test]
fn one_that_the_database_does_not_know_is_a_finding_and_a_database_that_is_off_tells_nothing() {
    let machine = Machine::new(false);
    assert_eq!(machine.verify("").0, 3);
    let (code, found, states, report) = machine.verify("--fetch");
    assert_eq!((code, states), (1, vec!["differs".to_owned()]), "{report:#}");
    assert_eq!(found, ["cached-zip-differs"]);
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("has no record of it"), "{message}");
    let Machine { place, cache, world } = Machine::new(true);
    fs::remove_dir_all(place.path(DATABASE)).unwrap();
    let machine = Machine { place: place.env("GOSUMDB", "off"), cache, world };
    let (code, _, _, report) = machine.verify("--fetch");
    assert_eq!((code, machine.asked()), (3, 0));
    assert!(report["untold"].to_string().contains("GOSUMDB is off"), "{report:#}");
}

#[test]
fn its_unpacked_files_count_where_its_zip_is_gone() {
    let machine = Machine::new(true);
    fs::remove_file(machine.file("zip")).unwrap();
    fs::remove_file(machine.file("ziphash")).unwrap();
    let (code, found, states, report) = machine.verify("");
    assert_eq!((code, found.len(), states), (0, 0, vec!["recorded".to_owned()]), "{report:#}");
    // what the go command does not put there itself counts
    fs::write(machine.tree().join("src/go.mod"), "module evil\n").unwrap();
    let (code, found, states, report) = machine.verify("");
    assert_eq!((code, states), (1, vec!["differs".to_owned()]), "{report:#}");
    assert_eq!(found, ["cached-tree-differs"]);
    let machine = Machine::new(true);
    fs::write(machine.tree().join("bin/go"), "evil").unwrap();
    let (code, found, states, _) = machine.verify("");
    assert_eq!(
        (code, found, states),
        (1, vec!["cached-tree-differs".to_owned()], vec!["differs".to_owned()])
    );
}

#[test]
fn no_line_and_no_other_modules_record_stands_in_for_its_own() {
    let without_zip = || {
        let machine = Machine::new(true);
        fs::remove_file(machine.file("zip")).unwrap();
        fs::remove_file(machine.file("ziphash")).unwrap();
        fs::write(machine.tree().join("bin/go"), "evil").unwrap();
        machine
    };
    // no go.sum has lines about toolchains
    let machine = without_zip();
    fs::write(machine.place.path("go.sum"), evil().sum(Artifact::Zip)).unwrap();
    let (code, found, states, report) = machine.verify("");
    assert_eq!((code, states), (1, vec!["differs".to_owned()]), "{report:#}");
    assert_eq!(found, ["cached-tree-differs"]);
    // a record that is proven, and is another module's
    let machine = without_zip();
    let other = machine.place.path(&format!("{DATABASE}/lookup/example.com/other@v1.0.0"));
    fs::copy(other, machine.record()).unwrap();
    let (code, found, states, report) = machine.verify("");
    assert_eq!((code, states), (1, vec!["could-not-tell".to_owned()]), "{report:#}");
    assert_eq!(found, ["cached-tile-differs"]);
    assert!(report["findings"][0]["message"].as_str().unwrap().contains("a record of something else"));
    let (code, found, states, report) = machine.verify("--fetch");
    assert_eq!((code, states), (1, vec!["differs".to_owned()]), "{report:#}");
    assert!(found.contains(&"cached-tree-differs".to_owned()), "{found:?}");
    // one that the database does not know, of which the files alone are there
    let machine = Machine::new(false);
    fs::remove_file(machine.file("zip")).unwrap();
    fs::remove_file(machine.file("ziphash")).unwrap();
    let (code, found, _, report) = machine.verify("--fetch");
    assert_eq!((code, found), (1, vec!["cached-tree-differs".to_owned()]), "{report:#}");
}

#[test]
fn one_that_is_not_in_the_cache_is_told_and_nothing_else() {
    let machine = Machine::new(true);
    fs::remove_dir_all(machine.place.path("gopath/pkg/mod/golang.org")).unwrap();
    fs::remove_dir_all(machine.place.path("gopath/pkg/mod/cache/download/golang.org")).unwrap();
    let (code, _, states, report) = machine.verify("--fetch");
    assert_eq!((code, states, machine.asked()), (0, vec!["absent".to_owned()], 0), "{report:#}");
    let text = machine.place.run("verify").stdout;
    assert!(text.contains("(go.mod:5) is not in the cache"), "{text}");
}

#[test]
fn the_setting_and_a_workspace_have_their_say() {
    for (setting, file, text, states) in [
        ("auto", "go.mod", GO_MOD, Ok(vec!["recorded"])),
        ("local", "go.mod", GO_MOD, Ok(vec![])),
        ("auto", "go.mod", "module example.com/m\n\ngo 1.20\n", Ok(vec![])),
        ("go1.22.1", "go.mod", "module example.com/m\n\ngo 1.20\n", Ok(vec!["recorded"])),
        ("auto", "go.work", "go 1.22.1\n\nuse .\n", Ok(vec!["recorded"])),
        (
            "auto",
            "go.mod",
            "module example.com/m\n\ngo 1.20\n\ntoolchain go1.22.x+\n",
            Err("names no toolchain"),
        ),
        ("auto+", "go.mod", GO_MOD, Err("GOTOOLCHAIN")),
    ] {
        let Machine { place, cache, world } = Machine::new(true);
        let place = place.env("GOTOOLCHAIN", setting).file("go.sum", "").file(file, text);
        let machine = Machine { place, cache, world };
        let (code, _, found, report) = machine.verify("");
        match states {
            Ok(states) => {
                assert_eq!((code, found), (0, states.iter().map(ToString::to_string).collect()), "{text}");
            }
            Err(why) => {
                assert_eq!(code, 3, "{report:#}");
                assert!(report["untold"].to_string().contains(why), "{report:#}");
            }
        }
    }
}

#[test]
fn all_toolchains_of_the_cache_are_looked_at_where_all_is() {
    let machine = Machine::new(true);
    machine.cache.add(&release("plan9-386")).unwrap();
    let (code, _, states, report) = machine.verify("--all");
    assert_eq!((code, states.len()), (3, 2), "{report:#}");
    assert!(states.contains(&"recorded".to_owned()) && states.contains(&"could-not-tell".to_owned()));
    let (code, found, _, report) = machine.verify("--all --fetch");
    assert_eq!((code, found), (1, vec!["cached-zip-differs".to_owned()]), "{report:#}");
}
