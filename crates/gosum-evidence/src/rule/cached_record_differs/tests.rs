use gosum_mod::hash::h1::H1;

use super::*;
use crate::disk::sample::{cached, check};
use crate::disk::{CachedRecord, Found};

#[test]
fn is_held_against_what_is_here_else_against_go_sum() {
    let record = |zip: u8, go_mod: u8| {
        let sum = |byte| Some(Sum::H1(H1::new([byte; 32])));
        Found::Is(CachedRecord {
            database: "sum.example".to_owned(),
            zip: sum(zip),
            go_mod: sum(go_mod),
            is_proven: false,
        })
    };
    assert!(check(&CachedRecordDiffers, Cached { record: record(1, 2), ..cached() }).is_empty());
    let found = check(&CachedRecordDiffers, Cached { record: record(9, 8), ..cached() });
    assert_eq!(found.len(), 2);
    assert!(found[0].message.contains(" for its zip, and the cached zip hashes to h1:"), "{found:?}");
    let no_zip = Cached { record: record(9, 2), zip: Found::Missing, ..cached() };
    let found = check(&CachedRecordDiffers, no_zip);
    assert!(found[0].message.ends_with("AQEBAQE="), "{found:?}");
    assert!(found[0].message.contains(", and go.sum records h1:"), "{found:?}");
}
