//! What Go defines of modules, and nothing else: bytes in, values out. Changes when Go does.
//!
//! - [`name`]: module paths, versions and pseudo-versions, how they are escaped and quoted, and the patterns of GOPRIVATE
//!   (spec 01; spec 04 §4)
//! - [`mod@file`]: go.mod, go.work and go.sum (spec 03)
//! - [`build`]: the module graph, the versions that are selected from it, and the go.sum lines it needs (spec 03 §2, §6);
//!   the files of a package that are part of a build
//! - [`hash`]: the h1 hash (spec 02 §1)
//! - [`setting`]: Go's own settings, as values (spec 04 §3 to §5)
//! - [`zip`]: module zips, what goes into them and what may not come out of them (spec 02)
//!
//! The rules are those of the go command 1.26, down to its oddities, with Unicode 15.0.0. The recorded answers of the go
//! command in `testdata/vectors` and `testdata/graph` hold this crate to them.
//!
//! ```
//! use gosum_mod::file::go_mod::synthesized;
//! use gosum_mod::file::go_sum::GoSum;
//! use gosum_mod::hash::dirhash::go_mod_h1;
//! use gosum_mod::name::id::Artifact;
//!
//! let text = b"github.com/ex/nomod v1.0.0/go.mod h1:BDr5FVevchYRyXU1cblAjexwj1JDwETuygPYTlR39hc=\n";
//! let line = &GoSum::parse(text).lines[0];
//! let (module, artifact) = line.key()?;
//! assert_eq!(module.to_string(), "github.com/ex/nomod@v1.0.0");
//! assert_eq!(artifact, Artifact::GoMod);
//!
//! // this module has no go.mod file, so that its line covers the one that Go makes up
//! let go_mod = synthesized(module.path());
//! assert_eq!(go_mod_h1(go_mod.as_bytes()).to_string().as_bytes(), line.hash());
//! # Ok::<(), gosum_mod::file::go_sum::KeyError>(())
//! ```

pub mod build;
pub mod file;
pub mod hash;
pub mod name;
pub mod setting;
pub mod zip;
