use gosum_testkit::vectors::{self, Vector};
use gosum_tlog::key::{KeyError, KeyId, SignerKey, VerifierKey};
use gosum_tlog::note::{self, Note, NoteError, Signature};
use serde_json::{Value, json};

use crate::{bytes, failed, same};

const OPS: [&str; 4] = ["NewVerifier", "NewSigner", "Sign", "Open"];

#[test]
fn reads_and_signs_notes_as_go_does() {
    vectors::covers("note", &OPS);
    vectors::hold("note", &OPS, |vector| match vector.op.as_str() {
        "NewVerifier" => {
            let key = VerifierKey::parse(vector.bytes("vkey"));
            if let Ok(key) = &key {
                same(&VerifierKey::parse(key.to_string()), &Ok(key.clone()))?;
            }
            parsed_key(vector, key.map(|key| key.id().clone()))
        }
        "NewSigner" => parsed_key(vector, SignerKey::parse(vector.bytes("skey")).map(|key| key.id().clone())),
        "Sign" => sign(vector),
        "Open" => open(vector),
        op => Err(format!("unknown op {op}")),
    });
}

fn parsed_key(vector: &Vector, key: Result<KeyId, KeyError>) -> Result<(), String> {
    let category = key.as_ref().err().map(|error| match error {
        KeyError::Verifier { .. } | KeyError::Signer => "verifier-malformed",
        KeyError::Hash { .. } => "key-hash",
        KeyError::Algorithm { .. } => "key-algorithm",
        _ => "other",
    });
    failed(vector, category)?;
    let shown = key.ok().map(|id| json!({"name": id.name, "hash": format!("{:08x}", id.hash)}));
    same(&shown.unwrap_or_default(), &vector.out)
}

fn sign(vector: &Vector) -> Result<(), String> {
    let signers: Vec<SignerKey> = list(&vector.input["skeys"], |key| SignerKey::parse(key).unwrap());
    let signed = note::sign(vector.bytes("text"), &signers.iter().collect::<Vec<_>>());
    failed(vector, signed.as_ref().err().map(|_| "note-malformed"))?;
    same(&signed.ok(), &vectors::bytes(&vector.out["msg"]))
}

fn open(vector: &Vector) -> Result<(), String> {
    let known = list(&vector.input["known"], |key| VerifierKey::parse(key).unwrap());
    let opened = note::open(vector.bytes("msg"), &known);
    let category = opened.as_ref().err().map(|error| match error {
        NoteError::Text | NoteError::Unsigned | NoteError::Line { .. } | NoteError::TooMany { .. } => {
            "note-malformed"
        }
        NoteError::Ambiguous { .. } => "key-ambiguous",
        NoteError::Signature { .. } => "signature-invalid",
        NoteError::Unverified { .. } => "note-unverified",
        _ => "other",
    });
    failed(vector, category)?;
    let note = match opened {
        Ok(note) => note,
        Err(NoteError::Unverified { note }) => *note,
        Err(_) => return same(&Value::Null, &vector.out),
    };
    same(&note.text.as_bytes(), &&*bytes(&vector.out["text"]))?;
    same(&signatures(&note.verified), &vector.out["sigs"])?;
    same(&signatures(&note.unverified), &vector.out["unverified"])?;
    reopens(note, &known)
}

/// A note prints to a message of the same note.
fn reopens(note: Note, known: &[VerifierKey]) -> Result<(), String> {
    let again = match note::open(note.to_string(), known) {
        Err(NoteError::Unverified { note }) => Ok(*note),
        other => other,
    };
    same(&again, &Ok(note))
}

fn signatures(list: &[Signature]) -> Value {
    list.iter()
        .map(|Signature { key, base64 }| {
            json!({"name": key.name, "hash": format!("{:08x}", key.hash), "base64": base64})
        })
        .collect()
}

fn list<T>(value: &Value, read: impl Fn(Vec<u8>) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(|value| read(bytes(value))).collect()
}
