//! The files that name modules: go.mod, go.work and go.sum (spec 03).

mod argument;
pub mod error;
pub mod go_mod;
pub mod go_sum;
pub mod go_version;
pub mod go_work;
mod lex;
pub mod main_mod;
pub mod modules_txt;
mod reader;
pub mod replace;
pub(crate) mod space;
mod statement;
pub mod sum_form;
pub mod sum_merge;
