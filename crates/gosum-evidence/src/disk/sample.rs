//! A cached module version, for tests.

use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::ModuleVersion;

use super::{Cached, CachedTree, CachedZip, Disk, Found, Recorded, ZipHash};
use crate::evidence::Sum;
use crate::finding::Finding;
use crate::rule::{Case, Rule};
use crate::subject::Location;

/// Returns a module version of which all agrees: its zip hashes to ones, its go.mod to twos.
pub(crate) fn cached() -> Cached {
    let (zip, go_mod) = (H1::new([1; 32]), H1::new([2; 32]));
    let recorded = |h1, line| {
        let at = vec![Location { file: "go.sum".into(), line }];
        Some(Recorded { sum: Sum::H1(h1), at })
    };
    Cached {
        zip_line: recorded(zip, 1),
        go_mod_line: recorded(go_mod, 2),
        zip: Found::Is(CachedZip {
            h1: Ok(zip),
            refused: Vec::new(),
            irregular: Vec::new(),
            go_mod: Some(go_mod),
        }),
        ziphash: Found::Is(ZipHash::H1(zip)),
        tree: Found::Is(CachedTree { changes: Some(Vec::new()), h1: None }),
        go_mod: Found::Is(go_mod),
        info: Found::Is(Vec::new()),
        ..Cached::nothing(ModuleVersion::parse("example.com/A@v1.0.0").expect("it is one"))
    }
}

/// Returns what `rule` finds of `cached`.
pub(crate) fn check(rule: &dyn Rule, cached: Cached) -> Vec<Finding> {
    let disk = Disk { cached: vec![cached], ..Disk::default() };
    rule.check(&Case { disk: Some(&disk), ..Case::default() })
}
