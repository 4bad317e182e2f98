//! What letters stand on: white ones are seen only where something darker was drawn before.

use hayro::hayro_interpret::Paint;
use hayro::kurbo::Affine;
use hayro::kurbo::Point;
use hayro::kurbo::Rect;
use hayro::kurbo::Shape;

/// Coloured areas of a page that are kept. A table with a band for each row has some dozens.
const AREAS_MAX: usize = 10_000;

/// Each channel from which a colour cannot be told from white paper.
const WHITE: u8 = 247;

/// Opacity below which nothing is seen.
const OPACITY: u8 = 13;

/// Areas that were painted, in the order of painting.
#[derive(Default)]
pub(super) struct Ground(Vec<Rect>);

impl Ground {
    /// A shape was filled.
    pub(super) fn filled(&mut self, shape: &impl Shape, transform: Affine, paint: &Paint<'_>) {
        if is_seen_on_white(paint) {
            self.covered(transform.transform_rect_bbox(shape.bounding_box()));
        }
    }

    /// Something that is not white, such as a picture, covers an area.
    pub(super) fn covered(&mut self, area: Rect) {
        if self.0.len() < AREAS_MAX {
            self.0.push(area);
        }
    }

    /// Whether a letter of this colour is seen at this place.
    pub(super) fn shows(&self, paint: &Paint<'_>, at: Point) -> bool {
        is_seen_on_white(paint) || (!is_clear(paint) && self.0.iter().any(|area| area.contains(at)))
    }
}

fn is_seen_on_white(paint: &Paint<'_>) -> bool {
    let Paint::Color(color) = paint else { return true };
    let [red, green, blue, opacity] = color.to_rgba().to_rgba8();
    opacity >= OPACITY && red.min(green).min(blue) < WHITE
}

fn is_clear(paint: &Paint<'_>) -> bool {
    matches!(paint, Paint::Color(color) if color.to_rgba().to_rgba8()[3] < OPACITY)
}
