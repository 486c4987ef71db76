//! The sources: who recomputes hashes, and from what.

pub mod direct;
mod invalid;
pub mod latest;
pub mod modcache;
pub mod pool;
pub mod proxy;
pub mod recall;
mod said;
pub mod sumdb;
pub mod vendor;
pub mod watch;

use std::sync::Arc;

use gosum_evidence::evidence::{Evidence, NotAsked, Origin, SourceName};
use gosum_evidence::subject::Subject;
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::ModuleVersion;

use self::latest::TellLatest;
use crate::copy::Files;

/// Tells a source's answer on one subject.
pub type Tell<'a> = dyn Fn(&Subject, Evidence) + Sync + 'a;

/// Gives the text of a go.mod file.
pub type Give<'a> = dyn Fn(&Subject, Vec<u8>) + Sync + 'a;

/// Keeps the files of a module zip that was hashed.
pub type Keep<'a> = dyn Fn(&Subject, Files) + Sync + 'a;

/// Who is given what a source reads, beside its answers.
#[derive(Clone, Copy)]
pub struct To<'a> {
    /// Who is given the texts of go.mod files.
    pub give: &'a Give<'a>,
    /// Who keeps the files of zips, if somebody does.
    pub keep: Option<&'a Keep<'a>>,
}

impl To<'_> {
    /// Nobody is given anything.
    pub const NOBODY: To<'static> = To { give: &|_, _| {}, keep: None };
}

/// A copy whose source names no commit, nor one of those that can be had.
#[derive(Debug, Clone)]
pub struct Lost {
    /// The module version.
    pub module: ModuleVersion,
    /// What its zip hashes to.
    pub h1: H1,
    /// When its commit was made, as its source tells, in RFC 3339 UTC.
    pub time: Arc<str>,
    /// The commit to which the tag of the version leads now.
    pub now: Arc<str>,
}

/// Someone who recomputes hashes.
pub trait Source: Sync {
    /// Returns the name under which its answers are shown.
    fn name(&self) -> SourceName;

    /// Returns why it is not asked about `subject`, if it is not.
    fn declines(&self, subject: &Subject) -> Option<NotAsked>;

    /// Asks about all of `subjects` and tells the answer on each, once, as it comes. Failing to get an answer
    /// is an answer; nothing ends early.
    fn ask(&self, subjects: &[Subject], tell: &Tell<'_>);

    /// Returns whether it can give the texts of go.mod files.
    fn reads_go_mods(&self) -> bool {
        false
    }

    /// Asks about the go.mod files of `subjects` as [`Source::ask`] does, and gives the text of each that it has, if it can.
    fn read_go_mods(&self, subjects: &[Subject], tell: &Tell<'_>, _give: &Give<'_>) {
        self.ask(subjects, tell);
    }

    /// Asks about `subjects` as [`Source::read_go_mods`] does, and also has the files kept of each zip that it hashes, if it
    /// can.
    fn read_copies(&self, subjects: &[Subject], tell: &Tell<'_>, to: To<'_>) {
        self.read_go_mods(subjects, tell, to.give);
    }

    /// Returns whether it can tell the latest versions of modules.
    fn reads_latest(&self) -> bool {
        false
    }

    /// Tells the latest version of each module, or why it cannot be had, once, as it comes; if it can. Of each module, any
    /// version is named.
    fn read_latest(&self, _modules: &[ModuleVersion], _tell: &TellLatest<'_>) {}

    /// Returns what the source knows of where its `copies` came from, beyond what its answers said, which stands beside
    /// each. Asked only about those on which its hash is not the one that others have.
    fn trace(&self, copies: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)>;

    /// Returns whether it may yet find what it was asked about and did not find, once it is told the commit.
    fn misses_a_commit(&self, _subject: &Subject) -> bool {
        false
    }

    /// Asks about subjects of which it misses the commit, by the ids that others told; tells what it finds, and nothing on
    /// the rest.
    fn ask_for_commits(&self, _wanted: &[(Subject, Arc<str>)], _tell: &Tell<'_>) {}

    /// Returns for each of `lost` the commit that it is of, if that is found and proved.
    fn find_contents(&self, lost: &[Lost]) -> Vec<Option<Arc<str>>> {
        vec![None; lost.len()]
    }

    /// Returns what was spent so far: requests, and bytes of bodies.
    fn cost(&self) -> Cost;
}

/// What asking a source has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Requests sent.
    pub requests: u64,
    /// Bytes of bodies read.
    pub bytes: u64,
    /// Hashes that were kept from an earlier run.
    pub from_cache: usize,
}
