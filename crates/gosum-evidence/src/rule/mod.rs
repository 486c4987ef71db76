//! The rules: each looks at the whole case and says what it finds.
//!
//! A rule is a folder: `mod.rs` with its [`RuleInfo`] and a pure check, `help.md` with what it means
//! and what to do, and its tests. It is one line of [`rules`].

mod allowance_expired;
mod allowance_unused;
mod cached_info_differs;
mod cached_mod_differs;
mod cached_partial;
mod cached_record_differs;
mod cached_tile_differs;
mod cached_tree_differs;
mod cached_zip_damaged;
mod cached_zip_differs;
mod cached_zip_invalid;
mod cached_zip_irregular;
mod cached_ziphash_differs;
mod commit_not_in_repository;
mod go_mod_differs_from_zip;
mod go_sum_conflict;
mod go_sum_crlf;
mod go_sum_differs;
mod go_sum_duplicate;
mod go_sum_lacks_line;
mod go_sum_malformed;
mod go_sum_order;
mod go_sum_two_hashes;
mod go_sum_unknown_hash;
mod go_sum_unneeded;
mod go_sum_white_space;
mod needs_vcs;
mod not_in_database;
mod origin_gone;
mod policy_changed;
mod proxy_direct_differ;
mod proxy_refuses;
mod replaced_by_directory;
mod retracted;
mod source_untrusted;
mod sumdb_differs;
mod sumdb_untrusted;
mod tag_gone;
mod tag_moved;
mod vendor_differs;
mod vendor_list_differs;

use std::borrow::Cow;
use std::sync::Arc;

use gosum_mod::file::go_sum::GoSum;
use gosum_mod::file::sum_form::Flaw;
use gosum_mod::hash::h1::H1;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::pseudo::rfc3339;
use gosum_mod::name::text::Text;
use gosum_mod::name::version::Version;

use crate::compare::Comparison;
use crate::disk::{Cached, Disk, Recorded};
use crate::evidence::{Moved, SourceName, Sum};
use crate::finding::{Finding, Level};
use crate::policy::{Allowance, Change, Use};
use crate::subject::{Location, Subject};

/// A go.sum file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumFile {
    /// The file, as the user named it.
    pub name: Arc<str>,
    /// Its lines.
    pub sum: GoSum,
}

impl SumFile {
    /// Returns the place of the line `number`.
    pub fn at(&self, number: usize) -> Location {
        Location { file: self.name.clone(), line: number }
    }
}

/// A module that a go.mod or go.work replaces by a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The module.
    pub path: Text,
    /// The version that is replaced; none for all.
    pub version: Option<Version>,
    /// The directory, as the file names it.
    pub directory: Text,
    /// Where the file says so.
    pub at: Location,
}

/// A module version that its authors retracted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retracted {
    /// The module version.
    pub module: ModuleVersion,
    /// Which version, or commit, has the go.mod that retracts it.
    pub by: Arc<str>,
    /// What the authors say, as they wrote it; nothing where they give no reason.
    pub rationale: Vec<Text>,
}

/// What is wrong with how a go.sum file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The file, as the user named it.
    pub name: Arc<str>,
    /// Its flaws, with the lines that have them, in order.
    pub flaws: Vec<(usize, Flaw)>,
}

impl Form {
    /// Returns the lines that have a flaw of which `message` says something, each with what it says.
    fn found<'f>(
        &'f self,
        message: impl Fn(Flaw) -> Option<String> + 'f,
    ) -> impl Iterator<Item = (Location, String)> + 'f {
        self.flaws.iter().filter_map(move |(line, flaw)| {
            Some((Location { file: self.name.clone(), line: *line }, message(*flaw)?))
        })
    }
}

/// What the module graph says of the lines of a go.sum file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// The file, as the user named it.
    pub name: Arc<str>,
    /// The lines that `go mod tidy` would remove.
    pub unneeded: Vec<(Subject, usize)>,
    /// What it has no line for.
    pub lacking: Vec<Lacking>,
}

/// Something for which go.sum has no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// What it is.
    pub subject: Subject,
    /// Where the main module itself requires it, if it does.
    pub required: Option<Location>,
    /// Why there should be a line.
    pub why: Lack,
}

/// Why go.sum should have a line that it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The module graph is loaded from this go.mod.
    Graph,
    /// The main module requires it: for its packages, if go.mod is up to date.
    Required,
}

/// All that the rules look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Case<'a> {
    /// The answers side by side, by subject.
    pub comparisons: &'a [Comparison],
    /// The files that were audited.
    pub files: &'a [SumFile],
    /// How the files are written, where that is looked at.
    pub forms: &'a [Form],
    /// What the module graphs say of the files, where that is looked at.
    pub needs: &'a [Needs],
    /// The modules that the build takes from directories.
    pub replaced: &'a [Replaced],
    /// The module versions that their authors retracted, as far as that was asked.
    pub retracted: &'a [Retracted],
    /// What is accepted, and what became of it.
    pub allowances: &'a [(&'a Allowance, Use)],
    /// What the change under audit says otherwise than the policy that judges it.
    pub changes: &'a [Change],
    /// What was found on this machine, where that was looked at.
    pub disk: Option<&'a Disk>,
}

