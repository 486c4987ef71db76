//! `gosum init`: accepts what is lastingly so today, so that the first day is green.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::{Context, bail};
use clap::Args;
use gosum_audit::plan::Selection;
use gosum_audit::{Request, audit};
use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::list;
use gosum_evidence::judge::{Judgement, judge};
use gosum_evidence::policy::{Accepted, Allowance, Date, MAX_DAYS, Policy, Unverified, lasting};
use gosum_evidence::report::Judged;
use gosum_evidence::rule::Case;
use gosum_evidence::subject::{Location, Subject};
use gosum_evidence::verdict::Verdict;

use super::ask_args::AskArgs;
use super::audit::{code, lines};
use super::layout::plain;
use super::new_file::NewFile;
use super::policy_args::PolicyArgs;
use super::project;
use crate::VERSION;
use crate::config::{self, Config, FILE};
use crate::exit::Exit;
use crate::network::NetworkArgs;
use crate::progress::Bars;
use crate::session::Session;

/// How many days an allowance holds when the user does not say.
const DAYS: u16 = 180;

/// Write gosum.toml with what is lastingly so today as pinned allowances, so that the first day is green
///
/// Audits the project, and accepts differences between sources, and sources that lastingly have no hash, each pinned to the
/// exact hashes of today. Nothing that may pass by itself is accepted, such as a timeout; no answer that must not be believed;
/// and no hash in go.sum that no source gives. Where a gosum.toml is there, the new allowances are added at its end. Read them,
/// and write why each is fine, before you commit the file.
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
}

