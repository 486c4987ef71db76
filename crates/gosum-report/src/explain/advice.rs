//! What to do next, with the reason for it.

use gosum_evidence::diff::cause::{Cause, Explanation};
use gosum_evidence::evidence::SourceName;
use gosum_evidence::explain::{Account, Compared, Doubt, FileDiff};

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
    match odd.and_then(|comparison| comparison.odd_one_out()).filter(|alone| alone.recomputes()) {
        Some(alone) if *alone == SourceName::DIRECT => format!(
            "the repository has other code now than all others: read the lines below, and ask the author for a new version; {more}"
        ),
        Some(alone) => {
            format!("{alone} stands alone: do not use its copy until someone explains this; {more}")
        }
        None => format!(
            "nothing here tells which of the two is right: read the lines below before you use either; {more}"
        ),
    }
}
