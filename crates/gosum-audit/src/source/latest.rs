//! The latest version of a module, whose go.mod says which versions the authors retracted (spec 03 §6, spec 04 §1).

use std::sync::Arc;

use gosum_mod::name::path::ModulePath;
use gosum_mod::name::semver;
use gosum_mod::name::version::Version;

/// The latest version of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// Which version it is, or which commit.
    pub name: Arc<str>,
    /// Its go.mod.
    pub go_mod: Vec<u8>,
}

/// Gives the latest version of a module, or says why it cannot be had.
pub type TellLatest<'a> = dyn Fn(&ModulePath, Result<Latest, String>) + Sync + 'a;

/// Returns which of `versions`, given in their order, is the latest one, retracted or not: a release before a pre-release, and
/// one that ends in `+incompatible` only where the latest of the others `lacks_go_mod`, if there is any. None when there is no
/// version.
///
/// # Errors
/// As `lacks_go_mod`.
pub(super) fn latest<E>(
    versions: &[Version],
    lacks_go_mod: impl FnOnce(&Version) -> Result<bool, E>,
) -> Result<Option<&Version>, E> {
    let (incompatible, compatible): (Vec<&Version>, Vec<&Version>) =
        versions.iter().partition(|version| version.is_incompatible());
    let both = match compatible.last() {
        None => true,
        Some(last) => !incompatible.is_empty() && lacks_go_mod(last)?,
    };
    let versions = if both { versions.iter().collect() } else { compatible };
    let release = versions.iter().rev().find(|version| !is_prerelease(version));
    Ok(release.or_else(|| versions.last()).copied())
}

fn is_prerelease(version: &Version) -> bool {
    semver::parse(version.as_str().as_bytes()).is_some_and(|parsed| !parsed.prerelease().is_empty())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn latest_of(versions: &str, lacks_go_mod: bool) -> Option<String> {
        let mut versions: Vec<Version> =
            versions.split_whitespace().map(|version| Version::parse(version).unwrap()).collect();
        versions.sort();
        let found = latest(&versions, |_| Ok::<_, Infallible>(lacks_go_mod)).unwrap();
        found.map(|version| version.as_str().to_owned())
    }

    #[test]
    fn a_release_comes_before_a_pre_release_and_a_module_before_what_is_none() {
        for (versions, with_go_mod, without) in [
            ("v1.2.0 v1.10.0 v1.9.0", "v1.10.0", "v1.10.0"),
            ("v1.2.0 v1.3.0-rc.1", "v1.2.0", "v1.2.0"),
            ("v1.3.0-rc.1 v1.3.0-beta", "v1.3.0-rc.1", "v1.3.0-rc.1"),
            ("v1.2.0 v3.0.0+incompatible", "v1.2.0", "v3.0.0+incompatible"),
            ("v1.2.0-pre v3.0.0+incompatible", "v1.2.0-pre", "v3.0.0+incompatible"),
            ("v1.2.0 v3.0.0-pre+incompatible", "v1.2.0", "v1.2.0"),
            ("v2.0.0+incompatible v3.0.0+incompatible", "v3.0.0+incompatible", "v3.0.0+incompatible"),
        ] {
            assert_eq!(latest_of(versions, false).as_deref(), Some(with_go_mod), "{versions}");
            assert_eq!(latest_of(versions, true).as_deref(), Some(without), "{versions}");
        }
        assert_eq!(latest_of("", true), None);
    }

    #[test]
    fn a_go_mod_is_read_only_where_it_decides() {
        let versions = [Version::parse("v1.0.0").unwrap(), Version::parse("v1.1.0").unwrap()];
        assert_eq!(latest(&versions, |_| Err("read")), Ok(Some(&versions[1])));
    }
}
