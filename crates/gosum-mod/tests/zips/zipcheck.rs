//! Vectors of `zipcheck`: which files belong into a module zip, and which a zip may hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gosum_mod::hash::dirhash::hash1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::text::Text;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::check::check_zip;
use gosum_mod::zip::fault::InvalidFile;
use gosum_mod::zip::select::{Selection, select};
use gosum_mod::zip::tree::{FileKind, FileTree as _, TreeFile};
use gosum_testkit::vectors::{Vector, bytes, covers, hold};
use serde_json::Value;

use crate::folder::{Folder, Unmakeable};
use crate::{category, module, same, texts};

const OPS: [&str; 4] = ["CheckFiles", "Create", "CheckDir", "CheckZip"];

#[test]
fn files_belong_where_go_says() {
    covers("zipcheck", &OPS);
    hold("zipcheck", &OPS, |vector| {
        let list = vector.input["files"].as_array();
        let list: Vec<_> = list.into_iter().flatten().map(Listed::new).collect();
        match vector.op.as_str() {
            "CheckFiles" => {
                let files: Vec<_> = list.iter().map(|listed| listed.file.clone()).collect();
                same_selection(vector, &files, &select(&files, go_mod(&list)), &[])
            }
            "Create" => create(vector, &list),
            "CheckDir" => check_dir(vector, &list),
            "CheckZip" => {
                let zip = STANDARD.decode(vector.text("zip")).unwrap();
                let checked = Checked::zip(module(vector), &zip);
                checked.same(&vector.out)
            }
            op => Err(format!("unknown op {op}")),
        }
    });
}

/// A file as a vector lists it.
struct Listed {
    file: TreeFile,
    text: Vec<u8>,
}

impl Listed {
    fn new(value: &Value) -> Listed {
        let text = bytes(&value["text"]).unwrap_or_default();
        let kind = match value["mode"].as_str() {
            None | Some("exec") => FileKind::Regular,
            Some("symlink") => FileKind::Symlink,
            Some("dir") => FileKind::Folder,
            Some(_) => FileKind::Other,
        };
        let size = value["size"].as_i64().map_or(text.len() as u64, |size| size as u64);
        Listed { file: TreeFile { path: bytes(&value["path"]).unwrap(), kind, size }, text }
    }
}

/// Returns what the go command reads as the root's go.mod file: the last one of that name.
fn go_mod(list: &[Listed]) -> Option<&[u8]> {
    let is_go_mod = |listed: &&Listed| listed.file.path == b"go.mod" && listed.file.kind == FileKind::Regular;
    list.iter().rfind(is_go_mod).map(|listed| listed.text.as_slice())
}

fn same_selection(
    vector: &Vector,
    files: &[TreeFile],
    selection: &Selection,
    omitted_before: &[(Text, String)],
) -> Result<(), String> {
    let omitted =
        selection.omitted.iter().map(|file| (file.path.clone(), category::omission(file.reason).to_owned()));
    let checked = Checked {
        valid: selection.included.iter().map(|&index| files[index].path.as_slice().into()).collect(),
        omitted: omitted.chain(omitted_before.iter().cloned()).collect(),
        invalid: invalid(&selection.invalid),
        too_large: selection.size_error.is_some(),
        failure: None,
    };
    same("is_valid", &selection.is_valid(), &(vector.out["ok"] == true))?;
    checked.same(&vector.out)
}

fn invalid(files: &[InvalidFile]) -> Vec<(Text, String)> {
    let word = |file: &InvalidFile| category::file(file.name.as_bytes(), &file.fault).to_owned();
    files.iter().map(|file| (file.name.clone(), word(file))).collect()
}

/// The outcome of a check, in the recorder's words.
pub(crate) struct Checked {
    pub(crate) valid: Vec<Text>,
    pub(crate) omitted: Vec<(Text, String)>,
    pub(crate) invalid: Vec<(Text, String)>,
    pub(crate) too_large: bool,
    pub(crate) failure: Option<&'static str>,
}

impl Checked {
    pub(crate) fn zip(module: Result<ModuleVersion, &'static str>, zip: &[u8]) -> Checked {
        let mut checked =
            Checked { valid: vec![], omitted: vec![], invalid: vec![], too_large: false, failure: None };
        let archive = Archive::open(zip).map_err(|error| category::archive(&error));
        match module.and_then(|module| Ok((module, archive?))) {
            Err(failure) => checked.failure = Some(failure),
            Ok((module, archive)) => {
                let check = check_zip(&module, &archive);
                let names: Vec<Text> = archive.entries().map(|entry| entry.name().into()).collect();
                checked.valid = check.valid.iter().map(|&index| names[index].clone()).collect();
                checked.invalid = invalid(&check.invalid);
                checked.too_large = check.size_error.is_some();
                assert_eq!(check.is_valid(), checked.invalid.is_empty() && !checked.too_large);
            }
        }
        checked
    }

