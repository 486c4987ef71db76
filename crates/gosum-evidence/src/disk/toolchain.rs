//! Toolchains in the module cache. No go.sum has them: what they are must be what the checksum database recorded (spec 01 §8).

use gosum_mod::setting::private::TOOLCHAIN;
use serde::Serialize;

use super::{Cached, CachedRecord, Found};
use crate::evidence::{Answer, NotAsked, Sum};
use crate::subject::Location;
use gosum_mod::name::id::ModuleVersion;

/// A toolchain that the project selects, or that the cache has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedToolchain {
    /// The module version that it is.
    pub module: ModuleVersion,
    /// Which lines select it.
    pub at: Vec<Location>,
    /// What is to be said of it.
    pub state: ToolchainState,
}

/// What is to be said of a toolchain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ToolchainState {
    /// The cache does not have it.
    Absent,
    /// Its zip, or where that is gone its files, hash to what the checksum database recorded.
    Recorded,
    /// They do not.
    Differs,
    /// It could not be told.
    #[serde(rename = "could-not-tell")]
    Untold,
}

impl Cached {
    /// Returns whether it is one of Go's own toolchains.
    pub fn is_toolchain(&self) -> bool {
        self.module.path().as_str() == TOOLCHAIN
    }

    /// Returns the hash that the checksum database is known to have recorded of the zip; nothing where it is known to have
    /// none. What it says itself, asked now, counts before a record in the cache, and that only where it is proven.
    ///
    /// # Errors
    /// When neither is there: why.
    pub fn proven(&self) -> Result<Option<&Sum>, String> {
        match (&self.asked, &self.record) {
            (Some(Answer::Hash { h1, .. }), _) => Ok(Some(h1)),
            (Some(Answer::Absent(_)), _) => Ok(None),
            (Some(Answer::NotAsked(NotAsked::GosumdbOff)), _) => {
                Err("the checksum database alone can tell, and GOSUMDB is off".to_owned())
            }
            (Some(other), _) => {
                let why = other.reason().unwrap_or_else(|| other.word().into());
                Err(format!("the checksum database alone can tell, and gives no answer: {why}"))
            }
            (None, Found::Is(CachedRecord { zip: Some(sum), is_proven: true, .. })) => Ok(Some(sum)),
            (None, Found::Is(_)) => {
                Err("nothing in the cache proves what it has of the checksum database on it: --fetch asks the database"
                    .to_owned())
            }
            (None, Found::Missing) => {
                Err("no go.sum has it, and the cache nothing of the checksum database on it: --fetch asks the database"
                    .to_owned())
            }
            (None, Found::Unread(why)) => Err(why.clone()),
        }
    }

    /// Returns what is to be said of it as a toolchain.
    pub(super) fn toolchain(&self) -> ToolchainState {
        if self.is_absent() {
            return ToolchainState::Absent;
        }
        let tree = self.tree.get();
        let differs = tree.and_then(|tree| tree.changes.as_ref()).is_some_and(|changes| !changes.is_empty());
        let files = tree.and_then(|tree| tree.h1.as_ref()?.as_ref().ok());
        let here = match (&self.zip, files) {
            _ if self.is_busy || self.tree.why_unread().is_some() => return ToolchainState::Untold,
            (Found::Is(zip), _) => match &zip.h1 {
                Ok(h1) if !differs => h1,
                _ => return ToolchainState::Differs,
            },
            (Found::Missing, Some(files)) => files,
            (Found::Missing, None) | (Found::Unread(_), _) => return ToolchainState::Untold,
        };
        match self.proven() {
            Ok(Some(Sum::H1(recorded))) if here == recorded => ToolchainState::Recorded,
            Ok(_) => ToolchainState::Differs,
            Err(_) => ToolchainState::Untold,
        }
    }
}
