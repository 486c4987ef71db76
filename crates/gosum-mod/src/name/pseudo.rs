//! Pseudo-versions, which name a commit: `v0.0.0-20200102030405-0123456789ab` (spec 01 §5).

use super::semver::{self, Semver};
use super::text::Text;

/// Why a text is not a pseudo-version, or what is wrong with one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PseudoError {
    /// It does not have the form of one.
    #[error("{version:?} is not a pseudo-version")]
    Form {
        /// The text.
        version: Text,
    },
    /// Its time is in no calendar.
    #[error("pseudo-version `{version}` has malformed time `{time}`")]
    Time {
        /// The pseudo-version.
        version: String,
        /// Its time.
        time: String,
    },
    /// It stands before any version: the patch number of its base would be negative.
    #[error("pseudo-version `{version}` has a base with a negative patch number")]
    NegativePatch {
        /// The pseudo-version.
        version: String,
    },
    /// It has a build part, and yet no base that it could be from.
    #[error("pseudo-version `{version}` lacks a base version, but has build metadata `{build}`")]
    BuildWithoutBase {
        /// The pseudo-version.
        version: String,
        /// The build part.
        build: String,
    },
}

/// A pseudo-version in its parts, each a piece of the text it was read from.
#[derive(Debug, Clone, Copy)]
pub struct Pseudo<'a> {
    text: &'a str,
    /// What stands before the time: `vX.0.0`, `vX.Y.Z-0` or `vX.Y.Z-pre.0`.
    stem: Semver<'a>,
    time: &'a str,
    rev: &'a str,
    build: &'a str,
}

/// Returns whether `version` has the form of a pseudo-version. Its time may still be none.
pub fn is_pseudo(version: impl AsRef<[u8]>) -> bool {
    split(version.as_ref()).is_some()
}

/// Returns `version` in its parts.
///
/// # Errors
/// When it does not have the form of a pseudo-version. What else may be wrong shows when the part is asked for.
pub fn parse<T: AsRef<[u8]> + ?Sized>(version: &T) -> Result<Pseudo<'_>, PseudoError> {
    let version = version.as_ref();
    split(version).ok_or_else(|| PseudoError::Form { version: version.into() })
}

fn split(version: &[u8]) -> Option<Pseudo<'_>> {
    let whole = semver::parse(version)?;
    let text = str::from_utf8(version).ok()?;
    let (plain, build) = text.split_at(text.len() - whole.build().len());
    let (before, rev) = plain.rsplit_once('-')?;
    let (stem, time) = before.split_at_checked(before.len().checked_sub(15)?)?;
    let (separator, time) = (time.get(..1)?, time.get(1..)?);
    let stem = semver::parse(stem.as_bytes())?;
    let pre = stem.prerelease();
    let fits = match separator {
        "-" => pre.is_empty() && stem.canonical() == format!("{}.0.0", stem.major()),
        "." => pre == "-0" || pre.ends_with(".0"),
        _ => false,
    };
    let is_rev = !rev.is_empty() && rev.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let valid = fits && is_rev && time.bytes().all(|byte| byte.is_ascii_digit());
    valid.then_some(Pseudo { text, stem, time, rev, build })
}

impl<'a> Pseudo<'a> {
    /// Returns the revision: of a commit, the first 12 digits of its id.
    pub fn rev(&self) -> &'a str {
        self.rev
    }

    /// Returns the 14 digits of the commit's time in UTC, `YYYYMMDDhhmmss`.
    ///
    /// # Errors
    /// When they are no time in the calendar.
    pub fn time(&self) -> Result<&'a str, PseudoError> {
        if is_time(self.time) {
            return Ok(self.time);
        }
        Err(PseudoError::Time { version: self.text.to_owned(), time: self.time.to_owned() })
    }

    /// Returns the version that this one comes after, with its build part; nothing for `vX.0.0-…`, which has none.
    ///
    /// # Errors
    /// When there is no such version.
    pub fn base(&self) -> Result<Option<String>, PseudoError> {
        let (stem, build) = (self.stem.canonical(), self.build);
        match self.stem.prerelease() {
            "" if build.is_empty() => Ok(None),
            "" => {
                Err(PseudoError::BuildWithoutBase { version: self.text.to_owned(), build: build.to_owned() })
            }
            "-0" => match decrement(self.stem.patch()) {
                Some(patch) => Ok(Some(format!("{}.{patch}{build}", self.stem.major_minor()))),
                None => Err(PseudoError::NegativePatch { version: self.text.to_owned() }),
            },
            _ => Ok(Some(format!("{}{build}", stem.strip_suffix(".0").expect("a stem ends so")))),
        }
    }
}

