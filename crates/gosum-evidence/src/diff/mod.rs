//! Differences, line by line, and what they can change.

pub mod reach;
pub mod sums;
