//! Dates: numeric, with written months, and the question which number is the day.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::Datelike;
use chrono::NaiveDate;

/// Which of two numbers is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayMonth {
    /// `31/12/2026`
    DayFirst,
    /// `12/31/2026`
    MonthFirst,
}

/// What a text says as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Date {
    /// There is one way to read it.
    Sure(NaiveDate),
    /// `03/04/2026`: both readings are dates.
    Open {
        /// With the day first.
        day_first: NaiveDate,
        /// With the month first.
        month_first: NaiveDate,
    },
}

impl Date {
    /// The date, by the document's order where the text is open; none where both are open.
    pub(crate) fn resolved(self, order: Option<DayMonth>) -> Option<NaiveDate> {
        match (self, order) {
            (Self::Sure(date), _) => Some(date),
            (Self::Open { day_first, .. }, Some(DayMonth::DayFirst)) => Some(day_first),
            (Self::Open { month_first, .. }, Some(DayMonth::MonthFirst)) => Some(month_first),
            (Self::Open { .. }, None) => None,
        }
    }
}

/// The order that the numeric dates of a document prove: one with a number over 12 shows it. None
/// when none does, or when they contradict each other.
pub(crate) fn order<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<DayMonth> {
    let mut proved = texts.into_iter().filter_map(|text| {
        let (numbers, separator) = numeric(text)?;
        let [first, second, _] = numbers;
        let ambiguous_sign = separator != '.' && first.digits <= 2;
        let pair = (ambiguous_sign, first.value > 12, second.value > 12);
        match pair {
            (true, true, false) => Some(DayMonth::DayFirst),
            (true, false, true) => Some(DayMonth::MonthFirst),
            _ => None,
        }
    });
    let first = proved.next()?;
    proved.all(|next| next == first).then_some(first)
}

/// Reads a text that is a date and nothing else but the punctuation at its ends.
pub(crate) fn parse(text: &str) -> Option<Date> {
    let text = text.trim().trim_matches([',', ';', ':', '(', ')']).trim_end_matches('.').trim();
    // No written date is longer: `Wednesday, 30th of September 2026`. Each word of a page is asked,
    // and most have no digit.
    if text.len() > 48 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match numeric(text) {
        Some((numbers, separator)) => from_numbers(numbers, separator),
        None => from_words(text),
    }
}

#[derive(Debug, Clone, Copy)]
struct Figure {
    value: u32,
    digits: usize,
}

/// Three numbers with the same sign between them: `.`, `/` or `-`, blanks allowed.
fn numeric(text: &str) -> Option<([Figure; 3], char)> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(compact) = compact(&text) {
        return Some((compact, '-'));
    }
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '.' | '/' | '-') {
        return None;
    }
    let mut figures = text.split(separator).map(|part| {
        let plain = part.bytes().all(|byte| byte.is_ascii_digit());
        let usable = plain && (1..=4).contains(&part.len());
        usable.then(|| Some(Figure { value: part.parse().ok()?, digits: part.len() }))?
    });
    let three = [figures.next()??, figures.next()??, figures.next()??];
    figures.next().is_none().then_some((three, separator))
}

/// `20260930`, of this century and the next.
fn compact(text: &str) -> Option<[Figure; 3]> {
    let plain =
        text.len() == 8 && text.starts_with("20") && text.bytes().all(|b| b.is_ascii_digit());
    let part = |from: usize, to: usize| {
        let value = text.get(from..to)?.parse().ok()?;
        Some(Figure { value, digits: to - from })
    };
    plain.then(|| Some([part(0, 4)?, part(4, 6)?, part(6, 8)?]))?
}

fn from_numbers([first, second, third]: [Figure; 3], separator: char) -> Option<Date> {
    if first.digits == 4 && second.digits <= 2 && third.digits <= 2 {
        return day(first, second.value, third.value).map(Date::Sure);
    }
    if first.digits > 2 || second.digits > 2 || third.digits == 3 || third.digits == 1 {
        return None;
    }
    let day_first = day(third, second.value, first.value);
    // Dots are written where the day is first.
    let month_first = (separator != '.').then(|| day(third, first.value, second.value)).flatten();
    match (day_first, month_first) {
        (Some(day_first), Some(month_first)) if day_first != month_first => {
            Some(Date::Open { day_first, month_first })
        }
        (Some(date), _) | (None, Some(date)) => Some(Date::Sure(date)),
        (None, None) => None,
    }
}

/// `5. Juni 2018`, `June 5th, 2018`, `5 de junio de 2018`, `le 5 juin 2018`, `05-Jun-18`.
fn from_words(text: &str) -> Option<Date> {
    let mut month = None;
    let mut figures: Vec<Figure> = Vec::new();
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '-' | '/'));
    for part in parts.filter(|part| !part.is_empty()) {
        let number = part.trim_end_matches(|c: char| !c.is_ascii_digit());
        let suffix = part[number.len()..].to_lowercase();
        if !number.is_empty() {
            let known = ["", "st", "nd", "rd", "th", "er", "º", "°", "o", "e"].contains(&&*suffix);
            let plain = number.bytes().all(|byte| byte.is_ascii_digit()) && number.len() <= 4;
            (known && plain).then_some(())?;
            figures.push(Figure { value: number.parse().ok()?, digits: number.len() });
        } else if let Some(known) = month_named(&suffix) {
            month.replace(known).is_none().then_some(())?;
        } else if !FILLERS.contains(&&*suffix) {
            return None;
        }
    }
    let (month, [first, second]) = (month?, <[Figure; 2]>::try_from(figures).ok()?);
    let (year, of_month) = if first.digits == 4 { (first, second) } else { (second, first) };
    (of_month.digits <= 2 && matches!(year.digits, 2 | 4)).then_some(())?;
    day(year, month, of_month.value).map(Date::Sure)
}

