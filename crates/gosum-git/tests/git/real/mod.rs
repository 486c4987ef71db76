//! Real git as the server, and as the judge.

mod archive;
mod attributes;
mod protocol;
mod server;
mod tar;
