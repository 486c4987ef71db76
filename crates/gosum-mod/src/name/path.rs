//! Module, import and file paths, and the major version at the end of a module path.

use std::fmt;
use std::sync::Arc;

use super::text::Text;
use super::unicode::is_letter;
use super::{escape, semver};

/// Which rules a path must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// The path of a module.
    Module,
    /// The path of a package, as in an import declaration.
    Import,
    /// The path of a file within a module.
    File,
}

impl fmt::Display for PathKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PathKind::Module => "module",
            PathKind::Import => "import",
            PathKind::File => "file",
        })
    }
}

/// A path that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed {kind} path {path:?}: {fault}")]
pub struct PathError {
    /// What the path should have been.
    pub kind: PathKind,
    /// The path.
    pub path: Text,
    /// The rule it breaks first.
    pub fault: PathFault,
}

/// A rule that a path can break.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathFault {
    /// It is not UTF-8.
    #[error("invalid UTF-8")]
    Utf8,
    /// It is empty.
    #[error("empty string")]
    Empty,
    /// It starts with `-`.
    #[error("leading dash")]
    LeadingDash,
    /// It has two slashes in a row.
    #[error("double slash")]
    DoubleSlash,
    /// It ends with a slash.
    #[error("trailing slash")]
    TrailingSlash,
    /// An element is empty.
    #[error("empty path element")]
    EmptyElement,
    /// An element is made of dots alone.
    #[error("invalid path element `{element}`")]
    Dots {
        /// The element.
        element: String,
    },
    /// An element starts with a dot.
    #[error("leading dot in path element")]
    LeadingDot,
    /// An element ends with a dot.
    #[error("trailing dot in path element")]
    TrailingDot,
    /// A character is not allowed.
    #[error("invalid character {char:?}")]
    Char {
        /// The character; U+FFFD for a byte that is not UTF-8.
        char: char,
    },
    /// An element is the name of a device on Windows.
    #[error("`{name}` is the name of a device on Windows")]
    WindowsName {
        /// The element up to its first dot.
        name: String,
    },
    /// An element looks like the short name of a file on Windows, such as `progra~1`.
    #[error("trailing tilde and digits in path element")]
    WindowsShortName,
    /// The first element of a module path has no dot.
    #[error("missing dot in first path element")]
    MissingDot,
    /// A character is not allowed in the first element of a module path.
    #[error("invalid character {char:?} in first path element")]
    FirstChar {
        /// The character.
        char: char,
    },
    /// The major version at the end of a module path is none, such as `/v1` or `/v02`.
    #[error("invalid major version suffix")]
    Major,
}

/// Checks that `path` is a valid module path (spec 01 §1).
///
/// # Errors
/// Names the first rule that `path` breaks, in Go's order.
pub fn check_module_path(path: impl AsRef<[u8]>) -> Result<(), PathError> {
    check(PathKind::Module, path.as_ref())
}

/// Checks that `path` is a valid import path (spec 01 §1).
///
/// # Errors
/// Names the first rule that `path` breaks, in Go's order.
pub fn check_import_path(path: impl AsRef<[u8]>) -> Result<(), PathError> {
    check(PathKind::Import, path.as_ref())
}

/// Checks that `path` is a valid path of a file within a module (spec 01 §1).
///
/// # Errors
/// Names the first rule that `path` breaks, in Go's order.
pub fn check_file_path(path: impl AsRef<[u8]>) -> Result<(), PathError> {
    check(PathKind::File, path.as_ref())
}

fn check(kind: PathKind, path: &[u8]) -> Result<(), PathError> {
    let checked = check_any(kind, path).and_then(|text| match kind {
        PathKind::Module => check_module(text),
        PathKind::Import | PathKind::File => Ok(()),
    });
    checked.map_err(|fault| PathError { kind, path: path.into(), fault })
}

fn check_any(kind: PathKind, path: &[u8]) -> Result<&str, PathFault> {
    let text = str::from_utf8(path).map_err(|_| PathFault::Utf8)?;
    if text.is_empty() {
        return Err(PathFault::Empty);
    }
    if text.starts_with('-') && kind != PathKind::File {
        return Err(PathFault::LeadingDash);
    }
    if text.contains("//") {
        return Err(PathFault::DoubleSlash);
    }
    if text.ends_with('/') {
        return Err(PathFault::TrailingSlash);
    }
    text.split('/').try_for_each(|element| check_element(kind, element))?;
    Ok(text)
}

/// Checks one element of a path.
pub(super) fn check_element(kind: PathKind, element: &str) -> Result<(), PathFault> {
    if element.is_empty() {
        return Err(PathFault::EmptyElement);
    }
    if element.bytes().all(|byte| byte == b'.') {
        return Err(PathFault::Dots { element: element.to_owned() });
    }
    if element.starts_with('.') && kind == PathKind::Module {
        return Err(PathFault::LeadingDot);
    }
    if element.ends_with('.') {
        return Err(PathFault::TrailingDot);
    }
    if let Some(char) = element.chars().find(|&c| !is_allowed(kind, c)) {
        return Err(PathFault::Char { char });
    }
    let stem = element.split('.').next().expect("splitting gives at least one piece");
    if is_device(stem) {
        return Err(PathFault::WindowsName { name: stem.to_owned() });
    }
    if kind != PathKind::File && is_short_name(stem) {
        return Err(PathFault::WindowsShortName);
    }
    Ok(())
}

