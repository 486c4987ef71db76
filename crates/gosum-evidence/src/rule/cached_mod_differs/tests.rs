use gosum_mod::hash::h1::H1;

use super::*;
use crate::disk::sample::{cached, check};
use crate::disk::{CachedRecord, Found};

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

#[test]
fn a_file_that_the_database_knows_is_not_to_be_deleted() {
    let changed = Cached { go_mod: Found::Is(H1::new([9; 32])), ..cached() };
    let told = |go_mod: [u8; 32]| {
        let go_mod = Some(Sum::H1(H1::new(go_mod)));
        let record = CachedRecord { go_mod, is_proven: true, ..CachedRecord::default() };
        let mut found = check(&CachedModDiffers, Cached { record: Found::Is(record), ..changed.clone() });
        found.pop().expect("it differs")
    };
    let line = told([9; 32]);
    assert!(line.message.ends_with("so that the line of go.sum is the one in question"), "{line:?}");
    assert!(!line.help.contains("delete"), "{line:?}");
    let file = told([2; 32]);
    assert!(file.message.ends_with("so that the cache is the one in question"), "{file:?}");
    assert!(file.help.starts_with("delete the file"), "{file:?}");
}
