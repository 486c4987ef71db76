//! Module zips (spec 02).

pub mod archive;
pub mod check;
pub mod content;
mod directory;
mod end;
pub mod fault;
pub mod hash;
pub mod limits;
pub mod name;
mod number;
pub mod select;
pub mod source;
pub mod tree;
