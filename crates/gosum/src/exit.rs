//! How a run ends.

/// The exit codes. When several apply, the one that stands first here is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// gosum's own fault.
    Fault,
    /// Interrupted: what was written is partial, and says so.
    Interrupted,
    /// Wrong use: flags, settings, or input that cannot be read at all.
    Usage,
    /// There are findings.
    Findings,
    /// No finding, but something required could not be told.
    Untold,
    /// All is well.
    Success,
}

impl Exit {
    /// Returns the number that the system is given.
    pub fn code(self) -> u8 {
        match self {
            Exit::Fault => 4,
            Exit::Interrupted => 130,
            Exit::Usage => 2,
            Exit::Findings => 1,
            Exit::Untold => 3,
            Exit::Success => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_precedence_is_the_documented_one() {
        let mut all =
            [Exit::Success, Exit::Untold, Exit::Findings, Exit::Usage, Exit::Interrupted, Exit::Fault];
        all.sort();
        assert_eq!(all.map(Exit::code), [4, 130, 2, 1, 3, 0]);
    }
}