pub(crate) fn run(args: &InitArgs, mut session: Session) -> anyhow::Result<Exit> {
    let paths = &args.ask.paths;
    let config = args.policy.config_if_there(&mut session, paths)?;
    let until = until(args, session.today()?)?;
    let asked = args.ask.asked()?;
    let required = args.ask.required(&session, &config, &asked)?;
    let policy = args.policy.policy(&session, &config, required)?;
    let beside = || plain(&config::folder(&session, &paths[0]).join(FILE));
    let file = config.file.clone().unwrap_or_else(beside);
    // what cannot be written should not be found out after an hour
    let before = if session.path(&file).exists() { config::read(&session, &file)? } else { String::new() };
    let output = NewFile::open(&session.path(&file), &file.display().to_string())?;
    let named = project::read(&mut session, paths)?;
    let replaced = project::replaced(&session, paths);
    let sources = args.network.sources(&session, &asked)?;
    let (files, needed) = lines(&session, named, &sources)?;
    let request = Request {
        files: files.clone(),
        selection: Selection::default(),
        replaced: replaced.clone(),
        policy: policy.clone(),
        needed,
    };
    let bars = Bars::new(session.progress);
    let report = audit(request, &sources.list(), &bars, VERSION).report;
    bars.finish();
    if session.interrupt.is_raised() {
        session.warn("interrupted: nothing was written");
        return Ok(Exit::Interrupted);
    }
    let found: BTreeSet<&Subject> =
        report.findings.iter().filter_map(|finding| finding.subject.as_ref()).collect();
    let known: BTreeSet<&Subject> = policy.allowances.iter().map(|allowance| &allowance.subject).collect();
    let is_open = |judged: &&Judged| {
        let subject = &judged.comparison.subject;
        // beside an allowance that is there already, another one would contradict it
        let may_be = judged.allowed.is_none() && !known.contains(subject);
        may_be && (judged.verdict != Verdict::Verified || found.contains(subject))
    };
    let new: Vec<Allowance> = report
        .artifacts
        .iter()
        .filter(is_open)
        .flat_map(|judged| accept(&judged.comparison, &policy, &file.display().to_string(), until))
        .collect();
    let comparisons: Vec<Comparison> = report.artifacts.into_iter().map(|judged| judged.comparison).collect();
    let after = Policy { allowances: [policy.allowances.clone(), new.clone()].concat(), ..policy };
    let case = Case { comparisons: &comparisons, files: &files, replaced: &replaced, allowances: &[] };
    let judgement = judge(&case, &[], &after);
    let text = added(&before, &new, session.today()?);
    if text == before {
        writeln!(session.out, "nothing to accept: {} is as it was", file.display())?;
    } else {
        let read = Config::parse(&text, &file.display().to_string(), session.today()?);
        read.context("what would be written cannot be read back, and nothing was written")?;
        output.write(|out| out.write_all(text.as_bytes()))?;
        writeln!(
            session.out,
            "{}: {} written; read them, and say why each is fine",
            file.display(),
            allowances(new.len())
        )?;
        for allowance in &new {
            writeln!(session.out, "  {}: {}", allowance.subject.key(), shown(&allowance.what))?;
        }
    }
    remains(&mut session, &comparisons, &judgement)?;
    let unverified = config.unverified.unwrap_or(Unverified::Fail);
    Ok(code(&judgement.findings, judgement.fail_on, judgement.counts.unverified > 0, unverified))
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

/// Returns what makes `comparison` pass, where it may.
fn accept(comparison: &Comparison, policy: &Policy, file: &str, until: Date) -> Vec<Allowance> {
    let allowance = |what| Allowance {
        at: Location { file: file.into(), line: 1 },
        subject: comparison.subject.clone(),
        what,
        reason: format!("found by gosum init on {}, not yet looked at", policy.today),
        until,
    };
    lasting(comparison, &policy.required).into_iter().map(allowance).collect()
}

/// Returns `before` with the allowances `new` at its end.
fn added(before: &str, new: &[Allowance], today: Date) -> String {
    if new.is_empty() && !before.is_empty() {
        return before.to_owned();
    }
    let mut text = before.to_owned();
    if before.is_empty() {
        let _ = writeln!(
            text,
            "# What gosum accepts in this project. Each allowance holds for these very hashes alone, and until its date.\n\
             # Written by gosum init on {today}. To look at one: gosum explain MODULE@VERSION"
        );
    } else if !before.ends_with('\n') {
        text.push('\n');
    }
    for allowance in new {
        text.push_str(&table(allowance));
    }
    text
}

/// Returns an allowance as the config file has it.
fn table(allowance: &Allowance) -> String {
    let Allowance { subject, what, reason, until, .. } = allowance;
    let mut text = String::from("\n[[allow]]\n");
    let mut line = |key: &str, value: &str| {
        // a text of JSON is one of TOML too
        let _ = writeln!(text, "{key} = {}", serde_json::Value::from(value));
    };
    line("module", subject.module.path().as_str());
    line("version", subject.module.version().as_str());
    line("artifact", &subject.artifact.to_string());
    match what {
        Accepted::Hashes(pinned) => {
            for (source, sum) in pinned {
                let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
                let name = source.as_str();
                let key = match name.bytes().all(is_bare) {
                    true => name.to_owned(),
                    false => serde_json::Value::from(name).to_string(),
                };
                line(&key, &sum.to_string());
            }
        }
        Accepted::Missing { source, answer, why, hash } => {
            line("source", source.as_str());
            line("answer", answer.word());
            line("why", why.code());
            line("hash", &hash.to_string());
        }
    }
    line("reason", reason);
    line("until", &until.to_string());
    text
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

fn allowances(count: usize) -> String {
    if count == 1 { "1 allowance".to_owned() } else { format!("{count} allowances") }
}

/// Tells what is not accepted.
fn remains(session: &mut Session, comparisons: &[Comparison], judgement: &Judgement) -> anyhow::Result<()> {
    for finding in judgement.findings.iter().filter(|finding| finding.level >= judgement.fail_on) {
        let about =
            finding.subject.as_ref().map(|subject| format!("{}: ", subject.key())).unwrap_or_default();
        session.warn(format!("not accepted: {about}{}: {}", finding.code, finding.message));
    }
    let verdicts = judgement.verdicts.iter().zip(&judgement.allowed);
    for (comparison, (verdict, allowed)) in comparisons.iter().zip(verdicts) {
        if *verdict == Some(Verdict::Unverified) && allowed.is_none() {
            session.warn(format!("not accepted: {}: it could not be told today", comparison.subject.key()));
        }
    }
    Ok(())
}
