//! Git's packet lines.

use std::fmt;

/// The most bytes of a packet, with the four of its length.
const MAX: usize = 65520;

/// A packet of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// Some bytes, without the newline that may end them.
    Line(&'a [u8]),
    /// `0000`
    Flush,
    /// `0001`
    Delimiter,
    /// `0002`
    ResponseEnd,
}

impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Packet::Line(line) => f.write_str(&String::from_utf8_lossy(line)),
            Packet::Flush => f.write_str("0000"),
            Packet::Delimiter => f.write_str("0001"),
            Packet::ResponseEnd => f.write_str("0002"),
        }
    }
}

/// Bytes that are no sequence of packets.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad packet line at byte {at} of the request")]
pub(crate) struct PacketError {
    at: usize,
}

/// Returns the packets that `bytes` hold.
pub(crate) fn packets(bytes: &[u8]) -> Result<Vec<Packet<'_>>, PacketError> {
    let mut packets = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = length(&bytes[at..]).ok_or(PacketError { at })?;
        packets.push(match length {
            0 => Packet::Flush,
            1 => Packet::Delimiter,
            2 => Packet::ResponseEnd,
            _ => {
                let line = bytes.get(at + 4..at + length).ok_or(PacketError { at })?;
                Packet::Line(line.strip_suffix(b"\n").unwrap_or(line))
            }
        });
        at += length.max(4);
    }
    Ok(packets)
}

fn length(bytes: &[u8]) -> Option<usize> {
    let digits = str::from_utf8(bytes.get(..4)?).ok()?;
    let length = u16::from_str_radix(digits, 16).ok()?;
    (length != 3).then_some(usize::from(length))
}

/// Writes packets.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new() -> Writer {
        Writer::default()
    }

    /// Writes a packet of `bytes`, which fit into one.
    pub(crate) fn data(&mut self, bytes: &[u8]) {
        let length = bytes.len() + 4;
        assert!(length <= MAX, "a packet of {length} bytes is too long");
        self.0.extend_from_slice(format!("{length:04x}").as_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// Writes a packet of `text` and a newline.
    pub(crate) fn line(&mut self, text: impl fmt::Display) {
        self.data(format!("{text}\n").as_bytes());
    }

    pub(crate) fn flush(&mut self) {
        self.0.extend_from_slice(b"0000");
    }

    pub(crate) fn delimiter(&mut self) {
        self.0.extend_from_slice(b"0001");
    }

    /// Writes `bytes` in as many packets as they need, on a band if there are bands.
    pub(crate) fn band(&mut self, bands: Bands, band: Band, bytes: &[u8]) {
        let most = match bands {
            Bands::None if band == Band::Pack => return self.0.extend_from_slice(bytes),
            Bands::None => return,
            Bands::Small => 1000 - 5,
            Bands::Large => MAX - 5,
        };
        for piece in bytes.chunks(most) {
            self.0.extend_from_slice(format!("{:04x}", piece.len() + 5).as_bytes());
            self.0.push(band as u8);
            self.0.extend_from_slice(piece);
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// How a pack and what is said beside it share a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Bands {
    /// Nothing but the pack.
    #[default]
    None,
    /// `side-band`
    Small,
    /// `side-band-64k`
    Large,
}

/// What a packet of a response is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Band {
    Pack = 1,
    Progress = 2,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_read_back() {
        let mut writer = Writer::new();
        writer.line("want x");
        writer.data(b"");
        writer.delimiter();
        writer.data(b"done");
        writer.flush();
        let bytes = writer.finish();
        assert_eq!(bytes, b"000bwant x\n000400010008done0000");
        let read = [
            Packet::Line(b"want x"),
            Packet::Line(b""),
            Packet::Delimiter,
            Packet::Line(b"done"),
            Packet::Flush,
        ];
        assert_eq!(packets(&bytes), Ok(read.to_vec()));
    }

    #[test]
    fn rejects_what_is_no_packet() {
        for (bytes, at) in [("0003", 0), ("00000", 4), ("0009done", 0), ("zzzz", 0), ("00000006a", 4)] {
            assert_eq!(packets(bytes.as_bytes()), Err(PacketError { at }), "{bytes}");
        }
    }

    #[test]
    fn bands_split_what_is_too_long_for_a_packet() {
        let bytes = vec![7; 100_000];
        for (bands, sizes) in [(Bands::Large, vec![65520, 34490]), (Bands::Small, vec![1000; 100])] {
            let mut writer = Writer::new();
            writer.band(bands, Band::Pack, &bytes);
            let written = writer.finish();
            let mut at = 0;
            let mut seen = Vec::new();
            while at < written.len() {
                let length = length(&written[at..]).unwrap();
                assert_eq!(written[at + 4], 1);
                at += length;
                seen.push(length);
            }
            assert_eq!(seen[..2], sizes[..2]);
            assert_eq!(seen.iter().sum::<usize>(), bytes.len() + 5 * seen.len());
        }
    }
}
