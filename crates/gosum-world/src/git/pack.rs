//! Packs: objects as they travel.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::delta::delta;
use super::select::Selected;
use crate::repository::{Object, ObjectFormat, ObjectId, ObjectKind, Repository};

/// How many deltas may follow on one another.
const MAX_CHAIN: u32 = 20;

/// Which deltas a repository sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deltas {
    /// None: each object is whole.
    #[default]
    None,
    /// Such that tell how far back in the pack their base is, if the client can read them; else those of
    /// [`Deltas::Reference`].
    Offset,
    /// Such that name the id of their base, which is somewhere before them in the pack.
    Reference,
    /// Such that name the id of their base, which is somewhere after them in the pack.
    ReferenceAhead,
}

/// Returns the pack of the objects that are selected.
pub(crate) fn pack(repository: &Repository, selected: Vec<Selected>, deltas: Deltas) -> Vec<u8> {
    let format = repository.format();
    let entries = entries(repository, selected, deltas);
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend(u32::try_from(entries.len()).expect("fewer objects than that fit into memory").to_be_bytes());
    let mut offsets = BTreeMap::new();
    for entry in &entries {
        let start = pack.len();
        offsets.insert(entry.id, start);
        match &entry.base {
            None => write_header(&mut pack, entry.object.kind.pack_type(), entry.object.content.len()),
            Some(base) if deltas == Deltas::Offset => {
                write_header(&mut pack, 6, base.delta.len());
                write_distance(&mut pack, start - offsets[&base.id]);
            }
            Some(base) => {
                write_header(&mut pack, 7, base.delta.len());
                pack.extend_from_slice(base.id.as_bytes());
            }
        }
        let content = entry.base.as_ref().map_or(&*entry.object.content, |base| &base.delta);
        deflate(&mut pack, content);
    }
    pack.extend_from_slice(format.digest(&pack).as_bytes());
    pack
}

/// An object on its way into a pack.
struct Entry<'a> {
    id: ObjectId,
    object: &'a Object,
    base: Option<Base>,
}

/// What an object is a delta of.
struct Base {
    id: ObjectId,
    delta: Vec<u8>,
    chain: u32,
}

/// Puts objects that may be alike beside each other, and makes deltas of those that are.
fn entries(repository: &Repository, mut selected: Vec<Selected>, deltas: Deltas) -> Vec<Entry<'_>> {
    let object = |id| repository.object(id).expect("only objects that are there are selected");
    if deltas != Deltas::None {
        selected.sort_by_cached_key(|selected| (object(selected.id).kind, selected.path.clone()));
    }
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(selected.len());
    for Selected { id, .. } in selected {
        let object = object(id);
        let before = entries.last().filter(|_| deltas != Deltas::None);
        let base = before.and_then(|before| base(before, object));
        entries.push(Entry { id, object, base });
    }
    if deltas == Deltas::ReferenceAhead {
        entries.reverse();
    }
    entries
}

fn base(before: &Entry<'_>, object: &Object) -> Option<Base> {
    let chain = before.base.as_ref().map_or(1, |base| base.chain + 1);
    if before.object.kind != object.kind || chain > MAX_CHAIN {
        return None;
    }
    let delta = delta(&before.object.content, &object.content);
    (delta.len() < object.content.len()).then_some(Base { id: before.id, delta, chain })
}

fn write_header(pack: &mut Vec<u8>, kind: u8, size: usize) {
    let mut byte = kind << 4 | (size.to_le_bytes()[0] & 0x0f);
    let mut rest = size >> 4;
    while rest > 0 {
        pack.push(byte | 0x80);
        byte = rest.to_le_bytes()[0] & 0x7f;
        rest >>= 7;
    }
    pack.push(byte);
}

