//! A device that keeps what is written, and draws nothing.

use hayro::hayro_interpret::BlendMode;
use hayro::hayro_interpret::ClipPath;
use hayro::hayro_interpret::Device;
use hayro::hayro_interpret::DrawMode;
use hayro::hayro_interpret::DrawProps;
use hayro::hayro_interpret::Image;
use hayro::hayro_interpret::ImageDrawProps;
use hayro::hayro_interpret::SoftMask;
use hayro::hayro_interpret::font::Glyph as Shape;
use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::kurbo::BezPath;
use hayro::kurbo::Point;
use hayro::kurbo::Rect;

use crate::extraction::pdf_text::ground::Ground;

/// Glyph space of fonts: 1,000 units are the font size.
const UNITS: f64 = 1000.0;
/// Height of a font that nobody reads, in points; the smallest print has 4.
const SIZE_MIN: f64 = 1.5;
/// Advance of a glyph whose font says none, in those units: the mean of Latin text.
const ADVANCE: f32 = 500.0;

/// One glyph, in points from the upper left corner of the page as it is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Glyph {
    /// What it stands for: mostly one character, several for a ligature.
    pub text: String,
    /// Start of its advance.
    pub left: f32,
    /// End of its advance.
    pub right: f32,
    /// Where it stands on.
    pub baseline: f32,
    /// Height of its font.
    pub size: f32,
}

/// Which way a text runs, seen on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Right,
    Down,
    Left,
    Up,
}

const WAYS: [Way; 4] = [Way::Right, Way::Down, Way::Left, Way::Up];

/// A glyph as it came: origin, end of its advance, size.
struct Drawn {
    text: String,
    way: Way,
    start: Point,
    end: Point,
    size: f64,
}

/// What is written on one page.
pub(super) struct Glyphs {
    drawn: Vec<Drawn>,
    ground: Ground,
    max: usize,
}

impl Glyphs {
    /// Keeps the first `max` glyphs and lets the others go.
    pub(super) fn within(max: usize) -> Self {
        Self { drawn: Vec::new(), ground: Ground::default(), max }
    }

    /// How many it keeps.
    pub(super) fn seen(&self) -> usize {
        self.drawn.len()
    }

    /// The glyphs of the way that most of them run, turned so that they run to the right. What runs
    /// another way is a note at the margin or a watermark.
    pub(super) fn upright(&self, width: f32, height: f32) -> Vec<Glyph> {
        let count = |way: &Way| self.drawn.iter().filter(|drawn| drawn.way == *way).count();
        let way = WAYS.into_iter().rev().max_by_key(count).unwrap_or(Way::Right);
        let (width, height) = (f64::from(width), f64::from(height));
        let turned = |point: Point| match way {
            Way::Right => (point.x, point.y),
            Way::Down => (point.y, width - point.x),
            Way::Left => (width - point.x, height - point.y),
            Way::Up => (height - point.y, point.x),
        };
        let glyph = |drawn: &Drawn| {
            let (start, end) = (turned(drawn.start), turned(drawn.end));
            Glyph {
                text: drawn.text.clone(),
                left: single(start.0),
                right: single(end.0.max(start.0)),
                baseline: single(start.1),
                size: single(drawn.size),
            }
        };
        let (across, down) = match way {
            Way::Right | Way::Left => (single(width), single(height)),
            Way::Down | Way::Up => (single(height), single(width)),
        };
        // What stands beside the page is seen by nobody either.
        let is_on_page = |glyph: &Glyph| {
            glyph.right > 0.0
                && glyph.left < across
                && glyph.baseline > 0.0
                && glyph.baseline < down
        };
        let running = self.drawn.iter().filter(|drawn| drawn.way == way).map(glyph);
        running.filter(is_on_page).collect()
    }

    fn keep(&mut self, text: String, props: &DrawProps<'_>, glyph: &Placed<'_>) {
        let advance = match &**glyph {
            Shape::Outline(outline) => outline.advance_width(),
            Shape::Type3(shape) => shape.advance_width(),
        };
        let transform = props.transform * glyph.transform();
        let start = transform * Point::ORIGIN;
        let up = transform * Point::new(0.0, UNITS) - start;
        let along = transform * Point::new(UNITS, 0.0) - start;
        let size = up.hypot();
        let usable = |value: f64| value.is_finite() && value.abs() < 1e6;
        if !(usable(start.x) && usable(start.y) && usable(size) && size > SIZE_MIN) {
            return;
        }
        // Half the height of a small letter above the baseline, so that bands are met.
        if !self.ground.shows(&props.paint, start + up * 0.25) {
            return;
        }
        // A fallback font is stretched to the advance, so the height is the honest measure.
        let length = size * f64::from(advance.unwrap_or(ADVANCE)) / UNITS;
        let Some((way, end)) = way(along.x, along.y, start, length) else { return };
        self.drawn.push(Drawn { text, way, start, end, size });
    }
}

type Placed<'a> = hayro::hayro_interpret::font::PositionedGlyph<'a>;

/// The way a text runs and where its advance ends; none for a slanting one.
fn way(x: f64, y: f64, start: Point, length: f64) -> Option<(Way, Point)> {
    let flat = x.abs() > 8.0 * y.abs();
    let steep = y.abs() > 8.0 * x.abs();
    match (flat, steep) {
        (true, _) if x > 0.0 => Some((Way::Right, Point::new(start.x + length, start.y))),
        (true, _) => Some((Way::Left, Point::new(start.x - length, start.y))),
        (_, true) if y > 0.0 => Some((Way::Down, Point::new(start.x, start.y + length))),
        (_, true) => Some((Way::Up, Point::new(start.x, start.y - length))),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "within a million points")]
fn single(value: f64) -> f32 {
    value as f32
}

impl<'a> Device<'a> for Glyphs {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        // What nobody sees says nothing: it is how a page is made to confirm another amount. The
        // invisible text of a scan is read from its picture instead.
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        for glyph in run.glyphs() {
            if self.drawn.len() >= self.max {
                return;
            }
            let text = match glyph.as_unicode() {
                Some(BfString::Char(one)) => one.to_string(),
                Some(BfString::String(several)) => several,
                None => continue,
            };
            if !text.trim().is_empty() && !text.chars().all(char::is_control) {
                self.keep(text, &props, glyph);
            }
        }
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..)) {
            self.ground.filled(path, props.transform, &props.paint);
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let (width, height) = (f64::from(image.width()), f64::from(image.height()));
        let area = Rect::new(0.0, 0.0, width, height);
        self.ground.covered(props.transform.transform_rect_bbox(area));
    }

    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
