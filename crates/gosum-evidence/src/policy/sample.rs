//! Tiny allowances for the tests of this crate.

use super::{Absence, Accepted, Allowance, Date};
use crate::evidence::{Lasting, SourceName};
use crate::sample::{comparison, hash, sum};
use crate::subject::Location;

/// Returns what accepts, until `until`, that `source` does not have the module of [`comparison`], which hashes to `a`.
pub(crate) fn missing(source: &str, until: &str) -> Allowance {
    let source = SourceName::further(source.to_owned());
    of(Accepted::Missing { source, answer: Absence::Absent, why: Lasting::TagGone, hash: sum("a") }, until)
}

/// Returns what accepts the hashes `a` of the proxy and `b` of version control for the module of [`comparison`].
pub(crate) fn differing(until: &str) -> Allowance {
    of(Accepted::Hashes([(SourceName::PROXY, sum("a")), (SourceName::DIRECT, sum("b"))].into()), until)
}

fn of(what: Accepted, until: &str) -> Allowance {
    Allowance {
        at: Location { file: "gosum.toml".into(), line: 5 },
        subject: comparison(None, hash("a"), hash("a")).subject,
        what,
        reason: "looked at".to_owned(),
        until: Date::parse(until).unwrap(),
    }
}
