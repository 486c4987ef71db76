//! Which files `go mod vendor` copies of a package.
//!
//! Of a package's folder: every file but tests, go.mod and go.sum (since go 1.17), and Go files whose constraint no tags can
//! satisfy. Besides, what its Go files embed; and of the folders above, up to the root of the module, the files that are
//! named like a licence.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::constraint::Constraint;
use super::embed::EmbedPattern;
use super::go_file::GoFile;
use crate::file::go_version::compare;

/// The beginnings of names that stand for licences and the like.
const META: [&[u8]; 9] = [
    b"AUTHORS",
    b"CONTRIBUTORS",
    b"COPYLEFT",
    b"COPYING",
    b"COPYRIGHT",
    b"LEGAL",
    b"LICENSE",
    b"NOTICE",
    b"PATENTS",
];

/// Reads a file of the module.
pub type Read<'a> = dyn FnMut(&[u8]) -> io::Result<Vec<u8>> + 'a;

/// The regular files of a module, by folder.
#[derive(Debug)]
pub struct Vendor<'a> {
    /// By folder, empty for the root: the names in it.
    folders: BTreeMap<&'a [u8], Vec<&'a [u8]>>,
    paths: Vec<&'a [u8]>,
    drops_go_mod: bool,
    embeds_of_tests: bool,
}

