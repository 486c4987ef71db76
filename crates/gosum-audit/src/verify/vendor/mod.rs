//! A vendor folder: each file of it held against the module that modules.txt says it is from, and modules.txt against go.mod.
//!
//! What is compared with is a module's zip, from the cache or whoever else has it, if it is what go.sum records.

mod list;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use gosum_evidence::disk::{Cached, ChangeKind, FileChange, Found, VendorFolder, VendoredModule};
use gosum_evidence::evidence::{Answer, Sum};
use gosum_evidence::subject::Location;
use gosum_mod::build::vendor::Vendor;
use gosum_mod::file::go_mod::go_line;
use gosum_mod::file::go_version::compare;
use gosum_mod::file::go_work::GoWork;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::file::modules_txt::{ModulesTxt, Vendored};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::text::Text;
use gosum_mod::name::version::Version;
use gosum_mod::zip::limits::{MAX_GO_MOD, MAX_ZIP, read_bounded};
use gosum_mod::zip::tree::{FileKind, FileTree};

use super::tree::Listing;
use super::{about, found};
use crate::copy::{Copied, copy};
use crate::source::Source;

/// The name of the list.
const LIST: &str = "modules.txt";

/// A vendor folder, and who it is for.
#[derive(Debug)]
pub struct VendorRequest {
    /// Where it is.
    pub folder: PathBuf,
    /// What the user would call it.
    pub shown: String,
    /// The go.mod files of the main modules, by what the user would call them.
    pub mains: Vec<(String, MainMod)>,
    /// The go.work, where the folder is that of a workspace.
    pub work: Option<(String, GoWork)>,
}

impl VendorRequest {
    /// Returns the Go version by whose rules the folder is made.
    fn go(&self) -> &str {
        match (&self.work, self.mains.first()) {
            (Some((_, work)), _) => work.go_version(),
            (None, Some((_, main))) => main.go_mod.go_version(),
            (None, None) => "",
        }
    }
}

/// Looks at the vendor folder of `request`. `recorded` is what go.sum records, `sources` who has zips, those that are asked first
/// before the others.
pub(super) fn examine(
    request: &VendorRequest,
    recorded: &BTreeMap<ModuleVersion, Cached>,
    sources: &[&dyn Source],
) -> VendorFolder {
    let mut vendor = VendorFolder { folder: request.shown.clone(), ..VendorFolder::default() };
    let list = request.folder.join(LIST);
    let named: std::sync::Arc<str> = format!("{}/{LIST}", request.shown).into();
    let text = found(&list, File::open(&list).and_then(|mut file| read_bounded(&mut file, MAX_GO_MOD)));
    let text = match text {
        Found::Is(text) => text,
        Found::Missing => {
            let at = Location { file: named, line: 1 };
            vendor
                .list_faults
                .push((at, "it is not there, so that nobody knows what is vendored".to_owned()));
            return vendor;
        }
        Found::Unread(why) => {
            vendor.untold.push((named.to_string(), why));
            return vendor;
        }
    };
    let parsed = ModulesTxt::parse(&text);
    list::check(request, &parsed, &named, &mut vendor.list_faults);
    let listing = match Listing::of(&request.folder) {
        Found::Is(listing) => listing,
        Found::Missing => return vendor,
        Found::Unread(why) => {
            vendor.untold.push((request.shown.clone(), why));
            return vendor;
        }
    };
    let mut look = Look { request, recorded, sources, listing: &listing, named, expected: BTreeSet::new() };
    let mut untold: Vec<Text> = Vec::new();
    let mut places: Vec<(Text, Option<usize>)> = Vec::new();
    for module in &parsed.modules {
        let is_vendored = !module.packages.is_empty();
        if is_vendored && matches!(&module.replacement, Some((_, None))) {
            vendor.replaced_by_folders += 1;
            untold.push(module.path.clone());
            continue;
        }
        let Some(id) = id(module) else {
            if is_vendored {
                let at = look.at(module.line);
                vendor.list_faults.push((at, format!("{:?} is of no module version", module.path)));
                untold.push(module.path.clone());
            }
            continue;
        };
        let copied = look.copied(&id);
        look.check_go(module, &id, &copied, &mut vendor);
        if !is_vendored {
            continue;
        }
        let looked = look.module(module, id, &copied, &mut vendor.list_faults);
        if looked.compared.is_err() {
            untold.push(module.path.clone());
        }
        places.push((module.path.clone(), Some(vendor.modules.len())));
        vendor.modules.push(looked);
    }
    let expected = look.expected;
    let untold = |path: &[u8]| untold.iter().any(|module| is_below(path, module.as_bytes()));
    let mut added: Vec<(&Vec<u8>, ChangeKind)> = listing
        .entries
        .iter()
        .filter(|(path, kind)| **kind != Some(ChangeKind::Folder) && path.as_slice() != LIST.as_bytes())
        .filter(|(path, _)| !expected.contains(*path) && !untold(path))
        .map(|(path, kind)| (path, kind.unwrap_or(ChangeKind::Added)))
        .collect();
    added.sort();
    for (path, kind) in added {
        let change = FileChange { file: path.as_slice().into(), kind };
        let owner = places.iter().filter(|(module, _)| is_below(path, module.as_bytes()));
        match owner.max_by_key(|(module, _)| module.as_bytes().len()).and_then(|(_, at)| *at) {
            Some(at) => vendor.modules[at].changes.push(change),
            None => vendor.strays.push(change),
        }
    }
    vendor.modules.iter_mut().for_each(|module| module.changes.sort());
    vendor
}

