//! Pages as people look at them, in the reading process: of a PDF or a picture, as PNG. Those of a
//! document inside an archive are those of the archive.
//!
//! A stranger's bytes end here. What goes out is pixels that were drawn, in a format that we wrote.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::extraction::content::Sheet;
use crate::extraction::detect::{Detected, detect};
use crate::extraction::image as picture;
use crate::extraction::intake::archive::only_document;
use crate::extraction::limits::WorkLimits;
use crate::extraction::pdf;
use crate::extraction::refusal::{Refusal, RefusalCode};

/// The sizes of all pages; a document that is refused here cannot be drawn. None of an archive in
/// which data are.
///
/// # Errors
/// Neither a PDF nor a picture, or one that is broken, encrypted or past a limit.
pub(crate) fn sizes(bytes: Vec<u8>, limits: &WorkLimits) -> Result<Vec<Sheet>, Refusal> {
    let Some(bytes) = paper(bytes)? else { return Ok(Vec::new()) };
    if picture::is_one(&bytes) {
        return picture::drawing::sizes(&bytes, limits);
    }
    pdf::drawing::sizes(bytes, limits)
}

/// One page, counted from 1.
///
/// # Errors
/// Those of [`sizes`], no such page, or one that cannot be drawn.
pub(crate) fn page(bytes: Vec<u8>, number: u32, limits: &WorkLimits) -> Result<Vec<u8>, Refusal> {
    let bytes = paper(bytes)?.ok_or_else(|| no_such_page(number))?;
    if picture::is_one(&bytes) {
        return picture::drawing::page(&bytes, number, limits);
    }
    pdf::drawing::page(bytes, number, limits)
}

/// What has the pages: the document, or the one inside an archive unless it is data.
fn paper(bytes: Vec<u8>) -> Result<Option<Vec<u8>>, Refusal> {
    if detect(&bytes) != Detected::Archive {
        return Ok(Some(bytes));
    }
    let inside = only_document(&bytes).map_err(|error| undrawable(&error.to_string()))?.content;
    let drawn = matches!(detect(&inside), Detected::Pdf | Detected::Picture);
    Ok(drawn.then_some(inside))
}

/// The place of a page in a list of all.
pub(crate) fn index(number: u32) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}

/// Pixels of three bytes each, as a PNG.
///
/// # Errors
/// A picture without a pixel.
pub(crate) fn png(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new(&mut bytes);
    let written = encoder.write_image(rgb, width, height, ExtendedColorType::Rgb8);
    written.map_err(|error| undrawable(&error.to_string()))?;
    Ok(bytes)
}

/// The document has fewer pages.
pub(crate) fn no_such_page(number: u32) -> Refusal {
    undrawable(&format!("it has no page {number}"))
}

/// A page, or all of them, cannot be drawn.
pub(crate) fn undrawable(reason: &str) -> Refusal {
    let message = format!("the page cannot be drawn ({reason}): download the document instead");
    Refusal::new(RefusalCode::PageUndrawable, message)
}
