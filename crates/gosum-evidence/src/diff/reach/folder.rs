//! What each folder of a module is to a build: a package, and what its Go files say.

use std::collections::BTreeMap;

use gosum_mod::build::constraint::{Constraint, ConstraintError, Platform, Possible};
use gosum_mod::build::embed::EmbedPattern;
use gosum_mod::build::go_file::GoFile;
use gosum_mod::build::source_kind::SourceKind;
use gosum_mod::name::path::check_import_path;
use gosum_mod::name::text::Text;

use super::mention::Generate;
use super::read::Reader;
use super::{Inert, Reach, Unknown, shape, split};

/// How many patterns a package may have, and how long each may be; what further ones embed is unknown.
const MAX_PATTERNS: usize = 1000;
const MAX_PATTERN: usize = 4096;

/// A folder with Go files.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// What its Go files are, by their paths.
    pub(super) go: BTreeMap<Vec<u8>, Reach>,
    /// Whether there is a package that may be compiled.
    pub(super) is_package: bool,
    /// Whether that may be a command.
    is_main: bool,
    /// Whether that may use cgo or SWIG.
    pub(super) has_cgo: bool,
    /// The Go files that may use cgo.
    pub(super) cgo_files: Vec<Vec<u8>>,
    pub(super) embeds: Vec<Embed>,
    /// A Go file that may embed more than could be found out.
    pub(super) opaque: Option<Text>,
}

/// A pattern of a `//go:embed` line.
#[derive(Debug)]
pub(super) struct Embed {
    pub(super) pattern: EmbedPattern,
    pub(super) by: Text,
    pub(super) is_test: bool,
}

/// Returns the folders that have Go files, by their paths.
pub(super) fn folders(
    paths: &[Vec<u8>],
    platform: &Platform,
    reader: &mut Reader<'_>,
    generate: &mut Generate,
) -> BTreeMap<Vec<u8>, Folder> {
    let mut folders: BTreeMap<Vec<u8>, Folder> = BTreeMap::new();
    for path in paths {
        let (folder, name) = split(path);
        if SourceKind::of(name) == Some(SourceKind::Go) {
            folders.entry(folder.to_vec()).or_default().add(path, platform, reader, generate);
        }
    }
    for path in paths {
        let (folder, name) = split(path);
        let is_swig = matches!(SourceKind::of(name), Some(SourceKind::Swig | SourceKind::SwigCxx));
        if let Some(folder) = folders.get_mut(folder).filter(|folder| is_swig && folder.is_package) {
            let constraint = Constraint::of_name(name).with_cgo();
            folder.has_cgo |= constraint.possible(platform) != Possible::No;
        }
    }
    folders
}

impl Folder {
    /// Adds the Go file at `path`.
    fn add(&mut self, path: &[u8], platform: &Platform, reader: &mut Reader<'_>, generate: &mut Generate) {
        let (folder, name) = split(path);
        let Some(read) = reader.read(path) else {
            self.opaque = Some(path.into());
            self.go.insert(path.to_vec(), Reach::Unknown(Unknown::Unreadable));
            return;
        };
        generate.add(path, &read.text);
        let file = GoFile::parse(&read.text);
        let is_test = name.ends_with(b"_test.go");
        let can_be_named = can_be_named(folder);
        let reach = match () {
            () if is_test => Reach::Inert(Inert::Test),
            () if !can_be_named => Reach::Inert(Inert::Unnameable),
            () if file.package.as_deref() == Some(b"documentation") => Reach::Inert(Inert::NeverCompiled),
            () => {
                let constraint = Constraint::of_go(name, &read.text);
                let has_cgo = file.imports(b"C");
                let constraint =
                    constraint.map(|constraint| if has_cgo { constraint.with_cgo() } else { constraint });
                let refused = match (file.is_malformed, read.is_cut) {
                    (false, _) => Reach::Compiled,
                    (true, true) => Reach::Unknown(Unknown::Unreadable),
                    (true, false) => Reach::Unknown(Unknown::Refused),
                };
                compiled(constraint, platform, refused)
            }
        };
        let may_be_compiled = !reach.is_inert();
        if may_be_compiled && file.imports(b"C") {
            self.cgo_files.push(path.to_vec());
        }
        self.is_package |= may_be_compiled;
        self.is_main |= may_be_compiled && file.package.as_deref() == Some(b"main");
        self.has_cgo |= may_be_compiled && file.imports(b"C");
        if may_be_compiled || is_test && can_be_named {
            self.embed(path, &file, is_test);
            let may_embed = file.imports(b"embed") || file.is_malformed;
            if read.is_cut && may_embed && !is_test {
                self.opaque = Some(path.into());
            }
        }
        self.go.insert(path.to_vec(), reach);
    }

