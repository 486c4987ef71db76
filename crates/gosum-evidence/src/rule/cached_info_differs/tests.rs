use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};

#[test]
fn tells_each_fault() {
    assert!(check(&CachedInfoDiffers, cached()).is_empty());
    let fault = |what: &str, happens| InfoFault { what: what.to_owned(), happens };
    let faults = vec![fault("one", true), fault("two", false)];
    let found = check(&CachedInfoDiffers, Cached { info: Found::Is(faults), ..cached() });
    assert_eq!((found.len(), found[0].level, found[1].level), (2, Level::Warn, Level::Deny));
    assert_eq!(found[1].message, "cache/download/example.com/!a/@v/v1.0.0.info: two");
}
