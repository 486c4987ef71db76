//! Differences: of two go.sum sets, and of two copies of a module.

pub mod cause;
pub mod lines;
pub mod notice;
pub mod reach;
pub mod sums;
pub mod tree;
