//! A vendor folder: which files of which module it should have, by the rules of `go mod vendor`, and how those differ that are
//! there. `verify` tells what differs; as a source, it is [another](crate::source::vendor) copy of each module.

mod list;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gosum_evidence::disk::{ChangeKind, Found};
use gosum_evidence::evidence::{Answer, NotAsked, Sum};
use gosum_evidence::subject::Location;
use gosum_mod::build::vendor::Vendor;
use gosum_mod::file::go_work::GoWork;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::file::modules_txt::{ModulesTxt, Vendored};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::text::Text;
use gosum_mod::name::version::Version;
use gosum_mod::zip::limits::{MAX_GO_MOD, MAX_ZIP, read_bounded};
use gosum_mod::zip::tree::{FileKind, FileTree};

use crate::copy::Copied;
use crate::regular;
use crate::source::Source;
use crate::verify::tree::{Listing, os_path};
use crate::verify::{about, found};

/// The name of the list.
const LIST: &str = "modules.txt";

/// A vendor folder, and who it is for.
#[derive(Debug)]
pub struct VendorRequest {
    /// Where it is.
    pub folder: PathBuf,
    /// What the user would call it.
    pub shown: String,
    /// The go.mod files of the main modules, by what the user would call them. In a workspace the folders that they replace
    /// modules by are named from the folder of its go.work.
    pub mains: Vec<(String, MainMod)>,
    /// The go.work, where the folder is that of a workspace.
    pub work: Option<(String, GoWork)>,
}

impl VendorRequest {
    /// Returns the Go version by whose rules the folder is made.
    pub(crate) fn go(&self) -> &str {
        match (&self.work, self.mains.first()) {
            (Some((_, work)), _) => work.go_version(),
            (None, Some((_, main))) => main.go_mod.go_version(),
            (None, None) => "",
        }
    }

    /// Returns what the user would call the list.
    pub(crate) fn list_shown(&self) -> Arc<str> {
        format!("{}/{LIST}", self.shown).into()
    }

    /// Returns what the list says.
    pub(crate) fn read_list(&self) -> Found<ModulesTxt> {
        let list = self.folder.join(LIST);
        let text =
            found(&list, regular::open(&list).and_then(|mut file| read_bounded(&mut file, MAX_GO_MOD)));
        match text {
            Found::Is(text) => Found::Is(ModulesTxt::parse(&text)),
            Found::Missing => Found::Missing,
            Found::Unread(why) => Found::Unread(why),
        }
    }

    /// Returns what in `list` contradicts go.mod and go.work.
    pub(crate) fn faults(&self, list: &ModulesTxt) -> Vec<(Location, String)> {
        let mut faults = Vec::new();
        list::check(self, list, &self.list_shown(), &mut faults);
        faults
    }

    /// Returns how the files of `module` in the folder, in which there is what `listing` says, differ from those that it should
    /// have of the files in `tree`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn compare(
        &self,
        listing: &Listing,
        module: &Vendored,
        tree: &dyn FileTree,
    ) -> io::Result<Compared> {
        let files = tree.list()?;
        let regular = files.iter().filter(|file| file.kind == FileKind::Regular);
        let rule = Vendor::new(regular.map(|file| file.path.as_slice()), self.go());
        let sizes: HashMap<&[u8], u64> = files.iter().map(|file| (file.path.as_slice(), file.size)).collect();
        let (mut compared, mut seen) = (Compared::default(), HashSet::new());
        for (package, line) in module.packages.iter().filter(|(package, _)| seen.insert(package)) {
            let below = package.as_bytes().strip_prefix(module.path.as_bytes());
            let folder =
                below.and_then(|rest| if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"/") });
            match folder.filter(|folder| rule.has_package(folder)) {
                Some(folder) => {
                    let copied = rule.copied(folder, &mut |path| read(tree, path))?;
                    compared.files.extend(copied.into_iter().map(|path| (path, None)));
                }
                None => compared.lacking.push((package.clone(), *line)),
            }
        }
        for (path, change) in &mut compared.files {
            let place = place(module, path);
            *change = match listing.entries.get(&place) {
                None => Some(ChangeKind::Missing),
                Some(Some(kind)) => Some(*kind),
                // what is larger or smaller need not be read, however large it is
                Some(None) if sizes.get(path.as_slice()) != Some(&self.size(&place)?) => {
                    Some(ChangeKind::Changed)
                }
                Some(None) => (self.content(&place)? != read(tree, path)?).then_some(ChangeKind::Changed),
            };
        }
        Ok(compared)
    }

    fn size(&self, place: &[u8]) -> io::Result<u64> {
        let path = &path_in(&self.folder, place)?;
        let size = path.metadata().map(|metadata| metadata.len());
        size.map_err(|error| io::Error::new(error.kind(), about(path, &error)))
    }

    fn content(&self, place: &[u8]) -> io::Result<Vec<u8>> {
        let path = &path_in(&self.folder, place)?;
        let read = File::open(path).and_then(|mut file| read_bounded(&mut file, MAX_ZIP));
        read.map_err(|error| io::Error::new(error.kind(), about(path, &error)))
    }
}

/// The files of a module that a vendor folder should have.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// By path below the root of the module: how what is there differs, if it does.
    pub(crate) files: BTreeMap<Vec<u8>, Option<ChangeKind>>,
    /// Packages that the module does not have, each with the line that names it.
    pub(crate) lacking: Vec<(Text, usize)>,
}

