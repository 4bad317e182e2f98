//! Typed values out of elements: each is noted when it cannot be read, and its place when it can.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::extraction::notes::{Notes, finding};
use crate::extraction::tree::Element;
use crate::extraction::xsd;
use crate::models::finding::Severity;
use crate::models::invoice::Identifier;
use crate::models::order::TEXT_CHARACTERS_MAX;

/// Characters of a description; longer ones are cut, and noted.
pub(crate) const PROSE_CHARACTERS_MAX: usize = 4_000;

impl Notes {
    /// Values read by `read` belong to a group such as `BG-25[2]`.
    pub(crate) fn within<T>(&mut self, group: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.trail.enter(group);
        let value = read(self);
        self.trail.leave(before);
        value
    }

    /// As [`Self::within`], for a line: the so-and-so-many-th element of a name.
    pub(crate) fn within_line<T>(
        &mut self,
        line: Element<'_, '_>,
        (name, number): (&str, usize),
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.trail.enter_line(line, (name, number));
        let value = self.within(&format!("BG-25[{number}]"), read);
        self.trail.leave_line();
        value
    }

    /// Amounts from here on are in this currency (BT-5), or noted.
    pub(crate) fn set_currency(&mut self, currency: Option<String>) {
        self.currency = currency;
    }

    /// BT-5, when the document says it.
    pub(crate) fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// A value by `parse`; what it refuses is noted with `why`.
    pub(crate) fn value<T>(
        &mut self,
        at: Option<Element<'_, '_>>,
        term: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        why: &str,
    ) -> Option<T>
    where
        T: ToString,
    {
        let at = at?;
        let text = at.trimmed();
        let value = parse(&text);
        match &value {
            Some(value) => self.trail.found(at, term, || value.to_string(), &text),
            None => self.malformed(at, term, why),
        }
        value
    }

    /// A value that is a part of a longer text.
    pub(crate) fn part(&mut self, at: Element<'_, '_>, term: &str, value: &str, raw: &str) {
        self.trail.found(at, term, || value.to_owned(), raw);
    }

    /// A decimal number as XML Schema writes it: also `+1`, `.5`, `1.`, and blanks around it.
    pub(crate) fn decimal(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<Decimal> {
        let why = "is not a decimal number of at most 28 digits, such as 1190.00";
        self.value(at, term, xsd::decimal, why)
    }

    /// An amount in the document currency: another `currencyID` is a finding, not a conversion.
    pub(crate) fn amount(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<Decimal> {
        let at = at?;
        if let (Some(actual), Some(expected)) = (at.attribute("currencyID"), self.currency())
            && actual != expected
        {
            let expected = expected.to_owned();
            let what = ("CURRENCY_MISMATCH", Severity::Fatal, term);
            let why = "the amount is not in the currency of the document (BT-5)";
            self.differs(at, what, (actual, &expected), why);
        }
        self.decimal(Some(at), term)
    }

    /// A calendar day; the time zone that XML Schema allows behind it is dropped: the day is the
    /// day (EN 16931-1 §6.5.9).
    pub(crate) fn date(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<NaiveDate> {
        self.value(at, term, xsd::date, "is not a day such as 2026-11-30")
    }

    /// `true`, `false`, `1` or `0`.
    pub(crate) fn indicator(&mut self, at: Element<'_, '_>, term: &str) -> Option<bool> {
        let value = xsd::boolean(&at.trimmed());
        if value.is_none() {
            self.malformed(at, term, "is neither true nor false");
        }
        value
    }

    /// A number, code or name: blanks folded, at most 255 characters; a longer one is no value.
    pub(crate) fn word(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<String> {
        let at = at?;
        let text = folded(&at.trimmed());
        if is_longer(&text, TEXT_CHARACTERS_MAX) {
            self.malformed(at, term, &format!("is longer than {TEXT_CHARACTERS_MAX} characters"));
            return None;
        }
        if text.is_empty() {
            return None;
        }
        self.trail.found(at, term, || text.clone(), &text);
        Some(text)
    }

    /// An identifier with its `schemeID`.
    pub(crate) fn identifier(
        &mut self,
        at: Option<Element<'_, '_>>,
        term: &str,
    ) -> Option<Identifier> {
        let value = self.word(at, term)?;
        let scheme = at.and_then(|at| at.attribute("schemeID"));
        Some(Identifier { value, scheme: scheme.and_then(bounded) })
    }

    /// A code in an attribute; one that is too long to be a code is no value.
    pub(crate) fn attribute(
        &mut self,
        at: Option<Element<'_, '_>>,
        name: &str,
        term: &str,
    ) -> Option<String> {
        let at = at?;
        let value = at.attribute(name).and_then(bounded)?;
        self.trail.found_in(at, name, term, &value);
        Some(value)
    }

    /// A text for people, cut at 4,000 characters with a warning.
    pub(crate) fn prose(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<String> {
        let at = at?;
        let mut text = at.text();
        if is_longer(&text, PROSE_CHARACTERS_MAX) {
            let message = format!("only the first {PROSE_CHARACTERS_MAX} characters were taken");
            let mut finding = finding("TEXT_CUT", Severity::Warning, term, message);
            finding.place = Some(at.xpath());
            self.add(finding);
            text = text.chars().take(PROSE_CHARACTERS_MAX).collect();
        }
        if text.is_empty() {
            return None;
        }
        self.trail.found(at, term, || text.clone(), &text);
        Some(text)
    }
}

/// With one blank in place of each run of blanks and line ends.
fn folded(text: &str) -> String {
    if !text.contains(char::is_whitespace) {
        return text.to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text has more characters; counted where its bytes leave it open.
fn is_longer(text: &str, characters_max: usize) -> bool {
    text.len() > characters_max && text.chars().count() > characters_max
}

fn bounded(text: &str) -> Option<String> {
    (!is_longer(text, TEXT_CHARACTERS_MAX)).then(|| text.to_owned())
}
