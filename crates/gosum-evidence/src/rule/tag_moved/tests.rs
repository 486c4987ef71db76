use std::sync::Arc;

use super::*;
use crate::evidence::{Evidence, Moved, Origin};
use crate::sample::{comparison, hash, sum};

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

/// Returns what is found where our own store saw the tag lead to `11aa`, whose zip was `before`, and go.sum records `recorded`.
fn seen(recorded: &str, before: Option<&str>) -> Vec<Finding> {
    let mut comparison = comparison(Some(hash(recorded)), hash(recorded), hash("a"));
    let zip = before.map(|seed| match sum(seed) {
        Sum::H1(h1) => h1,
        Sum::Text(_) => unreachable!(),
    });
    let moved =
        Moved { commit: "11aa".into(), first: 1_795_694_400, last: 1_795_780_800, since: 1_795_867_200, zip };
    let origin = Origin {
        commit: Some("22bb".into()),
        reference: Some("refs/tags/v1.2.0".into()),
        moved: Some(moved.into()),
        ..Origin::default()
    };
    comparison.answers.insert(SourceName::DIRECT, Evidence::new(hash("a"), origin));
    let mut go_mod = comparison.clone();
    go_mod.subject.artifact = Artifact::GoMod;
    crate::rule::check(&Case { comparisons: &[comparison, go_mod], ..Case::default() })
}

#[test]
fn what_our_own_store_saw_is_told_with_its_times_once_a_version() {
    let told = "tag v1.2.0 was seen to lead to commit 11aa from 2026-11-26T12:00:00Z to 2026-11-27T12:00:00Z, \
                and to 22bb since 2026-11-28T12:00:00Z";
    for (before, content) in [
        (Some("a"), "the content is the same".to_owned()),
        (Some("b"), format!("the content is another: it was {}", sum("b"))),
        (None, "whether the content was the same is not known".to_owned()),
    ] {
        let findings = seen("a", before);
        assert_eq!((findings.len(), findings[0].code), (1, "tag-moved"));
        assert_eq!(findings[0].message, format!("{told}; {content}"));
        assert_eq!(findings[0].subject.as_ref().unwrap().artifact, Artifact::Zip);
    }
    // where hashes differ it is part of that
    let findings = seen("b", Some("b"));
    assert!(findings.iter().all(|finding| finding.code == "proxy-direct-differ"), "{findings:?}");
    assert!(findings[0].message.contains(told), "{}", findings[0].message);
}
