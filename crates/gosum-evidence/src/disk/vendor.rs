//! A vendor folder, held against the modules that it says it was made of.

use gosum_mod::name::id::ModuleVersion;

use super::FileChange;
use crate::subject::Location;

/// What was found of a vendor folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorFolder {
    /// The folder, as the user would name it.
    pub folder: String,
    /// What was found of each module of which it has packages, in the order of modules.txt.
    pub modules: Vec<VendoredModule>,
    /// Files that belong to no package in modules.txt.
    pub strays: Vec<FileChange>,
    /// What in modules.txt contradicts go.mod or the modules, and in which line of which file.
    pub list_faults: Vec<(Location, String)>,
    /// Whether the files are those of modules that a folder replaces, which are not compared: how many modules.
    pub replaced_by_folders: usize,
    /// What could not be told: a place and why.
    pub untold: Vec<(String, String)>,
}

/// A module of which a vendor folder has packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendoredModule {
    /// The module version that the files are from: what replaces the one in modules.txt, where something does.
    pub module: ModuleVersion,
    /// Its line in modules.txt.
    pub at: Location,
    /// How many files were compared; why none were.
    pub compared: Result<usize, String>,
    /// The files that are not those of the module, by their paths below the vendor folder.
    pub changes: Vec<FileChange>,
}
