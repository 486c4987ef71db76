//! Vectors of `h1`: hashes of files.

use gosum_mod::hash::dirhash::{go_mod_h1, hash1};
use gosum_mod::hash::h1::H1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::zip::tree::{FileKind, tree_h1};
use gosum_testkit::vectors::{Vector, bytes, covers, hold};

use crate::folder::Folder;
use crate::{category, same};

const OPS: [&str; 3] = ["Hash1", "GoModSum", "HashDir"];

#[test]
fn hashes_as_go() {
    covers("h1", &OPS);
    hold("h1", &OPS, |vector| match vector.op.as_str() {
        "Hash1" => {
            let files = files(vector);
            let lines = files.iter().map(|file| (&file.name, sha256(&file.text)));
            check(vector, hash1(lines).map_err(|_| "name-newline"))
        }
        "GoModSum" => check(vector, Ok(go_mod_h1(&vector.bytes("text")))),
        "HashDir" => {
            let folder = Folder::new();
            for file in files(vector) {
                let (name, kind) = match file.name.strip_suffix(b"/") {
                    Some(name) => (name, FileKind::Folder),
                    None if file.link => (file.name.as_slice(), FileKind::Symlink),
                    None => (file.name.as_slice(), FileKind::Regular),
                };
                folder.make(name, kind, &file.text).unwrap();
            }
            let hash = tree_h1(&folder, &vector.text("prefix"));
            check(vector, hash.map_err(|error| category::tree(&error)))
        }
        op => Err(format!("unknown op {op}")),
    });
}

fn check(vector: &Vector, hash: Result<H1, &str>) -> Result<(), String> {
    let got = hash.map(|hash| hash.to_string());
    let recorded = match &vector.err {
        Some(failure) => Err(failure.category.as_str()),
        None => Ok(vector.out["h1"].as_str().unwrap().to_owned()),
    };
    same("h1", &got, &recorded)
}

struct File {
    name: Vec<u8>,
    text: Vec<u8>,
    link: bool,
}

fn files(vector: &Vector) -> Vec<File> {
    let files = vector.input["files"].as_array().unwrap();
    files
        .iter()
        .map(|file| File {
            name: bytes(&file["name"]).unwrap(),
            text: bytes(&file["text"]).unwrap(),
            link: file["link"] == true,
        })
        .collect()
}
