//! Which files have the go.sum lines of a folder, as the go command would read them there (spec 03 §2).

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use gosum_mod::file::error::SyntaxError;
use gosum_mod::file::go_work;
use gosum_mod::name::text::Text;
use gosum_mod::setting::gowork::GoWork;
use gosum_mod::zip::limits::MAX_GO_MOD;

use crate::session::Session;

/// Where a project's files are: in the user's folders, or in a revision of them.
pub(super) trait Files {
    /// Returns whether there is a file at `path`.
    ///
    /// # Errors
    /// When that cannot be told.
    fn has(&self, path: &Path) -> anyhow::Result<bool>;

    /// Returns the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or has more than `max` bytes.
    fn read(&self, path: &Path, max: u64) -> anyhow::Result<Vec<u8>>;
}

/// What Go's settings say of every folder.
#[derive(Debug)]
pub(super) struct Layout {
    gowork: GoWork,
    /// What takes the place of go.mod: `-modfile` of GOFLAGS.
    modfile: Option<PathBuf>,
    /// The folder from which relative paths begin, which is absolute.
    dir: PathBuf,
}

/// What a folder has.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Folder {
    /// These files with go.sum lines, those that count first before the others.
    Sums(Vec<PathBuf>),
    /// A workspace, none of whose modules has a go.sum: its go.work.
    Workspace(PathBuf),
    /// A module without a go.sum: its go.mod.
    Module(PathBuf),
    /// A module of its own, which the workspace that GOWORK names does not use.
    Foreign(PathBuf),
    /// None of it.
    Nothing,
}

impl Layout {
    /// Returns what the settings of `session` say.
    ///
    /// # Errors
    /// When GOWORK or GOFLAGS are malformed.
    pub(super) fn of(session: &Session) -> anyhow::Result<Layout> {
        let modfile = session.env.goflags()?.modfile;
        if let Some(file) = modfile.as_ref().filter(|file| !file.ends_with(".mod")) {
            bail!("-modfile={file} in GOFLAGS: its name must end in .mod");
        }
        Ok(Layout {
            gowork: session.env.gowork()?,
            modfile: modfile.map(PathBuf::from),
            // GOWORK is absolute, and what is above the current folder has no relative name
            dir: std::path::absolute(session.path(Path::new("."))).context("the current folder")?,
        })
    }

    /// Returns what the folder at `path` has.
    ///
    /// # Errors
    /// When a file that says so cannot be read, or the settings contradict each other.
    pub(super) fn folder(&self, files: &dyn Files, path: &Path) -> anyhow::Result<Folder> {
        let Some(go_work) = self.workspace(files, path)? else { return self.of_module(files, path) };
        let is_module = files.has(&path.join("go.mod"))? || files.has(&path.join("go.sum"))?;
        match is_module && !self.is_used(files, &go_work, path)? {
            true => Ok(Folder::Foreign(go_work)),
            false => self.of_workspace(files, go_work),
        }
    }

    /// Returns the go.work that counts in the folder at `path`. One in a folder above does only where GOWORK names it: who
    /// names a module's folder means its own go.sum.
    ///
    /// # Errors
    /// When that cannot be told.
    pub(super) fn workspace(&self, files: &dyn Files, path: &Path) -> anyhow::Result<Option<PathBuf>> {
        match &self.gowork {
            GoWork::Off => Ok(None),
            GoWork::Search => {
                let go_work = path.join("go.work");
                Ok(files.has(&go_work)?.then_some(go_work))
            }
            GoWork::File(go_work) => Ok(Some(go_work.clone())),
        }
    }

    /// Returns whether the folder at `path` is that of `go_work`, or of a module that it uses.
    fn is_used(&self, files: &dyn Files, go_work: &Path, path: &Path) -> anyhow::Result<bool> {
        let folder = self.absolute(path);
        let mut used = uses(files, go_work)?.into_iter().map(|used| self.absolute(&used));
        Ok(self.absolute(folder_of(go_work)) == folder || used.any(|used| used == folder))
    }

