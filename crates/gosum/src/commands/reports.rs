//! The reports that `--format` names.

use std::io::{self, BufWriter, Write};
use std::sync::Mutex;

use anyhow::{Context, bail};
use gosum_evidence::report::{Judged, Report};
use gosum_report::format::{Format, Options, formats, named};

use super::new_file::{NewFile, Places};
use crate::output;
use crate::progress::Bars;
use crate::session::Session;

/// All reports of an audit. They are written from many threads.
pub(super) struct Reports(Mutex<Vec<One>>);

/// One report.
struct One {
    format: &'static dyn Format,
    options: Options,
    to: To,
    /// Whether all that there was to write until now was written.
    written: io::Result<()>,
}

/// Where a report goes.
enum To {
    Stdout(BufWriter<output::Output>),
    File(NewFile),
}

impl Reports {
    /// Opens the reports that are `given`; text on standard output when none is.
    ///
    /// # Errors
    /// When one has no format that there is, or cannot be written, or two go to one place.
    pub(super) fn open(given: &[String], options: Options, session: &Session) -> anyhow::Result<Reports> {
        let given = if given.is_empty() { &["text".to_owned()] } else { given };
        let (mut all, mut places) = (Vec::new(), Places::default());
        for given in given {
            let (name, file) = match given.split_once('=') {
                Some((name, file)) => (name, Some(places.open(session, given, file)?)),
                None => (given.as_str(), None),
            };
            let Some(format) = named(name) else {
                let known: Vec<&str> = formats().iter().map(|format| format.name()).collect();
                bail!("unknown format `{name}`; there are {}", known.join(", "));
            };
            let (to, options) = match file {
                Some(file) => (To::File(file), Options { color: false, ..options }),
                None => (To::Stdout(BufWriter::new(session.out.clone())), options),
            };
            all.push(One { format, options, to, written: Ok(()) });
        }
        if all.iter().filter(|one| one.is_seen()).count() > 1 {
            bail!("only one format can go to standard output; give the others a file: --format F=FILE");
        }
        Ok(Reports(Mutex::new(all)))
    }

    /// Returns whether one goes to standard output.
    pub(super) fn is_seen(&self) -> bool {
        self.0.lock().expect("writing does not panic").iter().any(One::is_seen)
    }

    /// Writes what the formats have to say of an artifact before the audit has ended. That something cannot be written is an
    /// error in the end; until then the others are written.
    pub(super) fn artifact(&self, judged: &Judged, bars: &Bars) {
        for one in self.0.lock().expect("writing does not panic").iter_mut() {
            one.artifact(judged, bars);
        }
    }

    /// Writes what is left of them, each whether or not the others can be written.
    ///
    /// # Errors
    /// When one of them cannot be written; the first, if there are several.
    pub(super) fn finish(self, report: &Report) -> anyhow::Result<()> {
        let all = self.0.into_inner().expect("writing does not panic");
        all.into_iter().map(|one| one.finish(report)).fold(Ok(()), anyhow::Result::and)
    }
}

impl One {
    fn is_seen(&self) -> bool {
        matches!(self.to, To::Stdout(_))
    }

    fn artifact(&mut self, judged: &Judged, bars: &Bars) {
        if self.written.is_err() {
            return;
        }
        self.written = match &mut self.to {
            To::File(file) => self.format.artifact(judged, file.out()).and_then(|()| file.pass_on()),
            To::Stdout(out) => {
                let written = self.format.artifact(judged, out);
                // on a terminal, the bars stand where the line is to be
                let pass_on = |()| if out.buffer().is_empty() { Ok(()) } else { bars.aside(|| out.flush()) };
                written.and_then(pass_on)
            }
        };
    }

    fn finish(self, report: &Report) -> anyhow::Result<()> {
        let One { format, options, to, written } = self;
        match to {
            To::Stdout(mut out) => {
                let rest = written.and_then(|()| format.end(report, &options, &mut out));
                rest.and_then(|()| out.flush()).context("cannot write the report")
            }
            To::File(mut file) => {
                let rest = written.and_then(|()| format.end(report, &options, file.out()));
                file.finish(rest)
            }
        }
    }
}
