//! Packs that are good and packs that are not.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::sync::{Arc, Mutex};

use gix::hash::Kind::{Sha1, Sha256};
use proptest::prelude::*;

use super::sample::{PackWriter, delta, id_of, sealed};
use super::*;

type Objects = BTreeMap<ObjectId, (Kind, Vec<u8>)>;

/// Reads a pack in chunks of any size, and returns its objects as they were shown and as they are
/// when read again.
fn read_with(
    bytes: &[u8],
    chunk: usize,
    format: gix::hash::Kind,
    limits: &Limits,
    earlier: &Objects,
) -> Result<Objects, PackError> {
    let shown = Mutex::new(BTreeMap::new());
    let lookup = |id: &ObjectId| {
        earlier.get(id).cloned().map(|(kind, data)| Ok((kind, Arc::new(Content::Memory(data)))))
    };
    let visit = |found: Found<'_>| {
        let content = found.content.bytes().unwrap().into_owned();
        shown.lock().unwrap().insert(found.index, (found.id, found.kind, content));
        Ok(())
    };
    let incoming = Incoming {
        limits,
        storage: &Storage::default(),
        format,
        lookup: &lookup,
        visit: &visit,
        may_lack_bases: false,
        end: None,
    };
    let remaking = Remaking::new(limits.clone(), None);
    let (pack, ids, _) = incoming.receive(&mut BufReader::with_capacity(chunk, bytes))?;
    let mut objects = Objects::new();
    for (index, (id, kind, data)) in shown.into_inner().unwrap() {
        let (kind_again, content) = pack.read(index, &lookup, 0, &remaking)?;
        assert_eq!((ids.get(index), kind_again), (id, kind));
        assert!(*content.bytes().unwrap() == data[..], "object {index} read again");
        objects.insert(id, (kind, data));
    }
    Ok(objects)
}

fn read(bytes: &[u8]) -> Result<Objects, PackError> {
    read_with(bytes, 100, Sha1, &Limits::default(), &Objects::new())
}

/// The texts of a chain in which each is made from the one before.
fn texts(count: usize) -> Vec<Vec<u8>> {
    let mut text: Vec<u8> = b"The quick brown fox jumps over the lazy dog.\n".repeat(5);
    (0..count)
        .map(|number| {
            text[10 + number % 90] = number as u8;
            text.insert(50, b'x');
            text.clone()
        })
        .collect()
}

fn objects(format: gix::hash::Kind, kind: Kind, data: &[Vec<u8>]) -> Objects {
    data.iter().map(|data| (id_of(format, kind, data), (kind, data.clone()))).collect()
}

#[test]
fn gives_whole_objects_of_every_kind() {
    for format in [Sha1, Sha256] {
        let mut pack = PackWriter::new(format);
        let mut expected = Objects::new();
        for kind in [Kind::Commit, Kind::Tree, Kind::Blob, Kind::Tag] {
            for data in [&b""[..], b"content", &[3; 70_000]] {
                pack.whole(kind, data);
                expected.insert(id_of(format, kind, data), (kind, data.to_vec()));
            }
        }
        let pack = pack.finish();
        for chunk in [1, 2, 7, 65_536] {
            let got = read_with(&pack, chunk, format, &Limits::default(), &Objects::new()).unwrap();
            assert_eq!(got, expected);
        }
    }
}

#[test]
fn reads_an_empty_pack() {
    assert_eq!(read(&PackWriter::new(Sha1).finish()).unwrap(), Objects::new());
}

#[test]
fn makes_objects_from_offset_deltas() {
    let texts = texts(60);
    let mut pack = PackWriter::new(Sha1);
    let mut base = pack.whole(Kind::Blob, &texts[0]);
    for pair in texts.windows(2) {
        base = pack.offset_delta(base, &delta(&pair[0], &pair[1]));
    }
    assert_eq!(read(&pack.finish()).unwrap(), objects(Sha1, Kind::Blob, &texts));
}

#[test]
fn makes_many_objects_from_one() {
    let texts = texts(200);
    let mut pack = PackWriter::new(Sha1);
    let base = pack.whole(Kind::Blob, &texts[0]);
    for text in &texts[1..] {
        pack.offset_delta(base, &delta(&texts[0], text));
    }
    assert_eq!(read(&pack.finish()).unwrap(), objects(Sha1, Kind::Blob, &texts));
}

