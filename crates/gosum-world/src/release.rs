//! A version of a module, as it is when nobody lies about it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Cursor, Write as _};

use gosum_mod::file::go_mod::synthesized;
use gosum_mod::file::go_sum;
use gosum_mod::hash::dirhash::{go_mod_h1, hash1};
use gosum_mod::hash::h1::H1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::{Artifact, ModuleVersion, ModuleVersionError};
use gosum_mod::name::pseudo::timestamp;
use gosum_mod::zip::select::{Selection, select};
use gosum_mod::zip::tree::{FileKind, TreeFile};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::repository::{File, Files, ObjectId};

/// A version of a module: its files, its go.mod and when it was made.
#[derive(Debug, Clone)]
pub struct Release {
    module: ModuleVersion,
    time: i64,
    files: BTreeMap<String, Vec<u8>>,
    go_mod: Vec<u8>,
    origin: Option<Origin>,
}

/// Where a version is from, as a proxy tells it (spec 04 §1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The URL of the git repository.
    pub url: String,
    /// The folder in it; empty for the root.
    pub directory: String,
    /// The reference, such as `refs/tags/v1.0.0`; empty for none.
    pub reference: String,
    /// The commit.
    pub commit: ObjectId,
}

/// Files that are no version of a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The name is no `path@version`.
    #[error("cannot release `{name}`")]
    Module {
        /// The name.
        name: String,
        /// Why.
        #[source]
        source: ModuleVersionError,
    },
    /// The go command would make no zip of the files.
    #[error("cannot release `{module}`: {fault}")]
    Files {
        /// The module.
        module: ModuleVersion,
        /// What is wrong with the first file that is wrong, or with all of them.
        fault: String,
    },
}

impl Release {
    /// Returns the version `module`, in the form `path@version`, that the go command makes of what `files`, those of a
    /// whole commit, hold in `directory`, which is empty for the root (spec 02 §2, §6).
    ///
    /// Git attributes are not applied: where `.gitattributes` asks for other line ends, identifiers or encodings, the go
    /// command makes other bytes of the repository.
    ///
    /// # Errors
    /// When `module` is wrong, or the go command would refuse the files.
    pub fn new(module: &str, time: i64, files: &Files, directory: &str) -> Result<Release, ReleaseError> {
        let module = ModuleVersion::parse(module)
            .map_err(|source| ReleaseError::Module { name: module.to_owned(), source })?;
        let tree = inherit_license(files, directory);
        let go_mod = match tree.get("go.mod") {
            Some(File::Regular(content) | File::Executable(content)) => Some(content),
            _ => None,
        };
        let (paths, candidates): (Vec<&str>, Vec<TreeFile>) = tree.iter().filter_map(candidate).unzip();
        let selection = select(&candidates, go_mod.map(Vec::as_slice));
        if let Some(fault) = fault(&selection) {
            return Err(ReleaseError::Files { module, fault });
        }
        let included = selection.included.iter().filter_map(|&index| match tree.get(paths[index]) {
            Some(File::Regular(content) | File::Executable(content)) => {
                Some((paths[index].to_owned(), content.clone()))
            }
            _ => None,
        });
        let go_mod = go_mod.cloned().unwrap_or_else(|| synthesized(module.path()).into_bytes());
        Ok(Release { files: included.collect(), module, time, go_mod, origin: None })
    }

