//! A module cache on disk, as the go command leaves it (spec 04 §7).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gosum_mod::name::id::ModuleVersion;
use gosum_mod::setting::private::TOOLCHAIN;

use crate::release::Release;
use crate::sumdb::SumDb;

/// A module cache in a folder.
///
/// ```
/// use gosum_world::modcache::ModCache;
/// use gosum_world::release::Release;
/// use gosum_world::repository::Files;
///
/// let dir = tempfile::tempdir()?;
/// let files = Files::new().file("go.mod", "module example.com/a\n");
/// let release = Release::new("example.com/a@v1.0.0", 1_700_000_000, &files, "").unwrap();
/// let cache = ModCache::new(dir.path());
/// cache.add(&release)?;
/// assert!(cache.file(release.module(), "zip").exists());
/// assert!(cache.folder(release.module()).join("go.mod").exists());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModCache {
    root: PathBuf,
}

impl ModCache {
    /// Returns the cache in the folder `root`, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> ModCache {
        ModCache { root: root.into() }
    }

    /// Returns the folder of the cache.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns where the file of `module` with this extension is.
    pub fn file(&self, module: &ModuleVersion, extension: &str) -> PathBuf {
        let (path, version) = (module.path().escaped(), module.version().escaped());
        self.root.join(format!("cache/download/{path}/@v/{version}.{extension}"))
    }

    /// Returns where the unpacked files of `module` are.
    pub fn folder(&self, module: &ModuleVersion) -> PathBuf {
        self.root.join(format!("{}@{}", module.path().escaped(), module.version().escaped()))
    }

    /// Puts `release` into the cache: zip, ziphash, go.mod, `.info`, lock and files. Of a toolchain there is neither go.mod nor
    /// `.info`, and each of its `_go.mod` files has a copy named `go.mod` beside it.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn add(&self, release: &Release) -> io::Result<()> {
        let module = release.module();
        let write = |extension, bytes: &[u8]| write(&self.file(module, extension), bytes);
        let is_toolchain = module.path().as_str() == TOOLCHAIN;
        if !is_toolchain {
            write("info", release.info().as_bytes())?;
            write("mod", release.go_mod())?;
        }
        write("zip", &release.zip())?;
        write("ziphash", release.zip_h1().to_string().as_bytes())?;
        write("lock", b"")?;
        for (path, content) in release.files() {
            let file = self.folder(module).join(path);
            self::write(&file, content)?;
            if is_toolchain && file.file_name().is_some_and(|name| name == "_go.mod") {
                self::write(&file.with_file_name("go.mod"), content)?;
            }
        }
        Ok(())
    }

    /// Puts into the cache what the go command keeps of `database` once it has looked up all of its records: the replies and
    /// the tiles. The newest tree head goes into `heads`, which is `pkg/sumdb` in GOPATH.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn add_database(&self, database: &SumDb, heads: &Path) -> io::Result<()> {
        let folder = self.root.join("cache/download/sumdb").join(database.name());
        for (path, bytes) in database.files() {
            write(&folder.join(path), &bytes)?;
        }
        write(&heads.join(database.name()).join("latest"), &database.signed_head())
    }
}

fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(file.parent().expect("a file lies in a folder"))?;
    fs::write(file, bytes)
}
