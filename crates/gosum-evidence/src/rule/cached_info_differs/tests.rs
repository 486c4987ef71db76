use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};

#[test]
fn tells_each_fault() {
    assert!(check(&CachedInfoDiffers, cached()).is_empty());
    let faults = vec!["one".to_owned(), "two".to_owned()];
    let found = check(&CachedInfoDiffers, Cached { info: Found::Is(faults), ..cached() });
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].message, "cache/download/example.com/!a/@v/v1.0.0.info: two");
}
