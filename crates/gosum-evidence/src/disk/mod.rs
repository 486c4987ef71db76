//! What is on this machine of the modules of a go.sum: values, found by whoever reads the disk, and the report of what
//! they come to. Pure, as all here.

mod form;
mod log;
mod report;
#[cfg(test)]
pub(crate) mod sample;
mod toolchain;
mod vendor;

pub use self::log::{CachedLog, LogFault};
pub use self::report::{DiskCounts, DiskReport, FolderChange, Untold};
pub use self::toolchain::{CachedToolchain, ToolchainState};
pub use self::vendor::{VendorFolder, VendoredModule};

use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::text::Text;

use crate::evidence::{Answer, Sum};
use crate::subject::{Location, Subject};

/// All that was found on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disk {
    /// The module cache, as the user would name it.
    pub cache: String,
    /// What the cache has of each module version, in the order of go.sum.
    pub cached: Vec<Cached>,
    /// What the cache has of checksum databases.
    pub logs: Vec<CachedLog>,
    /// The vendor folders.
    pub vendors: Vec<VendorFolder>,
    /// What could not be looked at and belongs to no module version, and why.
    pub unread: Vec<(String, String)>,
}

/// Something that may be on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// It is not there.
    Missing,
    /// It is there, or may be, and cannot be read: what it is cannot be told.
    Unread(String),
    /// It is there.
    Is(T),
}

impl<T> Found<T> {
    /// Returns it, if it is there and was read.
    pub fn get(&self) -> Option<&T> {
        match self {
            Found::Is(found) => Some(found),
            Found::Missing | Found::Unread(_) => None,
        }
    }

    /// Returns whether it is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Found::Missing)
    }

    /// Returns why it cannot be told what it is.
    pub fn why_unread(&self) -> Option<&str> {
        match self {
            Found::Unread(why) => Some(why),
            Found::Missing | Found::Is(_) => None,
        }
    }
}

/// What go.sum records of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The hash that counts: the first `h1:` of the lines.
    pub sum: Sum,
    /// The lines.
    pub at: Vec<Location>,
}

/// What the module cache has of a module version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// The module version.
    pub module: ModuleVersion,
    /// What go.sum records of its zip.
    pub zip_line: Option<Recorded>,
    /// What go.sum records of its go.mod.
    pub go_mod_line: Option<Recorded>,
    /// Where a go.mod requires this very version, if one does.
    pub required_at: Option<Location>,
    /// The module zip.
    pub zip: Found<CachedZip>,
    /// The text beside the zip that is to be its hash.
    pub ziphash: Found<ZipHash>,
    /// The unpacked files.
    pub tree: Found<CachedTree>,
    /// What the go.mod beside the zip hashes to.
    pub go_mod: Found<H1>,
    /// What is wrong with the `.info`.
    pub info: Found<Vec<InfoFault>>,
    /// What the checksum database recorded, as the cache has it.
    pub record: Found<CachedRecord>,
    /// What the checksum database itself answers on the zip, where it was asked now.
    pub asked: Option<Answer>,
    /// Where the project selects it, where it is the toolchain that the project selects. The places are none where a setting
    /// does.
    pub selected_at: Option<Vec<Location>>,
    /// What is left of a download or an unpacking that did not end.
    pub leftovers: Vec<String>,
    /// Whether another process holds the module's lock, and may be changing all this.
    pub is_busy: bool,
}

impl Cached {
    /// Returns that the cache has nothing of `module`.
    pub fn nothing(module: ModuleVersion) -> Cached {
        Cached {
            module,
            zip_line: None,
            go_mod_line: None,
            required_at: None,
            zip: Found::Missing,
            ziphash: Found::Missing,
            tree: Found::Missing,
            go_mod: Found::Missing,
            info: Found::Missing,
            record: Found::Missing,
            asked: None,
            selected_at: None,
            leftovers: Vec::new(),
            is_busy: false,
        }
    }

    /// Returns where the cache has the file of the module version with this extension, below the cache's folder.
    pub fn file(&self, extension: &str) -> String {
        let (path, version) = (self.module.path().escaped(), self.module.version().escaped());
        format!("cache/download/{path}/@v/{version}.{extension}")
    }

    /// Returns where the cache has the unpacked files, below the cache's folder.
    pub fn folder(&self) -> String {
        format!("{}@{}", self.module.path().escaped(), self.module.version().escaped())
    }

    /// Returns where the cache has what the checksum database recorded, below the cache's folder.
    pub fn record_file(&self) -> String {
        let database = self.record.get().map_or("NAME", |record| &record.database);
        let (path, version) = (self.module.path().escaped(), self.module.version().escaped());
        format!("cache/download/sumdb/{database}/lookup/{path}@{version}")
    }

