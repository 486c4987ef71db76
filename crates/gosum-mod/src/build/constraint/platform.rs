//! What a build is for, and which tags that gives.

use std::collections::BTreeSet;

use super::name::{PROCESSORS, SYSTEMS, UNIX};

/// The minor version of the newest Go release whose tags are known: `go1.26`.
const NEWEST: u32 = 26;

/// What builds a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Platform {
    /// All: every system, every processor, every set of tags.
    #[default]
    Any,
    /// Those for one system and processor with one set of tags.
    One(Configuration),
}

/// A system, a processor and tags, by their names in `GOOS`, `GOARCH` and `-tags`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The system.
    pub goos: String,
    /// The processor.
    pub goarch: String,
    /// The tags that are given.
    pub tags: BTreeSet<String>,
    /// Whether cgo is on, where that is known.
    pub cgo: Option<bool>,
}

impl Configuration {
    /// Returns whether the go command 1.26 takes `tag` for given, with its own compiler, and without cgo unless that is
    /// known to be on. Tags of experiments and processor features count as given only where they are in `tags`.
    pub fn gives(&self, tag: &str) -> bool {
        self.decides(tag).unwrap_or_else(|| match tag {
            "unix" | "gc" => true,
            _ => release(tag).is_some_and(|minor| minor <= NEWEST),
        })
    }

    /// Returns whether `tag` is given, or nothing where that depends on more than this: the Go version, the compiler,
    /// or switches such as `-race`.
    pub(super) fn decides(&self, tag: &str) -> Option<bool> {
        if self.tags.contains(tag)
            || tag == self.goos
            || tag == self.goarch
            || implied(&self.goos) == Some(tag)
        {
            return Some(true);
        }
        match tag {
            "cgo" => self.cgo,
            "unix" => (!UNIX.contains(&&*self.goos)).then_some(false), // Go before 1.19 does not know the tag
            _ if is_platform(tag) => Some(false),
            _ => (!self.is_open(tag)).then_some(false),
        }
    }

    fn is_open(&self, tag: &str) -> bool {
        let is_feature = || tag.strip_prefix(&*self.goarch).is_some_and(|rest| rest.starts_with('.'));
        matches!(tag, "gc" | "gccgo" | "race" | "msan" | "asan" | "boringcrypto")
            || tag.starts_with("goexperiment.")
            || release(tag).is_some()
            || is_feature()
    }
}

/// Returns the system whose tag comes with that of `goos`.
pub(super) fn implied(goos: &str) -> Option<&'static str> {
    match goos {
        "android" => Some("linux"),
        "illumos" => Some("solaris"),
        "ios" => Some("darwin"),
        _ => None,
    }
}

/// Returns whether a tag is the name of a system or a processor.
pub(super) fn is_platform(tag: &str) -> bool {
    SYSTEMS.contains(&tag) || PROCESSORS.contains(&tag)
}

/// Returns N of `go1.N`.
fn release(tag: &str) -> Option<u32> {
    let digits = tag.strip_prefix("go1.")?;
    let canonical = !digits.starts_with(['0', '+']);
    digits.parse().ok().filter(|_| canonical)
}
