//! Parsers and proofs against random input: none panics, what is accepted keeps its promises, and a flipped bit is never
//! proven.

use std::sync::LazyLock;

use gosum_tlog::hash::{Hash, record_hash};
use gosum_tlog::key::{SignerKey, VerifierKey};
use gosum_tlog::note::{self, NoteError};
use gosum_tlog::plan::TilePlan;
use gosum_tlog::record::Record;
use gosum_tlog::stored::{HashReader, Position, stored_hash_count, stored_hashes};
use gosum_tlog::tile::{Height, Tile};
use gosum_tlog::tree::{
    CheckError, TreeHead, check_record, check_tree, prove_record, prove_tree, record_proof_positions,
    tree_hash, tree_positions, tree_proof_positions,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::{leaf, log};

static SIGNER: LazyLock<SignerKey> = LazyLock::new(|| SignerKey::new("sum.example", &[7; 32]).unwrap());
static STRANGER: LazyLock<SignerKey> = LazyLock::new(|| SignerKey::new("other.example", &[8; 32]).unwrap());

/// A note by a known and an unknown key.
static NOTE: LazyLock<String> = LazyLock::new(|| {
    let head = TreeHead { size: 300, root: root(300) };
    String::from_utf8(note::sign(head.to_string(), &[&*SIGNER, &*STRANGER]).unwrap()).unwrap()
});

fn root(size: u64) -> Hash {
    tree_hash(size, log(1)).unwrap()
}

/// Text made of the words that a parser knows, and of anything else.
fn soup(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let word = select(words).prop_map(|word| word.as_bytes().to_vec());
    let byte = any::<u8>().prop_map(|byte| vec![byte]);
    let char = any::<char>().prop_map(|char| char.to_string().into_bytes());
    vec(prop_oneof![12 => word, 1 => byte, 1 => char], 0..16).prop_map(|pieces| pieces.concat())
}

/// What `text` gives, with some of its bytes cut out, put in twice, or replaced.
fn mutated(text: fn() -> Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![select(&b"\n\n +-0=Ax./\r\x00"[..]), any::<u8>()];
    vec((any::<Index>(), 0..4usize, byte), 0..4).prop_map(move |edits| {
        let mut text = text();
        for (at, kind, byte) in edits {
            let at = at.index(text.len() + 1);
            match (kind, text.get(at).copied()) {
                (0, Some(_)) => drop(text.remove(at)),
                (1, Some(again)) => text.insert(at, again),
                (2, Some(_)) => text[at] = byte,
                _ => text.insert(at, byte),
            }
        }
        text
    })
}

const NOTE_WORDS: &[&str] = &[
    "go.sum database tree",
    "\n",
    "\n\n",
    "\n\n",
    "\u{2014} sum.example ",
    "\n\u{2014} x AAAAAAA=\n",
    "\u{2014} ",
    "AAAAAAA=",
    "AAAAAAB=",
    "\u{85}",
    "a",
];

const KEY_WORDS: &[&str] = &[
    "PRIVATE+KEY+",
    "sum.example",
    "x",
    "+",
    "+",
    "00000000",
    "c5d2e62c",
    "AQ==",
    "AgAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "\n",
    " ",
];

const PATH_WORDS: &[&str] = &[
    "tile/8/0/",
    "tile/",
    "8/",
    "30/",
    "data/",
    "000",
    "x001/",
    "x009/",
    "x999/",
    "x223/",
    "x372/",
    "807",
    ".p/",
    "1",
    "255",
    "/",
    "-",
    "+",
    "9223372036854775807",
];

const RECORD_WORDS: &[&str] = &[
    "7\n",
    "-1\n",
    "+1",
    "007",
    "9223372036854775807",
    "\n",
    "\n",
    "\n\n",
    "a.b/c v1.0.0 h1:x\n",
    "\r",
    "a",
];

const HEAD_WORDS: &[&str] = &[
    "go.sum database tree\n",
    "0\n",
    "7",
    "9223372036854775807\n",
    "9223372036854775808\n",
    "-",
    "\n",
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\r\n",
];

fn reads_note(message: &[u8]) -> Result<(), TestCaseError> {
    let known = [SIGNER.verifier()];
    let open = |message: &[u8]| match note::open(message, &known) {
        Err(NoteError::Unverified { note }) => Ok((false, *note)),
        other => other.map(|note| (true, note)),
    };
    if let Ok((verified, note)) = open(message) {
        prop_assert_eq!(open(note.to_string().as_bytes()), Ok((verified, note.clone())));
        prop_assert_eq!(verified, !note.verified.is_empty());
        // only the texts that were signed are ever verified
        prop_assert!(!verified || NOTE.starts_with(&note.text));
    }
    Ok(())
}

fn reads_key(key: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(key) = VerifierKey::parse(key) {
        prop_assert_eq!(VerifierKey::parse(key.to_string()), Ok(key));
    }
    if let Ok(signer) = SignerKey::parse(key) {
        let verifier = signer.verifier();
        prop_assert_eq!(signer.id(), verifier.id());
        prop_assert!(verifier.verifies(key, &signer.sign(key)));
    }
    Ok(())
}

fn reads_path(path: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(tile) = Tile::parse(path) {
        prop_assert_eq!(tile.to_string().into_bytes(), path);
        prop_assert_eq!(Tile::parse(tile.full().to_string()), Ok(tile.full()));
        if let Ok(bytes) = tile.read(log(1)) {
            prop_assert_eq!(bytes.len() as u64, tile.length());
        }
        let _ = tile.hash(&[0; 32], Position::record(tile.number()).unwrap_or(Position::record(0).unwrap()));
    }
    Ok(())
}

fn reads_record(reply: &[u8]) -> Result<(), TestCaseError> {
    if let Ok((record, rest)) = Record::parse(reply) {
        let written = [record.format().as_bytes(), rest].concat();
        prop_assert_eq!(Record::parse(&written), Ok((record, rest)));
        let tail = record.text.len() + 1 + rest.len();
        prop_assert_eq!(&written[written.len() - tail..], &reply[reply.len() - tail..]);
    }
    Ok(())
}

fn reads_head(text: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(head) = TreeHead::parse(text) {
        prop_assert_eq!(TreeHead::parse(head.to_string()), Ok(head));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn notes(random in soup(NOTE_WORDS), changed in mutated(|| NOTE.as_bytes().to_vec())) {
        reads_note(&random)?;
        reads_note(&changed)?;
    }

    #[test]
    fn keys(
        random in soup(KEY_WORDS),
        changed in mutated(|| SIGNER.verifier().to_string().into_bytes()),
        secret in mutated(|| b"PRIVATE+KEY+x+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_vec()),
    ) {
        reads_key(&random)?;
        reads_key(&changed)?;
        reads_key(&secret)?;
    }

    #[test]
    fn tile_paths(random in soup(PATH_WORDS), changed in mutated(|| b"tile/3/0/x001/x234/067.p/5".to_vec())) {
        reads_path(&random)?;
        reads_path(&changed)?;
    }

    #[test]
    fn tiles_of_any_tree(height in 1..=30u32, level in 0..70u64, number: u64, size: u64) {
        let height = Height::new(height).unwrap();
        for number in [number, number >> 20, number >> 40, 0] {
            if let Some(tile) = Tile::within(height, level, number, size) {
                prop_assert!((1..=height.width()).contains(&tile.width()));
                if tile.number() <= i64::MAX as u64 {
                    prop_assert_eq!(Tile::parse(tile.to_string()), Ok(tile));
                }
                let _ = tile.read(log(1));
            }
        }
        prop_assert!(Tile::added(height, number, size).take(100).all(|tile| tile.width() > 0));
    }

    #[test]
    fn records(random in soup(RECORD_WORDS), changed in mutated(|| b"77\na v1.0.0 h1:x\na v1.0.0/go.mod h1:y\n\nrest\n".to_vec())) {
        reads_record(&random)?;
        reads_record(&changed)?;
    }

    #[test]
    fn tree_heads(random in soup(HEAD_WORDS), changed in mutated(|| TreeHead::EMPTY.to_string().into_bytes())) {
        reads_head(&random)?;
        reads_head(&changed)?;
    }

    #[test]
    fn positions(index: u64, level: u32, shift in 0..64u32) {
        for index in [index, index >> shift] {
            if let Some(position) = Position::at(index) {
                prop_assert_eq!(position.index(), index);
                prop_assert_eq!(Position::new(position.level(), position.number()), Some(position));
                prop_assert!(stored_hash_count(position.records().end).unwrap() > index);
            }
            if let Some(position) = Position::new(level % 70, index) {
                prop_assert_eq!(Position::at(position.index()), Some(position));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]



    #[test]
    fn trees_of_any_size(size: u64, other: u64, shift in 0..64u32, hashes in vec(any::<[u8; 32]>(), 0..70)) {
        let hashes: Vec<Hash> = hashes.into_iter().map(Hash::new).collect();
        let head = TreeHead { size, root: Hash::EMPTY };
        for other in [other, other >> shift, size, size.saturating_sub(1)] {
            let older = TreeHead { size: other, root: Hash::EMPTY };
            prop_assert!(check_record(&hashes, head, other, Hash::EMPTY).is_err());
            prop_assert!(check_tree(&hashes, head, older).is_err() || (hashes.is_empty() && older == head));
            prop_assert!(prove_record(size, other, &hashes).is_err());
            let _ = (prove_tree(size, other, &hashes), tree_hash(other, &hashes), stored_hashes(other, head.root, &hashes));
            for positions in [record_proof_positions(size, other).ok(), tree_proof_positions(size, other).ok(), tree_positions(size).ok()] {
                prop_assert!(positions.is_none_or(|list| list.len() < 64 * 64 && list.iter().all(|at| at.is_within(size))));
            }
            for height in [1, 2, 8, 30] {
                let Ok(mut plan) = TilePlan::new(head, Height::new(height).unwrap()) else { continue };
                let _ = (plan.add_record(other), plan.add_older(other), plan.add_tree_proof(other));
                prop_assert!(plan.tiles().len() < 64 * 64);
                prop_assert!(plan.clone().prove(vec![]).is_err() || size == 0);
                prop_assert!(plan.clone().prove(vec![vec![]; plan.tiles().len()]).is_err() || size == 0);
            }
        }
    }

    #[test]
    fn a_flipped_bit_in_a_proof_proves_nothing(size in 1..=300u64, number: Index, at: Index, bit in 0..8) {
        let number = number.index(size as usize) as u64;
        let (head, older) = (TreeHead { size, root: root(size) }, TreeHead { size: number + 1, root: root(number + 1) });
        let flip = |hash: &mut Hash| {
            let mut bytes = *hash.as_bytes();
            bytes[at.index(32)] ^= 1u8 << bit;
            *hash = Hash::new(bytes);
        };

        let proof = prove_record(size, number, log(1)).unwrap();
        let hash = record_hash(leaf(1, number));
        prop_assert_eq!(check_record(&proof, head, number, hash), Ok(()));
        // the last two stand for the record and the root
        let mut all = [&proof[..], &[hash, head.root]].concat();
        flip(at.get_mut(&mut all));
        let [proof @ .., hash, root] = &all[..] else { unreachable!() };
        let checked = check_record(proof, TreeHead { size, root: *root }, number, *hash);
        let refused = matches!(checked, Err(CheckError::Inclusion { .. }));
        prop_assert!(refused, "{:?}", checked);

        let proof = prove_tree(size, older.size, log(1)).unwrap();
        prop_assert_eq!(check_tree(&proof, head, older), Ok(()));
        let mut all = [&proof[..], &[older.root, head.root]].concat();
        flip(at.get_mut(&mut all));
        let [proof @ .., old, root] = &all[..] else { unreachable!() };
        let checked = check_tree(proof, TreeHead { size, root: *root }, TreeHead { root: *old, ..older });
        let refused = matches!(checked, Err(CheckError::Consistency { .. }));
        prop_assert!(refused, "{:?}", checked);
    }

    #[test]
    fn a_flipped_bit_in_a_tile_proves_nothing(
        size in 1..=300u64,
        height in 1..=9u32,
        numbers in vec(any::<Index>(), 1..5),
        tile: Index,
        byte: Index,
        bit in 0..8,
    ) {
        let head = TreeHead { size, root: root(size) };
        let numbers: Vec<u64> = numbers.iter().map(|number| number.index(size as usize) as u64).collect();
        let mut plan = TilePlan::new(head, Height::new(height).unwrap()).unwrap();
        for &number in &numbers {
            plan.add_record(number).unwrap();
            plan.add_older(number).unwrap();
        }
        let mut bytes: Vec<Vec<u8>> = plan.tiles().iter().map(|tile| tile.read(log(1)).unwrap()).collect();
        let proven = plan.clone().prove(bytes.clone()).unwrap();
        for &number in &numbers {
            let hash = record_hash(leaf(1, number));
            prop_assert_eq!(proven.check_record(number, hash), Ok(()));
            prop_assert!(proven.check_record(number, head.root).is_err() || size == 1);
            prop_assert_eq!(proven.check_older(TreeHead { size: number, root: root(number) }), Ok(()));
            let checked = proven.check_older(TreeHead { size: number, root: hash });
            let refused = matches!(checked, Err(CheckError::Consistency { .. }));
            prop_assert!(refused, "{:?}", checked);
        }
        prop_assert_eq!(proven.tiles().count(), plan.tiles().len());

        let spoilt = tile.index(bytes.len());
        *byte.get_mut(&mut bytes[spoilt]) ^= 1u8 << bit;
        prop_assert!(plan.clone().prove(bytes.clone()).is_err());
        if let Ok((some, rejected)) = plan.clone().prove_each(bytes.into_iter().map(Some).collect()) {
            prop_assert_eq!(rejected.len(), 1);
            prop_assert!(some.tiles().all(|(tile, bytes)| tile.read(log(1)).unwrap() == bytes));
            for number in numbers {
                let position = Position::record(number).unwrap();
                let read = some.read(&[position]);
                prop_assert!(read.is_err() || read == Ok(vec![record_hash(leaf(1, number))]));
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_a_note_is_not_verified() {
    let known = [SIGNER.verifier(), STRANGER.verifier()];
    let whole = note::open(&*NOTE, &known).unwrap();
    let mut spare = 0;
    for at in 0..NOTE.len() {
        for bit in 0..8 {
            let mut message = NOTE.as_bytes().to_vec();
            message[at] ^= 1 << bit;
            if let Ok(note) = note::open(&message, &known) {
                // a name or hash that nobody is known by leaves the other signature; and base64 has bits past the last byte
                assert_eq!(note.text, whole.text);
                assert!(
                    note.verified.iter().all(|signature| known.iter().any(|key| *key.id() == signature.key))
                );
                spare += usize::from(note.verified.len() == 2);
            }
        }
    }
    assert!(spare <= 2 * 2, "{spare} flipped bits");
}
