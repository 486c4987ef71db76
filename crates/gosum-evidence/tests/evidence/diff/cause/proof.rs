//! What must be true at least where a cause is named, looked up another way than the causes are found.

use gosum_evidence::diff::cause::{Attributes, Cause, Explained};
use gosum_evidence::diff::tree::{Change, ChangeKind, Side, TreeDiff};
use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::hash::sha256::sha256;

use super::{Given, MODULE, h1};

pub(super) fn is_proved(
    explained: &Explained,
    diff: &TreeDiff,
    left: &Given,
    right: &Given,
    attributes: Option<&Attributes>,
) -> bool {
    let of = |side: Side| if side == Side::Left { left } else { right };
    let changes: Vec<&Change> = explained.changes.iter().map(|&change| &diff.changes[change]).collect();
    let text = |change: &Change, side: Side| content(of(side), change, side);
    let asks = |what: &str| {
        format!("{attributes:?}").contains(&format!("{:?}", what.as_bytes()).replace(['[', ']'], ""))
    };
    let commit = |side: Side| of(side).origin.as_ref().and_then(|origin| origin.commit.as_deref());
    match &explained.cause {
        Cause::NotKnown => true,
        Cause::TagMoved { side, reference, from, to } => {
            let (direct, other) = (of(*side), of(side.other()));
            let named = other.origin.as_ref().and_then(|origin| origin.reference.clone());
            reference.starts_with("refs/tags/v")
                && named.is_none_or(|named| named == *reference)
                && h1(&direct.files) != h1(&other.files)
                && match &other.at_origin {
                    Some(at) if commit(side.other()).is_some() => Some(at),
                    _ => other.found.as_ref().map(|found| &found.at),
                }
                .is_some_and(|at| at.h1 == h1(&other.files) && at.commit == *from)
                && commit(*side) == Some(&**to)
                && from != to
        }
        Cause::SameContentOtherCommit { left: a, right: b } => {
            h1(&left.files) == h1(&right.files)
                && (commit(Side::Left), commit(Side::Right)) == (Some(&**a), Some(&**b))
                && a != b
                && (left.at_origin.is_some() || right.at_origin.is_some())
        }
        Cause::LfsPointers { side } => changes.iter().all(|change| {
            let content = text(change, side.other());
            let oid: String = sha256(&content).iter().map(|byte| format!("{byte:02x}")).collect();
            let pointer = format!(
                "version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {}\n",
                content.len()
            );
            text(change, *side) == pointer.as_bytes()
        }),
        Cause::LineEnds { side } => {
            asks("eol=crlf")
                && changes.iter().all(|change| {
                    let (dos, raw) = (text(change, *side), text(change, side.other()));
                    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
                    lines(&dos) == lines(&raw)
                        && dos.len() > raw.len()
                        && !lines(&dos).replace('\n', "\r\n").is_empty()
                })
        }
        Cause::ExportSubst { side } => {
            asks("export-subst")
                && changes.iter().all(|change| {
                    let text = |side| String::from_utf8(text(change, side)).unwrap();
                    let raw = text(side.other());
                    [Side::Left, Side::Right].into_iter().filter_map(commit).any(|commit| {
                        let whole = raw.replace("$Format:%H$", commit);
                        (4..=40.min(commit.len()))
                            .any(|digits| whole.replace("$Format:%h$", &commit[..digits]) == text(*side))
                    }) && raw.contains("$Format:")
                })
        }
        Cause::ExportIgnore { side } => {
            let only = if *side == Side::Left { ChangeKind::OnlyRight } else { ChangeKind::OnlyLeft };
            asks("export-ignore")
                && commit(Side::Left).is_some()
                && commit(Side::Left) == commit(Side::Right)
                && changes.iter().all(|change| change.kind == only)
        }
        Cause::VendorRule { side } => {
            let go_mod = |given: &Given| {
                let file = given.files.0.iter().find(|(path, _)| path == b"go.mod");
                file.map(|(_, text)| String::from_utf8_lossy(text).contains("go 1.24"))
            };
            go_mod(left) == Some(true)
                && go_mod(right) == Some(true)
                && changes.iter().all(|change| {
                    let only = |side| change.side(side).map(|facts| facts.path.to_string());
                    only(*side).is_none_or(|path| path == "vendor/modules.txt")
                        && only(side.other()).is_none_or(|path| path.contains("/vendor/"))
                })
        }
        Cause::GoModOnlyOneSide { side } => {
            let made_up = go_mod_h1(format!("module {MODULE}\n").as_bytes());
            of(side.other()).go_mod == Some(made_up)
                && changes.len() == 1
                && changes[0].path().as_bytes() == b"go.mod"
                && changes[0].side(side.other()).is_none()
        }
    }
}

fn content(given: &Given, change: &Change, side: Side) -> Vec<u8> {
    let path = &change.side(side).unwrap().path;
    given.files.0.iter().find(|(name, _)| name == path.as_bytes()).unwrap().1.clone()
}
