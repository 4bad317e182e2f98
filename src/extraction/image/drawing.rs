//! Pages of pictures, as large as people look at them.

use image::{DynamicImage, ImageDecoder, RgbImage};

use crate::extraction::content::Sheet;
use crate::extraction::drawing;
use crate::extraction::image::{decoder, pages, pixels, points};
use crate::extraction::limits::WorkLimits;
use crate::extraction::refusal::Refusal;

/// The sizes of the pages, by their heads alone.
///
/// # Errors
/// No picture, a broken one, or too many pages.
pub(crate) fn sizes(bytes: &[u8], limits: &WorkLimits) -> Result<Vec<Sheet>, Refusal> {
    let (format, places) = pages(bytes, limits)?;
    let size = |place| {
        let (width, height) = decoder(bytes, (format, place), limits)?.dimensions();
        let (width, height) = points(width, height);
        Ok(Sheet { width, height })
    };
    places.into_iter().map(size).collect()
}

/// One page as a PNG, counted from 1; never larger than it is.
///
/// # Errors
/// No such page, a broken one, or one of too many pixels.
pub(crate) fn page(bytes: &[u8], number: u32, limits: &WorkLimits) -> Result<Vec<u8>, Refusal> {
    let (format, places) = pages(bytes, limits)?;
    let place = drawing::index(number).and_then(|index| places.get(index));
    let place = *place.ok_or_else(|| drawing::no_such_page(number))?;
    let decoder = decoder(bytes, (format, place), limits)?;
    let mut pixels_left = limits.pixels_max;
    let image = on_white(pixels(decoder, number, limits, &mut pixels_left)?);
    let (width, height) = (image.width(), image.height());
    let area = f64::from(width) * f64::from(height);
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    let scale = (limits.drawing_pixels_max as f64 / area.max(1.0)).sqrt();
    if scale >= 1.0 {
        return drawing::png(width, height, image.as_raw());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it shrinks")]
    let side = |side: u32| ((f64::from(side) * scale) as u32).max(1);
    let image = image::imageops::thumbnail(&image, side(width), side(height));
    drawing::png(image.width(), image.height(), image.as_raw())
}

/// In colour, with what is transparent shown as paper.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let mut shown = RgbImage::new(image.width(), image.height());
    for (to, from) in shown.pixels_mut().zip(image.pixels()) {
        let [red, green, blue, opaque] = from.0.map(u32::from);
        to.0 = [red, green, blue].map(|light| {
            let mixed = (light * opaque + 255 * (255 - opaque)) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        });
    }
    shown
}
