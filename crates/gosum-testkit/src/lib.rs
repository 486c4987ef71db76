//! What the tests of every crate share: recorded answers of the go command, and txtar archives.
//!
//! The vectors are read from the folder that `GOSUM_VECTORS` names, by default from
//! `testdata/vectors`. Their shape is described in `testdata/README.md`.
//!
//! ```
//! let archive = gosum_testkit::txtar::parse("-- go.mod --\nmodule example.com/a\n");
//! assert_eq!(archive.files[0].name, "go.mod");
//! assert_eq!(archive.files[0].text, "module example.com/a\n");
//! ```

pub mod growth;
pub mod txtar;
pub mod vectors;

use std::path::PathBuf;

/// Returns the repository's `testdata` folder.
pub fn testdata() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata"))
}