    pub(crate) fn same(&self, out: &Value) -> Result<(), String> {
        let pairs = |list: &Value| -> Vec<(Text, String)> {
            let pair = |file: &Value| {
                (bytes(&file["path"]).unwrap().into(), file["category"].as_str().unwrap().to_owned())
            };
            list.as_array().unwrap().iter().map(pair).collect()
        };
        same("valid", &self.valid, &texts(&out["valid"]))?;
        same("omitted", &self.omitted, &pairs(&out["omitted"]))?;
        same("invalid", &self.invalid, &pairs(&out["invalid"]))?;
        same("size error", &self.too_large, &(out["sizeError"]["category"] == "too-large"))?;
        same("error", &self.failure, &out["err"]["category"].as_str())?;
        let ok = self.invalid.is_empty() && !self.too_large && self.failure.is_none();
        same("ok", &ok, &(out["ok"] == true))
    }
}

/// Selects files, and hashes them as a zip of them would be.
fn create(vector: &Vector, list: &[Listed]) -> Result<(), String> {
    let files: Vec<_> = list.iter().map(|listed| listed.file.clone()).collect();
    let selection = select(&files, go_mod(list));
    let failure = vector.err.as_ref().map(|failure| failure.category.as_str());
    same_zip(module(vector), list, &selection, failure, &vector.out)
}

fn same_zip(
    module: Result<ModuleVersion, &'static str>,
    list: &[Listed],
    selection: &Selection,
    failure: Option<&str>,
    out: &Value,
) -> Result<(), String> {
    let fault = category::module(selection.size_error.as_ref(), &selection.invalid);
    let module = match (module, fault) {
        (Err(fault), _) | (Ok(_), Some(fault)) => return same("error", &Some(fault), &failure),
        (Ok(module), None) => module,
    };
    same("error", &None, &failure)?;
    let name = |index: &usize| [format!("{module}/").as_bytes(), &list[*index].file.path].concat().into();
    let names: Vec<Text> = selection.included.iter().map(name).collect();
    same("entries", &names, &texts(&out["entries"]))?;
    let digests = selection.included.iter().map(|&index| sha256(&list[index].text));
    let hash = hash1(names.iter().zip(digests)).unwrap().to_string();
    same("h1", &hash, &out["h1"].as_str().unwrap().to_owned())
}

/// Lays the files out on disk and selects there, as Go does it for a folder.
fn check_dir(vector: &Vector, list: &[Listed]) -> Result<(), String> {
    let folder = Folder::new();
    let made = list.iter().try_for_each(|listed| {
        folder.make(&listed.file.path, listed.file.kind, &listed.text) // the recorder left out what cannot be made
    });
    made.map_err(|Unmakeable| "cannot make the folder".to_owned())?;
    let go_mod = std::fs::read(folder.path(b"go.mod")).ok();
    let (files, omitted) = candidates(&folder, go_mod.as_deref());
    let selection = select(&files, go_mod.as_deref());
    same_selection(vector, &files, &selection, &omitted)?;
    let found: Vec<_> = files
        .iter()
        .map(|file| Listed { file: file.clone(), text: std::fs::read(folder.path(&file.path)).unwrap() })
        .collect();
    let failure = vector.out["createErr"]["category"].as_str();
    same_zip(module(vector), &found, &selection, failure, &vector.out["created"])
}

/// Returns what Go takes for candidates of a folder on disk, and what it leaves out beforehand (spec 02 §5).
///
/// Vendored files are told apart by what a selection says of each alone, which knows nothing of nested modules.
fn candidates(folder: &Folder, go_mod: Option<&[u8]>) -> (Vec<TreeFile>, Vec<(Text, String)>) {
    let (mut files, mut omitted) = (Vec::new(), Vec::new());
    let mut skipped: Option<Vec<u8>> = None;
    let listed = folder.list().unwrap();
    let is_go_mod_in = |path: &[u8]| {
        let go_mod = [path, b"/go.mod"].concat();
        listed.iter().any(|file| file.path == go_mod && file.kind != FileKind::Folder)
    };
    for file in &listed {
        if skipped.as_ref().is_some_and(|folder| file.path.starts_with(folder)) {
            continue;
        }
        let alone = TreeFile { kind: FileKind::Regular, ..file.clone() };
        let alone = select(&[alone], go_mod);
        let vendored = alone.omitted.iter().any(|file| category::omission(file.reason) == "vendored");
        let base = file.path.rsplit(|&byte| byte == b'/').next().unwrap();
        let reason = match file.kind {
            _ if vendored => "vendored",
            FileKind::Folder if [&b".bzr"[..], b".git", b".hg", b".svn"].contains(&base) => "vcs-dir",
            FileKind::Folder if is_go_mod_in(&file.path) => "nested-module",
            FileKind::Folder => continue,
            FileKind::Regular => {
                files.push(file.clone());
                continue;
            }
            FileKind::Symlink | FileKind::Other => "irregular",
        };
        if reason == "vcs-dir" || reason == "nested-module" {
            skipped = Some([&file.path, &b"/"[..]].concat());
        }
        omitted.push((file.path.as_slice().into(), reason.to_owned()));
    }
    (files, omitted)
}
