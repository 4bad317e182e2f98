//! Tables of pages: what the API answers, in columns.

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::http::Response;
use bytes::Bytes;
use serde_json::Value;

use crate::http::error::{ApiError, Slug};

/// One place of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What stands there.
    pub text: String,
    /// Where it leads, if anywhere.
    pub link: String,
    /// How it looks: a class of the style sheet.
    pub class: String,
}

/// A table.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "dashboard/table.html")]
pub struct Table {
    /// What it is about, for who does not see it.
    pub caption: String,
    /// Its columns.
    pub head: Vec<String>,
    /// Its rows, each as long as the head.
    pub rows: Vec<Vec<Cell>>,
}

/// How a value of a column is shown.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// As it is.
    Text,
    /// An amount or a quantity.
    Number,
    /// A moment, to the minute.
    Time,
    /// A word of a closed set.
    State,
    /// As it is, and it leads to the item of this row below this path.
    Link(&'static str),
}

/// A column: its words, where its values are in an item (RFC 6901), and how they are shown.
pub type Column = (&'static str, &'static str, Kind);

impl Table {
    /// Items of the API in these columns.
    pub fn of(caption: &str, columns: &[Column], items: &[Value]) -> Self {
        let cell = |item: &Value, (_, pointer, kind): &Column| {
            let value = item.pointer(pointer).unwrap_or(&Value::Null);
            Cell::of(value, *kind, item["id"].as_str().unwrap_or_default())
        };
        let row = |item: &Value| columns.iter().map(|column| cell(item, column)).collect();
        Self {
            caption: caption.to_owned(),
            head: columns.iter().map(|(title, ..)| (*title).to_owned()).collect(),
            rows: items.iter().map(row).collect(),
        }
    }
}

impl Cell {
    /// Cuts a long text, and shows that it is cut.
    pub fn shorten(&mut self, characters_max: usize) {
        if let Some((at, _)) = self.text.char_indices().nth(characters_max) {
            self.text.truncate(at);
            self.text.push('…');
        }
    }

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Text that leads somewhere.
    pub fn link(text: impl Into<String>, link: impl Into<String>) -> Self {
        Self { text: text.into(), link: link.into(), ..Self::default() }
    }

    /// A word of a closed set.
    pub fn state(word: &str) -> Self {
        Self { class: format!("state {word}"), ..Self::text(said(word)) }
    }

    /// A number, aligned.
    pub fn number(text: impl Into<String>) -> Self {
        Self { class: "number".to_owned(), ..Self::text(text) }
    }

    fn of(value: &Value, kind: Kind, id: &str) -> Self {
        let text = words(value);
        match kind {
            Kind::Text => Self::text(text),
            Kind::Number => Self::number(text),
            Kind::Time => Self::text(minute(&text)),
            Kind::State if text.is_empty() => Self::default(),
            Kind::State => Self::state(&text),
            Kind::Link(path) => {
                let shown = if text.is_empty() { id.to_owned() } else { text };
                Self::link(shown, format!("{path}/{id}"))
            }
        }
    }
}

/// A word of the API as people write it.
pub fn said(word: &str) -> String {
    word.replace('_', " ")
}

/// A moment of the API, to the minute.
pub fn minute(time: &str) -> String {
    match time.get(..16).filter(|_| time.ends_with('Z')) {
        Some(minute) => minute.replace('T', " "),
        None => time.to_owned(),
    }
}

/// A value of the API in words.
pub fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(members) => match (members.get("amount"), members.get("currency")) {
            (Some(amount), Some(currency)) => format!("{} {}", words(amount), words(currency)),
            _ => {
                let part =
                    |(name, value): (&String, &Value)| format!("{} {}", said(name), words(value));
                members.iter().map(part).collect::<Vec<_>>().join(", ")
            }
        },
    }
}

/// What a handler of the API answered.
///
/// # Errors
/// 500 for an answer that is no JSON.
pub async fn answered(response: Response<Body>) -> Result<Value, ApiError> {
    let bytes = bytes(response).await?;
    serde_json::from_slice(&bytes).map_err(|error| Slug::Internal.error().caused_by(error))
}

/// The same where it answered in words.
///
/// # Errors
/// 500 for an answer that breaks off.
pub async fn answered_text(response: Response<Body>) -> Result<String, ApiError> {
    Ok(String::from_utf8_lossy(&bytes(response).await?).into_owned())
}

async fn bytes(response: Response<Body>) -> Result<Bytes, ApiError> {
    // It is in memory already: a handler of ours made it.
    let bytes = to_bytes(response.into_body(), usize::MAX).await;
    bytes.map_err(|error| Slug::Internal.error().caused_by(error))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Kind, Table, minute, words};

    #[test]
    fn values_are_said_in_words() {
        for (value, text) in [
            (json!({"amount": "1190.00", "currency": "EUR"}), "1190.00 EUR"),
            (json!(["a", "b"]), "a, b"),
            (json!({"iban": "DE02", "verified_since": null}), "iban DE02, verified since "),
            (json!(true), "yes"),
            (json!(null), ""),
        ] {
            assert_eq!(words(&value), text);
        }
        assert_eq!(minute("2026-11-23T09:14:05.123Z"), "2026-11-23 09:14");
        assert_eq!(minute("2026-11-23"), "2026-11-23");
    }

    #[test]
    fn what_an_item_lacks_is_empty_and_a_link_is_named_by_its_id_then() {
        let columns =
            [("Number", "/number", Kind::Link("/dashboard/x")), ("Due", "/due", Kind::Time)];
        let table = Table::of("", &columns, &[json!({"id": "x1"})]);
        assert_eq!((table.rows[0][0].text.as_str(), table.rows[0][1].text.as_str()), ("x1", ""));
        assert_eq!(table.rows[0][0].link, "/dashboard/x/x1");
    }
}
