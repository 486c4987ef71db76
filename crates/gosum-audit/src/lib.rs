//! An audit: asks several sources what the modules of a go.sum hash to, and says where they disagree.
//!
//! Data flows one way. Each step takes values and returns values, and nothing later is known to anything earlier:
//!
//! ```text
//! go.sum ──plan──▶ artifacts ──gather──▶ comparisons ──judge──▶ verdicts, findings ──▶ report
//!                               ▲   ▲   ▲
//!                source/proxy ──┘   │   └── source/direct
//!                              source/sumdb
//! ```
//!
//! - [`graph`] says what a project without a go.sum needs, through each path (spec 03 §6);
//! - [`plan`](mod@plan) lists what to ask about, and the lines that speak of it (spec 03), but for what is [`known`];
//! - [`gather`](mod@gather) asks all [`source`]s at once: the module proxies of GOPROXY (spec 04), version control
//!   (spec 05) and the checksum database (spec 06);
//! - [`retracted`] asks which versions their authors retracted, where the policy wants to know;
//! - [`lint`] holds the lines of a go.sum against the module graph, and asks on which hash of a missing one sources agree;
//! - [`explain`] goes on from a difference to the copies: which files and lines, and why;
//! - [`gosum_evidence`] compares, judges and makes the report.
//!
//! ```
//! use gosum_audit::plan::Selection;
//! use gosum_audit::{NoProgress, Request, audit};
//! use gosum_evidence::policy::{Date, Policy};
//! use gosum_evidence::rule::SumFile;
//! use gosum_evidence::verdict::Verdict;
//! use gosum_mod::file::go_sum::GoSum;
//!
//! let text = b"example.com/a v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
//! let request = Request {
//!     files: vec![SumFile { name: "go.sum".into(), sum: GoSum::parse(text) }],
//!     selection: Selection::default(),
//!     replaced: Vec::new(),
//!     policy: Policy::plain(Vec::new(), Date::parse("2026-11-26")?),
//!     needed: None,
//!     toolchains: Vec::new(),
//!     withheld: None,
//!     insisted: Vec::new(),
//! };
//! // nobody is asked, so that nothing can be told
//! let outcome = audit(request, &[], &NoProgress, "0.1.0");
//! assert_eq!(outcome.report.verdict, Verdict::Unverified);
//! # Ok::<(), gosum_evidence::policy::DateError>(())
//! ```

pub mod copy;
pub mod explain;
pub mod gather;
pub mod graph;
pub mod known;
pub mod lint;
pub mod plan;
pub mod regular;
pub mod retracted;
pub mod source;
pub mod vendor;
pub mod verify;
pub mod withheld;

use std::time::{Duration, Instant};

use gosum_evidence::chain;
use gosum_evidence::compare::Comparison;
use gosum_evidence::diff::sums::{Sums, sums};
use gosum_evidence::evidence::SourceName;
use gosum_evidence::judge::{Judge, judge};
use gosum_evidence::policy::Policy;
use gosum_evidence::report::{Judged, Report, Run, SourceRun};
use gosum_evidence::rule::{Case, Replaced, SumFile};
use gosum_mod::name::pseudo::rfc3339;

use crate::gather::{Progress, Traced, gather};
use crate::graph::Needed;
use crate::plan::{Selection, Toolchain, plan, plan_needed, plan_toolchains};
use crate::retracted::{Retractions, retractions};
use crate::source::Source;
use crate::withheld::{NoExcuse, Withheld};

/// What is audited.
#[derive(Debug)]
pub struct Request {
    /// The go.sum files, as they were read.
    pub files: Vec<SumFile>,
    /// Which of their lines.
    pub selection: Selection,
    /// The modules that the build takes from directories.
    pub replaced: Vec<Replaced>,
    /// What the user wants of the answers.
    pub policy: Policy,
    /// What the project needs, where it has no go.sum.
    pub needed: Option<Needed>,
    /// The toolchains that the project selects, beside what go.sum has.
    pub toolchains: Vec<Toolchain>,
    /// The names that are kept from sources, and for which their silence must not pass.
    pub withheld: Option<Withheld>,
    /// The sources that the user requires by name: that the network is not used does not excuse them.
    pub insisted: Vec<SourceName>,
}

