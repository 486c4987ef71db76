//! Tiny comparisons for the tests of this crate.

use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::{Artifact, ModuleVersion};

use crate::compare::{Answers, Comparison};
use crate::evidence::{Answer, SourceName, Sum};
use crate::subject::{Location, Subject};

/// Returns a hash that is the same for the same seed alone.
pub(crate) fn sum(seed: &str) -> Sum {
    Sum::H1(go_mod_h1(seed.as_bytes()))
}

/// Returns the answer that [`sum`] is.
pub(crate) fn hash(seed: &str) -> Answer {
    Answer::Hash { h1: sum(seed), defects: Vec::new() }
}

/// Returns a comparison of these answers on the zip of a module at line 3 of go.sum.
pub(crate) fn comparison(go_sum: Option<Answer>, proxy: Answer, direct: Answer) -> Comparison {
    let module = ModuleVersion::parse("example.com/colors@v1.2.0").unwrap();
    let at = go_sum.iter().map(|_| Location { file: "go.sum".into(), line: 3 }).collect();
    let mut answers = Answers::default();
    if let Some(go_sum) = go_sum {
        answers.insert(SourceName::GO_SUM, go_sum.into());
    }
    answers.insert(SourceName::PROXY, proxy.into());
    answers.insert(SourceName::DIRECT, direct.into());
    Comparison { subject: Subject::new(module, Artifact::Zip), at, answers }
}
