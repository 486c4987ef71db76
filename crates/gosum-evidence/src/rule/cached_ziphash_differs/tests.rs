use gosum_mod::hash::h1::H1;

use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};

#[test]
fn is_held_against_the_zip_else_against_go_sum() {
    assert!(check(&CachedZiphashDiffers, cached()).is_empty());
    let other = H1::new([9; 32]);
    let changed = Cached { ziphash: Found::Is(ZipHash::H1(other)), ..cached() };
    let message = |cached| check(&CachedZiphashDiffers, cached)[0].message.clone();
    assert!(message(changed.clone()).contains("and the zip beside it hashes to h1:"));
    let alone = Cached { zip: Found::Missing, ..changed.clone() };
    assert!(message(alone.clone()).contains("and go.sum records h1:"));
    assert!(check(&CachedZiphashDiffers, Cached { zip_line: None, ..alone }).is_empty());
    let empty = ZipHash::Other("it is empty".to_owned());
    let empty = Cached { ziphash: Found::Is(empty), ..cached() };
    assert!(message(empty).ends_with("v1.0.0.ziphash is no hash: it is empty"));
}
