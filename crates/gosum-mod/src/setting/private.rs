//! Which names are kept from proxies, and which from the checksum database: GONOPROXY and GONOSUMDB, whose default is
//! GOPRIVATE (spec 04 §4).

use crate::name::path::ModulePath;
use crate::name::pattern::Patterns;

/// The modules whose names no proxy is told.
#[derive(Debug, Clone)]
pub struct NoProxy(Patterns);

impl NoProxy {
    /// Returns the names that the values of GONOPROXY and GOPRIVATE keep from proxies. An empty value is as good as
    /// none, so that an empty GONOPROXY does not cancel GOPRIVATE; `none` does.
    pub fn new(gonoproxy: Option<&str>, goprivate: Option<&str>) -> NoProxy {
        NoProxy(first(gonoproxy, goprivate))
    }

    /// Returns the names that are kept, and those that `list` matches too.
    #[must_use]
    pub fn and(self, list: &str) -> NoProxy {
        NoProxy(self.0.and(list))
    }

    /// Returns whether the name `path` is kept from proxies.
    pub fn covers(&self, path: &ModulePath) -> bool {
        self.0.matches(path.as_str())
    }
}

/// The modules whose names no checksum database is told, nor a proxy for one.
#[derive(Debug, Clone)]
pub struct NoSumDb(Patterns);

impl NoSumDb {
    /// Returns the names that the values of GONOSUMDB and GOPRIVATE keep from the checksum database, in the manner of
    /// [`NoProxy::new`].
    pub fn new(gonosumdb: Option<&str>, goprivate: Option<&str>) -> NoSumDb {
        NoSumDb(first(gonosumdb, goprivate))
    }

    /// Returns the names that are kept, and those that `list` matches too.
    #[must_use]
    pub fn and(self, list: &str) -> NoSumDb {
        NoSumDb(self.0.and(list))
    }

    /// Returns whether the name `path` is kept from the checksum database. That of the module of Go's toolchains never is:
    /// it is in no go.sum (spec 01 §8).
    pub fn covers(&self, path: &ModulePath) -> bool {
        path.as_str() != TOOLCHAIN && self.0.matches(path.as_str())
    }
}

/// The module of Go's toolchains: zips that proxies serve, which are in no repository (spec 01 §8).
pub const TOOLCHAIN: &str = "golang.org/toolchain";

fn first(own: Option<&str>, goprivate: Option<&str>) -> Patterns {
    let value = [own, goprivate].into_iter().flatten().find(|value| !value.is_empty());
    Patterns::parse(value.unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gonoproxy_takes_the_place_of_goprivate_unless_it_is_empty() {
        let path = ModulePath::parse("git.example/team/a").unwrap();
        for (gonoproxy, goprivate, covered) in [
            (None, None, false),
            (None, Some("git.example"), true),
            (Some(""), Some("git.example"), true),
            (Some("none"), Some("git.example"), false),
            (Some("*.example/team"), None, true),
            (Some("*.example/team/a/b"), None, false),
        ] {
            assert_eq!(
                NoProxy::new(gonoproxy, goprivate).covers(&path),
                covered,
                "{gonoproxy:?} {goprivate:?}"
            );
        }
    }

    #[test]
    fn the_module_of_toolchains_is_asked_about_in_any_case() {
        let nobody = NoSumDb::new(Some("*"), None);
        let covers = |path: &str| nobody.covers(&ModulePath::parse(path).unwrap());
        assert!(covers("golang.org/x/mod") && !covers("golang.org/toolchain"));
    }
}
