//! Which module versions the project requires, and in which line of which go.mod.

use std::collections::BTreeMap;
use std::path::Path;

use gosum_evidence::rule::SumFile;
use gosum_evidence::subject::Location;
use gosum_mod::file::go_version::compare;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::ModulePath;
use gosum_mod::zip::limits::MAX_GO_MOD;

use crate::session::Session;

/// From this version on go.mod lists all that a build needs, in the versions that are selected.
const LISTS_ALL: &str = "1.17";

/// Returns what the go.mod files beside the go.sum `files` require. One that is not there requires nothing; one that cannot be
/// read is told, as no line can be missed for it.
pub(super) fn of(session: &Session, files: &[SumFile]) -> BTreeMap<ModuleVersion, Location> {
    let mut required = BTreeMap::new();
    for file in files {
        let go_mod = Path::new(&*file.name).with_extension("mod");
        if !session.path(&go_mod).is_file() {
            continue;
        }
        let shown = go_mod.display().to_string();
        let text = session.read_file(&go_mod, MAX_GO_MOD);
        let parsed = text.and_then(|text| Ok(MainMod::parse(&text)?));
        match parsed {
            Ok(parsed) => add(&parsed, &shown, &mut required),
            Err(error) => session.warn(format!("what {shown} requires is not known: {error:#}")),
        }
    }
    required
}

fn add(file: &MainMod, name: &str, required: &mut BTreeMap<ModuleVersion, Location>) {
    let lists_all = file.go_mod.go.as_deref().is_some_and(|go| compare(go, LISTS_ALL).is_ge());
    if !lists_all {
        return;
    }
    for require in &file.go_mod.require {
        let is_excluded = file
            .exclude
            .iter()
            .any(|exclude| exclude.path == require.path && exclude.version == require.version);
        let is_replaced = file.replace.iter().any(|replace| {
            replace.path == require.path
                && replace.version.as_ref().is_none_or(|version| *version == require.version)
        });
        if is_replaced || is_excluded {
            continue;
        }
        let module = ModulePath::parse(&require.path).ok();
        let module = module.and_then(|path| ModuleVersion::new(path, require.version.clone()).ok());
        if let Some(module) = module {
            let at = Location { file: name.into(), line: require.line };
            required.entry(module).or_insert(at);
        }
    }
}
