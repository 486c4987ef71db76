use gosum_mod::name::id::ModuleVersion;

use super::*;
use crate::disk::{ChangeKind, Disk, FileChange, VendoredModule};
use crate::subject::Location;

#[test]
fn names_the_files_of_each_module_and_those_of_none() {
    let change = |file: &str, kind| FileChange { file: file.into(), kind };
    let module = |changes| VendoredModule {
        module: ModuleVersion::parse("example.com/a@v1.0.0").unwrap(),
        at: Location { file: "vendor/modules.txt".into(), line: 3 },
        compared: Ok(2),
        changes,
    };
    let vendor = VendorFolder {
        folder: "vendor".to_owned(),
        modules: vec![module(Vec::new()), module(vec![change("example.com/a/a.go", ChangeKind::Changed)])],
        strays: vec![change("evil.go", ChangeKind::Added)],
        ..VendorFolder::default()
    };
    let disk = Disk { vendors: vec![vendor], ..Disk::default() };
    let found = VendorDiffers.check(&Case { disk: Some(&disk), ..Case::default() });
    let messages: Vec<&str> = found.iter().map(|finding| &*finding.message).collect();
    assert_eq!(
        messages,
        [
            r#"vendor is not what the module has: "example.com/a/a.go" is changed"#,
            r#"in vendor, of no package in modules.txt: "evil.go" is added"#,
        ]
    );
    assert_eq!(found[0].at[0].line, 3);
    assert!(VendorDiffers.check(&Case::default()).is_empty());
}
