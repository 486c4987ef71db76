//! The report on what is on this machine.

use std::collections::BTreeMap;

use gosum_mod::name::id::ModuleVersion;
use serde::Serialize;

use super::{Cached, CachedToolchain, Disk, FileChange, Found, ToolchainState, VendorFolder};
use crate::finding::{Finding, Level};
use crate::policy::Policy;
use crate::report::SCHEMA;
use crate::rule::{self, Case, SumFile};
use crate::verdict::Verdict;

/// What is on this machine, judged.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiskReport {
    /// The number of the form.
    pub schema: u32,
    /// The version of gosum.
    pub gosum: &'static str,
    /// The verdict on the whole.
    pub verdict: Verdict,
    /// Whether the run came to its end.
    pub complete: bool,
    /// The module cache.
    pub cache: String,
    /// How much was looked at.
    pub counts: DiskCounts,
    /// The toolchains that the project selects, and those that the cache has, where all of it is looked at.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<super::form::ToolchainForm<'static>>"))]
    pub toolchains: Vec<CachedToolchain>,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// Findings of this level and above fail the run.
    pub fail_on: Level,
    /// What could not be told.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<super::form::UntoldForm<'static>>"))]
    pub untold: Vec<Untold>,
    /// Of folders whose files are not those of the zip, all that differ.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<super::form::FolderChangeForm<'static>>"))]
    pub files: Vec<FolderChange>,
}

/// A file of an unpacked module that is not as it is in the zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderChange {
    /// The folder, below the cache's.
    pub folder: String,
    /// The file.
    pub change: FileChange,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiskCounts {
    /// Module versions that go.sum has, or the cache where all of it is looked at; toolchains only those that the cache has.
    pub modules: usize,
    /// Zips that were hashed, without those of toolchains.
    pub zips: usize,
    /// Of them, those that were held against a line of go.sum.
    pub zips_recorded: usize,
    /// Folders of unpacked files that were compared, without those of toolchains.
    pub trees: usize,
    /// go.mod files that were hashed.
    pub go_mods: usize,
    /// Of them, those that were held against a line of go.sum.
    pub go_mods_recorded: usize,
    /// Tiles of checksum databases that were looked at.
    pub tiles: usize,
    /// Records of checksum databases that were proven by the tiles and a signed head.
    pub records: usize,
    /// Files of vendor folders that were compared with those of their modules.
    pub vendored: usize,
    /// Modules of vendor folders that a folder replaces: their files are compared with nothing.
    pub vendored_uncompared: usize,
    /// Module versions whose zip go.sum records and the cache does not have, and neither the unpacked files.
    pub zips_absent: usize,
    /// Module versions whose go.mod go.sum records and the cache does not have.
    pub go_mods_absent: usize,
    /// What could not be told.
    pub untold: usize,
}

/// Something that could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// The module version, where it is about one.
    pub module: Option<ModuleVersion>,
    /// The file or folder.
    pub place: String,
    /// Why.
    pub reason: String,
}

impl DiskReport {
    /// Returns what `disk` comes to beside the go.sum `files`, under `policy`. `gosum` is the version to name.
    pub fn new(gosum: &'static str, files: &[SumFile], disk: &Disk, policy: &Policy) -> DiskReport {
        let case = Case { files, disk: Some(disk), ..Case::default() };
        let mut findings = rule::check(&case);
        findings.retain_mut(|finding| match policy.level(finding) {
            Some(level) => {
                finding.level = level;
                true
            }
            None => false,
        });
        let untold = untold(disk);
        let denied = findings.iter().any(|finding| finding.level >= policy.fail_on);
        let verdict = match (denied, untold.is_empty()) {
            (true, _) => Verdict::Mismatch,
            (false, false) => Verdict::Unverified,
            (false, true) => Verdict::Verified,
        };
        DiskReport {
            schema: SCHEMA,
            gosum,
            verdict,
            complete: true,
            cache: disk.cache.clone(),
            counts: counts(disk, untold.len()),
            toolchains: toolchains(disk),
            findings,
            fail_on: policy.fail_on,
            untold,
            files: changes(disk),
        }
    }

    /// Returns the findings by how much they weigh, how many each.
    pub fn by_level(&self) -> BTreeMap<Level, usize> {
        let mut levels = BTreeMap::new();
        self.findings.iter().for_each(|finding| *levels.entry(finding.level).or_default() += 1);
        levels
    }
}

