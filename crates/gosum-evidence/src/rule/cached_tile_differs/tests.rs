use super::*;
use crate::disk::{CachedLog, Disk};

#[test]
fn names_the_file() {
    let fault = LogFault { file: "tile/8/0/001".to_owned(), what: "is not what".to_owned() };
    let disk =
        Disk { logs: vec![CachedLog { faults: vec![fault], ..CachedLog::default() }], ..Disk::default() };
    let found = CachedTileDiffers.check(&Case { disk: Some(&disk), ..Case::default() });
    assert_eq!(found[0].message, "tile/8/0/001: is not what");
    assert!(CachedTileDiffers.check(&Case::default()).is_empty());
}
