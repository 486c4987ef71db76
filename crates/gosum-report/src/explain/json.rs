//! JSON, schema 1: everything that is known.

use std::collections::BTreeMap;
use std::io;

use gosum_evidence::diff::cause::Explained;
use gosum_evidence::diff::lines::{LineEnd, Lines, TextForm, TextLines};
use gosum_evidence::diff::notice::Notices;
use gosum_evidence::diff::reach::Reach;
use gosum_evidence::diff::tree::{ChangeKind, FileFacts, Side};
use gosum_evidence::explain::{Account, Compared, Content, CopyShown, FileDiff};
use gosum_evidence::report::{SCHEMA, Shown};
use gosum_mod::name::text::Text;
use serde_json::{Value, json};

use super::stand;
use crate::hex;

/// Returns `account` as JSON has it.
pub(super) fn value(account: &Account) -> io::Result<Value> {
    let mut value = json!({
        "schema": SCHEMA,
        "gosum": account.gosum,
        "outcome": account.outcome.word(),
        "remarks": account.remarks,
    });
    if let Some(module) = &account.module {
        value["module"] = json!(module.path().as_str());
        value["version"] = json!(module.version().as_str());
    }
    if let Some(why) = account.outcome.why() {
        value["reason"] = json!(why);
    }
    let mut artifacts = Vec::new();
    for comparison in &account.answers {
        let answers: BTreeMap<_, _> =
            comparison.answers.iter().map(|(source, evidence)| (source.as_str(), Shown(evidence))).collect();
        let mut artifact = json!({
            "artifact": comparison.subject.artifact.to_string(),
            "at": comparison.at,
            "answers": serde_json::to_value(answers)?,
        });
        if let Some(agree) = stand::with_go_sum(comparison) {
            artifact["go_sum_agrees_with"] = json!(agree);
        }
        if let Some(alone) = stand::alone(comparison) {
            artifact["stands_alone"] = json!(alone);
        }
        artifacts.push(artifact);
    }
    value["artifacts"] = Value::Array(artifacts);
    if let Some(compared) = &account.compared {
        value["compared"] = self::compared(compared);
    }
    Ok(value)
}

fn compared(compared: &Compared) -> Value {
    let name = |side| &*compared.copy(side).name;
    let mut value = json!({
        "left": copy(&compared.left),
        "right": copy(&compared.right),
        "builds": compared.platform.as_deref().unwrap_or("all"),
        "counts": {
            "changed": compared.count(ChangeKind::Changed),
            "only_left": compared.count(ChangeKind::OnlyLeft),
            "only_right": compared.count(ChangeKind::OnlyRight),
            "renamed": compared.count(ChangeKind::Renamed),
            "same": compared.same,
            "can_reach": compared.reaching(),
            "inert": compared.files.len() - compared.reaching() - compared.folder_entries(),
        },
        "files": compared.files.iter().map(file).collect::<Vec<_>>(),
        "notices": notices(&compared.notices),
    });
    if compared.folder_entries() > 0 {
        value["counts"]["folder_entries"] = json!(compared.folder_entries());
    }
    if let Some(go_mod) = &compared.go_mod {
        value["go_mod"] = file(go_mod);
    }
    if let Some(explanation) = &compared.explanation {
        let paths: BTreeMap<usize, &Text> =
            compared.files.iter().map(|file| (file.number, file.change.path())).collect();
        let cause = |explained: &Explained| {
            let files: Vec<Value> = explained
                .changes
                .iter()
                .filter_map(|number| paths.get(number))
                .map(|path| text(path))
                .collect();
            json!({
                "cause": explained.cause.word(),
                "sentence": explained.cause.sentence(name(Side::Left), name(Side::Right)),
                "proof": explained.proof,
                "files": files,
            })
        };
        value["causes"] = explanation.causes.iter().map(cause).collect();
    }
    value
}

fn copy(copy: &CopyShown) -> Value {
    let mut value = json!({ "name": &*copy.name });
    if let Some(h1) = &copy.h1 {
        value["h1"] = json!(h1);
    }
    let fields = [
        ("from", &copy.origin.from),
        ("ref", &copy.origin.reference),
        ("commit", &copy.origin.commit),
        ("subdir", &copy.origin.subdir),
        ("commit_time", &copy.commit_time),
    ];
    for (name, field) in fields {
        if let Some(text) = field {
            value[name] = json!(&**text);
        }
    }
    value
}

