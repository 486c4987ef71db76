//! What the module cache has of a checksum database: records that were looked up, and the tiles that proved them.

/// What is kept of one database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CachedLog {
    /// The name of the database.
    pub name: String,
    /// How many tiles were looked at.
    pub tiles: usize,
    /// How many records were found in the tiles, under a head that the database signed.
    pub proven: usize,
    /// How many records were found in the tiles, which lead to no signed head that is kept.
    pub listed: usize,
    /// Files that contradict others, or are none of what they must be.
    pub faults: Vec<LogFault>,
    /// What could not be told, and why: the file, then the reason.
    pub untold: Vec<(String, String)>,
}

/// A file that cannot be what the database gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogFault {
    /// The file, below the cache's folder.
    pub file: String,
    /// What is wrong.
    pub what: String,
}