    fn of_workspace(&self, files: &dyn Files, go_work: PathBuf) -> anyhow::Result<Folder> {
        if self.modfile.is_some() {
            bail!("-modfile in GOFLAGS does not go with a workspace, and {} is one", go_work.display());
        }
        let mut sums = vec![with_suffix(&go_work, ".sum")];
        sums.extend(uses(files, &go_work)?.iter().map(|used| used.join("go.sum")));
        let sums = existing(files, sums)?;
        Ok(if sums.is_empty() { Folder::Workspace(go_work) } else { Folder::Sums(sums) })
    }

    fn of_module(&self, files: &dyn Files, path: &Path) -> anyhow::Result<Folder> {
        let (mut go_mod, mut go_sum) = (path.join("go.mod"), path.join("go.sum"));
        let has_module = files.has(&go_mod)?;
        // the go command wants a go.mod in the folder all the same: a go.sum alone is nobody's module
        if let Some(modfile) = self.modfile.as_ref().filter(|_| has_module) {
            go_mod = path.join(modfile);
            go_sum = go_mod.with_extension("sum");
        }
        let mut sums = Vec::new();
        if self.gowork == GoWork::Search {
            sums.push(path.join("go.work.sum"));
        }
        let has_sum = files.has(&go_sum)?;
        sums.push(go_sum);
        match (has_sum, has_module) {
            (true, _) => Ok(Folder::Sums(existing(files, sums)?)),
            (false, true) => Ok(Folder::Module(plain(&go_mod))),
            (false, false) => Ok(Folder::Nothing),
        }
    }

    /// Returns the go.mod that counts for the module in the folder at `path`.
    pub(super) fn go_mod(&self, path: &Path) -> PathBuf {
        plain(&path.join(self.modfile.as_deref().unwrap_or(Path::new("go.mod"))))
    }

    /// Returns the go.work in a folder above `path` that uses the module in `path`, where the go command would find it.
    pub(super) fn workspace_above(&self, files: &dyn Files, path: &Path) -> Option<PathBuf> {
        let folder = self.absolute(path);
        if self.gowork != GoWork::Search || files.has(&folder.join("go.work")).ok()? {
            return None;
        }
        let mut above = folder.ancestors().skip(1).map(|above| above.join("go.work"));
        let go_work = above.find(|go_work| files.has(go_work).unwrap_or(false))?;
        self.is_used(files, &go_work, path).unwrap_or(false).then_some(go_work)
    }

    /// Returns the go.work with which the go command builds the module in the folder at `path`.
    ///
    /// # Errors
    /// When that cannot be told.
    pub(super) fn workspace_of(&self, files: &dyn Files, path: &Path) -> anyhow::Result<Option<PathBuf>> {
        match self.workspace(files, path)? {
            Some(go_work) => Ok(self.is_used(files, &go_work, path)?.then_some(go_work)),
            None => Ok(self.workspace_above(files, path)),
        }
    }

    /// Returns `path` without what only leads back.
    fn absolute(&self, path: &Path) -> PathBuf {
        absolute(&self.dir, path)
    }
}

/// Returns `path`, which begins at `dir`, without what only leads back.
pub(super) fn absolute(dir: &Path, path: &Path) -> PathBuf {
    let mut absolute = PathBuf::new();
    for part in dir.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(absolute.pop()),
            part => absolute.push(part),
        }
    }
    absolute
}

/// Returns the folders of the modules that `go_work` uses.
fn uses(files: &dyn Files, go_work: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = folder_of(go_work);
    let parsed = read_work(files, go_work)?;
    Ok(parsed.uses.iter().map(|used| folder.join(to_path(&used.directory))).collect())
}

/// Reads a go.work.
///
/// # Errors
/// When it cannot be read, with all that is wrong with it.
pub(super) fn read_work(files: &dyn Files, go_work: &Path) -> anyhow::Result<go_work::GoWork> {
    let text = files.read(go_work, MAX_GO_MOD)?;
    go_work::GoWork::parse(&text).map_err(|error| malformed(go_work, &error))
}

/// Returns all that is wrong with a file, a line each.
pub(super) fn malformed(named: &Path, error: &SyntaxError) -> anyhow::Error {
    let faults = error.faults.iter().map(|fault| {
        let at = fault.position;
        format!("{}:{}:{}: {}", named.display(), at.line, at.column, fault.kind)
    });
    anyhow::anyhow!(faults.collect::<Vec<_>>().join("\n"))
}

/// Returns the folder of a file.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

pub(super) fn to_path(text: &Text) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(text.as_bytes()).into_owned())
}

