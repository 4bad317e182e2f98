//! Pages of a PDF, drawn. Nothing is drawn before what reading counts is counted: the drawing has
//! no limits of its own.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use crate::extraction::content::Sheet;
use crate::extraction::drawing;
use crate::extraction::limits::WorkLimits;
use crate::extraction::pdf::{attachments, count_pages, open, weight};
use crate::extraction::refusal::Refusal;

/// Points of an inch.
const POINTS: f32 = 72.0;

/// Pixels of the longer side: a strip of paper may be long and have few of them.
const SIDE_MAX: f32 = 8_000.0;

/// The sizes of the pages.
///
/// # Errors
/// No PDF, or one that is encrypted or past a limit.
pub(crate) fn sizes(bytes: Vec<u8>, limits: &WorkLimits) -> Result<Vec<Sheet>, Refusal> {
    let pdf = weighed(bytes, limits)?;
    let pages = pdf.pages().iter().take(limits.pages_max).map(|page| page.render_dimensions());
    Ok(pages.map(|(width, height)| Sheet { width, height }).collect())
}

/// One page as a PNG, counted from 1.
///
/// # Errors
/// Those of [`sizes`], and no such page.
pub(crate) fn page(bytes: Vec<u8>, number: u32, limits: &WorkLimits) -> Result<Vec<u8>, Refusal> {
    let pdf = weighed(bytes, limits)?;
    let pages = pdf.pages();
    let page = drawing::index(number).and_then(|index| pages.get(index));
    let page = page.ok_or_else(|| drawing::no_such_page(number))?;
    let (width, height) = page.render_dimensions();
    let scale = scale(width, height, limits);
    let seen = |side: f32| side * scale >= 1.0;
    if !seen(width) || !seen(height) {
        return Err(drawing::undrawable("it has no area"));
    }
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let cache = RenderCache::new();
    let interpreter = InterpreterSettings::default();
    let pixmap = render(page, &cache, &interpreter, &RenderSettings::default(), &settings);
    // The paper was white before anything was drawn, so no pixel is transparent.
    let rgb: Vec<u8> = pixmap.data().iter().flat_map(|at| [at.r, at.g, at.b]).collect();
    drawing::png(u32::from(pixmap.width()), u32::from(pixmap.height()), &rgb)
}

/// Pixels per point: as many as wanted, or as few as fit.
fn scale(width: f32, height: f32, limits: &WorkLimits) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "some hundreds, and some millions")]
    let (dots, most) = (limits.dots_per_inch as f32, limits.drawing_pixels_max as f32);
    let by_area = (most / (width * height).max(1.0)).sqrt();
    (dots / POINTS).min(by_area).min(SIDE_MAX / width.max(height).max(1.0))
}

/// The PDF, opened once all that it becomes was counted.
fn weighed(bytes: Vec<u8>, limits: &WorkLimits) -> Result<Pdf, Refusal> {
    let document = open(&bytes, limits)?;
    count_pages(&document, limits)?;
    let files = attachments::find(&document, limits).streams;
    weight::check(&document, &files, limits)?;
    drop(document);
    Pdf::new(bytes).map_err(|error| drawing::undrawable(&format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use super::scale;
    use crate::extraction::limits::Limits;

    #[test]
    fn a_page_is_drawn_as_sharp_as_wanted_and_no_larger_than_allowed() {
        let limits = Limits::for_drawing(2).work;
        let pixels = |width: f32, height: f32| {
            let scale = scale(width, height, &limits);
            ((width * scale) as u32, (height * scale) as u32)
        };
        assert_eq!(pixels(595.0, 842.0), (1239, 1754));
        for (width, height) in [(14_400.0, 14_400.0), (1.0, 14_400.0), (200_000.0, 10.0)] {
            let (wide, high) = pixels(width, height);
            assert!(wide <= 8_000 && high <= 8_000, "{wide} × {high}");
            assert!(u64::from(wide) * u64::from(high) <= limits.drawing_pixels_max);
        }
        assert_eq!(pixels(f32::NAN, 10.0).0, 0, "no number is no size");
    }
}