impl<'a> Vendor<'a> {
    /// Returns the rule for a module of the regular files `paths`, as a main module of the Go version `go` applies it.
    pub fn new(paths: impl IntoIterator<Item = &'a [u8]>, go: &str) -> Vendor<'a> {
        let mut folders: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
        let paths: Vec<&[u8]> = paths.into_iter().collect();
        for path in &paths {
            let (folder, name) = split(path);
            folders.entry(folder).or_default().push(name);
        }
        Vendor {
            folders,
            paths,
            drops_go_mod: compare(go, "1.17").is_ge(),
            embeds_of_tests: compare(go, "1.22").is_lt(),
        }
    }

    /// Returns the paths that are copied for the package in `folder`, which is empty for the root of the module. `read` is
    /// asked for Go files alone.
    ///
    /// # Errors
    /// As `read`.
    pub fn copied(&self, folder: &[u8], read: &mut Read<'_>) -> io::Result<BTreeSet<Vec<u8>>> {
        let mut copied = BTreeSet::new();
        let mut patterns = Vec::new();
        for name in self.folders.get(folder).into_iter().flatten() {
            let path = joined(folder, name);
            if !name.ends_with(b".go") {
                if !(self.drops_go_mod && matches!(*name, b"go.mod" | b"go.sum")) {
                    copied.insert(path);
                }
                continue;
            }
            let text = read(&path)?;
            let file = GoFile::parse(&text);
            let is_test = name.ends_with(b"_test.go");
            // a file that cannot be read as Go is copied, whatever its constraint
            let may_be_built = file.is_malformed
                || Constraint::of_go(name, &text).is_ok_and(|constraint| constraint.may_hold());
            if !is_test && may_be_built {
                copied.insert(path);
            }
            let is_ignored = name.starts_with(b"_") || name.starts_with(b".");
            if !is_ignored && (!is_test || self.embeds_of_tests) {
                patterns.extend(file.embeds.iter().filter_map(|pattern| EmbedPattern::parse(pattern)));
            }
        }
        self.add_embedded(folder, &patterns, &mut copied);
        self.add_meta(folder, &mut copied);
        Ok(copied)
    }

    /// Returns whether there is a package in `folder`: it has a Go file.
    pub fn has_package(&self, folder: &[u8]) -> bool {
        self.folders.get(folder).is_some_and(|names| names.iter().any(|name| name.ends_with(b".go")))
    }

    fn add_embedded(&self, folder: &[u8], patterns: &[EmbedPattern], copied: &mut BTreeSet<Vec<u8>>) {
        if patterns.is_empty() {
            return;
        }
        let below = joined(folder, b"");
        let is_module = |inner: &[u8]| {
            self.folders.get(&joined(folder, inner)[..]).is_some_and(|names| names.contains(&&b"go.mod"[..]))
        };
        for path in &self.paths {
            let inner = path.strip_prefix(&below[..]);
            if inner.is_some_and(|inner| patterns.iter().any(|pattern| pattern.embeds(inner, &is_module))) {
                copied.insert(path.to_vec());
            }
        }
    }

    /// Adds the licences of the folders above.
    fn add_meta(&self, mut folder: &[u8], copied: &mut BTreeSet<Vec<u8>>) {
        while !folder.is_empty() {
            folder = split(folder).0;
            let names = self.folders.get(folder).into_iter().flatten();
            let named = names.filter(|name| META.iter().any(|start| name.starts_with(start)));
            copied.extend(named.map(|name| joined(folder, name)));
        }
    }
}

/// Splits a path into its folder and its name.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[(&str, &str)] = &[
        ("LICENSE", "x"),
        ("LICENSE_test.go", "package a\n"),
        ("README.md", "x"),
        ("go.mod", "module a\n"),
        ("a.go", "package a\n"),
        ("sub/COPYING.txt", "x"),
        ("sub/p/p.go", "package p\nimport _ \"embed\"\n//go:embed data tmpl/*.txt\nvar x string\n"),
        ("sub/p/p_windows.go", "package p\n"),
        ("sub/p/p_test.go", "package p\nimport _ \"embed\"\n//go:embed fixture\nvar y string\n"),
        ("sub/p/gen.go", "//go:build ignore\n\npackage main\n"),
        ("sub/p/tool.go", "//go:build ignore || tool\n\npackage p\n"),
        ("sub/p/bad.go", "//go:build ignore\n\nnot go"),
        ("sub/p/p.c", "x"),
        ("sub/p/.hidden", "x"),
        ("sub/p/go.sum", "x"),
        ("sub/p/data/one/two", "x"),
        ("sub/p/data/.no", "x"),
        ("sub/p/tmpl/t.txt", "x"),
        ("sub/p/tmpl/t.html", "x"),
        ("sub/p/fixture", "x"),
        ("sub/p/testdata/f", "x"),
        ("sub/p/below/b.go", "package below\n"),
    ];

    fn copied(go: &str, folder: &str) -> Vec<String> {
        let vendor = Vendor::new(FILES.iter().map(|(path, _)| path.as_bytes()), go);
        let mut read = |path: &[u8]| {
            let file = FILES.iter().find(|(other, _)| other.as_bytes() == path);
            Ok(file.unwrap().1.as_bytes().to_vec())
        };
        let copied = vendor.copied(folder.as_bytes(), &mut read).unwrap();
        copied.into_iter().map(|path| String::from_utf8(path).unwrap()).collect()
    }

    #[test]
    fn copies_what_may_be_built_what_is_embedded_and_licences_above() {
        assert_eq!(
            copied("1.22", "sub/p"),
            [
                "LICENSE",
                "LICENSE_test.go",
                "sub/COPYING.txt",
                "sub/p/.hidden",
                "sub/p/bad.go",
                "sub/p/data/one/two",
                "sub/p/fixture",
                "sub/p/p.c",
                "sub/p/p.go",
                "sub/p/p_windows.go",
                "sub/p/tmpl/t.txt",
                "sub/p/tool.go",
            ]
        );
        assert_eq!(copied("1.22", ""), ["LICENSE", "README.md", "a.go"]);
        assert_eq!(copied("1.16", ""), ["LICENSE", "README.md", "a.go", "go.mod"]);
    }

    #[test]
    fn a_package_is_a_folder_with_a_go_file() {
        let vendor = Vendor::new(FILES.iter().map(|(path, _)| path.as_bytes()), "1.22");
        assert!(vendor.has_package(b"") && vendor.has_package(b"sub/p/below"));
        assert!(!vendor.has_package(b"sub") && !vendor.has_package(b"nowhere"));
    }

    #[test]
    fn what_tests_embed_is_copied_before_go_1_22() {
        let files = [
            ("p.go", "package p\n"),
            ("p_test.go", "package p\nimport _ \"embed\"\n//go:embed d/x\nvar y string\n"),
            ("d/x", ""),
        ];
        let copied = |go: &str| {
            let vendor = Vendor::new(files.iter().map(|(path, _)| path.as_bytes()), go);
            let mut read = |path: &[u8]| {
                Ok(files.iter().find(|(other, _)| other.as_bytes() == path).unwrap().1.as_bytes().to_vec())
            };
            vendor.copied(b"", &mut read).unwrap().len()
        };
        assert_eq!((copied("1.21"), copied("1.22")), (2, 1));
    }
}
