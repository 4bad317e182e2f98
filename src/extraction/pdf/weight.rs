//! How much the streams of a PDF become once they are inflated.

use std::borrow::Cow;
use std::collections::HashSet;

use lopdf::{DecompressError, Document, Error, Object, ObjectId, Stream};

use crate::extraction::limits::WorkLimits;
use crate::extraction::refusal::{Refusal, RefusalCode};

/// Filters whose output only a picture decoder knows; their pixels are counted instead.
const PICTURE_FILTERS: [&[u8]; 4] = [b"DCTDecode", b"JPXDecode", b"CCITTFaxDecode", b"JBIG2Decode"];

/// What a deflated byte becomes at most: two bits of it stand for 258 bytes.
const DEFLATED_BYTE_MAX: u64 = 1032;

/// Counts what every stream becomes when it is inflated, keeping nothing. What is a file inside and nothing else is left out:
/// the reader of pages never sees it, and it has limits of its own where it is taken out.
///
/// # Errors
/// A stream, all of them together, or the pixels of all pictures beyond the limits.
pub(super) fn check(
    document: &Document,
    files: &HashSet<ObjectId>,
    limits: &WorkLimits,
) -> Result<(), Refusal> {
    let files = nothing_else(document, files);
    let objects = document.objects.iter().filter(|(id, _)| !files.contains(id));
    let streams = objects.filter_map(|(_, object)| object.as_stream().ok());
    let streams: Vec<Cow<'_, Stream>> = streams.map(|stream| settled(stream, document)).collect();
    // Inflating is a tenth of the time of a good document, and most of its streams are too small
    // to matter. Where that does not settle it, all are inflated.
    if !fit(document, &streams, unmattering(&streams, limits), limits)? {
        fit(document, &streams, 0, limits)?;
    }
    Ok(())
}

/// The stream with its filters as values: the reader of pages follows references to them, and what
/// inflates here does not.
fn settled<'a>(stream: &'a Stream, document: &Document) -> Cow<'a, Stream> {
    let mut settled = Cow::Borrowed(stream);
    for key in [b"Filter".as_slice(), b"DecodeParms"] {
        let Ok(value) = stream.dict.get(key) else { continue };
        let followed = followed(value, document);
        if followed != *value {
            settled.to_mut().dict.set(key, followed);
        }
    }
    settled
}

/// What a value or the items of its list refer to; what leads nowhere stays as it is.
fn followed(value: &Object, document: &Document) -> Object {
    let follow = |object: &Object| match document.dereference(object) {
        Ok((_, object)) => object.clone(),
        Err(_) => object.clone(),
    };
    match follow(value) {
        Object::Array(items) => Object::Array(items.iter().map(follow).collect()),
        object => object,
    }
}

/// Adds up what the streams become; those that become no more than `unmattering` bytes, whatever
/// is in them, count with the most that they may become. False where only these are too many.
fn fit(
    document: &Document,
    streams: &[Cow<'_, Stream>],
    unmattering: u64,
    limits: &WorkLimits,
) -> Result<bool, Refusal> {
    let stream_bytes_max = usize::try_from(limits.stream_bytes_max).unwrap_or(usize::MAX);
    let (mut bytes, mut bounds) = (0, 0);
    let mut pixels = 0;
    for stream in streams {
        pixels += pixels_of(stream, document);
        if pixels > limits.pixels_max {
            return Err(too_many_pixels(limits));
        }
        if let Some(most) = bytes_at_most(stream).filter(|most| *most <= unmattering) {
            bounds += most;
            continue;
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
    Ok(bytes + bounds <= limits.streams_bytes_max)
}

/// The size up to which streams may be left as they are: all of them together stay below seven
/// eighths of what is allowed, and each below its own limit.
fn unmattering(streams: &[Cow<'_, Stream>], limits: &WorkLimits) -> u64 {
    let mut bounds: Vec<u64> = streams.iter().filter_map(|stream| bytes_at_most(stream)).collect();
    bounds.sort_unstable();
    let mut left = limits.streams_bytes_max / 8 * 7;
    let fits = |bound: &u64| {
        let rest = left.checked_sub(*bound).filter(|_| *bound <= limits.stream_bytes_max);
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    bounds.into_iter().take_while(fits).last().unwrap_or(0)
}

/// What a stream becomes at most; none where only inflating it tells.
fn bytes_at_most(stream: &Stream) -> Option<u64> {
    let bytes = stream.content.len() as u64;
    if !stream.dict.has(b"Filter") {
        return Some(bytes);
    }
    match stream.filters().ok()?[..] {
        [] => Some(bytes),
        [b"FlateDecode"] => Some(bytes.saturating_mul(DEFLATED_BYTE_MAX)),
        _ => None,
    }
}

/// The files to which nothing leads but the specification of a file: a stream that is the content
/// of a page too is one that the reader of pages inflates.
fn nothing_else(document: &Document, files: &HashSet<ObjectId>) -> HashSet<ObjectId> {
    let mut files = files.clone();
    if files.is_empty() {
        return files;
    }
    let trailer = document.trailer.iter().map(|(_, value)| value);
    for object in document.objects.values().chain(trailer) {
        strike_out(object, &mut files);
    }
    // What has a part in the structure of the file is inflated without being referred to.
    let is_structure = |id: &ObjectId| {
        let stream = document.get_object(*id).and_then(Object::as_stream);
        stream.is_ok_and(|stream| stream.dict.has_type(b"ObjStm") || stream.dict.has_type(b"XRef"))
    };
    files.retain(|id| !is_structure(id));
    files
}

/// Takes out what an object refers to, but for the files of a specification (`EF`).
fn strike_out(object: &Object, files: &mut HashSet<ObjectId>) {
    let mut open = vec![object];
    while let Some(object) = open.pop() {
        let members = match object {
            Object::Reference(id) => {
                files.remove(id);
                continue;
            }
            Object::Array(items) => {
                open.extend(items);
                continue;
            }
            Object::Dictionary(members) => members,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        for (key, value) in members {
            if key != b"EF" || value.as_dict().is_err() {
                open.push(value);
            }
        }
    }
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
