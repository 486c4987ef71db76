use gosum_mod::name::id::ModuleVersion;

use super::*;
use crate::disk::{ChangeKind, Disk, FileChange, VendoredModule};
use crate::evidence::{Defect, SourceName};
use crate::rule;
use crate::sample::{comparison, hash};
use crate::subject::Location;

#[test]
fn names_the_files_of_each_module_and_those_of_none() {
    let change = |file: &str, kind| FileChange { file: file.into(), kind };
    let module = |changes| VendoredModule {
        module: ModuleVersion::parse("example.com/a@v1.0.0").unwrap(),
        at: Location { file: "vendor/modules.txt".into(), line: 3 },
        compared: Ok(2),
        changes,
    };
    let vendor = VendorFolder {
        folder: "vendor".to_owned(),
        modules: vec![module(Vec::new()), module(vec![change("example.com/a/a.go", ChangeKind::Changed)])],
        strays: vec![change("evil.go", ChangeKind::Added)],
        ..VendorFolder::default()
    };
    let disk = Disk { vendors: vec![vendor], ..Disk::default() };
    let found = VendorDiffers.check(&Case { disk: Some(&disk), ..Case::default() });
    let messages: Vec<&str> = found.iter().map(|finding| &*finding.message).collect();
    assert_eq!(
        messages,
        [
            r#"vendor is not what the module has: "example.com/a/a.go" is changed"#,
            r#"in vendor, of no package in modules.txt: "evil.go" is added"#,
        ]
    );
    assert_eq!(found[0].at[0].line, 3);
    assert!(VendorDiffers.check(&Case::default()).is_empty());
}

/// Returns the findings of all rules where the proxy gives the hash `proxy`, version control none, and vendor `vendor`.
fn audited(
    go_sum: Option<&str>,
    proxy: Option<&str>,
    sumdb: Option<&str>,
    vendor: &str,
) -> Vec<(&'static str, String)> {
    let answer = |seed: Option<&str>| seed.map_or_else(|| Answer::Unavailable("503".into()), hash);
    let mut comparison = comparison(go_sum.map(hash), answer(proxy), answer(None));
    comparison.answers.insert(SourceName::SUMDB, answer(sumdb).into());
    let part = hash(vendor).with_defect(Defect::Partial, r#""a.go" is changed"#);
    comparison.answers.insert(SourceName::VENDOR, part.into());
    let found = rule::check(&Case { comparisons: &[comparison], ..Case::default() });
    found.into_iter().map(|finding| (finding.code, finding.message)).collect()
}

#[test]
fn a_part_that_makes_another_module_of_it_is_a_finding_of_no_other_rule() {
    let (a, b) = (Some("a"), Some("b"));
    let message = |with: &str, end: &str| {
        vec![(
            "vendor-differs",
            format!("vendor is not what the module has: {with} against vendor{end}: \"a.go\" is changed"),
        )]
    };
    assert_eq!(audited(a, a, a, "b"), message("go.sum, proxy and sumdb", "; vendor stands alone"));
    assert_eq!(audited(a, None, a, "b"), message("go.sum and sumdb", "; vendor stands alone"));
    assert_eq!(audited(a, None, None, "b"), message("go.sum", "; vendor stands alone"));
    assert_eq!(audited(None, a, None, "b"), message("proxy", ""));
    assert!(audited(a, a, a, "a").is_empty());
    // what agrees with go.sum because it is held to it takes nothing from what others say of that
    let codes =
        |found: Vec<(&'static str, String)>| found.into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(codes(audited(a, b, None, "a")), ["go-sum-differs"]);
    assert_eq!(codes(audited(a, b, a, "a")), ["go-sum-differs", "sumdb-differs"]);
    assert_eq!(codes(audited(a, b, None, "c")), ["go-sum-differs", "vendor-differs"]);
}
