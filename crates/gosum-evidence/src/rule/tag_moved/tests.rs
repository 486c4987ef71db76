use std::sync::Arc;

use super::*;
use crate::evidence::{Evidence, Origin};
use crate::sample::{comparison, hash};

fn found(proxy: (&str, &str), direct: (&str, &str), reference: &str) -> Vec<Finding> {
    let mut comparison = comparison(Some(hash("a")), hash("a"), hash("a"));
    let origin = |commit: &str| {
        let reference = Some(Arc::from(reference));
        Origin { commit: (!commit.is_empty()).then(|| commit.into()), reference, ..Origin::default() }
    };
    for (source, (seed, commit)) in [(SourceName::PROXY, proxy), (SourceName::DIRECT, direct)] {
        comparison.answers.insert(source, Evidence::new(hash(seed), origin(commit)));
    }
    TagMoved.check(&Case { comparisons: &[comparison], ..Case::default() })
}

#[test]
fn notes_a_tag_that_leads_elsewhere_to_the_same_content() {
    let tag = "refs/tags/v1.2.0";
    let findings = found(("a", "11aa"), ("a", "22bb"), tag);
    assert_eq!(
        findings[0].message,
        "proxy saw commit 11aa, and tag v1.2.0 now leads to 22bb; the content is the same"
    );
    assert_eq!(findings[0].level, Level::Note);
    assert!(found(("a", "11aa"), ("a", "11aa"), tag).is_empty());
    assert!(found(("a", ""), ("a", "22bb"), tag).is_empty());
    assert!(found(("a", "11aa"), ("b", "22bb"), tag).is_empty());
    assert!(found(("a", "11aa"), ("a", "22bb"), "refs/heads/main").is_empty());
}
