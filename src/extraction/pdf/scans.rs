//! Pages that are pictures: few letters, and an image that covers most of the page. They are
//! rendered in grey for the recognition of characters.

use std::io::Write;

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, TransformExt, interpret_page,
};
use hayro::kurbo::{BezPath, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use crate::extraction::child::Halt;
use crate::extraction::content::Picture;
use crate::extraction::frame::Frame;
use crate::extraction::limits::WorkLimits;
use crate::extraction::page::Page;
use crate::extraction::refusal::{Refusal, RefusalCode};

/// Letters of a page that is read as text. A scan may carry a stamp or a page number as text; the
/// shortest text page of the suites has some hundreds of letters.
const LETTERS_MIN: usize = 50;

/// Share of the page that images cover on a scan, in hundredths: margins may be cut off.
const COVERED_HUNDREDTHS_MIN: f64 = 50.0;

/// Points of an inch.
const POINTS: f32 = 72.0;

/// Indices of the pages that may be scans.
pub(super) fn with_few_words(pages: &[Page]) -> Vec<usize> {
    let letters = |page: &Page| page.words.iter().map(|word| word.text.len()).sum::<usize>();
    let few = pages.iter().enumerate().filter(|(_, page)| letters(page) < LETTERS_MIN);
    few.map(|(index, _)| index).collect()
}

/// Renders the scans among these pages and sends them.
///
/// # Errors
/// Pages that are left out, because their pixels would be too many.
pub(super) fn send(
    bytes: Vec<u8>,
    few: &[usize],
    limits: &WorkLimits,
    output: &mut impl Write,
) -> Result<(), Halt> {
    let pdf = Pdf::new(bytes).map_err(|error| {
        let message = format!("the pages cannot be rendered: {error:?}; ask for another copy");
        Refusal::new(RefusalCode::PdfTextUnreadable, message)
    })?;
    let pages = pdf.pages();
    let few = few.iter().filter_map(|&index| pages.get(index).map(|page| (index, page)));
    let scans: Vec<_> = few.filter(|(_, page)| is_scan(page)).collect();
    let Some(scale) = scale(&scans, limits) else {
        let message = format!(
            "{} pages are pictures, and even at {} dpi they have more than {} pixels: split the \
             document",
            scans.len(),
            limits.dots_per_inch / 2,
            limits.pixels_max
        );
        return Err(Refusal::new(RefusalCode::PdfLimit, message).into());
    };
    for (index, page) in scans {
        Frame::Picture(rendered(index, page, scale)).write(output)?;
    }
    Ok(())
}

/// Pixels per point at which all scans fit into the limit; none where that would be too coarse
/// to read.
fn scale(scans: &[(usize, &PdfPage<'_>)], limits: &WorkLimits) -> Option<f32> {
    let area = |page: &PdfPage<'_>| {
        let (width, height) = page.render_dimensions();
        f64::from(width) * f64::from(height)
    };
    let area: f64 = scans.iter().map(|(_, page)| area(page)).sum();
    let wanted = f64::from(limits.dots_per_inch) / f64::from(POINTS);
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    let most = (limits.pixels_max as f64 / area.max(1.0)).sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "a few pixels a point")]
    (most * 2.0 >= wanted).then(|| wanted.min(most) as f32)
}

fn rendered(index: usize, page: &PdfPage<'_>, scale: f32) -> Picture {
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let cache = RenderCache::new();
    let interpreter = InterpreterSettings::default();
    let pixmap = render(page, &cache, &interpreter, &RenderSettings::default(), &settings);
    let grey = pixmap.data().iter().map(|pixel| luminance(pixel.r, pixel.g, pixel.b)).collect();
    let (width_points, height_points) = page.render_dimensions();
    Picture {
        page: u32::try_from(index + 1).unwrap_or(u32::MAX),
        width: u32::from(pixmap.width()),
        height: u32::from(pixmap.height()),
        width_points,
        height_points,
        grey,
    }
}

/// Brightness as the eye weighs colours (ITU-R BT.601), in whole numbers.
fn luminance(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}

fn is_scan(page: &PdfPage<'_>) -> bool {
    let (width, height) = page.render_dimensions();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let cache = InterpreterCache::new();
    let transform = page.initial_transform(true).to_kurbo();
    let settings = InterpreterSettings::default();
    let mut context = Context::new(transform, area, &cache, page.xref(), settings);
    let mut coverage = Coverage { page: area, covered: 0.0 };
    interpret_page(page, &mut context, &mut coverage);
    coverage.covered * 100.0 >= area.area() * COVERED_HUNDREDTHS_MIN
}

/// Adds up what images cover of a page. A scan may come in strips; overlaps count twice, which
/// does no harm on a page that has no text either.
struct Coverage {
    page: Rect,
    covered: f64,
}

impl<'a> Device<'a> for Coverage {
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let image = Rect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let drawn = props.transform.transform_rect_bbox(image).intersect(self.page);
        self.covered += drawn.width().max(0.0) * drawn.height().max(0.0);
    }
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
