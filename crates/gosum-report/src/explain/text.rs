//! Text for people: how it came out and why, who has what, the files, and at last their lines.

use std::io::{self, Write};

use anstyle::Style;
use gosum_evidence::diff::cause::{Cause, Explanation};
use gosum_evidence::explain::{Account, Compared, Outcome};

use super::{Options, advice, stand};
use crate::escape::terminal;
use crate::paint::{BAD, GOOD, WARN, paint};

pub(super) fn render(account: &Account, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, options };
    page.headline(account)?;
    for comparison in &account.answers {
        page.answers(comparison, account)?;
    }
    if let Some(compared) = account.compared.as_ref().filter(|_| account.answers.is_empty()) {
        page.copies(compared)?;
    }
    page.causes(account)?;
    match &account.compared {
        Some(compared) => page.compared(compared),
        None => Ok(()),
    }
}

pub(super) struct Page<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) options: Options,
}

impl Page<'_> {
    fn headline(&mut self, account: &Account) -> io::Result<()> {
        let style = match &account.outcome {
            Outcome::Same(_) => GOOD,
            Outcome::Differ | Outcome::Untrusted(_) => BAD,
            Outcome::OneSided(_) | Outcome::Untold(_) => WARN,
        };
        let word = self.paint(style.bold(), account.outcome.word());
        let mut parts = Vec::new();
        if let Some(module) = &account.module {
            parts.push(module.to_string());
        }
        let whys = account.outcome.whys();
        if let [why] = whys {
            parts.push(terminal(why).into_owned());
        }
        let compared = account.compared.as_ref().filter(|compared| !compared.is_same());
        let against = stand::against(account).filter(|_| compared.is_some());
        let is_all_said = against.as_ref().is_some_and(|against| against.is_between_two);
        parts.extend(against.map(|against| terminal(&against.words).into_owned()));
        if let Some(compared) = compared {
            let between = format!("{} and {}", terminal(&compared.left.name), terminal(&compared.right.name));
            parts.push(match is_all_said {
                true => verdict(compared),
                false => format!("{between}: {}", verdict(compared)),
            });
        }
        writeln!(self.out, "{word}: {}", parts.join(": "))?;
        // several reasons, each with its URL, are too much for one line
        for why in whys.iter().filter(|_| whys.len() > 1) {
            writeln!(self.out, "  {}", terminal(why))?;
        }
        for line in stand::of_go_sum(account) {
            let word = self.paint(Style::new().bold(), "go.sum");
            writeln!(self.out, "{word}: {}", terminal(&line))?;
        }
        Ok(())
    }

    /// Writes why the copies differ, what to do next, and what else there is to know.
    fn causes(&mut self, account: &Account) -> io::Result<()> {
        let explained =
            account.compared.as_ref().and_then(|compared| Some((compared, compared.explanation.as_ref()?)));
        let explained = explained.filter(|(_, explanation)| !explanation.causes.is_empty());
        let of_line = advice::of_line(account);
        if explained.is_none() && account.remarks.is_empty() && of_line.is_none() {
            return Ok(());
        }
        writeln!(self.out)?;
        if let Some((compared, explanation)) = explained {
            self.explained(compared, explanation)?;
            if let Some(advice) = advice::advice(explanation, compared, account) {
                writeln!(self.out, "help: {}", terminal(&advice))?;
            }
        }
        if let Some(advice) = of_line {
            writeln!(self.out, "help: {}", terminal(&advice))?;
        }
        for remark in &account.remarks {
            writeln!(self.out, "note: {}", terminal(remark))?;
        }
        Ok(())
    }

    fn explained(&mut self, compared: &Compared, explanation: &Explanation) -> io::Result<()> {
        let (left, right) = (&*compared.left.name, &*compared.right.name);
        for explained in &explanation.causes {
            let what = match explained.cause {
                Cause::NotKnown if explanation.causes.len() == 1 => "not known".to_owned(),
                Cause::NotKnown => format!("not known for {}", files(explained.changes.len())),
                _ if explanation.the_cause().is_some() => explained.cause.sentence(left, right),
                _ => format!(
                    "of {}: {}",
                    files(explained.changes.len()),
                    explained.cause.sentence(left, right)
                ),
            };
            let word = self.paint(Style::new().bold(), "cause");
            writeln!(self.out, "{word}: {}", terminal(&what))?;
            for (nth, proof) in explained.proof.iter().enumerate() {
                let lead = if nth == 0 { "  proof:" } else { "        " };
                writeln!(self.out, "{lead} {}", terminal(proof))?;
            }
        }
        Ok(())
    }

    /// Writes the hashes of two copies that nobody was asked about.
    fn copies(&mut self, compared: &Compared) -> io::Result<()> {
        let names = [&compared.left, &compared.right]
            .map(|copy| (terminal(&copy.name).into_owned(), &copy.h1, copy.origin.from.as_ref()));
        let width = names.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
        writeln!(self.out)?;
        for (name, h1, from) in names {
            let h1 = h1.as_ref().map_or_else(|| "no hash".to_owned(), ToString::to_string);
            writeln!(self.out, "  {name:<width$}  {}", terminal(&h1))?;
            // a name may be the end of a path
            if let Some(from) = from.filter(|from| terminal(from) != name) {
                writeln!(self.out, "  {:<width$}  {}", "", terminal(from))?;
            }
        }
        Ok(())
    }

    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        paint(self.options.color, style, text)
    }
}

/// Returns what the first line says of the difference.
fn verdict(compared: &Compared) -> String {
    if compared.files.is_empty() {
        return "the same files; the go.mod files beside them differ".to_owned();
    }
    let entries = compared.folder_entries();
    let (all, reaching) = (compared.files.len() - entries, compared.reaching());
    let covered = "whose names alone the hash covers";
    let entries = match (entries, all) {
        (0, _) => String::new(),
        (1, 0) => return "1 folder entry of a zip differs, whose name alone the hash covers".to_owned(),
        (entries, 0) => return format!("{entries} folder entries of a zip differ, {covered}"),
        (1, _) => ", and 1 folder entry of a zip differs, whose name alone the hash covers".to_owned(),
        (entries, _) => format!(", and {entries} folder entries of a zip differ, {covered}"),
    };
    let builds = if compared.platform.is_some() { "such a build" } else { "a build" };
    let reach = match (reaching, all) {
        (0, 1) => format!("it cannot reach {builds}"),
        (0, _) => format!("none of them can reach {builds}"),
        (1, 1) => format!("it can reach {builds}"),
        (_, _) if reaching == all => format!("all of them can reach {builds}"),
        (_, _) => format!("{reaching} of them can reach {builds}"),
    };
    let differ = if all == 1 { "differs" } else { "differ" };
    format!("{} {differ}, {reach}{entries}", files(all))
}

pub(super) fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