#[test]
fn makes_objects_from_id_deltas_in_any_order() {
    let texts = texts(30);
    for format in [Sha1, Sha256] {
        let mut pack = PackWriter::new(format);
        for pair in texts.windows(2).rev() {
            pack.id_delta(id_of(format, Kind::Blob, &pair[0]), &delta(&pair[0], &pair[1]));
        }
        pack.whole(Kind::Blob, &texts[0]);
        let got = read_with(&pack.finish(), 50, format, &Limits::default(), &Objects::new()).unwrap();
        assert_eq!(got, objects(format, Kind::Blob, &texts));
    }
}

#[test]
fn makes_objects_from_those_of_an_earlier_pack() {
    let texts = texts(4);
    let earlier = objects(Sha1, Kind::Blob, &texts[..1]);
    let mut pack = PackWriter::new(Sha1);
    let at = pack.id_delta(id_of(Sha1, Kind::Blob, &texts[0]), &delta(&texts[0], &texts[1]));
    pack.offset_delta(at, &delta(&texts[1], &texts[2]));
    pack.id_delta(id_of(Sha1, Kind::Blob, &texts[2]), &delta(&texts[2], &texts[3]));
    let pack = pack.finish();
    let got = read_with(&pack, 64, Sha1, &Limits::default(), &earlier).unwrap();
    assert_eq!(got, objects(Sha1, Kind::Blob, &texts[1..]));
    let missing = id_of(Sha1, Kind::Blob, &texts[0]);
    let error = read(&pack).unwrap_err();
    // two bases are missing, of which the one with the lower id is told
    assert!(matches!(error, PackError::MissingBase { id } if id <= missing), "{error}");
}

#[test]
fn refuses_deltas_that_are_made_from_each_other() {
    let texts = texts(2);
    let ids = [0, 1].map(|at| id_of(Sha1, Kind::Blob, &texts[at]));
    let mut pack = PackWriter::new(Sha1);
    pack.id_delta(ids[0], &delta(&texts[0], &texts[1]));
    pack.id_delta(ids[1], &delta(&texts[1], &texts[0]));
    assert!(matches!(read(&pack.finish()), Err(PackError::MissingBase { .. })));
}

#[test]
fn refuses_a_base_that_is_no_object_before() {
    let text = texts(1).remove(0);
    for back in [0, 1, 11, 4000] {
        let mut pack = PackWriter::new(Sha1);
        let base = pack.whole(Kind::Blob, &text);
        // a distance of `back` from the delta, which is no object's
        pack.entry(6, &[back as u8 & 0x7f], &delta(&text, &text));
        let got = read(&pack.finish());
        assert!(matches!(got, Err(PackError::Corrupt { .. })), "{back} {base}");
    }
}

#[test]
fn refuses_unknown_types() {
    for code in [0, 5] {
        let mut pack = PackWriter::new(Sha1);
        pack.entry(code, &[], b"data");
        assert!(matches!(read(&pack.finish()), Err(PackError::Corrupt { offset: 12, .. })), "{code}");
    }
}

#[test]
fn refuses_a_wrong_frame() {
    let mut pack = PackWriter::new(Sha1);
    pack.whole(Kind::Blob, b"data");
    let good = pack.finish();
    let unsealed = &good[..good.len() - 20];
    let with = |at: usize, byte: u8| {
        let mut bytes = unsealed.to_vec();
        bytes[at] = byte;
        read(&sealed(bytes, Sha1)).unwrap_err()
    };
    assert!(matches!(with(0, b'Q'), PackError::NotAPack));
    assert!(matches!(with(7, 3), PackError::NotAPack));
    assert!(matches!(with(11, 2), PackError::Corrupt { .. } | PackError::Truncated), "one object more");
    assert!(matches!(with(11, 0), PackError::Checksum), "one object less");
    let trailing = [&good[..], b"x"].concat();
    assert!(matches!(read(&trailing), Err(PackError::Trailing)));
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(matches!(read(&flipped), Err(PackError::Checksum)));
    for len in 0..good.len() {
        assert!(matches!(read(&good[..len]), Err(PackError::Truncated)), "{len}");
    }
}

