use super::*;
use crate::disk::{Disk, VendorFolder};
use crate::subject::Location;

#[test]
fn tells_each_fault_with_its_line() {
    let at = Location { file: "vendor/modules.txt".into(), line: 7 };
    let vendor = VendorFolder { list_faults: vec![(at, "odd".to_owned())], ..VendorFolder::default() };
    let disk = Disk { vendors: vec![vendor], ..Disk::default() };
    let found = VendorListDiffers.check(&Case { disk: Some(&disk), ..Case::default() });
    assert_eq!((found[0].message.as_str(), found[0].at[0].line), ("odd", 7));
    assert!(VendorListDiffers.check(&Case::default()).is_empty());
}
