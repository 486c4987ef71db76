//! `gosum demo`: a small world on loopback, audited for real.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use clap::Args;
use gosum_evidence::report::Report;
use gosum_evidence::subject::Subject;
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_world::demo::{self, Demo};

use super::audit;
use super::{Command, parse};
use crate::Outside;
use crate::exit::Exit;
use crate::session::{Session, Shown, When};

/// Audit a small world on this machine: a module proxy and git repositories, with one module tampered and one tag moved
///
/// Needs no network and nothing installed. Exits with 0 when the audit finds exactly what was planted, else with 4.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {}

pub(crate) fn run(session: Session) -> anyhow::Result<Exit> {
    let demo = demo::world().context("cannot start a world on loopback")?;
    let temp = session.env.temp();
    let dir = temp
        .map_or_else(tempfile::tempdir, tempfile::tempdir_in)
        .context("cannot make a temporary folder")?;
    for (name, text) in [("go.mod", &demo.go_mod), ("go.sum", &demo.go_sum)] {
        std::fs::write(dir.path().join(name), text)
            .with_context(|| format!("cannot write {name} for the demo"))?;
    }
    let mut out = session.out.clone();
    writeln!(
        out,
        "A module proxy, a checksum database and git repositories on {}. At the proxy, {} was tampered;\n\
         in its repository, the tag of {} was moved. `gosum audit` of a project that uses them:\n",
        demo.world.address(),
        demo.tampered,
        demo.moved
    )?;
    let report = audit_project(session, &demo, dir.path())?;
    write!(out, "\nThe two go.sum sets:\n\n{}\n", report.diff)?;
    let would = audit::exit(&report);
    writeln!(out, "audit would exit {}", would.code())?;
    Ok(match (would, as_planted(&report, &[&demo.tampered, &demo.moved])) {
        (Exit::Interrupted, _) => Exit::Interrupted,
        (Exit::Findings, true) => Exit::Success,
        _ => {
            writeln!(out, "the demo is not what it should be: this is a fault of gosum")?;
            Exit::Fault
        }
    })
}

/// Runs `gosum audit` in the folder of the project, where the hosts of the world are the only ones.
fn audit_project(session: Session, demo: &Demo, dir: &Path) -> anyhow::Result<Report> {
    let Command::Audit(args) = parse(&["gosum".into(), "audit".into()])?.command else {
        unreachable!("`audit` names the command of that name")
    };
    let settings = [("GOPROXY", demo.proxy.as_str()), ("GOENV", "off"), ("GOSUMDB", demo.gosumdb.as_str())];
    let shown = Shown {
        color: if session.color { When::Always } else { When::Never },
        progress: if session.progress { When::Always } else { When::Never },
        quiet: session.quiet,
    };
    let outside = Outside {
        args: Vec::new(),
        env: settings.map(|(key, value)| (key.into(), value.into())).into(),
        dir: dir.to_path_buf(),
        stdin: Box::new(io::empty()),
        stdout: Box::new(session.out),
        stderr: Box::new(session.err),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        routes: demo.world.routes(),
        now: session.now,
        interrupt: session.interrupt,
    };
    audit::perform(&args, &mut Session::new(outside, None, shown)?)
}

/// Returns whether the zips of `planted`, and nothing else, were found to differ, and everything else was verified both
/// ways.
fn as_planted(report: &Report, planted: &[&ModuleVersion]) -> bool {
    let zip = |module: &&ModuleVersion| Subject::new((*module).clone(), Artifact::Zip);
    let planted: BTreeSet<Subject> = planted.iter().map(zip).collect();
    let found: BTreeSet<Subject> =
        report.findings.iter().filter_map(|finding| finding.subject.clone()).collect();
    let differ = report.findings.iter().all(|finding| finding.code == "proxy-direct-differ");
    let counts = report.counts;
    differ
        && found == planted
        && counts.mismatch == planted.len()
        && counts.verified_both + counts.mismatch == counts.judged()
}
