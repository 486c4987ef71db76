//! Differences, line by line.

pub mod sums;
