use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};

#[test]
fn says_what_is_irregular_and_only_warns() {
    assert!(check(&CachedZipIrregular, cached()).is_empty());
    let mut odd = cached();
    let Found::Is(zip) = &mut odd.zip else { panic!("the sample has a zip") };
    zip.irregular = vec!["4 bytes follow the end of the archive".to_owned()];
    let found = check(&CachedZipIrregular, odd);
    assert!(found[0].message.ends_with("v1.0.0.zip, 4 bytes follow the end of the archive"), "{found:?}");
    assert_eq!(found[0].level, Level::Warn);
}
