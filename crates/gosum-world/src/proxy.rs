//! A module proxy (spec 04 §1).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::pseudo::is_pseudo;
use gosum_mod::name::semver;

use crate::http::Response;
use crate::release::Release;

/// A module proxy: files by their paths below its URL.
///
/// ```
/// use gosum_world::proxy::Proxy;
/// use gosum_world::release::Release;
/// use gosum_world::repository::Files;
///
/// let files = Files::new().file("go.mod", "module example.com/a\n");
/// let mut proxy = Proxy::new();
/// proxy.publish(&Release::new("example.com/a@v1.0.0", 1_700_000_000, &files, "").unwrap());
/// proxy.put("example.com/a/@v/v1.0.0.zip", "text/html", "<html>Please sign in</html>");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Proxy {
    files: BTreeMap<String, Answer>,
    /// The versions of each module, by its escaped path.
    versions: BTreeMap<String, Vec<ModuleVersion>>,
}

#[derive(Debug, Clone)]
struct Answer {
    content_type: String,
    body: Arc<Vec<u8>>,
}

/// Which file of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `.info`
    Info,
    /// `.mod`
    Mod,
    /// `.zip`
    Zip,
}

impl Endpoint {
    /// Returns the path below the URL of a proxy at which this file of `module` is.
    pub fn path(self, module: &ModuleVersion) -> String {
        let extension = match self {
            Endpoint::Info => "info",
            Endpoint::Mod => "mod",
            Endpoint::Zip => "zip",
        };
        format!("{}/@v/{}.{extension}", module.path().escaped(), module.version().escaped())
    }
}

impl Proxy {
    /// Returns a proxy that has nothing.
    pub fn new() -> Proxy {
        Proxy::default()
    }

    /// Puts the files of a version in their places, and the version into the list of its module, unless it is a
    /// pseudo-version. What was put at `@v/list` and `@latest` before is lost.
    pub fn publish(&mut self, release: &Release) {
        let module = release.module();
        self.put(&Endpoint::Info.path(module), "application/json", release.info());
        self.put(&Endpoint::Mod.path(module), TEXT, release.go_mod());
        self.put(&Endpoint::Zip.path(module), "application/zip", release.zip());
        let versions = self.versions.entry(module.path().escaped()).or_default();
        versions.retain(|version| version != module);
        versions.push(module.clone());
        versions.sort_by(|a, b| {
            semver::compare(a.version().as_str().as_bytes(), b.version().as_str().as_bytes())
        });
        self.list(&module.path().escaped());
    }

    /// Puts anything at `path`, below the URL of the proxy, in the place of what is there.
    pub fn put(&mut self, path: &str, content_type: &str, body: impl Into<Vec<u8>>) {
        let answer = Answer { content_type: content_type.to_owned(), body: Arc::new(body.into()) };
        self.files.insert(path.to_owned(), answer);
    }

    /// Takes away what is at `path`, if anything is.
    pub fn remove(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// Returns what is at `path`.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(|answer| answer.body.as_slice())
    }

    /// Writes everything below `folder`, which is a proxy then at the `file` URL of the folder.
    ///
    /// # Errors
    /// When something cannot be written, or the path of a file leads out of the folder.
    pub fn write_to(&self, folder: &Path) -> io::Result<()> {
        for (path, answer) in &self.files {
            if path.split('/').any(|element| matches!(element, "" | "." | "..")) {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("cannot write {path:?}")));
            }
            let file = folder.join(path);
            fs::create_dir_all(file.parent().unwrap_or(folder))?;
            fs::write(file, &*answer.body)?;
        }
        Ok(())
    }

    pub(crate) fn answer(&self, path: &str) -> Response {
        match self.files.get(path) {
            Some(Answer { content_type, body }) => Response::new(200, content_type, Arc::clone(body)),
            None => Response::text(404, format!("not found: {path}\n")),
        }
    }

    fn list(&mut self, escaped_path: &str) {
        let versions = &self.versions[escaped_path];
        let tagged = versions.iter().filter(|module| !is_pseudo(module.version().as_str()));
        let list: String = tagged.map(|module| format!("{}\n", module.version())).collect();
        let is_release = |module: &&ModuleVersion| {
            semver::parse(module.version().as_str().as_bytes())
                .is_some_and(|version| version.prerelease().is_empty())
        };
        let latest = versions.iter().rfind(is_release).or(versions.last());
        let latest = latest.and_then(|module| self.get(&Endpoint::Info.path(module))).map(<[u8]>::to_vec);
        self.put(&format!("{escaped_path}/@v/list"), TEXT, list);
        if let Some(latest) = latest {
            self.put(&format!("{escaped_path}/@latest"), "application/json", latest);
        }
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Files;

    fn proxy(versions: &[&str]) -> Proxy {
        let mut proxy = Proxy::new();
        let files = Files::new().file("go.mod", "module example.com/Big\n");
        for version in versions {
            let module = format!("example.com/Big@{version}");
            proxy.publish(&Release::new(&module, 1_700_000_000, &files, "").unwrap());
        }
        proxy
    }

    #[test]
    fn list_has_tagged_versions_in_order() {
        let proxy =
            proxy(&["v1.10.0", "v1.2.0", "v1.11.0-rc.1", "v1.11.1-0.20231114221320-0a0a0a0a0a0a", "v1.2.0"]);
        assert_eq!(proxy.get("example.com/!big/@v/list"), Some(&b"v1.2.0\nv1.10.0\nv1.11.0-rc.1\n"[..]));
        let latest = proxy.get("example.com/!big/@latest").unwrap();
        assert_eq!(latest, proxy.get("example.com/!big/@v/v1.10.0.info").unwrap());
    }

    #[test]
    fn folder_has_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut proxy = proxy(&["v1.0.0"]);
        proxy.write_to(folder.path()).unwrap();
        let written = fs::read(folder.path().join("example.com/!big/@v/v1.0.0.zip")).unwrap();
        assert_eq!(Some(written.as_slice()), proxy.get("example.com/!big/@v/v1.0.0.zip"));
        proxy.put("a/../../b", TEXT, "");
        assert_eq!(proxy.write_to(folder.path()).unwrap_err().to_string(), r#"cannot write "a/../../b""#);
    }
}
