//! A world with one repository, and a client in it.

use std::sync::Arc;
use std::time::Duration;

use gosum_fetch::client::{Client, Options as ClientOptions};
use gosum_fetch::{Retry, SafeUrl};
use gosum_git::{GitError, HostMemory, ObjectId, Options, Repository};
use gosum_world::repository::{Files, ObjectFormat, ObjectId as WorldId, Repository as WorldRepository};
use gosum_world::{Sites, World};

/// The address of the repository.
pub(crate) const ADDRESS: &str = "git.example/team/a";

pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) hosts: Arc<HostMemory>,
    client: Arc<Client>,
}

impl Place {
    pub(crate) fn new(repository: WorldRepository) -> Place {
        let mut sites = Sites::new();
        sites.add_repository(ADDRESS, repository);
        Place::with(sites)
    }

    pub(crate) fn with(sites: Sites) -> Place {
        let world = World::start(sites).unwrap();
        let options = ClientOptions { routes: world.routes(), ..ClientOptions::default() };
        Place { world, hosts: Arc::default(), client: Arc::new(Client::new(options).unwrap()) }
    }

    pub(crate) fn open(&self) -> Result<Repository, GitError> {
        self.open_with(Place::options())
    }

    pub(crate) fn open_with(&self, options: Options) -> Result<Repository, GitError> {
        let url = SafeUrl::parse(&format!("https://{ADDRESS}")).unwrap();
        Repository::open(self.client.clone(), url, options, self.hosts.clone())
    }

    /// Options that do not make tests wait.
    pub(crate) fn options() -> Options {
        let retry = Retry { retries: 2, base: Duration::from_millis(1) };
        Options { timeout: Duration::from_secs(20), retry, ..Options::default() }
    }

    /// Returns what was asked of `git-upload-pack`: the lines of each request.
    pub(crate) fn requests(&self) -> Vec<Vec<String>> {
        let log = self.world.log().into_iter();
        log.map(|exchange| exchange.git_lines).filter(|lines| !lines.is_empty()).collect()
    }

    /// Returns those filters that were asked for, in order.
    pub(crate) fn filters(&self) -> Vec<String> {
        let requests = self.requests();
        let lines = requests.iter().flatten();
        lines.filter_map(|line| line.strip_prefix("filter ").map(str::to_owned)).collect()
    }
}

/// Returns our id of an object.
pub(crate) fn id(id: WorldId) -> ObjectId {
    ObjectId::parse(&id.to_string()).unwrap()
}

pub(crate) const MODULE: &str = "module git.example/team/a\n";

/// A module with a nested one, and a file that does not compress.
pub(crate) fn files(version: u32) -> Files {
    let noise = (0..5000_u32).map(|at| at.wrapping_add(version).wrapping_mul(0x9e37_79b9).to_be_bytes()[0]);
    Files::new()
        .file("go.mod", MODULE)
        .file("LICENSE", "free\n")
        .file("a.go", format!("package a // version {version}\n"))
        .file("big.txt", noise.collect::<Vec<u8>>())
        .file("sub/go.mod", format!("module git.example/team/a/sub // {version}\n"))
        .file("sub/deep/b.go", "package b\n")
        .file("other/c.go", "package c\n")
        .executable("run.sh", "#!/bin/sh\n")
        .symlink("link", "a.go")
}

/// A repository with two commits on a branch, a tag on the first and an annotated one on the second.
pub(crate) struct Module {
    pub(crate) repository: WorldRepository,
    pub(crate) commits: [ObjectId; 2],
    pub(crate) tag: ObjectId,
}

impl Module {
    pub(crate) fn new() -> Module {
        Module::of(ObjectFormat::Sha1)
    }

    pub(crate) fn of(format: ObjectFormat) -> Module {
        let mut repository = WorldRepository::new(format);
        let commits = [1, 2]
            .map(|version| repository.commit("main", 1_700_000_000 + i64::from(version), &files(version)));
        repository.tag("v1.0.0", commits[0]);
        let tag = repository.annotated_tag("v1.1.0", commits[1], 1_700_000_100);
        Module { repository, commits: commits.map(id), tag: id(tag) }
    }
}
