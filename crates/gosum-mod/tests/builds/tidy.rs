//! Which go.sum lines are called missing and unneeded, with recorded answers of `go mod tidy` as the judge.
//!
//! `GOSUM_VECTORS` names another folder of recorded answers; one that has none of these is passed over.

use std::cell::Cell;
use std::collections::BTreeSet;

use gosum_mod::build::graph::{Build, Graph, Limits, MainModule, load};
use gosum_mod::build::replacement::GoModKey;
use gosum_mod::build::tidy::{Fit, kept_for};
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_testkit::vectors::{self, Vector};

type Key = (ModuleVersion, Artifact);

#[test]
fn go_mod_tidy_agrees_with_all_that_is_told() {
    if !vectors::folder().join("tidy.jsonl").exists()
        && vectors::folder() != gosum_testkit::testdata().join("vectors")
    {
        eprintln!("the recorded answers have none of go mod tidy");
        return;
    }
    let (dropped, told) = (Cell::new(0), Cell::new(0));
    let (removed, seen) = (Cell::new(0), Cell::new(0));
    vectors::hold("tidy", &["Tidy"], |vector| {
        let tidy = Tidy::read(vector);
        let fit = tidy.fit(&tidy.all);
        tidy.never_wrong(&fit)?;
        removed.set(removed.get() + tidy.all.difference(&tidy.kept).count());
        seen.set(seen.get() + fit.unneeded.len());
        tidy.never_wrong(&tidy.fit(&BTreeSet::new()))?;
        if tidy.is_changed {
            return Ok(());
        }
        let same = tidy.fit(&tidy.kept);
        if same != Fit::default() {
            return Err(format!("what tidy leaves is not clean: {same:?}"));
        }
        for key in &tidy.kept {
            let mut left = tidy.kept.clone();
            left.remove(key);
            let fit = tidy.fit(&left);
            tidy.never_wrong(&fit)?;
            let lacking: BTreeSet<Key> = fit.missing.union(&fit.unbacked).cloned().collect();
            if !lacking.is_subset(&BTreeSet::from([key.clone()])) {
                return Err(format!("without {key:?}, {lacking:?} is missed"));
            }
            dropped.set(dropped.get() + 1);
            told.set(told.get() + lacking.len());
        }
        Ok(())
    });
    let (dropped, told, removed, seen) = (dropped.get(), told.get(), removed.get(), seen.get());
    eprintln!(
        "{told} of {dropped} dropped lines are missed; {seen} of {removed} lines that tidy removes are unneeded"
    );
    assert!(told > 0 && seen > 0);
}

/// A question to `go mod tidy` with its answer.
struct Tidy {
    graphs: Vec<Graph<String>>,
    all: BTreeSet<Key>,
    kept: BTreeSet<Key>,
    /// Whether it changed go.mod as well.
    is_changed: bool,
}

impl Tidy {
    fn read(vector: &Vector) -> Tidy {
        let file = MainMod::parse(&vector.bytes("go.mod")).unwrap();
        let build = Build::Module(MainModule { directory: "".into(), file });
        let mut read = |keys: &[GoModKey]| -> Vec<Result<Vec<u8>, String>> {
            let text = |key: &GoModKey| {
                let text = vector.input["modules"][key.to_string()].as_str();
                text.map(|text| text.as_bytes().to_vec()).ok_or_else(|| format!("no {key}"))
            };
            keys.iter().map(text).collect()
        };
        let load = |build| load(build, &Limits::default(), &mut read).unwrap();
        Tidy {
            graphs: kept_for(&build).iter().map(load).collect(),
            all: keys(&vector.bytes("go.sum")),
            kept: keys(vector.out["go.sum"].as_str().unwrap().as_bytes()),
            is_changed: vector.out["changed"].as_bool().unwrap(),
        }
    }

    /// Returns what is told of a go.sum that has `lines`.
    fn fit(&self, lines: &BTreeSet<Key>) -> Fit {
        let text = |(module, artifact): &Key| gosum_mod::file::go_sum::line(module, *artifact, &"h1:x");
        Fit::of(&self.graphs, &[&GoSum::parse(lines.iter().map(text).collect::<String>().as_bytes())])
    }

    fn never_wrong(&self, fit: &Fit) -> Result<(), String> {
        if let Some(key) = fit.unneeded.iter().find(|key| self.kept.contains(key)) {
            return Err(format!("{key:?} is called unneeded, and tidy keeps it"));
        }
        if let Some(key) = fit.missing.iter().find(|key| !self.kept.contains(key)) {
            return Err(format!("{key:?} is called missing, and tidy does without"));
        }
        // of a go.mod that is not what tidy leaves, it may drop the requirement instead
        match fit.unbacked.iter().find(|key| !self.is_changed && !self.kept.contains(key)) {
            Some(key) => Err(format!("{key:?} is required, and tidy keeps no zip of it")),
            None => Ok(()),
        }
    }
}

fn keys(text: &[u8]) -> BTreeSet<Key> {
    GoSum::parse(text).lines.iter().map(|line| line.key().unwrap()).collect()
}
