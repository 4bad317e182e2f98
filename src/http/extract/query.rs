//! Query strings: typed, each parameter once, unknown ones refused, all faults named.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use url::form_urlencoded;

use crate::http::error::{ApiError, Slug};
use crate::models::fault::Fault;
use crate::models::order::TEXT_CHARACTERS_MAX;

/// A query that a route understands.
pub trait FromQuery: Sized {
    /// Takes what it knows; what is left over is unknown, what is wrong is noted.
    fn read(parameters: &mut Parameters) -> Self;
}

/// The query of a request, read as `T`.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: FromQuery, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut parameters = Parameters::parse(parts.uri.query().unwrap_or_default());
        let query = T::read(&mut parameters);
        parameters.finish().map(|()| Self(query))
    }
}

/// A route without parameters: any is refused.
#[derive(Debug, Clone, Copy)]
pub struct NoParameters;

impl FromQuery for NoParameters {
    fn read(_: &mut Parameters) -> Self {
        Self
    }
}

/// The parameters that nobody has taken yet, and the faults of those that were.
#[derive(Debug)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl Parameters {
    /// Splits a query string or form.
    pub fn parse(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { pairs, faults: Vec::new() }
    }

    /// Parameters that came another way, such as the fields of a form.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, faults: Vec::new() }
    }

    /// Notes a fault.
    pub fn fault(&mut self, name: &str, code: &str, detail: &str) {
        self.faults.push(Fault::parameter(name, code, detail));
    }

    /// What counts when a parameter was not sent.
    pub fn unless_sent(&mut self, name: &str, value: &str) {
        if self.pairs.iter().all(|(known, _)| known != name) {
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Every value of a parameter that may come more than once.
    pub fn all(&mut self, name: &str) -> Vec<String> {
        let (taken, left) =
            std::mem::take(&mut self.pairs).into_iter().partition(|(key, _)| key == name);
        self.pairs = left;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// The value of a parameter that may come once.
    pub fn one(&mut self, name: &str) -> Option<String> {
        let mut values = self.all(name);
        if values.len() > 1 {
            self.fault(name, "repeated", "may be sent once");
        }
        (!values.is_empty()).then(|| values.swap_remove(0))
    }

    /// A text of 1 to 255 characters without control characters.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = self.one(name)?;
        let mut faults = Vec::new();
        Fault::text(&mut faults, "", &text);
        // The decoder puts this character where the bytes were no UTF-8.
        if text.contains(char::REPLACEMENT_CHARACTER) {
            faults.push(Fault::at("", "not_utf8", "is no UTF-8"));
        }
        for fault in faults {
            self.fault(name, &fault.code, &fault.detail);
        }
        Some(text)
    }

    /// A value that `parse` takes; `expected` says what that is.
    pub fn parsed<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.one(name)?;
        let value = parse(&text);
        if value.is_none() {
            let shown: String = text.chars().take(TEXT_CHARACTERS_MAX).collect();
            self.fault(name, "invalid_value", &format!("{shown:?} is not {expected}"));
        }
        value
    }

    /// A moment in time (RFC 3339).
    pub fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let expected = "a time such as 2026-11-23T09:14:05Z";
        self.parsed(name, expected, |text| {
            let time = DateTime::parse_from_rfc3339(text).ok()?;
            Some(time.with_timezone(&Utc))
        })
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// All faults, and every parameter that nobody took.
    pub fn finish(mut self) -> Result<(), ApiError> {
        self.pairs.sort();
        self.pairs.dedup_by(|later, earlier| later.0 == earlier.0);
        for (name, _) in std::mem::take(&mut self.pairs) {
            let shown: String = name.chars().take(TEXT_CHARACTERS_MAX).collect();
            self.fault(&shown, "unknown_parameter", "is not known here");
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        let refused = Slug::InvalidRequest.error().detail("The parameters are not valid.");
        Err(refused.faults(self.faults))
    }
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    fn codes(parameters: Parameters) -> Vec<(String, String)> {
        let Err(error) = parameters.finish() else {
            return Vec::new();
        };
        let named =
            |fault: crate::models::fault::Fault| (fault.parameter.unwrap_or_default(), fault.code);
        error.0.errors.into_iter().map(named).collect()
    }

    #[test]
    fn every_fault_is_named() {
        let mut parameters = Parameters::parse("number=%00&since=x&a=1&a=2&b=%ff&c=3&c=4");
        parameters.text("number");
        parameters.time("since");
        parameters.one("a");
        parameters.text("b");
        let expected = [
            ("number", "control_character"),
            ("since", "invalid_value"),
            ("a", "repeated"),
            ("b", "not_utf8"),
            ("c", "unknown_parameter"),
        ];
        let expected = expected.map(|(name, code)| (name.to_owned(), code.to_owned()));
        assert_eq!(codes(parameters), expected);
    }

    #[test]
    fn quotes_and_wildcards_are_plain_text() {
        let mut parameters = Parameters::parse("number=%27%20OR%201%3D1%25_%2A&empty=");
        assert_eq!(parameters.text("number").as_deref(), Some("' OR 1=1%_*"));
        parameters.text("empty");
        assert_eq!(codes(parameters), [("empty".to_owned(), "empty".to_owned())]);
    }
}