/// Writes how far back a base is: big-endian groups of seven bits, each but the last one less than it stands for.
fn write_distance(pack: &mut Vec<u8>, distance: usize) {
    let mut bytes = vec![distance.to_le_bytes()[0] & 0x7f];
    let mut rest = distance >> 7;
    while rest > 0 {
        rest -= 1;
        bytes.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    pack.extend(bytes.iter().rev());
}

fn deflate(pack: &mut Vec<u8>, content: &[u8]) {
    let mut encoder = ZlibEncoder::new(pack, Compression::fast());
    encoder.write_all(content).and_then(|()| encoder.finish()).expect("a vector takes everything");
}

impl ObjectKind {
    fn pack_type(self) -> u8 {
        match self {
            ObjectKind::Commit => 1,
            ObjectKind::Tree => 2,
            ObjectKind::Blob => 3,
            ObjectKind::Tag => 4,
        }
    }
}

impl ObjectFormat {
    /// Returns the hash of `bytes`: the trailer of a pack.
    fn digest(self, bytes: &[u8]) -> ObjectId {
        let mut hasher = gix::hash::hasher(self.hash_kind());
        hasher.update(bytes);
        hasher.try_finalize().expect("nothing here is made to collide").into()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::git::delta::tests::apply;
    use crate::repository::Files;

    /// What a pack says of an object.
    enum Told {
        Whole(Object),
        /// How far back its base is, and how to make it.
        Back(usize, Vec<u8>),
        /// What its base is, and how to make it.
        Of(ObjectId, Vec<u8>),
    }

    /// Reads what is said of the object at `at`, as the documentation of git's pack format has it. Returns where the
    /// next one is.
    fn read(pack: &[u8], mut at: usize, format: ObjectFormat) -> (Told, usize) {
        let kind = pack[at] >> 4 & 7;
        while pack[at] >= 0x80 {
            at += 1;
        }
        at += 1;
        let start = at;
        let (mut distance, id_length) = (usize::from(pack[at] & 0x7f), format.id_length());
        match kind {
            6 => {
                while pack[at] >= 0x80 {
                    at += 1;
                    distance = (distance + 1) << 7 | usize::from(pack[at] & 0x7f);
                }
                at += 1;
            }
            7 => at += id_length,
            _ => {}
        }
        let mut decoder = flate2::bufread::ZlibDecoder::new(&pack[at..]);
        let mut content = Vec::new();
        decoder.read_to_end(&mut content).unwrap();
        let kinds = [ObjectKind::Commit, ObjectKind::Tree, ObjectKind::Blob, ObjectKind::Tag];
        let told = match kind {
            6 => Told::Back(distance, content),
            7 => Told::Of(ObjectId::from_bytes(&pack[start..start + id_length]).unwrap(), content),
            kind => Told::Whole(Object { kind: kinds[usize::from(kind) - 1], content: content.into() }),
        };
        (told, at + usize::try_from(decoder.total_in()).unwrap())
    }

    /// Returns the ids of the objects in a pack, and how many of them were deltas.
    fn unpack(pack: &[u8], format: ObjectFormat) -> (Vec<ObjectId>, usize) {
        let end = pack.len() - format.id_length();
        assert_eq!(format.digest(&pack[..end]).as_bytes(), &pack[end..]);
        let (mut at, mut told) = (12, BTreeMap::new());
        while at < end {
            let (object, next) = read(pack, at, format);
            told.insert(at, object);
            at = next;
        }
        assert_eq!(told.len(), u32::from_be_bytes(pack[8..12].try_into().unwrap()) as usize);
        let (mut objects, mut ids) = (BTreeMap::new(), BTreeMap::new());
        let deltas = told.values().filter(|told| !matches!(told, Told::Whole(_))).count();
        while objects.len() < told.len() {
            let known = objects.len();
            for (&at, told) in &told {
                let (base, delta) = match told {
                    Told::Whole(object) => (Some(object.clone()), None),
                    Told::Back(distance, delta) => (objects.get(&(at - distance)).cloned(), Some(delta)),
                    Told::Of(id, delta) => (ids.get(id).and_then(|at| objects.get(at)).cloned(), Some(delta)),
                };
                let Some(mut object) = base else { continue };
                if let Some(delta) = delta {
                    object.content = apply(&object.content, delta).into();
                }
                ids.insert(object.id(format), at);
                objects.insert(at, object);
            }
            assert!(objects.len() > known, "a base is missing");
        }
        (ids.into_keys().collect(), deltas)
    }

    #[test]
    fn objects_come_out_as_they_went_in() {
        for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
            let mut repository = Repository::new(format);
            let text = |time| (0..time * 100).map(|line| format!("line {line}\n")).collect::<String>();
            for time in 1..10 {
                let files =
                    Files::new().file("a.txt", text(time)).file("b/c.txt", text(10 - time)).file("empty", "");
                repository.commit("main", time, &files);
            }
            let ids: Vec<ObjectId> = repository.object_ids();
            for (deltas, few) in [
                (Deltas::None, 0..1),
                (Deltas::Offset, 10..40),
                (Deltas::Reference, 10..40),
                (Deltas::ReferenceAhead, 10..40),
            ] {
                let selected = ids.iter().map(|&id| Selected { id, path: Vec::new() }).collect();
                let (unpacked, told) = unpack(&pack(&repository, selected, deltas), format);
                assert_eq!(unpacked, ids, "{deltas:?}");
                assert!(few.contains(&told), "{deltas:?}: {told}");
            }
        }
    }

    #[test]
    fn sizes_and_distances_are_written_as_git_reads_them() {
        let header = |kind, size| {
            let mut pack = Vec::new();
            write_header(&mut pack, kind, size);
            pack
        };
        assert_eq!(header(3, 0), [0x30]);
        assert_eq!(header(1, 15), [0x1f]);
        assert_eq!(header(2, 16), [0xa0, 0x01]);
        assert_eq!(header(7, 0x12345), [0xf5, 0xb4, 0x24]);
        let distance = |distance| {
            let mut pack = Vec::new();
            write_distance(&mut pack, distance);
            pack
        };
        assert_eq!(distance(127), [0x7f]);
        assert_eq!(distance(128), [0x80, 0x00]);
        assert_eq!(distance(16511), [0xff, 0x7f]);
        assert_eq!(distance(16512), [0x80, 0x80, 0x00]);
    }

    #[test]
    fn pack_of_nothing_is_a_header_and_a_trailer() {
        let repository = Repository::new(ObjectFormat::Sha1);
        let pack = pack(&repository, Vec::new(), Deltas::None);
        assert_eq!(pack[..12], *b"PACK\0\0\0\x02\0\0\0\0");
        let trailer: String = pack[12..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(trailer, "029d08823bd8a8eab510ad6ac75c823cfd3ed31e");
    }
}
