//! What reading and checking the directory of a zip costs; `scripts/growth` counts.

use std::io::{Cursor, Write as _};

use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::check::check_zip;
use gosum_testkit::growth::measured;
use zip::write::SimpleFileOptions;

const FILES: usize = 1000;

#[test]
fn growth_read_zip_directory() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..FILES {
        let name = format!("example.com/m@v1.0.0/internal/package{}/File{number}.go", number % 40);
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(b"package p\n").unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let module = ModuleVersion::parse("example.com/m@v1.0.0").unwrap();
    let checked = measured(|| check_zip(&module, &Archive::open(bytes).unwrap()));
    assert!(checked.is_valid());
}
