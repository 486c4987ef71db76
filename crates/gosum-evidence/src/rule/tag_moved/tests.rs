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

#[test]
fn a_commit_that_was_found_by_its_time_counts_as_that() {
    let mut comparison = comparison(Some(hash("a")), hash("a"), hash("a"));
    let proxied = Origin { content_of: Some("11aa".into()), ..Origin::default() };
    let cloned = Origin {
        commit: Some("22bb".into()),
        reference: Some("refs/tags/v1.2.0".into()),
        ..Origin::default()
    };
    comparison.answers.insert(SourceName::PROXY, Evidence::new(hash("a"), proxied));
    comparison.answers.insert(SourceName::DIRECT, Evidence::new(hash("a"), cloned));
    let findings = TagMoved.check(&Case { comparisons: &[comparison], ..Case::default() });
    assert_eq!(
        findings[0].message,
        "proxy tells the time of commit 11aa, and tag v1.2.0 now leads to 22bb; the content is the same"
    );
}
