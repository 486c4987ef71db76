//! What a check says.

/// How much what was seen matters, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// It weakens verification, or makes a run fail: exit code 1.
    Problem,
    /// It may make a run fail, or be slow, or differ from that of others.
    Warning,
    /// Whether all is well could not be told.
    Unknown,
    /// Good to know.
    Note,
    /// All is well.
    Ok,
    /// There was nothing to look at.
    Skipped,
}

impl Level {
    pub(crate) const ALL: [Level; 6] =
        [Level::Problem, Level::Warning, Level::Unknown, Level::Note, Level::Ok, Level::Skipped];

    /// Returns the word for it, as in reports.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Level::Problem => "problem",
            Level::Warning => "warning",
            Level::Unknown => "unknown",
            Level::Note => "note",
            Level::Ok => "ok",
            Level::Skipped => "skipped",
        }
    }
}

/// One thing that a check has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) level: Level,
    /// What was seen.
    pub(crate) seen: String,
    /// Why it matters.
    pub(crate) why: String,
    /// The command, or the step, that mends it.
    pub(crate) fix: Option<String>,
}

impl Remark {
    pub(crate) fn problem(seen: impl Into<String>, why: impl Into<String>) -> Remark {
        Remark { level: Level::Problem, seen: seen.into(), why: why.into(), fix: None }
    }

    pub(crate) fn warning(seen: impl Into<String>, why: impl Into<String>) -> Remark {
        Remark { level: Level::Warning, ..Remark::problem(seen, why) }
    }

    pub(crate) fn note(seen: impl Into<String>, why: impl Into<String>) -> Remark {
        Remark { level: Level::Note, ..Remark::problem(seen, why) }
    }

    /// Returns the remark, with what mends it.
    pub(crate) fn fix(self, fix: impl Into<String>) -> Remark {
        Remark { fix: Some(fix.into()), ..self }
    }
}

/// What a check saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All is well, and what that means.
    Fine(String),
    /// At least one remark.
    Seen(Vec<Remark>),
}

impl Sight {
    /// Returns the remarks; when there are none, that all is well, as `fine` says.
    pub(crate) fn of(remarks: Vec<Remark>, fine: impl FnOnce() -> String) -> Sight {
        if remarks.is_empty() { Sight::Fine(fine()) } else { Sight::Seen(remarks) }
    }
}

/// Why a check saw nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blind {
    /// There is no such thing here.
    Skipped(String),
    /// It is here, and cannot be looked at: that is never fine.
    Unknown(String),
}

/// What a check says.
pub(crate) type Answer = Result<Sight, Blind>;
