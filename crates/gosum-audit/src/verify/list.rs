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

/// What an entry of a folder is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Folder,
    Link,
    Other,
}

struct Walk<'a> {
    unread: &'a mut Vec<(String, String)>,
    found: &'a mut BTreeSet<ModuleVersion>,
}

impl Walk<'_> {
    /// Looks into the folder at `path` of `cache/download`, which is the escaped module path `above`.
    fn downloads(&mut self, path: &Path, above: &str, depth: usize) {
        for (name, kind) in self.entries(path, depth) {
            match (&*name, kind) {
                (_, Kind::Link) => self.link(&path.join(&name)),
                ("@v", Kind::Folder) => self.versions(&path.join("@v"), above),
                // what is kept of checksum databases
                ("sumdb", Kind::Folder) if above.is_empty() => {}
                (_, Kind::Folder) => {
                    self.downloads(&path.join(&name), &joined(above, &name), depth + 1);
                }
                (_, Kind::Other) => {}
            }
        }
    }

    fn versions(&mut self, folder: &Path, escaped: &str) {
        for (name, kind) in self.entries(folder, 0) {
            let version = ENDS.iter().find_map(|end| name.strip_suffix(end));
            if let Some(version) = version.filter(|_| kind != Kind::Folder) {
                self.add(&folder.join(&name), escaped, version);
            }
        }
    }

    /// Looks for unpacked modules in the folder at `path`, which is the escaped path `above`.
    fn trees(&mut self, path: &Path, above: &str, depth: usize) {
        for (name, kind) in self.entries(path, depth) {
            match kind {
                Kind::Link => self.link(&path.join(&name)),
                Kind::Other => {}
                Kind::Folder if above.is_empty() && name == "cache" => {}
                Kind::Folder => self.tree(path, above, &name, depth),
            }
        }
    }

    fn tree(&mut self, path: &Path, above: &str, name: &str, depth: usize) {
        match name.split_once('@') {
            Some((last, version)) => self.add(&path.join(name), &joined(above, last), version),
            None => self.trees(&path.join(name), &joined(above, name), depth + 1),
        }
    }

    /// Tells a link, which the go command does not make: what is behind it may be anywhere, or the folder itself.
    fn link(&mut self, place: &Path) {
        let why = "a link: what is behind it was not looked at".to_owned();
        self.unread.push((place.display().to_string(), why));
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

    /// Returns the names in a folder, and what they are of.
    fn entries(&mut self, path: &Path, depth: usize) -> Vec<(String, Kind)> {
        let list = || -> std::io::Result<Vec<(String, Kind)>> {
            if depth > MAX_DEPTH {
                return Err(std::io::Error::other("too many folders in one another"));
            }
            let mut entries = Vec::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let kind = match entry.file_type()? {
                    kind if kind.is_dir() => Kind::Folder,
                    kind if kind.is_symlink() => Kind::Link,
                    _ => Kind::Other,
                };
                entries.push((name, kind));
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
