//! Go files, constraints and patterns that are none: nothing panics, and nothing takes long.

use std::time::{Duration, Instant};

use gosum_mod::build::constraint::{Constraint, Platform};
use gosum_mod::build::embed::{EmbedPattern, patterns};
use gosum_mod::build::go_file::GoFile;
use gosum_mod::build::scan::tokens;
use gosum_mod::build::source_kind::SourceKind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Reads `text` as everything that it could be.
fn read(text: &[u8]) {
    let _ = SourceKind::of(text);
    for constraint in [Constraint::of_go(text, text), Constraint::of_other(b"a_linux.s", text)] {
        let _ = constraint.map(|constraint| constraint.possible(&Platform::Any));
    }
    let file = GoFile::parse(text);
    for pattern in file.embeds.iter().map(Vec::as_slice).chain([text]) {
        let _ = EmbedPattern::parse(pattern).map(|pattern| pattern.embeds(text, &|_| false));
    }
    let _ = patterns(text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rubbish_is_read(pieces in vec(select(vec![
        "//go:build ", "// +build ", "a", "linux", "&&", "||", "!", "(", ")", "\n", "\r\n", " ", "\t", ";", "/*", "*/", "//", "package",
        "import", "\"", "`", "'", "\\", "embed", "C", "//go:embed ", "all:", "*", "[", "]", "^", "-", "?", "/", "..", "\u{feff}", "é", "\0",
        "\u{2028}", "0x", "e+",
    ]), 0..24), noise: Vec<u8>) {
        let text = pieces.concat();
        read(text.as_bytes());
        read(&noise);
        read(&[text.as_bytes(), &noise, text.as_bytes()].concat());
    }
}

#[test]
fn time_grows_with_the_text_alone() {
    const SIZE: usize = 1 << 19;
    let start = Instant::now();
    for piece in [
        "/*",
        "/* */",
        "//\n",
        "`",
        "\"",
        "'",
        "\\",
        "(",
        "a ",
        "é",
        "\n",
        " ",
        "//go:build a\n",
        "// +build a,b\n\n",
        "/*\n",
        "\"\\\"",
        "0",
        "1e",
        "package p;",
        "import \"a\";",
        "//go:embed a b \"c\"\n",
        "\0",
        "\u{2028}",
    ] {
        let text = piece.repeat(SIZE / piece.len());
        let file = ["package p\nimport _ \"embed\"\n", &text].concat();
        assert!(tokens(text.as_bytes()).count() <= text.len());
        for text in [&text, &file] {
            let _ = GoFile::parse(text.as_bytes());
            let _ = Constraint::of_go(b"a.go", text.as_bytes());
            let _ = Constraint::of_other(b"a.s", text.as_bytes());
            let _ = patterns(text.as_bytes());
        }
    }
    // a square of the size would take hours
    assert!(start.elapsed() < Duration::from_secs(100), "{:?}", start.elapsed());
}
