//! Differences: of two go.sum sets, and of two copies of a module.

pub mod sums;
pub mod tree;
