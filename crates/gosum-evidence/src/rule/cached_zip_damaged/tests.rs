use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};

#[test]
fn says_what_is_wrong_with_the_zip() {
    assert!(check(&CachedZipDamaged, cached()).is_empty());
    let mut damaged = cached();
    let Found::Is(zip) = &mut damaged.zip else { panic!("the sample has a zip") };
    zip.h1 = Err("not a valid zip archive".to_owned());
    let found = check(&CachedZipDamaged, damaged);
    assert_eq!(
        found[0].message,
        "cache/download/example.com/!a/@v/v1.0.0.zip has no hash: not a valid zip archive"
    );
}
