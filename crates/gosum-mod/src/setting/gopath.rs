//! GOPATH and GOMODCACHE: the folders where Go keeps what it downloads.

use std::path::{Component, Path, PathBuf};

/// The folders of GOPATH, in order. Empty entries are kept: where the first one is empty, there is no default for
/// GOMODCACHE.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoPath(Vec<PathBuf>);

/// A folder that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// A path that depends on the folder in which the command runs.
    #[error("{0:?} is no absolute path")]
    Relative(PathBuf),
    /// A path that begins with `~`, which only a shell understands.
    #[error("{0:?} begins with `~`, which stands for no folder here")]
    Tilde(PathBuf),
}

impl GoPath {
    /// Returns the folders that `value` lists, separated as the system separates the entries of PATH.
    ///
    /// # Errors
    /// When one is relative or begins with `~`.
    pub fn parse(value: &str) -> Result<GoPath, FolderError> {
        if value.is_empty() {
            return Ok(GoPath::default());
        }
        let folders: Vec<PathBuf> = match cfg!(windows) {
            true => value.split(';').map(|folder| folder.replace('"', "").into()).collect(),
            false => value.split(':').map(PathBuf::from).collect(),
        };
        for folder in folders.iter().filter(|folder| !folder.as_os_str().is_empty()) {
            if folder.to_string_lossy().starts_with('~') {
                return Err(FolderError::Tilde(folder.clone()));
            }
            absolute(folder)?;
        }
        Ok(GoPath(folders))
    }

    /// Returns what GOPATH is by default for a user whose home folder is `home`; no folder if that is relative.
    pub fn of_home(home: Option<&str>) -> GoPath {
        let home = home.map(Path::new).filter(|home| home.is_absolute());
        GoPath(home.map(|home| below(home, "go")).into_iter().collect())
    }

    /// Returns the folder for what every project shares: the first one, if there is one.
    pub fn first(&self) -> Option<&Path> {
        self.0.first().map(PathBuf::as_path).filter(|folder| !folder.as_os_str().is_empty())
    }
}

/// Returns the module cache that the value of GOMODCACHE names; below the first folder of `gopath` if it is empty, and
/// none if that has no first folder.
///
/// # Errors
/// When it is relative.
pub fn mod_cache(value: &str, gopath: &GoPath) -> Result<Option<PathBuf>, FolderError> {
    match value {
        "" => Ok(gopath.first().map(|first| below(first, "pkg/mod"))),
        folder => absolute(Path::new(folder)).map(|()| Some(folder.into())),
    }
}

fn absolute(folder: &Path) -> Result<(), FolderError> {
    if folder.is_absolute() { Ok(()) } else { Err(FolderError::Relative(folder.to_owned())) }
}

/// Returns the path `rest` below the absolute path `folder`, in its shortest form.
fn below(folder: &Path, rest: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for component in folder.join(rest).components() {
        match component {
            Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
    }
    path
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_module_cache_is_below_the_first_folder_of_gopath() {
        let cache = |value: &str, gopath: &str| mod_cache(value, &GoPath::parse(gopath).unwrap()).unwrap();
        for (value, gopath, expected) in [
            ("", "/a:/b", Some("/a/pkg/mod")),
            ("", "/a//b/../c/.", Some("/a/c/pkg/mod")),
            ("", ":/b", None),
            ("", "", None),
            ("/c", "/a", Some("/c")),
        ] {
            assert_eq!(cache(value, gopath), expected.map(PathBuf::from), "{value:?} {gopath:?}");
        }
        assert_eq!(mod_cache("c", &GoPath::default()), Err(FolderError::Relative("c".into())));
    }

    #[test]
    fn gopath_has_absolute_folders() {
        assert_eq!(GoPath::parse("/a:b"), Err(FolderError::Relative("b".into())));
        assert_eq!(GoPath::parse("~/go"), Err(FolderError::Tilde("~/go".into())));
        assert_eq!(GoPath::of_home(Some("/home/me/")).first(), Some(Path::new("/home/me/go")));
        assert_eq!((GoPath::of_home(Some("me")), GoPath::of_home(None)), Default::default());
    }
}