    /// Returns the release with word of where it is from.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Release {
        self.origin = Some(origin);
        self
    }

    /// Returns the release with another file in the zip, or with other content of one: a lie. The go.mod that goes
    /// out by itself stays what it is.
    #[must_use]
    pub fn tampered(mut self, path: &str, content: impl Into<Vec<u8>>) -> Release {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    /// Returns which version of which module it is.
    pub fn module(&self) -> &ModuleVersion {
        &self.module
    }

    /// Returns the content of go.mod: made up, if the module has none.
    pub fn go_mod(&self) -> &[u8] {
        &self.go_mod
    }

    /// Returns the files with their paths in the module.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// Returns the module zip. The same release gives the same bytes.
    pub fn zip(&self) -> Vec<u8> {
        zip(self.entries())
    }

    /// Returns what a proxy answers when it is asked about the version.
    pub fn info(&self) -> String {
        let mut info = json!({ "Version": self.module.version().as_str(), "Time": rfc_3339(self.time) });
        if let Some(Origin { url, directory, reference, commit }) = &self.origin {
            let texts = [("VCS", "git"), ("URL", url), ("Subdir", directory), ("Ref", reference)];
            let texts = texts.into_iter().filter(|(_, value)| !value.is_empty());
            let mut origin: serde_json::Map<_, _> =
                texts.map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
            origin.insert("Hash".to_owned(), commit.to_string().into());
            info["Origin"] = origin.into();
        }
        info.to_string()
    }

    /// Returns the hash of the module zip.
    pub fn zip_h1(&self) -> H1 {
        let digests = self.entries().map(|(name, content)| (name, sha256(content)));
        hash1(digests).expect("no name of a file in a module has a newline")
    }

    /// Returns the hash of go.mod.
    pub fn go_mod_h1(&self) -> H1 {
        go_mod_h1(&self.go_mod)
    }

    /// Returns the line of go.sum for an artifact, with its newline.
    pub fn sum(&self, artifact: Artifact) -> String {
        let hash = match artifact {
            Artifact::Zip => self.zip_h1(),
            Artifact::GoMod => self.go_mod_h1(),
        };
        go_sum::line(&self.module, artifact, &hash)
    }

    fn entries(&self) -> impl Iterator<Item = (String, &[u8])> {
        self.files.iter().map(|(path, content)| (format!("{}/{path}", self.module), content.as_slice()))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.module, f)
    }
}

/// Returns a zip of entries with any names but the same one twice. The same entries give the same bytes.
///
/// # Panics
/// When a name is there twice, or the zip would need more than 4 GiB.
pub fn zip<N: Into<String>, C: AsRef<[u8]>>(entries: impl IntoIterator<Item = (N, C)>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let written = zip
            .start_file(name.into(), SimpleFileOptions::default())
            .map(|()| zip.write_all(content.as_ref()));
        written.expect("an entry of another name and of less than 4 GiB").expect("memory takes everything");
    }
    zip.finish().expect("memory takes everything").into_inner()
}

/// Returns the files in `directory`, with the LICENSE of the root if they have none (spec 02 §6).
fn inherit_license(files: &Files, directory: &str) -> Files {
    const LICENSE: &str = "LICENSE";
    let tree = files.below(directory);
    if directory.is_empty() || tree.get(LICENSE).is_some() {
        return tree;
    }
    match files.get(LICENSE) {
        Some(File::Regular(content) | File::Executable(content) | File::Symlink(content)) => {
            tree.file(LICENSE, content.clone())
        }
        Some(File::Submodule(_)) | None => tree,
    }
}

fn candidate<'a>((path, file): (&'a str, &File)) -> Option<(&'a str, TreeFile)> {
    let (kind, size) = match file {
        File::Regular(content) | File::Executable(content) => (FileKind::Regular, content.len()),
        File::Symlink(target) => (FileKind::Symlink, target.len()),
        File::Submodule(_) => return None, // an empty folder, of which zips know nothing
    };
    Some((path, TreeFile { path: path.as_bytes().to_vec(), kind, size: size as u64 }))
}

fn fault(selection: &Selection) -> Option<String> {
    let invalid = selection.invalid.first().map(|invalid| format!("{:?}: {}", invalid.name, invalid.fault));
    invalid.or_else(|| selection.size_error.as_ref().map(ToString::to_string))
}