fn file(file: &FileDiff) -> Value {
    let mut value = json!({
        "change": file.change.kind.word(),
        "path": text(file.change.path()),
        "can_reach": file.can_reach(),
    });
    for (name, side) in [("left", Side::Left), ("right", Side::Right)] {
        if let Some(facts) = file.change.side(side) {
            value[name] = self::facts(facts, file.reach(side));
        }
    }
    content(&file.content, &mut value);
    value
}

fn facts(facts: &FileFacts, reach: Option<&Reach>) -> Value {
    let mut value = json!({ "path": text(&facts.path), "size": facts.size, "sha256": hex(&facts.sha256) });
    if str::from_utf8(facts.path.as_bytes()).is_err() {
        value["path_hex"] = json!(hex(facts.path.as_bytes()));
    }
    if facts.times > 1 {
        value["times"] = json!(facts.times);
    }
    if let Some(reach) = reach {
        value["reach"] = json!(reach.to_string());
    }
    value
}

fn content(content: &Content, value: &mut Value) {
    let (word, reason) = match content {
        Content::NotAsked => ("not-asked", None),
        Content::LeftOut => ("left-out", None),
        Content::Unread(why) => ("unread", Some(why.clone())),
        Content::Lines(Lines::Same) => ("same", None),
        Content::Lines(Lines::Binary(why)) => ("binary", Some(why.to_string())),
        Content::Lines(Lines::TooLarge(excess)) => ("too-large", Some(excess.to_string())),
        Content::Lines(Lines::OutOfTime) => ("out-of-time", None),
        Content::Lines(Lines::Text(lines)) => {
            value["lines"] = self::lines(lines);
            ("text", None)
        }
    };
    value["content"] = json!(word);
    if let Some(reason) = reason {
        value["content_reason"] = json!(reason);
    }
}

fn lines(lines: &TextLines) -> Value {
    let line = |line: &gosum_evidence::diff::lines::Line| {
        let mut value = json!({ "sign": line.kind.sign().to_string(), "text": line.text() });
        if line.cut_before + line.cut_after > 0 {
            value["cut_before"] = json!(line.cut_before);
            value["cut_after"] = json!(line.cut_after);
        }
        match line.end {
            LineEnd::Lf => {}
            LineEnd::CrLf => value["end"] = json!("crlf"),
            LineEnd::None => value["end"] = json!("none"),
        }
        value
    };
    let hunks: Vec<Value> = lines
        .hunks
        .iter()
        .map(|hunk| {
            let lines: Vec<Value> = hunk.lines.iter().map(line).collect();
            json!({ "header": hunk.header(), "lines": lines })
        })
        .collect();
    let only: Vec<String> = lines.only.iter().map(ToString::to_string).collect();
    let mut value = json!({
        "removed": lines.removed,
        "added": lines.added,
        "left_out": lines.left_out,
        "hunks": hunks,
        "only": only,
    });
    for (name, form) in [("left", &lines.left), ("right", &lines.right)] {
        if let Some(TextForm { encoding, lf, crlf, is_ended }) = form {
            let encoding = encoding.to_string();
            value[name] = json!({ "encoding": encoding, "lf": lf, "crlf": crlf, "is_ended": is_ended });
        }
    }
    value
}

fn notices(notices: &Notices) -> Value {
    let side = |side: Side| side.to_string();
    let all: Vec<Value> = notices
        .notices
        .iter()
        .map(|notice| {
            json!({
                "side": side(notice.side),
                "what": notice.what.word(),
                "path": text(&notice.path),
                "line": notice.line,
                "text": text(&notice.text),
            })
        })
        .collect();
    let not_read: Vec<Value> =
        notices.not_read.iter().map(|(at, path)| json!({ "side": side(*at), "path": text(path) })).collect();
    json!({ "all": all, "left_out": notices.left_out, "not_read": not_read })
}

fn text(text: &Text) -> Value {
    Value::String(text.to_lossy().into_owned())
}
