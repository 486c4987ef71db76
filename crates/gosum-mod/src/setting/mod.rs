//! Go's own settings, with Go's meaning (spec 04 §3 to §5). This crate reads no environment: the values are given.

pub mod env_file;
pub mod goflags;
pub mod gopath;
pub mod goproxy;
pub mod gosumdb;
pub mod gotoolchain;
pub mod govcs;
pub mod gowork;
pub mod layers;
pub mod private;
pub mod quoted;
