//! On which hash the sources agree about something that no go.sum records yet.

use crate::compare::Comparison;
use crate::evidence::{Answer, Evidence, SourceName, Sum, list};

/// Why there is no hash to write down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAgreed {
    /// A source must not be believed.
    #[error("{source_name} must not be believed: {why}")]
    Untrusted {
        /// The source.
        source_name: SourceName,
        /// What it did.
        why: String,
    },
    /// Sources give different hashes.
    #[error("the sources differ: {0}")]
    Differ(String),
    /// Fewer than two give one.
    #[error("fewer than two sources give its hash: {0}")]
    Few(String),
}

/// Returns the hash that at least two of the sources give that were asked, without any defect, and none contradicts.
///
/// # Errors
/// When there is none. An answer with a defect is no vote, and contradicts all the same.
pub fn agreed(comparison: &Comparison) -> Result<&Sum, NotAgreed> {
    for (source, evidence) in comparison.asked() {
        if let Answer::Untrusted(why) = &evidence.answer {
            return Err(NotAgreed::Untrusted { source_name: source.clone(), why: why.to_string() });
        }
    }
    let mut given: Vec<(&Sum, Vec<&SourceName>)> = Vec::new();
    for (source, evidence) in comparison.asked() {
        let Some(sum) = evidence.answer.sum() else { continue };
        match given.iter_mut().find(|(other, _)| *other == sum) {
            Some((_, sources)) => sources.push(source),
            None => given.push((sum, vec![source])),
        }
    }
    if given.len() > 1 {
        let groups: Vec<String> = given.iter().map(|(_, sources)| list(sources)).collect();
        return Err(NotAgreed::Differ(groups.join(" against ")));
    }
    let votes = comparison.asked().filter(|(_, evidence)| evidence.answer.votes()).count();
    match given.first() {
        Some((sum, _)) if votes >= 2 => Ok(sum),
        _ => Err(NotAgreed::Few(answers(comparison))),
    }
}

/// Returns what each source that was asked has to say, in words.
fn answers(comparison: &Comparison) -> String {
    let one = |(source, Evidence { answer, .. }): (&SourceName, &Evidence)| match answer.reason() {
        Some(reason) => format!("{source}: {} ({reason})", answer.word()),
        None => format!("{source}: {}", answer.word()),
    };
    let all: Vec<String> = comparison.asked().map(one).collect();
    if all.is_empty() { "nobody was asked".to_owned() } else { all.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Defect, NotAsked};
    use crate::sample::{comparison, hash, sum};

    fn with(proxy: Answer, direct: Answer, sumdb: Answer) -> Result<Sum, String> {
        let mut comparison = comparison(None, proxy, direct);
        comparison.answers.insert(SourceName::SUMDB, sumdb.into());
        agreed(&comparison).cloned().map_err(|error| error.to_string())
    }

    fn absent() -> Answer {
        Answer::Absent("no such thing".into())
    }

    #[test]
    fn two_suffice_where_nobody_contradicts() {
        assert_eq!(with(hash("a"), hash("a"), absent()), Ok(sum("a")));
        assert_eq!(with(hash("a"), absent(), hash("a")), Ok(sum("a")));
        assert_eq!(with(absent(), hash("a"), hash("a")), Ok(sum("a")));
        assert_eq!(with(hash("a"), hash("a"), hash("a")), Ok(sum("a")));
    }

    #[test]
    fn one_does_not_nor_one_with_a_defect() {
        assert_eq!(
            with(hash("a"), absent(), Answer::NotAsked(NotAsked::Private)).unwrap_err(),
            "fewer than two sources give its hash: direct: absent (no such thing), proxy: hash, sumdb: not-asked (private)"
        );
        let defective = hash("a").with_defect(Defect::ViaModuleServer, "via a module server");
        assert!(with(hash("a"), defective, absent()).is_err());
    }

    #[test]
    fn one_that_contradicts_or_lies_ends_it() {
        assert_eq!(
            with(hash("a"), hash("a"), hash("b")).unwrap_err(),
            "the sources differ: direct and proxy against sumdb"
        );
        let defective = hash("b").with_defect(Defect::ViaModuleServer, "via a module server");
        assert!(with(hash("a"), defective, hash("a")).is_err());
        let untrusted = Answer::Untrusted("a forked log".into());
        assert_eq!(
            with(hash("a"), hash("a"), untrusted).unwrap_err(),
            "sumdb must not be believed: a forked log"
        );
    }
}
