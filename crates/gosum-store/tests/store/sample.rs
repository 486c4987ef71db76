//! Answers by number.

use std::path::Path;

use gosum_evidence::evidence::{Answer, Evidence, Origin};
use gosum_evidence::subject::Subject;
use gosum_mod::hash::h1::H1;
use gosum_mod::hash::sha256::sha256;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_store::{Given, SourceKey, Store};

/// Noon of 2026-11-26.
pub(crate) const NOW: i64 = 1_795_694_400;
pub(crate) const DAY: i64 = 24 * 60 * 60;

pub(crate) fn source() -> SourceKey {
    SourceKey::new("proxy https://proxy.example".into())
}

pub(crate) fn subject(number: u32) -> Subject {
    let module = ModuleVersion::parse(&format!("example.com/m{number}@v1.0.{number}")).unwrap();
    Subject::new(module, Artifact::Zip)
}

pub(crate) fn evidence(number: u32) -> Evidence {
    let from = format!("https://proxy.example/example.com/m{number}/@v/v1.0.{number}.zip");
    let origin = Origin { from: Some(from.into()), ..Origin::default() };
    Evidence::new(Answer::hash(H1::new(sha256(&number.to_le_bytes()))), origin)
}

pub(crate) fn given(numbers: std::ops::Range<u32>) -> Vec<Given> {
    let one = |number| Given { source: source(), subject: subject(number), evidence: evidence(number) };
    numbers.map(one).collect()
}

/// Returns which of `numbers` are kept, each as it was given.
pub(crate) fn kept(dir: &Path, now: i64, numbers: std::ops::Range<u32>) -> Vec<u32> {
    let store = Store::open(dir, now).unwrap();
    let subjects: Vec<Subject> = numbers.clone().map(subject).collect();
    let answers = store.answers(&source(), &subjects).unwrap();
    let kept = numbers.zip(answers).filter_map(|(number, kept)| {
        let kept = kept?;
        assert_eq!(kept.evidence, evidence(number));
        Some(number)
    });
    kept.collect()
}
