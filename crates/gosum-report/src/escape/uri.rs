//! Names of files as URI references (RFC 3986).

/// Returns the reference for the file that a user named `name`: relative where the name is, else a `file` URI.
pub(crate) fn file(name: &str) -> String {
    let slashed = relative(name);
    let is_drive = |rest: &str| {
        rest.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && rest[1..].starts_with(":/")
    };
    let start = match &*slashed {
        name if name.starts_with('/') => "file://",
        name if is_drive(name) => "file:///",
        _ => "",
    };
    let path: String = slashed.bytes().map(escaped).collect();
    format!("{start}{path}")
}

/// Returns `name` as programs on the web expect the path of a file: with slashes, and without a `./` before it.
pub(crate) fn relative(name: &str) -> String {
    let mut slashed = name.replace('\\', "/");
    while let Some(rest) = slashed.strip_prefix("./") {
        slashed = rest.trim_start_matches('/').to_owned();
    }
    slashed
}

fn escaped(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).into(),
        byte => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_become_references() {
        for (name, expected) in [
            ("go.sum", "go.sum"),
            ("./sub/go.sum", "sub/go.sum"),
            (".//./go.sum", "go.sum"),
            ("../go.sum", "../go.sum"),
            ("a\\b\\go.sum", "a/b/go.sum"),
            ("/srv/a b/go.sum", "file:///srv/a%20b/go.sum"),
            ("C:\\src\\go.sum", "file:///C%3A/src/go.sum"),
            ("odd:name?#%/go.sum", "odd%3Aname%3F%23%25/go.sum"),
            ("\u{e9}\u{202e}\n\"<", "%C3%A9%E2%80%AE%0A%22%3C"),
            ("<stdin>", "%3Cstdin%3E"),
            ("", ""),
            ("\u{e9}:/x", "%C3%A9%3A/x"),
        ] {
            assert_eq!(file(name), expected, "{name:?}");
        }
    }
}
