//! Which names are kept from proxies: GONOPROXY, whose default is GOPRIVATE (spec 04 §4).

use crate::name::path::ModulePath;
use crate::name::pattern::Patterns;

/// The modules whose names no proxy is told.
#[derive(Debug, Clone)]
pub struct NoProxy(Patterns);

impl NoProxy {
    /// Returns the names that the values of GONOPROXY and GOPRIVATE keep from proxies. An empty value is as good as
    /// none, so that an empty GONOPROXY does not cancel GOPRIVATE; `none` does.
    pub fn new(gonoproxy: Option<&str>, goprivate: Option<&str>) -> NoProxy {
        let value = [gonoproxy, goprivate].into_iter().flatten().find(|value| !value.is_empty());
        NoProxy(Patterns::parse(value.unwrap_or("")))
    }

    /// Returns whether the name `path` is kept from proxies.
    pub fn covers(&self, path: &ModulePath) -> bool {
        self.0.matches(path.as_str())
    }
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
}
