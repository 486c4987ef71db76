//! Small worlds for these tests.

use gosum_mod::name::id::Artifact;
use gosum_world::draft::{Draft, Revision};
use gosum_world::release::Release;
use gosum_world::repository::Files;

pub(crate) const ADDRESS: &str = "github.com/example/colors";
pub(crate) const MODULE: &str = "github.com/example/colors@v1.0.0";
pub(crate) const ZIP: &str = "proxy.example/github.com/example/colors/@v/v1.0.0.zip";
pub(crate) const GO_MOD: &str = "proxy.example/github.com/example/colors/@v/v1.0.0.mod";
pub(crate) const GIT: &str = "github.com/example/colors/*";

/// A draft with one module, tagged and published.
pub(crate) struct One {
    pub(crate) draft: Draft,
    pub(crate) revision: Revision,
    pub(crate) release: Release,
}

impl One {
    pub(crate) fn new() -> One {
        let mut draft = Draft::new("proxy.example");
        let files = Files::new()
            .file("go.mod", format!("module {ADDRESS}\n\ngo 1.20\n"))
            .file("colors.go", "package colors\n\nconst Red = 0xff0000\n")
            .file("LICENSE", "Do what you like.\n");
        let revision = draft.commit(ADDRESS, "main", &files);
        draft.tag("v1.0.0", &revision);
        let release = draft.publish(MODULE, &revision, "").unwrap();
        One { draft, revision, release }
    }

    /// Returns the two lines of go.sum for the module.
    pub(crate) fn go_sum(&self) -> String {
        self.release.sum(Artifact::Zip) + &self.release.sum(Artifact::GoMod)
    }
}
