//! Repositories on disk, written without git.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gosum_world::repository::{ObjectFormat, ObjectKind, Repository};

/// Writes `repository` into the folder `git_dir`, all objects loose.
pub(crate) fn write(repository: &Repository, git_dir: &Path) {
    let config = match repository.format() {
        ObjectFormat::Sha1 => "[core]\n\trepositoryformatversion = 0\n".to_owned(),
        ObjectFormat::Sha256 => {
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n".to_owned()
        }
    };
    put(&git_dir.join("config"), config.as_bytes());
    put(&git_dir.join("HEAD"), format!("ref: {}\n", repository.head()).as_bytes());
    fs::create_dir_all(git_dir.join("refs")).unwrap();
    for (name, id) in repository.references() {
        put(&git_dir.join(name), format!("{id}\n").as_bytes());
    }
    for id in repository.object_ids() {
        let object = repository.object(id).unwrap();
        let kind = match object.kind {
            ObjectKind::Commit => "commit",
            ObjectKind::Tree => "tree",
            ObjectKind::Blob => "blob",
            ObjectKind::Tag => "tag",
        };
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        write!(packed, "{kind} {}\0", object.content.len()).unwrap();
        packed.write_all(&object.content).unwrap();
        put(&object_path(git_dir, &id.to_string()), &packed.finish().unwrap());
    }
}

/// Returns where the object `id` is.
pub(crate) fn object_path(git_dir: &Path, id: &str) -> std::path::PathBuf {
    git_dir.join("objects").join(&id[..2]).join(&id[2..])
}

fn put(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
