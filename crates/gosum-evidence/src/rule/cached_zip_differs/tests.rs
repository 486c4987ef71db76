use gosum_mod::hash::h1::H1;

use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};

#[test]
fn says_with_whom_the_ziphash_goes() {
    assert!(check(&CachedZipDiffers, cached()).is_empty());
    let mut changed = cached();
    let Found::Is(zip) = &mut changed.zip else { panic!("the sample has a zip") };
    zip.h1 = Ok(H1::new([9; 32]));
    let found = check(&CachedZipDiffers, changed.clone());
    assert_eq!(found.len(), 1);
    assert!(found[0].message.ends_with("says what go.sum records"), "{}", found[0].message);
    assert_eq!(found[0].at[0].line, 1);
    changed.ziphash = Found::Is(ZipHash::H1(H1::new([9; 32])));
    let found = check(&CachedZipDiffers, changed.clone());
    assert!(found[0].message.ends_with("says the same as the zip"), "{}", found[0].message);
    changed.zip_line = None;
    assert!(check(&CachedZipDiffers, changed).is_empty());
}
