//! `gosum init`: accepts what is lastingly so today, so that the first day is green.

mod file;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use gosum_audit::{Outcome, Request, audit};
use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{SourceName, list};
use gosum_evidence::judge::{Judgement, judge};
use gosum_evidence::policy::{Accepted, Allowance, Date, MAX_DAYS, Policy, Unverified, lasting};
use gosum_evidence::report::{Judged, Report};
use gosum_evidence::rule::Case;
use gosum_evidence::subject::{Location, Subject};
use gosum_evidence::verdict::Verdict;
use gosum_report::escape::terminal;

use self::file::{Draft, Unwritten};
use super::ask_args::AskArgs;
use super::audit::{check_selected, code, lines, warn_of_untold};
use super::layout::plain;
use super::policy_args::PolicyArgs;
use super::project;
use super::vendor;
use crate::VERSION;
use crate::config::{self, FILE, Stated};
use crate::exit::Exit;
use crate::network::{NetworkArgs, RecallArgs};
use crate::session::Session;

/// How many days an allowance holds when the user does not say.
const DAYS: u16 = 180;

/// Write gosum.toml with what is lastingly so today as pinned allowances, so that the first day is green
///
/// Audits what `gosum audit` audits, and accepts differences between sources, and sources that lastingly have no hash, each
/// pinned to the exact hashes of today. Nothing that may pass by itself is accepted, such as a timeout; no answer that must not
/// be believed; and no hash in go.sum that no source gives. Where a gosum.toml is there, the new allowances are added at its
/// end, and all else in it stays as it is. Read them, and write why each is fine, before you commit the file.
///
/// Where --config names a file, names that the gosum.toml which would have been found keeps private stay so during the run. A
/// file that is not there yet begins with these names and with the hosts that it allows; its allowances and all else are not
/// taken over.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    ask: AskArgs,
    /// The last day of the new allowances, at most 400 days ahead [default: 180 days from today]
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    recall: RecallArgs,
}

pub(crate) fn run(args: &InitArgs, mut session: Session) -> anyhow::Result<Exit> {
    let paths = &args.ask.paths;
    let config = args.policy.config_to_write(&mut session, paths)?;
    let until = until(args, session.today()?)?;
    let asked = args.ask.asked()?;
    let required = args.ask.required(&session, &config, &asked)?;
    let insisted = args.ask.insisted(&config, &required);
    let mut policy = args.policy.policy(&session, &config, required)?;
    let named = project::to_audit(&mut session, paths, false)?;
    let selection = config.selection();
    check_selected(&named, &selection, "`only` and `skip` of the config file")?;
    policy.is_whole = selection.is_all() && config.is_beside(&session, paths);
    let unverified = config.unverified.unwrap_or(Unverified::Fail);
    let file = match &config.file {
        Some(file) => file.clone(),
        None => beside(&session, paths)?,
    };
    let draft = Draft::open(&session, file, config)?;
    let replaced = project::replaced(&session, paths);
    let bars = args.network.bars(&session);
    let vendor = vendor::asked(&session, &asked, paths, named.files())?;
    let sources = args.network.sources(&session, &asked, Some(&args.recall), vendor)?.watched_by(&bars);
    let (files, needed) = lines(&session, named, &sources, &bars)?;
    let (files_again, replaced_again) = (files.clone(), replaced.clone());
    let request = Request {
        files,
        selection,
        replaced,
        policy: policy.clone(),
        needed,
        toolchains: Vec::new(),
        withheld: None,
        insisted,
    };
    let Outcome { report, retractions, .. } = audit(request, &sources.list(), &*bars, VERSION);
    bars.finish();
    sources.finish(&session);
    warn_of_untold(&session, &retractions);
    if session.interrupt.is_raised() {
        session.warn("interrupted: nothing was written");
        return Ok(Exit::Interrupted);
    }
    let is_part = report.graph_incomplete;
    let offer = Offer::of(&report, &policy, &draft.shown(), until);
    let written = draft.add(&session, &offer.new);
    let comparisons: Vec<Comparison> = report.artifacts.into_iter().map(|judged| judged.comparison).collect();
    tell(&mut session, &draft, &offer, written)?;
    let after = Policy { allowances: [policy.allowances.clone(), offer.new].concat(), ..policy };
    let case = Case {
        comparisons: &comparisons,
        files: &files_again,
        replaced: &replaced_again,
        retracted: &retractions.retracted,
        ..Case::default()
    };
    let judgement = judge(&case, &[], &after);
    remains(&mut session, &comparisons, &judgement);
    let is_untold = judgement.counts.untold > 0 || is_part;
    Ok(code(&judgement.findings, judgement.fail_on, is_untold, unverified))
}

