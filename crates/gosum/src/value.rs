//! Values of flags: sizes and durations.

use std::time::Duration;

use gosum_git::Bound;

/// Returns the number of bytes that `text` spells: a number, perhaps with a unit of 1000 (`KB`, `MB`, `GB`) or of 1024
/// (`KiB`, `MiB`, `GiB`).
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit {
        "" | "B" => 1,
        "KB" => 1000,
        "MB" => 1000 * 1000,
        "GB" => 1000 * 1000 * 1000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("a size is a number with a unit such as MiB".into()),
    };
    let number: u64 = number.parse().map_err(|_| "a size is a number with a unit such as MiB".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "too large".into())
}

/// Returns the bound that `text` sets, as `NAME=SIZE`, and its value.
pub(crate) fn limit(text: &str) -> Result<(Bound, u64), String> {
    let (name, value) = text.split_once('=').ok_or("a limit is a name, `=` and a number")?;
    let bound = Bound::ALL.iter().find(|bound| bound.name() == name);
    let bound = bound.ok_or_else(|| {
        let names: Vec<String> = Bound::ALL.iter().map(|bound| bound.name()).collect();
        format!("there is no limit `{name}`: there are {}", names.join(", "))
    })?;
    match size(value)? {
        0 => Err("a limit of nothing lets nothing through".into()),
        value => Ok((*bound, value)),
    }
}

/// Returns the duration that `text` spells, as the go command writes durations: numbers with the units `ms`, `s`, `m` and
/// `h`, one after another.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a duration is a number with a unit, such as 30s or 10m".to_owned();
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, tail) = split_unit(rest);
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, after) = tail.split_at(end);
        let milliseconds: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60 * 1000,
            "h" => 60 * 60 * 1000,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let part = number.checked_mul(milliseconds).ok_or_else(|| "too long".to_owned())?;
        total = total.checked_add(Duration::from_millis(part)).ok_or_else(|| "too long".to_owned())?;
        rest = after;
    }
    if total.is_zero() || total > MAX_DURATION { Err(wrong()) } else { Ok(total) }
}

/// Returns how old something may be: a duration, for which days are a unit too, or `0`.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let wrong = || "an age is 0, or a number with a unit, such as 30m, 24h or 7d".to_owned();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    match text.strip_suffix('d') {
        Some(days) => {
            let days: u64 = days.parse().map_err(|_| wrong())?;
            let age = days.checked_mul(24 * 60 * 60).map(Duration::from_secs);
            age.filter(|age| *age <= MAX_AGE).ok_or_else(wrong)
        }
        None => duration(text).map_err(|_| wrong()),
    }
}

/// A hundred years.
const MAX_AGE: Duration = Duration::from_secs(36_525 * 24 * 60 * 60);

/// A year: what is longer is a slip of the pen, and an overflow of clocks.
const MAX_DURATION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn split_unit(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes() {
        assert_eq!(size("256MiB"), Ok(256 << 20));
        assert_eq!(size("1GB"), Ok(1_000_000_000));
        assert_eq!(size("17"), Ok(17));
        for wrong in ["", "MiB", "1.5MiB", "-1", "1 MiB", "1mib", "99999999999GiB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_limits() {
        assert_eq!(limit("pack-bytes=4GiB"), Ok((Bound::PackBytes, 4 << 30)));
        assert_eq!(limit("objects=5"), Ok((Bound::Objects, 5)));
        for (wrong, words) in [
            ("objects", "a limit is"),
            ("objects=0", "lets nothing through"),
            ("objects=many", "a size is"),
            ("pack_bytes=1", "there are seconds, listing-bytes, pack-bytes,"),
        ] {
            assert!(limit(wrong).unwrap_err().contains(words), "{wrong}");
        }
    }

    #[test]
    fn reads_durations() {
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("1h30m5s"), Ok(Duration::from_secs(5405)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["", "10", "m", "1d", "-1s", "0s", "1s 2s", "99999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_ages() {
        assert_eq!(age("0"), Ok(Duration::ZERO));
        assert_eq!(age("24h"), Ok(Duration::from_secs(86_400)));
        assert_eq!(age("7d"), Ok(Duration::from_secs(7 * 86_400)));
        for wrong in ["", "d", "-1d", "1", "99999999999999999999d", "1d2h"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
