//! How JSON shows what is kept in another shape. The schema of the report is made of these types too, so that the two cannot
//! differ.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::report::{FolderChange, Untold};
use super::{CachedToolchain, ChangeKind, ToolchainState};
use crate::subject::Location;

/// A toolchain that the project selects, or that the cache has.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Toolchain"))]
pub(super) struct ToolchainForm<'a> {
    /// The path of the module that toolchains are versions of.
    module: &'a str,
    /// The version.
    version: &'a str,
    /// Which lines select it.
    at: &'a [Location],
    /// What is to be said of it.
    state: ToolchainState,
}

impl Serialize for CachedToolchain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = ToolchainForm {
            module: self.module.path().as_str(),
            version: self.module.version().as_str(),
            at: &self.at,
            state: self.state,
        };
        form.serialize(serializer)
    }
}

/// Something that could not be told.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Untold"))]
pub(super) struct UntoldForm<'a> {
    /// The path of the module that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<&'a str>,
    /// The version that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// The file or folder.
    place: &'a str,
    /// Why.
    reason: &'a str,
}

impl Serialize for Untold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let module = self.module.as_ref();
        let form = UntoldForm {
            module: module.map(|module| module.path().as_str()),
            version: module.map(|module| module.version().as_str()),
            place: &self.place,
            reason: &self.reason,
        };
        form.serialize(serializer)
    }
}

/// A file of a folder that is not as it is in the module.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FolderChange"))]
pub(super) struct FolderChangeForm<'a> {
    /// The folder: of unpacked files, below the cache's; a vendor folder, as the user would name it.
    folder: &'a str,
    /// The file, below it; what is not UTF-8 in its path is U+FFFD.
    file: Cow<'a, str>,
    /// How it differs.
    change: ChangeKind,
}

impl Serialize for FolderChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = FolderChangeForm {
            folder: &self.folder,
            file: self.change.file.to_lossy(),
            change: self.change.kind,
        };
        form.serialize(serializer)
    }
}
