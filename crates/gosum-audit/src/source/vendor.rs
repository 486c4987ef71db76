//! The vendor folder of a project: the part of each module that a build with `-mod=vendor` compiles.
//!
//! A part has no h1. What is hashed is a copy of the whole module, from a source that has one, with the vendored files in the
//! places of its own: those that `go mod vendor` copies of the listed packages, and whatever else lies in the module's folder. So
//! the hash is that of the module exactly where the part is the module's; and as all else is borrowed, it is no vote
//! ([`Defect::Partial`]). A copy counts only where it is what go.sum records, if that has a line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use gosum_evidence::chain;
use gosum_evidence::disk::{ChangeKind, FileChange, Found, shown};
use gosum_evidence::evidence::{Answer, Defect, Evidence, NotAsked, Origin, SourceName, Sum};
use gosum_evidence::rule::SumFile;
use gosum_evidence::subject::Subject;
use gosum_mod::file::modules_txt::{ModulesTxt, Vendored};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::zip::limits::MAX_ZIP;
use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile, tree_h1};

use super::{Cost, Source, Tell, To, pool};
use crate::copy::{Files, copy_zip};
use crate::plan::{by_subject, recorded};
use crate::vendor::{
    Owners, Reference, VendorRequest, files, id, path_in, place, reference_copy, unrecorded,
};
use crate::verify::about;
use crate::verify::tree::Listing;

/// How many modules are looked at at once. Each may take a copy of a module.
const JOBS: usize = 8;

/// A vendor folder that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The list is not there.
    #[error("no {0}, so that nobody knows what is vendored")]
    NoList(Arc<str>),
    /// The list, or the folder, cannot be read.
    #[error("cannot read {0}")]
    Unread(String),
}

/// The vendor folders of what is audited, as one source.
pub struct Vendor {
    folders: Vec<Folder>,
    /// Who has whole copies, those that are asked first before the others; and whether for what is private alone.
    references: Vec<(Box<dyn Source + Send + Sync>, bool)>,
    /// What go.sum records of zips.
    recorded: BTreeMap<ModuleVersion, Sum>,
}

/// One vendor folder.
struct Folder {
    request: VendorRequest,
    listing: Listing,
    modules: Vec<Module>,
    /// Why modules.txt is not to be believed, where it contradicts go.mod.
    fault: Option<String>,
}

/// A module that the folder has packages of.
struct Module {
    listed: Vendored,
    id: Option<ModuleVersion>,
    /// Where what lies in its folder is, and what it is.
    own: Vec<(Vec<u8>, ChangeKind)>,
}

/// What one folder has of a module version, laid over a copy of it.
struct Laid {
    changes: Vec<FileChange>,
    overlay: Overlay,
    /// How many files of the module are in the folder.
    count: usize,
    /// A package that the list names and the module does not have.
    lacking: Option<String>,
}

impl Vendor {
    /// Returns the vendor folders of `requests` as a source, for which `files` record what the modules hash to. It knows
    /// nobody yet who has whole copies.
    ///
    /// # Errors
    /// When a folder or its list cannot be read.
    pub fn open(requests: Vec<VendorRequest>, files: &[SumFile]) -> Result<Vendor, OpenError> {
        let mut sums = BTreeMap::new();
        for (subject, lines) in by_subject(files) {
            if let (Artifact::Zip, Answer::Hash { h1, .. }) = (subject.artifact, recorded(&lines)) {
                sums.insert(subject.module, h1);
            }
        }
        let mut folders: Vec<Folder> = requests.into_iter().map(Folder::open).collect::<Result<_, _>>()?;
        // where nothing is recorded at all, nothing can be missed
        for folder in folders.iter_mut().filter(|_| !sums.is_empty()) {
            let ids =
                folder.modules.iter().filter_map(|module| Some((module.id.as_ref()?, module.listed.line)));
            let missed = ids.into_iter().find(|(id, _)| !sums.contains_key(*id));
            let missed = missed
                .map(|(id, line)| format!("{}:{line}: {}", folder.request.list_shown(), unrecorded(id)));
            folder.fault = folder.fault.take().or(missed);
        }
        Ok(Vendor { folders, references: Vec::new(), recorded: sums })
    }

    /// Returns the source, which has whole copies also from `source`, where those before have none. If it is `for_private`, it
    /// is asked only for what the others are not asked for because it is private.
    #[must_use]
    pub fn with_reference(mut self, source: Box<dyn Source + Send + Sync>, for_private: bool) -> Vendor {
        self.references.push((source, for_private));
        self
    }

