//! Days.

use std::fmt;
use std::time::SystemTime;

use jiff::civil;
use jiff::tz::TimeZone;

/// A day of the calendar, in UTC. Its text is `2027-03-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(civil::Date);

/// What is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no date: a date is written as 2027-03-01")]
pub struct DateError {
    text: String,
}

impl Date {
    /// Returns the day that `text` names, as year, month and day: `2027-03-01`.
    ///
    /// # Errors
    /// When it is written otherwise, or there is no such day.
    pub fn parse(text: &str) -> Result<Date, DateError> {
        let fault = || DateError { text: text.to_owned() };
        let is_digit = |byte: &u8| byte.is_ascii_digit();
        let is_plain = matches!(text.as_bytes(), [year @ .., b'-', _, _, b'-', _, _] if year.len() == 4 && year.iter().all(is_digit));
        if !is_plain {
            return Err(fault());
        }
        civil::Date::strptime("%Y-%m-%d", text).map(Date).map_err(|_| fault())
    }

    /// Returns the day on which `time` is.
    ///
    /// # Errors
    /// When the clock stands where the calendar has no day.
    pub fn of(time: SystemTime) -> Result<Date, DateError> {
        let at = jiff::Timestamp::try_from(time);
        let day = at.map(|at| Date(at.to_zoned(TimeZone::UTC).date()));
        day.map_err(|error| DateError { text: error.to_string() })
    }

    /// Returns how many days come after this one up to `other`; a negative number when it lies before.
    pub fn days_until(self, other: Date) -> i32 {
        (other.0 - self.0).get_days()
    }

    /// Returns the day that is `days` later.
    pub fn plus_days(self, days: u16) -> Date {
        Date(self.0.saturating_add(jiff::Span::new().days(i64::from(days))))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_of_the_calendar_in_one_form() {
        assert_eq!(Date::parse("2028-02-29").unwrap().to_string(), "2028-02-29");
        for text in [
            "",
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-3-1",
            "27-03-01",
            "2027-03-01T00:00:00Z",
            "20270301",
            " 2027-03-01",
            "2027/03/01",
            "2027-03-0१",
            "-027-03-01",
            "tomorrow",
        ] {
            assert!(Date::parse(text).unwrap_err().to_string().contains(text), "{text}");
        }
    }

    #[test]
    fn days_are_counted() {
        let date = |text| Date::parse(text).unwrap();
        assert_eq!(date("2026-11-26").days_until(date("2026-11-26")), 0);
        assert_eq!(date("2026-11-26").days_until(date("2027-12-31")), 400);
        assert_eq!(date("2026-11-26").days_until(date("2026-11-25")), -1);
        assert_eq!(date("2026-11-26").plus_days(400), date("2027-12-31"));
        assert_eq!(Date::of(SystemTime::UNIX_EPOCH).unwrap(), date("1970-01-01"));
    }
}
