//! Module paths, versions and how they are written (spec 01).

pub mod escape;
pub mod id;
pub mod path;
pub mod pattern;
pub mod pseudo;
pub mod quote;
pub mod semver;
pub mod text;
pub mod unicode;
mod unicode_tables;
pub mod version;