impl<'a> Case<'a> {
    /// Returns what the module cache has of each module version.
    fn cached(&self) -> impl Iterator<Item = &'a Cached> {
        self.disk.into_iter().flat_map(|disk| &disk.cached)
    }
}

/// What a rule is.
#[derive(Debug, Clone, Copy)]
pub struct RuleInfo {
    /// Its code: kebab-case, the same in every report, never used again for another rule.
    pub code: &'static str,
    /// The level of its findings, where nothing else sets it; none for what is a reason of a missing hash, and finds nothing.
    pub level: Option<Level>,
    /// The lowest level that the user may set; none where findings may even be left out.
    pub least: Option<Level>,
    /// What to do next, in one line, in which `MODULE@VERSION` stands for that of a finding.
    pub help: &'static str,
    /// What it means, how it comes about and what to do: its page, in Markdown.
    pub page: &'static str,
}

/// What stands for a module version where none is meant.
const PLACEHOLDER: &str = "MODULE@VERSION";

impl RuleInfo {
    /// Returns what to do next about `subject`: its module version is named, so that commands can be run as they are. A shell
    /// takes each character that a module path or version may have as itself.
    pub fn help_on(&self, subject: Option<&Subject>) -> Cow<'static, str> {
        named(self.help, subject)
    }

    fn finding(&self, subject: Option<&Subject>, at: Vec<Location>, message: String) -> Finding {
        let help = self.help_on(subject);
        let subject = subject.cloned();
        let level = self.level.expect("a rule that finds something has a level");
        Finding { code: self.code, level, subject, at, message, help }
    }

    fn on(&self, comparison: &Comparison, message: String) -> Finding {
        self.finding(Some(&comparison.subject), comparison.at.clone(), message)
    }
}

/// Returns `help` with the module version of `subject` in the place of [`PLACEHOLDER`].
fn named(help: &'static str, subject: Option<&Subject>) -> Cow<'static, str> {
    match subject {
        Some(subject) if help.contains(PLACEHOLDER) => {
            help.replace(PLACEHOLDER, &subject.module.to_string()).into()
        }
        _ => help.into(),
    }
}

/// What to do where go.sum is the odd one out: the cache is then the copy that is right.
const LINE_IN_QUESTION: &str = "keep the cache: see who has which hash with `gosum explain MODULE@VERSION`, and look at the change that wrote the line";

/// Returns that the cache has something else than go.sum's `line` of an artifact, with whom the checksum database stands as far as
/// the cache proves that, and with what to do then.
fn against_line(
    info: &RuleInfo,
    cached: &Cached,
    artifact: Artifact,
    h1: H1,
    line: &Recorded,
    message: String,
) -> Finding {
    let subject = cached.subject(artifact);
    let recorded = cached.proven_record(artifact);
    let is_line = recorded.is_some_and(|sum| *sum == Sum::H1(h1));
    let stands = match recorded {
        Some(_) if is_line => {
            "; the checksum database recorded what the cache has, so that the line of go.sum is the one in question".to_owned()
        }
        Some(sum) if *sum == line.sum => {
            "; the checksum database recorded what go.sum has, so that the cache is the one in question".to_owned()
        }
        Some(sum) => format!("; the checksum database recorded neither, but {sum}"),
        None => String::new(),
    };
    let finding = info.finding(Some(&subject), line.at.clone(), message + &stands);
    match is_line {
        true => Finding { help: named(LINE_IN_QUESTION, Some(&subject)), ..finding },
        false => finding,
    }
}

/// A rule.
pub trait Rule: Sync {
    /// Returns what the rule is.
    fn info(&self) -> &'static RuleInfo;

    /// Returns what the rule finds in `case`.
    fn check(&self, case: &Case<'_>) -> Vec<Finding>;
}

/// A reason that a source gives for a missing hash. It has a code and a page, and finds nothing: what it makes unverified, the
/// verdict says.
struct Reason(&'static RuleInfo);

impl Rule for Reason {
    fn info(&self) -> &'static RuleInfo {
        self.0
    }

    fn check(&self, _: &Case<'_>) -> Vec<Finding> {
        Vec::new()
    }
}

/// Returns all rules, in the order of their codes.
pub fn rules() -> &'static [&'static dyn Rule] {
    &[
        &allowance_expired::AllowanceExpired,
        &allowance_unused::AllowanceUnused,
        &cached_info_differs::CachedInfoDiffers,
        &cached_mod_differs::CachedModDiffers,
        &cached_partial::CachedPartial,
        &cached_record_differs::CachedRecordDiffers,
        &cached_tile_differs::CachedTileDiffers,
        &cached_tree_differs::CachedTreeDiffers,
        &cached_zip_damaged::CachedZipDamaged,
        &cached_zip_differs::CachedZipDiffers,
        &cached_zip_invalid::CachedZipInvalid,
        &cached_zip_irregular::CachedZipIrregular,
        &cached_ziphash_differs::CachedZiphashDiffers,
        &commit_not_in_repository::CommitNotInRepository,
        &go_mod_differs_from_zip::GoModDiffersFromZip,
        &go_sum_conflict::GoSumConflict,
        &go_sum_crlf::GoSumCrlf,
        &go_sum_differs::GoSumDiffers,
        &go_sum_duplicate::GoSumDuplicate,
        &go_sum_lacks_line::GoSumLacksLine,
        &go_sum_malformed::GoSumMalformed,
        &go_sum_order::GoSumOrder,
        &go_sum_two_hashes::GoSumTwoHashes,
        &go_sum_unknown_hash::GoSumUnknownHash,
        &go_sum_unneeded::GoSumUnneeded,
        &go_sum_white_space::GoSumWhiteSpace,
        &needs_vcs::REASON,
        &not_in_database::NotInDatabase,
        &origin_gone::REASON,
        &policy_changed::PolicyChanged,
        &proxy_direct_differ::ProxyDirectDiffer,
        &proxy_refuses::REASON,
        &replaced_by_directory::ReplacedByDirectory,
        &retracted::Retracted,
        &source_untrusted::SourceUntrusted,
        &sumdb_differs::SumdbDiffers,
        &sumdb_untrusted::SumdbUntrusted,
        &tag_gone::REASON,
        &tag_moved::TagMoved,
        &vendor_differs::VendorDiffers,
        &vendor_list_differs::VendorListDiffers,
    ]
}

/// Returns what the rule with the code `code` is.
pub fn find(code: &str) -> Option<&'static RuleInfo> {
    rules().iter().map(|rule| rule.info()).find(|info| info.code == code)
}

