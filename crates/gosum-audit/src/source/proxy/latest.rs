//! The latest version of a module, as a proxy lists it (spec 04 §1).

use std::time::Instant;

use gosum_fetch::SafeUrl;
use gosum_mod::file::go_mod::synthesized;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::ModulePath;
use gosum_mod::name::pseudo;
use gosum_mod::name::version::Version;

use super::failure::Failure;
use super::{Entry, Proxy, ask, endpoint, info};
use crate::source::latest::{Latest, latest};

/// The most bytes that a list of versions may have: a million versions of the usual length.
const MAX_LIST: u64 = 16 << 20;

impl Proxy {
    /// Returns the latest version of the module `path`, or why it cannot be had, in words: the proxies of the list are asked by
    /// the go command's rule.
    pub(super) fn latest(&self, path: &ModulePath) -> Result<Latest, String> {
        let deadline = Instant::now() + self.timeout;
        let asked = self.walk(|entry| {
            if entry.patience.is_over() {
                return Err(None);
            }
            self.latest_at(entry, path, deadline).map_err(Some)
        });
        asked.map_err(|(at, failure)| match failure {
            Some(failure) => failure.to_string(),
            None => format!("{}: given up after too many failures", self.proxies[at].base),
        })
    }

    fn latest_at(&self, entry: &Entry, path: &ModulePath, deadline: Instant) -> Result<Latest, Failure> {
        let url = |below: &str| entry.base.below(&format!("/{}/{below}", path.escaped()));
        let list = self.get(entry, &url("@v/list"), MAX_LIST, deadline)?;
        let mut versions: Vec<Version> =
            fields(&list).filter_map(|(version, _)| tagged(path, version)).collect();
        versions.sort();
        let mut read: Option<(Version, Vec<u8>)> = None;
        let lacks_go_mod = |version: &Version| {
            let text = self.go_mod_of(entry, path, version, deadline)?;
            let lacks = text == synthesized(path).as_bytes();
            read = Some((version.clone(), text));
            Ok::<_, Failure>(lacks)
        };
        let version = match latest(&versions, lacks_go_mod)? {
            Some(version) => version.clone(),
            None => self.untagged(entry, path, &url("@latest"), &list, deadline)?,
        };
        let go_mod = match read {
            Some((known, text)) if known == version => text,
            _ => self.go_mod_of(entry, path, &version, deadline)?,
        };
        Ok(Latest { name: version.as_str().into(), go_mod })
    }

    /// Returns the version that stands for a module without tags: the one that the proxy says at `url`; where it says none, the
    /// newest in its `list`.
    fn untagged(
        &self,
        entry: &Entry,
        path: &ModulePath,
        url: &SafeUrl,
        list: &[u8],
        deadline: Instant,
    ) -> Result<Version, Failure> {
        match self.get(entry, url, info::MAX_BYTES, deadline) {
            Ok(text) => {
                let version = info::version(&text);
                let version = version.and_then(|version| {
                    of_module(path, version.as_bytes()).ok_or(format!("a version {version:?}"))
                });
                version.map_err(|reason| Failure::Info { url: url.to_string(), reason })
            }
            Err(failure) if failure.is_absent() => newest(path, list).ok_or(failure),
            Err(failure) => Err(failure),
        }
    }

    fn get(&self, entry: &Entry, url: &SafeUrl, max: u64, deadline: Instant) -> Result<Vec<u8>, Failure> {
        self.patiently(entry, deadline, || ask::bytes(&self.fetch, url, max, deadline))
    }

    fn go_mod_of(
        &self,
        entry: &Entry,
        path: &ModulePath,
        version: &Version,
        deadline: Instant,
    ) -> Result<Vec<u8>, Failure> {
        let module = ModuleVersion::new(path.clone(), version.clone());
        let module = module.expect("versions of other major versions were left out");
        let url = endpoint(&entry.base, &module, "mod");
        self.patiently(entry, deadline, || ask::go_mod_text(&self.fetch, &url, deadline))
    }
}

/// Returns the first two words of each line of a list.
fn fields(list: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    list.split(|&byte| byte == b'\n').filter_map(|line| {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        Some((words.next()?, words.next()))
    })
}

/// Returns `version` if it is one of the module `path`, and no pseudo-version.
fn tagged(path: &ModulePath, version: &[u8]) -> Option<Version> {
    of_module(path, version).filter(|version| !version.is_pseudo())
}

fn of_module(path: &ModulePath, version: &[u8]) -> Option<Version> {
    let version = Version::parse(version).ok()?;
    ModuleVersion::new(path.clone(), version.clone()).is_ok().then_some(version)
}

/// Returns the newest version in a `list` of versions with their times; a pseudo-version has its time in itself.
fn newest(path: &ModulePath, list: &[u8]) -> Option<Version> {
    let timed = fields(list).filter_map(|(version, time)| {
        let version = of_module(path, version)?;
        let time = match time {
            // of times in other zones than UTC, which no proxy has to write, nothing is made
            Some(time) => time.ends_with(b"Z").then(|| {
                time.iter()
                    .filter(|byte| byte.is_ascii_digit())
                    .map(|&byte| char::from(byte))
                    .take(14)
                    .collect()
            })?,
            None => pseudo::parse(version.without_incompatible()).ok()?.time().ok()?.to_owned(),
        };
        Some((time, version))
    });
    timed.max_by(|(a, _): &(String, _), (b, _)| a.cmp(b)).map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_the_go_command_reads_them() {
        let path = ModulePath::parse("example.com/a").unwrap();
        let list = b"v1.0.0 2026-01-02T03:04:05Z more\r\n\n  v1.1.0\nmain\nv2.0.0\nv1\nv0.0.0-20260101000000-0123456789ab\nv1.2.0\xff";
        let tagged: Vec<String> = fields(list)
            .filter_map(|(version, _)| tagged(&path, version))
            .map(|version| version.to_string())
            .collect();
        assert_eq!(tagged, ["v1.0.0", "v1.1.0"]);
    }

    #[test]
    fn the_newest_of_a_list_is_found_by_time() {
        let path = ModulePath::parse("example.com/a").unwrap();
        let newest = |list: &str| newest(&path, list.as_bytes()).map(|version| version.to_string());
        let (old, new) = ("v0.0.0-20250101000000-0123456789ab", "v0.0.0-20260101000000-0123456789ab");
        assert_eq!(newest(&format!("{new}\n{old}\nv1.0.0\n")).as_deref(), Some(new));
        assert_eq!(newest(&format!("{new}\n{old} 2026-02-01T00:00:00Z\n")).as_deref(), Some(old));
        assert_eq!(newest(&format!("{new}\n{old} 2026-02-01T00:00:00+01:00\n")).as_deref(), Some(new));
        assert_eq!(newest("v1.0.0\n"), None);
    }
}
