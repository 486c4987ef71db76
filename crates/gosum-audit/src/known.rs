//! What was audited before: the lines of go.sum files at another time.

use std::collections::{BTreeMap, BTreeSet};

use gosum_evidence::evidence::Answer;
use gosum_evidence::rule::SumFile;
use gosum_evidence::subject::{Location, Subject};
use gosum_mod::file::go_sum::Line;

use crate::plan::{Lines, by_subject, recorded};

/// The lines of go.sum files at another time.
#[derive(Debug, Clone, Default)]
pub struct Known(BTreeMap<Subject, Before>);

/// What the lines of one key were.
#[derive(Debug, Clone)]
struct Before {
    recorded: Answer,
    hashes: BTreeSet<Vec<u8>>,
}

impl Known {
    /// Returns the lines of `files`, which count in their order.
    pub fn of(files: &[SumFile]) -> Known {
        let before = |(subject, lines): (Subject, Lines<'_>)| {
            let hashes = lines.iter().map(|(_, line)| line.hash().to_vec()).collect();
            (subject, Before { recorded: recorded(&lines), hashes })
        };
        Known(by_subject(files).into_iter().map(before).collect())
    }

    /// Returns whether nothing about `subject` is new: each of its lines was there with the same hash, and the one that counts
    /// among them is the same. Where two lines of a key change places, another one counts (spec 03 §1).
    pub(crate) fn covers(&self, subject: &Subject, lines: &[(Location, &Line)], recorded: &Answer) -> bool {
        self.0.get(subject).is_some_and(|before| {
            before.recorded == *recorded && lines.iter().all(|(_, line)| before.hashes.contains(line.hash()))
        })
    }
}

#[cfg(test)]
mod tests {
    use gosum_evidence::evidence::NotAsked;
    use gosum_mod::file::go_sum::GoSum;

    use super::*;
    use crate::plan::{Selection, plan};

    fn file(name: &str, text: &str) -> SumFile {
        SumFile { name: name.into(), sum: GoSum::parse(text.as_bytes()) }
    }

    /// Returns which keys are audited.
    fn audited(before: &[&str], now: &str) -> Vec<String> {
        let before: Vec<SumFile> = before.iter().map(|text| file("base.sum", text)).collect();
        let selection = Selection { known: Some(Known::of(&before)), ..Selection::default() };
        let planned = plan(&[file("go.sum", now)], &selection).into_iter();
        planned
            .filter(|planned| match planned.left_out {
                None => true,
                Some(why) => {
                    assert_eq!(why, NotAsked::NotSelected);
                    false
                }
            })
            .map(|planned| planned.subject.to_string())
            .collect()
    }

    #[test]
    fn what_is_as_it_was_is_left_out() {
        let a = "example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0/go.mod h1:m\n";
        assert!(audited(&[a], a).is_empty());
        assert!(audited(&[a], "  example.com/a\tv1.0.0 h1:x\r\n\n").is_empty());
        assert_eq!(audited(&[], a), ["example.com/a@v1.0.0", "example.com/a@v1.0.0/go.mod"]);
        // moved from one file to another of those that were audited
        assert!(
            audited(&["example.com/a v1.0.0/go.mod h1:m\n", "example.com/a v1.0.0 h1:x\n"], a).is_empty()
        );
    }

    #[test]
    fn what_is_new_in_any_way_is_audited() {
        let before = "example.com/a v1.0.0 h1:x\n";
        for (now, what) in [
            ("example.com/a v1.0.1 h1:x\n", "a version"),
            ("example.com/a v1.0.0 h1:y\n", "a hash"),
            ("example.com/a v1.0.0 H1:x\n", "a hash of another kind"),
            ("example.com/a v1.0.0/go.mod h1:x\n", "an artifact"),
            ("example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0 h1:y\n", "a second hash"),
            ("example.com/a v1.0.0 h1:y\nexample.com/a v1.0.0 h1:x\n", "a first hash"),
            ("example.com/a v1.0.0 h1:x\nexample.com/a v1.0.0 h2:x\n", "a second hash of another kind"),
        ] {
            assert_eq!(audited(&[before], now).len(), 1, "{what}");
        }
    }

    #[test]
    fn two_hashes_that_change_places_are_a_change() {
        let two =
            |first, second| format!("example.com/a v1.0.0 h1:{first}\nexample.com/a v1.0.0 h1:{second}\n");
        assert!(audited(&[&two("x", "y")], &two("x", "y")).is_empty());
        assert!(audited(&[&two("x", "y")], "example.com/a v1.0.0 h1:x\n").is_empty());
        assert_eq!(audited(&[&two("x", "y")], &two("y", "x")).len(), 1);
        assert_eq!(audited(&[&two("x", "y")], "example.com/a v1.0.0 h1:y\n").len(), 1);
        // a file that counts first
        assert_eq!(
            audited(&["example.com/a v1.0.0 h1:x\n", "example.com/a v1.0.0 h1:y\n"], &two("y", "x")).len(),
            1
        );
    }
}