/// Returns what all rules find in `case`, by subject, then place, then code; what is about a line
/// and no artifact comes first.
pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = rules().iter().flat_map(|rule| rule.check(case)).collect();
    findings.sort_by(|a, b| (&a.subject, &a.at, a.code).cmp(&(&b.subject, &b.at, b.code)));
    findings
}

/// Returns who stands alone, as the end of a message; nothing where that cannot be told.
fn alone(comparison: &Comparison) -> String {
    comparison.odd_one_out().map_or(String::new(), |source| format!("; {source} stands alone"))
}

/// Returns that the tag of the version led to another commit when our own store saw it before, if it did.
fn moved(comparison: &Comparison) -> Option<String> {
    let origin = &comparison.answers.get(&SourceName::DIRECT)?.origin;
    let Moved { commit, first, last, since, .. } = origin.moved.as_deref()?;
    let now = origin.commit.as_deref()?;
    let tag = origin.reference.as_deref()?.strip_prefix("refs/tags/")?;
    let when = match first == last {
        true => format!("at {}", rfc3339(*first)),
        false => format!("from {} to {}", rfc3339(*first), rfc3339(*last)),
    };
    let since = rfc3339(*since);
    Some(format!("tag {tag} was seen to lead to commit {commit} {when}, and to {now} since {since}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Lasting;

    #[test]
    fn every_lasting_reason_has_a_page() {
        for why in Lasting::ALL {
            assert!(find(why.code()).is_some(), "{why}");
        }
    }

    #[test]
    fn help_names_the_module_version_as_a_shell_takes_it() {
        let subject = |text| Subject::new(ModuleVersion::parse(text).unwrap(), Artifact::GoMod);
        let info = find("proxy-direct-differ").unwrap();
        let name = "example.com/~a/B_c-d.e/v2@v2.0.0-rc.1.0.20210101000000-0123456789ab";
        let help = info.help_on(Some(&subject(name)));
        assert_eq!(help, format!("see what differs with `gosum explain {name}` before you trust either"));
        assert_eq!(info.help_on(None), info.help);
        // of what is printed and no letter or digit, paths and versions have these alone
        let plain = |c: &char| c.is_ascii_alphanumeric() || "-._~/+@".contains(*c);
        for c in (' '..='~').filter(|c| !plain(c)) {
            for name in [format!("example.com/a{c}b@v1.0.0"), format!("example.com/a@v1.0.0-a{c}b")] {
                assert!(ModuleVersion::parse(&name).is_err(), "{name}");
            }
        }
        assert!(ModuleVersion::parse("~example.com/a@v1.0.0").is_err());
        let with_placeholder = rules().iter().filter(|rule| rule.info().help.contains("gosum explain M"));
        assert!(with_placeholder.clone().count() >= 3);
        assert!(with_placeholder.clone().all(|rule| rule.info().help.contains(PLACEHOLDER)));
    }

    #[test]
    fn every_rule_has_a_code_of_its_own_and_a_page_about_it() {
        let codes: Vec<&str> = rules().iter().map(|rule| rule.info().code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        for rule in rules() {
            let info = rule.info();
            assert!(info.page.starts_with(&format!("# `{}`\n", info.code)), "{}", info.code);
            for part in ["## What it means", "## How it comes about", "## What to do"] {
                assert!(info.page.contains(part), "{}: no `{part}`", info.code);
            }
            assert!(!info.help.is_empty() && !info.help.contains('\n'), "{}", info.code);
        }
    }
}
