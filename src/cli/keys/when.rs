//! When a key begins or ends, as people say it.

use std::str::FromStr;

use anyhow::anyhow;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Later times are no four digits for the year, and do not sort as text.
const YEAR_MAX: i32 = 9999;

/// A time, or how long from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    At(DateTime<Utc>),
    In(TimeDelta),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || "write 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z".to_owned();
        if let Ok(date) = text.parse::<NaiveDate>() {
            return Ok(Self::At(date.and_time(NaiveTime::MIN).and_utc()));
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::At(at.to_utc()));
        }
        let unit = text.chars().last().ok_or_else(refuse)?;
        let number = text[..text.len() - unit.len_utf8()].parse::<u32>().map_err(|_| refuse())?;
        match unit {
            'd' => TimeDelta::try_days(number.into()),
            'h' => TimeDelta::try_hours(number.into()),
            _ => None,
        }
        .map(Self::In)
        .ok_or_else(refuse)
    }
}

impl When {
    /// As a time after `now`; `option` is what it was given with.
    pub(super) fn after(self, now: DateTime<Utc>, option: &str) -> anyhow::Result<DateTime<Utc>> {
        let at = match self {
            Self::At(at) => Some(at),
            Self::In(delta) => now.checked_add_signed(delta),
        };
        let near = at.filter(|at| at.year() <= YEAR_MAX);
        let at = near.ok_or_else(|| {
            anyhow!("{option} is too far away: the year {YEAR_MAX} is the last that is taken")
        })?;
        if at <= now {
            return Err(anyhow!("{option} must be a time to come"));
        }
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::When;

    #[test]
    fn times_are_said_in_days_hours_dates_and_instants() {
        let now: DateTime<Utc> = "2026-11-26T18:00:00Z".parse().expect("a time");
        for (text, at) in [
            ("90d", "2027-02-24T18:00:00Z"),
            ("12h", "2026-11-27T06:00:00Z"),
            ("2027-01-31", "2027-01-31T00:00:00Z"),
            ("2027-01-31T12:00:00+01:00", "2027-01-31T11:00:00Z"),
        ] {
            let when: When = text.parse().expect(text);
            let at: DateTime<Utc> = at.parse().expect("a time");
            assert_eq!(when.after(now, "--expires").expect(text), at);
        }
        for bad in ["", "d", "90", "-1d", "9w", "4294967296d", "ü", "90ü", "2027-13-01"] {
            assert!(bad.parse::<When>().is_err(), "{bad}");
        }
        for past in ["0d", "2026-11-26"] {
            let when: When = past.parse().expect(past);
            let refused = when.after(now, "--not-before").expect_err(past).to_string();
            assert_eq!(refused, "--not-before must be a time to come");
        }
        for far in ["99999999d", "4000000000d", "3000000d", "+10000-01-01"] {
            let when: When = far.parse().expect(far);
            let refused = when.after(now, "--expires").expect_err(far).to_string();
            assert!(refused.contains("--expires is too far away"), "{refused}");
        }
    }
}
