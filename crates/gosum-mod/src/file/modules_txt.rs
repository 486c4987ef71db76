//! `vendor/modules.txt`: what a vendor folder holds of which module (`go mod vendor`).
//!
//! ```text
//! ## workspace                               in a workspace alone
//! # PATH VERSION [=> PATH [VERSION]]         a module, and what replaces it
//! ## explicit; go 1.21                       go.mod requires it; the version of its go line
//! PACKAGE                                    a package of it, any number of lines
//! # PATH => PATH [VERSION]                   a replacement of all versions
//! ```

use super::space::fields;
use crate::name::path::check_import_path;
use crate::name::semver;
use crate::name::text::Text;

/// A modules.txt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModulesTxt {
    /// Whether it is that of a workspace.
    pub is_workspace: bool,
    /// The modules, in the order of the file.
    pub modules: Vec<Vendored>,
    /// Lines that the go command passes over, since they say nothing to it: the number, from 1.
    pub odd: Vec<usize>,
}

/// A module in a modules.txt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendored {
    /// The path; not checked.
    pub path: Text,
    /// The version, in whatever form semver has; none where a replacement of all versions is recorded.
    pub version: Option<Text>,
    /// The path of what replaces it, and the version; a folder has none.
    pub replacement: Option<(Text, Option<Text>)>,
    /// Whether it is marked as explicit.
    pub explicit: bool,
    /// The go version that it is marked with.
    pub go: Option<Text>,
    /// The packages, each with the line that it stands in.
    pub packages: Vec<(Text, usize)>,
    /// The line of the file, from 1.
    pub line: usize,
}

impl ModulesTxt {
    /// Returns what `text` says, as the go command reads it: nothing is an error.
    pub fn parse(text: &[u8]) -> ModulesTxt {
        let mut file = ModulesTxt::default();
        let mut in_module = false;
        for (line, number) in text.split(|&byte| byte == b'\n').zip(1..) {
            if line.is_empty() {
                continue;
            }
            if line.starts_with(b"# ") {
                match module(line, number) {
                    Some(module) => file.modules.push(module),
                    None => file.odd.push(number),
                }
                in_module = !file.odd.ends_with(&[number]);
                continue;
            }
            let module = file.modules.last_mut().filter(|_| in_module);
            let is_known = match (line.strip_prefix(b"## "), module) {
                (Some(b"workspace"), None) => {
                    file.is_workspace = true;
                    true
                }
                (Some(marks), Some(module)) => mark(marks, module),
                (None, Some(module)) => package(line, number, module),
                (_, None) => false,
            };
            if !is_known {
                file.odd.push(number);
            }
        }
        file
    }
}

/// Returns the module of a line that begins with `# `.
fn module(line: &[u8], number: usize) -> Option<Vendored> {
    let mut words: Vec<&[u8]> = fields(line).skip(1).collect();
    let path = words.first().copied()?;
    words.remove(0);
    let version = words.first().copied().filter(|word| semver::parse(word).is_some());
    if version.is_some() {
        words.remove(0);
    }
    let replacement = match *words {
        [] if version.is_some() => None,
        [b"=>", path] => Some((path.into(), None)),
        [b"=>", path, version] if semver::parse(version).is_some() => {
            Some((path.into(), Some(version.into())))
        }
        _ => return None,
    };
    Some(Vendored {
        path: path.into(),
        version: version.map(Text::from),
        replacement,
        explicit: false,
        go: None,
        packages: Vec::new(),
        line: number,
    })
}

/// Takes the marks of a line into `module`; returns whether all are known.
fn mark(marks: &[u8], module: &mut Vendored) -> bool {
    let mut is_known = true;
    for mark in marks.split(|&byte| byte == b';').map(<[u8]>::trim_ascii) {
        match mark.strip_prefix(b"go ") {
            Some(go) => module.go = Some(go.into()),
            None if mark == b"explicit" => module.explicit = true,
            None => is_known = false,
        }
    }
    is_known
}

fn package(line: &[u8], number: usize, module: &mut Vendored) -> bool {
    let mut words = fields(line);
    match (words.next(), words.next()) {
        (Some(package), None) if check_import_path(package).is_ok() => {
            module.packages.push((package.into(), number));
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_modules_marks_packages_and_replacements() {
        let text = "# example.com/a v1.0.0\n## explicit; go 1.21\nexample.com/a\nexample.com/a/sub\n\
                    # example.com/b v1.2.0 => example.org/b v1.3.0\n## go 1.17\nexample.com/b\n\
                    # example.com/c => ../c\n";
        let file = ModulesTxt::parse(text.as_bytes());
        assert!(file.odd.is_empty() && !file.is_workspace);
        let [a, b, c] = file.modules.as_slice() else { panic!("{file:?}") };
        assert_eq!((a.explicit, a.go.clone(), a.line), (true, Some("1.21".into()), 1));
        assert_eq!(a.packages, [("example.com/a".into(), 3), ("example.com/a/sub".into(), 4)]);
        assert_eq!(b.replacement, Some(("example.org/b".into(), Some("v1.3.0".into()))));
        assert_eq!((b.explicit, b.go.clone()), (false, Some("1.17".into())));
        assert_eq!((c.version.clone(), c.replacement.clone()), (None, Some(("../c".into(), None))));
    }

    #[test]
    fn what_says_nothing_is_told_by_its_line() {
        let text = "stray\n## workspace\n# x\n# example.com/a main\nexample.com/a\n# example.com/a v1.0.0 extra\n\
                    # example.com/a v1.0.0\n## implicit\ntwo words\n/abs\n";
        let file = ModulesTxt::parse(text.as_bytes());
        assert_eq!(file.odd, [1, 3, 4, 5, 6, 8, 9, 10]);
        assert!(file.is_workspace);
        assert_eq!(file.modules.len(), 1);
    }
}