fn counts(disk: &Disk, untold: usize) -> DiskCounts {
    let count = |is_it: &dyn Fn(&Cached) -> bool| disk.cached.iter().filter(|cached| is_it(cached)).count();
    let count_modules =
        |is_it: &dyn Fn(&Cached) -> bool| count(&|cached| !cached.is_toolchain() && is_it(cached));
    let vendored = || disk.vendors.iter().flat_map(|vendor| &vendor.modules);
    DiskCounts {
        modules: count(&|cached| !cached.is_toolchain() || !cached.is_absent()),
        zips: count_modules(&|cached| cached.zip_h1().is_some()),
        zips_recorded: count(&|cached| cached.zip_h1().is_some() && cached.zip_line.is_some()),
        trees: count_modules(&|cached| cached.tree.get().is_some()),
        go_mods: count(&|cached| cached.go_mod.get().is_some()),
        go_mods_recorded: count(&|cached| cached.go_mod.get().is_some() && cached.go_mod_line.is_some()),
        tiles: disk.logs.iter().map(|log| log.tiles).sum(),
        records: disk.logs.iter().map(|log| log.proven).sum(),
        vendored: vendored().filter_map(|module| module.compared.as_ref().ok()).sum(),
        vendored_uncompared: disk.vendors.iter().map(|vendor| vendor.replaced_by_folders).sum(),
        zips_absent: count(&|cached| {
            cached.zip_line.is_some() && cached.zip.is_missing() && cached.tree.is_missing()
        }),
        go_mods_absent: count(&|cached| cached.go_mod_line.is_some() && cached.go_mod.is_missing()),
        untold,
    }
}

fn toolchains(disk: &Disk) -> Vec<CachedToolchain> {
    let toolchains = disk.cached.iter().filter(|cached| cached.is_toolchain());
    let of = |cached: &Cached| CachedToolchain {
        module: cached.module.clone(),
        at: cached.selected_at.clone().unwrap_or_default(),
        state: cached.toolchain(),
    };
    toolchains.map(of).collect()
}

/// Returns all that could not be told.
fn untold(disk: &Disk) -> Vec<Untold> {
    let mut all: Vec<Untold> = disk.cached.iter().flat_map(untold_of).collect();
    let of_logs = disk.logs.iter().flat_map(|log| &log.untold);
    let of_vendors = disk.vendors.iter().flat_map(|vendor| &vendor.untold);
    let others = of_logs.chain(of_vendors).chain(&disk.unread).cloned();
    all.extend(others.map(|(place, reason)| Untold { module: None, place, reason }));
    for vendor in &disk.vendors {
        let untold = vendor.modules.iter().filter_map(|module| {
            let (place, reason) = (vendor.folder.clone(), module.compared.clone().err()?);
            Some(Untold { module: Some(module.module.clone()), place, reason })
        });
        all.extend(untold);
    }
    let mut modules = disk.cached.iter().filter(|cached| !cached.is_toolchain()).peekable();
    let has_modules = modules.peek().is_some();
    let nothing = modules
        .all(|cached| cached.zip.is_missing() && cached.tree.is_missing() && cached.go_mod.is_missing());
    if has_modules && nothing && disk.vendors.is_empty() && all.is_empty() {
        let reason = "the cache has none of the modules: nothing was verified".to_owned();
        all.push(Untold { module: None, place: disk.cache.clone(), reason });
    }
    all
}

fn untold_of(cached: &Cached) -> Vec<Untold> {
    let untold =
        |place: String, reason: String| Untold { module: Some(cached.module.clone()), place, reason };
    if cached.is_busy {
        let reason = "another process holds its lock, and may be changing what is here".to_owned();
        return vec![untold(cached.file("lock"), reason)];
    }
    let mut all = Vec::new();
    let mut add = |place: String, why: Option<&str>| {
        all.extend(why.map(|why| untold(place, why.to_owned())));
    };
    add(cached.file("zip"), cached.zip.why_unread());
    add(cached.file("ziphash"), cached.ziphash.why_unread());
    add(cached.folder(), cached.tree.why_unread());
    add(cached.file("mod"), cached.go_mod.why_unread());
    add(cached.file("info"), cached.info.why_unread());
    match cached.is_toolchain() {
        false => add(cached.record_file(), cached.record.why_unread()),
        // of what is damaged, that is to be said
        true if cached.toolchain() == ToolchainState::Untold => {
            let why = cached.proven().err();
            add(cached.file("zip"), why.as_deref());
        }
        true => {}
    }
    if let Found::Is(tree) = &cached.tree {
        // a folder that differs from its zip is a finding, whatever it hashes to
        let is_alone = tree.changes.is_none();
        match &tree.h1 {
            Some(Err(why)) if is_alone => add(cached.folder(), Some(why)),
            Some(Ok(_)) if is_alone && cached.zip_reference().is_none() && !cached.is_toolchain() => {
                add(
                    cached.folder(),
                    Some("neither a zip nor a hash that was recorded is there to compare with"),
                );
            }
            _ => {}
        }
    }
    all
}

fn changes(disk: &Disk) -> Vec<FolderChange> {
    let of = |cached: &Cached| {
        let tree = cached.tree.get().and_then(|tree| tree.changes.clone());
        let folder = cached.folder();
        let change = move |change| FolderChange { folder: folder.clone(), change };
        tree.unwrap_or_default().into_iter().map(change).collect::<Vec<_>>()
    };
    let of_vendor = |vendor: &VendorFolder| {
        let changes = vendor.modules.iter().flat_map(|module| &module.changes).chain(&vendor.strays);
        let change =
            |change: &FileChange| FolderChange { folder: vendor.folder.clone(), change: change.clone() };
        changes.map(change).collect::<Vec<_>>()
    };
    disk.cached.iter().flat_map(of).chain(disk.vendors.iter().flat_map(of_vendor)).collect()
}