/// Returns the config file that an audit of `paths` would find, if it were there.
///
/// # Errors
/// When `paths` are in several folders: an audit of all would find none for the others.
fn beside(session: &Session, paths: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let mut files = paths.iter().map(|path| plain(&config::folder(session, path).join(FILE)));
    let first = files.next().expect("a path is given by default");
    match files.find(|file| *file != first) {
        Some(_) => bail!("the paths lie in several folders: name one file for all with --config"),
        None => Ok(first),
    }
}

fn until(args: &InitArgs, today: Date) -> anyhow::Result<Date> {
    let Some(until) = &args.until else { return Ok(today.plus_days(DAYS)) };
    let until = Date::parse(until).context("--until")?;
    match today.days_until(until) {
        days if days > i32::from(MAX_DAYS) => {
            bail!(
                "--until: {until} lies more than {MAX_DAYS} days ahead: {} is the last day",
                today.plus_days(MAX_DAYS)
            )
        }
        days if days < 0 => bail!("--until: {until} is over"),
        _ => Ok(until),
    }
}

/// What makes artifacts pass.
struct Offer {
    new: Vec<Allowance>,
    /// Artifacts about which there is an allowance already that says something else, and where.
    in_the_way: Vec<(Subject, Location)>,
}

impl Offer {
    /// Returns what makes the artifacts of `report` pass that do not under `policy`, where that may be.
    fn of(report: &Report, policy: &Policy, file: &str, until: Date) -> Offer {
        let mut stated = Stated::default();
        for allowance in &policy.allowances {
            stated
                .add(allowance.clone())
                .expect("no allowances of a file that was read contradict each other");
        }
        let mut found: BTreeMap<&Subject, bool> = BTreeMap::new();
        for finding in &report.findings {
            let is_unrecorded = finding.code == "not-in-database" && finding.level >= report.fail_on;
            if let Some(subject) = &finding.subject {
                *found.entry(subject).or_default() |= is_unrecorded;
            }
        }
        let mut offer = Offer { new: Vec::new(), in_the_way: Vec::new() };
        for Judged { comparison, verdict, allowed, .. } in &report.artifacts {
            let subject = &comparison.subject;
            let is_open = *verdict != Verdict::Verified && allowed.is_none();
            if !is_open && !found.contains_key(subject) {
                continue;
            }
            let mut wanted = policy.required.clone();
            if found.get(subject) == Some(&true) && !wanted.contains(&SourceName::SUMDB) {
                // nobody requires a record, but its lack fails the audit
                wanted.push(SourceName::SUMDB);
            }
            let accept = |what| Allowance {
                at: Location { file: file.into(), line: 1 },
                subject: subject.clone(),
                what,
                reason: format!("found by gosum init on {}, not yet looked at", policy.today),
                until,
            };
            let lasting: Vec<Allowance> = lasting(comparison, &wanted).into_iter().map(accept).collect();
            offer.add(&mut stated, comparison, lasting, policy.today);
        }
        offer
    }

