//! Module versions.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::text::Text;
use super::{escape, pseudo, semver};

/// A text that is not the version of a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// It is not a semantic version, as a branch is not.
    #[error("{version:?} is not a semantic version")]
    NotSemver {
        /// The text.
        version: Text,
    },
    /// It is a semantic version in another form, such as `v1.2` or `v1.2.3+meta`.
    #[error("version `{version}` is not canonical: that would be `{canonical}`")]
    NotCanonical {
        /// The text.
        version: String,
        /// Its canonical form.
        canonical: String,
    },
}

/// The version of a module: a semantic version in canonical form, `vX.Y.Z[-pre]`, perhaps with `+incompatible`
/// (spec 01 §4). Cheap to clone.
///
/// Ordered by precedence, and by bytes where two versions differ in `+incompatible` alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version(Arc<str>);

const INCOMPATIBLE: &str = "+incompatible";

impl Version {
    /// Returns `version` as the version of a module.
    ///
    /// # Errors
    /// When it is not a semantic version, or not in canonical form.
    pub fn parse(version: impl AsRef<[u8]>) -> Result<Version, VersionError> {
        let version = version.as_ref();
        let Some(parsed) = semver::parse(version) else {
            return Err(VersionError::NotSemver { version: version.into() });
        };
        let canonical = parsed.module_canonical();
        if canonical.as_bytes() == version {
            return Ok(Version(canonical.into()));
        }
        let version = str::from_utf8(version).expect("a semantic version is ASCII").to_owned();
        Err(VersionError::NotCanonical { version, canonical })
    }

    /// Returns the version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the major version with its `v`: `v2` for `v2.1.0`.
    pub fn major(&self) -> &str {
        self.0.split('.').next().expect("splitting gives at least one piece")
    }

    /// Returns whether this is a pseudo-version, made from a commit.
    pub fn is_pseudo(&self) -> bool {
        pseudo::is_pseudo(self.as_str())
    }

    /// Returns whether this ends in `+incompatible`: a major version above 1 without a go.mod file.
    pub fn is_incompatible(&self) -> bool {
        self.0.ends_with(INCOMPATIBLE)
    }

    /// Returns the version without `+incompatible`, as tags have it.
    pub fn without_incompatible(&self) -> &str {
        self.0.strip_suffix(INCOMPATIBLE).unwrap_or(&self.0)
    }

    /// Returns the version with `!x` for each capital letter, as URLs and caches have it (spec 01 §3).
    pub fn escaped(&self) -> String {
        escape::escape_capitals(&self.0)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        semver::compare_total(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl AsRef<str> for Version {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_only_canonical_versions() {
        for version in ["v1.2.3", "v0.0.0-a.b", "v2.0.0+incompatible", "v2.0.0-pre+incompatible"] {
            assert_eq!(Version::parse(version).unwrap().as_str(), version);
        }
        let error = Version::parse("v1.2").unwrap_err();
        assert_eq!(error.to_string(), "version `v1.2` is not canonical: that would be `v1.2.0`");
        assert_eq!(
            Version::parse("v1.2.3+meta"),
            Err(VersionError::NotCanonical { version: "v1.2.3+meta".into(), canonical: "v1.2.3".into() })
        );
        let error = Version::parse(b"main\x1b\xff").unwrap_err();
        assert_eq!(error.to_string(), r#""main\x1b\xff" is not a semantic version"#);
    }

    #[test]
    fn names_its_parts() {
        let version = Version::parse("v12.0.0-rc.1+incompatible").unwrap();
        assert_eq!(version.major(), "v12");
        assert!(version.is_incompatible());
        assert_eq!(version.without_incompatible(), "v12.0.0-rc.1");
        assert_eq!(Version::parse("v1.0.0-Rc1").unwrap().escaped(), "v1.0.0-!rc1");
    }

    #[test]
    fn orders_by_number_not_text() {
        let version = |text: &str| Version::parse(text).unwrap();
        assert!(version("v1.10.0") > version("v1.9.0"));
        assert!(version("v1.0.0-rc1") < version("v1.0.0"));
        assert!(version("v1.0.0") < version("v1.0.0+incompatible"));
    }
}