/// Returns the pseudo-version of the commit `rev` at `time` (of [`timestamp`]).
///
/// `older` is the highest version that the commit descends from; where there is none, or it is not a semantic version,
/// the result starts from `major` (`v2`; empty means `v0`).
pub fn pseudo_version(major: &str, older: Option<&str>, time: &str, rev: &str) -> String {
    let Some(older) = older.and_then(|older| semver::parse(older.as_bytes())) else {
        let major = if major.is_empty() { "v0" } else { major };
        return format!("{major}.0.0-{time}-{rev}");
    };
    let build = older.build();
    if older.prerelease().is_empty() {
        let patch = increment(older.patch());
        return format!("{}.{patch}-0.{time}-{rev}{build}", older.major_minor());
    }
    format!("{}.0.{time}-{rev}{build}", older.canonical())
}

/// Returns the pseudo-version of the zero time and revision, which stands for no commit.
pub fn zero_pseudo_version(major: &str) -> String {
    pseudo_version(major, None, "00010101000000", "000000000000")
}

/// Returns whether `version` stands for no commit.
pub fn is_zero_pseudo(version: impl AsRef<[u8]>) -> bool {
    let version = version.as_ref();
    semver::parse(version).is_some_and(|parsed| zero_pseudo_version(parsed.major()).as_bytes() == version)
}

/// Returns the number above `number`.
fn increment(number: &str) -> String {
    let kept = number.trim_end_matches('9');
    let zeros = "0".repeat(number.len() - kept.len());
    match split_last(kept) {
        Some((head, last)) => format!("{head}{}{zeros}", last + 1),
        None => format!("1{zeros}"),
    }
}

/// Returns the number below `number`, or nothing for zero.
fn decrement(number: &str) -> Option<String> {
    let kept = number.trim_end_matches('0');
    let nines = "9".repeat(number.len() - kept.len());
    let (head, last) = split_last(kept)?;
    let head = if head.is_empty() && last == 1 && !nines.is_empty() {
        String::new()
    } else {
        format!("{head}{}", last - 1)
    };
    Some(head + &nines)
}

/// Splits the last digit off a decimal number.
fn split_last(number: &str) -> Option<(&str, u32)> {
    let last = number.chars().next_back()?.to_digit(10)?;
    Some((&number[..number.len() - 1], last))
}

