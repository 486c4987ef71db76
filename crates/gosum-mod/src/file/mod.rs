//! The files that name modules: go.mod and go.sum (spec 03).

pub mod error;
pub mod go_mod;
pub mod go_sum;
mod go_version;
mod lex;
mod space;
mod statement;
