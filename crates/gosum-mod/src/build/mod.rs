//! What a build is made of: which version of each module, and which go.sum lines that needs (spec 03 §2, §6).

pub mod graph;
mod load;
pub mod replacement;
pub mod scan;
mod sums;
