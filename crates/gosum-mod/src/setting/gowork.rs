//! GOWORK: which workspace a folder belongs to.

use std::path::{Path, PathBuf};

/// The value of GOWORK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoWork {
    /// Empty, or `auto`: the next go.work in the folder or one above it.
    Search,
    /// `off`: none.
    Off,
    /// The workspace of this file.
    File(PathBuf),
}

/// A file of GOWORK that could be any, depending on the folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an absolute path nor `off`")]
pub struct RelativeGoWork(
    /// The value.
    pub String,
);

impl GoWork {
    /// Returns what `value` says.
    ///
    /// # Errors
    /// When it is a relative path.
    pub fn parse(value: &str) -> Result<GoWork, RelativeGoWork> {
        match value {
            "" | "auto" => Ok(GoWork::Search),
            "off" => Ok(GoWork::Off),
            path if Path::new(path).is_absolute() => Ok(GoWork::File(path.into())),
            path => Err(RelativeGoWork(path.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_searched_for_named_or_unwanted() {
        let root = if cfg!(windows) { "C:\\" } else { "/" };
        let file = format!("{root}go.work");
        assert_eq!(GoWork::parse(&file), Ok(GoWork::File(file.into())));
        for (value, expected) in [("", GoWork::Search), ("auto", GoWork::Search), ("off", GoWork::Off)] {
            assert_eq!(GoWork::parse(value), Ok(expected));
        }
        assert!(GoWork::parse("sub/go.work").is_err());
    }
}
