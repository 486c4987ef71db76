//! txtar: several text files in one, each after a line `-- NAME --`.

/// A parsed archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archive {
    /// The text before the first file.
    pub comment: String,
    /// The files, in order.
    pub files: Vec<File>,
}

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The name between the dashes.
    pub name: String,
    /// The lines up to the next file.
    pub text: String,
}

impl Archive {
    /// Returns the text of the file `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|file| file.name == name).map(|file| file.text.as_str())
    }
}

/// Returns the archive that `text` holds. Every text is one: what comes before a first `-- NAME --`
/// is its comment.
pub fn parse(text: &str) -> Archive {
    let mut archive = Archive::default();
    for line in text.split_inclusive('\n') {
        match marker(line) {
            Some(name) => archive.files.push(File { name: name.to_owned(), text: String::new() }),
            None => match archive.files.last_mut() {
                Some(file) => file.text.push_str(line),
                None => archive.comment.push_str(line),
            },
        }
    }
    archive
}

fn marker(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix("-- ")?.strip_suffix(" --")?.trim();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_comment_and_files() {
        let archive = parse("about\n-- a/b --\none\ntwo\n-- empty --\n");
        assert_eq!(archive.comment, "about\n");
        assert_eq!(archive.get("a/b"), Some("one\ntwo\n"));
        assert_eq!(archive.get("empty"), Some(""));
        assert_eq!(archive.get("none"), None);
    }

    #[test]
    fn a_line_of_dashes_alone_is_text() {
        assert_eq!(parse("-- --\n").comment, "-- --\n");
    }
}
