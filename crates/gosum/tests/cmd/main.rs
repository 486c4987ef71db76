//! Whole commands, as users run them: by their command line, in worlds of their own.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod access;
mod audit;
mod base;
mod base_git;
mod cache;
mod category;
mod checkout;
#[cfg(unix)]
mod ci;
mod demo;
mod direct;
mod doctor;
mod env;
mod explain;
mod formats;
mod gate;
mod git_host;
mod git_program;
mod hash;
mod init;
mod input;
mod lint;
mod lint_git;
mod lint_merge;
mod man;
mod policy;
mod private;
mod program;
mod project;
mod proxies;
mod proxy;
mod rules;
mod run;
mod scripts;
mod sumdb;
mod toolchain;
mod vectors;
mod verify;
mod world;
