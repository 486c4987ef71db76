//! Which go.sum lines a module graph needs (spec 03 §2).

use std::collections::BTreeSet;

use super::graph::{Build, Graph, MainModule, Node};
use super::replacement::GoModKey;
use crate::file::main_mod::MainMod;
use crate::name::id::{Artifact, ModuleVersion};

impl<E> Graph<E> {
    /// Returns what the `/go.mod` lines are of that the used graph needs. Where a version is replaced, that is the
    /// replacement; directories have no line.
    pub fn go_mod_sums(&self) -> BTreeSet<ModuleVersion> {
        self.used().into_iter().filter_map(|node| self.line_of(node)).collect()
    }

    /// Returns the modules that `go mod download` without arguments downloads, under the names that their zips have.
    ///
    /// These are the modules that a main module of Go 1.17 or later lists itself, each at its selected version. For an
    /// earlier one, and in a workspace, it is the whole build list. A main module without a go statement counts as one of
    /// Go 1.16 everywhere but here, where Go writes a go statement of its own version first.
    pub fn downloads(&self) -> BTreeSet<ModuleVersion> {
        let nodes: Vec<&Node> = match &self.build {
            Build::Module(MainModule { file: MainMod { go_mod, .. }, .. })
                if go_mod.go.is_none() || go_mod.is_pruned() =>
            {
                let listed = go_mod.require.iter();
                listed.filter_map(|require| self.selected(&require.path)).collect()
            }
            _ => self.build_list().collect(),
        };
        nodes.into_iter().filter_map(|node| self.line_of(node)).collect()
    }

    /// Returns what `go mod download` without arguments checks: the zip and the go.mod file of each module that it
    /// downloads, and the go.mod files of the used graph. In the order of go.sum.
    ///
    /// In a single module it adds to go.sum no line for a zip, and in a workspace none that a main module's go.sum has.
    pub fn download_sums(&self) -> BTreeSet<(ModuleVersion, Artifact)> {
        let downloads = self.downloads();
        let go_mods = self.go_mod_sums().into_iter().chain(downloads.iter().cloned());
        let go_mods: BTreeSet<_> = go_mods.map(|module| (module, Artifact::GoMod)).collect();
        downloads.into_iter().map(|module| (module, Artifact::Zip)).chain(go_mods).collect()
    }

    /// Returns the modules that are selected, under the names that their zips have.
    pub(super) fn selected_modules(&self) -> BTreeSet<ModuleVersion> {
        self.build_list().filter_map(|node| self.line_of(node)).collect()
    }

    /// Returns the modules that a single main module requires by itself since it imports packages of them, under the names that
    /// their zips have: those that are not marked `// indirect`; of a module of Go 1.17 or later all that it lists.
    pub(super) fn required_zips(&self) -> BTreeSet<ModuleVersion> {
        let Build::Module(MainModule { file: MainMod { go_mod, .. }, .. }) = &self.build else {
            return BTreeSet::new();
        };
        let listed = go_mod.require.iter().filter(|require| go_mod.is_pruned() || !require.indirect);
        let selected = listed.filter_map(|require| self.selected(&require.path));
        selected.filter_map(|node| self.line_of(node)).collect()
    }

    fn line_of(&self, node: &Node) -> Option<ModuleVersion> {
        match self.go_mod_key(node)? {
            GoModKey::Module(module) => Some(module),
            GoModKey::Directory(_) => None,
        }
    }
}
