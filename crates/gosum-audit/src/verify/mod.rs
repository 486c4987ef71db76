//! What is on this machine, held against go.sum: the module cache's zips, hashed anew, the files that were unpacked from
//! them, and what else the cache keeps of each version. Nobody is asked but those that are named, and nothing is written.
//!
//! Each zip is read once: an entry is inflated, hashed and compared with the file that was unpacked from it while it is at
//! hand. What looks wrong is looked at twice: a go command may be at work in the cache.
//!
//! A toolchain is in no go.sum: it is held against what the cache has of the checksum database, if that is proven, else against
//! the database itself, where it may be asked (spec 01 §8).

mod info;
mod list;
mod log;
mod module;
mod tiles;
pub(crate) mod tree;
mod vendor;
mod zip;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::path::{Path, PathBuf};

use gosum_evidence::compare::Comparison;
use gosum_evidence::disk::{Cached, CachedRecord, Disk, Found, Recorded};
use gosum_evidence::evidence::{Answer, SourceName};
use gosum_evidence::rule::SumFile;
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::setting::private::TOOLCHAIN;
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};

use self::module::Cache;
use crate::gather::Progress;
use crate::lint;
use crate::plan::{Toolchain, by_subject, recorded};
use crate::source::Source;
use crate::vendor::{Reference, VendorRequest};

/// What is to be verified.
pub struct Request<'a> {
    /// The module cache.
    pub cache: PathBuf,
    /// The go.sum files.
    pub files: &'a [SumFile],
    /// Module versions that are required, and where.
    pub required: BTreeMap<ModuleVersion, Location>,
    /// The toolchains that are selected.
    pub toolchains: Vec<Toolchain>,
    /// Whether all that the cache has is looked at.
    pub all: bool,
    /// The vendor folders.
    pub vendors: Vec<VendorRequest>,
    /// Who has the zips that vendored files are held against, those that are asked first before the others.
    pub references: Vec<Reference<'a>>,
    /// The checksum database, where it may be asked about toolchains.
    pub database: Option<&'a dyn Source>,
    /// The keys of checksum databases that are known.
    pub keys: Vec<String>,
    /// The folder with the newest tree heads, as the go command keeps them.
    pub heads: Option<PathBuf>,
}

/// Returns what is on disk. Ends early when `stopped` says so, with what is known by then.
pub fn verify(request: &Request<'_>, progress: &dyn Progress, stopped: &(dyn Fn() -> bool + Sync)) -> Disk {
    let mut disk = Disk { cache: request.cache.display().to_string(), ..Disk::default() };
    let logs = log::databases(&request.cache, &mut disk.unread);
    let mut records = BTreeMap::new();
    for name in &logs {
        let (log, found) = log::examine(&request.cache, name, &request.keys, request.heads.as_deref());
        disk.logs.push(log);
        found.into_iter().for_each(|(module, record)| {
            // a folder of another name than the database's proves nothing, and hides nothing
            match records.entry(module) {
                Entry::Occupied(mut known) if is_proven(&record) && !is_proven(known.get()) => {
                    known.insert(record);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(free) => drop(free.insert(record)),
            }
        });
    }
    let mut wanted = of_go_sum(request.files);
    let mut want = |module: ModuleVersion| {
        wanted.entry(module.clone()).or_insert_with(|| Cached::nothing(module));
    };
    request.required.keys().cloned().for_each(&mut want);
    request.toolchains.iter().map(|toolchain| toolchain.module.clone()).for_each(&mut want);
    if request.all {
        list::modules(&request.cache, &mut disk.unread).into_iter().for_each(&mut want);
    }
    for (module, cached) in &mut wanted {
        cached.required_at = request.required.get(module).cloned();
        cached.record = records.remove(module).unwrap_or(Found::Missing);
        let selected = request.toolchains.iter().find(|toolchain| toolchain.module == *module);
        cached.selected_at = selected.map(|toolchain| toolchain.at.clone());
    }
    let vendored = |vendor| vendor::examine(vendor, &wanted, &request.references);
    disk.vendors = request.vendors.iter().take_while(|_| !stopped()).map(vendored).collect();
    progress.begins(&SourceName::MODCACHE, wanted.len());
    let cache = Cache::new(request.cache.clone(), wanted.keys());
    let examined = wanted.into_values().collect::<Vec<_>>().into_par_iter().with_max_len(1).map(|cached| {
        if stopped() {
            return None;
        }
        let cached = cache.examine(cached);
        progress.answered(&SourceName::MODCACHE);
        Some(cached)
    });
    disk.cached = examined.collect::<Vec<_>>().into_iter().flatten().collect();
    if let Some(database) = request.database.filter(|_| !stopped()) {
        ask(database, &mut disk.cached);
    }
    disk
}

/// Asks the checksum database about the toolchains in the cache whose record there is not proven.
fn ask(database: &dyn Source, all: &mut [Cached]) {
    let is_open =
        |cached: &&mut Cached| cached.is_toolchain() && !cached.is_absent() && cached.proven().is_err();
    let mut open: BTreeMap<Subject, &mut Cached> =
        all.iter_mut().filter(is_open).map(|cached| (cached.subject(Artifact::Zip), cached)).collect();
    let subjects = open.keys().cloned().collect();
    for Comparison { subject, answers, .. } in lint::ask(&subjects, &[database]) {
        let answer = answers.get(&database.name()).map(|evidence| evidence.answer.clone());
        if let Some(cached) = open.get_mut(&subject) {
            cached.asked = answer;
        }
    }
}

fn is_proven(record: &Found<CachedRecord>) -> bool {
    record.get().is_some_and(|record| record.is_proven)
}

/// Returns the module versions of go.sum, with what it records of them.
fn of_go_sum(files: &[SumFile]) -> BTreeMap<ModuleVersion, Cached> {
    let mut wanted: BTreeMap<ModuleVersion, Cached> = BTreeMap::new();
    // the go command looks at no line about a toolchain
    let is_read = |subject: &Subject| subject.module.path().as_str() != TOOLCHAIN;
    for (subject, lines) in by_subject(files).into_iter().filter(|(subject, _)| is_read(subject)) {
        let module = subject.module;
        let cached = wanted.entry(module.clone()).or_insert_with(|| Cached::nothing(module));
        let Answer::Hash { h1: sum, .. } = recorded(&lines) else { continue };
        let at = lines.into_iter().map(|(at, _)| at).collect();
        let line = match subject.artifact {
            Artifact::Zip => &mut cached.zip_line,
            Artifact::GoMod => &mut cached.go_mod_line,
        };
        *line = Some(Recorded { sum, at });
    }
    wanted
}

/// Returns what `read` gives: nothing where the file is not there.
pub(crate) fn found<T>(path: &Path, read: io::Result<T>) -> Found<T> {
    match read {
        Ok(read) => Found::Is(read),
        Err(error) if is_missing(&error) => Found::Missing,
        Err(error) => Found::Unread(about(path, &error)),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

pub(crate) fn about(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
