//! Inflating the data of one object.

use std::io::{self, BufRead, Write};

use flate2::{Decompress, FlushDecompress, Status};

use super::PackError;
use super::content::{Content, Draft};
use super::spool::Storage;

/// How much is set aside for an object before any of it has been inflated.
const FIRST_CAPACITY: usize = 1 << 20;
/// How much of an object that goes to disk is inflated at once.
const PIECE: usize = 256 << 10;

/// An inflater that is used for one object after another.
pub(super) struct Inflater {
    state: Decompress,
    /// What has been inflated and is not on disk yet.
    piece: Vec<u8>,
}

impl Inflater {
    pub(super) fn new() -> Inflater {
        Inflater { state: Decompress::new(true), piece: Vec::new() }
    }

    /// Returns the data at `input`, and leaves `input` behind them. The data must be `size` bytes long; `offset` is where
    /// their object begins.
    pub(super) fn inflate(
        &mut self,
        input: &mut dyn BufRead,
        size: u64,
        offset: u64,
        storage: &Storage,
    ) -> Result<Content, PackError> {
        let mut draft = Draft::new(size, true, storage).map_err(PackError::Spool)?;
        self.inflate_into(input, size, offset, &mut draft)?;
        draft.finish().map_err(PackError::Spool)
    }

    fn inflate_into(
        &mut self,
        input: &mut dyn BufRead,
        size: u64,
        offset: u64,
        draft: &mut Draft,
    ) -> Result<(), PackError> {
        let corrupt = |reason| PackError::Corrupt { offset, reason };
        let Inflater { state, piece } = self;
        state.reset(true);
        piece.clear();
        loop {
            let chunk = match input.fill_buf() {
                Ok([]) => return Err(PackError::Truncated),
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(PackError::Truncated);
                }
                Err(error) => return Err(PackError::Read(error)),
            };
            // one byte more than there should be: it shows data that are too long
            let (done, max) = (draft.len(), if let Draft::Memory(_) = draft { usize::MAX } else { PIECE });
            let room = (size + 1 - done).min(done.max(FIRST_CAPACITY as u64)).min(max as u64);
            let out = match draft {
                Draft::Memory(bytes) => bytes,
                Draft::Disk { .. } => &mut *piece,
            };
            out.reserve(room as usize);
            let (before_in, before_out) = (state.total_in(), out.len());
            let status = state.decompress_vec(chunk, out, FlushDecompress::None);
            let status = status.map_err(|_| corrupt("its data are not deflated"))?;
            let (taken, made) = ((state.total_in() - before_in) as usize, out.len() - before_out);
            input.consume(taken);
            if let Draft::Disk { .. } = draft {
                draft.write_all(piece).map_err(PackError::Spool)?;
                piece.clear();
            }
            if draft.len() > size {
                return Err(corrupt("its data are longer than declared"));
            }
            match status {
                Status::StreamEnd if draft.len() == size => return Ok(()),
                Status::StreamEnd => return Err(corrupt("its data are shorter than declared")),
                _ if taken == 0 && made == 0 => return Err(corrupt("its data are not deflated")),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn deflated(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(stream: &[u8], size: usize, chunk: usize) -> (Result<Vec<u8>, PackError>, Vec<u8>) {
        let mut input = BufReader::with_capacity(chunk, stream);
        let (mut inflater, size) = (Inflater::new(), size as u64);
        let got = inflater.inflate(&mut input, size, 0, &Storage::default());
        let got = got.map(|content| content.into_bytes().unwrap());
        let mut rest = Vec::new();
        io::Read::read_to_end(&mut input, &mut rest).unwrap();
        (got, rest)
    }

    #[test]
    fn stops_behind_the_data_however_they_come() {
        for data in [&b""[..], b"a", &[7; 5000], &[0; 3 << 20], &vec![1; 17 << 20]] {
            for chunk in [1, 2, 3, 4096].into_iter().filter(|chunk| data.len() < 4 << 20 || *chunk > 3) {
                let mut stream = deflated(data);
                stream.extend_from_slice(b"next");
                let (got, rest) = inflate(&stream, data.len(), chunk);
                assert_eq!((got.unwrap() == data, &rest[..]), (true, &b"next"[..]), "{} {chunk}", data.len());
            }
        }
    }

    #[test]
    fn refuses_data_of_another_size_than_declared() {
        let stream = deflated(&[1; 100]);
        for size in [0, 99, 101] {
            assert!(matches!(inflate(&stream, size, 7).0, Err(PackError::Corrupt { .. })), "{size}");
        }
    }

    #[test]
    fn tells_an_early_end_from_garbage() {
        let stream = deflated(b"some text that is long enough");
        assert!(matches!(inflate(&stream[..stream.len() - 1], 29, 4).0, Err(PackError::Truncated)));
        assert!(matches!(inflate(b"garbage", 29, 4).0, Err(PackError::Corrupt { .. })));
    }
}
