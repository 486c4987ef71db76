//! Digests of many files, on all cores.

use std::ops::Range;

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};

/// How much content one batch holds: enough that handing it to another thread costs nothing beside it, little
/// enough that a module of some ten megabytes occupies all cores.
const BATCH: u64 = 2 << 20;

/// What a file costs beyond its content.
const FILE: u64 = 1 << 10;

/// Returns `digest` of each of `items`, be it with more than the digest, in their order, computed in the current thread pool in batches of about 2 MiB
/// of content, which `size` estimates.
///
/// Each batch starts with a new `state`, such as buffers, which its items share. A list that fits one batch is
/// worked off where it is; with a longer one, the calling thread of a pool may take on other work of that pool while
/// it waits, so bound elsewhere how much may be open at once.
///
/// # Errors
/// The error of the first item in order that has one, however the work was shared.
pub fn digest_all<T, S, D, E>(
    items: &[T],
    size: impl Fn(&T) -> u64,
    state: impl Fn() -> S + Sync,
    digest: impl Fn(&mut S, &T) -> Result<D, E> + Sync,
) -> Result<Vec<D>, E>
where
    T: Sync,
    D: Send,
    E: Send,
{
    digest_batches(items, size, |batch| {
        let mut state = state();
        batch.iter().map(|item| digest(&mut state, item)).collect()
    })
}

/// Returns what `digest` makes of each of `items`, in their order, given to it a batch at a time; else as [`digest_all`].
///
/// # Errors
/// The error of the first batch in order that has one.
pub fn digest_batches<T, D, E>(
    items: &[T],
    size: impl Fn(&T) -> u64,
    digest: impl Fn(&[T]) -> Result<Vec<D>, E> + Sync,
) -> Result<Vec<D>, E>
where
    T: Sync,
    D: Send,
    E: Send,
{
    let work = |batch: Range<usize>| digest(&items[batch]);
    let mut batches = split(items, size);
    match batches.len() {
        0 => Ok(Vec::new()),
        1 => work(batches.remove(0)),
        _ => {
            let done: Vec<_> = batches.into_par_iter().with_max_len(1).map(work).collect();
            let mut digests = Vec::with_capacity(items.len());
            for batch in done {
                digests.append(&mut batch?);
            }
            Ok(digests)
        }
    }
}

fn split<T>(items: &[T], size: impl Fn(&T) -> u64) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let (mut start, mut filled) = (0, 0u64);
    for (index, item) in items.iter().enumerate() {
        filled = filled.saturating_add(size(item)).saturating_add(FILE);
        if filled >= BATCH {
            batches.push(start..index + 1);
            (start, filled) = (index + 1, 0);
        }
    }
    if start < items.len() {
        batches.push(start..items.len());
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256::sha256;

    #[test]
    fn digests_come_in_the_order_of_items() {
        let items: Vec<u8> = (0..200).collect();
        let digests =
            digest_all(&items, |_| BATCH / 3, || (), |(), item| Ok::<_, ()>(sha256(&[*item]))).unwrap();
        let wanted: Vec<_> = items.iter().map(|item| sha256(&[*item])).collect();
        assert_eq!(digests, wanted);
    }

    #[test]
    fn first_error_in_order_wins() {
        let items: Vec<u32> = (0..200).collect();
        let fail = |_: &mut (), item: &u32| if *item % 50 == 37 { Err(*item) } else { Ok([0; 32]) };
        for _ in 0..20 {
            assert_eq!(digest_all(&items, |_| BATCH, || (), fail), Err(37));
        }
    }

    #[test]
    fn batches_cover_every_item_once() {
        let sizes = [0, BATCH, u64::MAX, 1, 1, BATCH - 1, 5];
        let batches = split(&sizes, |size| *size);
        assert_eq!(batches.len(), 4);
        assert!(batches.into_iter().flatten().eq(0..sizes.len()));
        assert!(split(&[] as &[u64], |size| *size).is_empty());
    }
}
