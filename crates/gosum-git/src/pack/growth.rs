//! What reading a pack of deltas costs; `scripts/growth` counts.

use std::io::BufReader;

use gix::hash::Kind::Sha1;
use gosum_testkit::growth::measured;

use super::sample::{PackWriter, delta};
use super::*;

const CHAINS: usize = 12;
const LENGTH: usize = 20;

/// Files that grow and change in the middle from version to version, each a delta to the one before.
fn pack() -> Vec<u8> {
    let mut pack = PackWriter::new(Sha1);
    for chain in 0..CHAINS {
        let mut text: String = (0..200).map(|line| format!("line {line} of file {chain}\n")).collect();
        let mut at = pack.whole(Kind::Blob, text.as_bytes());
        for version in 0..LENGTH {
            let changed = text.replacen(&format!("line {}", 5 * version), "something else", 1);
            at = pack.offset_delta(at, &delta(text.as_bytes(), changed.as_bytes()));
            text = changed;
        }
    }
    pack.finish()
}

#[test]
fn growth_resolve_deltas() {
    // what is done elsewhere would not be counted
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
    let bytes = pack();
    let incoming = Incoming {
        limits: &Limits::default(),
        storage: &Storage::default(),
        format: Sha1,
        lookup: &|_| None,
        visit: &|_| Ok(()),
        may_lack_bases: false,
        end: None,
    };
    let mut input = BufReader::new(&bytes[..]);
    let (_, ids, _) = pool.install(|| measured(|| incoming.receive(&mut input))).unwrap();
    assert_eq!(ids.sorted().len(), CHAINS * (LENGTH + 1));
}
