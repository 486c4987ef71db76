//! Every true cause stands beside near misses of it. All are run in shuffled orders, with left and right exchanged,
//! and with the facts of one case put to the files of another.

mod cases;
mod proof;

use std::collections::BTreeMap;
use std::sync::Arc;

use gosum_evidence::diff::cause::{
    AtCommit, Attributes, Cause, CopyFacts, Explanation, Facts, FoundCommit, explain,
};
use gosum_evidence::diff::tree::{Side, TreeDiff, compare};
use gosum_evidence::evidence::{Origin, SourceName};
use gosum_mod::hash::dirhash::{go_mod_h1, hash1};
use gosum_mod::hash::h1::H1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::path::ModulePath;

use crate::files::Files;

const MODULE: &str = "example.com/m";

/// A copy and what is known of it.
#[derive(Debug, Clone)]
struct Given {
    files: Files,
    source: SourceName,
    origin: Option<Origin>,
    has_h1: bool,
    go_mod: Option<H1>,
    at_origin: Option<AtCommit>,
    found: Option<FoundCommit>,
}

/// Two copies, and what is to be said of them: each cause with its paths, sorted.
struct Case {
    name: &'static str,
    left: Given,
    right: Given,
    attributes: Option<Attributes>,
    expected: Vec<(&'static str, Vec<&'static str>)>,
}

fn h1(files: &Files) -> H1 {
    hash1(files.0.iter().map(|(name, content)| (name, sha256(content)))).unwrap()
}

/// The full id that is one digit again and again.
fn id(digit: &str) -> String {
    if digit.len() == 1 { digit.repeat(40) } else { digit.to_owned() }
}

impl Given {
    fn new(source: SourceName, files: Files) -> Given {
        Given { files, source, origin: None, has_h1: true, go_mod: None, at_origin: None, found: None }
    }

    fn origin(mut self, set: impl FnOnce(&mut Origin)) -> Given {
        set(self.origin.get_or_insert_default());
        self
    }

    fn commit(self, digit: &str) -> Given {
        self.origin(|origin| origin.commit = Some(id(digit).into()))
    }

    fn tag(self, reference: &str) -> Given {
        self.origin(|origin| origin.reference = Some(reference.into()))
    }

    fn at(mut self, digit: &str, files: &Files) -> Given {
        self.at_origin = Some(AtCommit { commit: id(digit).into(), h1: h1(files) });
        self
    }

    fn found(mut self, digit: &str, files: &Files) -> Given {
        let at = AtCommit { commit: id(digit).into(), h1: h1(files) };
        self.found = Some(FoundCommit { at, only_from: None, times: None });
        self
    }

    fn from(mut self, source: SourceName) -> Given {
        self.source = source;
        self
    }

    fn without_h1(mut self) -> Given {
        self.has_h1 = false;
        self
    }

    fn go_mod(mut self, text: &str) -> Given {
        self.go_mod = Some(go_mod_h1(text.as_bytes()));
        self
    }

    fn facts(&self) -> CopyFacts<'_> {
        CopyFacts {
            tree: &self.files,
            source: self.source.clone(),
            origin: self.origin.as_ref(),
            h1: self.has_h1.then(|| h1(&self.files)),
            go_mod: self.go_mod,
            at_origin: self.at_origin.clone(),
            found: self.found.clone(),
        }
    }
}

fn answer(left: &Given, right: &Given, attributes: Option<&Attributes>) -> (TreeDiff, Explanation) {
    let diff = compare(&left.files, &right.files).unwrap();
    let module = ModulePath::parse(MODULE).unwrap();
    let facts = Facts { module: &module, diff: &diff, left: left.facts(), right: right.facts(), attributes };
    let explanation = explain(&facts).unwrap();
    (diff, explanation)
}

