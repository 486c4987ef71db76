use super::*;
use crate::disk::sample::{cached, check};

#[test]
fn names_what_is_left_unless_somebody_is_at_work() {
    assert!(check(&CachedPartial, cached()).is_empty());
    let left = Cached { leftovers: vec!["v1.0.0.partial".to_owned()], ..cached() };
    let found = check(&CachedPartial, left.clone());
    assert_eq!(found[0].message, "left of a download or an unpacking: v1.0.0.partial");
    assert!(check(&CachedPartial, Cached { is_busy: true, ..left }).is_empty());
}
