//! What a rule says.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::subject::{Location, Subject};

/// How much a finding weighs. Ordered from light to heavy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Level {
    /// Something to know.
    Note,
    /// Something to look at in time: the audit does not fail for it unless the user wants so.
    Warn,
    /// Someone must look: the audit fails.
    Deny,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Deny => "deny",
        })
    }
}

/// One thing that a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// Its weight.
    pub level: Level,
    /// The artifact it is about, where it is about one.
    pub subject: Option<Subject>,
    /// The lines it is about.
    pub at: Vec<Location>,
    /// What was found.
    pub message: String,
    /// What to do next, in one line: commands name the module version that it is about.
    pub help: Cow<'static, str>,
}
