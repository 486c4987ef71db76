//! What to do next, with the reason for it.

use gosum_evidence::compare::Comparison;
use gosum_evidence::diff::cause::{Cause, Explanation};
use gosum_evidence::evidence::{Answer, SourceName, Sum};
use gosum_evidence::explain::{Account, Compared, Doubt, FileDiff};

use super::stand;

/// Returns what to do next about a difference.
pub(super) fn advice(explanation: &Explanation, compared: &Compared, account: &Account) -> Option<String> {
    if let Some(Cause::TagMoved { side, .. }) = explanation.the_cause() {
        let (now, before) = (compared.copy(*side), compared.copy(side.other()));
        let read = match compared.reaching() {
            0 => "",
            _ => " Read the lines below before you use what it names now.",
        };
        let kept = kept(&before.name, [&before.commit_time, &now.commit_time].map(Option::as_deref));
        return Some(format!("{kept}. Ask the author for a new version.{read}"));
    }
    let unexplained = explanation.unexplained();
    let is_unexplained = |file: &&FileDiff| unexplained.contains(&file.number);
    if compared.files.iter().filter(is_unexplained).any(FileDiff::can_reach) {
        return Some(unexplained_code(compared, account));
    }
    (!unexplained.is_empty() && compared.reaching() == 0)
        .then(|| "no build sees the difference; ask who made it all the same".to_owned())
}

/// Returns which content the builds keep that go through `name`, by when the commits were made that the tag named before
/// and names now. A tag can be moved back.
fn kept(name: &str, [before, now]: [Option<&str>; 2]) -> String {
    let content = match (before, now) {
        // times in RFC 3339 UTC are in the order of their texts
        (Some(before), Some(now)) if before < now => "the older content",
        (Some(before), Some(now)) if before > now => {
            "the newer content: the tag was moved back to an older commit"
        }
        _ => "the content that was published first",
    };
    format!("builds that go through {name} keep {content}")
}

/// Returns what to do about code that differs for no reason that is proved, and why.
fn unexplained_code(compared: &Compared, account: &Account) -> String {
    if [&compared.left, &compared.right].iter().any(|copy| *copy.name == *SourceName::VENDOR.as_str()) {
        return "a build with -mod=vendor compiles what is in vendor, whatever go.sum records: find out who changed it; `go mod vendor` \
                makes it anew, and `gosum explain vendor-differs` says more"
            .to_owned();
    }
    let more = "`gosum explain proxy-direct-differ` says more";
    match &compared.doubt {
        Some(Doubt::OtherContent { name, commit }) => {
            return format!(
                "do not use the copy of {name} until someone explains this: it is not the content of commit {commit}, of which \
                 {name} says it is; {more}"
            );
        }
        Some(Doubt::NotGiven { name, commit, is_reached: Some(false) }) => {
            return format!(
                "{name} names commit {commit}, to which no branch and no tag of the repository leads now: its history was \
                 rewritten, or it never was there. Read the lines below, and ask the author; {more}"
            );
        }
        Some(Doubt::NotGiven { name, commit, .. }) => {
            return format!(
                "{name} names commit {commit}, which the repository does not give. Read the lines below, and ask the author; \
                 {more}"
            );
        }
        None => {}
    }
    let odd = account.answers.iter().find(|comparison| comparison.sums().len() > 1);
    let copies = [&compared.left, &compared.right];
    let recorded = odd.and_then(|odd| odd.answer(&SourceName::SUMDB)).and_then(Answer::sum);
    let is_recorded = copies.map(|copy| recorded.is_some() && copy.h1.as_ref() == recorded);
    let alone = odd.and_then(stand::alone).filter(SourceName::recomputes);
    let (bad, why) = match (is_recorded, &alone) {
        ([true, false], _) => (&*copies[1].name, "the checksum database records another hash"),
        ([false, true], _) => (&*copies[0].name, "the checksum database records another hash"),
        (_, Some(alone)) => (alone.as_str(), "it stands alone"),
        _ => {
            return format!(
                "nothing here tells which of the two is right: read the lines below before you use either; {more}"
            );
        }
    };
    match bad == SourceName::DIRECT.as_str() {
        true => format!(
            "the repository has other code now than it had: read the lines below, and ask the author for a new version; {more}"
        ),
        false => format!("do not use the copy of {bad} until someone explains this: {why}; {more}"),
    }
}

/// Returns what to do about a line of go.sum whose hash nobody has, or the module cache of this machine alone.
pub(super) fn of_line(account: &Account) -> Option<String> {
    let is_lone = |comparison: &&Comparison| {
        let agree = stand::with_go_sum(comparison);
        // what is vendored is held to the line, and says nothing of it
        let others = comparison.sums().len() - usize::from(comparison.differing_part().is_some());
        others > 1
            && agree.is_some_and(|agree| {
                // what is vendored agrees with go.sum because it is held to it
                agree.iter().all(|name| [SourceName::MODCACHE, SourceName::VENDOR].contains(name))
            })
    };
    let comparison = account.answers.iter().find(is_lone)?;
    let recorded = comparison.answer(&SourceName::GO_SUM).and_then(Answer::sum);
    let (Some(Sum::H1(h1)), Some(at)) = (recorded, comparison.at.first()) else { return None };
    Some(format!(
        "find out who wrote the line, as with `git log -S '{h1}' -- {}`, and from where they had the module",
        at.file
    ))
}
