//! A vendor folder: each file of it held against the module that modules.txt says it is from, and modules.txt against go.mod.
//!
//! What is compared with is a module's zip, from the cache or whoever else has it, if it is what go.sum records.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use gosum_evidence::disk::{Cached, ChangeKind, FileChange, Found, VendorFolder, VendoredModule};
use gosum_evidence::evidence::Sum;
use gosum_evidence::subject::Location;
use gosum_mod::file::go_mod::go_line;
use gosum_mod::file::go_version::compare;
use gosum_mod::file::modules_txt::Vendored;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::text::Text;
use gosum_mod::zip::tree::FileTree;

use super::tree::Listing;
use crate::copy::{Copied, copy};
use crate::vendor::{Owners, Reference, VendorRequest, files, id, place, reference_copy, unrecorded};

/// Looks at the vendor folder of `request`. `recorded` is what go.sum records, `references` who has zips, those that are asked
/// first before the others.
pub(super) fn examine(
    request: &VendorRequest,
    recorded: &BTreeMap<ModuleVersion, Cached>,
    references: &[Reference<'_>],
) -> VendorFolder {
    let mut vendor = VendorFolder { folder: request.shown.clone(), ..VendorFolder::default() };
    let named = request.list_shown();
    let parsed = match request.read_list() {
        Found::Is(parsed) => parsed,
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
    vendor.list_faults = request.faults(&parsed);
    let listing = match Listing::of(&request.folder) {
        Found::Is(listing) => listing,
        Found::Missing => return vendor,
        Found::Unread(why) => {
            vendor.untold.push((request.shown.clone(), why));
            return vendor;
        }
    };
    let mut look =
        Look { request, recorded, references, listing: &listing, named, expected: BTreeSet::new() };
    // which of `vendor.modules` each of the list is; those of which nothing is compared are none
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, module) in parsed.modules.iter().enumerate() {
        let is_vendored = !module.packages.is_empty();
        if is_vendored && matches!(&module.replacement, Some((_, None))) {
            vendor.replaced_by_folders += 1;
            continue;
        }
        let Some(id) = id(module) else {
            if is_vendored {
                let at = look.at(module.line);
                vendor.list_faults.push((at, format!("{:?} is of no module version", module.path)));
            }
            continue;
        };
        let copied = look.copied(&id);
        look.check_go(module, &id, &copied, &mut vendor);
        if !is_vendored {
            continue;
        }
        if !look.is_recorded(&id) {
            vendor.list_faults.push((look.at(module.line), unrecorded(&id)));
        }
        let looked = look.module(module, id, copied, &mut vendor.list_faults);
        places.insert(number, vendor.modules.len());
        vendor.modules.push(looked);
    }
    let expected = look.expected;
    let mut added: Vec<(&Vec<u8>, ChangeKind)> =
        files(&listing).filter(|(path, _)| !expected.contains(*path)).collect();
    added.sort();
    let owners = Owners::of(&parsed.modules);
    for (path, kind) in added {
        let change = FileChange { file: path.as_slice().into(), kind };
        match owners.owner(path).map(|number| places.get(&number)) {
            Some(Some(at)) if vendor.modules[*at].compared.is_ok() => {
                vendor.modules[*at].changes.push(change);
            }
            // of what is not compared, nobody knows what belongs there
            Some(_) => {}
            None => vendor.strays.push(change),
        }
    }
    vendor.modules.iter_mut().for_each(|module| module.changes.sort());
    vendor
}

struct Look<'a> {
    request: &'a VendorRequest,
    recorded: &'a BTreeMap<ModuleVersion, Cached>,
    references: &'a [Reference<'a>],
    listing: &'a Listing,
    named: std::sync::Arc<str>,
    /// The paths below the vendor folder that belong there.
    expected: BTreeSet<Vec<u8>>,
}

impl Look<'_> {
    fn at(&self, line: usize) -> Location {
        Location { file: self.named.clone(), line }
    }

    /// Returns whether a go.sum records the zip of `module`.
    fn is_recorded(&self, module: &ModuleVersion) -> bool {
        self.recorded.get(module).is_some_and(|cached| cached.zip_line.is_some())
    }

    /// Returns a copy that may be compared with; else those that there are, and why they may not.
    fn copied(&self, module: &ModuleVersion) -> Result<Copied, Vec<(Copied, String)>> {
        let line = self.recorded.get(module).and_then(|cached| cached.zip_line.as_ref());
        let references = self.references.iter().copied();
        reference_copy(references, |source| copy(source, module), line.map(|line| &line.sum))
    }

    /// Holds the mark of the go version to the go.mod of the module.
    fn check_go(
        &self,
        module: &Vendored,
        id: &ModuleVersion,
        copied: &Result<Copied, Vec<(Copied, String)>>,
        vendor: &mut VendorFolder,
    ) {
        let marked = module.go.clone();
        // what replaces all versions is said once more at the end, without marks
        if module.version.is_none() {
            if let Some(go) = marked {
                let what = format!("{} is marked with go {go}, and no version of it", module.path);
                vendor.list_faults.push((self.at(module.line), what));
            }
            return;
        }
        if compare(self.request.go(), "1.17").is_lt() {
            if let Some(go) = marked {
                let what =
                    format!("{} is marked with go {go}, which go before 1.17 does not do", module.path);
                vendor.list_faults.push((self.at(module.line), what));
            }
            return;
        }
        let line = self.recorded.get(id).and_then(|cached| cached.go_mod_line.as_ref());
        let all: Vec<&Copied> = match copied {
            Ok(copied) => vec![copied],
            Err(unusable) => unusable.iter().map(|(copied, _)| copied).collect(),
        };
        let texts: Vec<(&Sum, &Vec<u8>)> = all
            .into_iter()
            .filter_map(|copied| Some((copied.go_mod.answer.sum()?, copied.go_mod_text.as_ref()?)))
            .collect();
        let recorded = texts.iter().find(|(sum, _)| line.is_none_or(|line| line.sum == **sum));
        match recorded.or(texts.first()) {
            Some((sum, text)) if line.is_none_or(|line| line.sum == **sum) => {
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
        copied: Result<Copied, Vec<(Copied, String)>>,
        faults: &mut Vec<(Location, String)>,
    ) -> VendoredModule {
        let at = self.at(module.line);
        let compared = match copied {
            Ok(copied) => {
                let files = copied.files.expect("they may be compared with");
                self.compare(module, &*files.tree, faults)
                    .map_err(|error| format!("its files cannot be compared: {error}"))
            }
            Err(unusable) => {
                let whys: Vec<String> = unusable.into_iter().map(|(_, why)| why).collect();
                Err(if whys.is_empty() { "nobody is asked for it".to_owned() } else { whys.join("; ") })
            }
        };
        match compared {
            Ok((count, changes)) => VendoredModule { module: id, at, compared: Ok(count), changes },
            Err(why) => VendoredModule { module: id, at, compared: Err(why), changes: Vec::new() },
        }
    }

    fn compare(
        &mut self,
        module: &Vendored,
        tree: &dyn FileTree,
        faults: &mut Vec<(Location, String)>,
    ) -> io::Result<(usize, Vec<FileChange>)> {
        let compared = self.request.compare(self.listing, module, tree)?;
        for (package, line) in compared.lacking {
            faults.push((self.at(line), format!("the module has no package {package}")));
        }
        let mut changes = Vec::new();
        let count = compared.files.len();
        for (path, kind) in compared.files {
            let place = place(module, &path);
            changes.extend(kind.map(|kind| FileChange { file: place.as_slice().into(), kind }));
            self.expected.insert(place);
        }
        Ok((count, changes))
    }
}