    /// Adds what is `lasting` of one artifact, unless something else is `stated` of it.
    fn add(&mut self, stated: &mut Stated, comparison: &Comparison, lasting: Vec<Allowance>, today: Date) {
        let is_stale = |old: &&Allowance| old.is_expired(today) || !old.covers(comparison, false);
        if let Some(old) = stated.pinned(&comparison.subject).filter(is_stale) {
            if !lasting.is_empty() {
                self.in_the_way.push((comparison.subject.clone(), old.at.clone()));
            }
            return;
        }
        for allowance in lasting {
            match stated.add(allowance.clone()) {
                Ok(()) => self.new.push(allowance),
                Err((old, _)) if old.what == allowance.what && !old.is_expired(today) => {}
                Err((old, _)) => self.in_the_way.push((allowance.subject, old.at.clone())),
            }
        }
    }
}

/// Tells what was written.
///
/// # Errors
/// When nothing could be: what would have been is told all the same, as an audit may take long.
fn tell(
    session: &mut Session,
    draft: &Draft,
    offer: &Offer,
    written: Result<bool, Unwritten>,
) -> anyhow::Result<()> {
    let Offer { new, in_the_way } = offer;
    let file = terminal(&draft.shown()).to_string();
    for (subject, at) in in_the_way {
        session.warn(format!(
            "not accepted: {}: {at} is about it and accepts something else, or nothing any more; take it out and run gosum init again",
            subject.key()
        ));
    }
    match written {
        Err(Unwritten { error, tables }) => {
            if !tables.is_empty() {
                writeln!(session.out, "# not written to {file}:\n{}", tables.trim_start())?;
            }
            return Err(error);
        }
        Ok(false) => writeln!(session.out, "nothing to accept: {file} is as it was")?,
        Ok(true) => match new.len() {
            0 => writeln!(session.out, "nothing to accept: {file} written, without allowances")?,
            1 => writeln!(session.out, "{file}: 1 allowance written; read it, and say why it is fine")?,
            count => {
                writeln!(
                    session.out,
                    "{file}: {count} allowances written; read them, and say why each is fine"
                )?;
            }
        },
    }
    for allowance in new {
        writeln!(session.out, "  {}: {}", allowance.subject.key(), shown(&allowance.what))?;
    }
    Ok(())
}

fn shown(what: &Accepted) -> String {
    match what {
        Accepted::Hashes(pinned) => match pinned.keys().collect::<Vec<_>>().as_slice() {
            [one] => format!("the hash of {one}, with its defect"),
            several => format!("the hashes of {}", list(several)),
        },
        Accepted::Missing { source, answer, why, .. } => format!("{source} {}: {why}", answer.word()),
    }
}

/// Tells what is not accepted: the first of it, as an audit lists all.
fn remains(session: &mut Session, comparisons: &[Comparison], judgement: &Judgement) {
    const SHOWN: usize = 10;
    let found =
        judgement.findings.iter().filter(|finding| finding.level >= judgement.fail_on).map(|finding| {
            let at = finding.at.first().map(|at| format!("{at}: ")).unwrap_or_default();
            let about =
                finding.subject.as_ref().map(|subject| format!("{}: ", subject.key())).unwrap_or_default();
            format!("not accepted: {at}{about}{}: {}", finding.code, finding.message)
        });
    let verdicts = judgement.verdicts.iter().zip(&judgement.allowed);
    let untold = comparisons.iter().zip(verdicts).filter_map(|(comparison, (verdict, allowed))| {
        let is_untold = *verdict == Some(Verdict::Unverified) && allowed.is_none();
        is_untold.then(|| format!("not accepted: {}: it could not be told today", comparison.subject.key()))
    });
    for mut remains in [Box::new(found) as Box<dyn Iterator<Item = String>>, Box::new(untold)] {
        remains.by_ref().take(SHOWN).for_each(|one| session.warn(one));
        match remains.count() {
            0 => {}
            more => session.warn(format!("{more} more like these: gosum audit lists them")),
        }
    }
}
