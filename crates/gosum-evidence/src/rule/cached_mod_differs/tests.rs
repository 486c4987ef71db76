use gosum_mod::hash::h1::H1;

use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};

#[test]
fn is_held_against_go_sum_else_against_the_zip() {
    assert!(check(&CachedModDiffers, cached()).is_empty());
    let changed = Cached { go_mod: Found::Is(H1::new([9; 32])), ..cached() };
    let found = check(&CachedModDiffers, changed.clone());
    assert!(found[0].message.contains(", and go.sum records h1:"), "{found:?}");
    assert_eq!((found[0].level, found[0].at[0].line), (Level::Deny, 2));
    let found = check(&CachedModDiffers, Cached { go_mod_line: None, ..changed });
    assert!(found[0].message.contains(", and the one of the zip to h1:"), "{found:?}");
    assert_eq!(found[0].level, Level::Warn);
}