    /// Returns the places of `module` in the folders.
    fn places<'s>(&'s self, module: &'s ModuleVersion) -> impl Iterator<Item = (&'s Folder, &'s Module)> {
        let of = move |folder: &'s Folder| {
            let is_it = move |vendored: &&Module| vendored.id.as_ref() == Some(module);
            folder.modules.iter().filter(is_it).map(move |vendored| (folder, vendored))
        };
        self.folders.iter().flat_map(of)
    }

    fn answer(&self, subject: &Subject, to: To<'_>) -> Evidence {
        let _asking =
            tracing::info_span!("ask", source = %SourceName::VENDOR, module = %subject.module).entered();
        let module = &subject.module;
        let Some((folder, first)) = self.places(module).next() else {
            let fault = self.folders.iter().find_map(|folder| folder.fault.as_deref());
            let why = format!("which modules are vendored is not known: {}", fault.unwrap_or("nothing says"));
            return Answer::Unavailable(why.into()).into();
        };
        let (reference, copy) = match self.reference(module) {
            Ok(reference) => reference,
            Err((why, is_passing)) => {
                let answer = Answer::Unavailable(why.into());
                return Evidence::new(answer, folder.origin(first)).passing(is_passing);
            }
        };
        let laid = self
            .places(module)
            .map(|(folder, vendored)| (folder, vendored, folder.lay(vendored, &*copy.tree)));
        let mut chosen = None;
        for (folder, vendored, laid) in laid {
            match laid {
                Err(error) => {
                    let why = format!("its files cannot be compared: {error}");
                    return Evidence::new(Answer::Unavailable(why.into()), folder.origin(vendored));
                }
                // of several, one that differs counts
                Ok(laid) if chosen.is_none() || !laid.changes.is_empty() => {
                    let is_changed = !laid.changes.is_empty();
                    chosen = Some((folder, vendored, laid));
                    if is_changed {
                        break;
                    }
                }
                Ok(_) => {}
            }
        }
        let (folder, vendored, laid) = chosen.expect("a place was found a moment ago");
        folder.evidence(vendored, laid, reference, copy, subject, to)
    }

    /// Returns a copy of `module`, what it hashes to and whose it is.
    ///
    /// # Errors
    /// When nobody has one that may be used, and whether that may be otherwise in a moment.
    fn reference(&self, module: &ModuleVersion) -> Result<((SourceName, Sum), Files), (String, bool)> {
        let references = self
            .references
            .iter()
            .map(|(source, for_private)| Reference { source: &**source, for_private: *for_private });
        let copy = |source: &dyn Source| copy_zip(source, module);
        match reference_copy(references, copy, self.recorded.get(module)) {
            Ok(copied) => {
                let sum = copied.zip.answer.sum().expect("it has been checked").clone();
                Ok(((copied.source, sum), copied.files.expect("it has been checked")))
            }
            Err(unusable) => {
                let is_passing = unusable.iter().any(|(copied, _)| copied.zip.is_passing);
                let whys: Vec<String> = unusable.into_iter().map(|(_, why)| why).collect();
                let why = match whys.is_empty() {
                    true => "there is no module cache, and nobody else is asked".to_owned(),
                    false => whys.join("; "),
                };
                Err((format!("no copy of the module to hold it against: {why}"), is_passing))
            }
        }
    }
}

impl Folder {
    fn open(request: VendorRequest) -> Result<Folder, OpenError> {
        let list = match request.read_list() {
            Found::Is(list) => list,
            Found::Missing => return Err(OpenError::NoList(request.list_shown())),
            Found::Unread(why) => return Err(OpenError::Unread(why)),
        };
        let listing = match Listing::of(&request.folder) {
            Found::Is(listing) => listing,
            Found::Missing => return Err(OpenError::NoList(request.list_shown())),
            Found::Unread(why) => return Err(OpenError::Unread(why)),
        };
        let faults = request.faults(&list);
        let fault = faults.first().map(|(at, what)| match faults.len() - 1 {
            0 => format!("{at}: {what}"),
            more => format!("{at}: {what}, and {more} more that `gosum verify` lists"),
        });
        let modules = modules(list, &listing);
        Ok(Folder { request, listing, modules, fault })
    }

    /// Returns where the files of `module` are.
    fn origin(&self, module: &Module) -> Origin {
        let from = format!("{}/{}", self.request.folder.display(), module.listed.path);
        Origin { from: Some(from.into()), ..Origin::default() }
    }

