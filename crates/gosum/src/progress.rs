//! Progress on standard error.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use gosum_audit::gather::Progress;
use gosum_audit::source::watch::Watch;
use gosum_evidence::evidence::SourceName;
use gosum_report::escape::terminal;
use indicatif::{
    HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
};

/// How often what takes its time shows that it is alive.
const TICK: Duration = Duration::from_millis(200);

/// A bar for each source, and a line that says which repositories are asked.
pub(crate) struct Bars {
    all: MultiProgress,
    bars: Mutex<BTreeMap<SourceName, ProgressBar>>,
    repositories: Mutex<Repositories>,
    /// What is done before or after the sources are asked about lines.
    beside: Mutex<Option<ProgressBar>>,
}

/// The repositories that are asked.
#[derive(Default)]
struct Repositories {
    line: Option<ProgressBar>,
    count: usize,
    done: usize,
    /// Those that are asked now, the one that has been asked for longest first.
    now: Vec<String>,
}

impl Repositories {
    fn text(&self) -> String {
        let Repositories { count, done, now, .. } = self;
        let names: Vec<&str> = now.iter().map(|url| url.strip_prefix("https://").unwrap_or(url)).collect();
        format!("{done} of {count} repositories; asking {}", terminal(&names.join(", ")))
    }
}

impl Bars {
    /// Returns bars that are drawn when `shown`.
    pub(crate) fn new(shown: bool) -> Arc<Bars> {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Arc::new(Bars {
            all: MultiProgress::with_draw_target(target),
            bars: Mutex::default(),
            repositories: Mutex::default(),
            beside: Mutex::default(),
        })
    }

    /// Takes the bars off the screen while something else is written.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.all.suspend(write)
    }

    /// Takes the bars off the screen.
    pub(crate) fn finish(&self) {
        let mut bars = std::mem::take(&mut *held(&self.bars)).into_values().collect::<Vec<_>>();
        bars.extend(std::mem::take(&mut *held(&self.repositories)).line);
        bars.extend(held(&self.beside).take());
        bars.iter().for_each(ProgressBar::finish_and_clear);
    }

    /// Returns `bar`, drawn as `template` says, below all others, or below the one of a source.
    fn shown(&self, bar: ProgressBar, template: &str, below: Option<&SourceName>) -> ProgressBar {
        let style = ProgressStyle::with_template(template).expect("the template is well-formed");
        let write_pace = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // a line of progress that cannot be put together is no reason to stop
            let _ = out.write_str(&pace(state.pos(), state.len().unwrap_or(0), state.elapsed()));
        };
        let bar = bar.with_style(style.with_key("pace", write_pace));
        let bar = match below.and_then(|source| held(&self.bars).get(source).cloned()) {
            Some(other) => self.all.insert_after(&other, bar),
            None => self.all.add(bar),
        };
        if !self.all.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        bar
    }
}

impl Progress for Bars {
    fn begins(&self, source: &SourceName, lines: usize) {
        if let Some(bar) = held(&self.beside).take() {
            bar.finish_and_clear();
        }
        let template = "{prefix:<7} {wide_bar} {pos}/{len} lines{pace}, {elapsed}";
        let bar = self.shown(ProgressBar::new(lines as u64), template, None);
        bar.set_prefix(terminal(source.as_str()).into_owned());
        held(&self.bars).insert(source.clone(), bar);
    }

    fn answered(&self, source: &SourceName) {
        if let Some(bar) = held(&self.bars).get(source) {
            bar.inc(1);
            // its pace and time stay as they are while others are asked
            if bar.length().is_some_and(|lines| bar.position() >= lines) {
                bar.finish();
            }
        }
    }

    fn turns_to(&self, what: &str) {
        let mut beside = held(&self.beside);
        let new = || self.shown(ProgressBar::new_spinner(), "{spinner} {msg}, {elapsed}", None);
        beside.get_or_insert_with(new).set_message(what.to_owned());
    }
}

impl Watch for Bars {
    fn begins(&self, repositories: usize) {
        held(&self.repositories).count += repositories;
    }

    fn asks(&self, repository: &str) {
        let mut repositories = held(&self.repositories);
        repositories.now.push(repository.to_owned());
        let text = repositories.text();
        let new = || self.shown(ProgressBar::new_spinner(), "        {wide_msg}", Some(&SourceName::DIRECT));
        repositories.line.get_or_insert_with(new).set_message(text);
    }

    fn asked(&self, repository: &str) {
        let mut repositories = held(&self.repositories);
        repositories.done += 1;
        if let Some(at) = repositories.now.iter().position(|asked| asked == repository) {
            repositories.now.remove(at);
        }
        let text = repositories.text();
        match (repositories.now.is_empty(), &repositories.line) {
            (false, Some(line)) => line.set_message(text),
            (true, Some(line)) => {
                line.finish_and_clear();
                repositories.line = None;
            }
            (_, None) => {}
        }
    }
}

/// Returns how fast it goes, and for how long at this pace; nothing as long as there is nothing to tell it by.
fn pace(done: u64, all: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if done == 0 || seconds == 0.0 {
        return String::new();
    }
    let rate = done as f64 / seconds;
    match all.saturating_sub(done) {
        0 => format!(", {rate:.1}/s"),
        left => {
            let left = HumanDuration(Duration::from_secs_f64(left as f64 / rate));
            format!(", {rate:.1}/s, {left:#} left")
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("drawing does not panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_and_time_left_are_those_of_all_that_is_done() {
        for (done, all, seconds, expected) in [
            (0, 100, 5, ""),
            (50, 100, 5, ", 10.0/s, 5s left"),
            (1, 100, 10, ", 0.1/s, 17m left"),
            (100, 100, 5, ", 20.0/s"),
            (3, 0, 1, ", 3.0/s"),
            (3, 10, 0, ""),
        ] {
            assert_eq!(pace(done, all, Duration::from_secs(seconds)), expected, "{done} of {all}");
        }
    }

    #[test]
    fn repositories_are_counted_and_named_as_long_as_they_are_asked() {
        let bars = Bars::new(false);
        let watch: &dyn Watch = &*bars;
        let text = || held(&bars.repositories).text();
        watch.begins(3);
        watch.asks("https://git.example/a");
        watch.asks("ssh://git.example/b\x1b[2J");
        assert_eq!(text(), "0 of 3 repositories; asking git.example/a, ssh://git.example/b\\u{1b}[2J");
        watch.asked("https://git.example/a");
        assert!(text().starts_with("1 of 3 repositories; asking ssh://"), "{}", text());
        // one that is asked about something else, while others still are
        watch.begins(1);
        watch.asked("ssh://git.example/b\x1b[2J");
        assert!(held(&bars.repositories).line.is_none(), "nothing is asked");
        watch.asks("https://git.example/a");
        assert_eq!(text(), "2 of 4 repositories; asking git.example/a");
        bars.finish();
        assert!(held(&bars.repositories).line.is_none());
    }
}
