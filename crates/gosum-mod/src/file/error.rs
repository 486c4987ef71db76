//! What can be wrong in a file that a user or a module's author wrote, and where.

use std::fmt;

use crate::name::path::MajorError;
use crate::name::text::Text;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character within the line, from 1. A byte that is not UTF-8 counts as one.
    pub column: usize,
    /// The byte within the file, from 0.
    pub byte: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A file that cannot be used, with all that is wrong in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SyntaxError {
    /// What is wrong, in the order of the file; at least one.
    pub faults: Vec<Fault>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{fault}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// Something wrong at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {kind}")]
pub struct Fault {
    /// Where: the start of the statement, or the very place for what breaks the grammar.
    pub position: Position,
    /// What.
    pub kind: FaultKind,
}

/// What can be wrong at a place of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// A `/*` outside a string.
    #[error("comments start with `//`, not with `/*`")]
    BlockComment,
    /// A string goes on to the end of the file.
    #[error("end of file in a string")]
    EndInString,
    /// A string goes on to the end of its line.
    #[error("end of line in a string")]
    NewlineInString,
    /// A character that does not print, or is no space that the grammar knows.
    #[error("unexpected character {char:?}")]
    Character {
        /// The character; U+FFFD for a byte that is not UTF-8.
        char: char,
    },
    /// A block goes on to the end of the file.
    #[error("the block that starts at {start} is not closed")]
    OpenBlock {
        /// Where the block starts.
        start: Position,
    },
    /// Something else stands on the line that closes a block.
    #[error("expected the end of the line after `)`")]
    AfterBlock,
    /// A statement that may stand only once.
    #[error("repeated {verb} statement")]
    Repeated {
        /// Its first word.
        verb: &'static str,
    },
    /// A statement with too many or too few words.
    #[error("usage: {usage}")]
    Usage {
        /// How it should look.
        usage: &'static str,
    },
    /// A Go version of another form.
    #[error("invalid go version {version:?}: it has a form like 1.23.0")]
    GoVersion {
        /// The version.
        version: Text,
    },
    /// A word in double quotes that is not a Go string.
    #[error("invalid quoted string {text:?}")]
    Literal {
        /// The word, quotes included.
        text: Text,
    },
    /// A quotation mark in a word that is not in double quotes.
    #[error("unquoted word {text:?} has a quotation mark")]
    StrayQuote {
        /// The word.
        text: Text,
    },
    /// A version that is not a semantic version.
    #[error("version {version:?} of {path:?} does not have a form like v1.2.3")]
    VersionForm {
        /// The module's path.
        path: Text,
        /// The version.
        version: Text,
    },
    /// A module path whose major version is none.
    #[error("invalid module path {path:?}")]
    ModulePath {
        /// The path.
        path: Text,
    },
    /// A version that does not belong to its module path.
    #[error("{path:?}: {error}")]
    Major {
        /// The path.
        path: Text,
        /// How the major versions differ.
        error: MajorError,
    },
    /// A statement that Go does not know.
    #[error("unknown statement {verb:?}")]
    UnknownVerb {
        /// Its first word.
        verb: Text,
    },
    /// A block of statements that Go does not know, or that have no block form.
    #[error("unknown block {words:?}")]
    UnknownBlock {
        /// The words at its head, up to eight.
        words: Text,
    },
    /// A toolchain of another form.
    #[error("invalid toolchain {name:?}: it is `default` or has a form like go1.23.0")]
    Toolchain {
        /// The name.
        name: Text,
    },
    /// A retract statement of another form.
    #[error("expected a version or `[LOW, HIGH]`")]
    Interval,
    /// A word after the versions of a retract statement.
    #[error("unexpected word {word:?} after the version")]
    AfterVersion {
        /// The word.
        word: Text,
    },
    /// A replacement by a module without a version.
    #[error(
        "replacement {path:?} has no version: only a directory has none, and starts with `./`, `../` or `/`"
    )]
    NoVersion {
        /// The path.
        path: Text,
    },
    /// A replacement by a directory with a version.
    #[error("replacement directory {directory:?} has a version")]
    DirectoryVersion {
        /// The directory.
        directory: Text,
    },
    /// A replacement directory as Windows has them.
    #[error("replacement directory {directory:?} has a backslash")]
    WindowsDirectory {
        /// The directory.
        directory: Text,
    },
}