    fn embed(&mut self, path: &[u8], file: &GoFile, is_test: bool) {
        let by = Text::from(path);
        for pattern in &file.embeds {
            if pattern.len() > MAX_PATTERN || self.embeds.len() >= MAX_PATTERNS {
                self.opaque = Some(by);
                return;
            }
            if let Some(pattern) = EmbedPattern::parse(pattern) {
                self.embeds.push(Embed { pattern, by: by.clone(), is_test });
            }
        }
    }
}

/// Returns whether there is an import path for the packages of a folder.
fn can_be_named(folder: &[u8]) -> bool {
    folder.is_empty() || check_import_path([b"example.com/", folder].concat()).is_ok()
}

/// Returns `reach` where a build may meet the constraint.
fn compiled(constraint: Result<Constraint, ConstraintError>, platform: &Platform, reach: Reach) -> Reach {
    match constraint.map(|constraint| (constraint.possible(platform), constraint)) {
        Ok((Possible::Yes, _)) => reach,
        Ok((Possible::Unknown, _)) => Reach::Unknown(Unknown::Constraint),
        Ok((Possible::No, constraint)) => Reach::Inert(match platform {
            Platform::One(_) if constraint.possible(&Platform::Any) != Possible::No => Inert::OtherPlatform,
            _ => Inert::NeverCompiled,
        }),
        Err(_) => Reach::Unknown(Unknown::Refused),
    }
}

/// Returns what a file is in itself.
pub(super) fn own(
    path: &[u8],
    folders: &BTreeMap<Vec<u8>, Folder>,
    platform: &Platform,
    reader: &mut Reader<'_>,
) -> Reach {
    let (folder, name) = split(path);
    if name == b"go.mod" {
        return Reach::GoMod;
    }
    if name == b"default.pgo" && folders.get(folder).is_some_and(|folder| folder.is_main) {
        return Reach::Profile;
    }
    let Some(kind) = SourceKind::of(name) else {
        let hidden = name.strip_prefix(b"_").or_else(|| name.strip_prefix(b"."));
        let is_source = hidden.is_some_and(|shown| SourceKind::of(shown).is_some());
        return Reach::Inert(if is_source { Inert::Hidden } else { shape::of(path) });
    };
    let folder = folders.get(folder);
    if kind == SourceKind::Go {
        let reach = folder.and_then(|folder| folder.go.get(path));
        return reach.cloned().unwrap_or(Reach::Unknown(Unknown::Unreadable));
    }
    let Some(folder) = folder.filter(|folder| folder.is_package) else {
        return Reach::Inert(if shape::of(path) == Inert::Testdata {
            Inert::Testdata
        } else {
            Inert::NoPackage
        });
    };
    let reach = match kind {
        SourceKind::Syso => return compiled(Ok(Constraint::of_name(name)), platform, Reach::Syso),
        SourceKind::Assembly => Reach::Assembly,
        SourceKind::C => Reach::Cgo, // gccgo takes it without cgo too
        _ if !folder.has_cgo => return Reach::Inert(Inert::NoCgo),
        SourceKind::CAssembly => Reach::Assembly,
        _ => Reach::Cgo,
    };
    match reader.read(path) {
        None => Reach::Unknown(Unknown::Unreadable),
        Some(read) if read.is_cut => reach,
        Some(read) => {
            // where the constraint is malformed, go leaves the file out or takes it
            let constraint =
                Constraint::of_other(name, &read.text).unwrap_or_else(|_| Constraint::of_name(name));
            compiled(Ok(constraint), platform, reach)
        }
    }
}