fn rfc_3339(time: i64) -> String {
    let digits = timestamp(time);
    let part = |from: usize, to: usize| &digits[from..to];
    let (date, clock) = ([part(0, 4), part(4, 6), part(6, 8)], [part(8, 10), part(10, 12), part(12, 14)]);
    format!("{}T{}Z", date.join("-"), clock.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        Files::new()
            .file("LICENSE", "root licence\n")
            .file("go.mod", "module example.com/a\n")
            .file("a.go", "package a\n")
            .executable("run.sh", "#!/bin/sh\n")
            .symlink("link", "a.go")
            .file("sub/go.mod", "module example.com/a/sub\n")
            .file("sub/s.go", "package sub\n")
    }

    fn paths(release: &Release) -> Vec<&str> {
        release.files().map(|(path, _)| path).collect()
    }

    #[test]
    fn zip_holds_what_the_go_command_puts_into_it() {
        let root = Release::new("example.com/a@v1.0.0", 0, &files(), "").unwrap();
        assert_eq!(paths(&root), ["LICENSE", "a.go", "go.mod", "run.sh"]);
        let sub = Release::new("example.com/a/sub@v1.0.0", 0, &files(), "sub").unwrap();
        assert_eq!(paths(&sub), ["LICENSE", "go.mod", "s.go"]);
        assert_eq!(sub.go_mod(), b"module example.com/a/sub\n");
    }

    #[test]
    fn module_without_go_mod_gets_one_beside_its_zip() {
        let files = Files::new().file("p.go", "package p\n");
        let release = Release::new("github.com/ex/nomod@v1.0.0", 0, &files, "").unwrap();
        assert_eq!(paths(&release), ["p.go"]);
        assert_eq!(
            release.sum(Artifact::GoMod),
            "github.com/ex/nomod v1.0.0/go.mod h1:BDr5FVevchYRyXU1cblAjexwj1JDwETuygPYTlR39hc=\n"
        );
    }

    #[test]
    fn zip_hashes_to_what_is_said_of_it() {
        let files = Files::new().file("a.go", "package p\n").file("go.mod", "module github.com/ex/p\n");
        let release = Release::new("github.com/ex/p@v1.0.0", 0, &files, "").unwrap();
        let archive = gosum_mod::zip::archive::Archive::open(release.zip()).unwrap();
        assert_eq!(gosum_mod::zip::hash::zip_h1(&archive).unwrap(), release.zip_h1());
        assert_eq!(release.zip_h1().to_string(), "h1:Alh0aDqtU+vyHZo/RXZBlJdhTMxn2VbRyfg6O3wUbFw=");
        assert_eq!(release.zip(), release.zip());
        let tampered = release.clone().tampered("a.go", "package evil\n");
        assert_ne!(tampered.zip_h1(), release.zip_h1());
        assert_eq!(tampered.go_mod_h1(), release.go_mod_h1());
    }

    #[test]
    fn rejects_what_is_no_module() {
        let message = |module, files: &Files| Release::new(module, 0, files, "").unwrap_err().to_string();
        assert_eq!(message("example.com/a", &files()), "cannot release `example.com/a`");
        let twice = Files::new().file("A.go", "").file("a.go", "");
        assert!(
            message("example.com/a@v1.0.0", &twice).starts_with("cannot release `example.com/a@v1.0.0`: ")
        );
    }

    #[test]
    fn info_is_what_proxies_tell() {
        let commit = ObjectId::parse(&"0a".repeat(20)).unwrap();
        let origin = Origin {
            url: "https://git.example/a".to_owned(),
            directory: String::new(),
            reference: "refs/tags/v1.0.0".to_owned(),
            commit,
        };
        let release = Release::new("example.com/a@v1.0.0", 1_700_000_000, &files(), "").unwrap();
        assert_eq!(release.info(), r#"{"Time":"2023-11-14T22:13:20Z","Version":"v1.0.0"}"#);
        let info: Value = serde_json::from_str(&release.origin(origin).info()).unwrap();
        let expected = json!({
            "VCS": "git", "URL": "https://git.example/a", "Ref": "refs/tags/v1.0.0", "Hash": commit.to_string()
        });
        assert_eq!(info["Origin"], expected);
    }
}
