//! Names in a module zip that a file system might take for one another.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::name::unicode::fold_min;

/// How many files and folders may be told apart. The largest modules known have a tenth of it; the go command knows
/// no bound, and needs memory without one for names that are little but slashes.
const MAX_NAMES: usize = 1 << 20;

/// Two names that cannot stand in one module zip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Collision {
    /// They differ in upper and lower case alone.
    #[error("{other:?} and {name:?} differ in upper and lower case alone")]
    Case {
        /// The earlier file or folder.
        other: String,
        /// This file, or a folder that it is in.
        name: String,
    },
    /// One name is a file and a folder.
    #[error("{name:?} is both a file and a folder")]
    FileAndFolder {
        /// The name.
        name: String,
    },
    /// The same file twice.
    #[error("{name:?} is there more than once")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// There are too many names to compare.
    #[error("more than {MAX_NAMES} files and folders")]
    TooMany,
}

/// Returns whether `path` is in its shortest form: no `.`, no `..` but at the start, no slash too many.
pub(super) fn is_clean(path: &[u8]) -> bool {
    let (rooted, rest) = match path {
        b"." | b"/" => return true,
        [b'/', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut up = !rooted;
    rest.split(|&byte| byte == b'/').all(|element| {
        let is_up = element == b"..";
        let fits = !matches!(element, b"" | b".") && (!is_up || up);
        up &= is_up;
        fits
    })
}

/// The files and folders seen so far, with all folders above them.
///
/// Each is kept once, as an element below its parent, so that what this costs grows with the length of the names and
/// not with their depth.
pub(super) struct Names<'a> {
    /// Every name as it is written; the root first.
    names: Vec<Name<'a>>,
    limit: usize,
    children: HashMap<(usize, &'a str), usize>,
    /// The same for names without the difference of case. A number stands for all names that fold alike.
    folds: HashMap<(usize, Folded<'a>), usize>,
    /// By such a number: the first name that folds so, and whether it is a folder.
    seen: Vec<Option<(usize, bool)>>,
    /// The folder of the last file, where the next one is likely to be.
    folder: (&'a str, usize),
}

struct Name<'a> {
    parent: usize,
    element: &'a str,
    fold: usize,
    /// A folder that was compared, with all above it, and collides with nothing.
    is_good_folder: bool,
}

const ROOT: usize = 0;

impl<'a> Names<'a> {
    pub(super) fn new() -> Names<'a> {
        let root = Name { parent: ROOT, element: "", fold: 0, is_good_folder: true };
        Names {
            names: vec![root],
            limit: MAX_NAMES,
            children: HashMap::new(),
            folds: HashMap::new(),
            seen: vec![None],
            folder: ("", ROOT),
        }
    }

    /// Adds the clean, relative `path` and the folders above it, and returns the first collision on the way up.
    ///
    /// Names fold to the least letter of equal case (spec 02 §2). A folder may be added again, a file may not. A path
    /// that collides stays added, as far up as it was compared.
    pub(super) fn add(&mut self, path: &'a str, is_folder: bool) -> Result<(), Collision> {
        let added = self.find(path)?;
        let (mut name, mut folder) = (added, is_folder);
        while !self.names[name].is_good_folder || !folder {
            self.compare(name, folder)?;
            (name, folder) = (self.names[name].parent, true);
        }
        let mut good = if is_folder { added } else { self.names[added].parent };
        while !std::mem::replace(&mut self.names[good].is_good_folder, true) {
            good = self.names[good].parent;
        }
        Ok(())
    }

    fn compare(&mut self, name: usize, is_folder: bool) -> Result<(), Collision> {
        let seen = &mut self.seen[self.names[name].fold];
        match *seen {
            None => *seen = Some((name, is_folder)),
            Some((other, _)) if other != name => {
                return Err(Collision::Case { other: self.text(other), name: self.text(name) });
            }
            Some((_, was_folder)) if was_folder != is_folder => {
                return Err(Collision::FileAndFolder { name: self.text(name) });
            }
            Some(_) if !is_folder => return Err(Collision::Duplicate { name: self.text(name) }),
            Some(_) => {}
        }
        Ok(())
    }

    /// Returns the number of `path`, a new one if it is new.
    fn find(&mut self, path: &'a str) -> Result<usize, Collision> {
        let Some((folder, base)) = path.rsplit_once('/') else { return self.child(ROOT, path) };
        if folder != self.folder.0 {
            let number = folder.split('/').try_fold(ROOT, |parent, element| self.child(parent, element))?;
            self.folder = (folder, number);
        }
        self.child(self.folder.1, base)
    }

    fn child(&mut self, parent: usize, element: &'a str) -> Result<usize, Collision> {
        if let Some(&number) = self.children.get(&(parent, element)) {
            return Ok(number);
        }
        let number = self.names.len();
        if number > self.limit {
            return Err(Collision::TooMany);
        }
        let next = self.seen.len();
        let fold = *self.folds.entry((self.names[parent].fold, Folded(element))).or_insert(next);
        if fold == next {
            self.seen.push(None);
        }
        self.names.push(Name { parent, element, fold, is_good_folder: false });
        self.children.insert((parent, element), number);
        Ok(number)
    }

    fn text(&self, mut name: usize) -> String {
        let mut elements = Vec::new();
        while name != ROOT {
            elements.push(self.names[name].element);
            name = self.names[name].parent;
        }
        elements.reverse();
        elements.join("/")
    }
}

/// Text that equals all text that folds alike.
struct Folded<'a>(&'a str);

impl Folded<'_> {
    fn chars(&self) -> impl Iterator<Item = char> {
        self.0.chars().map(fold_min)
    }
}

