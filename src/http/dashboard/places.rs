//! What was read, how sure it is, and where on the page it stands.

use crate::http::dashboard::cells::{said, words};
use crate::models::evidence::Evidence;

/// Width and height of A4 in points, upright: what a page that is not drawn is taken for, until
/// something stands further out.
const PAGE: (f32, f32) = (596.0, 842.0);

/// Pages that are fetched with the invoice. The others are fetched as somebody comes to them.
const AT_ONCE: u32 = 2;

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

/// A page, and the boxes on it.
pub struct Sketch {
    /// Counted from 1.
    pub page: u32,
    /// In points.
    pub width: f32,
    /// In points.
    pub height: f32,
    /// Whether there is a picture of it to lay under the boxes.
    pub is_drawn: bool,
    /// Where fields stand.
    pub boxes: Vec<Place>,
}

impl Sketch {
    fn drawn(page: u32, (width, height): (f32, f32)) -> Self {
        Self { page, width, height, is_drawn: true, boxes: Vec::new() }
    }

    fn empty(page: u32) -> Self {
        let (width, height) = PAGE;
        Self { page, width, height, is_drawn: false, boxes: Vec::new() }
    }

    /// Whether its picture is left until somebody comes to it.
    pub fn is_later(&self) -> bool {
        self.page > AT_ONCE
    }
}

/// The box of a field, in points from the upper left corner, as SVG takes them.
pub struct Place {
    /// The field's place among all.
    pub at: usize,
    /// The field.
    pub field: String,
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

/// The pages of a document with the boxes on them: all that are drawn, by their sizes, and empty
/// ones for fields that stand elsewhere.
pub fn sketches(evidence: &[Evidence], sizes: &[(f32, f32)]) -> Vec<Sketch> {
    let drawn = (1..).zip(sizes).map(|(page, size)| Sketch::drawn(page, *size));
    let mut sketches: Vec<Sketch> = drawn.collect();
    for (at, one) in evidence.iter().enumerate() {
        let Some((page, bounds)) = one.page.zip(one.bounds) else {
            continue;
        };
        let index = sketches.iter().position(|sketch| sketch.page == page);
        let index = index.unwrap_or_else(|| {
            sketches.push(Sketch::empty(page));
            sketches.len() - 1
        });
        let sketch = &mut sketches[index];
        if !sketch.is_drawn {
            sketch.width = sketch.width.max((bounds.left + bounds.width).ceil());
            sketch.height = sketch.height.max((bounds.top + bounds.height).ceil());
        }
        sketch.boxes.push(Place {
            at,
            field: one.field.clone(),
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

#[cfg(test)]
mod tests {
    use super::sketches;
    use crate::models::evidence::{Bounds, Confidence, Evidence, Source};

    fn at(page: u32, left: f32) -> Evidence {
        let bounds = Bounds { left, top: 10.0, width: 50.0, height: 12.0 };
        let (page, bounds) = (Some(page), Some(bounds));
        Evidence {
            field: "BT-1".to_owned(),
            value: "RE-1".to_owned(),
            raw: None,
            source: Source::PdfText,
            place: None,
            page,
            bounds,
            label: None,
            rule: None,
            confidence: Confidence::LABELLED,
            alternatives: Vec::new(),
        }
    }

    #[test]
    fn boxes_lie_on_the_pages_that_are_drawn_and_on_empty_ones_elsewhere() {
        let letter = (612.0, 792.0);
        let pages = sketches(&[at(2, 0.0), at(1, 700.0), at(5, 700.0)], &[letter; 3]);
        let seen: Vec<_> =
            pages.iter().map(|one| (one.page, one.is_drawn, one.boxes.len())).collect();
        assert_eq!(seen, [(1, true, 1), (2, true, 1), (3, true, 0), (5, false, 1)]);
        assert_eq!((pages[0].width, pages[0].height), letter, "a page is as large as it is");
        assert_eq!((pages[3].width, pages[3].height), (750.0, 842.0), "paper grows with its boxes");
        assert!(!pages[1].is_later() && pages[2].is_later());
        assert!(sketches(&[], &[]).is_empty());
    }
}