/// Words that may stand in a written date: `le`, `of`, names of days in their languages.
#[rustfmt::skip]
const FILLERS: [&str; 56] = [
    "de", "del", "di", "of", "the", "le", "den", "der", "d", "dia", "il", "op", "het", "el", "am",
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica",
    "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo",
    "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag",
];

/// The month that a word names in German, French, English, Italian, Spanish, Dutch, Portuguese or
/// Polish, whole or shortened.
fn month_named(word: &str) -> Option<u32> {
    static BY_NAME: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
        let named = |(number, names): &(u32, &'static str)| {
            let number = *number;
            names.split(' ').map(move |name| (name, number))
        };
        MONTHS.iter().flat_map(named).collect()
    });
    BY_NAME.get(word).copied()
}

#[rustfmt::skip]
const MONTHS: [(u32, &str); 12] = [
    (1, "januar jänner jan january janvier janv gennaio gen enero ene januari janeiro stycznia styczeń"),
    (2, "februar feber feb february février fevrier févr fév febbraio febrero februari fevereiro fev lutego luty"),
    (3, "märz maerz mär mrz march mar mars marzo maart mrt março marca marzec"),
    (4, "april apr avril avr aprile abril abr kwietnia kwiecień"),
    (5, "mai may maggio mag mayo mei maio maja"),
    (6, "juni jun june juin giugno giu junio junho czerwca czerwiec"),
    (7, "juli jul july juillet juil luglio lug julio julho lipca lipiec"),
    (8, "august aug août aout agosto ago augustus sierpnia sierpień"),
    (9, "september sep sept septembre settembre set septiembre setiembre setembro września wrzesień"),
    (10, "oktober okt october oct octobre ottobre ott octubre outubro out października październik"),
    (11, "november nov novembre noviembre novembro listopada listopad"),
    (12, "dezember dez december dec décembre decembre déc dicembre dic diciembre dezembro grudnia grudzień"),
];

/// Two-digit years are of this century up to 79.
fn day(year: Figure, month: u32, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(year.value).ok().map(|value| match year.digits {
        2 if value < 80 => value + 2000,
        2 => value + 1900,
        _ => value,
    })?;
    NaiveDate::from_ymd_opt(year, month, day).filter(|date| (1980..2100).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::DayMonth::{DayFirst, MonthFirst};
    use super::{Date, order, parse};

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn one_meaning_needs_no_document() {
        for text in [
            "2018-06-05",
            "05.06.2018",
            "5.6.18",
            "05. 06. 2018",
            "20180605",
            "2018/06/05",
            "5. Juni 2018",
            "5 juin 2018",
            "le 5 juin 2018",
            "June 5, 2018",
            "June 5th, 2018",
            "5th of June 2018",
            "5 giugno 2018",
            "5 de junio de 2018",
            "5 juni 2018",
            "05-Jun-18",
            "5 de junho de 2018",
            "5 czerwca 2018",
            "Tuesday, 5 June 2018",
            "(05.06.2018)",
            "05.06.2018.",
            "2018 June 5",
        ] {
            assert_eq!(parse(text), Some(Date::Sure(date("2018-06-05"))), "{text}");
        }
        assert_eq!(parse("31/12/2026"), Some(Date::Sure(date("2026-12-31"))));
        assert_eq!(parse("12/31/2026"), Some(Date::Sure(date("2026-12-31"))));
        assert_eq!(parse("1er août 2026"), Some(Date::Sure(date("2026-08-01"))));
        assert_eq!(parse("04/04/2026"), Some(Date::Sure(date("2026-04-04"))));
    }

    #[test]
    fn day_and_month_stay_open_until_the_document_says() {
        let open = parse("03/04/2026").expect("a date");
        assert_eq!(open.resolved(None), None);
        assert_eq!(open.resolved(Some(DayFirst)), Some(date("2026-04-03")));
        assert_eq!(open.resolved(Some(MonthFirst)), Some(date("2026-03-04")));
    }

    #[test]
    fn another_date_of_the_document_decides() {
        assert_eq!(order(["03/04/2026", "25/04/2026"]), Some(DayFirst));
        assert_eq!(order(["03/04/2026", "04/25/2026"]), Some(MonthFirst));
        assert_eq!(order(["03/04/2026", "05.06.2018"]), None);
        assert_eq!(order(["25/04/2026", "04/25/2026"]), None);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "31.02.2026",
            "00/00/2026",
            "1.234,56",
            "2018-471331",
            "12",
            "Juni 2018",
            "99999999",
            "5 Blumen 2018",
            "1/2",
            "1.2.3",
            "192.168.1.1",
            "13/13/2026",
            "R18-31",
            "5 5 2018",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
