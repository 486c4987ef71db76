//! The world as its visitors find it: over plain sockets, and by git and go themselves.

#![expect(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod client;
mod faults;
mod git_service;
mod http;
mod program;
mod real_git;
mod real_go;
