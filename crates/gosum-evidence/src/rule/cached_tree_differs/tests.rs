use super::*;
use crate::disk::sample::{cached, check};
use crate::disk::{CachedTree, ChangeKind, FileChange, Found};

fn with(tree: CachedTree) -> Cached {
    Cached { tree: Found::Is(tree), ..cached() }
}

fn change(file: &str, kind: ChangeKind) -> FileChange {
    FileChange { file: file.into(), kind }
}

#[test]
fn names_the_files() {
    assert!(check(&CachedTreeDiffers, cached()).is_empty());
    let changes = vec![change("a.go", ChangeKind::Changed), change("b.go", ChangeKind::Missing)];
    let tree = CachedTree { changes: Some(changes), h1: Some(Ok(H1::new([9; 32]))) };
    let found = check(&CachedTreeDiffers, with(tree));
    assert_eq!(
        found[0].message,
        r#"example.com/!a@v1.0.0 is not what its zip unpacks to: "a.go" is changed, "b.go" is missing"#
    );
}

#[test]
fn names_a_few_of_many() {
    let changes = (0..20).map(|at| change(&format!("f{at}"), ChangeKind::Added)).collect();
    let tree = CachedTree { changes: Some(changes), h1: None };
    assert!(check(&CachedTreeDiffers, with(tree))[0].message.ends_with(", and 12 more"));
}

#[test]
fn without_a_zip_the_hash_is_held_against_what_was_recorded() {
    let alone = |h1| Cached { zip: Found::Missing, ..with(CachedTree { changes: None, h1: Some(Ok(h1)) }) };
    assert!(check(&CachedTreeDiffers, alone(H1::new([1; 32]))).is_empty());
    let found = check(&CachedTreeDiffers, alone(H1::new([9; 32])));
    assert!(found[0].message.contains(", and go.sum records h1:"), "{found:?}");
    let ziphash = Cached { zip_line: None, ..alone(H1::new([9; 32])) };
    let found = check(&CachedTreeDiffers, ziphash);
    assert!(found[0].message.contains(", and the ziphash says h1:"), "{found:?}");
}
