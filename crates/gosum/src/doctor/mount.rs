//! The file systems of a Linux machine, as /proc/self/mountinfo lists them.

use std::path::{Path, PathBuf};

/// The file that lists them.
pub(crate) const FILE: &str = "/proc/self/mountinfo";

/// A file system in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) point: PathBuf,
    /// `ext4`, `9p`, ...
    pub(crate) kind: String,
    pub(crate) source: String,
    /// The options of the place and those of the file system.
    pub(crate) options: Vec<String>,
}

impl Mount {
    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|other| other == option)
    }

    /// Returns whether it is a drive of Windows, seen from its subsystem for Linux: version 1 says so itself, version 2 has
    /// them on the network protocol of a virtual machine.
    pub(crate) fn is_windows_drive(&self) -> bool {
        let is_drive = |text: &str| text.as_bytes().get(1) == Some(&b':');
        match self.kind.as_str() {
            "drvfs" => true,
            "9p" | "virtiofs" => self.has("aname=drvfs") || self.source == "drvfs" || is_drive(&self.source),
            _ => false,
        }
    }
}

/// Returns the file systems that `text` lists: a line each, with number, parent, device, root, place and options, then more
/// fields up to a `-`, then kind, source and options. A line of another form is passed over: it names no place.
pub(crate) fn parse(text: &str) -> Vec<Mount> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Mount> {
    let (place, system) = line.split_once(" - ")?;
    let mut place = place.split(' ').skip(4);
    let (point, here) = (place.next()?, place.next()?);
    let mut system = system.split(' ');
    let (kind, source) = (system.next()?, system.next()?);
    let there = system.next().unwrap_or("");
    let options = [here, there].into_iter().flat_map(|options| options.split([',', ';']));
    Some(Mount {
        point: PathBuf::from(unescape(point)),
        kind: kind.to_owned(),
        source: unescape(source),
        options: options.map(unescape).collect(),
    })
}

/// Returns the file system that `path`, without links, is on: of several at one place the last covers the others.
pub(crate) fn of<'m>(mounts: &'m [Mount], path: &Path) -> Option<&'m Mount> {
    let around = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    around.max_by_key(|mount| mount.point.components().count())
}

/// Returns `text` with the octal escapes of blanks and backslashes undone.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let byte = rest.get(at + 1..at + 4).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match byte.filter(u8::is_ascii) {
            Some(byte) => {
                plain.push(byte.into());
                rest = &rest[at + 4..];
            }
            None => {
                plain.push('\\');
                rest = &rest[at + 1..];
            }
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n\
        30 27 0:27 / /tmp rw,noexec shared:1 master:2 - tmpfs tmpfs rw,size=4k\n\
        31 27 0:28 / /mnt/c rw,noatime - 9p C:\\134 rw,aname=drvfs;path=C:\\;uid=1000;metadata;symlinkroot=/mnt/\n\
        32 27 0:29 / /mnt/my\\040disk rw - drvfs D: rw\n\
        33 30 0:30 / /tmp ro - ext4 /dev/vdb rw\n\
        cut\n";

    #[test]
    fn the_nearest_place_above_counts_and_there_the_last() {
        let mounts = parse(TEXT);
        assert_eq!(mounts.len(), 5);
        let kind = |path: &str| of(&mounts, Path::new(path)).map(|mount| mount.kind.as_str());
        assert_eq!(kind("/home/me"), Some("ext4"));
        assert_eq!(kind("/tmp"), Some("ext4"));
        assert_eq!(kind("/tmpfile"), Some("ext4"));
        assert_eq!(of(&mounts, Path::new("/tmp/x")).unwrap().source, "/dev/vdb");
        assert_eq!(kind("/mnt/my disk/x"), Some("drvfs"));
        assert_eq!(kind("relative"), None);
    }

    #[test]
    fn drives_of_windows_are_known_in_both_versions() {
        let mounts = parse(TEXT);
        let drive = of(&mounts, Path::new("/mnt/c/Users")).unwrap();
        assert!(drive.is_windows_drive() && drive.has("metadata") && drive.has("uid=1000"), "{drive:?}");
        assert!(of(&mounts, Path::new("/mnt/my disk")).unwrap().is_windows_drive());
        assert!(!of(&mounts, Path::new("/tmp")).unwrap().is_windows_drive());
    }
}
