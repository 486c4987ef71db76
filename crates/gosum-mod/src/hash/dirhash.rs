//! From the names and contents of files to an h1.

use super::h1::H1;
use super::sha256::{Digest, Sha256, sha256};
use crate::name::text::Text;

/// The name that stands for a go.mod file when it is hashed alone.
const GO_MOD: &str = "go.mod";

/// A file name that the text under a hash cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("file name {name:?} has a newline in it")]
pub struct NewlineInName {
    /// The name.
    pub name: Text,
}

/// Returns the h1 of files, given the name and the SHA-256 of each (spec 02 §1).
///
/// The order of `files` does not matter, except for files of one name: the hash covers the name as often as it is
/// given, each time with the digest of the last one, which is what a zip with such entries hashes to. Names may hold
/// any byte but a newline.
///
/// # Errors
/// Names the first name, in the order of bytes, that has a newline in it.
pub fn hash1<N: AsRef<[u8]>>(files: impl IntoIterator<Item = (N, Digest)>) -> Result<H1, NewlineInName> {
    hash1_below("", files)
}

/// Returns the h1 of files the names of which all have `prefix` before what is given of them, such as `path@version/`.
///
/// # Errors
/// As [`hash1`]; the name without the prefix, which has no newline.
pub fn hash1_below<N: AsRef<[u8]>>(
    prefix: &str,
    files: impl IntoIterator<Item = (N, Digest)>,
) -> Result<H1, NewlineInName> {
    debug_assert!(!prefix.contains('\n'));
    let mut files: Vec<(N, Digest)> = files.into_iter().collect();
    files.sort_by(|(a, _), (b, _)| a.as_ref().cmp(b.as_ref())); // stable: the last of a name stays the last
    if let Some(name) = files.iter().map(|(name, _)| name.as_ref()).find(|name| has_newline(name)) {
        return Err(NewlineInName { name: name.into() });
    }
    let mut hash = Sha256::new();
    let mut line = Vec::new();
    for same in files.chunk_by(|(a, _), (b, _)| a.as_ref() == b.as_ref()) {
        let (name, digest) = same.last().expect("a chunk holds an element");
        line.clear();
        write_line(&mut line, prefix.as_bytes(), name.as_ref(), digest);
        same.iter().for_each(|_| hash.update(&line));
    }
    Ok(H1::new(hash.finish()))
}

/// Returns the h1 of a go.mod file that has the content `bytes`: what the `/go.mod` line of a go.sum records.
pub fn go_mod_h1(bytes: &[u8]) -> H1 {
    go_mod_h1_of(sha256(bytes))
}

/// Returns the h1 of a go.mod file, given the SHA-256 of its content.
pub fn go_mod_h1_of(digest: Digest) -> H1 {
    hash1([(GO_MOD, digest)]).expect("the name has no newline")
}

/// Returns whether `name` cannot be hashed.
pub(crate) fn has_newline(name: &[u8]) -> bool {
    name.contains(&b'\n')
}

fn write_line(line: &mut Vec<u8>, prefix: &[u8], name: &[u8], digest: &Digest) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in digest {
        line.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    line.extend_from_slice(b"  ");
    line.extend_from_slice(prefix);
    line.extend_from_slice(name);
    line.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<const N: usize>(files: [(&str, &str); N]) -> String {
        hash1(files.map(|(name, text)| (name, sha256(text.as_bytes())))).unwrap().to_string()
    }

    #[test]
    fn hashes_what_the_go_command_hashes() {
        assert_eq!(text([]), "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(
            text([
                ("github.com/ex/p@v1.0.0/a.go", "package p\n"),
                ("github.com/ex/p@v1.0.0/go.mod", "module github.com/ex/p\n"),
            ]),
            "h1:Alh0aDqtU+vyHZo/RXZBlJdhTMxn2VbRyfg6O3wUbFw="
        );
    }

    #[test]
    fn a_prefix_is_a_part_of_each_name() {
        let files = [("b/c", sha256(b"1")), ("a", sha256(b"2"))];
        let named = files.map(|(name, digest)| (format!("m@v1.0.0/{name}"), digest));
        assert_eq!(hash1_below("m@v1.0.0/", files), hash1(named));
    }

    #[test]
    fn go_mod_is_hashed_under_its_bare_name() {
        let hash = |text: &str| go_mod_h1(text.as_bytes()).to_string();
        assert_eq!(hash(""), "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=");
        assert_eq!(hash("module github.com/ex/nomod\n"), "h1:BDr5FVevchYRyXU1cblAjexwj1JDwETuygPYTlR39hc=");
    }

    #[test]
    fn order_matters_only_within_one_name() {
        assert_eq!(text([("a/b", "1"), ("a-b", "2")]), text([("a-b", "2"), ("a/b", "1")]));
        assert_eq!(text([("a", "1"), ("a", "2")]), text([("a", "2"), ("a", "2")]));
        assert_ne!(text([("a", "1"), ("a", "2")]), text([("a", "2"), ("a", "1")]));
        assert_ne!(text([("a", "1"), ("a", "1")]), text([("a", "1")]));
    }

    #[test]
    fn newline_in_a_name_is_an_error() {
        let error = hash1([("b\n", sha256(b"")), ("a\nx", sha256(b""))]).unwrap_err();
        assert_eq!(error.to_string(), r#"file name "a\nx" has a newline in it"#);
    }
}
