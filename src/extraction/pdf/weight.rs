//! How much the streams of a PDF become once they are inflated.

use lopdf::{DecompressError, Document, Error, Object, Stream};

use crate::extraction::limits::WorkLimits;
use crate::extraction::refusal::{Refusal, RefusalCode};

/// Filters whose output only a picture decoder knows; their pixels are counted instead.
const PICTURE_FILTERS: [&[u8]; 4] = [b"DCTDecode", b"JPXDecode", b"CCITTFaxDecode", b"JBIG2Decode"];

/// Inflates every stream once, keeping nothing.
///
/// # Errors
/// A stream, all of them together, or the pixels of all pictures beyond the limits.
pub(super) fn check(document: &Document, limits: &WorkLimits) -> Result<(), Refusal> {
    let stream_bytes_max = usize::try_from(limits.stream_bytes_max).unwrap_or(usize::MAX);
    let mut bytes = 0;
    let mut pixels = 0;
    for stream in document.objects.values().filter_map(|object| object.as_stream().ok()) {
        pixels += pixels_of(stream, document);
        if pixels > limits.pixels_max {
            return Err(too_many_pixels(limits));
        }
        bytes += match stream.decompressed_content_with_limit(stream_bytes_max) {
            Ok(inflated) => inflated.len() as u64,
            Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => {
                return Err(stream_too_large(limits));
            }
            // Pictures have been counted; what is broken is empty to the reader of pages too.
            Err(_) => stream.content.len() as u64,
        };
        if bytes > limits.streams_bytes_max {
            let message = format!(
                "the streams of the PDF inflate to more than {} bytes: ask the sender to print it \
                 to a new PDF",
                limits.streams_bytes_max
            );
            return Err(Refusal::new(RefusalCode::PdfLimit, message));
        }
    }
    Ok(())
}

/// The pixels of a picture that is packed by a picture format; none for any other stream.
fn pixels_of(stream: &Stream, document: &Document) -> u64 {
    let filters = stream.filters().unwrap_or_default();
    if !filters.iter().any(|filter| PICTURE_FILTERS.contains(filter)) {
        return 0;
    }
    let side = |key: &[u8]| {
        let value = stream.dict.get_deref(key, document).and_then(Object::as_i64);
        value.ok().and_then(|value| u64::try_from(value).ok()).unwrap_or(0)
    };
    side(b"Width").saturating_mul(side(b"Height"))
}

pub(super) fn stream_too_large(limits: &WorkLimits) -> Refusal {
    let message = format!(
        "a stream of the PDF inflates to more than {} bytes, as in a file made to harm: ask the \
         sender to print it to a new PDF",
        limits.stream_bytes_max
    );
    Refusal::new(RefusalCode::PdfLimit, message)
}

fn too_many_pixels(limits: &WorkLimits) -> Refusal {
    let message = format!(
        "the pictures of the PDF have more than {} pixels: scan at 300 dpi or less, or split the \
         document",
        limits.pixels_max
    );
    Refusal::new(RefusalCode::PdfLimit, message)
}
