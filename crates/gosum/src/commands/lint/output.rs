//! The reports of a lint that `--format` names.

use std::io::Write;

use anyhow::{Context, bail};
use gosum_evidence::lint::Lint;
use gosum_report::lint::{FORMATS, Format, Options};

use super::super::new_file::{NewFile, Places};
use crate::output::Output;
use crate::session::Session;

/// All reports.
pub(super) struct Outputs(Vec<(Format, Options, To)>);

enum To {
    Stdout(Output),
    File(NewFile),
}

impl Outputs {
    /// Opens the reports that are `given`; text on standard output when none is.
    ///
    /// # Errors
    /// When one has no format that there is, or cannot be written, or two go to one place.
    pub(super) fn open(given: &[String], options: Options, session: &Session) -> anyhow::Result<Outputs> {
        let given = if given.is_empty() { &["text".to_owned()] } else { given };
        let (mut all, mut places) = (Vec::new(), Places::default());
        for given in given {
            let (name, file) =
                given.split_once('=').map_or((&**given, None), |(name, file)| (name, Some(file)));
            let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
                let known = FORMATS.map(|(name, _)| name);
                bail!("unknown format `{name}` of a lint; there are {}", known.join(", "));
            };
            all.push(match file {
                Some(file) => {
                    let to = places.open(session, given, file)?;
                    (*format, Options { color: false, ..options }, To::File(to))
                }
                None => (*format, options, To::Stdout(session.out.clone())),
            });
        }
        if all.iter().filter(|(_, _, to)| matches!(to, To::Stdout(_))).count() > 1 {
            bail!("only one format can go to standard output; give the others a file: --format F=FILE");
        }
        Ok(Outputs(all))
    }

    /// Writes them.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(super) fn write(self, lint: &Lint) -> anyhow::Result<()> {
        for (format, options, to) in self.0 {
            match to {
                To::Stdout(out) => {
                    let mut out = std::io::BufWriter::new(out);
                    let written = format.render(lint, options, &mut out).and_then(|()| out.flush());
                    written.context("cannot write the report")?;
                }
                To::File(file) => file.write(|mut out| format.render(lint, options, &mut out))?,
            }
        }
        Ok(())
    }
}