/// Returns the time `seconds` after 1970-01-01T00:00:00Z as `YYYYMMDDhhmmss`, in UTC.
///
/// Years past 9999 have more digits and those before 0 a sign, as Go writes them; neither makes a pseudo-version.
pub fn timestamp(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let sign = if year < 0 { "-" } else { "" };
    let (year, hour, minute, second) = (year.unsigned_abs(), second / 3600, second / 60 % 60, second % 60);
    format!("{sign}{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// Returns the time `seconds` after 1970-01-01T00:00:00Z in RFC 3339, in UTC.
pub fn rfc3339(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let (sign, year) = (if year < 0 { "-" } else { "" }, year.unsigned_abs());
    format!("{sign}{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Returns year, month and day of the day `days` after 1970-01-01, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last of its year, century and four centuries.
fn civil(days: i64) -> (i64, i64, i64) {
    const YEAR: i64 = 365;
    const FOUR_YEARS: i64 = 4 * YEAR + 1;
    const CENTURY: i64 = 25 * FOUR_YEARS - 1;
    const FOUR_CENTURIES: i64 = 4 * CENTURY + 1;
    const EPOCH: i64 = 719_468; // from 1 March of year 0 to 1970-01-01
    const MONTHS: [i64; 11] = [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31];

    let (eras, day) = ((days + EPOCH).div_euclid(FOUR_CENTURIES), (days + EPOCH).rem_euclid(FOUR_CENTURIES));
    let centuries = (day / CENTURY).min(3);
    let day = day - centuries * CENTURY;
    let (fours, day) = (day / FOUR_YEARS, day % FOUR_YEARS);
    let years = (day / YEAR).min(3);
    let mut day = day - years * YEAR;
    let mut month = 3;
    for length in MONTHS {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let year = eras * 400 + centuries * 100 + fours * 4 + years;
    if month > 12 { (year + 1, month - 12, day + 1) } else { (year, month, day + 1) }
}

/// Returns whether the 14 digits of `time` are a time in the calendar; a leap second is not.
fn is_time(time: &str) -> bool {
    let part = |from: usize, to: usize| time.get(from..to).and_then(|digits| digits.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (part(0, 4), part(4, 6), part(6, 8)) else { return false };
    let (Some(hour), Some(minute), Some(second)) = (part(8, 10), part(10, 12), part(12, 14)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn writes_times_of_the_calendar() {
        for (seconds, text) in [
            (0, "19700101000000"),
            (-1, "19691231235959"),
            (951_782_399, "20000228235959"),
            (951_782_400, "20000229000000"),
            (951_868_800, "20000301000000"),
            (1_577_934_245, "20200102030405"),
            (4_107_542_400, "21000301000000"),
            (4_107_542_399, "21000228235959"),
            (253_402_300_799, "99991231235959"),
            (253_402_300_800, "100000101000000"),
            (-62_135_596_800, "00010101000000"),
            (-62_167_219_200, "00000101000000"),
            (-62_167_219_201, "-00011231235959"),
        ] {
            assert_eq!(timestamp(seconds), text);
            let digits: String = rfc3339(seconds).chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits, text.trim_start_matches('-'), "{seconds}");
        }
    }

    #[test]
    fn counts_every_day_of_four_centuries_once() {
        let mut day = (1970, 1, 1);
        for days in 1..146_097 {
            let next = civil(days);
            let text = |(year, month, day): (i64, i64, i64)| format!("{year:04}{month:02}{day:02}000000");
            assert!(is_time(&text(next)), "{next:?}");
            let follows = next == (day.0, day.1, day.2 + 1)
                || !is_time(&text((day.0, day.1, day.2 + 1)))
                    && (next == (day.0, day.1 + 1, 1) || day.1 == 12 && next == (day.0 + 1, 1, 1));
            assert!(follows, "{day:?} {next:?}");
            day = next;
        }
    }

    #[test]
    fn refuses_times_of_no_calendar() {
        for time in [
            "20200230000000",
            "20190229000000",
            "21000229000000",
            "20201301000000",
            "20200001000000",
            "20200100000000",
            "20200101240000",
            "20200101006000",
            "20161231235960",
        ] {
            assert!(!is_time(time), "{time}");
        }
        assert!(is_time("00000229000000"), "year 0 has a leap day");
    }

    #[test]
    fn counts_patch_numbers_of_any_length() {
        for (number, next) in [
            ("0", "1"),
            ("9", "10"),
            ("10", "11"),
            ("199", "200"),
            ("99999999999999999999", "100000000000000000000"),
        ] {
            assert_eq!(increment(number), next);
            assert_eq!(decrement(next).as_deref(), Some(number));
        }
        assert_eq!(decrement("0"), None);
    }

    proptest! {
        #[test]
        fn parse_gives_what_was_built(
            older in proptest::option::of("v[1-9]\\.(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})(-[a-z][a-z0-9]{0,3}(\\.0)?)?(\\+incompatible)?"),
            seconds in 0i64..253_402_300_800,
            rev in "[0-9a-f]{12}",
        ) {
            let time = timestamp(seconds);
            let version = pseudo_version("v1", older.as_deref(), &time, &rev);
            let pseudo = parse(&version).unwrap();
            prop_assert_eq!((pseudo.rev(), pseudo.time()), (&*rev, Ok(&*time)));
            prop_assert_eq!(pseudo.base(), Ok(older));
        }
    }
}
