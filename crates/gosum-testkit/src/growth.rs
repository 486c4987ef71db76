//! What `scripts/growth` counts the instructions of.

/// Returns what `work` gives.
///
/// `scripts/growth` counts the instructions from the call to the return, in this thread: work on a thread pool counts when the
/// pool has this thread for its only one. Tests that call it have a name with `growth` in it and a fixed input; they hold what the
/// work gives to what it must give, as any other.
#[inline(never)]
pub fn measured<T>(work: impl FnOnce() -> T) -> T {
    // not in the place of this call: the script knows the function by its name
    std::hint::black_box(work())
}
