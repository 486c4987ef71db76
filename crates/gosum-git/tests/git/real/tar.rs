//! Reads what `git archive --format=tar` writes.

use std::collections::BTreeMap;

/// Returns the content of each file and the target of each symbolic link, by path.
pub(crate) fn files(mut tar: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut extra = BTreeMap::new();
    while tar.first().is_some_and(|&byte| byte != 0) {
        let text =
            |range: std::ops::Range<usize>| tar[range].split(|&byte| byte == 0).next().unwrap().to_vec();
        let (name, prefix, link) = (text(0..100), text(345..500), text(157..257));
        let path = if prefix.is_empty() { name } else { [&prefix[..], b"/", &name].concat() };
        let path = extra.remove("path").unwrap_or(path);
        let size = usize::from_str_radix(std::str::from_utf8(&text(124..135)).unwrap().trim(), 8).unwrap();
        let content = &tar[512..512 + size];
        match tar[156] {
            b'0' => drop(files.insert(path, content.to_vec())),
            b'2' => drop(files.insert(path, extra.remove("linkpath").unwrap_or(link))),
            b'x' => extra = records(content),
            b'5' | b'g' => {}
            other => panic!("unexpected type {other} of {path:?}"),
        }
        tar = &tar[512 + size.next_multiple_of(512)..];
    }
    files
}

/// Returns what does not fit into a header: `length SP key=value LF` each.
fn records(mut content: &[u8]) -> BTreeMap<&'static str, Vec<u8>> {
    let mut records = BTreeMap::new();
    while let Some(space) = content.iter().position(|&byte| byte == b' ') {
        let len: usize = std::str::from_utf8(&content[..space]).unwrap().parse().unwrap();
        let record = &content[space + 1..len - 1];
        for key in ["path", "linkpath"] {
            if let Some(value) = record.strip_prefix(format!("{key}=").as_bytes()) {
                records.insert(key, value.to_vec());
            }
        }
        content = &content[len..];
    }
    records
}
