//! What is no excuse for a source that is not asked.
//!
//! That a source is not asked for a private name makes no line unverified. Where it is the change under audit that makes a name
//! private, that would be a way past the sources: the name is kept, and the source counts as one that could not be asked.
//!
//! Nor does it that a source is not asked because the network is not to be used. Where the user requires the source by its name, it
//! counts as one that could not be asked too: what was not kept is not known.

use std::sync::Arc;

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Answer, Evidence, NotAsked, SourceName};
use gosum_mod::setting::private::{NoProxy, NoSumDb};

/// The names that may be withheld, by the policy that judges.
#[derive(Debug)]
pub struct Withheld {
    /// The names that proxies need not be told.
    pub from_proxies: NoProxy,
    /// The names that the checksum database need not be told.
    pub from_database: NoSumDb,
    /// Why the others are withheld all the same.
    pub why: Arc<str>,
}

impl Withheld {
    /// Makes of each source that was not asked for a private name, which it would have been asked, one that could not be.
    pub(crate) fn apply(&self, comparison: &mut Comparison) {
        let path = comparison.subject.module.path();
        let is_withheld = |source: &SourceName| match *source == SourceName::SUMDB {
            true => !self.from_database.covers(path),
            false => !self.from_proxies.covers(path),
        };
        let private = comparison.answers.iter().filter(|(source, evidence)| {
            evidence.answer == Answer::NotAsked(NotAsked::Private) && is_withheld(source)
        });
        let sources: Vec<SourceName> = private.map(|(source, _)| source.clone()).collect();
        for source in sources {
            comparison.answers.insert(source, Answer::Unavailable(self.why.clone()).into());
        }
    }
}

/// What is no excuse for not being asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NoExcuse<'a> {
    /// The names that are withheld although they would have been told.
    pub(crate) withheld: Option<&'a Withheld>,
    /// The sources that are to answer whether the network is used or not.
    pub(crate) insisted: &'a [SourceName],
}

impl NoExcuse<'_> {
    /// Makes of each source that was not asked about `comparison`, and should have been, one that could not be.
    pub(crate) fn apply(&self, comparison: &mut Comparison) {
        if let Some(withheld) = self.withheld {
            withheld.apply(comparison);
        }
        for source in self.insisted {
            if let Some(evidence) = comparison.answers.get(source).cloned() {
                comparison.answers.insert(source.clone(), self.hear(source, evidence));
            }
        }
    }

    /// Returns what the answer of `source` counts as.
    pub(crate) fn hear(&self, source: &SourceName, evidence: Evidence) -> Evidence {
        match evidence.answer {
            Answer::NotAsked(NotAsked::Offline) if self.insisted.contains(source) => {
                let why = "the network is not used, and no answer of it was kept";
                Answer::Unavailable(why.into()).into()
            }
            _ => evidence,
        }
    }
}

#[cfg(test)]
mod tests {
    use gosum_evidence::compare::Answers;
    use gosum_evidence::subject::Subject;
    use gosum_mod::name::id::{Artifact, ModuleVersion};

    use super::*;

    #[test]
    fn only_what_the_judging_policy_would_have_told_is_withheld() {
        let withheld = Withheld {
            from_proxies: NoProxy::new(Some("example.com/private,example.com/unproxied"), None),
            from_database: NoSumDb::new(Some("example.com/private"), None),
            why: "kept".into(),
        };
        let words = |path: &str, why: NotAsked| {
            let module = ModuleVersion::parse(&format!("{path}@v1.0.0")).unwrap();
            let answers = ["proxy", "sumdb"]
                .map(|name| (SourceName::further(name.to_owned()), Answer::NotAsked(why).into()));
            let subject = Subject::new(module, Artifact::Zip);
            let mut comparison = Comparison { subject, at: Vec::new(), answers: Answers::from_iter(answers) };
            withheld.apply(&mut comparison);
            [SourceName::PROXY, SourceName::SUMDB].map(|source| comparison.answer(&source).unwrap().word())
        };
        assert_eq!(words("example.com/private", NotAsked::Private), ["not-asked", "not-asked"]);
        assert_eq!(words("example.com/unproxied", NotAsked::Private), ["not-asked", "unavailable"]);
        assert_eq!(words("example.com/a", NotAsked::Private), ["unavailable", "unavailable"]);
        assert_eq!(words("example.com/a", NotAsked::NotSelected), ["not-asked", "not-asked"]);
        assert_eq!(words("example.com/a", NotAsked::Offline), ["not-asked", "not-asked"]);
    }
}
