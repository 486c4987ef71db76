//! Module zips: what goes into them and what may not come out of them (spec 02).
//!
//! A zip from outside is opened as an [`archive`], [placed](check::placement), hashed, compared and only then
//! [checked](check::check_zip), in the order of the go command; what it holds is never unpacked. Files from a repository
//! are [selected](mod@select) and then hashed as the zip of them would be.
//!
//! ```
//! use gosum_mod::name::id::ModuleVersion;
//! use gosum_mod::zip::archive::Archive;
//! use gosum_mod::zip::check::{Placement, check_zip, placement};
//! use gosum_mod::zip::hash::zip_h1;
//!
//! # let zip = [&b"PK\x05\x06"[..], &[0; 18]].concat();
//! let module = ModuleVersion::parse("example.com/m@v1.0.0")?;
//! let archive = Archive::open(zip)?; // an empty one, here
//! assert_eq!(placement(&module, &archive), Placement::Inside);
//! assert_eq!(zip_h1(&archive)?.to_string(), "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
//! assert!(check_zip(&module, &archive).is_valid());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod archive;
pub mod check;
pub mod content;
mod directory;
mod end;
pub mod fault;
mod gather;
pub mod hash;
pub mod irregular;
pub mod limits;
pub mod name;
mod number;
pub mod select;
pub mod source;
pub mod tree;