/// Each cause with its paths; the sides as if left and right were exchanged, if `mirrored`.
fn shown(diff: &TreeDiff, explanation: &Explanation, mirrored: bool) -> BTreeMap<String, Vec<String>> {
    let side = |side: &Side| if mirrored { side.other() } else { *side };
    let label = |cause: &Cause| match cause {
        Cause::TagMoved { side: at, reference, from, to } => {
            format!("tag-moved {} {reference} {}>{}", side(at), &from[..1], &to[..1])
        }
        Cause::SameContentOtherCommit { left, right } => {
            let (left, right) = if mirrored { (right, left) } else { (left, right) };
            format!("same-content-other-commit {}={}", &left[..1], &right[..1])
        }
        Cause::LfsPointers { side: at }
        | Cause::VendorRule { side: at }
        | Cause::LineEnds { side: at }
        | Cause::ExportSubst { side: at }
        | Cause::ExportIgnore { side: at }
        | Cause::GoModOnlyOneSide { side: at } => format!("{} {}", cause.word(), side(at)),
        Cause::NotKnown => "not-known".to_owned(),
    };
    let paths = |changes: &[usize]| {
        let sides =
            changes.iter().flat_map(|&change| [&diff.changes[change].left, &diff.changes[change].right]);
        let mut paths: Vec<String> = sides.flatten().map(|facts| facts.path.to_string()).collect();
        paths.sort();
        paths.dedup();
        paths
    };
    let causes = explanation.causes.iter();
    causes.map(|explained| (label(&explained.cause), paths(&explained.changes))).collect()
}

/// Numbers that look random, the same for the same seed.
fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    }
}

#[test]
fn no_cause_is_named_wrongly() {
    let mut cases = cases::all();
    assert!(cases.len() >= 50);
    let expected = |case: &Case| -> BTreeMap<String, Vec<String>> {
        let owned = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        case.expected.iter().map(|(cause, paths)| ((*cause).to_owned(), owned(paths))).collect()
    };
    for seed in 0..3 {
        let mut next = random(seed);
        for at in (1..cases.len()).rev() {
            cases.swap(at, next(at + 1));
        }
        for case in &cases {
            let (diff, found) = answer(&case.left, &case.right, case.attributes.as_ref());
            assert_eq!(shown(&diff, &found, false), expected(case), "{}", case.name);
            check_cover(&diff, &found);
            let (diff, found) = answer(&case.right, &case.left, case.attributes.as_ref());
            assert_eq!(shown(&diff, &found, true), expected(case), "{}, mirrored", case.name);
        }
    }
}

/// Each change stands under one cause, and the cause of all is told only where there is one.
fn check_cover(diff: &TreeDiff, found: &Explanation) {
    let mut covered: Vec<usize> = found.causes.iter().flat_map(|cause| cause.changes.clone()).collect();
    covered.sort_unstable();
    assert!(covered.into_iter().eq(0..diff.changes.len()));
    let is_known = found.causes.len() == 1 && found.unexplained().is_empty();
    assert_eq!(found.the_cause().is_some(), is_known);
    for explained in &found.causes {
        assert_eq!(explained.proof.is_empty(), explained.cause == Cause::NotKnown);
    }
}

#[test]
fn facts_of_another_case_prove_nothing_they_do_not_bear_out() {
    let cases = cases::all();
    let (mut named, mut next) = (0, random(1));
    for case in &cases {
        for other in [(); 8].map(|()| &cases[next(cases.len())]) {
            let take = |files: &Given, facts: &Given| Given { files: files.files.clone(), ..facts.clone() };
            for (left, right) in [
                (take(&case.left, &other.left), take(&case.right, &other.right)),
                (case.left.clone(), other.right.clone()),
                (take(&case.left, &other.right), take(&other.left, &case.right)),
            ] {
                for attributes in [&case.attributes, &other.attributes] {
                    let (diff, found) = answer(&left, &right, attributes.as_ref());
                    check_cover(&diff, &found);
                    for explained in &found.causes {
                        named += usize::from(explained.cause != Cause::NotKnown);
                        let is_proved =
                            proof::is_proved(explained, &diff, &left, &right, attributes.as_ref());
                        assert!(is_proved, "{} with {}: {:?}", case.name, other.name, explained.cause);
                    }
                }
            }
        }
    }
    assert!(named > 100, "the exchanged facts prove something now and then: {named}");
}

#[test]
fn a_cause_is_a_plain_sentence() {
    let commit = |digit: &str| -> Arc<str> { id(digit).into() };
    let reference = "refs/tags/v1.0.0".into();
    let moved = Cause::TagMoved { side: Side::Right, reference, from: commit("a"), to: commit("b") };
    assert_eq!(
        moved.sentence("proxy", "direct"),
        format!(
            "refs/tags/v1.0.0 moved: it names commit {}, and proxy has the content of commit {}",
            id("b"),
            id("a")
        )
    );
    assert_eq!(
        Cause::LfsPointers { side: Side::Left }.to_string(),
        "the left copy has pointers of git LFS where the right copy has what they point to"
    );
    assert_eq!(Cause::NotKnown.to_string(), "cause not known");
}
