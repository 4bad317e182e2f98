//! The answer of the reading process as frames: one byte of kind, four of length, the payload.
//!
//! Frames are sent as soon as they are known, the attachments before the text and the text before
//! the pictures: what was sent stands, even when the process is killed over the rest.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::extraction::content::{Attachment, Label, Picture, Sheet, Structure};
use crate::extraction::limits::WorkLimits;
use crate::extraction::page::Page;
use crate::extraction::refusal::Refusal;
use crate::extraction::table::Table;

/// Bytes of the request before the document: our own words, a few hundred bytes.
const ORDER_BYTES_MAX: u32 = 64 * 1024;

/// Bytes before the payload of a frame.
pub(crate) const HEAD_BYTES: usize = 5;

/// What the reading process is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// A PDF.
    Pdf,
    /// PNG, JPEG or TIFF.
    Image,
    /// A spreadsheet.
    Sheet,
    /// How large the pages of a PDF or a picture are, and whether they can be drawn at all.
    Sizes,
    /// One page of a PDF or a picture as a PNG, counted from 1.
    Draw(u32),
}

/// The request: it comes before the document, and from the gateway alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) task: Task,
    pub(crate) limits: WorkLimits,
    pub(crate) document_bytes: usize,
}

impl Order {
    /// The order as the bytes that go before the document.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let json = serde_json::to_vec(self).expect("numbers and words become JSON");
        let length = u32::try_from(json.len()).expect("a few hundred bytes");
        [&length.to_le_bytes()[..], &json].concat()
    }

    /// Reads the order; none when the other side went away without one.
    pub(crate) fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut length = [0; 4];
        match from.read_exact(&mut length) {
            Ok(()) => {}
            Err(gone) if gone.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let length = u32::from_le_bytes(length);
        if length > ORDER_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an order is short"));
        }
        let mut json = Vec::new();
        from.take(u64::from(length)).read_to_end(&mut json)?;
        Ok(Some(serde_json::from_slice(&json)?))
    }
}

/// One part of the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Frame {
    Structure(Structure),
    Attachment(Attachment),
    Pages(Vec<Page>),
    /// Instead of the pages.
    PagesRefused(Refusal),
    Picture(Picture),
    /// Instead of pictures, or of the rest of them.
    PicturesRefused(Refusal),
    Tables(Vec<Table>),
    Sizes(Vec<Sheet>),
    /// A page as a PNG.
    Drawing(Vec<u8>),
    /// Instead of everything.
    Refused(Refusal),
    /// Nothing more comes.
    End,
}

/// The fields of a picture before its pixels.
#[derive(Serialize, Deserialize)]
struct PictureHead {
    page: u32,
    width: u32,
    height: u32,
    width_points: f32,
    height_points: f32,
}

impl Frame {
    /// Writes the frame and sends it off.
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (kind, head, blob): (u8, Vec<u8>, &[u8]) = match self {
            Self::Structure(structure) => (b'S', serde_json::to_vec(structure)?, &[]),
            Self::Attachment(attachment) => (b'A', headed(&attachment.label)?, &attachment.bytes),
            Self::Pages(pages) => (b'T', serde_json::to_vec(pages)?, &[]),
            Self::PagesRefused(refusal) => (b't', serde_json::to_vec(refusal)?, &[]),
            Self::Picture(picture) => (b'P', headed(&head_of(picture))?, &picture.grey),
            Self::PicturesRefused(refusal) => (b'p', serde_json::to_vec(refusal)?, &[]),
            Self::Tables(tables) => (b'W', serde_json::to_vec(tables)?, &[]),
            Self::Sizes(sheets) => (b'Z', serde_json::to_vec(sheets)?, &[]),
            Self::Drawing(png) => (b'D', Vec::new(), png),
            Self::Refused(refusal) => (b'X', serde_json::to_vec(refusal)?, &[]),
            Self::End => (b'E', Vec::new(), &[]),
        };
        let length = u32::try_from(head.len() + blob.len());
        let length = length.map_err(|_| io::Error::other("a frame is at most 4 GiB"))?;
        let start = [&[kind][..], &length.to_le_bytes(), &head].concat();
        to.write_all(&start)?;
        to.write_all(blob)?;
        to.flush()
    }

    /// Kind and length of the payload.
    pub(crate) fn head(head: [u8; HEAD_BYTES]) -> (u8, usize) {
        let [kind, length @ ..] = head;
        (kind, u32::from_le_bytes(length) as usize)
    }

    /// The frame of this payload; none for what no reading process of ours says.
    pub(crate) fn parse(kind: u8, payload: Vec<u8>) -> Option<Self> {
        let frame = match kind {
            b'S' => Self::Structure(json(&payload)?),
            b'A' => {
                let (label, bytes): (Label, _) = beheaded(payload)?;
                Self::Attachment(Attachment { label, bytes })
            }
            b'T' => Self::Pages(json(&payload)?),
            b't' => Self::PagesRefused(json(&payload)?),
            b'P' => Self::Picture(picture(payload)?),
            b'p' => Self::PicturesRefused(json(&payload)?),
            b'W' => Self::Tables(json(&payload)?),
            b'Z' => Self::Sizes(json(&payload)?),
            b'D' => Self::Drawing(payload),
            b'X' => Self::Refused(json(&payload)?),
            b'E' => Self::End,
            _ => return None,
        };
        Some(frame)
    }
}

