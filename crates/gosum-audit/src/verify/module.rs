//! One module version in the cache.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use gosum_evidence::disk::{Cached, CachedTree, ChangeKind, Disk, FileChange, Found, ZipHash};
use gosum_evidence::rule::{self, Case};
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::limits::{MAX_GO_MOD, read_bounded};
use gosum_mod::zip::tree::tree_h1;

use super::tree::Listing;
use super::{found, info, is_missing, zip};
use crate::chain;
use crate::copy::folder::Folder;
use crate::regular;

/// The largest `.info` and `.ziphash` that are read.
const MAX_INFO: u64 = 64 << 10;
const MAX_ZIPHASH: u64 = 4 << 10;

/// How many characters an h1 has.
const H1_LEN: usize = 47;

/// A module cache, and the names of the files beside its zips.
pub(super) struct Cache {
    root: PathBuf,
    /// By escaped module path, the names in its folder; why they cannot be listed.
    names: HashMap<String, Result<Vec<String>, String>>,
}

impl Cache {
    /// Returns the cache in `root`, of which `modules` will be looked at.
    pub(super) fn new<'m>(root: PathBuf, modules: impl Iterator<Item = &'m ModuleVersion>) -> Cache {
        let mut names = HashMap::new();
        for module in modules {
            let path = module.path().escaped();
            let folder = root.join("cache/download").join(&path).join("@v");
            names.entry(path).or_insert_with(|| names_in(&folder));
        }
        Cache { root, names }
    }

    /// Returns what the cache has of the module version of `wanted`, which has what go.sum and the like say of it.
    pub(super) fn examine(&self, wanted: Cached) -> Cached {
        let module = wanted.module.clone();
        let names = self.names.get(&module.path().escaped());
        let names = match names {
            Some(Ok(names)) => names.clone(),
            _ => Vec::new(),
        };
        let cached = self.look(wanted.clone(), &names);
        if !is_suspicious(&cached) {
            return cached;
        }
        // somebody may be at work on it, or have been a moment ago
        if self.is_locked(&wanted) {
            return Cached { is_busy: true, ..cached };
        }
        let folder = self.root.join("cache/download").join(module.path().escaped()).join("@v");
        match names_in(&folder) {
            Ok(names) => self.look(wanted, &names),
            Err(why) => Cached { info: Found::Unread(why), ..self.look(wanted, &names) },
        }
    }

    fn look(&self, mut cached: Cached, names: &[String]) -> Cached {
        let [zip, ziphash_file, go_mod, info] =
            ["zip", "ziphash", "mod", "info"].map(|extension| self.root.join(cached.file(extension)));
        let folder = self.root.join(cached.folder());
        let is_partial = names.contains(&format!("{}.partial", cached.module.version().escaped()));
        let listing = match is_partial {
            true => Found::Missing,
            false => Listing::of(&folder),
        };
        let looked = zip::examine(&zip, &cached.module, &folder, listing.get());
        let tree = tree_of(&cached, listing, looked.compared, &folder);
        cached.ziphash = ziphash(&ziphash_file);
        cached.go_mod = found(&go_mod, read(&go_mod, MAX_GO_MOD).map(|text| go_mod_h1(&text)));
        cached.info = found(&info, read(&info, MAX_INFO).map(|text| info::faults(&text, &cached.module)));
        cached.zip = looked.zip;
        cached.tree = tree;
        cached.leftovers = leftovers(&cached, names);
        cached
    }

    /// Returns whether another process holds the lock of the module version.
    fn is_locked(&self, cached: &Cached) -> bool {
        let Ok(lock) = regular::open(&self.root.join(cached.file("lock"))) else { return false };
        // held shared, for no longer than it takes to ask
        matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

/// Returns what there is of the unpacked files, which `compared` says of the zip's.
fn tree_of(
    cached: &Cached,
    listing: Found<Listing>,
    compared: Option<Result<Vec<FileChange>, String>>,
    folder: &Path,
) -> Found<CachedTree> {
    let listing = match listing {
        Found::Is(listing) => listing,
        Found::Missing => return Found::Missing,
        Found::Unread(why) => return Found::Unread(why),
    };
    let h1 =
        || Some(tree_h1(&Folder::unpacked(folder.to_owned(), &cached.module), &cached.module.to_string()));
    let h1 = || -> Option<Result<H1, String>> { h1().map(|h1| h1.map_err(|error| chain(&error))) };
    match compared {
        _ if listing.is_link => {
            let link = FileChange { file: ".".into(), kind: ChangeKind::Link };
            Found::Is(CachedTree { changes: Some(vec![link]), h1: h1() })
        }
        Some(Err(why)) => Found::Unread(why),
        Some(Ok(changes)) if changes.is_empty() => Found::Is(CachedTree { changes: Some(changes), h1: None }),
        Some(Ok(changes)) => Found::Is(CachedTree { changes: Some(changes), h1: h1() }),
        None => Found::Is(CachedTree { changes: None, h1: h1() }),
    }
}

/// Returns whether something is wrong that a second look may see otherwise. What only a zip itself has stays as it is.
fn is_suspicious(cached: &Cached) -> bool {
    let lasting = ["cached-zip-irregular", "cached-zip-invalid", "go-sum-lacks-line"];
    let disk = Disk { cached: vec![cached.clone()], ..Disk::default() };
    let found = rule::check(&Case { disk: Some(&disk), ..Case::default() });
    found.iter().any(|finding| !lasting.contains(&finding.code))
        || cached.zip.why_unread().is_some()
        || cached.tree.why_unread().is_some()
        || cached.go_mod.why_unread().is_some()
        || cached.info.why_unread().is_some()
        || cached.ziphash.why_unread().is_some()
}

fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut file = regular::open(path)?;
    // to read a pipe would wait for its other end
    match file.metadata()?.is_file() {
        true => read_bounded(&mut file, max),
        false => Err(io::Error::other("not a file")),
    }
}

