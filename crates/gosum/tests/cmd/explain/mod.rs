//! From the hashes of a module version to the changed line.

mod between;
mod codes;
mod contents;
mod files;
mod hostile;
mod module;
mod moved;

use gosum_world::World;
use gosum_world::draft::{Draft, Revision};
use gosum_world::repository::Files;
use serde_json::Value;

use super::run::Place;
use super::world::{ADDRESS, One};

/// Returns the exit code and the JSON of `gosum explain` with more words.
fn explained(place: &Place, args: &str) -> (u8, Value) {
    let done = place.run(&format!("explain {args} --format json"));
    let account = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    (done.code, account)
}

/// Returns what is shown of the files that differ: in which way, the path, and what it can do.
fn files(account: &Value) -> Vec<[String; 3]> {
    let files = account["compared"]["files"].as_array().unwrap_or_else(|| panic!("{account:#}"));
    let of = |file: &Value| {
        let side = if file["left"].is_null() { &file["right"] } else { &file["left"] };
        [&file["change"], &file["path"], &side["reach"]].map(|text| text.as_str().unwrap().to_owned())
    };
    files.iter().map(of).collect()
}

/// Returns the words for the causes.
fn causes(account: &Value) -> Vec<&str> {
    let causes = account["compared"]["causes"].as_array().unwrap_or_else(|| panic!("{account:#}"));
    causes.iter().map(|cause| cause["cause"].as_str().unwrap()).collect()
}

/// A module whose tag names another commit than the one that the proxy has published.
struct Moved {
    draft: Draft,
    go_sum: String,
    old: Revision,
    new: Revision,
}

impl Moved {
    /// The later commit differs as `change` makes it.
    fn new(change: impl FnOnce(Files) -> Files) -> Moved {
        let One { mut draft, revision, release } = One::new();
        let files = change(revision.files.clone());
        let new = draft.commit(ADDRESS, "main", &files);
        draft.tag("v1.0.0", &new);
        let go_sum = One { draft: Draft::new("proxy.example"), revision: revision.clone(), release }.go_sum();
        Moved { draft, go_sum, old: revision, new }
    }

    fn start(self) -> (World, Place) {
        let world = self.draft.start().unwrap();
        let place = Place::in_world(&world).file("go.sum", self.go_sum);
        (world, place)
    }
}
