//! What a build is made of: which version of each module, and which go.sum lines that needs (spec 03 §2, §6); and which
//! files of a package.

pub mod constraint;
pub mod embed;
pub mod go_file;
pub mod graph;
mod load;
pub mod replacement;
pub mod scan;
pub mod source_kind;
mod sums;
pub mod tidy;
pub mod vendor;
