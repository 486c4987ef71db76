//! modules.txt held against go.mod and go.work, as the go command does before it builds from a vendor folder; and more strictly:
//! what it would pass over is told.

use std::sync::Arc;

use gosum_evidence::subject::Location;
use gosum_mod::file::go_version::compare;
use gosum_mod::file::modules_txt::{ModulesTxt, Vendored};
use gosum_mod::file::replace::{Replace, Target};
use gosum_mod::name::text::Text;

use super::VendorRequest;

/// What stands in for a module: a path, and a version unless it is a folder.
type Stand = (Text, Option<Text>);

/// Adds what contradicts to `faults`.
pub(super) fn check(
    request: &VendorRequest,
    list: &ModulesTxt,
    named: &Arc<str>,
    faults: &mut Vec<(Location, String)>,
) {
    let at = |line| Location { file: named.clone(), line };
    faults.extend(
        list.odd.iter().map(|line| (at(*line), "this line says nothing to the go command".to_owned())),
    );
    if list.is_workspace != request.work.is_some() {
        let what = match list.is_workspace {
            true => "it is that of a workspace, and there is no go.work",
            false => "it is that of a module alone, and there is a go.work",
        };
        faults.push((at(1), what.to_owned()));
        return;
    }
    // before that, marks were not written, nor are they where go.mod says no version
    let go = request.mains.first().and_then(|(_, main)| main.go_mod.go.as_deref());
    let marks = request.work.is_some() || go.is_some_and(|go| compare(go, "1.14").is_ge());
    requirements(request, list, marks, &at, faults);
    replacements(request, list, marks, &at, faults);
}

fn requirements(
    request: &VendorRequest,
    list: &ModulesTxt,
    marks: bool,
    at: &dyn Fn(usize) -> Location,
    faults: &mut Vec<(Location, String)>,
) {
    let requires = || {
        request
            .mains
            .iter()
            .flat_map(|(name, main)| main.go_mod.require.iter().map(move |require| (name, require)))
    };
    for (name, require) in requires() {
        let of_path = || list.modules.iter().filter(|module| module.path == require.path);
        let is_it = |module: &&Vendored| {
            module.version.as_ref().is_some_and(|version| is_version(version, require.version.as_str()))
        };
        let listed = of_path().find(is_it);
        let what = match (listed, of_path().find(|module| !module.packages.is_empty())) {
            (Some(module), _) if !marks || module.explicit => continue,
            (Some(_), _) => "modules.txt does not mark it as explicit".to_owned(),
            (None, Some(other)) => {
                let version = other.version.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("modules.txt has {version} of it")
            }
            (None, None) if !marks => continue,
            (None, None) => "modules.txt does not have it".to_owned(),
        };
        let place = Location { file: name.as_str().into(), line: require.line };
        faults.push((place, format!("{} {} is required, and {what}", require.path, require.version)));
    }
    for module in list.modules.iter().filter(|module| module.explicit) {
        let is_required = requires().any(|(_, require)| {
            require.path == module.path
                && module
                    .version
                    .as_ref()
                    .is_some_and(|version| is_version(version, require.version.as_str()))
        });
        if !is_required {
            let what = format!("{} is marked as explicit, and no go.mod requires it so", shown(module));
            faults.push((at(module.line), what));
        }
    }
}

fn replacements(
    request: &VendorRequest,
    list: &ModulesTxt,
    marks: bool,
    at: &dyn Fn(usize) -> Location,
    faults: &mut Vec<(Location, String)>,
) {
    // those of go.work come before those of its modules
    let of_work =
        request.work.iter().flat_map(|(name, work)| work.replace.iter().map(move |replace| (name, replace)));
    let of_mains =
        request.mains.iter().flat_map(|(name, main)| main.replace.iter().map(move |replace| (name, replace)));
    let all: Vec<(&String, &Replace)> = of_work.chain(of_mains).collect();
    let says = if request.work.is_some() { "the workspace says" } else { "go.mod says" };
    for module in &list.modules {
        let expected = effective(&all, module);
        if expected != module.replacement {
            let what = format!(
                "{} is marked as {}, and {says} {}",
                shown(module),
                stand(module.replacement.as_ref()),
                stand(expected.as_ref())
            );
            faults.push((at(module.line), what));
        }
    }
    for (name, replace) in all.iter().filter(|_| marks) {
        let is_it = |module: &&Vendored| {
            module.path == replace.path
                && match (&module.version, &replace.version) {
                    (Some(listed), Some(version)) => is_version(listed, version.as_str()),
                    (None, None) => true,
                    _ => false,
                }
        };
        let is_main = request
            .mains
            .iter()
            .any(|(_, main)| main.go_mod.module.as_ref().is_some_and(|module| module.path == replace.path));
        if !is_main && !list.modules.iter().any(|module| is_it(&module)) {
            let place = Location { file: name.as_str().into(), line: replace.line };
            faults.push((place, format!("{} is replaced, and modules.txt does not say so", replace.path)));
        }
    }
}

/// Returns what stands in for a module of modules.txt by what go.mod and go.work say: a replacement of its version comes before
/// one of all versions.
fn effective(all: &[(&String, &Replace)], module: &Vendored) -> Option<Stand> {
    let of_path = || all.iter().map(|(_, replace)| replace).filter(|replace| replace.path == module.path);
    let exact = of_path().find(|replace| match (&replace.version, &module.version) {
        (Some(version), Some(listed)) => is_version(listed, version.as_str()),
        _ => false,
    });
    let replace = exact.or_else(|| of_path().find(|replace| replace.version.is_none()))?;
    Some(match &replace.target {
        Target::Module { path, version } => (path.clone(), Some(version.as_str().into())),
        Target::Directory(path) => (path.clone(), None),
    })
}

fn is_version(listed: &Text, version: &str) -> bool {
    listed.as_bytes() == version.as_bytes()
}

fn shown(module: &Vendored) -> String {
    match &module.version {
        Some(version) => format!("{}@{version}", module.path),
        None => module.path.to_string(),
    }
}

fn stand(stand: Option<&Stand>) -> String {
    match stand {
        None => "not replaced".to_owned(),
        Some((path, None)) => format!("replaced by {path}"),
        Some((path, Some(version))) => format!("replaced by {path}@{version}"),
    }
}
