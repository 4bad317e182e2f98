//! Straightens a page that was laid on the scanner at an angle.
//!
//! Seen along the lines of text, a page is stripes: rows with letters, rows without. The angle at
//! which the stripes are sharpest is the angle of the text.

use crate::extraction::content::Picture;

/// Angles that are tried, in degrees to either side: a feeder pulls no page more askew than this,
/// and an upright page never looks best at more.
const DEGREES_MAX: f32 = 5.0;

/// Step of the first search, and of the second around its best.
const STEPS: [f32; 2] = [0.5, 0.1];

/// Below this the recognition is as good without.
const DEGREES_MIN: f32 = 0.2;

/// Points that are looked at: enough to see stripes, few enough to be quick.
const POINTS_MAX: usize = 60_000;

/// Darker than this is ink; scans are black on white, and paper is seldom darker.
const INK: u8 = 128;

/// How a page was turned around its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Turn {
    sine: f32,
    cosine: f32,
    middle: (f32, f32),
}

impl Turn {
    fn of(degrees: f32, picture: &Picture) -> Self {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let (width, height) = sides(picture);
        Self { sine, cosine, middle: (width / 2.0, height / 2.0) }
    }

    /// Where a place of the straight page, in pixels, was before.
    pub(super) fn before(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (x - self.middle.0, y - self.middle.1);
        (
            self.middle.0 + dx * self.cosine - dy * self.sine,
            self.middle.1 + dx * self.sine + dy * self.cosine,
        )
    }
}

/// The page with its lines level, and how it was turned; itself where they are level.
pub(super) fn straightened(picture: Picture) -> (Picture, Turn) {
    let degrees = angle(&picture);
    if degrees.abs() < DEGREES_MIN {
        let turn = Turn::of(0.0, &picture);
        return (picture, turn);
    }
    let turn = Turn::of(degrees, &picture);
    (turned(&picture, turn), turn)
}

/// By how many degrees lines fall from left to right.
fn angle(picture: &Picture) -> f32 {
    let ink = ink(picture);
    if ink.is_empty() {
        return 0.0;
    }
    let mut best = 0.0;
    let mut reach = DEGREES_MAX;
    for step in STEPS {
        let around = best;
        #[expect(clippy::cast_possible_truncation, reason = "some tens")]
        let steps = (reach / step).round() as i16;
        let mut sharpest = sharpness(&ink, picture.height, best);
        for count in -steps..=steps {
            let tried = around + f32::from(count) * step;
            let sharp = sharpness(&ink, picture.height, tried);
            if sharp > sharpest {
                (best, sharpest) = (tried, sharp);
            }
        }
        reach = step;
    }
    best
}

/// Places of ink, an even choice of them.
fn ink(picture: &Picture) -> Vec<(f32, f32)> {
    let width = picture.width.max(1) as usize;
    let dark = picture.grey.iter().filter(|grey| **grey < INK).count();
    let every = dark / POINTS_MAX + 1;
    let dark = picture.grey.iter().enumerate().filter(|(_, grey)| **grey < INK);
    #[expect(clippy::cast_precision_loss, reason = "sides of at most some 10,000 pixels")]
    let places = dark.step_by(every).map(|(at, _)| ((at % width) as f32, (at / width) as f32));
    places.collect()
}

/// Sum of squared rows of ink, seen at an angle: stripes give more than grey.
fn sharpness(ink: &[(f32, f32)], height: u32, degrees: f32) -> u64 {
    let slope = degrees.to_radians().tan();
    // Two pixels a row: finer rows see the letters' own edges.
    let mut rows = vec![0_u64; height as usize + 2];
    let last = rows.len() - 1;
    for (x, y) in ink {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let row = ((y - x * slope) / 2.0 + last as f32 / 4.0).clamp(0.0, last as f32) as usize;
        rows[row] += 1;
    }
    rows.iter().map(|count| count * count).sum()
}

/// Every pixel from where it was; what comes from outside is paper.
fn turned(picture: &Picture, turn: Turn) -> Picture {
    let (width, height) = sides(picture);
    let mut grey = Vec::with_capacity(picture.grey.len());
    let mut y = 0.0;
    for _ in 0..picture.height {
        let mut x = 0.0;
        for _ in 0..picture.width {
            let (from_x, from_y) = turn.before(x, y);
            let inside =
                (0.0..width - 1.0).contains(&from_x) && (0.0..height - 1.0).contains(&from_y);
            grey.push(if inside { between(picture, from_x, from_y) } else { u8::MAX });
            x += 1.0;
        }
        y += 1.0;
    }
    Picture { grey, ..*picture }
}

/// The grey between four pixels.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the page")]
fn between(picture: &Picture, x: f32, y: f32) -> u8 {
    let width = picture.width as usize;
    let at = y as usize * width + x as usize;
    let (right, down) = (x.fract(), y.fract());
    let grey = |at: usize| f32::from(picture.grey.get(at).copied().unwrap_or(u8::MAX));
    let upper = grey(at) * (1.0 - right) + grey(at + 1) * right;
    let lower = grey(at + width) * (1.0 - right) + grey(at + width + 1) * right;
    (upper * (1.0 - down) + lower * down) as u8
}

#[expect(clippy::cast_precision_loss, reason = "sides of at most some 10,000 pixels")]
fn sides(picture: &Picture) -> (f32, f32) {
    (picture.width as f32, picture.height as f32)
}

#[cfg(test)]
mod tests {
    use super::{Turn, angle, straightened, turned};
    use crate::extraction::content::Picture;

    /// Lines of "text": bars with gaps.
    fn striped() -> Picture {
        let (width, height) = (600_u32, 800_u32);
        let ink = |x: u32, y: u32| {
            let text = (60..540).contains(&x) && (60..740).contains(&y);
            text && y % 24 < 8 && x % 40 < 30
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let grey = places.map(|(x, y)| if ink(x, y) { 0 } else { 255 }).collect();
        Picture { page: 1, width, height, width_points: 595.0, height_points: 842.0, grey }
    }

    #[test]
    fn a_page_that_lies_askew_is_made_level() {
        for degrees in [-4.0_f32, -1.3, 0.7, 3.1] {
            let askew = striped();
            // A page is turned the other way than it is straightened.
            let askew = turned(&askew, Turn::of(-degrees, &askew));
            assert!((angle(&askew) - degrees).abs() < 0.21, "{degrees}: {}", angle(&askew));
            let (level, _) = straightened(askew);
            assert!(angle(&level).abs() < 0.21, "{degrees}: {}", angle(&level));
        }
    }

    #[test]
    fn a_level_or_empty_page_is_left_alone() {
        let level = striped();
        assert_eq!(straightened(level.clone()).0, level);
        let empty = Picture { grey: vec![255; 480_000], ..level };
        assert_eq!(straightened(empty.clone()).0, empty);
        let (nothing, _) = straightened(Picture::default());
        assert_eq!(nothing, Picture::default());
    }

    #[test]
    fn a_place_of_the_level_page_is_found_on_the_page_as_it_was() {
        let page = striped();
        let turn = Turn::of(90.0, &page);
        let (x, y) = turn.before(300.0, 300.0);
        assert!((x - 400.0).abs() < 0.01 && (y - 400.0).abs() < 0.01, "{x} {y}");
    }
}
