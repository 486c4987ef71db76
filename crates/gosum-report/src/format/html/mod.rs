//! HTML: one page to look at, in one file. It asks for nothing, and runs nothing but its own script.
//!
//! What must be looked at is there without the script too, and so is the whole table: the script only filters and sorts its
//! rows. The policy of the page names its one style and its one script by their hashes, so that nothing else of it is ever
//! style or script, whatever a report says.

mod artifacts;
mod diff;
mod finding;
mod mismatch;
mod shown;
mod summary;
mod unverified;

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use gosum_evidence::report::Report;
use gosum_mod::hash::sha256::sha256;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Format, Options};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, report: &Report, _options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let mut put = |part: &Markup| writeln!(out, "{}", part.0);
        put(&html! { (DOCTYPE) })?;
        // the parts are written one by one: a page of many thousand lines need not be in memory whole
        put(&PreEscaped("<html lang=\"en\">".to_owned()))?;
        put(&head(report))?;
        put(&PreEscaped("<body>".to_owned()))?;
        put(&summary::header(report))?;
        put(&PreEscaped("<main id=\"main\">".to_owned()))?;
        put(&summary::sources(report))?;
        for section in [mismatch::section, finding::section, unverified::section, unverified::allowed] {
            put(&section(report))?;
        }
        put(&diff::section(report))?;
        artifacts::write(report, out)?;
        let mut put = |part: &Markup| writeln!(out, "{}", part.0);
        put(&PreEscaped("</main>".to_owned()))?;
        put(&summary::footer(report))?;
        put(&html! { script { (PreEscaped(line_ends(SCRIPT))) } })?;
        put(&PreEscaped("</body></html>".to_owned()))
    }
}

fn head(report: &Report) -> Markup {
    let judged = report.counts.judged();
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy());
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="color-scheme" content="light dark";
            meta name="generator" content={ "gosum " (report.gosum) };
            title { (report.verdict) ": " (shown::lines(judged)) " of go.sum" }
            style { (PreEscaped(line_ends(STYLE))) }
        }
    }
}

/// Returns the page's own content-security policy.
fn policy() -> String {
    let hash = |text| BASE64.encode(sha256(line_ends(text).as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// Returns `text` with the line ends that a browser makes of all others before it hashes.
fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_style_or_script_ends_it() {
        for text in [STYLE, SCRIPT] {
            for end in ["</", "<!--", "\u{0}"] {
                assert!(!text.contains(end), "{end}");
            }
        }
    }

    #[test]
    fn the_script_makes_no_markup_of_text() {
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval", "Function("] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }
}