fn existing(files: &dyn Files, paths: Vec<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if files.has(&path)? {
            found.push(plain(&path));
        }
    }
    Ok(found)
}

/// Returns `path` without the parts that are `.`.
pub(super) fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    struct Few(BTreeMap<PathBuf, &'static str>);

    impl Files for Few {
        fn has(&self, path: &Path) -> anyhow::Result<bool> {
            Ok(self.0.contains_key(&absolute(Path::new("/p"), path)))
        }

        fn read(&self, path: &Path, _max: u64) -> anyhow::Result<Vec<u8>> {
            Ok(self.0[&absolute(Path::new("/p"), path)].into())
        }
    }

    fn folder(
        gowork: &str,
        modfile: &str,
        files: &[(&str, &'static str)],
        path: &str,
    ) -> Result<Folder, String> {
        let layout = Layout {
            gowork: GoWork::parse(gowork).unwrap(),
            modfile: Some(PathBuf::from(modfile)).filter(|file| !file.as_os_str().is_empty()),
            dir: "/p".into(),
        };
        let files = files.iter().map(|(path, text)| (Path::new("/p").join(path), *text)).collect();
        layout.folder(&Few(files), Path::new(path)).map_err(|error| error.to_string())
    }

    fn sums(paths: &[&str]) -> Result<Folder, String> {
        Ok(Folder::Sums(paths.iter().map(PathBuf::from).collect()))
    }

    const WORKSPACE: &[(&str, &str)] = &[
        ("go.work", "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n"),
        ("go.work.sum", ""),
        ("go.mod", ""),
        ("go.sum", ""),
        ("x/go.mod", ""),
        ("x/go.sum", ""),
        ("y/go.mod", ""),
        ("z/go.mod", ""),
        ("z/go.sum", ""),
    ];

    #[cfg(unix)]
    #[test]
    fn gowork_names_the_workspace_or_none() {
        assert_eq!(folder("", "", WORKSPACE, "."), sums(&["go.work.sum", "x/go.sum"]));
        assert_eq!(folder("off", "", WORKSPACE, "."), sums(&["go.sum"]));
        assert_eq!(folder("", "", WORKSPACE, "x"), sums(&["x/go.sum"]));
        let named = sums(&["/p/go.work.sum", "/p/x/go.sum"]);
        assert_eq!(folder("/p/go.work", "", WORKSPACE, "x"), named);
        assert_eq!(folder("/p/go.work", "", WORKSPACE, "."), named);
        assert_eq!(folder("/p/go.work", "", WORKSPACE, "nowhere"), named);
        assert_eq!(folder("/p/go.work", "", WORKSPACE, "z"), Ok(Folder::Foreign("/p/go.work".into())));
        let own = [("my.work", "use ./x\n"), ("my.work.sum", ""), ("go.work.sum", "")];
        assert_eq!(folder("/p/my.work", "", &own, "."), sums(&["/p/my.work.sum"]));
    }

    #[test]
    fn a_modfile_takes_the_place_of_go_mod_and_go_sum() {
        let files = [("go.mod", ""), ("go.sum", ""), ("alt.mod", ""), ("alt.sum", ""), ("old.mod", "")];
        assert_eq!(folder("", "alt.mod", &files, "."), sums(&["alt.sum"]));
        assert_eq!(folder("", "old.mod", &files, "."), Ok(Folder::Module("old.mod".into())));
        assert_eq!(folder("", "alt.mod", &[("go.sum", "")], "."), sums(&["go.sum"]));
        let both = folder("", "alt.mod", WORKSPACE, ".").unwrap_err();
        assert!(both.contains("does not go with a workspace"), "{both}");
        assert_eq!(folder("off", "alt.mod", WORKSPACE, "."), Ok(Folder::Module("alt.mod".into())));
    }

    #[test]
    fn a_folder_may_have_a_module_alone_or_nothing() {
        assert_eq!(folder("", "", &[("go.mod", "")], "."), Ok(Folder::Module("go.mod".into())));
        assert_eq!(
            folder("", "", &[("go.work", "use ./x\n")], "."),
            Ok(Folder::Workspace("./go.work".into()))
        );
        assert_eq!(folder("", "", &[("go.work.sum", "")], "."), Ok(Folder::Nothing));
    }
}
