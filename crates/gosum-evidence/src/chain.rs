//! What an error says, with its causes.

use std::iter;

/// Returns what `error` says, with its causes after it, the nearest first.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
