//! What an audit is about: a version of a module, and the artifact of it that a go.sum line covers.

use std::fmt;

use super::path::{MajorError, ModulePath, PathError, check_path_major};
use super::text::Text;
use super::version::{Version, VersionError};

/// A version of a module, whose major version is the one the module's path asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleVersion {
    path: ModulePath,
    version: Version,
}

/// A text that names no version of a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModuleVersionError {
    /// It is not `path@version`.
    #[error("{text:?} is not of the form path@version")]
    Form {
        /// The text.
        text: Text,
    },
    /// The path is none.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The version is none.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// They do not belong together.
    #[error("invalid version of `{path}`")]
    Major {
        /// The path.
        path: ModulePath,
        /// How the major versions differ.
        #[source]
        source: MajorError,
    },
}

impl ModuleVersion {
    /// Returns `version` of the module `path`.
    ///
    /// # Errors
    /// When the path asks for another major version.
    pub fn new(path: ModulePath, version: Version) -> Result<ModuleVersion, ModuleVersionError> {
        match check_path_major(version.as_str(), path.split_major().1) {
            Ok(()) => Ok(ModuleVersion { path, version }),
            Err(source) => Err(ModuleVersionError::Major { path, source }),
        }
    }

    /// Returns the module version that `text`, of the form `path@version`, names.
    ///
    /// # Errors
    /// When the form, the path, the version or their major versions are wrong.
    pub fn parse(text: &str) -> Result<ModuleVersion, ModuleVersionError> {
        let Some((path, version)) = text.split_once('@') else {
            return Err(ModuleVersionError::Form { text: text.into() });
        };
        ModuleVersion::new(ModulePath::parse(path)?, Version::parse(version)?)
    }

    /// Returns the path of the module.
    pub fn path(&self) -> &ModulePath {
        &self.path
    }

    /// Returns the version.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

impl fmt::Display for ModuleVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.path, self.version)
    }
}

/// What a go.sum line covers. In the order of go.sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Artifact {
    /// The module zip.
    Zip,
    /// The go.mod file alone.
    GoMod,
}

impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Artifact::Zip => "zip",
            Artifact::GoMod => "go.mod",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_version_must_belong_together() {
        for text in ["a.b/c@v1.0.0", "a.b/c/v2@v2.1.0", "a.b/c@v2.0.0+incompatible", "gopkg.in/y.v1@v0.0.0-a"]
        {
            assert_eq!(ModuleVersion::parse(text).unwrap().to_string(), text);
        }
        for text in
            ["a.b/c@v2.0.0", "a.b/c/v2@v1.0.0", "a.b/c/v2@v2.0.0+incompatible+x", "gopkg.in/y.v2@v0.0.0-a"]
        {
            assert!(ModuleVersion::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn error_names_the_input() {
        let message = |text: &str| {
            let error = ModuleVersion::parse(text).unwrap_err();
            let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
            format!("{error}{}", source.unwrap_or_default())
        };
        assert_eq!(message("a.b/c"), r#""a.b/c" is not of the form path@version"#);
        assert_eq!(
            message("ab/c@v1.0.0"),
            r#"malformed module path "ab/c": missing dot in first path element"#
        );
        assert_eq!(message("a.b/c@v1"), "version `v1` is not canonical: that would be `v1.0.0`");
        assert_eq!(
            message("a.b/c@v2.0.0"),
            r#"invalid version of `a.b/c`: version "v2.0.0" should be v0 or v1"#
        );
    }
}