fn json<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    serde_json::from_slice(payload).ok()
}

/// JSON with its length before it, for something that follows.
fn headed(head: &impl Serialize) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(head)?;
    let length = u32::try_from(json.len()).map_err(|_| io::Error::other("a head is short"))?;
    Ok([&length.to_le_bytes()[..], &json].concat())
}

/// The other way: the head, and what follows it.
fn beheaded<T: DeserializeOwned>(mut payload: Vec<u8>) -> Option<(T, Vec<u8>)> {
    let (length, rest) = payload.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let head = json(rest.get(..length)?)?;
    payload.drain(..4 + length);
    Some((head, payload))
}

fn head_of(picture: &Picture) -> PictureHead {
    let Picture { page, width, height, width_points, height_points, .. } = *picture;
    PictureHead { page, width, height, width_points, height_points }
}

/// A picture whose pixels are as many as it says.
fn picture(payload: Vec<u8>) -> Option<Picture> {
    let (head, grey): (PictureHead, _) = beheaded(payload)?;
    let PictureHead { page, width, height, width_points, height_points } = head;
    let pixels = u64::from(width) * u64::from(height);
    let fits = u64::try_from(grey.len()) == Ok(pixels);
    fits.then_some(Picture { page, width, height, width_points, height_points, grey })
}

#[cfg(test)]
mod tests {
    use super::{Frame, HEAD_BYTES, Order, Task};
    use crate::extraction::content::{Attachment, Label, Picture, Sheet, Structure};
    use crate::extraction::limits::WorkLimits;
    use crate::extraction::refusal::{Refusal, RefusalCode};
    use crate::extraction::table::Table;

    fn back(frame: &Frame) -> Option<Frame> {
        let mut bytes = Vec::new();
        frame.write(&mut bytes).expect("a vector takes everything");
        let (head, payload) = bytes.split_first_chunk::<HEAD_BYTES>().expect("a head");
        let (kind, length) = Frame::head(*head);
        assert_eq!(length, payload.len());
        Frame::parse(kind, payload.to_vec())
    }

    #[test]
    fn every_frame_comes_out_as_it_went_in() {
        let refusal = Refusal::new(RefusalCode::PdfLimit, "too large");
        let label = Label { name: "a\"ö.xml".to_owned(), ..Label::default() };
        let picture =
            Picture { page: 1, width: 2, height: 3, grey: vec![7; 6], ..Picture::default() };
        for frame in [
            Frame::Structure(Structure { pages: 3, ..Structure::default() }),
            Frame::Attachment(Attachment { label, bytes: vec![0, 255, b'{'] }),
            Frame::Pages(vec![crate::extraction::page::Page::default()]),
            Frame::PagesRefused(refusal.clone()),
            Frame::Picture(picture),
            Frame::PicturesRefused(refusal.clone()),
            Frame::Tables(vec![Table::default()]),
            Frame::Sizes(vec![Sheet { width: 595.5, height: 842.0 }]),
            Frame::Drawing(vec![0x89, b'P', b'N', b'G']),
            Frame::Refused(refusal),
            Frame::End,
        ] {
            assert_eq!(back(&frame).as_ref(), Some(&frame));
        }
    }

    #[test]
    fn a_picture_with_other_pixels_than_it_says_is_no_frame() {
        let picture =
            Picture { page: 1, width: 2, height: 3, grey: vec![7; 5], ..Picture::default() };
        assert_eq!(back(&Frame::Picture(picture)), None);
        assert_eq!(Frame::parse(b'A', vec![255, 255, 255, 255, 0]), None);
        assert_eq!(Frame::parse(b'?', Vec::new()), None);
    }

    #[test]
    fn an_order_is_read_as_it_was_written_and_silence_is_none() {
        for task in [Task::Pdf, Task::Draw(3)] {
            let order = Order { task, limits: WorkLimits::default(), document_bytes: 9 };
            let bytes = order.encode();
            assert_eq!(Order::read(&mut &bytes[..]).expect("an order"), Some(order));
        }
        assert_eq!(Order::read(&mut &b""[..]).expect("silence"), None);
        assert!(Order::read(&mut &[255_u8; 9][..]).is_err());
    }
}
