//! Progress on standard error.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use gosum_audit::gather::Progress;
use gosum_evidence::evidence::SourceName;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often what takes its time shows that it is alive.
const TICK: Duration = Duration::from_millis(200);

/// A bar for each source.
pub(crate) struct Bars {
    all: MultiProgress,
    bars: Mutex<BTreeMap<SourceName, ProgressBar>>,
    /// What is done after the sources were asked.
    after: Mutex<Option<ProgressBar>>,
}

impl Bars {
    /// Returns bars that are drawn when `shown`.
    pub(crate) fn new(shown: bool) -> Bars {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Bars { all: MultiProgress::with_draw_target(target), bars: Mutex::default(), after: Mutex::default() }
    }

    fn with(&self, act: impl FnOnce(&mut BTreeMap<SourceName, ProgressBar>)) {
        act(&mut self.bars.lock().expect("drawing does not panic"));
    }

    /// Takes the bars off the screen while something else is written.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.all.suspend(write)
    }

    /// Takes the bars off the screen.
    pub(crate) fn finish(&self) {
        self.with(|bars| bars.values().for_each(ProgressBar::finish_and_clear));
        if let Some(bar) = &*self.after.lock().expect("drawing does not panic") {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bars {
    fn begins(&self, source: &SourceName, lines: usize) {
        let style = ProgressStyle::with_template(
            "{prefix:<7} {wide_bar} {pos}/{len} lines, {per_sec}, {eta} left, {elapsed}",
        )
        .expect("the template is well-formed");
        let bar = self.all.add(ProgressBar::new(lines as u64).with_style(style));
        bar.set_prefix(source.to_string());
        bar.tick();
        if !self.all.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        self.with(|bars| {
            bars.insert(source.clone(), bar);
        });
    }

    fn answered(&self, source: &SourceName) {
        self.with(|bars| {
            if let Some(bar) = bars.get(source) {
                bar.inc(1);
            }
        });
    }

    fn turns_to(&self, what: &str) {
        let mut after = self.after.lock().expect("drawing does not panic");
        let bar = after.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}")
                .expect("the template is well-formed");
            let bar = self.all.add(ProgressBar::new_spinner().with_style(style));
            if !self.all.is_hidden() {
                bar.enable_steady_tick(TICK);
            }
            bar
        });
        bar.set_message(what.to_owned());
    }
}
