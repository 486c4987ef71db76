use gosum_mod::name::version::Version;

use super::*;
use crate::rule::Replaced;
use crate::sample::{comparison, hash};
use crate::subject::Location;

#[test]
fn notes_lines_of_what_a_directory_stands_for() {
    let comparisons = [comparison(Some(hash("a")), hash("a"), hash("a"))];
    for (path, version, found) in [
        ("example.com/colors", None, 1),
        ("example.com/colors", Some("v1.2.0"), 1),
        ("example.com/colors", Some("v1.3.0"), 0),
        ("example.com/colours", None, 0),
    ] {
        let replaced = [Replaced {
            path: path.into(),
            version: version.map(|version| Version::parse(version).unwrap()),
            directory: "../colors".into(),
            at: Location { file: "go.mod".into(), line: 7 },
        }];
        let case = Case { comparisons: &comparisons, replaced: &replaced, ..Case::default() };
        let findings = ReplacedByDirectory.check(&case);
        assert_eq!(findings.len(), found, "{path} {version:?}");
        assert!(findings.iter().all(|finding| finding.level == Level::Note));
    }
}
