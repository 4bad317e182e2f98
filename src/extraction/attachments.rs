//! Documents inside a document: BT-125. Their content is decoded, never opened, and kept apart
//! under its hash.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};

use crate::extraction::detect::contains;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::finding::Severity;
use crate::models::invoice::Attachment;

/// Attachments of one document (extraction handbook §11).
pub(crate) const ATTACHMENTS_MAX: usize = 50;

/// Decoded bytes of all attachments of one document (extraction handbook §11).
pub(crate) const ATTACHED_BYTES_MAX: usize = 20 * 1024 * 1024;

/// The text of the test file that every virus scanner knows. It is harmless, and whoever sends it
/// wants to see what becomes of it.
const EICAR: &[u8] = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE";

/// Writers leave the padding out; that is no reason to refuse a document.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The content of an attachment.
#[derive(Clone, PartialEq, Eq)]
pub struct Attached {
    /// SHA-256 in hexadecimal, as in [`Attachment::sha256`].
    pub sha256: String,
    /// The decoded bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attached").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

/// Decodes a UBL `EmbeddedDocumentBinaryObject` or CII `AttachmentBinaryObject`. What cannot be
/// decoded, or is more than the limits allow, is noted.
pub(crate) fn read(at: Element<'_, '_>, notes: &mut Notes) -> Option<Attachment> {
    let mut attachment = Attachment {
        media_type: notes.attribute(Some(at), "mimeCode", "BT-125"),
        file_name: notes.attribute(Some(at), "filename", "BT-125"),
        ..Attachment::default()
    };
    let Some(bytes) = decode(at, notes) else {
        return Some(attachment);
    };
    if contains(&bytes, EICAR) {
        let why = "holds the test pattern of virus scanners (EICAR); it was kept and not opened";
        notes.remark(at, ("ATTACHMENT_SUSPICIOUS", Severity::Warning, "BT-125"), why);
    }
    let sha256 = format!("{:x}", HexOf(&Sha256::digest(&bytes)));
    attachment.bytes = u64::try_from(bytes.len()).ok();
    attachment.sha256 = Some(sha256.clone());
    notes.attach(Attached { sha256, bytes });
    Some(attachment)
}

fn decode(at: Element<'_, '_>, notes: &mut Notes) -> Option<Vec<u8>> {
    let (count, size) = notes.attached();
    let room = ATTACHED_BYTES_MAX.saturating_sub(size);
    let text = at.text();
    if count >= ATTACHMENTS_MAX || text.len() / 4 > room.div_ceil(3) {
        let why = format!(
            "is not kept: a document has at most {ATTACHMENTS_MAX} attachments of \
             {ATTACHED_BYTES_MAX} bytes together"
        );
        notes.remark(at, ("ATTACHMENT_LIMIT", Severity::Fatal, "BT-125"), &why);
        return None;
    }
    let text: String = text.split_ascii_whitespace().collect();
    let bytes = BASE64.decode(text).ok();
    if bytes.is_none() {
        let why = "is not base64, so the attachment cannot be kept";
        notes.remark(at, ("ATTACHMENT_MALFORMED", Severity::Warning, "BT-125"), why);
    }
    bytes
}

/// Writes bytes in hexadecimal.
struct HexOf<'a>(&'a [u8]);

impl std::fmt::LowerHex for HexOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
