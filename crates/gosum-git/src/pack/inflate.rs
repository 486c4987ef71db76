//! Inflating the data of one object.

use std::io::{self, BufRead};

use flate2::{Decompress, FlushDecompress, Status};

use super::PackError;

/// How much is set aside for an object before any of it has been inflated.
const FIRST_CAPACITY: usize = 1 << 20;

/// An inflater that is used for one object after another.
pub(super) struct Inflater(Decompress);

impl Inflater {
    pub(super) fn new() -> Inflater {
        Inflater(Decompress::new(true))
    }

    /// Puts the data at `input` into `out`, and leaves `input` behind them. The data must be `size`
    /// bytes long; `offset` is where their object begins.
    pub(super) fn inflate(
        &mut self,
        input: &mut dyn BufRead,
        size: usize,
        offset: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), PackError> {
        let corrupt = |reason| PackError::Corrupt { offset, reason };
        self.0.reset(true);
        out.clear();
        loop {
            // one byte more than there should be: it shows data that are too long
            let room = (size + 1 - out.len()).min(out.len().max(FIRST_CAPACITY));
            out.reserve(room);
            let chunk = match input.fill_buf() {
                Ok([]) => return Err(PackError::Truncated),
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(PackError::Truncated);
                }
                Err(error) => return Err(PackError::Read(error)),
            };
            let (before_in, before_out) = (self.0.total_in(), out.len());
            let status = self
                .0
                .decompress_vec(chunk, out, FlushDecompress::None)
                .map_err(|_| corrupt("its data are not deflated"))?;
            let taken = (self.0.total_in() - before_in) as usize;
            input.consume(taken);
            if out.len() > size {
                return Err(corrupt("its data are longer than declared"));
            }
            match status {
                Status::StreamEnd if out.len() == size => return Ok(()),
                Status::StreamEnd => return Err(corrupt("its data are shorter than declared")),
                _ if taken == 0 && out.len() == before_out => {
                    return Err(corrupt("its data are not deflated"));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};

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
        let mut out = Vec::new();
        let got = Inflater::new().inflate(&mut input, size, 0, &mut out).map(|()| out);
        let mut rest = Vec::new();
        io::Read::read_to_end(&mut input, &mut rest).unwrap();
        (got, rest)
    }

    #[test]
    fn stops_behind_the_data_however_they_come() {
        for data in [&b""[..], b"a", &[7; 5000], &[0; 3 << 20]] {
            for chunk in [1, 2, 3, 4096] {
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