/// Returns the module version that the files of a module in modules.txt are from.
fn id(module: &Vendored) -> Option<ModuleVersion> {
    let (path, version) = match &module.replacement {
        Some((path, version)) => (path, version.as_ref()?),
        None => (&module.path, module.version.as_ref()?),
    };
    ModuleVersion::new(ModulePath::parse(path).ok()?, Version::parse(version).ok()?).ok()
}

/// Returns whether `path` is `folder` or below it.
fn is_below(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

struct Look<'a> {
    request: &'a VendorRequest,
    recorded: &'a BTreeMap<ModuleVersion, Cached>,
    sources: &'a [&'a dyn Source],
    listing: &'a Listing,
    named: std::sync::Arc<str>,
    /// The paths below the vendor folder that belong there.
    expected: BTreeSet<Vec<u8>>,
}

impl Look<'_> {
    fn at(&self, line: usize) -> Location {
        Location { file: self.named.clone(), line }
    }

    /// Returns the copy of the first source that has one, else that of the last.
    fn copied(&self, module: &ModuleVersion) -> Option<Copied> {
        let mut last = None;
        for source in self.sources {
            let copied = copy(*source, module);
            let is_it = copied.files.is_some();
            last = Some(copied);
            if is_it {
                break;
            }
        }
        last
    }

    /// Holds the mark of the go version to the go.mod of the module.
    fn check_go(
        &self,
        module: &Vendored,
        id: &ModuleVersion,
        copied: &Option<Copied>,
        vendor: &mut VendorFolder,
    ) {
        let marked = module.go.clone();
        if compare(self.request.go(), "1.17").is_lt() {
            if let Some(go) = marked {
                let what =
                    format!("{} is marked with go {go}, which go before 1.17 does not do", module.path);
                vendor.list_faults.push((self.at(module.line), what));
            }
            return;
        }
        let line = self.recorded.get(id).and_then(|cached| cached.go_mod_line.as_ref());
        let text = copied
            .as_ref()
            .and_then(|copied| Some((copied.go_mod.answer.sum()?, copied.go_mod_text.as_ref()?)));
        match text {
            Some((sum, text)) if line.is_none_or(|line| line.sum == *sum) => {
                let go = go_line(text);
                if go != marked {
                    let shown =
                        |go: Option<Text>| go.map_or("no go version".to_owned(), |go| format!("go {go}"));
                    let what =
                        format!("{id} is marked with {}, and its go.mod has {}", shown(marked), shown(go));
                    vendor.list_faults.push((self.at(module.line), what));
                }
            }
            Some(_) => {
                let why = "its go.mod here is not what go.sum records".to_owned();
                vendor.untold.push((format!("{}: {id}", self.named), why));
            }
            None => {
                let why = "its go.mod is not here, which says whether its go version is right".to_owned();
                vendor.untold.push((format!("{}: {id}", self.named), why));
            }
        }
    }

    /// Compares the files of a module that has packages.
    fn module(
        &mut self,
        module: &Vendored,
        id: ModuleVersion,
        copied: &Option<Copied>,
        faults: &mut Vec<(Location, String)>,
    ) -> VendoredModule {
        let at = self.at(module.line);
        let compared = self.tree(&id, copied.as_ref()).and_then(|tree| {
            self.compare(module, tree, faults)
                .map_err(|error| format!("its files cannot be compared: {error}"))
        });
        match compared {
            Ok((count, changes)) => VendoredModule { module: id, at, compared: Ok(count), changes },
            Err(why) => VendoredModule { module: id, at, compared: Err(why), changes: Vec::new() },
        }
    }

    /// Returns the files of a module, if they are what go.sum records.
    fn tree<'c>(&self, id: &ModuleVersion, copied: Option<&'c Copied>) -> Result<&'c dyn FileTree, String> {
        let copied = copied.ok_or("nobody is asked for it")?;
        let Some(files) = &copied.files else {
            let why = copied.zip.answer.reason().unwrap_or("it gave no files".into());
            return Err(format!("{}: {why}", copied.source));
        };
        let line = self.recorded.get(id).and_then(|cached| cached.zip_line.as_ref());
        match (&copied.zip.answer, line) {
            (Answer::Hash { h1, .. }, Some(line)) if *h1 != line.sum => {
                Err(format!("what {} has of it is not what go.sum records", copied.source))
            }
            (Answer::Hash { h1: Sum::H1(_), defects }, _) if defects.is_empty() => Ok(&*files.tree),
            _ => Err(format!("what {} has of it is not to be believed", copied.source)),
        }
    }

    fn compare(
        &mut self,
        module: &Vendored,
        tree: &dyn FileTree,
        faults: &mut Vec<(Location, String)>,
    ) -> io::Result<(usize, Vec<FileChange>)> {
        let files = tree.list()?;
        let regular = files.iter().filter(|file| file.kind == FileKind::Regular);
        let rule = Vendor::new(regular.map(|file| file.path.as_slice()), self.request.go());
        let mut copied: BTreeSet<Vec<u8>> = BTreeSet::new();
        for (package, line) in &module.packages {
            let below = package.as_bytes().strip_prefix(module.path.as_bytes());
            let folder =
                below.and_then(|rest| if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"/") });
            match folder.filter(|folder| rule.has_package(folder)) {
                Some(folder) => copied.extend(rule.copied(folder, &mut |path| read(tree, path))?),
                None => faults.push((self.at(*line), format!("the module has no package {package}"))),
            }
        }
        let mut changes = Vec::new();
        let count = copied.len();
        for path in copied {
            let place = [module.path.as_bytes(), b"/", &path].concat();
            let kind = match self.listing.entries.get(&place) {
                None => Some(ChangeKind::Missing),
                Some(Some(kind)) => Some(*kind),
                Some(None) => (self.vendored(&place)? != read(tree, &path)?).then_some(ChangeKind::Changed),
            };
            changes.extend(kind.map(|kind| FileChange { file: place.as_slice().into(), kind }));
            self.expected.insert(place);
        }
        Ok((count, changes))
    }

    fn vendored(&self, place: &[u8]) -> io::Result<Vec<u8>> {
        let path = super::tree::os_path(place).ok_or(io::ErrorKind::InvalidFilename)?;
        let path: &Path = &self.request.folder.join(path);
        let read = File::open(path).and_then(|mut file| read_bounded(&mut file, MAX_ZIP));
        read.map_err(|error| io::Error::new(error.kind(), about(path, &error)))
    }
}

fn read(tree: &dyn FileTree, path: &[u8]) -> io::Result<Vec<u8>> {
    read_bounded(&mut *tree.open(path)?, MAX_ZIP)
}
