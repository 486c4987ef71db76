//! Why the go command would refuse a zip that has a hash (spec 02 §4).

use gosum_mod::name::id::ModuleVersion;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::check::{Placement, check_zip};
use gosum_mod::zip::source::ReadAt;

use crate::chain;

/// Returns why the go command would refuse the zip, said to be of `module`, if it would.
pub(super) fn fault<R: ReadAt>(
    module: &ModuleVersion,
    archive: &Archive<R>,
    placement: &Placement,
) -> Option<String> {
    if let Placement::Mixed { first } = placement {
        return Some(format!("{first:?} lies outside the module's folder"));
    }
    let check = check_zip(module, archive);
    let file = check.invalid.first().map(|invalid| format!("{:?}: {}", invalid.name, chain(&invalid.fault)));
    file.or_else(|| check.size_error.map(|error| chain(&error)))
}
