//! Which versions their authors retracted: the go.mod of a module's latest version says so (spec 03 §6).

use std::collections::BTreeMap;
use std::sync::Mutex;

use gosum_evidence::compare::Comparison;
use gosum_evidence::rule::Retracted;
use gosum_evidence::subject::Subject;
use gosum_mod::file::go_mod::{GoMod, Retract};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::semver;
use gosum_mod::setting::private::TOOLCHAIN;

use crate::source::Source;
use crate::source::latest::Latest;

/// What was learned of retracted versions.
#[derive(Debug, Default)]
pub struct Retractions {
    /// Those that are retracted, in the order of go.sum.
    pub retracted: Vec<Retracted>,
    /// The modules of which it could not be told, each with the reason.
    pub untold: BTreeMap<ModulePath, String>,
}

/// Asks which versions are retracted whose zips are among `comparisons`, but for those that the user left out. Each module is
/// asked about once; of `sources`, the first tells that may be asked and can.
pub(crate) fn retractions(comparisons: &[Comparison], sources: &[&dyn Source]) -> Retractions {
    let mut modules: BTreeMap<ModulePath, Vec<ModuleVersion>> = BTreeMap::new();
    let is_asked = |comparison: &&Comparison| {
        // Go's own toolchains are no module that somebody writes a go.mod for
        let Comparison { subject, .. } = comparison;
        subject.artifact == Artifact::Zip
            && subject.module.path().as_str() != TOOLCHAIN
            && !comparison.left_out()
    };
    for Comparison { subject, .. } in comparisons.iter().filter(is_asked) {
        modules.entry(subject.module.path().clone()).or_default().push(subject.module.clone());
    }
    let (latest, mut untold) =
        latest(modules.values().map(|versions| versions[0].clone()).collect(), sources);
    let mut retracted = Vec::new();
    for (path, latest) in latest {
        match GoMod::parse_lax(&latest.go_mod) {
            Ok(go_mod) => {
                let of = |version| retraction(version, &latest, &go_mod.retract);
                retracted.extend(modules[&path].iter().filter_map(of));
            }
            Err(error) => {
                untold.insert(path, format!("the go.mod of {}: {error}", latest.name));
            }
        }
    }
    Retractions { retracted, untold }
}

/// Returns the latest version of each of `modules`, and of which it cannot be had.
fn latest(
    modules: Vec<ModuleVersion>,
    sources: &[&dyn Source],
) -> (BTreeMap<ModulePath, Latest>, BTreeMap<ModulePath, String>) {
    let (known, untold) = (Mutex::new(BTreeMap::new()), Mutex::new(BTreeMap::new()));
    let mut left = modules;
    for source in sources.iter().filter(|source| source.reads_latest()) {
        let is_asked = |module: &&ModuleVersion| {
            source.declines(&Subject::new((*module).clone(), Artifact::GoMod)).is_none()
        };
        let asked: Vec<ModuleVersion> = left.iter().filter(is_asked).cloned().collect();
        source.read_latest(&asked, &|path, latest| match latest {
            Ok(latest) => {
                known.lock().expect("no holder of the lock panics").insert(path.clone(), latest);
            }
            Err(why) => {
                // what the first says counts: the others are asked in its place
                let mut untold = untold.lock().expect("no holder of the lock panics");
                untold.entry(path.clone()).or_insert(why);
            }
        });
        let known = known.lock().expect("no holder of the lock panics");
        left.retain(|module| !known.contains_key(module.path()));
    }
    let (known, mut untold) = (
        known.into_inner().expect("no holder of the lock panics"),
        untold.into_inner().expect("no holder of the lock panics"),
    );
    untold.retain(|path, _| !known.contains_key(path));
    for module in left {
        untold.entry(module.path().clone()).or_insert_with(|| "nobody is asked about it".to_owned());
    }
    (known, untold)
}

/// Returns that `module` is retracted, if one of the statements of its `latest` version says so.
fn retraction(module: &ModuleVersion, latest: &Latest, statements: &[Retract]) -> Option<Retracted> {
    let version = module.version().as_str().as_bytes();
    let covers = |statement: &&Retract| {
        semver::compare(statement.low.as_bytes(), version).is_le()
            && semver::compare(version, statement.high.as_bytes()).is_le()
    };
    let mut covering = statements.iter().filter(covers).peekable();
    covering.peek()?;
    let rationale = covering.map(|statement| statement.rationale.clone());
    let rationale = rationale.filter(|text| !text.as_bytes().is_empty()).collect();
    Some(Retracted { module: module.clone(), by: latest.name.clone(), rationale })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retracted(version: &str, go_mod: &str) -> Option<Vec<String>> {
        let module = ModuleVersion::parse(&format!("example.com/a@{version}")).unwrap();
        let latest = Latest { name: "v1.9.0".into(), go_mod: go_mod.into() };
        let statements = GoMod::parse_lax(go_mod.as_bytes()).unwrap().retract;
        let found = retraction(&module, &latest, &statements)?;
        Some(found.rationale.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_version_in_an_interval_is_retracted_ends_included() {
        let go_mod = "module example.com/a\n\nretract [v1.2.0, v1.4.0] // both ends\nretract v1.3.0\n";
        for (version, found) in [
            ("v1.2.0", Some(vec!["both ends".to_owned()])),
            ("v1.3.0", Some(vec!["both ends".to_owned()])),
            ("v1.4.0", Some(vec!["both ends".to_owned()])),
            ("v1.2.0-rc.1", None),
            ("v1.4.1", None),
            ("v1.10.0", None),
        ] {
            assert_eq!(retracted(version, go_mod), found, "{version}");
        }
        assert_eq!(retracted("v1.3.0", "module example.com/a\nretract v1.3.0\n"), Some(Vec::new()));
    }
}