#[test]
fn stops_at_each_bound() {
    let texts = texts(9);
    let mut pack = PackWriter::new(Sha1);
    let mut base = pack.whole(Kind::Blob, &texts[0]);
    for pair in texts.windows(2) {
        base = pack.offset_delta(base, &delta(&pair[0], &pair[1]));
    }
    let pack = pack.finish();
    let all = Limits::default();
    for (limits, expected) in [
        (Limits { pack_bytes: 100, ..all.clone() }, Bound::PackBytes),
        (Limits { objects: 8, ..all.clone() }, Bound::Objects),
        (Limits { object_bytes: 200, ..all.clone() }, Bound::ObjectBytes),
        (Limits { object_bytes: texts[8].len() as u64 - 1, ..all.clone() }, Bound::ObjectBytes),
        (Limits { unpacked_bytes: 200, ..all.clone() }, Bound::UnpackedBytes),
        (Limits { unpacked_bytes: 1000, ..all.clone() }, Bound::UnpackedBytes),
        (Limits { delta_depth: 7, ..all.clone() }, Bound::DeltaDepth),
        (Limits { delta_bytes: 300, ..all.clone() }, Bound::DeltaBytes),
    ] {
        match read_with(&pack, 64, Sha1, &limits, &Objects::new()) {
            Err(PackError::Limit { bound, .. }) => assert_eq!(bound, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    let enough = Limits { objects: 9, delta_depth: 8, ..all };
    assert_eq!(read_with(&pack, 64, Sha1, &enough, &Objects::new()).unwrap().len(), 9);
}

#[test]
fn declared_size_is_not_set_aside() {
    // 500 MiB declared, nothing there
    let mut bytes = b"PACK\0\0\0\x02\0\0\0\x01".to_vec();
    bytes.extend_from_slice(&[0xb0, 0x80, 0x80, 0xfd, 0x01]);
    assert!(matches!(read(&sealed(bytes, Sha1)), Err(PackError::Corrupt { .. } | PackError::Truncated)));
}

#[test]
fn passes_on_what_the_visitor_refuses() {
    let mut pack = PackWriter::new(Sha1);
    for number in 0..50_u8 {
        pack.whole(Kind::Blob, &[number]);
    }
    let refuse = |_: Found<'_>| Err(PackError::Limit { bound: Bound::KeptBytes, max: 1 });
    let incoming = Incoming {
        limits: &Limits::default(),
        storage: &Storage::default(),
        format: Sha1,
        lookup: &|_| None,
        visit: &refuse,
        may_lack_bases: false,
        end: None,
    };
    let got = incoming.receive(&mut &pack.finish()[..]);
    assert!(matches!(got, Err(PackError::Limit { bound: Bound::KeptBytes, .. })));
}

proptest! {
    #[test]
    fn never_panics_on_a_pack_with_flipped_bytes(flips in prop::collection::vec((12_usize..800, any::<u8>()), 1..4), seal in any::<bool>()) {
        let texts = texts(12);
        let mut pack = PackWriter::new(Sha1);
        let mut base = pack.whole(Kind::Blob, &texts[0]);
        for pair in texts.windows(2) {
            base = pack.offset_delta(base, &delta(&pair[0], &pair[1]));
        }
        pack.id_delta(id_of(Sha1, Kind::Blob, &texts[3]), &delta(&texts[3], &texts[0]));
        let good = pack.finish();
        let mut bytes = good[..good.len() - 20].to_vec();
        for (at, byte) in flips {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let bytes = if seal { sealed(bytes, Sha1) } else { [&bytes[..], &good[good.len() - 20..]].concat() };
        let limits = Limits { object_bytes: 1 << 16, unpacked_bytes: 1 << 20, ..Limits::default() };
        if let Ok(objects) = read_with(&bytes, 33, Sha1, &limits, &Objects::new()) {
            for (id, (kind, data)) in objects {
                prop_assert_eq!(id, id_of(Sha1, kind, &data));
            }
        }
    }
}

#[test]
fn object_that_comes_again_made_from_itself_is_read_all_the_same() {
    let (x, a) =
        (b"one text that is long enough\n".as_slice(), b"one text that is quite long enough\n".as_slice());
    let mut pack = PackWriter::new(Sha1);
    pack.whole(Kind::Blob, x);
    let at = pack.id_delta(id_of(Sha1, Kind::Blob, x), &delta(x, a));
    pack.offset_delta(at, &delta(a, x));
    let objects = read(&pack.finish()).unwrap();
    assert_eq!(objects[&id_of(Sha1, Kind::Blob, x)].1, x);
    assert_eq!(objects[&id_of(Sha1, Kind::Blob, a)].1, a);
    // the same with the first one in an earlier pack
    let mut pack = PackWriter::new(Sha1);
    let at = pack.id_delta(id_of(Sha1, Kind::Blob, x), &delta(x, a));
    pack.offset_delta(at, &delta(a, x));
    let earlier = Objects::from([(id_of(Sha1, Kind::Blob, x), (Kind::Blob, x.to_vec()))]);
    let objects = read_with(&pack.finish(), 100, Sha1, &Limits::default(), &earlier).unwrap();
    assert_eq!(objects[&id_of(Sha1, Kind::Blob, x)].1, x);
}
