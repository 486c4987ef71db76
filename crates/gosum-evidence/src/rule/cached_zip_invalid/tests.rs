use super::*;
use crate::disk::Found;
use crate::disk::sample::{cached, check};

#[test]
fn names_the_first_file_that_go_refuses() {
    assert!(check(&CachedZipInvalid, cached()).is_empty());
    let mut refused = cached();
    let Found::Is(zip) = &mut refused.zip else { panic!("the sample has a zip") };
    zip.refused = vec!["\"../x\": path is not clean".to_owned(), "b".to_owned()];
    let found = check(&CachedZipInvalid, refused);
    assert!(found[0].message.ends_with(r#"v1.0.0.zip: "../x": path is not clean, and 1 more"#), "{found:?}");
}
