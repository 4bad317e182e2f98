//! The text layer of a PDF: glyphs with their places, put together to words.
//!
//! The space characters of a PDF say little: some writers set none, some set them inside of words.
//! Words are told by the gaps between glyphs. Nothing is drawn and no image is decoded.

mod glyphs;
mod ground;
mod words;

use hayro::hayro_interpret::Context;
use hayro::hayro_interpret::InterpreterCache;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::interpret_page;
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::Pdf;
use hayro::kurbo::Rect;

use crate::extraction::page::Page;
use crate::extraction::pdf_text::glyphs::Glyphs;

/// Glyphs of a whole document: 200 dense pages of 5,000 characters. More is no invoice.
const GLYPHS_MAX: usize = 1_000_000;

/// The words of the first `pages_max` pages. A page without text has no words.
///
/// # Errors
/// Bytes that are no PDF, encryption that needs a password, a document without pages: in words.
pub(crate) fn pages(bytes: &[u8], pages_max: u32) -> Result<Vec<Page>, String> {
    let pdf =
        Pdf::new(bytes.to_vec()).map_err(|error| format!("the PDF is unreadable: {error:?}"))?;
    if pdf.pages().is_empty() {
        return Err("the PDF has no pages".to_owned());
    }
    let cache = InterpreterCache::new();
    let mut left = GLYPHS_MAX;
    let mut pages = Vec::new();
    for (page, number) in pdf.pages().iter().zip(1..=pages_max) {
        let (width, height) = page.render_dimensions();
        let transform = page.initial_transform(true).to_kurbo();
        let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let settings = InterpreterSettings::default();
        let mut context = Context::new(transform, bounds, &cache, page.xref(), settings);
        let mut glyphs = Glyphs::within(left);
        interpret_page(page, &mut context, &mut glyphs);
        left = left.saturating_sub(glyphs.seen());
        pages.push(Page { number, width, height, words: words::of(glyphs.upright(width, height)) });
    }
    Ok(pages)
}
