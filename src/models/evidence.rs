//! Where a value came from, how it was read, and how sure that is: one entry for each field.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// How a value was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// From a structured document.
    Xml,
    /// From the text layer of a PDF.
    PdfText,
    /// From a picture, by optical character recognition.
    Ocr,
    /// From a cell of a CSV file.
    Csv,
    /// From a cell of a spreadsheet.
    Sheet,
    /// From our own JSON form.
    Json,
    /// Not on the document: follows from other fields by the formula in `rule`.
    Derived,
    /// A person said so.
    Person,
}

/// How sure a value is, in hundredths; on the wire a number from 0 to 1.
///
/// Only evidence raises it: 1.00 structured data or a person; 0.95 text with a label that agrees
/// with the arithmetic, or a checksum that holds; 0.80 text with a label; 0.60 by position or
/// pattern alone; 0.30 one of several candidates (extraction handbook §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = f64, minimum = 0, maximum = 1, example = 0.95)]
pub struct Confidence(u8);

impl Confidence {
    /// Structured data, or a person.
    pub const CERTAIN: Self = Self(100);
    /// A label and the arithmetic agree, or a checksum holds and the value is alone.
    pub const CONSISTENT: Self = Self(95);
    /// A label, and nothing against it.
    pub const LABELLED: Self = Self(80);
    /// By position or pattern alone.
    pub const PLACED: Self = Self(60);
    /// One of several candidates.
    pub const ONE_OF_SEVERAL: Self = Self(30);

    /// Hundredths; more than 100 counts as 100.
    pub fn from_hundredths(hundredths: u8) -> Self {
        Self(hundredths.min(100))
    }

    /// From 0 to 100.
    pub fn hundredths(self) -> u8 {
        self.0
    }
}

impl Serialize for Confidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

impl<'de> Deserialize<'de> for Confidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let share = f64::deserialize(deserializer)?;
        if !(0.0..=1.0).contains(&share) {
            return Err(D::Error::custom("a confidence is from 0 to 1"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        Ok(Self((share * 100.0).round() as u8))
    }
}

/// A box on a page, in points of 1/72 inch, from the upper left corner. Whole tenths, so that
/// equal boxes are equal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// From the left edge of the page.
    pub left: f32,
    /// From the upper edge of the page.
    pub top: f32,
    /// To the right of `left`.
    pub width: f32,
    /// Downwards from `top`.
    pub height: f32,
}

/// Another value that was considered for a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// The value, in the form of the field.
    pub value: String,
    /// How sure it was.
    pub confidence: Confidence,
}

/// Where one field came from.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Which field: `BT-112`, and `BG-25[2]/BT-131` within the second line; counted from 1.
    pub field: String,
    /// Its value in canonical form: `2026-11-30`, `1190.00`.
    pub value: String,
    /// As written, where that is different: `30.11.2026`, `1.190,00 €`.
    pub raw: Option<String>,
    /// How it was read.
    pub source: Source,
    /// Where in a structured document: XPath, JSON pointer, or cell such as `Invoices!B7`.
    pub place: Option<String>,
    /// Page, from 1.
    pub page: Option<u32>,
    /// Where on the page.
    pub bounds: Option<Bounds>,
    /// The words beside the value that name it.
    pub label: Option<String>,
    /// What chose or made the value: a formula such as `BT-109 + BT-110`, or a rule's name.
    pub rule: Option<String>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What else it could have been.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
}

#[cfg(test)]
mod tests {
    use super::Confidence;

    #[test]
    fn a_confidence_is_a_number_from_zero_to_one() {
        for (hundredths, text) in [(0, "0.0"), (30, "0.3"), (95, "0.95"), (100, "1.0")] {
            let confidence = Confidence::from_hundredths(hundredths);
            assert_eq!(serde_json::to_string(&confidence).expect("JSON"), text);
            let read: Confidence = serde_json::from_str(text).expect("a confidence");
            assert_eq!(read, confidence);
        }
        assert!(serde_json::from_str::<Confidence>("1.01").is_err());
        assert!(serde_json::from_str::<Confidence>("-1").is_err());
    }
}
