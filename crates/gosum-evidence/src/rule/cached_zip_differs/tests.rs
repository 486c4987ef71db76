use gosum_mod::hash::h1::H1;

use super::*;
use crate::disk::sample::{cached, check};
use crate::disk::{CachedRecord, Found};

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

#[test]
fn what_the_database_recorded_tells_which_of_the_two_is_in_question() {
    let mut changed = cached();
    let Found::Is(zip) = &mut changed.zip else { panic!("the sample has a zip") };
    zip.h1 = Ok(H1::new([9; 32]));
    let told = |zip: [u8; 32], is_proven| {
        let record = CachedRecord { zip: Some(Sum::H1(H1::new(zip))), is_proven, ..CachedRecord::default() };
        let found = check(&CachedZipDiffers, Cached { record: Found::Is(record), ..changed.clone() });
        let [finding] = &found[..] else { panic!("{found:?}") };
        (finding.message.clone(), finding.help.to_string())
    };
    let (message, help) = told([9; 32], true);
    assert!(message.ends_with("so that the line of go.sum is the one in question"), "{message}");
    assert!(help.contains("`gosum explain example.com/A@v1.0.0`"), "{help}");
    assert!(!help.contains("clean") && !help.contains("delete"), "{help}");
    let (message, help) = told([1; 32], true);
    assert!(message.ends_with("so that the cache is the one in question"), "{message}");
    assert!(help.contains("go clean -modcache"), "{help}");
    let (message, _) = told([5; 32], true);
    assert!(message.contains("; the checksum database recorded neither, but h1:"), "{message}");
    // what nothing proves tells nothing
    let (message, help) = told([9; 32], false);
    assert!(
        !message.contains("checksum database") && help.contains("go clean -modcache"),
        "{message}: {help}"
    );
}
