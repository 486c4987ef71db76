//! What the name of a file says of where it is compiled.

/// The operating systems that count in file names, with those that were and those that may be.
pub(super) const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

/// The processors that count in file names.
pub(super) const PROCESSORS: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// The systems that the tag `unix` stands for, since Go 1.19.
pub(super) const UNIX: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "linux",
    "netbsd",
    "openbsd",
    "solaris",
];

/// Returns the tags that must be given for a file of this name: of a system, a processor, or one of each.
///
/// What stands before the first underscore never counts, nor what follows the first dot.
pub(super) fn tags(name: &str) -> Vec<&str> {
    let stem = name.split('.').next().unwrap_or_default();
    let Some((_, rest)) = stem.split_once('_') else { return Vec::new() };
    let mut words = rest.rsplit('_').peekable();
    words.next_if_eq(&"test");
    let (last, before) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_system = |word: &str| SYSTEMS.contains(&word);
    let is_processor = |word: &str| PROCESSORS.contains(&word);
    match (is_system(before) && is_processor(last), is_system(last) || is_processor(last)) {
        (true, _) => vec![before, last],
        (false, true) => vec![last],
        (false, false) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_last_words_of_a_name() {
        let cases: &[(&str, &[&str])] = &[
            ("a.go", &[]),
            ("linux.go", &[]),
            ("a_linux.go", &["linux"]),
            ("_linux.s", &["linux"]),
            ("a_amd64.s", &["amd64"]),
            ("a_linux_amd64.go", &["linux", "amd64"]),
            ("linux_amd64.go", &["amd64"]),
            ("a_amd64_linux.go", &["linux"]),
            ("a_linux_test.go", &["linux"]),
            ("a_linux_amd64_test.go", &["linux", "amd64"]),
            ("linux_test.go", &[]),
            ("a_test_linux.go", &["linux"]),
            ("a_test_test.go", &[]),
            ("a_linux_test_test.go", &[]),
            ("a_linux.x.go", &["linux"]),
            ("a.x_linux.go", &[]),
            ("a_Linux.go", &[]),
            ("a_linux_.go", &[]),
            ("a_unix.go", &[]),
            ("a_linux_windows.go", &["windows"]),
            ("a__linux.go", &["linux"]),
            ("a_test.go", &[]),
            ("_test.go", &[]),
            ("a_", &[]),
        ];
        for (name, expected) in cases {
            assert_eq!(tags(name), *expected, "{name}");
        }
    }
}