fn is_allowed(kind: PathKind, c: char) -> bool {
    let in_module = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    match kind {
        PathKind::Module => in_module(c),
        PathKind::Import => in_module(c) || c == '+',
        PathKind::File if c.is_ascii() => c.is_ascii_alphanumeric() || "!#$%&()+,-.=@[]^_{}~ ".contains(c),
        PathKind::File => is_letter(c),
    }
}

/// Returns whether Windows takes `stem` for a device. No letter of these names folds to one outside ASCII.
fn is_device(stem: &str) -> bool {
    let name = stem.to_ascii_uppercase();
    matches!(
        name.as_bytes(),
        b"CON" | b"PRN" | b"AUX" | b"NUL" | [b'C', b'O', b'M', b'1'..=b'9'] | [b'L', b'P', b'T', b'1'..=b'9']
    )
}

fn is_short_name(stem: &str) -> bool {
    let digits = stem.rsplit_once('~').map_or("", |(_, digits)| digits);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn check_module(path: &str) -> Result<(), PathFault> {
    let first = path.split('/').next().expect("splitting gives at least one piece");
    if !first.contains('.') {
        return Err(PathFault::MissingDot);
    }
    let allowed = |c: &char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '-');
    if let Some(char) = first.chars().find(|c| !allowed(c)) {
        return Err(PathFault::FirstChar { char });
    }
    match major_start(path.as_bytes()) {
        Some(_) => Ok(()),
        None => Err(PathFault::Major),
    }
}

/// Returns `path` split before its major version, which keeps its separator (`/v2`, `.v1`, `.v3-unstable`) and is
/// empty where the path has none (spec 01 §2).
///
/// Returns nothing if the path ends in what only looks like a major version (`/v1`, `/v02`, `/v2.3`), or is a
/// `gopkg.in` path without one. The rest of the path is not checked.
pub fn split_path_version(path: &[u8]) -> Option<(&[u8], &[u8])> {
    major_start(path).map(|at| path.split_at(at))
}

/// Returns where the major version of `path` starts.
fn major_start(path: &[u8]) -> Option<usize> {
    if path.starts_with(b"gopkg.in/") {
        return gopkg_major_start(path);
    }
    let tail = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let digits = path.iter().rposition(|byte| !tail(byte)).map_or(0, |at| at + 1);
    let number = &path[digits..];
    if number.is_empty() || !path[..digits].ends_with(b"/v") {
        return Some(path.len());
    }
    let fits = !number.contains(&b'.') && number[0] != b'0' && number != b"1";
    fits.then(|| digits - 2)
}

fn gopkg_major_start(path: &[u8]) -> Option<usize> {
    let stable = path.strip_suffix(b"-unstable").unwrap_or(path);
    let digits = stable.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
    if !stable[..digits].ends_with(b".v") {
        return None;
    }
    let fits = match &path[digits..] {
        [] | [b'0', _, ..] => false,
        _ => true, // `.v-unstable`, without a number, passes in Go too
    };
    fits.then(|| digits - 2)
}

/// A version whose major version is not the one its module path asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("version {version:?} should be {wanted}")]
pub struct MajorError {
    /// The version.
    pub version: Text,
    /// What the path asks for: `v2`, or `v0 or v1`.
    pub wanted: String,
}

/// Checks that a module whose path ends in `path_major` (of [`split_path_version`]) may have `version` (spec 01 §2).
///
/// # Errors
/// When the major versions differ.
pub fn check_path_major(version: impl AsRef<[u8]>, path_major: &str) -> Result<(), MajorError> {
    let version = version.as_ref();
    let path_major = match path_major.strip_suffix("-unstable") {
        Some(stable) if path_major.starts_with(".v") => stable,
        _ => path_major,
    };
    if path_major == ".v1" && version.starts_with(b"v0.0.0-") {
        return Ok(()); // gopkg.in modules once had such pseudo-versions, and go.mod files still name them
    }
    let parsed = semver::parse(version);
    let major = parsed.map_or("", |parsed| parsed.major());
    let wanted = match path_major {
        "" if matches!(major, "v0" | "v1") => return Ok(()),
        "" if parsed.is_some_and(|parsed| parsed.build() == "+incompatible") => return Ok(()),
        "" => "v0 or v1",
        _ => match path_major.strip_prefix(['/', '.']) {
            Some(wanted) if wanted == major => return Ok(()),
            wanted => wanted.unwrap_or(path_major),
        },
    };
    Err(MajorError { version: version.into(), wanted: wanted.to_owned() })
}

/// A valid module path. Cheap to clone; ordered by bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(Arc<str>);

impl ModulePath {
    /// Returns `path` as a module path.
    ///
    /// # Errors
    /// As [`check_module_path`].
    pub fn parse(path: impl AsRef<[u8]>) -> Result<ModulePath, PathError> {
        let path = path.as_ref();
        check_module_path(path)?;
        Ok(ModulePath(str::from_utf8(path).expect("a valid module path is ASCII").into()))
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path before its major version, and the major version with its separator (`/v2`, `.v1`) or an empty
    /// text.
    pub fn split_major(&self) -> (&str, &str) {
        let at = major_start(self.0.as_bytes()).expect("a valid module path has a valid end");
        self.0.split_at(at)
    }

    /// Returns the path with `!x` for each capital letter, as URLs and caches have it (spec 01 §3).
    pub fn escaped(&self) -> String {
        escape::escape_capitals(&self.0)
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl AsRef<str> for ModulePath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
