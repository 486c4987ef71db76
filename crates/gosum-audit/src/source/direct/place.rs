//! Where in a repository a module lives: its folder, its tags, and which go.mod is its own (spec 05 §2, §6).

use gosum_mod::file::go_mod;
use gosum_mod::name::path::{ModulePath, check_path_major, split_path_version};
use gosum_mod::name::version::Version;

/// Where the versions of one module are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The module's folder, or the one above its `/vN` folder: empty at the root of the repository.
    code_dir: String,
    /// The major version at the end of the path: `/v2`, `.v2` or empty.
    path_major: String,
    /// Whether the repository root is the module path itself, major version and all.
    is_root: bool,
}

/// All of it, in a form in which no two are the same.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}\n{}", self.code_dir, self.path_major, self.is_root)
    }
}

/// Why a commit does not hold the module, or not as this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PlaceError {
    #[error("the repository of `{root}` cannot hold the module `{path}`")]
    Outside { root: String, path: ModulePath },
    #[error("no {}", .files.join(" and no "))]
    Missing { files: Vec<String> },
    #[error("{file} names no module path")]
    NoPath { file: String },
    #[error("{file} names the module {path:?}, of another major version")]
    OtherMajor { file: String, path: String },
    #[error("{} and {} both name a module of this major version", .files.0, .files.1)]
    Both { files: (String, String) },
    #[error("the repository has a go.mod, so that `{version}` needs its major version in the module path")]
    Incompatible { version: Version },
    #[error("`+incompatible` is for major versions above 1, and `{version}` is not")]
    Compatible { version: Version },
}

/// The folder and the go.mod of a module in one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The module's folder; empty at the root of the repository.
    pub(super) dir: String,
    /// Its go.mod; none for a module without one, whose go.mod Go makes up.
    pub(super) go_mod: Option<Vec<u8>>,
}

impl Place {
    /// Returns where `path` is in the repository that holds the modules below `root`; `subdir` is the folder that
    /// a go-import tag names.
    pub(super) fn new(path: &ModulePath, root: &str, subdir: &str) -> Result<Place, PlaceError> {
        let outside = || PlaceError::Outside { root: root.to_owned(), path: path.clone() };
        let (prefix, path_major) = path.split_major();
        let is_root = path.as_str() == root;
        let below = if is_root { "" } else { below(prefix, root).ok_or_else(outside)? };
        Ok(Place { code_dir: join(below, subdir), path_major: path_major.to_owned(), is_root })
    }

    /// Returns the folder that holds all the module's files, whatever its major version; empty for the root.
    pub(super) fn folder(&self) -> &str {
        &self.code_dir
    }

    /// Returns what tags of this module start with.
    pub(super) fn tag_prefix(&self) -> String {
        if self.code_dir.is_empty() { String::new() } else { format!("{}/", self.code_dir) }
    }

    /// Returns the tag of `version`, which never names the folder of a major version.
    pub(super) fn tag(&self, version: &Version) -> String {
        self.tag_prefix() + version.without_incompatible()
    }

    /// Returns whether `version` is of the major version that the module path says.
    pub(super) fn fits(&self, version: &Version) -> bool {
        check_path_major(version.without_incompatible(), &self.path_major).is_ok()
    }

    /// Returns whether the module path itself says which major version it is.
    pub(super) fn has_path_major(&self) -> bool {
        !self.path_major.is_empty()
    }

    /// Returns the paths at which the module's go.mod may be.
    pub(super) fn go_mods(&self) -> Vec<String> {
        let own = join(&self.code_dir, "go.mod");
        let major = self.major_dir().map(|dir| join(&dir, "go.mod"));
        [Some(own), major].into_iter().flatten().collect()
    }

    /// Returns the folder of the major version, where the path allows for one.
    fn major_dir(&self) -> Option<String> {
        let major = self.path_major.strip_prefix('/')?;
        (!self.is_root).then(|| join(&self.code_dir, major))
    }

