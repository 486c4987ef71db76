//! Whether a file of a module can reach a build of those who depend on it.
//!
//! By Go's own rules: what `go build` compiles, assembles, links or embeds of a module that it takes from a proxy, for
//! any of its packages that can be named. *Inert* is a file only when no combination of `GOOS`, `GOARCH` and tags
//! takes it; what is not known can reach. So the answers err on one side: a file that can reach may never be built by
//! anyone.
//!
//! Measured with go 1.26: packages in `testdata`, `_x` and `.x` folders are left out by `./...`, but an import of their
//! path compiles them; those in `vendor` folders cannot be imported, but are compiled when they are named on the
//! command line. Folders that no import path may name, such as one with a space in it, are compiled by nobody.

mod folder;
mod mention;
mod read;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::{fmt, io};

use gosum_mod::build::constraint::Platform;
use gosum_mod::name::text::Text;
use gosum_mod::zip::tree::{FileKind, FileTree};

use folder::Folder;
use mention::Mentions;

/// What a file of a module can do to a build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The go.mod file of the module, which decides on versions; or one below it, which ends the module there.
    GoMod,
    /// A Go file that is compiled.
    Compiled,
    /// A file for the C compiler or its like, in a package with cgo.
    Cgo,
    /// A file for the assembler.
    Assembly,
    /// Object code that is linked as it is.
    Syso,
    /// The profile of a command, by which its code is optimised.
    Profile,
    /// A file that becomes part of a package by `//go:embed`.
    Embedded {
        /// The Go file that embeds it.
        by: Text,
    },
    /// A file that is named where C or assembly is compiled: a header, most often.
    Included {
        /// The file that names it.
        by: Text,
    },
    /// A file that is named in a `//go:generate` line. No build reads it, but what is made of it may be built.
    GenerateInput {
        /// The Go file with that line.
        by: Text,
    },
    /// Nobody can tell; counts as one that can reach.
    Unknown(Unknown),
    /// It is part of no build.
    Inert(Inert),
}

/// Why nobody can tell whether a file reaches a build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// There is no such file here.
    Absent,
    /// It, or the beginning of it that counts, cannot be read.
    Unreadable,
    /// Its path is longer than any system unpacks.
    LongPath,
    /// Its build constraint takes too long to solve.
    Constraint,
    /// Go refuses it, as its head or its constraint is malformed.
    Refused,
    /// A Go file above it is too large to be searched for `//go:embed` lines, or cannot be read, or has too many.
    Embeds(Text),
    /// Not all that C, assembly or a `//go:generate` line names could be found out.
    Names(Text),
}

/// Why a file is part of no build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inert {
    /// No combination of `GOOS`, `GOARCH` and tags compiles it.
    NeverCompiled,
    /// It is not compiled for the platform that was asked about.
    OtherPlatform,
    /// A Go test file, which `go test` of the module itself compiles, or a file that one embeds.
    Test,
    /// Source in a folder that no import path can name.
    Unnameable,
    /// Source in a folder without a Go package.
    NoPackage,
    /// C or the like in a package without cgo.
    NoCgo,
    /// Source whose name begins with `_` or `.`.
    Hidden,
    /// go.sum, go.work or the list of vendored modules, which go reads of the main module alone.
    MainModuleOnly,
    /// The terms of use.
    Licence,
    /// Documentation.
    Docs,
    /// Settings of a service that builds or checks the repository, or of a tool.
    Settings,
    /// Data of tests.
    Testdata,
    /// The entry of a folder in a zip: no file, and the go command passes over it. The hash covers its name.
    FolderEntry,
    /// Anything else that no build reads.
    Unread,
}

impl Reach {
    /// Returns whether the file is part of no build.
    pub fn is_inert(&self) -> bool {
        matches!(self, Reach::Inert(_))
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reach::GoMod => f.write_str("go.mod"),
            Reach::Compiled => f.write_str("compiled Go"),
            Reach::Cgo => f.write_str("compiled with cgo"),
            Reach::Assembly => f.write_str("assembly"),
            Reach::Syso => f.write_str("linked object code"),
            Reach::Profile => f.write_str("profile for optimisation"),
            Reach::Embedded { by } => write!(f, "embedded by {by:?}"),
            Reach::Included { by } => write!(f, "included by {by:?}"),
            Reach::GenerateInput { by } => write!(f, "input of go generate in {by:?}"),
            Reach::Unknown(unknown) => write!(f, "not known: {unknown}"),
            Reach::Inert(inert) => write!(f, "inert: {inert}"),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::Absent => f.write_str("not there"),
            Unknown::Unreadable => f.write_str("cannot be read"),
            Unknown::LongPath => f.write_str("path too long"),
            Unknown::Constraint => f.write_str("build constraint too hard"),
            Unknown::Refused => f.write_str("go refuses the file"),
            Unknown::Embeds(by) => write!(f, "what {by:?} embeds"),
            Unknown::Names(by) => write!(f, "what {by:?} names"),
        }
    }
}

