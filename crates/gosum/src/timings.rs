//! `--timings`: how long what takes, from the spans of the libraries.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use gosum_evidence::report::Timing;
use tracing::dispatcher::{self, Dispatch};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::NoSubscriber;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// What has been measured so far. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Timings(Arc<Mutex<BTreeMap<Key, Measured>>>);

/// Which spans are counted together: those of one source and name; of a stage, the stage alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: Option<String>,
    what: String,
}

#[derive(Debug, Default)]
struct Measured {
    micros: Vec<u64>,
    bytes: Option<u64>,
}

impl Timings {
    /// Does `work`, and measures the spans of this thread, and of those that take over its subscriber, meanwhile.
    pub(crate) fn measure<T>(&self, work: impl FnOnce() -> T) -> T {
        let outer = dispatcher::get_default(Dispatch::clone);
        let subscriber = Registry::default().with(Measuring { timings: self.clone(), outer });
        // As long as there is one alone, `tracing` asks that of the thread which comes to a span first whether the span matters,
        // to anybody and for good: a thread that has none would lose it.
        let _second = Dispatch::new(NoSubscriber::new());
        dispatcher::with_default(&Dispatch::new(subscriber), work)
    }

    /// Returns a row for each stage, and then for each source and what it did, by their names.
    pub(crate) fn rows(&self) -> Vec<Timing> {
        let measured = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        measured.iter().map(|(key, measured)| row(key, measured)).collect()
    }

    fn add(&self, span: &Running) {
        let micros = u64::try_from(span.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut measured = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let measured = measured.entry(span.key.clone()).or_default();
        measured.micros.push(micros);
        if let Some(bytes) = span.bytes {
            *measured.bytes.get_or_insert(0) += bytes;
        }
    }
}

fn row(Key { source, what }: &Key, Measured { micros, bytes }: &Measured) -> Timing {
    let mut sorted = micros.clone();
    sorted.sort_unstable();
    // the smallest that so many per cent do not exceed
    let at = |percent: usize| sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1];
    Timing {
        source: source.clone(),
        what: what.clone(),
        count: sorted.len(),
        bytes: *bytes,
        total_us: sorted.iter().sum(),
        p50_us: at(50),
        p90_us: at(90),
        p99_us: at(99),
        max_us: at(100),
    }
}

/// Writes `rows` as a table.
///
/// # Errors
/// When writing fails.
pub(crate) fn write(rows: &[Timing], mut out: impl Write) -> io::Result<()> {
    let heads = ["count", "total", "p50", "p90", "p99", "max", "bytes"];
    write!(out, "{:<10}{:<12}", "source", "what")?;
    writeln!(out, "{}", heads.map(|head| format!("{head:>12}")).concat())?;
    for row in rows {
        let times = [row.total_us, row.p50_us, row.p90_us, row.p99_us, row.max_us].map(Milliseconds);
        let times = times.map(|time| format!("{:>12}", time.to_string())).concat();
        let bytes = row.bytes.map_or_else(String::new, |bytes| bytes.to_string());
        let source = row.source.as_deref().unwrap_or("-");
        writeln!(out, "{source:<10}{:<12}{:>12}{times}{bytes:>12}", row.what, row.count)?;
    }
    Ok(())
}

struct Milliseconds(u64);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:01} ms", self.0 / 1000, self.0 % 1000 / 100)
    }
}

/// Hears of the spans, and passes on what happens in them to whoever heard of it before.
struct Measuring {
    timings: Timings,
    outer: Dispatch,
}

/// A span that has not ended.
struct Running {
    key: Key,
    bytes: Option<u64>,
    start: Instant,
}

/// The fields of a span that matter here.
#[derive(Default)]
struct Fields {
    source: Option<String>,
    stage: Option<String>,
    bytes: Option<u64>,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "bytes" {
            self.bytes = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "source" => self.source = Some(value.to_owned()),
            "stage" => self.stage = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "source" {
            self.source = Some(format!("{value:?}"));
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Measuring {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let above = || span.parent()?.extensions().get::<Running>()?.key.source.clone();
        let key = match fields.stage {
            Some(what) => Key { source: None, what },
            None => Key { source: fields.source.or_else(above), what: span.name().to_owned() },
        };
        span.extensions_mut().insert(Running { key, bytes: fields.bytes, start: Instant::now() });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(running) = span.extensions_mut().get_mut::<Running>() {
            running.bytes = fields.bytes.or(running.bytes);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if self.outer.enabled(event.metadata()) {
            self.outer.event(event);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id);
        if let Some(running) = span.as_ref().and_then(|span| span.extensions_mut().remove::<Running>()) {
            self.timings.add(&running);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measured_values() {
        let key = Key { source: None, what: "x".to_owned() };
        let of = |micros: Vec<u64>| {
            let row = row(&key, &Measured { micros, bytes: None });
            (row.count, row.total_us, row.p50_us, row.p90_us, row.p99_us, row.max_us)
        };
        assert_eq!(of(vec![7]), (1, 7, 7, 7, 7, 7));
        assert_eq!(of((1..=1000).rev().collect()), (1000, 500_500, 500, 900, 990, 1000));
    }

    #[test]
    fn spans_count_for_the_source_that_they_are_within() {
        let timings = Timings::default();
        timings.measure(|| {
            let _stage = tracing::info_span!("stage", stage = "gather").entered();
            let _asking = tracing::info_span!("ask", source = %"proxy").entered();
            for bytes in [3u64, 4] {
                tracing::info_span!("request", bytes = tracing::field::Empty).record("bytes", bytes);
            }
        });
        tracing::info_span!("ask", source = %"direct").in_scope(|| {});
        let rows: Vec<_> =
            timings.rows().into_iter().map(|row| (row.source, row.what, row.count, row.bytes)).collect();
        let proxy = || Some("proxy".to_owned());
        assert_eq!(
            rows,
            [
                (None, "gather".to_owned(), 1, None),
                (proxy(), "ask".to_owned(), 1, None),
                (proxy(), "request".to_owned(), 2, Some(7)),
            ]
        );
    }
}
