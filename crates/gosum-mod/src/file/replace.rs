//! Replace statements, which go.mod files of main modules and go.work files have (spec 03 §3).

use super::argument::{belongs, major, string, version};
use super::error::FaultKind;
use crate::name::text::Text;
use crate::name::version::Version;

/// A replace statement: `old => new` or `old v1.2.3 => new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replace {
    /// The path of the module that is replaced, of which only the major version is checked.
    pub path: Text,
    /// The version that is replaced, in canonical form; every one if there is none.
    pub version: Option<Version>,
    /// What stands in for it.
    pub target: Target,
    /// The line of the file, from 1.
    pub line: usize,
}

/// What stands in for a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Another version or another module.
    Module {
        /// The path; not checked.
        path: Text,
        /// The version, in canonical form. It need not belong to the path.
        version: Version,
    },
    /// A directory, as the file names it: absolute, or relative to the folder of the file.
    Directory(Text),
}

impl Replace {
    /// Returns what the words of a replace statement say.
    pub(super) fn parse(args: &[&[u8]], line: usize) -> Result<Replace, FaultKind> {
        let (old, new) = match *args {
            [_, b"=>", ..] => (&args[..1], &args[2..]),
            [_, _, b"=>", ..] => (&args[..2], &args[3..]),
            _ => return Err(USAGE),
        };
        if !matches!(new.len(), 1 | 2) {
            return Err(USAGE);
        }
        let path = string(old[0])?;
        let path_major = major(&path)?;
        let replaced = match *old {
            [_, text] => {
                let version = version(&path, text)?;
                belongs(&path, &path_major, &version)?;
                Some(version)
            }
            _ => None,
        };
        Ok(Replace { target: target(new)?, path, version: replaced, line })
    }
}

const USAGE: FaultKind =
    FaultKind::Usage { usage: "replace PATH [VERSION] => PATH VERSION, or => DIRECTORY" };

fn target(words: &[&[u8]]) -> Result<Target, FaultKind> {
    let path = string(words[0])?;
    let directory = is_directory(path.as_bytes());
    match *words {
        [_, text] => {
            let version = version(&path, text)?;
            if directory {
                return Err(FaultKind::DirectoryVersion { directory: path });
            }
            Ok(Target::Module { path, version })
        }
        _ if !directory => Err(FaultKind::NoVersion { path }),
        _ if path.as_bytes().contains(&b'\\') => Err(FaultKind::WindowsDirectory { directory: path }),
        _ => Ok(Target::Directory(path)),
    }
}

/// Returns whether a replacement names a directory: `.`, `..`, or a path that starts with those or is rooted, also as
/// Windows has them.
fn is_directory(path: &[u8]) -> bool {
    match path {
        b"." | b".." | [b'/' | b'\\', ..] | [b'.', b'/' | b'\\', ..] | [b'.', b'.', b'/' | b'\\', ..] => true,
        [drive, b':', ..] => drive.is_ascii_alphabetic(),
        _ => false,
    }
}
