//! Which module versions a cache has anything of.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gosum_mod::name::escape::{unescape_path, unescape_version};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::version::Version;

use super::about;

/// The ends of the files that the cache has of a version.
const ENDS: [&str; 6] = [".zip", ".ziphash", ".mod", ".info", ".partial", ".lock"];

/// How deep folders are looked into: module paths have fewer elements.
const MAX_DEPTH: usize = 100;

/// Returns all module versions of which the cache in `root` has something. What cannot be listed goes into `unread`.
pub(super) fn modules(root: &Path, unread: &mut Vec<(String, String)>) -> BTreeSet<ModuleVersion> {
    let mut modules = BTreeSet::new();
    let mut walk = Walk { unread, found: &mut modules };
    walk.downloads(&root.join("cache/download"), "", 0);
    walk.trees(root, "", 0);
    modules
}

struct Walk<'a> {
    unread: &'a mut Vec<(String, String)>,
    found: &'a mut BTreeSet<ModuleVersion>,
}

impl Walk<'_> {
    /// Looks into the folder at `path` of `cache/download`, which is the escaped module path `above`.
    fn downloads(&mut self, path: &Path, above: &str, depth: usize) {
        for (name, is_folder) in self.entries(path, depth) {
            match (&*name, is_folder) {
                ("@v", true) => self.versions(&path.join("@v"), above),
                // what is kept of checksum databases
                ("sumdb", true) if above.is_empty() => {}
                (_, true) => self.downloads(&path.join(&name), &joined(above, &name), depth + 1),
                (_, false) => {}
            }
        }
    }

    fn versions(&mut self, folder: &Path, escaped: &str) {
        for (name, is_folder) in self.entries(folder, 0) {
            let version = ENDS.iter().find_map(|end| name.strip_suffix(end));
            if let Some(version) = version.filter(|_| !is_folder) {
                self.add(&folder.join(&name), escaped, version);
            }
        }
    }

    /// Looks for unpacked modules in the folder at `path`, which is the escaped path `above`.
    fn trees(&mut self, path: &Path, above: &str, depth: usize) {
        for (name, is_folder) in self.entries(path, depth) {
            if !is_folder || above.is_empty() && name == "cache" {
                continue;
            }
            match name.split_once('@') {
                Some((last, version)) => self.add(&path.join(&name), &joined(above, last), version),
                None => self.trees(&path.join(&name), &joined(above, &name), depth + 1),
            }
        }
    }

    /// Adds the module version of these escaped names; what is none was not put there by the go command.
    fn add(&mut self, place: &Path, path: &str, version: &str) {
        let module = || {
            let path = unescape_path(path).ok()?;
            let version = Version::parse(unescape_version(version).ok()?).ok()?;
            ModuleVersion::new(path, version).ok()
        };
        match module() {
            Some(module) => drop(self.found.insert(module)),
            None => {
                let why = "its name is that of no module version: nothing to compare it with".to_owned();
                self.unread.push((place.display().to_string(), why));
            }
        }
    }

    /// Returns the names in a folder, and which of them are folders.
    fn entries(&mut self, path: &Path, depth: usize) -> Vec<(String, bool)> {
        let list = || -> std::io::Result<Vec<(String, bool)>> {
            if depth > MAX_DEPTH {
                return Err(std::io::Error::other("too many folders in one another"));
            }
            let mut entries = Vec::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                entries.push((name, entry.file_type()?.is_dir()));
            }
            entries.sort();
            Ok(entries)
        };
        match list() {
            Ok(entries) => entries,
            Err(error) if super::is_missing(&error) => Vec::new(),
            Err(error) => {
                self.unread.push((path.display().to_string(), about(path, &error)));
                Vec::new()
            }
        }
    }
}

fn joined(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }
}