    /// Lays what the folder has of `module` over the files of the `tree` that it should be a part of.
    fn lay(&self, module: &Module, tree: &dyn FileTree) -> io::Result<Laid> {
        let compared = self.request.compare(&self.listing, &module.listed, tree)?;
        let lacking = compared.lacking.first().map(|(package, line)| {
            format!("{}:{line}: the module has no package {package}", self.request.list_shown())
        });
        let mut overlay = Overlay { root: self.request.folder.clone(), ..Overlay::default() };
        let (mut changes, mut count) = (Vec::new(), 0);
        let mut expected = BTreeSet::new();
        for (path, change) in compared.files {
            let place = place(&module.listed, &path);
            count += usize::from(matches!(change, None | Some(ChangeKind::Changed)));
            match change {
                None => {}
                Some(ChangeKind::Changed) => drop(overlay.files.insert(path, Some(place.clone()))),
                // what is there in its place, such as a link, is not read: whatever it leads to is no part of the module
                Some(_) => drop(overlay.gone.insert(path)),
            }
            changes.extend(change.map(|kind| FileChange { file: place.as_slice().into(), kind }));
            expected.insert(place);
        }
        let below = module.listed.path.as_bytes().len() + 1;
        for (place, kind) in module.own.iter().filter(|(place, _)| !expected.contains(place)) {
            changes.push(FileChange { file: place.as_slice().into(), kind: *kind });
            let file = (*kind == ChangeKind::Added).then(|| place.clone());
            overlay.files.insert(place[below..].to_vec(), file);
        }
        changes.sort();
        Ok(Laid { changes, overlay, count, lacking })
    }

    /// Returns the answer that `laid` is, over a `copy` of the reference, and has its files kept.
    fn evidence(
        &self,
        module: &Module,
        laid: Laid,
        (reference, sum): (SourceName, Sum),
        copy: Files,
        subject: &Subject,
        to: To<'_>,
    ) -> Evidence {
        let Laid { changes, mut overlay, count, lacking } = laid;
        // what differs is no silence, though it has no hash
        let unhashed = |why: String| match changes.is_empty() {
            true => Evidence::new(Answer::Unavailable(why.into()), self.origin(module)),
            false => {
                let why = format!("{}; {why}", shown(&changes));
                Evidence::new(Answer::Untrusted(why.into()), self.origin(module))
            }
        };
        let unread =
            |error: &dyn std::error::Error| unhashed(format!("its files cannot be hashed: {}", chain(error)));
        if let Some(why) = lacking {
            return unhashed(why);
        }
        let all = match copy.tree.list() {
            Ok(files) => files.iter().filter(|file| file.kind != FileKind::Folder).count(),
            Err(error) => return unread(&error),
        };
        overlay.below = Some(copy.tree);
        // byte for byte the same files have the same hash
        let h1 = match changes.is_empty() {
            true => sum,
            false => match tree_h1(&overlay, &subject.module.to_string()) {
                Ok(h1) => Sum::H1(h1),
                Err(error) => return unread(&error),
            },
        };
        let part = format!(
            "{count} of its {all} files are in {}, the others are as {reference} has them",
            self.request.shown
        );
        let why = match changes.is_empty() {
            true => part,
            false => format!("{}; {part}", shown(&changes)),
        };
        if let Some(keep) = to.keep {
            keep(subject, Files { tree: Box::new(overlay), attributes: None });
        }
        let answer = Answer::Hash { h1, defects: vec![(Defect::Partial, why.into())] };
        Evidence::new(answer, self.origin(module))
    }
}

/// Returns the modules of which `list` has packages, each with what in `listing` lies in its folder. What is in the place of that
/// folder itself is not in it.
fn modules(list: ModulesTxt, listing: &Listing) -> Vec<Module> {
    let owners = Owners::of(&list.modules);
    let mut own: BTreeMap<usize, Vec<(Vec<u8>, ChangeKind)>> = BTreeMap::new();
    for (place, kind) in files(listing) {
        let owner = owners.owner(place).filter(|at| list.modules[*at].path.as_bytes() != place.as_slice());
        if let Some(at) = owner {
            own.entry(at).or_default().push((place.clone(), kind));
        }
    }
    let vendored = list.modules.into_iter().enumerate().filter(|(_, module)| !module.packages.is_empty());
    let module = |(at, listed)| {
        let mut own = own.remove(&at).unwrap_or_default();
        own.sort();
        Module { id: id(&listed), listed, own }
    };
    vendored.map(module).collect()
}

