//! `gosum doctor`: whether anything on this machine makes hashes, downloads or permissions go wrong.
//!
//! [`look`] makes the [`System`](system::System), a view of the machine that is data; each [`check`] is a function over it;
//! [`report`] shows what they say. [`record`] writes views and reads them.

mod cgroup;
pub(crate) mod check;
mod format;
pub(crate) mod look;
mod mount;
pub(crate) mod record;
pub(crate) mod report;
mod sight;
pub(crate) mod system;
mod wsl;
