//! What `gosum explain` tells of a module version: the answers on it, and what differs between two copies, as one value
//! that every format shows.

mod examine;

use std::sync::Arc;

use gosum_mod::name::id::ModuleVersion;

pub use self::examine::{CopyGiven, ExamineError, Manner, examine};
use crate::compare::Comparison;
use crate::diff::cause::Explanation;
use crate::diff::lines::Lines;
use crate::diff::notice::Notices;
use crate::diff::reach::Reach;
use crate::diff::tree::{Change, ChangeKind, FileFacts, Side};
use crate::evidence::{Origin, Sum};

/// What can be told of a module version.
#[derive(Debug)]
pub struct Account {
    /// The version of gosum.
    pub gosum: &'static str,
    /// The module version; none when it is about two files that are not said to be of one.
    pub module: Option<ModuleVersion>,
    /// How it came out.
    pub outcome: Outcome,
    /// Whether a go.sum was read.
    pub has_go_sum: bool,
    /// The answers of the sources that were asked, on the zip and on the go.mod.
    pub answers: Vec<Comparison>,
    /// What differs between two copies, where two were compared.
    pub compared: Option<Compared>,
    /// What is worth to be known beside that, a sentence each.
    pub remarks: Vec<String>,
}

/// How an explanation came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing differs: of what, in words.
    Same(String),
    /// Something differs.
    Differ,
    /// Some sources have it and some say for certain that they do not: who does not, in words, each by itself.
    OneSided(Vec<String>),
    /// It could not be told: why, in words, each reason by itself.
    Untold(Vec<String>),
    /// A source answered that must not be believed: which one and why.
    Untrusted(String),
}

impl Outcome {
    /// Returns the word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Same(_) => "same",
            Outcome::Differ => "differ",
            Outcome::OneSided(_) => "one-sided",
            Outcome::Untold(_) => "untold",
            Outcome::Untrusted(_) => "untrusted",
        }
    }

    /// Returns what there is to say beside the word: nothing, or several reasons.
    pub fn whys(&self) -> &[String] {
        match self {
            Outcome::Differ => &[],
            Outcome::Same(why) | Outcome::Untrusted(why) => std::slice::from_ref(why),
            Outcome::OneSided(whys) | Outcome::Untold(whys) => whys,
        }
    }

    /// Returns what there is to say beside the word, in one line.
    pub fn why(&self) -> Option<String> {
        let whys = self.whys();
        (!whys.is_empty()).then(|| whys.join("; "))
    }
}

/// What differs between two copies.
#[derive(Debug)]
pub struct Compared {
    /// The left copy.
    pub left: CopyShown,
    /// The right copy.
    pub right: CopyShown,
    /// For which builds it is told what can reach one; none when it is for all.
    pub platform: Option<String>,
    /// How the go.mod files differ that the two sources give beside the zip, where the files in the copies do not already
    /// show that.
    pub go_mod: Option<FileDiff>,
    /// The files that differ: the module's go.mod first, then those that can reach a build, then the others, each by path.
    pub files: Vec<FileDiff>,
    /// How many files are the same.
    pub same: usize,
    /// What appears on one side only.
    pub notices: Notices,
    /// Why they differ, as far as that is proved; none where it was not looked for.
    pub explanation: Option<Explanation>,
    /// What speaks against the word of a source.
    pub doubt: Option<Doubt>,
}

/// Why the commit that a source names for its copy explains nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The content of the commit is not what the source has.
    OtherContent {
        /// The source.
        name: Arc<str>,
        /// The commit.
        commit: Arc<str>,
    },
    /// The repository does not give the commit.
    NotGiven {
        /// The source.
        name: Arc<str>,
        /// The commit.
        commit: Arc<str>,
        /// Whether a branch or a tag leads to it; none where that cannot be told.
        is_reached: Option<bool>,
    },
}

impl Compared {
    /// Returns the copy on `side`.
    pub fn copy(&self, side: Side) -> &CopyShown {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }

    /// Returns how many files differ in this way.
    pub fn count(&self, kind: ChangeKind) -> usize {
        let files = self.files.iter().filter(|file| !file.is_folder_entry());
        files.filter(|file| file.change.kind == kind).count()
    }

    /// Returns how many of what differs are entries of folders in a zip, and no files.
    pub fn folder_entries(&self) -> usize {
        self.files.iter().filter(|file| file.is_folder_entry()).count()
    }

    /// Returns how many of the files that differ can reach a build.
    pub fn reaching(&self) -> usize {
        self.files.iter().filter(|file| file.can_reach()).count()
    }

    /// Returns whether nothing differs.
    pub fn is_same(&self) -> bool {
        self.files.is_empty() && self.go_mod.is_none()
    }
}

/// A copy, as it is shown.
#[derive(Debug, Clone)]
pub struct CopyShown {
    /// By what it is called: the name of its source, or what the user wrote.
    pub name: Arc<str>,
    /// Its hash, where it has one.
    pub h1: Option<Sum>,
    /// Where it came from.
    pub origin: Arc<Origin>,
    /// When the commit was made whose content it is, in RFC 3339 UTC, as the repository says.
    pub commit_time: Option<Arc<str>>,
}

/// A file that differs.
#[derive(Debug)]
pub struct FileDiff {
    /// Its number among all changes of the two copies.
    pub number: usize,
    /// In which way it differs.
    pub change: Change,
    /// What the left file can do to a build.
    pub left_reach: Option<Reach>,
    /// What the right file can do.
    pub right_reach: Option<Reach>,
    /// How its content differs.
    pub content: Content,
}

impl FileDiff {
    /// Returns what the file on `side` can do to a build.
    pub fn reach(&self, side: Side) -> Option<&Reach> {
        match side {
            Side::Left => self.left_reach.as_ref(),
            Side::Right => self.right_reach.as_ref(),
        }
    }

    /// Returns whether it is the entry of a folder in a zip, and no file.
    pub fn is_folder_entry(&self) -> bool {
        [&self.change.left, &self.change.right].into_iter().flatten().any(FileFacts::is_folder)
    }

    /// Returns whether one of the two files can reach a build. What nobody can tell counts as one that can.
    pub fn can_reach(&self) -> bool {
        [&self.left_reach, &self.right_reach].into_iter().flatten().any(|reach| !reach.is_inert())
    }
}

/// How the content of a file differs.
#[derive(Debug)]
pub enum Content {
    /// In these lines.
    Lines(Lines),
    /// It was not asked for.
    NotAsked,
    /// It is left out: as much as may be shown is shown already.
    LeftOut,
    /// It could not be read again: why.
    Unread(String),
}