/// What an audit gives.
#[derive(Debug)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// The go.sum sets that the two paths give.
    pub sums: Sums,
    /// Which versions are retracted; nothing where the policy sets no level for that.
    pub retractions: Retractions,
}

/// Audits `request` with `sources`. `gosum` is the version to name in the report.
pub fn audit(
    request: Request,
    sources: &[&dyn Source],
    progress: &dyn Progress,
    gosum: &'static str,
) -> Outcome {
    let start = Instant::now();
    let Request { files, selection, replaced, policy, needed, toolchains, withheld, insisted } = request;
    let planned = tracing::info_span!("stage", stage = "plan").in_scope(|| {
        let mut planned = match &needed {
            Some(needed) => plan_needed(needed, &selection),
            None => plan(&files, &selection),
        };
        plan_toolchains(&mut planned, toolchains, &selection);
        planned
    });
    tracing::info!(artifacts = planned.len(), "planned");
    let traced = match policy.levels.contains_key("tag-moved") {
        true => Traced::Tags,
        false => Traced::Differing,
    };
    let judge_one = Judge::new(&policy);
    let find_via = |judged: &mut Judged| {
        if let Some(needed) = &needed {
            judged.via = needed.via(&judged.comparison.subject.module);
        }
    };
    // which rules are left out of a line is known when all rules have looked at all lines
    let streams = policy.levels.values().all(Option::is_some);
    let compared = |comparison: &Comparison| {
        if let Some(mut judged) = judge_one.judged(comparison).filter(|_| streams) {
            find_via(&mut judged);
            progress.judged(&judged);
        }
    };
    let no_excuse = NoExcuse { withheld: withheld.as_ref(), insisted: &insisted };
    let gathered = gather(planned, needed.as_ref(), no_excuse, sources, traced, progress, &compared);
    // without a level of the user's it is worth no request
    let retractions = match policy.levels.get("retracted") {
        Some(Some(_)) => retractions(&gathered.comparisons, sources),
        _ => Retractions::default(),
    };
    let names: Vec<SourceName> = sources.iter().map(|source| source.name()).collect();
    let case = Case {
        comparisons: &gathered.comparisons,
        files: &files,
        replaced: &replaced,
        retracted: &retractions.retracted,
        ..Case::default()
    };
    let judging = tracing::info_span!("stage", stage = "judge").entered();
    let judgement = judge(&case, &names, &policy);
    let sums = sums(&gathered.comparisons);
    let runs = sources
        .iter()
        .zip(&gathered.times)
        .map(|(source, time)| run_of(*source, *time, &gathered.comparisons))
        .collect();
    tracing::info!(findings = judgement.findings.len(), elapsed = ?start.elapsed(), "compared");
    let mut report = Report::new(gosum, gathered.comparisons, &names, judgement, sums.diff.clone());
    report.artifacts.iter_mut().for_each(find_via);
    if needed.as_ref().is_some_and(|needed| needed.is_part) {
        report.note_incomplete_graph();
    }
    if !streams {
        report.artifacts.iter().for_each(|judged| progress.judged(judged));
    }
    drop(judging);
    report.run = Some(Run { ms: milliseconds(start.elapsed()), sources: runs, ..Run::default() });
    Outcome { report, sums, retractions }
}

/// Returns what `source` cost.
fn run_of(source: &dyn Source, time: Duration, comparisons: &[Comparison]) -> SourceRun {
    let name = source.name();
    let cost = source.cost();
    let (mut answered, mut kept, mut oldest) = (0, cost.from_cache, None);
    for evidence in comparisons.iter().filter_map(|comparison| comparison.answers.get(&name)) {
        answered += usize::from(evidence.answer.sum().is_some());
        if let Some(seen) = &evidence.seen {
            kept += usize::from(evidence.answer.sum().is_some());
            oldest = Some(oldest.map_or(seen.time, |oldest: i64| oldest.min(seen.time)));
        }
    }
    SourceRun {
        downloaded: answered.saturating_sub(kept),
        from_cache: kept,
        oldest_seen: oldest.map(rfc3339),
        requests: cost.requests,
        bytes: cost.bytes,
        ms: milliseconds(time),
        name,
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Tells nobody how far an audit has come.
#[derive(Debug, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn begins(&self, _source: &SourceName, _lines: usize) {}
    fn answered(&self, _source: &SourceName) {}
}
