//! The form in which answers are kept: one byte that names the form, then fields in a fixed order. Numbers are in little
//! endian, texts have their length before them. What is not read to its end is none.

use std::sync::Arc;

use gosum_evidence::evidence::{
    Answer, CommitSaid, Defect, Evidence, Lasting, Moved, Origin, SignatureKind, Sum,
};
use gosum_mod::hash::h1::H1;

/// The form that is written, and the only one that is read.
const FORM: u8 = 1;

/// An answer that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// When it was seen, in seconds since 1970, UTC.
    pub seen: i64,
    /// On which day it was last of use, in days since 1970.
    pub used: u32,
    /// The answer, and where it came from.
    pub evidence: Evidence,
}

/// Returns `kept` as bytes; none of an answer that says nothing definite, or was not computed.
pub(crate) fn encode(kept: &Kept) -> Option<Vec<u8>> {
    let Evidence { answer, origin, lasting, go_mod_inside, .. } = &kept.evidence;
    let mut out = Writer::new(FORM);
    out.bytes(&kept.seen.to_le_bytes());
    out.bytes(&kept.used.to_le_bytes());
    match answer {
        Answer::Hash { h1: Sum::H1(h1), defects } => {
            out.byte(0);
            out.bytes(h1.as_bytes());
            out.byte(defects.len().try_into().ok()?);
            for (defect, why) in defects {
                out.byte(place_of(&DEFECTS, defect));
                out.text(why);
            }
        }
        Answer::Absent(why) => {
            out.byte(1);
            out.text(why);
        }
        _ => return None,
    }
    out.option(lasting.as_ref(), |out, lasting| out.byte(place_of(&Lasting::ALL, lasting)));
    out.option(go_mod_inside.as_deref(), |out, h1| out.bytes(h1.as_bytes()));
    let Origin { from, asked_for, reference, commit, subdir, said, time, content_of, moved } = &**origin;
    for text in [from, asked_for, reference, commit, subdir, time, content_of] {
        out.option(text.as_deref(), |out, text| out.text(text));
    }
    out.option(said.as_deref(), |out, said| {
        let CommitSaid {
            resolved_by,
            tag_object,
            tag_signature,
            author_time,
            committer_time,
            commit_signature,
        } = said;
        out.text(resolved_by);
        out.option(tag_object.as_deref(), |out, text| out.text(text));
        out.option(tag_signature.as_ref(), |out, kind| out.byte(place_of(&SIGNATURES, kind)));
        out.option(author_time.as_deref(), |out, text| out.text(text));
        out.text(committer_time);
        out.byte(place_of(&SIGNATURES, commit_signature));
    });
    out.option(moved.as_deref(), |out, Moved { commit, first, last, since, zip }| {
        out.text(commit);
        for time in [first, last, since] {
            out.bytes(&time.to_le_bytes());
        }
        out.option(zip.as_ref(), |out, h1| out.bytes(h1.as_bytes()));
    });
    Some(out.into_bytes())
}

/// Returns the answer that `bytes` are, if they are one.
pub(crate) fn decode(bytes: &[u8]) -> Option<Kept> {
    let mut input = Reader::new(bytes, FORM)?;
    let seen = i64::from_le_bytes(input.array()?);
    let used = u32::from_le_bytes(input.array()?);
    let answer = match input.byte()? {
        0 => {
            let h1 = Sum::H1(H1::new(input.array()?));
            let count = input.byte()?;
            let defects = (0..count).map(|_| Some((input.one_of(&DEFECTS)?, input.text()?.into())));
            Answer::Hash { h1, defects: defects.collect::<Option<_>>()? }
        }
        1 => Answer::Absent(input.text()?.into()),
        _ => return None,
    };
    let lasting = input.option(|input| input.one_of(&Lasting::ALL))?;
    let go_mod = input.option(|input| input.array().map(H1::new))?;
    let mut text = || input.option(|input| input.text().map(Arc::from));
    let (from, asked_for, reference) = (text()?, text()?, text()?);
    let (commit, subdir, time, content_of) = (text()?, text()?, text()?, text()?);
    let said = input.option(Reader::said)?.map(Arc::new);
    let moved = input.option(Reader::moved)?.map(Arc::new);
    let origin = Origin { from, asked_for, reference, commit, subdir, said, time, content_of, moved };
    let evidence = Evidence::new(answer, origin).lasting(lasting).with_go_mod_inside(go_mod);
    input.is_at_end().then_some(Kept { seen, used, evidence })
}

/// Returns when, and on which day for the last time, an answer was seen and of use, without reading the rest of it.
pub(crate) fn times(bytes: &[u8]) -> Option<(i64, u32)> {
    let mut input = Reader::new(bytes, FORM)?;
    Some((i64::from_le_bytes(input.array()?), u32::from_le_bytes(input.array()?)))
}

/// Returns `bytes`, an answer, as one that was of use on the day `used`.
pub(crate) fn with_use(bytes: &[u8], used: u32) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_owned();
    bytes.get_mut(9..13)?.copy_from_slice(&used.to_le_bytes());
    Some(bytes)
}

