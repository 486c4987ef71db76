//! Files that are no plain text, and ones that are too large to be shown.

use gosum_world::release::zip;

use super::super::run::Place;

const FOLDER: &str = "example.com/a@v1.0.0/";

/// Returns what is said of a file that has these contents.
fn said(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>) -> String {
    let with = |content: &[u8]| zip([(format!("{FOLDER}a.txt"), content)]);
    let place = Place::new().file("a.zip", with(left.as_ref())).file("b.zip", with(right.as_ref()));
    let done = place.run("explain a.zip b.zip");
    assert_eq!((done.code, &*done.stderr), (0, ""));
    let at = done.stdout.find("+++ b.zip/a.txt\n").unwrap_or_else(|| panic!("{}", done.stdout));
    done.stdout[at..].split_once('\n').unwrap().1.to_owned()
}

/// Returns `text` in UTF-16 with the mark of its byte order.
fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn each_encoding_is_shown_as_what_it_is() {
    let hunk = "@@ -1 +1 @@\n-one\n+two\n";
    assert_eq!(said("one\n", "two\n"), hunk);
    let utf_16 = [u16::to_le_bytes, u16::to_be_bytes]
        .map(|bytes| said(utf_16("one\n", bytes), utf_16("two\n", bytes)));
    assert_eq!(utf_16, [hunk, hunk]);
    let invalid = said(b"caf\xe9 \xff\xfe\n", b"caf\xe9 \xff\xfd\n");
    assert_eq!(invalid, "@@ -1 +1 @@\n-caf\\xe9 \\xff\\xfe\n+caf\\xe9 \\xff\\xfd\n");
    let nul = said(b"a\0b\n", b"a\0c\n");
    assert!(nul.starts_with("  not text: has a byte 0\n  - 4 bytes, SHA-256 "), "{nul}");
}

#[test]
fn the_same_text_in_another_encoding_is_said_to_be_that() {
    let text = said("one\ntwo\n", utf_16("one\ntwo\n", u16::to_le_bytes));
    let forms = "  - UTF-8, 2 lines end with LF\n  + UTF-16, little endian, 2 lines end with LF\n";
    assert_eq!(text, format!("  all that differs: encoding\n{forms}"));
}

#[test]
fn lines_that_end_in_both_ways_show_it() {
    let text = said("one\ntwo\n", "one\r\nthree\n");
    assert!(text.contains("+one\\r\n") && text.contains("+three\n"), "{text}");
}

#[test]
fn a_file_of_200_mb_is_told_by_size_and_hash() {
    let large = |last: u8| {
        let mut content = vec![0x61; 200 << 20];
        *content.last_mut().unwrap() = last;
        zip([(format!("{FOLDER}large.go"), content)])
    };
    let place = Place::new().file("a.zip", large(0x61)).file("b.zip", large(0x62));
    let done = place.run("explain a.zip b.zip");
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("\n  not compared line by line: "), "{}", done.stdout);
    assert!(done.stdout.contains("\n  + 209715200 bytes, SHA-256 ") && done.stdout.len() < 5_000);
    assert!(done.stdout.contains("large.go: too large to be looked through"), "{}", done.stdout);
}