impl PartialEq for Folded<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl Eq for Folded<'_> {}

impl Hash for Folded<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.chars().for_each(|c| state.write_u32(c.into()));
        state.write_u32(u32::MAX); // no char, so that no text is the start of another
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_is_the_shortest_form() {
        for path in [".", "/", "..", "../..", "../a", "a", "a/b", "/a/b", "...", "a/..b"] {
            assert!(is_clean(path.as_bytes()), "{path}");
        }
        for path in ["", "./a", "a/.", "a/", "a//b", "//", "//a", "a/..", "../a/..", "/..", "/.", "a/./b"] {
            assert!(!is_clean(path.as_bytes()), "{path:?}");
        }
    }

    fn collision(paths: &[(&str, bool)]) -> Option<String> {
        let mut names = Names::new();
        let (last, earlier) = paths.split_last().unwrap();
        for (path, is_folder) in earlier {
            let _ = names.add(path, *is_folder);
        }
        names.add(last.0, last.1).err().map(|collision| collision.to_string())
    }

    #[test]
    fn tells_files_from_folders_and_case_from_letters() {
        let (file, folder) = (false, true);
        for (paths, wanted) in [
            (vec![("a/b", file), ("a/c", file), ("a", folder), ("a", folder)], None),
            (vec![("a", file), ("a", file)], Some(r#""a" is there more than once"#)),
            (vec![("a/b", file), ("a", file)], Some(r#""a" is both a file and a folder"#)),
            (vec![("a", file), ("a/b/c", file)], Some(r#""a" is both a file and a folder"#)),
            (vec![("a/x", file), ("A/y", file)], Some(r#""a" and "A" differ in upper and lower case alone"#)),
            (
                vec![("p/k", file), ("p/\u{212a}", file)],
                Some("\"p/k\" and \"p/\u{212a}\" differ in upper and lower case alone"),
            ),
            (vec![("ß", file), ("ss", file)], None),
            (vec![("i", file), ("İ", file), ("ı", file)], None),
        ] {
            assert_eq!(collision(&paths).as_deref(), wanted, "{paths:?}");
        }
    }

    #[test]
    fn a_path_that_collides_stays_added() {
        let file = false;
        assert_eq!(
            collision(&[("A/x", file), ("a/y", file), ("A/y", file)]).as_deref(),
            Some(r#""a/y" and "A/y" differ in upper and lower case alone"#)
        );
        // `a` itself was never added: the comparison ended at the file.
        assert_eq!(
            collision(&[("b/x", file), ("B/x", file), ("B", file)]).as_deref(),
            Some(r#""b" and "B" differ in upper and lower case alone"#)
        );
    }

    #[test]
    fn number_of_names_is_bounded() {
        let mut names = Names { limit: 3, ..Names::new() };
        assert_eq!(names.add("a/b/c", false), Ok(()));
        assert_eq!(names.add("a/b", true), Ok(()));
        assert_eq!(names.add("a/d", false), Err(Collision::TooMany));
    }
}