/// The modules of a list that have packages, by the folders of their packages and their own.
pub(crate) struct Owners<'l> {
    modules: &'l [Vendored],
    folders: HashMap<&'l [u8], usize>,
}

impl<'l> Owners<'l> {
    /// Returns who of `modules` owns what.
    pub(crate) fn of(modules: &'l [Vendored]) -> Owners<'l> {
        let vendored = || modules.iter().enumerate().filter(|(_, module)| !module.packages.is_empty());
        let mut folders: HashMap<&[u8], usize> =
            vendored().map(|(at, module)| (module.path.as_bytes(), at)).collect();
        for (at, module) in vendored() {
            folders.extend(module.packages.iter().map(|(package, _)| (package.as_bytes(), at)));
        }
        Owners { modules, folders }
    }

    /// Returns which module has what is at `place` below the vendor folder: that of the nearest package or module, if the place
    /// is in the folder of the module or is that.
    pub(crate) fn owner(&self, place: &[u8]) -> Option<usize> {
        let above = (0..place.len()).rev().filter(|at| place[*at] == b'/').map(|at| &place[..at]);
        let folders = std::iter::once(place).chain(above);
        let is_in = |at: &usize| {
            let rest = place.strip_prefix(self.modules[*at].path.as_bytes());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        folders.filter_map(|folder| self.folders.get(folder).copied()).find(is_in)
    }
}

/// Returns what lies in a vendor folder beside its list, and how it would differ from a copy that does not have it.
pub(crate) fn files(listing: &Listing) -> impl Iterator<Item = (&Vec<u8>, ChangeKind)> {
    let entries = listing.entries.iter();
    entries
        .filter(|(place, kind)| **kind != Some(ChangeKind::Folder) && place.as_slice() != LIST.as_bytes())
        .map(|(place, kind)| (place, kind.unwrap_or(ChangeKind::Added)))
}

/// Returns the place `below` in `folder`.
pub(crate) fn path_in(folder: &Path, below: &[u8]) -> io::Result<PathBuf> {
    Ok(folder.join(os_path(below).ok_or(io::ErrorKind::InvalidFilename)?))
}

/// Returns where below a vendor folder the file at `path` of `module` is.
pub(crate) fn place(module: &Vendored, path: &[u8]) -> Vec<u8> {
    [module.path.as_bytes(), b"/", path].concat()
}

/// Returns the module version that the files of a module in modules.txt are from.
pub(crate) fn id(module: &Vendored) -> Option<ModuleVersion> {
    let (path, version) = match &module.replacement {
        Some((path, version)) => (path, version.as_ref()?),
        None => (&module.path, module.version.as_ref()?),
    };
    ModuleVersion::new(ModulePath::parse(path).ok()?, Version::parse(version).ok()?).ok()
}

/// Returns what is to be said of a module that has packages in a vendor folder, and no line in a go.sum: a build compiles them, and
/// nothing says what they should be.
pub(crate) fn unrecorded(module: &ModuleVersion) -> String {
    format!("{module} has packages here, and no go.sum records it")
}

/// Someone who has whole copies.
#[derive(Clone, Copy)]
pub struct Reference<'a> {
    /// Who.
    pub source: &'a dyn Source,
    /// Whether it is asked only for what the others are not asked for because it is private.
    pub for_private: bool,
}

/// Returns the copy that `copy` makes of a module of the first of `references` that has one which may be compared with: it is what
/// go.sum records, where it has a line with the hash `recorded`.
///
/// # Errors
/// When none has: the copies that there are, and why each may not.
pub(crate) fn reference_copy<'a>(
    references: impl IntoIterator<Item = Reference<'a>>,
    copy: impl Fn(&dyn Source) -> Copied,
    recorded: Option<&Sum>,
) -> Result<Copied, Vec<(Copied, String)>> {
    let (mut unusable, mut is_private) = (Vec::new(), false);
    for Reference { source, for_private } in references {
        if for_private && !is_private {
            continue;
        }
        let copied = copy(source);
        is_private |= copied.zip.answer == Answer::NotAsked(NotAsked::Private);
        match check_reference(&copied, recorded) {
            Ok(()) => return Ok(copied),
            Err(why) => unusable.push((copied, why)),
        }
    }
    Err(unusable)
}

/// Returns whether `copied` has files that may be compared with: they are what go.sum records, where it has a line with the hash
/// `recorded`.
///
/// # Errors
/// Why they may not.
fn check_reference(copied: &Copied, recorded: Option<&Sum>) -> Result<(), String> {
    if copied.files.is_none() {
        let why = copied.zip.answer.reason().unwrap_or("it gave no files".into());
        return Err(format!("{}: {why}", copied.source));
    }
    match (&copied.zip.answer, recorded) {
        (Answer::Hash { h1, .. }, Some(recorded)) if h1 != recorded => {
            Err(format!("what {} has of it is not what go.sum records", copied.source))
        }
        (Answer::Hash { h1: Sum::H1(_), defects }, _) if defects.is_empty() => Ok(()),
        _ => Err(format!("what {} has of it is not to be believed", copied.source)),
    }
}

fn read(tree: &dyn FileTree, path: &[u8]) -> io::Result<Vec<u8>> {
    read_bounded(&mut *tree.open(path)?, MAX_ZIP)
}
