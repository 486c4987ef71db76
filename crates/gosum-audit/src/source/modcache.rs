//! The module cache: what the go command has downloaded to this machine (spec 04 §7).
//!
//! Of a module version the zip in `cache/download` counts, and where that is gone, the unpacked files. A folder that has
//! neither is said to be without it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gosum_evidence::evidence::{Answer, Defect, Evidence, NotAsked, Origin, SourceName};
use gosum_evidence::subject::Subject;
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::check::{Placement, placement};
use gosum_mod::zip::hash::zip_sums;
use gosum_mod::zip::limits::{MAX_GO_MOD, MAX_ZIP, read_bounded};
use gosum_mod::zip::tree::{FileTree, tree_h1};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};

use super::invalid::fault;
use super::proxy::info;
use super::{Cost, Source, Tell, To};
use crate::chain;
use crate::copy::Files;
use crate::copy::folder::Folder;
use crate::copy::zip::ZipFiles;
use crate::regular;

/// The largest `.info` that is read.
const MAX_INFO: u64 = 64 << 10;

/// The module cache, as a source.
#[derive(Debug)]
pub struct ModCache {
    root: PathBuf,
    temp: Option<PathBuf>,
}

impl ModCache {
    /// Returns the module cache in the folder `root`. What is large goes to temporary files in `temp` while it is read.
    pub fn new(root: PathBuf, temp: Option<PathBuf>) -> ModCache {
        ModCache { root, temp }
    }

    /// Returns where the cache has the file of `module` with this extension.
    pub fn file(&self, module: &ModuleVersion, extension: &str) -> PathBuf {
        let (path, version) = (module.path().escaped(), module.version().escaped());
        self.root.join(format!("cache/download/{path}/@v/{version}.{extension}"))
    }

    fn folder(&self, module: &ModuleVersion) -> PathBuf {
        self.root.join(format!("{}@{}", module.path().escaped(), module.version().escaped()))
    }

    fn answer(&self, subject: &Subject, to: To<'_>) -> Evidence {
        let answered = match subject.artifact {
            Artifact::Zip => self.zip(subject, to),
            Artifact::GoMod => self.go_mod(subject, to),
        };
        answered.unwrap_or_else(|(path, why)| Evidence::new(Answer::Unavailable(why.into()), from(&path)))
    }

    fn zip(&self, subject: &Subject, to: To<'_>) -> Result<Evidence, (PathBuf, String)> {
        let path = self.file(&subject.module, "zip");
        let (answer, go_mod, path, tree): (_, _, _, Box<dyn FileTree + Send>) = match regular::open(&path) {
            Ok(file) => {
                let damaged = |why: String| (path.clone(), why);
                let metadata = file.metadata().map_err(|error| damaged(error.to_string()))?;
                if !metadata.is_file() {
                    return Err(damaged("not a file".to_owned()));
                }
                let size = metadata.len();
                if size > MAX_ZIP {
                    return Err(damaged(format!(
                        "a zip of {size} bytes, more than the {MAX_ZIP} that go accepts"
                    )));
                }
                let archive = Archive::open(file).map_err(|error| damaged(chain(&error)))?;
                let placement = placement(&subject.module, &archive);
                if let Placement::Outside { first } = &placement {
                    let why = format!("the zip is of another module: it holds {first:?}");
                    return Ok(Evidence::new(Answer::Untrusted(why.into()), from(&path)));
                }
                let sums = zip_sums(&archive, &subject.module).map_err(|error| damaged(chain(&error)))?;
                let mut answer = Answer::hash(sums.h1);
                if let Some(why) = fault(&subject.module, &archive, &placement) {
                    answer = answer.with_defect(Defect::InvalidZip, why);
                }
                let files = ZipFiles::new(archive, &subject.module, self.temp.clone());
                (answer, sums.go_mod, path, Box::new(files))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = self.folder(&subject.module);
                if !folder.is_dir() {
                    return Ok(Evidence::new(Answer::Absent("not in the module cache".into()), from(&path)));
                }
                let tree = Folder::unpacked(folder.clone(), &subject.module);
                let h1 = tree_h1(&tree, &subject.module.to_string());
                let h1 = h1.map_err(|error| (folder.clone(), chain(&error)))?;
                (Answer::hash(h1), None, folder, Box::new(tree))
            }
            Err(error) => return Err((path, error.to_string())),
        };
        if let Some(keep) = to.keep {
            keep(subject, Files { tree, attributes: None });
        }
        Ok(Evidence::new(answer, self.origin(&subject.module, &path)).with_go_mod_inside(go_mod))
    }