/// A copy of a module with other files in the places of some.
#[derive(Default)]
struct Overlay {
    below: Option<Box<dyn FileTree + Send>>,
    /// The vendor folder.
    root: PathBuf,
    /// What stands in the place of a file, or beside the others: where it is in the folder. What is no file there stands as an
    /// empty one.
    files: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// What is not there.
    gone: BTreeSet<Vec<u8>>,
}

impl FileTree for Overlay {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        let below = self.below.as_ref().map_or_else(|| Ok(Vec::new()), |tree| tree.list())?;
        let is_left =
            |file: &TreeFile| !self.gone.contains(&file.path) && !self.files.contains_key(&file.path);
        let mut files: Vec<TreeFile> = below.into_iter().filter(is_left).collect();
        for (path, place) in &self.files {
            let size = match place {
                Some(place) => std::fs::metadata(path_in(&self.root, place)?)?.len(),
                None => 0,
            };
            files.push(TreeFile { path: path.clone(), kind: FileKind::Regular, size });
        }
        Ok(files)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        match (self.files.get(path), &self.below) {
            (Some(None), _) => Ok(Box::new(io::empty())),
            (Some(Some(place)), _) => {
                let path = path_in(&self.root, place)?;
                let told = |error: io::Error| io::Error::new(error.kind(), about(&path, &error));
                let file = File::open(&path).map_err(told)?;
                let size = file.metadata().map_err(told)?.len();
                if size > MAX_ZIP {
                    return Err(told(io::Error::new(
                        io::ErrorKind::FileTooLarge,
                        "larger than a module can be",
                    )));
                }
                Ok(Box::new(io::BufReader::new(file)))
            }
            (None, Some(tree)) if !self.gone.contains(path) => tree.open(path),
            (None, _) => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Source for Vendor {
    fn name(&self) -> SourceName {
        SourceName::VENDOR
    }

    fn declines(&self, subject: &Subject) -> Option<NotAsked> {
        let is_known = self.folders.iter().all(|folder| folder.fault.is_none());
        let is_vendored = self.places(&subject.module).next().is_some();
        (subject.artifact == Artifact::GoMod || !is_vendored && is_known).then_some(NotAsked::NotVendored)
    }

    fn ask(&self, subjects: &[Subject], tell: &Tell<'_>) {
        self.read_copies(subjects, tell, To::NOBODY);
    }

    fn read_copies(&self, subjects: &[Subject], tell: &Tell<'_>, to: To<'_>) {
        pool::each(JOBS, subjects, |subject| tell(subject, self.answer(subject, to)));
    }

    fn trace(&self, _: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)> {
        Vec::new()
    }

    fn cost(&self) -> Cost {
        let costs = self.references.iter().map(|(source, _)| source.cost());
        costs.fold(Cost::default(), |all, one| Cost {
            requests: all.requests + one.requests,
            bytes: all.bytes + one.bytes,
            from_cache: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_in_the_folder_of_the_nearest_package_or_module() {
        let list = "# example.com/a v1.0.0\nexample.com/a\nexample.com/a/sub/own\n\
                    # example.com/a/sub v1.0.0\nexample.com/a/sub/p\n# example.com/none v1.0.0\n## explicit\n";
        let places = [
            "modules.txt",
            "stray.go",
            "example.com/none/x.go",
            "example.com/ab/x.go",
            "example.com/a/LICENSE",
            "example.com/a/x/y/z.go",
            "example.com/a/sub/LICENSE",
            "example.com/a/sub/p/data/f",
            "example.com/a/sub/own/o.go",
        ];
        let entries = places.iter().map(|place| (place.as_bytes().to_vec(), None)).collect();
        let listing = Listing { entries, is_link: false };
        let modules = modules(ModulesTxt::parse(list.as_bytes()), &listing);
        let own = |at: usize| {
            let own = modules[at].own.iter().map(|(place, _)| String::from_utf8(place.clone()).unwrap());
            own.collect::<Vec<_>>()
        };
        assert_eq!(modules.len(), 2);
        assert_eq!(own(0), ["example.com/a/LICENSE", "example.com/a/sub/own/o.go", "example.com/a/x/y/z.go"]);
        assert_eq!(own(1), ["example.com/a/sub/LICENSE", "example.com/a/sub/p/data/f"]);
    }
}