fn ziphash(path: &Path) -> Found<ZipHash> {
    let text = found(path, read(path, MAX_ZIPHASH));
    let text = match text {
        Found::Is(text) => text,
        Found::Missing => return Found::Missing,
        Found::Unread(why) => return Found::Unread(why),
    };
    Found::Is(match H1::parse(&text) {
        Ok(h1) => ZipHash::H1(h1),
        Err(_) if text.is_empty() => ZipHash::Other("it is empty".to_owned()),
        Err(_) if text.len() != H1_LEN => ZipHash::Other(format!("it has {} bytes", text.len())),
        Err(error) => ZipHash::Other(error.to_string()),
    })
}

/// Returns what is left of a download or an unpacking of the version, among the `names` in its folder.
fn leftovers(cached: &Cached, names: &[String]) -> Vec<String> {
    let version = cached.module.version().escaped();
    let is_left = |name: &&String| {
        let Some(rest) = name.strip_prefix(&version) else { return false };
        rest == ".partial" || rest.starts_with('.') && rest.ends_with(".tmp")
    };
    let mut left: Vec<String> = names.iter().filter(is_left).cloned().collect();
    match (cached.zip.is_missing(), cached.ziphash.is_missing()) {
        (true, false) => left.push("a ziphash without its zip".to_owned()),
        (false, true) => left.push("a zip without its ziphash".to_owned()),
        _ => {}
    }
    left
}

/// Returns the names in `folder`; none where it is not there.
fn names_in(folder: &Path) -> Result<Vec<String>, String> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_missing(&error) => return Ok(Vec::new()),
        Err(error) => return Err(super::about(folder, &error)),
    };
    let mut names = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| super::about(folder, &error))?;
        // a name that is not Unicode is no version's
        if let Ok(name) = entry.file_name().into_string() {
            names.insert(name, ());
        }
    }
    Ok(names.into_keys().collect())
}
