//! Differences: of two go.sum sets, and of two copies of a module.

pub mod lines;
pub mod sums;
pub mod tree;
