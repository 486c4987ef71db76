//! A commit's files as `git archive` would write them, from any git host: without git, without a
//! checkout, and without running anything that a repository names.
//!
//! The protocol, the objects and the conversions follow git; which refs count and what an archive holds follow the go
//! command (spec 05). Everything that a server chooses has a bound in [`Limits`]. Requests go through the one client
//! of [`gosum_fetch`].
//!
//! - [`Repository`]: one listing of refs, one batched fetch of commits, single files without the rest, the history
//! - [`Fetched`], [`Snapshot`], [`ArchiveTree`]: from what came to the bytes of each file
//! - [`History`]: which commit comes before which, and when it was made
//! - [`ProgramServer`]: a server behind a program such as ssh, in the place of the client
//! - [`access`]: how the user's own settings reach repositories and proxies: addresses, credentials, ssh
//! - [`local`]: the user's own repository on disk, for what a file was at a revision
//! - [`HostMemory`]: what hosts were found not to do, so that each thing is tried once
//!
//! Packs are read as they arrive, resolved in memory or in a temporary file ([`Storage`]), and never written as a
//! repository. An object is believed when its content has the id that was asked for.
//!
//! ```
//! use std::sync::Arc;
//!
//! use gosum_fetch::{Client, SafeUrl, client};
//! use gosum_git::{Filter, HostMemory, Options, Repository};
//! use gosum_world::repository::Files;
//! use gosum_world::draft::Draft;
//!
//! // a host of our own on loopback
//! let mut draft = Draft::new("proxy.example");
//! let files = Files::new().file("go.mod", "module github.com/example/a\n").file("a.go", "package a\n");
//! let commit = draft.commit("github.com/example/a", "main", &files);
//! draft.tag("v1.0.0", &commit);
//! let world = draft.start()?;
//!
//! let client = Client::new(client::Options { routes: world.routes(), ..Default::default() })?;
//! let url = SafeUrl::parse("https://github.com/example/a")?;
//! let repository = Repository::open(Arc::new(client), url, Options::default(), Arc::new(HostMemory::new()))?;
//! let refs = repository.refs(&["refs/tags/v1.0.0"])?;
//! let fetched = repository.fetch(&[refs[0].target], Filter::None)?;
//! let tree = fetched.snapshot(refs[0].target)?.archive("")?;
//! let files: Vec<_> = tree.files().iter().map(|file| String::from_utf8_lossy(&file.path)).collect();
//! assert_eq!(files, ["a.go", "go.mod"]);
//! assert_eq!(tree.content(0)?, b"package a\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod access;
mod archive;
mod attribute;
mod batch;
mod convert;
#[cfg(test)]
mod costly;
mod encoding;
mod error;
mod history;
mod hosts;
mod id;
mod keeper;
mod likeness;
mod limits;
pub mod local;
mod object;
mod objects;
mod pack;
mod partial;
mod program;
mod refs;
mod repository;
mod session;
mod snapshot;
mod transport;

pub use archive::ArchiveTree;
pub use batch::Refused;
pub use error::{GitError, Said};
pub use history::History;
pub use hosts::HostMemory;
pub use id::{IdError, ObjectId};
pub use likeness::{KnownFiles, Likeness};
pub use limits::{Bound, Limits};
pub use object::{Commit, NameFault, Signature};
pub use objects::Objects;
pub use pack::{PackError, Storage};
pub use partial::{Files, FilesWant};
pub use program::{ProgramObserver, ProgramServer, Programs};
pub use refs::Ref;
pub use repository::{Fetched, Options, Repository};
pub use session::Filter;
pub use snapshot::Snapshot;
