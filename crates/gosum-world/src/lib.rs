//! A small world on loopback: a module proxy, git repositories, go-import pages, faults on demand, and a log of every
//! request. For `gosum demo`, for tests and for benchmarks: nothing has to be installed, and nothing leaves the machine.
//!
//! - [`repository`]: git repositories in memory, written by a few calls
//! - [`git`]: git's smart HTTP protocol in all its versions, and what a repository grants
//! - [`release`], [`proxy`]: versions of modules, and a proxy that publishes them, or lies about them (spec 02, 04 §1)
//! - [`page`]: go-import pages and redirects (spec 05 §1)
//! - [`fault`]: delays, breaks, lies and floods
//! - [`log`]: what was asked
//! - [`draft`]: all this in a few lines
//! - [`demo`]: a world in which one module is tampered and one tag was moved
//!
//! [`World`] serves [`Sites`] over plain HTTP, all hosts on one port: which host is meant, each request says.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//!
//! use gosum_world::draft::Draft;
//! use gosum_world::repository::Files;
//!
//! let mut draft = Draft::new("proxy.example");
//! let files = Files::new().file("go.mod", "module github.com/example/a\n").file("a.go", "package a\n");
//! let commit = draft.commit("github.com/example/a", "main", &files);
//! draft.tag("v1.0.0", &commit);
//! draft.publish("github.com/example/a@v1.0.0", &commit, "")?;
//! let world = draft.start()?;
//!
//! let mut stream = TcpStream::connect(world.address())?;
//! let path = "/github.com/example/a/@v/list";
//! write!(stream, "GET {path} HTTP/1.1\r\nHost: proxy.example\r\nConnection: close\r\n\r\n")?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer)?;
//! assert!(answer.ends_with("\r\n\r\nv1.0.0\n"));
//! assert_eq!(world.log()[0].address(), format!("proxy.example{path}"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod demo;
pub mod draft;
pub mod fault;
pub mod git;
mod http;
pub mod log;
pub mod modcache;
pub mod page;
pub mod proxy;
pub mod release;
pub mod repository;
mod sites;
pub mod sumdb;
mod world;

pub use sites::Sites;
pub use world::World;
