//! The system files that checks look at, and where certificates are.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use gosum_fetch::client::Certificates;
use gosum_mod::zip::limits::read_bounded;

use crate::doctor::system::CertificatePlace;
use crate::doctor::{cgroup, check, mount, wsl};
use crate::secret::without_credentials;

/// The largest file that is read: a list of mounts in a container of many layers.
const MAX_FILE: u64 = 4 << 20;

/// The files that are looked at, beside those of control groups.
fn paths() -> impl Iterator<Item = &'static str> {
    let own = [
        mount::FILE,
        wsl::CONF,
        wsl::KERNEL,
        cgroup::FILE,
        cgroup::CONTROLLERS,
        "/proc/self/status",
        "/proc/1/comm",
        "/proc/meminfo",
        "/proc/sys/kernel/pid_max",
        "/proc/sys/kernel/threads-max",
    ];
    own.into_iter().chain(check::NAMESPACE_FILES.map(|(file, ..)| file)).chain(check::INTEROP_FILES)
}

/// The texts of files, and why others that are there could not be read.
type Texts = (BTreeMap<String, String>, BTreeMap<String, String>);

/// Returns the system files, as `text` reads them.
pub(crate) fn read(text: &dyn Fn(&str) -> io::Result<String>) -> Texts {
    let (mut texts, mut unreadable) = (BTreeMap::new(), BTreeMap::new());
    let mut add = |path: &str| match text(path) {
        Ok(text) => {
            texts.insert(path.to_owned(), without_credentials(&text).into_owned());
        }
        Err(error) if is_missing(&error) => {}
        Err(error) => {
            unreadable.insert(path.to_owned(), error.to_string());
        }
    };
    paths().for_each(&mut add);
    let groups = text(cgroup::FILE).unwrap_or_default();
    cgroup::files(&groups).iter().for_each(|path| add(path));
    (texts, unreadable)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Returns all of a file. What is none, such as a pipe, could keep its reader waiting for ever.
pub(super) fn contents(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("no regular file"));
    }
    read_bounded(&mut File::open(path)?, max)
}

/// Returns the text of a file of this machine. What is not UTF-8 in it is shown as such: names of mounts may be anything.
pub(super) fn of_machine(path: &str) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&contents(Path::new(path), MAX_FILE)?).into_owned())
}

/// Returns the text of a file below `root`, where a view was recorded; no link is followed.
///
/// # Errors
/// When it is not there, or is no file.
pub(crate) fn of_view(root: &Path, path: &str) -> io::Result<String> {
    let mut at = root.to_owned();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        at.push(name);
        if at.symlink_metadata()?.is_symlink() {
            return Err(io::Error::other("a link in a recorded view"));
        }
    }
    String::from_utf8(contents(&at, MAX_FILE)?).map_err(|_| io::Error::other("not UTF-8"))
}

/// Returns the places where trusted certificates are looked for.
pub(super) fn certificates(settings: &Certificates) -> Option<Vec<CertificatePlace>> {
    if cfg!(any(target_os = "macos", windows)) {
        return None;
    }
    let (files, dirs) = settings.places();
    let files = files.iter().map(|file| place(file, count_in_file(file)));
    let dirs = dirs.iter().map(|dir| place(dir, count_in_folder(dir)));
    Some(files.chain(dirs).collect())
}

fn place(path: &Path, count: io::Result<u64>) -> CertificatePlace {
    let path = path.display().to_string();
    match count {
        Ok(count) => CertificatePlace { path, certificates: Some(count), error: None },
        Err(error) if is_missing(&error) => CertificatePlace { path, certificates: None, error: None },
        Err(error) => CertificatePlace { path, certificates: None, error: Some(error.to_string()) },
    }
}

fn count_in_file(path: &Path) -> io::Result<u64> {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    let bytes = contents(path, 16 << 20)?;
    Ok(bytes.windows(BEGIN.len()).filter(|window| *window == BEGIN).count() as u64)
}

/// The most files of a folder that are looked into.
const MAX_FILES: usize = 2000;

fn count_in_folder(path: &Path) -> io::Result<u64> {
    let entries: Vec<PathBuf> =
        path.read_dir()?.take(MAX_FILES).map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    // what cannot be read is passed over, as Go does
    Ok(entries.iter().filter_map(|file| count_in_file(file).ok()).sum())
}
