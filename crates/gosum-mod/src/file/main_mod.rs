//! The go.mod file of a main module: the one that a build starts from (spec 03 §3).

use super::error::SyntaxError;
use super::go_mod::GoMod;
use super::reader::{Mode, Reader};
use super::replace::Replace;
use crate::name::text::Text;
use crate::name::version::Version;

/// A go.mod file, read as strictly as the go command reads that of a main module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MainMod {
    /// What go.mod files of dependencies have as well.
    pub go_mod: GoMod,
    /// The name in the toolchain statement: `default`, or one that starts with `go1`.
    pub toolchain: Option<Text>,
    /// The exclude statements, in the order of the file.
    pub exclude: Vec<Exclude>,
    /// The replace statements, in the order of the file; two may be of the same version.
    pub replace: Vec<Replace>,
    /// The tool statements, in the order of the file.
    pub tool: Vec<Tool>,
    /// The godebug statements, in the order of the file.
    pub godebug: Vec<Godebug>,
}

/// An exclude statement: a version that counts as not required wherever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclude {
    /// The path, of which only the major version is checked.
    pub path: Text,
    /// The version, in canonical form.
    pub version: Version,
    /// The line of the file, from 1.
    pub line: usize,
}

/// A tool statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// The path of the package; not checked.
    pub path: Text,
    /// The line of the file, from 1.
    pub line: usize,
}

/// A godebug statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Godebug {
    /// What stands before the first `=`; it may be empty.
    pub key: Text,
    /// What stands after it.
    pub value: Text,
}

impl MainMod {
    /// Returns what `text` says as the go.mod file of a main module.
    ///
    /// A version that is none, such as a branch, is a fault: the go command would ask for the version that it stands for
    /// and write that in its place. A replacement directory with a backslash is one as well, as everywhere but on
    /// Windows.
    ///
    /// # Errors
    /// Gives the first thing that breaks the grammar; or else all that is wrong in the statements, up to a thousand.
    pub fn parse(text: &[u8]) -> Result<MainMod, SyntaxError> {
        Reader::new(Mode::Main).read(text)
    }
}
