//! The zip that the go command would make of a folder in a commit.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use gosum_evidence::diff::cause::Attributes;
use gosum_git::{ArchiveTree, GitError, Snapshot};
use gosum_mod::hash::dirhash::{go_mod_h1_of, hash1_below};
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::hash::ZipSums;
use gosum_mod::zip::select::{Selection, select};
use gosum_mod::zip::tree::{FileKind, FileTree, TreeFile};

use super::refusal::Refusal;
use crate::copy::pull::pulled;

const GO_MOD: &[u8] = b"go.mod";
const LICENSE: &str = "LICENSE";
const ATTRIBUTES: &str = ".gitattributes";

/// The files that the go command would put into the zip of the folder `dir` (spec 02 §2, §6).
#[derive(Debug)]
pub(super) struct ModuleFiles {
    module: ModuleVersion,
    tree: ArchiveTree,
    /// The LICENSE that the module has from the root of the repository; it stands behind the files of the tree.
    license: Option<Vec<u8>>,
    /// The numbers of the files that belong.
    included: Vec<usize>,
}

impl ModuleFiles {
    pub(super) fn new(
        module: &ModuleVersion,
        snapshot: &Snapshot,
        dir: &str,
    ) -> Result<ModuleFiles, Refusal> {
        let tree = snapshot.archive(dir)?;
        let license = inherited_license(snapshot, dir, tree.files())?;
        let inherited = license.as_deref().map(license_file);
        let files: Vec<&TreeFile> = tree.files().iter().chain(&inherited).collect();
        if dir.is_empty() && files.iter().any(|file| file.path.starts_with(b"go.mod/")) {
            // a module without go.mod may be at the root, but the go command reads that of the zip when it has unpacked it
            return Err(Refusal::Zip { reason: "go.mod is a folder".to_owned() });
        }
        let selection = select(&files, go_mod_in(&tree)?.as_deref());
        if let Some(reason) = fault(&selection) {
            return Err(Refusal::Zip { reason });
        }
        let included = selection.included;
        Ok(ModuleFiles { module: module.clone(), tree, license, included })
    }

    /// Returns the hash of the zip, and that of the go.mod in it.
    pub(super) fn sums(&self) -> Result<ZipSums, Refusal> {
        let _hashing = tracing::info_span!("hash", module = %self.module).entered();
        let mut lines = Vec::with_capacity(self.included.len());
        for &index in &self.included {
            let line = match self.tree.files().get(index) {
                Some(file) => (&file.path[..], self.tree.sha256(index)?),
                None => (LICENSE.as_bytes(), sha256(self.license())),
            };
            lines.push(line);
        }
        let go_mod = lines.iter().find(|(path, _)| *path == GO_MOD).map(|(_, digest)| go_mod_h1_of(*digest));
        let h1 = hash1_below(&format!("{}/", self.module), lines)
            .map_err(|error| Refusal::Zip { reason: error.to_string() })?;
        Ok(ZipSums { h1, go_mod })
    }

    /// Returns the attributes of the commit, if all that can matter to the module are there.
    pub(super) fn attributes(&self, snapshot: &Snapshot, dir: &str) -> Option<Attributes> {
        let parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
        let mut folders: Vec<String> = (0..parts.len()).map(|depth| parts[..depth].join("/")).collect();
        let suffix = format!("/{ATTRIBUTES}");
        for file in self.tree.files() {
            let path = str::from_utf8(&file.path).ok()?;
            match path.strip_suffix(&suffix) {
                Some(folder) if dir.is_empty() => folders.push(folder.to_owned()),
                Some(folder) => folders.push(format!("{dir}/{folder}")),
                None if path == ATTRIBUTES => folders.push(dir.to_owned()),
                None => {}
            }
        }
        let mut files = Vec::new();
        for folder in &folders {
            let path =
                if folder.is_empty() { ATTRIBUTES.to_owned() } else { format!("{folder}/{ATTRIBUTES}") };
            if let Some(content) = snapshot.blob(&path).ok()? {
                files.push((folder.as_str(), content));
            }
        }
        Some(Attributes::new(dir, files))
    }

    /// Returns the files as a tree. What is large goes to a temporary file in `temp` while it is read.
    pub(super) fn kept(self, temp: Option<PathBuf>) -> KeptFiles {
        let by_path = self.included.iter().map(|&index| (self.file(index).path, index)).collect();
        KeptFiles { files: self, by_path, temp }
    }

    fn file(&self, index: usize) -> TreeFile {
        match self.tree.files().get(index) {
            Some(file) => file.clone(),
            None => license_file(self.license()),
        }
    }

    /// Returns what a number stands for that is behind those of the tree's files.
    fn license(&self) -> &[u8] {
        self.license.as_deref().expect("behind the files of the tree stands the licence alone")
    }
}

/// The files of a module in a commit, as a tree.
#[derive(Debug)]
pub(super) struct KeptFiles {
    files: ModuleFiles,
    by_path: HashMap<Vec<u8>, usize>,
    temp: Option<PathBuf>,
}

impl FileTree for KeptFiles {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        Ok(self.files.included.iter().map(|&index| self.files.file(index)).collect())
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        let index = *self.by_path.get(path).ok_or(io::ErrorKind::NotFound)?;
        let tree = &self.files.tree;
        let Some(file) = tree.files().get(index) else {
            return Ok(Box::new(self.files.license()));
        };
        let content = pulled(file.size, self.temp.as_deref(), |take| {
            tree.for_each_piece(index, take).map_err(io::Error::other)
        });
        content.map(|content| content as Box<dyn io::Read>)
    }
}

fn license_file(text: &[u8]) -> TreeFile {
    TreeFile { path: LICENSE.as_bytes().to_vec(), kind: FileKind::Regular, size: text.len() as u64 }
}

/// Returns the LICENSE of the repository's root, raw, for a module in a folder without one of its own.
fn inherited_license(
    snapshot: &Snapshot,
    dir: &str,
    files: &[TreeFile],
) -> Result<Option<Vec<u8>>, GitError> {
    if dir.is_empty() || files.iter().any(|file| file.path == LICENSE.as_bytes()) {
        return Ok(None);
    }
    snapshot.blob(LICENSE)
}

/// Returns the go.mod as it goes into the zip, when it is a regular file.
fn go_mod_in(tree: &ArchiveTree) -> Result<Option<Vec<u8>>, GitError> {
    let is_go_mod = |file: &TreeFile| file.path == GO_MOD && file.kind == FileKind::Regular;
    tree.files().iter().position(is_go_mod).map(|index| tree.content(index)).transpose()
}

fn fault(selection: &Selection) -> Option<String> {
    let file =
        selection.invalid.first().map(|file| format!("{:?}: {}", file.name, crate::chain(&file.fault)));
    file.or_else(|| selection.size_error.as_ref().map(|error| crate::chain(error)))
}