impl fmt::Display for Inert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Inert::NeverCompiled => "never compiled",
            Inert::OtherPlatform => "not compiled for this platform",
            Inert::Test => "test",
            Inert::Unnameable => "in a folder that cannot be imported",
            Inert::NoPackage => "no Go package in its folder",
            Inert::NoCgo => "package without cgo",
            Inert::Hidden => "name begins with `_` or `.`",
            Inert::MainModuleOnly => "read of the main module alone",
            Inert::Licence => "licence",
            Inert::Docs => "documentation",
            Inert::Settings => "settings",
            Inert::Testdata => "test data",
            Inert::FolderEntry => "folder entry",
            Inert::Unread => "read by no build",
        })
    }
}

/// The files of a module could not be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot list the files")]
pub struct ReachError(#[source] io::Error);

/// How long a path may be.
const MAX_PATH: usize = 4096;

/// What the files of a module can do to a build.
#[derive(Debug)]
pub struct Reaches {
    folders: BTreeMap<Vec<u8>, Folder>,
    /// What each file is in itself.
    files: BTreeMap<Vec<u8>, Reach>,
    mentions: Mentions,
}

/// Returns what the files of a module, with `tree` at its root, can do to builds of `platform`.
///
/// Reads every Go file, and the C and assembly that go with them; of each at most 16 MiB, of all at most 1 GiB. A file
/// that cannot be read, or not whole, is not an error: what it may be or name is unknown.
///
/// # Errors
/// When the tree cannot be listed.
pub fn reaches(tree: &dyn FileTree, platform: &Platform) -> Result<Reaches, ReachError> {
    let list = tree.list().map_err(ReachError)?;
    let files = list.into_iter().filter(|file| file.kind != FileKind::Folder && file.path.len() <= MAX_PATH);
    let mut paths: Vec<Vec<u8>> = files.map(|file| file.path).collect();
    paths.sort();
    paths.dedup();
    let mut reader = read::Reader::new(tree);
    let mut generate = mention::Generate::default();
    let folders = folder::folders(&paths, platform, &mut reader, &mut generate);
    let mut files = BTreeMap::new();
    for path in &paths {
        let reach = folder::own(path, &folders, platform, &mut reader);
        files.insert(path.clone(), reach);
    }
    let mentions = Mentions::collect(&paths, &folders, &files, &generate, &mut reader);
    Ok(Reaches { folders, files, mentions })
}

impl Reaches {
    /// Returns what the file at `path`, below the root of the module, can do. What it is in itself comes before who
    /// embeds or names it.
    pub fn of(&self, path: &[u8]) -> Reach {
        if path.ends_with(b"/") {
            return Reach::Inert(Inert::FolderEntry);
        }
        let Some(own) = self.files.get(path) else {
            return Reach::Unknown(if path.len() > MAX_PATH { Unknown::LongPath } else { Unknown::Absent });
        };
        if !own.is_inert() {
            return own.clone();
        }
        let named = [self.embedded(path), self.mentions.of(path)].into_iter().flatten();
        let best = named.min_by_key(|reach| match reach {
            Reach::Inert(_) => 2,
            Reach::Unknown(_) => 1,
            _ => 0,
        });
        best.unwrap_or_else(|| own.clone())
    }

    /// Returns how a file becomes part of a package in a folder above it, if it may.
    fn embedded(&self, path: &[u8]) -> Option<Reach> {
        let mut found = None;
        for folder in above(path) {
            let Some(package) = self.folders.get(folder) else { continue };
            let below = if folder.is_empty() { path } else { &path[folder.len() + 1..] };
            let is_module =
                |nested: &[u8]| self.files.contains_key(&join(folder, &[nested, b"/go.mod"].concat()));
            let embed = package.embeds.iter().filter(|embed| embed.pattern.embeds(below, &is_module));
            match embed.min_by_key(|embed| embed.is_test) {
                Some(embed) if !embed.is_test => return Some(Reach::Embedded { by: embed.by.clone() }),
                Some(_) => found = found.or(Some(Reach::Inert(Inert::Test))),
                None => {}
            }
            if let Some(by) = &package.opaque {
                found = Some(Reach::Unknown(Unknown::Embeds(by.clone())));
            }
        }
        found
    }
}

/// Returns the folders that `path` is in, the innermost first, the root last.
fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = (0..path.len()).rev().filter(|&at| path[at] == b'/');
    ends.map(|end| &path[..end]).chain([&b""[..]])
}

/// Returns the folder and the name of a file.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (b"", path),
    }
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