    /// Returns the folder of the module in a commit of which `read` gives files, raw, and whether there they may
    /// be `version`.
    ///
    /// # Errors
    /// As `read`; else a [`PlaceError`], where the go command would refuse the version too.
    pub(super) fn find<E: From<PlaceError>>(
        &self,
        version: &Version,
        mut read: impl FnMut(&str) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Found, E> {
        let found = self.find_dir(&mut read)?;
        self.check_incompatible(version, &found)?;
        Ok(found)
    }

    fn find_dir<E: From<PlaceError>>(
        &self,
        read: &mut impl FnMut(&str) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Found, E> {
        let file = join(&self.code_dir, "go.mod");
        let own = read(&file)?;
        let own_path = own.as_deref().map(module_path);
        let own_matches = own_path.as_deref().is_some_and(|path| self.may_name(path));
        if let Some(dir) = self.major_dir() {
            let major_file = join(&dir, "go.mod");
            if let Some(text) = read(&major_file)? {
                let path = module_path(&text);
                if !is_major(&path, &self.path_major) {
                    return Err(wrong_path(major_file, path).into());
                }
                if own_matches {
                    return Err(PlaceError::Both { files: (file, major_file) }.into());
                }
                return Ok(Found { dir, go_mod: Some(text) });
            }
        }
        match own_path {
            Some(_) if own_matches => Ok(Found { dir: self.code_dir.clone(), go_mod: own }),
            Some(path) => Err(wrong_path(file, path).into()),
            None if self.may_lack_go_mod() => Ok(Found { dir: String::new(), go_mod: None }),
            None => Err(PlaceError::Missing { files: self.go_mods() }.into()),
        }
    }

    /// Returns whether a go.mod in the module's folder may name `path`: forks keep another path, so that the major
    /// version alone counts, and one that gopkg.in serves may be used under another name.
    fn may_name(&self, path: &str) -> bool {
        is_major(path, &self.path_major) || self.path_major.is_empty() && path.starts_with("gopkg.in/")
    }

    fn may_lack_go_mod(&self) -> bool {
        self.code_dir.is_empty() && !self.path_major.starts_with('/')
    }

    fn check_incompatible(&self, version: &Version, found: &Found) -> Result<(), PlaceError> {
        match (version.is_incompatible(), self.fits(version)) {
            (true, true) => Err(PlaceError::Compatible { version: version.clone() }),
            (true, false) if found.go_mod.is_some() || !self.code_dir.is_empty() || self.has_path_major() => {
                Err(PlaceError::Incompatible { version: version.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Returns the module path that a go.mod names, by the quick scan that the go command does here (spec 03 §5); empty
/// when it names none.
fn module_path(text: &[u8]) -> String {
    go_mod::module_path(text).map_or_else(String::new, |path| path.to_lossy().into_owned())
}

fn wrong_path(file: String, path: String) -> PlaceError {
    if path.is_empty() { PlaceError::NoPath { file } } else { PlaceError::OtherMajor { file, path } }
}

/// Returns whether a go.mod that names `path` may be that of a module whose path ends in `path_major`.
fn is_major(path: &str, path_major: &str) -> bool {
    let Some((_, major)) = split_path_version(path.as_bytes()) else { return false };
    match (path.is_empty(), path_major.is_empty()) {
        (true, _) => false,
        // gopkg.in writes v0 and v1 into the path, where others write nothing
        (false, true) => matches!(major, b"" | b".v0" | b".v1" | b".v0-unstable" | b".v1-unstable"),
        (false, false) => !major.is_empty() && path_major.as_bytes()[1..] == major[1..],
    }
}

/// Returns what of `path` is below `root`, if it is `root` or below it.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// Returns `below` in the folder `dir`, without elements that say nothing: `.` when there are no others, though not both
/// are empty.
fn join(dir: &str, below: &str) -> String {
    let mut elements: Vec<&str> = Vec::new();
    for element in dir.split('/').chain(below.split('/')) {
        match element {
            "" | "." => {}
            ".." if elements.last().is_some_and(|last| *last != "..") => {
                elements.pop();
            }
            _ => elements.push(element),
        }
    }
    match elements.is_empty() && !(dir.is_empty() && below.is_empty()) {
        true => ".".to_owned(),
        false => elements.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str, root: &str, subdir: &str) -> Result<Place, PlaceError> {
        Place::new(&ModulePath::parse(path).unwrap(), root, subdir)
    }

    /// Returns the folder, or why there is none, in a commit with these files.
    fn find(path: &str, root: &str, version: &str, files: &[(&str, &str)]) -> Result<String, String> {
        let read = |file: &str| {
            let text = files.iter().find(|(name, _)| *name == file).map(|(_, text)| text.as_bytes().to_vec());
            Ok::<_, PlaceError>(text)
        };
        let found = place(path, root, "").unwrap().find(&Version::parse(version).unwrap(), read);
        found.map(|found| found.dir).map_err(|error| error.to_string())
    }

    #[test]
    fn the_folder_is_what_lies_between_root_and_major_version() {
        for (path, root, subdir, tag) in [
            ("a.b/r", "a.b/r", "", "v2.0.0"),
            ("a.b/r/v2", "a.b/r", "", "v2.0.0"),
            ("a.b/r/v2", "a.b/r/v2", "", "v2.0.0"),
            ("a.b/r/sub/v2", "a.b/r", "", "sub/v2.0.0"),
            ("a.b/r", "a.b/r", "go/src", "go/src/v2.0.0"),
            ("a.b/r/x", "a.b/r", "sub", "x/sub/v2.0.0"),
            ("a.b/r", "a.b/r", "../x/./y/", "../x/y/v2.0.0"),
            ("a.b/r", "a.b/r", "./", "./v2.0.0"),
            ("a.b/r", "a.b/r", "x/..", "./v2.0.0"),
            ("gopkg.in/y.v2", "gopkg.in/y.v2", "", "v2.0.0"),
        ] {
            let version = Version::parse("v2.0.0+incompatible").unwrap();
            assert_eq!(place(path, root, subdir).unwrap().tag(&version), tag, "{path} {root} {subdir}");
        }
        assert!(place("a.b/r/v2", "a.b/r/v2/x", "").is_err());
        assert!(place("a.b/rest", "a.b/r", "").is_err());
    }

    #[test]
    fn a_major_version_lives_in_its_folder_or_on_its_branch_but_not_both() {
        let v2 = |files: &[(&str, &str)]| find("a.b/r/v2", "a.b/r", "v2.0.0", files);
        assert_eq!(v2(&[("go.mod", "module a.b/r/v2\n")]), Ok(String::new()));
        assert_eq!(v2(&[("go.mod", "module a.b/r\n"), ("v2/go.mod", "module a.b/r/v2\n")]), Ok("v2".into()));
        assert_eq!(v2(&[("v2/go.mod", "module other.c/x/v2\n")]), Ok("v2".into()));
        assert_eq!(
            v2(&[("go.mod", "module a.b/r/v2\n"), ("v2/go.mod", "module a.b/r/v2\n")]),
            Err("go.mod and v2/go.mod both name a module of this major version".into())
        );
        assert_eq!(
            v2(&[("go.mod", "module a.b/r/v2\n"), ("v2/go.mod", "module a.b/r/v3\n")]),
            Err(r#"v2/go.mod names the module "a.b/r/v3", of another major version"#.into())
        );
        assert_eq!(v2(&[]), Err("no go.mod and no v2/go.mod".into()));
    }

    #[test]
    fn only_a_module_at_the_root_without_major_suffix_may_lack_a_go_mod() {
        assert_eq!(find("a.b/r", "a.b/r", "v1.0.0", &[]), Ok(String::new()));
        assert_eq!(find("gopkg.in/y.v2", "gopkg.in/y.v2", "v2.0.0", &[]), Ok(String::new()));
        assert_eq!(find("a.b/r/sub", "a.b/r", "v1.0.0", &[]), Err("no sub/go.mod".into()));
        assert_eq!(find("a.b/r/v2", "a.b/r/v2", "v2.0.0", &[]), Err("no go.mod".into()));
    }

    #[test]
    fn a_go_mod_of_another_major_version_is_refused() {
        let one = |path: &str| find("a.b/r", "a.b/r", "v1.0.0", &[("go.mod", &format!("module {path}\n"))]);
        for path in ["a.b/r", "other.c/fork", "gopkg.in/y.v1", "gopkg.in/y.v3"] {
            assert_eq!(one(path), Ok(String::new()), "{path}");
        }
        assert!(one("a.b/r/v2").is_err());
        assert_eq!(
            find("a.b/r", "a.b/r", "v1.0.0", &[("go.mod", "")]),
            Err("go.mod names no module path".into())
        );
    }

    #[test]
    fn incompatible_is_for_repositories_without_a_go_mod() {
        let find = |version: &str, files: &[(&str, &str)]| find("a.b/r", "a.b/r", version, files);
        assert_eq!(find("v2.0.0+incompatible", &[("v2/go.mod", "module a.b/r/v2\n")]), Ok(String::new()));
        assert!(find("v2.0.0+incompatible", &[("go.mod", "module a.b/r\n")]).is_err());
        assert!(find("v1.0.0+incompatible", &[]).is_err());
    }
}
