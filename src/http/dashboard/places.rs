//! What was read, how sure it is, and where on the page it stands.

use crate::http::dashboard::cells::{said, words};
use crate::models::evidence::Evidence;

/// Width and height of A4 in points, upright: what a page is taken for until something stands
/// further out.
const PAGE: (u32, u32) = (596, 842);

/// The longer side of a picture, in points, as its reader measures it: both sides of the square
/// that it is fitted into.
const PICTURE: (u32, u32) = (842, 842);

/// One field.
pub struct Field {
    /// Its place among the fields, by which its box is found.
    pub at: usize,
    /// JSON pointer into the invoice.
    pub field: String,
    /// As it was understood.
    pub value: String,
    /// What it was read from.
    pub source: String,
    /// Where in the document.
    pub place: String,
    /// In hundredths.
    pub confidence: u8,
    /// What else it could be.
    pub alternatives: String,
    /// Whether its place on a page is known.
    pub has_box: bool,
}

/// The boxes of a page.
pub struct Sketch {
    /// Counted from 1.
    pub page: u32,
    /// In points.
    pub width: u32,
    /// In points.
    pub height: u32,
    /// Where fields stand.
    pub boxes: Vec<Place>,
}

/// The box of a field, in points from the upper left corner, as SVG takes them.
pub struct Place {
    /// The field.
    pub at: usize,
    /// What stands there.
    pub value: String,
    /// Left edge.
    pub x: String,
    /// Upper edge.
    pub y: String,
    /// Width.
    pub width: String,
    /// Height.
    pub height: String,
    /// How sure it is, as a class.
    pub class: &'static str,
}

/// Every field, in the order in which they were found.
pub fn fields(evidence: &[Evidence]) -> Vec<Field> {
    let field = |(at, one): (usize, &Evidence)| Field {
        at,
        field: one.field.clone(),
        value: one.value.clone(),
        source: said(&words(&serde_json::json!(one.source))),
        place: place(one),
        confidence: one.confidence.hundredths(),
        alternatives: one
            .alternatives
            .iter()
            .map(|other| other.value.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        has_box: one.page.is_some() && one.bounds.is_some(),
    };
    evidence.iter().enumerate().map(field).collect()
}

fn place(one: &Evidence) -> String {
    let page = one.page.map(|page| format!("page {page}"));
    let parts = [page, one.place.clone(), one.rule.clone(), one.label.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The pages on which fields stand, with their boxes.
pub fn sketches(evidence: &[Evidence], is_picture: bool) -> Vec<Sketch> {
    let (width, height) = if is_picture { PICTURE } else { PAGE };
    let mut sketches: Vec<Sketch> = Vec::new();
    for (at, one) in evidence.iter().enumerate() {
        let Some((page, bounds)) = one.page.zip(one.bounds) else {
            continue;
        };
        let index = sketches.iter().position(|sketch| sketch.page == page);
        let index = index.unwrap_or_else(|| {
            sketches.push(Sketch { page, width, height, boxes: Vec::new() });
            sketches.len() - 1
        });
        let sketch = &mut sketches[index];
        // A cast takes what is no number for 0 and what is too large for the largest.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
        let (right, lower) = (
            (bounds.left + bounds.width).ceil() as u32,
            (bounds.top + bounds.height).ceil() as u32,
        );
        sketch.width = sketch.width.max(right);
        sketch.height = sketch.height.max(lower);
        sketch.boxes.push(Place {
            at,
            value: one.value.clone(),
            x: bounds.left.to_string(),
            y: bounds.top.to_string(),
            width: bounds.width.to_string(),
            height: bounds.height.to_string(),
            class: sureness(one.confidence.hundredths()),
        });
    }
    sketches.sort_by_key(|sketch| sketch.page);
    sketches
}

/// How sure a field is, as a class.
pub fn sureness(hundredths: u8) -> &'static str {
    match hundredths {
        95.. => "sure",
        60.. => "likely",
        _ => "doubtful",
    }
}
