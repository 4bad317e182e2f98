//! PNG, JPEG and TIFF, in the reading process: to grey pages for the recognition of characters.
//!
//! Dimensions are taken from the header and held against the limits before a pixel is decoded.

pub(crate) mod drawing;
mod tiff_pages;

use std::io::{BufRead, Cursor, Seek, Write};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use crate::extraction::child::Halt;
use crate::extraction::content::Picture;
use crate::extraction::frame::Frame;
use crate::extraction::limits::WorkLimits;
use crate::extraction::refusal::{Refusal, RefusalCode};

/// The longer side of a page, in points. What pictures say of their resolution is wrong as often
/// as it is right, so every page is taken for A4.
const LONGER_SIDE_POINTS: f32 = 842.0;

/// Reads a picture and sends its pages, each as soon as it is decoded.
///
/// # Errors
/// No picture of the three formats, a broken one, or too many pages or pixels.
pub(crate) fn read(bytes: &[u8], limits: &WorkLimits, output: &mut impl Write) -> Result<(), Halt> {
    let (format, places) = pages(bytes, limits)?;
    let mut pixels_left = limits.pixels_max;
    for (number, place) in (1..).zip(places) {
        let decoder = decoder(bytes, (format, place), limits)?;
        let picture = decoded(decoder, number, limits, &mut pixels_left)?;
        Frame::Picture(picture).write(output)?;
    }
    Ok(())
}

/// Whether it is a picture that is read here.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    known_format(bytes).is_some()
}

fn known_format(bytes: &[u8]) -> Option<ImageFormat> {
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Tiff];
    image::guess_format(bytes).ok().filter(|format| known.contains(format))
}

/// Where a page begins, in a format that has several.
type Place = Option<u32>;

/// The format, and the place of each page.
fn pages(bytes: &[u8], limits: &WorkLimits) -> Result<(ImageFormat, Vec<Place>), Refusal> {
    let format = known_format(bytes);
    let format = format.ok_or_else(|| damaged("it is neither PNG, JPEG nor TIFF"))?;
    if format != ImageFormat::Tiff {
        return Ok((format, vec![None]));
    }
    let offsets = tiff_pages::offsets(bytes, limits.pages_max).map_err(|many| match many {
        tiff_pages::Fault::TooMany => too_many_pages(limits),
        tiff_pages::Fault::Damaged => damaged("its list of pages is broken"),
    })?;
    Ok((format, offsets.into_iter().map(Some).collect()))
}

/// The decoder of a page: no pixel is decoded yet.
fn decoder<'a>(
    bytes: &'a [u8],
    (format, place): (ImageFormat, Place),
    limits: &WorkLimits,
) -> Result<Box<dyn ImageDecoder + 'a>, Refusal> {
    match place {
        None => opened(Cursor::new(bytes), format, limits),
        Some(offset) => opened(tiff_pages::Starting::at(bytes, offset), format, limits),
    }
}

fn opened<'a>(
    bytes: impl BufRead + Seek + 'a,
    format: ImageFormat,
    limits: &WorkLimits,
) -> Result<Box<dyn ImageDecoder + 'a>, Refusal> {
    let mut reader = ImageReader::with_format(bytes, format);
    let mut most = image::Limits::default();
    most.max_alloc = Some(limits.memory_bytes / 2);
    reader.limits(most);
    let decoder = reader.into_decoder().map_err(|error| damaged(&error.to_string()))?;
    Ok(Box::new(decoder))
}

fn decoded(
    decoder: Box<dyn ImageDecoder + '_>,
    page: u32,
    limits: &WorkLimits,
    pixels_left: &mut u64,
) -> Result<Picture, Refusal> {
    let (width, height) = decoder.dimensions();
    let (width_points, height_points) = points(width, height);
    let image = pixels(decoder, page, limits, pixels_left)?;
    let grey = on_white(image).into_raw();
    Ok(Picture { page, width, height, width_points, height_points, grey })
}

/// Its pixels, once they were found not to be too many.
fn pixels(
    decoder: Box<dyn ImageDecoder + '_>,
    page: u32,
    limits: &WorkLimits,
    pixels_left: &mut u64,
) -> Result<DynamicImage, Refusal> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > *pixels_left {
        let message = format!(
            "page {page} has {width} × {height} pixels, and all pages together may have {}: scan \
             at 300 dpi or less, or split the document",
            limits.pixels_max
        );
        return Err(Refusal::new(RefusalCode::ImageLimit, message));
    }
    *pixels_left -= pixels;
    DynamicImage::from_decoder(decoder).map_err(|error| damaged(&error.to_string()))
}

/// Width and height in points.
#[expect(clippy::cast_precision_loss, reason = "sides of at most some 10,000 pixels")]
fn points(width: u32, height: u32) -> (f32, f32) {
    let points = LONGER_SIDE_POINTS / width.max(height).max(1) as f32;
    (width as f32 * points, height as f32 * points)
}

/// Grey, with what is transparent shown as paper.
fn on_white(image: DynamicImage) -> image::GrayImage {
    if !image.color().has_alpha() {
        return image.into_luma8();
    }
    let image = image.into_luma_alpha8();
    let mut grey = image::GrayImage::new(image.width(), image.height());
    for (to, from) in grey.pixels_mut().zip(image.pixels()) {
        let [light, opaque] = from.0.map(u32::from);
        let shown = (light * opaque + 255 * (255 - opaque)) / 255;
        to.0 = [u8::try_from(shown).unwrap_or(u8::MAX)];
    }
    grey
}

fn damaged(reason: &str) -> Refusal {
    let message =
        format!("the picture cannot be read ({reason}): send it as PNG, JPEG or TIFF, made anew");
    Refusal::new(RefusalCode::ImageDamaged, message)
}

fn too_many_pages(limits: &WorkLimits) -> Refusal {
    let message =
        format!("the picture has more than {} pages: split the document", limits.pages_max);
    Refusal::new(RefusalCode::ImageLimit, message)
}
