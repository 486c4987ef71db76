//! The form of module paths and versions in URLs and caches, which tell no case apart: `!x` for `X` (spec 01 §3).

use super::path::{ModulePath, PathError, PathFault, PathKind, check_element};
use super::text::Text;

/// A version, or a query in its place, that cannot be escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EscapeError {
    /// It is not a valid file name, as a branch with a slash is not, or has a `!`.
    #[error("disallowed version {version:?}")]
    Disallowed {
        /// The version.
        version: Text,
    },
    /// It has a letter outside ASCII.
    #[error("version {version:?} has letters outside ASCII")]
    NotAscii {
        /// The version.
        version: Text,
    },
}

/// A text that is not the escaped form of anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnescapeError {
    /// It has a capital letter, a character outside ASCII, or a `!` without a small letter after it.
    #[error("invalid escaped text {escaped:?}")]
    Escape {
        /// The text.
        escaped: Text,
    },
    /// What it stands for is not a module path.
    #[error("invalid escaped module path {escaped:?}")]
    Path {
        /// The text.
        escaped: Text,
        /// Why.
        #[source]
        source: PathError,
    },
    /// What it stands for cannot be a version.
    #[error("invalid escaped version {escaped:?}")]
    Version {
        /// The text.
        escaped: Text,
        /// Why it is not a valid file name.
        #[source]
        source: PathFault,
    },
}

/// Returns `version` with `!x` for each capital letter. It need not be a semantic version: queries are escaped so as
/// well.
///
/// # Errors
/// When it is not a valid file name, has a `!` or is not ASCII.
pub fn escape_version(version: impl AsRef<[u8]>) -> Result<String, EscapeError> {
    let version = version.as_ref();
    let disallowed = || EscapeError::Disallowed { version: version.into() };
    let text = str::from_utf8(version).map_err(|_| disallowed())?;
    check_element(PathKind::File, text).map_err(|_| disallowed())?;
    if text.contains('!') {
        return Err(disallowed());
    }
    if !text.is_ascii() {
        return Err(EscapeError::NotAscii { version: version.into() });
    }
    Ok(escape_capitals(text))
}

/// Returns `text` with `!x` for each capital letter. `text` is ASCII without `!`.
pub(super) fn escape_capitals(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(c.to_ascii_lowercase());
    }
    escaped
}

/// Returns the module path that `escaped` stands for.
///
/// # Errors
/// When `escaped` is not an escaped text, or what it stands for is not a module path.
pub fn unescape_path(escaped: impl AsRef<[u8]>) -> Result<ModulePath, UnescapeError> {
    let escaped = escaped.as_ref();
    ModulePath::parse(unescape(escaped)?)
        .map_err(|source| UnescapeError::Path { escaped: escaped.into(), source })
}

/// Returns the version, or query, that `escaped` stands for. It need not be a semantic version.
///
/// # Errors
/// When `escaped` is not an escaped text, or what it stands for is not a valid file name.
pub fn unescape_version(escaped: impl AsRef<[u8]>) -> Result<String, UnescapeError> {
    let escaped = escaped.as_ref();
    let version = unescape(escaped)?;
    check_element(PathKind::File, &version)
        .map_err(|source| UnescapeError::Version { escaped: escaped.into(), source })?;
    Ok(version)
}

fn unescape(escaped: &[u8]) -> Result<String, UnescapeError> {
    let invalid = || UnescapeError::Escape { escaped: escaped.into() };
    let mut text = String::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(&byte) = bytes.next() {
        let byte = match byte {
            b'!' => match bytes.next() {
                Some(letter @ b'a'..=b'z') => letter.to_ascii_uppercase(),
                _ => return Err(invalid()),
            },
            b'A'..=b'Z' | 0x80.. => return Err(invalid()),
            _ => byte,
        };
        text.push(char::from(byte));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn unescape_undoes_escape(path in "[a-z]{1,3}\\.[a-z]{1,3}(/[A-Za-z~_.-]{1,5}){0,3}", version in "\\PC{0,8}") {
            if let Ok(path) = ModulePath::parse(&path) {
                prop_assert_eq!(unescape_path(path.escaped()), Ok(path));
            }
            if let Ok(escaped) = escape_version(&version) {
                prop_assert_eq!(unescape_version(escaped), Ok(version));
            }
        }
    }
}
