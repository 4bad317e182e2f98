//! Days in CII: a text with the number of its form (UNTDID 2379).

use chrono::NaiveDate;

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::xsd;

/// The elements that hold a day inside an element such as `IssueDateTime`.
pub(crate) const LEAVES: [&str; 4] = ["DateTimeString", "DateString", "DateTime", "Date"];

/// The day in a `…DateTime` or `…Date` element: in the element inside it, or, as ZUGFeRD 1 has it
/// in references, in its own text.
pub(crate) fn read(
    at: Option<Element<'_, '_>>,
    term: &str,
    notes: &mut Notes,
) -> Option<NaiveDate> {
    let at = at?;
    let leaf = at.elements().find(|child| LEAVES.contains(&child.local())).unwrap_or(at);
    let format = leaf.attribute("format");
    notes.value(Some(leaf), term, |text| parse(text, format), &why(format))
}

/// A day by the number of its form; without a number the digits speak for themselves.
pub(crate) fn parse(text: &str, format: Option<&str>) -> Option<NaiveDate> {
    match format {
        Some("102") => day(text),
        Some("203") => minute(text),
        Some(_) => None,
        None => day(text).or_else(|| instant(text)),
    }
}

/// The words for a day that is none.
pub(crate) fn why(format: Option<&str>) -> String {
    match format {
        Some("102") | None => "is not a day such as 20261130 (format 102)".to_owned(),
        Some("203") => "is not a minute such as 202611301200 (format 203)".to_owned(),
        Some(other) => {
            let other: String = other.chars().take(20).collect();
            format!("is in the date format {other:?}, and only 102 and 203 are read")
        }
    }
}

/// CCYYMMDD.
fn day(text: &str) -> Option<NaiveDate> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text[range].parse::<u32>().ok();
    NaiveDate::from_ymd_opt(text[..4].parse().ok()?, part(4..6)?, part(6..8)?)
}

/// CCYYMMDDHHMM: the day counts.
fn minute(text: &str) -> Option<NaiveDate> {
    let (date, time) = text.split_at_checked(8)?;
    let of_day = time.len() == 4 && time.bytes().all(|byte| byte.is_ascii_digit());
    (of_day && &time[..2] < "24" && &time[2..] < "60").then(|| day(date)).flatten()
}

/// `xs:date` or `xs:dateTime`: the day counts, in the time zone of the writer.
fn instant(text: &str) -> Option<NaiveDate> {
    let day = text.split_once('T').map_or(text, |(day, _)| day);
    xsd::date(day)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn days_are_read_in_two_formats_and_no_other() {
        for (text, format) in [
            ("20261130", Some("102")),
            ("202611302359", Some("203")),
            ("20261130", None),
            ("2026-11-30", None),
            ("2026-11-30T00:00:00+01:00", None),
        ] {
            let day = parse(text, format).map(|day| day.to_string());
            assert_eq!(day.as_deref(), Some("2026-11-30"), "{text} {format:?}");
        }
        for (text, format) in [
            ("20261131", Some("102")),
            ("2026-11-30", Some("102")),
            ("+0261130", Some("102")),
            ("202611302400", Some("203")),
            ("2026113012é", Some("203")),
            ("20261130", Some("203")),
            ("202611", Some("610")),
            ("202648", Some("616")),
            ("20261130", Some("1020")),
            ("30.11.2026", None),
            ("", None),
        ] {
            assert_eq!(parse(text, format), None, "{text} {format:?}");
        }
    }
}
