//! What proofs cost; `scripts/growth` counts.

use gosum_testkit::growth::measured;
use gosum_tlog::hash::{Hash, record_hash};
use gosum_tlog::plan::TilePlan;
use gosum_tlog::stored::stored_hashes;
use gosum_tlog::tile::Height;
use gosum_tlog::tree::{TreeHead, check_record, check_tree, prove_record, prove_tree, tree_hash};

const SIZE: u64 = 3000;
const OLDER: u64 = 1111;

fn stored() -> Vec<Hash> {
    let mut stored = Vec::new();
    for number in 0..SIZE {
        stored.extend(stored_hashes(number, record(number), &stored).unwrap());
    }
    stored
}

fn record(number: u64) -> Hash {
    record_hash(format!("record {number}\n"))
}

fn head(size: u64, stored: &Vec<Hash>) -> TreeHead {
    TreeHead { size, root: tree_hash(size, stored).unwrap() }
}

#[test]
fn growth_prove_and_check() {
    let stored = stored();
    let (head, older) = (head(SIZE, &stored), head(OLDER, &stored));
    measured(|| {
        for number in (0..SIZE).step_by(100) {
            let proof = prove_record(SIZE, number, &stored).unwrap();
            check_record(&proof, head, number, record(number)).unwrap();
        }
        check_tree(&prove_tree(SIZE, OLDER, &stored).unwrap(), head, older).unwrap();
    });
    let proof = prove_record(SIZE, 1, &stored).unwrap();
    assert!(check_record(&proof, head, 1, record(2)).is_err());
}

#[test]
fn growth_prove_by_tiles() {
    let stored = stored();
    let (head, older) = (head(SIZE, &stored), head(OLDER, &stored));
    let proven = measured(|| {
        let mut plan = TilePlan::new(head, Height::GO).unwrap();
        (0..SIZE).step_by(7).for_each(|number| plan.add_record(number).unwrap());
        plan.add_older(OLDER).unwrap();
        let bytes = plan.tiles().iter().map(|tile| tile.read(&stored).unwrap()).collect();
        let proven = plan.prove(bytes).unwrap();
        (0..SIZE).step_by(7).for_each(|number| proven.check_record(number, record(number)).unwrap());
        proven.check_older(older).unwrap();
        proven
    });
    assert!(proven.check_record(7, record(8)).is_err());
}