// a place in these lists is what is kept: they grow at their ends
const DEFECTS: [Defect; 3] = [Defect::InvalidZip, Defect::CommitNotInRepository, Defect::ViaModuleServer];
const SIGNATURES: [SignatureKind; 5] = [
    SignatureKind::None,
    SignatureKind::Openpgp,
    SignatureKind::Ssh,
    SignatureKind::X509,
    SignatureKind::Unknown,
];
const RESOLVED_BY: [&str; 3] = ["tag", "pseudo-version", "choice"];

fn place_of<T: PartialEq>(list: &[T], item: &T) -> u8 {
    let place = list.iter().position(|other| other == item);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

/// Writes a row.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(form: u8) -> Writer {
        Writer(vec![form])
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        let length = u32::try_from(text.len()).expect("a text of an answer is short");
        self.bytes(&length.to_le_bytes());
        self.bytes(text.as_bytes());
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Writer, T)) {
        self.byte(value.is_some().into());
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// Reads a row.
pub(crate) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    /// Returns who reads `bytes`, if they are of this form.
    pub(crate) fn new(bytes: &'b [u8], form: u8) -> Option<Reader<'b>> {
        let (first, rest) = bytes.split_first()?;
        (*first == form).then_some(Reader(rest))
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(usize::from(self.byte()?)).copied()
    }

    pub(crate) fn text(&mut self) -> Option<&'b str> {
        let length = u32::from_le_bytes(self.array()?);
        std::str::from_utf8(self.take(length.try_into().ok()?)?).ok()
    }

    /// Returns a value that may not be there; none where what is read is no such value.
    fn option<T>(&mut self, read: impl FnOnce(&mut Reader<'b>) -> Option<T>) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            1 => read(self).map(Some),
            _ => None,
        }
    }

    fn moved(&mut self) -> Option<Moved> {
        let commit = self.text()?.into();
        let mut time = || self.array().map(i64::from_le_bytes);
        let (first, last, since) = (time()?, time()?, time()?);
        let zip = self.option(|input| input.array().map(H1::new))?;
        Some(Moved { commit, first, last, since, zip })
    }

    fn said(&mut self) -> Option<CommitSaid> {
        let resolved_by = self.text()?;
        Some(CommitSaid {
            resolved_by: RESOLVED_BY.iter().find(|known| **known == resolved_by)?,
            tag_object: self.option(|input| input.text().map(Arc::from))?,
            tag_signature: self.option(|input| input.one_of(&SIGNATURES))?,
            author_time: self.option(|input| input.text().map(str::to_owned))?,
            committer_time: self.text()?.to_owned(),
            commit_signature: self.one_of(&SIGNATURES)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn full() -> Kept {
        let answer = Answer::hash(H1::new([7; 32])).with_defect(Defect::InvalidZip, "two files");
        let said = CommitSaid {
            resolved_by: "tag",
            tag_object: Some("cc".into()),
            tag_signature: Some(SignatureKind::Ssh),
            author_time: Some("2026-01-01T00:00:00Z".into()),
            committer_time: "2026-01-02T00:00:00Z".into(),
            commit_signature: SignatureKind::None,
        };
        let moved = Moved { commit: "bb".into(), first: 1, last: 2, since: 3, zip: Some(H1::new([5; 32])) };
        let origin = Origin {
            from: Some("https://git.example/a".into()),
            reference: Some("refs/tags/v1.0.0".into()),
            commit: Some("aa".into()),
            subdir: Some("".into()),
            said: Some(said.into()),
            moved: Some(moved.into()),
            ..Origin::default()
        };
        let evidence = Evidence::new(answer, origin).with_go_mod_inside(Some(H1::new([9; 32])));
        Kept { seen: 1_795_694_400, used: 20_783, evidence }
    }

    fn absent() -> Kept {
        let evidence = Evidence::from(Answer::Absent("404".into())).lasting(Some(Lasting::ProxyRefuses));
        Kept { seen: -1, used: 0, evidence }
    }

    #[test]
    fn what_is_kept_is_read_again_as_it_was() {
        for kept in [full(), absent()] {
            let bytes = encode(&kept).unwrap();
            assert_eq!(decode(&bytes), Some(kept.clone()));
            assert_eq!(times(&bytes), Some((kept.seen, kept.used)));
            let used = decode(&with_use(&bytes, 30_000).unwrap()).unwrap();
            assert_eq!(used, Kept { used: 30_000, ..kept });
        }
    }

    #[test]
    fn only_what_is_definite_is_kept() {
        use gosum_evidence::evidence::NotAsked;
        for answer in [
            Answer::Unavailable("timeout".into()),
            Answer::Untrusted("zip of another module".into()),
            Answer::NotAsked(NotAsked::Private),
            Answer::Hash { h1: Sum::parse("h1:none"), defects: Vec::new() },
        ] {
            assert_eq!(encode(&Kept { seen: 0, used: 0, evidence: answer.into() }), None);
        }
    }

    #[test]
    fn a_part_of_an_answer_is_none_nor_is_more_than_one() {
        let mut bytes = encode(&full()).unwrap();
        for end in 0..bytes.len() {
            assert_eq!(decode(&bytes[..end]), None, "{end}");
        }
        bytes.push(0);
        assert_eq!(decode(&bytes), None);
        bytes.pop();
        bytes[0] = 2;
        assert_eq!(decode(&bytes), None);
    }

    proptest! {
        #[test]
        fn whatever_is_read_does_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
            let _ = times(&bytes);
        }
    }
}
