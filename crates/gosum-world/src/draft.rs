//! A world in the making: what people commit, tag and publish.

use std::io;

use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::pseudo::{pseudo_version, timestamp};

use crate::git::peel;
use crate::proxy::Proxy;
use crate::release::{Origin, Release, ReleaseError};
use crate::repository::{Files, ObjectFormat, ObjectId, Repository};
use crate::sites::Sites;
use crate::world::World;

/// A draft of a world with git repositories and one module proxy, which publishes what the repositories hold.
///
/// Each commit is an hour later than the one before; the same calls give the same world.
///
/// ```
/// use gosum_world::draft::Draft;
/// use gosum_world::repository::Files;
///
/// let mut draft = Draft::new("proxy.example");
/// let files = Files::new().file("go.mod", "module github.com/example/a\n").file("a.go", "package a\n");
/// let commit = draft.commit("github.com/example/a", "main", &files);
/// draft.tag("v1.0.0", &commit);
/// let honest = draft.publish("github.com/example/a@v1.0.0", &commit, "")?;
///
/// draft.proxy().publish(&honest.clone().tampered("a.go", "package a // not what was committed\n"));
/// let world = draft.start()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Draft {
    /// What the world is to serve.
    pub sites: Sites,
    proxy: String,
    time: i64,
}

/// A commit that was made in a draft.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Where the repository is.
    pub address: String,
    /// The commit.
    pub commit: ObjectId,
    /// When it was made, in Unix seconds.
    pub time: i64,
    /// All its files.
    pub files: Files,
}

impl Revision {
    /// Returns the pseudo-version of the commit for a module that was never tagged and whose path has no major
    /// version.
    pub fn pseudo_version(&self) -> String {
        pseudo_version("", None, &timestamp(self.time), &self.commit.to_string()[..12])
    }
}

impl Draft {
    /// Returns a world of nothing but an empty module proxy at `proxy`.
    pub fn new(proxy: &str) -> Draft {
        let mut sites = Sites::new();
        sites.add_proxy(proxy, Proxy::new());
        Draft { sites, proxy: proxy.to_owned(), time: 1_700_000_000 }
    }

    /// Commits `files` onto a branch of the repository at `address`, which begins with it if there is none.
    pub fn commit(&mut self, address: &str, branch: &str, files: &Files) -> Revision {
        self.time += 3600;
        if self.sites.repository(address).is_none() {
            self.sites.add_repository(address, Repository::new(ObjectFormat::Sha1));
        }
        let time = self.time;
        let commit = self.repository(address).commit(branch, time, files);
        Revision { address: address.to_owned(), commit, time, files: files.clone() }
    }

    /// Makes `name` a lightweight tag of a commit, or moves it there.
    pub fn tag(&mut self, name: &str, revision: &Revision) {
        self.repository(&revision.address).tag(name, revision.commit);
    }

    /// Makes `name` an annotated tag of a commit, or moves it there.
    pub fn annotated_tag(&mut self, name: &str, revision: &Revision) {
        self.time += 3600;
        let time = self.time;
        self.repository(&revision.address).annotated_tag(name, revision.commit, time);
    }

    /// Lets the proxy publish `module`, in the form `path@version`, from `directory` of a commit; empty for the root.
    /// The proxy tells the tag of the version, if it is there already. Returns what was published.
    ///
    /// # Errors
    /// When the files are no version of the module.
    pub fn publish(
        &mut self,
        module: &str,
        revision: &Revision,
        directory: &str,
    ) -> Result<Release, ReleaseError> {
        let release = Release::new(module, revision.time, &revision.files, directory)?;
        let origin = Origin {
            url: format!("https://{}", revision.address),
            directory: directory.to_owned(),
            reference: self.reference(release.module(), revision),
            commit: revision.commit,
        };
        let release = release.origin(origin);
        self.proxy().publish(&release);
        Ok(release)
    }

    /// Returns the tag of a version, if it is one of the commit; else nothing.
    fn reference(&mut self, module: &ModuleVersion, revision: &Revision) -> String {
        let repository = self.repository(&revision.address);
        let version = module.version().without_incompatible();
        let mut tags = repository.references().filter(|&(name, id)| {
            let tag = name.strip_prefix("refs/tags/").and_then(|tag| tag.rsplit('/').next());
            tag == Some(version) && peel(repository, id) == revision.commit
        });
        tags.next().map(|(name, _)| name.to_owned()).unwrap_or_default()
    }

    /// Returns the repository at `address`, to be changed.
    ///
    /// # Panics
    /// When there is none.
    pub fn repository(&mut self, address: &str) -> &mut Repository {
        match self.sites.repository(address) {
            Some(repository) => repository,
            None => panic!("no repository at {address}"),
        }
    }

    /// Returns the proxy, to be changed.
    ///
    /// # Panics
    /// When it was taken away.
    pub fn proxy(&mut self) -> &mut Proxy {
        self.sites.proxy(&self.proxy).expect("the proxy of a draft stays where it is")
    }

    /// Serves the world.
    ///
    /// # Errors
    /// When there is no port or thread to be had.
    pub fn start(self) -> io::Result<World> {
        World::start(self.sites)
    }
}