    /// Returns what was recorded of the zip, by whom, in the order of trust: go.sum, what the cache has of the checksum
    /// database, the text beside the zip. Of a toolchain, what the database is known to have recorded, and nothing else.
    pub fn zip_reference(&self) -> Option<(Sum, &'static str)> {
        if self.is_toolchain() {
            // what is not proven may come from whoever wrote the files
            let proven = self.proven().ok().flatten().cloned();
            return proven.map(|sum| (sum, "the checksum database recorded"));
        }
        let line = self.zip_line.as_ref().map(|line| (line.sum.clone(), "go.sum records"));
        let record = || self.record.get().and_then(|record| record.zip.clone());
        let record = || record().map(|sum| (sum, "the checksum database recorded"));
        let ziphash = || match self.ziphash.get() {
            Some(ZipHash::H1(h1)) => Some((Sum::H1(*h1), "the ziphash says")),
            _ => None,
        };
        line.or_else(record).or_else(ziphash)
    }

    /// Returns what the checksum database recorded of `artifact`, where the cache has that and proves it.
    pub fn proven_record(&self, artifact: Artifact) -> Option<&Sum> {
        let record = self.record.get().filter(|record| record.is_proven)?;
        match artifact {
            Artifact::Zip => record.zip.as_ref(),
            Artifact::GoMod => record.go_mod.as_ref(),
        }
    }

    /// Returns what the zip hashes to, where that could be told.
    pub fn zip_h1(&self) -> Option<H1> {
        self.zip.get().and_then(|zip| zip.h1.as_ref().ok().copied())
    }

    /// Returns one artifact of the module version.
    pub fn subject(&self, artifact: Artifact) -> Subject {
        Subject::new(self.module.clone(), artifact)
    }

    /// Returns the lines of go.sum about `artifact`; about the other one where it has none. Of a toolchain, the lines that
    /// select it.
    pub fn at(&self, artifact: Artifact) -> Vec<Location> {
        let lines = match artifact {
            Artifact::Zip => [&self.zip_line, &self.go_mod_line],
            Artifact::GoMod => [&self.go_mod_line, &self.zip_line],
        };
        let line = lines.into_iter().flatten().next().map(|line| &line.at);
        line.or(self.selected_at.as_ref()).cloned().unwrap_or_default()
    }

    /// Returns whether the cache has neither zip nor files nor go.mod of it.
    pub fn is_absent(&self) -> bool {
        self.zip.is_missing()
            && self.tree.is_missing()
            && self.go_mod.is_missing()
            && self.ziphash.is_missing()
            && self.info.is_missing()
            && self.leftovers.is_empty()
    }
}

/// Something that is wrong with an `.info`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InfoFault {
    /// What.
    pub what: String,
    /// Whether proxies are known to serve such a one in all innocence.
    pub happens: bool,
}

/// A module zip in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedZip {
    /// What its content hashes to; why there is no hash, when it is damaged or no zip at all.
    pub h1: Result<H1, String>,
    /// Why the go command would not unpack it, whatever it hashes to.
    pub refused: Vec<String>,
    /// What it has that its hash does not cover.
    pub irregular: Vec<String>,
    /// What the go.mod in it hashes to; for a zip without one, what the go command makes up for it hashes to.
    pub go_mod: Option<H1>,
}

/// The text beside a zip that is to be its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZipHash {
    /// It is a hash.
    H1(H1),
    /// It is none, and what it is instead.
    Other(String),
}

/// The unpacked files of a module version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedTree {
    /// How they differ from what is in the zip; none where there is no zip to compare with.
    pub changes: Option<Vec<FileChange>>,
    /// What they hash to, where that was asked: they differ from the zip, or there is none.
    pub h1: Option<Result<H1, String>>,
}

/// A file that is not in the folder as it is in the zip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileChange {
    /// Its path below the folder.
    pub file: Text,
    /// How it differs.
    pub kind: ChangeKind,
}

/// How a file differs from the one in the zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ChangeKind {
    /// Its content is another one.
    Changed,
    /// It is not in the zip.
    Added,
    /// It is in the zip alone.
    Missing,
    /// It is a link, whatever it leads to.
    Link,
    /// It is a folder.
    Folder,
    /// It is neither a file nor a folder nor a link.
    Special,
}

impl ChangeKind {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::Changed => "changed",
            ChangeKind::Added => "added",
            ChangeKind::Missing => "missing",
            ChangeKind::Link => "a link",
            ChangeKind::Folder => "a folder",
            ChangeKind::Special => "not a file",
        }
    }
}

/// What a checksum database recorded of a module version, as the cache has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CachedRecord {
    /// The database.
    pub database: String,
    /// The hash of the zip, if it has one.
    pub zip: Option<Sum>,
    /// The hash of the go.mod, if it has one.
    pub go_mod: Option<Sum>,
    /// Whether tiles in the cache prove it, under a tree head that the database signed.
    pub is_proven: bool,
}

/// How many files of a list a message names.
const NAMED: usize = 8;

/// Returns the changes as the end of a message: how many, and the first few by name.
pub fn shown(changes: &[FileChange]) -> String {
    let named = changes.iter().take(NAMED);
    let mut text = named
        .map(|change| format!("{:?} is {}", change.file, change.kind.word()))
        .collect::<Vec<_>>()
        .join(", ");
    if changes.len() > NAMED {
        text += &format!(", and {} more", changes.len() - NAMED);
    }
    text
}
