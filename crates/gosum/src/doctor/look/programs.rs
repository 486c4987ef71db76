//! Programs in the folders of PATH, and those that `go install` made.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use gosum_git::Programs;

use crate::doctor::format::{HEAD, format};
use crate::doctor::system::{Program, Tool};

/// The programs that are looked for, beside those that settings name.
const NAMES: [&str; 7] = ["cc", "clang", "gcc", "git", "git.exe", "go", "go.exe"];
/// The most installed programs that are looked at.
const MAX_TOOLS: usize = 500;

/// Returns the programs in `folders`, which is the order of PATH, and the `named` ones, by name or path. Only the first git is run, for its version.
pub(super) fn look(
    folders: &[PathBuf],
    named: &[String],
    programs: &Programs,
) -> BTreeMap<String, Vec<Program>> {
    let names = NAMES.into_iter().chain(named.iter().map(String::as_str));
    let mut found = BTreeMap::new();
    for name in names {
        let files = candidates(folders, name);
        let mut list: Vec<Program> = files.iter().map(|file| program(file)).collect();
        list.dedup_by(|a, b| a.path == b.path);
        match (name, list.first_mut()) {
            (_, None) => continue,
            ("go", _) => list.iter_mut().for_each(|go| go.version = go_version(Path::new(&go.real))),
            // what it does not say is told by the check
            ("git", Some(git)) => git.version = programs.version(Path::new(&git.path)).ok(),
            _ => {}
        }
        found.insert(name.to_owned(), list);
    }
    found
}

/// Returns the files that the name of a program means: itself when it is a path.
fn candidates(folders: &[PathBuf], name: &str) -> Vec<PathBuf> {
    let is_program = |file: &PathBuf| crate::env::is_program(file);
    let is_path = name.contains('/') || cfg!(windows) && name.contains('\\');
    let name = format!("{name}{}", if cfg!(windows) && !name.ends_with(".exe") { ".exe" } else { "" });
    if is_path {
        return Some(PathBuf::from(name)).filter(is_program).into_iter().collect();
    }
    folders.iter().map(|folder| folder.join(&name)).filter(is_program).collect()
}

fn program(file: &Path) -> Program {
    let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    Program {
        path: file.display().to_string(),
        format: head(&real).and_then(|head| format(&head)),
        real: real.display().to_string(),
        version: None,
    }
}

fn head(file: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    File::open(file).ok()?.take(HEAD as u64).read_to_end(&mut head).ok()?;
    Some(head)
}

/// Returns the version of the toolchain that a go command is part of: the first line of the file VERSION, two or three
/// folders up.
fn go_version(real: &Path) -> Option<String> {
    let roots = [real.ancestors().nth(2), real.ancestors().nth(3)];
    roots.into_iter().flatten().find_map(|root| {
        let head = head(&root.join("VERSION"))?;
        let line = String::from_utf8(head).ok()?.lines().next()?.trim().to_owned();
        line.starts_with("go").then_some(line)
    })
}

/// Returns the programs in `folder`.
pub(super) fn tools(folder: &str) -> Vec<Tool> {
    let entries = Path::new(folder).read_dir().ok().into_iter().flatten().filter_map(Result::ok);
    let files = entries.map(|entry| entry.path()).filter(|file| file.is_file()).take(MAX_TOOLS);
    let tool = |file: PathBuf| {
        Some(Tool {
            name: file.file_name()?.to_string_lossy().into_owned(),
            format: head(&file).and_then(|head| format(&head)),
        })
    };
    let mut tools: Vec<Tool> = files.filter_map(tool).collect();
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    tools
}