    fn go_mod(&self, subject: &Subject, to: To<'_>) -> Result<Evidence, (PathBuf, String)> {
        let path = self.file(&subject.module, "mod");
        match read(&path, MAX_GO_MOD) {
            Ok(text) => {
                let answer = Answer::hash(go_mod_h1(&text));
                (to.give)(subject, text);
                Ok(Evidence::new(answer, self.origin(&subject.module, &path)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Evidence::new(Answer::Absent("not in the module cache".into()), from(&path)))
            }
            Err(error) => Err((path, error.to_string())),
        }
    }

    /// Returns where a file came from, with what the cache's `.info` tells.
    fn origin(&self, module: &ModuleVersion, path: &Path) -> Origin {
        // no hash depends on it, and a cache may well be without one
        let told = read(&self.file(module, "info"), MAX_INFO).ok();
        let told = told.and_then(|text| info::parse(&text, module).ok()).and_then(|told| told.origin);
        Origin { from: from(path).from, ..told.unwrap_or_default() }
    }
}

fn from(path: &Path) -> Origin {
    Origin { from: Some(path.display().to_string().into()), ..Origin::default() }
}

fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    read_bounded(&mut regular::open(path)?, max)
}

impl Source for ModCache {
    fn name(&self) -> SourceName {
        SourceName::MODCACHE
    }

    fn declines(&self, _: &Subject) -> Option<NotAsked> {
        None
    }

    fn ask(&self, subjects: &[Subject], tell: &Tell<'_>) {
        self.read_copies(subjects, tell, To::NOBODY);
    }

    fn read_copies(&self, subjects: &[Subject], tell: &Tell<'_>, to: To<'_>) {
        subjects.par_iter().with_max_len(1).for_each(|subject| tell(subject, self.answer(subject, to)));
    }

    fn trace(&self, _: &[(Subject, Arc<Origin>)]) -> Vec<(Subject, Origin)> {
        Vec::new()
    }

    fn cost(&self) -> Cost {
        Cost::default()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::copy::{Copied, copy};

    const MODULE: &str = "example.com/Ab@v1.0.0";

    fn cached(files: &[(&str, &[u8])]) -> Copied {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let cache = ModCache::new(dir.path().to_owned(), None);
        copy(&cache, &ModuleVersion::parse(MODULE).unwrap())
    }

    #[test]
    fn has_the_zip_or_the_unpacked_files_or_neither() {
        let zip = gosum_world::release::zip([(format!("{MODULE}/a.go"), "package a\n")]);
        let from_zip = cached(&[
            ("cache/download/example.com/!ab/@v/v1.0.0.zip", &zip),
            ("cache/download/example.com/!ab/@v/v1.0.0.mod", b"module example.com/Ab\n"),
        ]);
        let from_folder = cached(&[("example.com/!ab@v1.0.0/a.go", b"package a\n")]);
        assert!(from_zip.zip.answer.votes());
        assert_eq!(from_zip.zip.answer, from_folder.zip.answer);
        assert!(from_zip.files.is_some() && from_folder.files.is_some());
        assert_eq!(from_zip.go_mod_text.unwrap(), b"module example.com/Ab\n");
        assert_eq!(from_folder.go_mod.answer.word(), "absent");
        let nothing = cached(&[]);
        assert_eq!((nothing.zip.answer.word(), nothing.files.is_some()), ("absent", false));
        let broken = cached(&[("cache/download/example.com/!ab/@v/v1.0.0.zip", b"no zip")]);
        assert_eq!((broken.zip.answer.word(), broken.files.is_some()), ("unavailable", false));
        let other = gosum_world::release::zip([("example.com/other@v1.0.0/a.go", "package a\n")]);
        let other = cached(&[("cache/download/example.com/!ab/@v/v1.0.0.zip", &other)]);
        assert_eq!((other.zip.answer.word(), other.files.is_some()), ("untrusted", false));
        let odd = gosum_world::release::zip([(format!("{MODULE}/a:b"), "")]);
        let odd = cached(&[("cache/download/example.com/!ab/@v/v1.0.0.zip", &odd)]);
        assert!(odd.zip.answer.has_defect(Defect::InvalidZip));
    }
}
