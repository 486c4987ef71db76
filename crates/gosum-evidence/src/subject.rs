//! What an audit asks about, and where a go.sum speaks of it.

use std::fmt;

use gosum_mod::file::go_sum;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use serde::Serialize;

use crate::evidence::Sum;

/// One artifact of one module version: what a go.sum line covers. Ordered as go.sum is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The module version.
    pub module: ModuleVersion,
    /// Its zip or its go.mod.
    pub artifact: Artifact,
}

impl Subject {
    /// Returns `artifact` of `module`.
    pub fn new(module: ModuleVersion, artifact: Artifact) -> Subject {
        Subject { module, artifact }
    }

    /// Returns the first two fields of the go.sum line that covers this.
    pub fn key(&self) -> String {
        format!("{} {}{}", self.module.path(), self.module.version(), self.suffix())
    }

    /// Returns the go.sum line, with its end, that records `sum` for this.
    pub fn line(&self, sum: &Sum) -> String {
        go_sum::line(&self.module, self.artifact, sum)
    }

    fn suffix(&self) -> &'static str {
        match self.artifact {
            Artifact::Zip => "",
            Artifact::GoMod => "/go.mod",
        }
    }
}

/// As the go command names it: `path@version`, with `/go.mod` behind it for the go.mod.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.module, self.suffix())
    }
}

/// A line of a file that the user gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Location {
    /// The file, as the user named it.
    pub file: std::sync::Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_go_sum_does() {
        let subject = |text: &str, artifact| Subject::new(ModuleVersion::parse(text).unwrap(), artifact);
        let sorted = [
            subject("example.com/A@v1.0.0", Artifact::GoMod),
            subject("example.com/a@v1.9.0", Artifact::Zip),
            subject("example.com/a@v1.9.0", Artifact::GoMod),
            subject("example.com/a@v1.10.0", Artifact::Zip),
        ];
        assert!(sorted.is_sorted());
        assert_eq!(sorted[2].key(), "example.com/a v1.9.0/go.mod");
        assert_eq!(sorted[2].to_string(), "example.com/a@v1.9.0/go.mod");
        assert_eq!(sorted[3].to_string(), "example.com/a@v1.10.0");
    }
}
