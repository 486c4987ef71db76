use gosum_mod::name::pseudo::{
    self, PseudoError, is_pseudo, is_zero_pseudo, pseudo_version, timestamp, zero_pseudo_version,
};
use gosum_testkit::vectors::{self, Failure, Vector};

use crate::same;

const OPS: [&str; 3] = ["Pseudo", "PseudoVersion", "ZeroPseudoVersion"];

#[test]
fn takes_apart_and_builds_as_go_does() {
    vectors::covers("pseudo", &OPS);
    vectors::hold("pseudo", &OPS, |vector| match vector.op.as_str() {
        "Pseudo" => apart(vector),
        "PseudoVersion" => {
            let time = timestamp(seconds(&vector.text("time")));
            let (older, rev) = (vector.text("older"), vector.text("rev"));
            let got = pseudo_version(&vector.text("major"), Some(&older), &time, &rev);
            same(&*got, vector.out["version"].as_str().unwrap())
        }
        _ => same(&*zero_pseudo_version(&vector.text("major")), vector.out["version"].as_str().unwrap()),
    });
}

fn apart(vector: &Vector) -> Result<(), String> {
    let version = vector.bytes("version");
    same(&is_pseudo(&version), &(vector.out["pseudo"] == true))?;
    same(&is_zero_pseudo(&version), &(vector.out["zero"] == true))?;
    let parsed = pseudo::parse(&version);
    let rev = parsed.clone().map(|pseudo| pseudo.rev().to_owned());
    let time = parsed.clone().and_then(|pseudo| pseudo.time().map(rfc3339));
    let base = parsed.and_then(|pseudo| pseudo.base()).map(Option::unwrap_or_default);
    part(vector, "rev", rev)?;
    part(vector, "time", time)?;
    part(vector, "base", base)
}

fn part(vector: &Vector, key: &str, got: Result<String, PseudoError>) -> Result<(), String> {
    let recorded = Failure::from_value(&vector.out[format!("{key}Err")]).map(|failure| failure.category);
    let category = got.as_ref().err().map(|error| category(error).to_owned());
    same(&category, &recorded)?;
    same(&got.ok(), &vector.out[key].as_str().map(str::to_owned))
}

fn category(error: &PseudoError) -> &'static str {
    match error {
        PseudoError::Form { .. } => "syntax",
        PseudoError::Time { .. } => "pseudo-time",
        PseudoError::NegativePatch { .. } => "pseudo-base",
        PseudoError::BuildWithoutBase { .. } => "pseudo-form",
        _ => "other",
    }
}

fn rfc3339(time: &str) -> String {
    let [date, clock] = [&time[..8], &time[8..]];
    let (hour, minute, second) = (&clock[..2], &clock[2..4], &clock[4..]);
    format!("{}-{}-{}T{hour}:{minute}:{second}Z", &date[..4], &date[4..6], &date[6..])
}

/// Returns the seconds since 1970 of an RFC 3339 time, by counting days one by one.
fn seconds(time: &str) -> i64 {
    let number = |from: usize, to: usize| time[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = if year < 1970 {
        -(year..1970).map(|year| 365 + i64::from(is_leap(year))).sum::<i64>()
    } else {
        (1970..year).map(|year| 365 + i64::from(is_leap(year))).sum()
    };
    let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let days = years + lengths.iter().take(month as usize - 1).sum::<i64>() + day - 1;
    let clock = number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
    let offset = match time.as_bytes()[19] {
        b'Z' => 0,
        sign @ (b'+' | b'-') => {
            (number(20, 22) * 3600 + number(23, 25) * 60) * if sign == b'-' { -1 } else { 1 }
        }
        _ => panic!("{time}: a time with a fraction"),
    };
    days * 86_400 + clock - offset
}
