//! Which module versions the project requires, and in which line of which go.mod.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use gosum_evidence::rule::SumFile;
use gosum_evidence::subject::Location;
use gosum_mod::file::go_version::compare;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::file::replace::Replace;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::text::Text;
use gosum_mod::zip::limits::MAX_GO_MOD;

use super::super::layout::{Layout, folder_of, read_work, to_path};
use crate::session::Session;

/// From this version on go.mod lists all that a build needs, in the versions that are selected.
const LISTS_ALL: &str = "1.17";

/// Returns what the go.mod files beside the go.sum `files` require, and no replacement of theirs or of their workspace stands
/// for. One that is not there requires nothing; one that cannot be read is told, as no line can be missed for it.
pub(super) fn of(session: &Session, files: &[SumFile]) -> BTreeMap<ModuleVersion, Location> {
    let mut required = BTreeMap::new();
    let mut workspaces = BTreeMap::new();
    for file in files {
        let go_mod = Path::new(&*file.name).with_extension("mod");
        if !session.path(&go_mod).is_file() {
            continue;
        }
        let parsed = read(session, &go_mod).and_then(|parsed| {
            let layout = Layout::of(session)?;
            let work = match layout.workspace_of(session, folder_of(&go_mod))? {
                None => &Standing::default(),
                Some(go_work) => match workspaces.entry(go_work) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => {
                        let standing = Standing::of(session, entry.key())?;
                        entry.insert(standing)
                    }
                },
            };
            add(&parsed, &go_mod.display().to_string(), work, &mut required);
            Ok(())
        });
        if let Err(error) = parsed {
            session.warn(format!("what {} requires is not known: {error:#}", go_mod.display()));
        }
    }
    required
}

fn read(session: &Session, go_mod: &Path) -> anyhow::Result<MainMod> {
    Ok(MainMod::parse(&session.read_file(go_mod, MAX_GO_MOD)?)?)
}

/// What stands for required modules in a workspace.
#[derive(Default)]
struct Standing {
    /// The modules of the workspace.
    mains: BTreeSet<Text>,
    /// What its go.work and their go.mod files replace.
    replace: Vec<Replace>,
}

impl Standing {
    fn of(session: &Session, go_work: &Path) -> anyhow::Result<Standing> {
        let work = read_work(session, go_work)?;
        let mut standing = Standing { mains: BTreeSet::new(), replace: work.replace };
        for used in &work.uses {
            let go_mod = folder_of(go_work).join(to_path(&used.directory)).join("go.mod");
            let main = read(session, &go_mod).with_context(|| go_mod.display().to_string())?;
            standing.mains.extend(main.go_mod.module.map(|module| module.path));
            standing.replace.extend(main.replace);
        }
        Ok(standing)
    }
}

fn add(file: &MainMod, name: &str, work: &Standing, required: &mut BTreeMap<ModuleVersion, Location>) {
    let lists_all = file.go_mod.go.as_deref().is_some_and(|go| compare(go, LISTS_ALL).is_ge());
    if !lists_all {
        return;
    }
    for require in &file.go_mod.require {
        let is_excluded = file
            .exclude
            .iter()
            .any(|exclude| exclude.path == require.path && exclude.version == require.version);
        let is_replaced = file.replace.iter().chain(&work.replace).any(|replace| {
            replace.path == require.path
                && replace.version.as_ref().is_none_or(|version| *version == require.version)
        });
        if is_replaced || is_excluded || work.mains.contains(&require.path) {
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
