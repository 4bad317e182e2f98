//! Entries of an archive to kept documents, block by block: memory does not grow with either.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};

use bytes::Bytes;
use tokio::sync::mpsc;
use zip::ZipReadOptions;
use zip::read::ZipFileEntry;
use zip::result::ZipError;

use crate::activities::batches::archive::{self, damaged, is_item};
use crate::activities::trouble::Trouble;
use crate::models::batch::{DOCUMENT_BYTES_MAX, ItemProblem, Refusal};
use crate::models::media_type::MediaType;
use crate::models::refs::Sha256;
use crate::storage::artifacts::{Artifacts, Upload};
use crate::storage::ledger::batches::{NewDocument, NewItem};

/// Bytes that are unpacked at once.
const BLOCK_BYTES: usize = 64 * 1024;

/// Blocks that wait for the store: unpacking is faster.
const BLOCKS_WAITING: usize = 8;

/// What comes out of an archive, in order.
enum Piece {
    /// A document begins.
    Begin(i64),
    /// More of it.
    Block(Bytes),
    /// It is whole.
    End,
    /// It is none after all.
    Refused(ItemProblem),
}

/// The items at these positions, each kept or refused.
pub(super) async fn items(
    artifacts: &Artifacts,
    source: &Sha256,
    wanted: BTreeSet<i64>,
) -> Result<Vec<NewItem>, Trouble> {
    let (directory, bodies) = (artifacts.file(source).await?, artifacts.file(source).await?);
    let (send, mut pieces) = mpsc::channel(BLOCKS_WAITING);
    let unpacking = tokio::task::spawn_blocking(move || unpack(directory, bodies, &wanted, &send));
    let mut items = Vec::new();
    let mut keeping = Keeping::default();
    while let Some(piece) = pieces.recv().await {
        items.extend(keeping.take(artifacts, piece).await?);
    }
    unpacking.await?;
    Ok(items)
}

/// A document on its way to the store.
#[derive(Default)]
struct Keeping {
    position: i64,
    document: Option<(Upload, MediaType)>,
}

impl Keeping {
    /// Takes the next piece; answers the item that it ends.
    async fn take(
        &mut self,
        artifacts: &Artifacts,
        piece: Piece,
    ) -> Result<Option<NewItem>, Trouble> {
        match piece {
            Piece::Begin(position) => {
                self.position = position;
                self.document = None;
                Ok(None)
            }
            Piece::Block(block) => {
                let mut document = match self.document.take() {
                    Some(document) => document,
                    None => (artifacts.upload().await?, MediaType::Unknown.or_by(&block)),
                };
                document.0.write(block).await?;
                self.document = Some(document);
                Ok(None)
            }
            Piece::End => {
                let kept = match self.document.take() {
                    None => Err(Refusal::Malformed.because("The document is empty.")),
                    Some((upload, media_type)) => {
                        let stored = upload.finish().await?;
                        let (sha256, bytes) = (stored.sha256, stored.bytes);
                        Ok(NewDocument { sha256, bytes, media_type, purchase_order: None })
                    }
                };
                Ok(Some(self.item(kept)))
            }
            Piece::Refused(problem) => {
                self.document = None;
                Ok(Some(self.item(Err(problem))))
            }
        }
    }

    fn item(&self, document: Result<NewDocument, ItemProblem>) -> NewItem {
        NewItem { item_key: self.position.to_string(), name: None, document }
    }
}

/// Sends pieces until all wanted entries are through, or nobody listens.
fn unpack(directory: File, bodies: File, wanted: &BTreeSet<i64>, send: &mpsc::Sender<Piece>) {
    let Some(last) = wanted.last() else {
        return;
    };
    let Ok(mut archive) = archive::open(directory) else {
        return refuse_rest(wanted, 0, send);
    };
    let Ok(entries) = archive.files() else {
        return refuse_rest(wanted, 0, send);
    };
    let mut bodies = BufReader::new(bodies);
    let mut position = 0;
    for entry in entries {
        let Ok(entry) = entry else {
            return refuse_rest(wanted, position, send);
        };
        position += i64::from(is_item(&entry));
        if !is_item(&entry) || !wanted.contains(&position) {
            continue;
        }
        let heard = send.blocking_send(Piece::Begin(position)).is_ok();
        let end = match one(entry, &mut bodies, send) {
            Ok(()) => Piece::End,
            Err(problem) => Piece::Refused(problem),
        };
        if !heard || send.blocking_send(end).is_err() || position >= *last {
            return;
        }
    }
}

/// The directory was whole when it was listed: what cannot be reached now is refused.
fn refuse_rest(wanted: &BTreeSet<i64>, after: i64, send: &mpsc::Sender<Piece>) {
    for position in wanted.range(after + 1..) {
        let begun = send.blocking_send(Piece::Begin(*position));
        if begun.is_err() || send.blocking_send(Piece::Refused(damaged())).is_err() {
            return;
        }
    }
}

/// Unpacks one entry. What the archive says of its size is not believed: one byte more is refused.
fn one(
    entry: ZipFileEntry<'_>,
    bodies: &mut BufReader<File>,
    send: &mpsc::Sender<Piece>,
) -> Result<(), ItemProblem> {
    if entry.encrypted() {
        let detail = "The entry is encrypted; send it without a password.";
        return Err(Refusal::Unsupported.because(detail));
    }
    let said = entry.size();
    if said > DOCUMENT_BYTES_MAX {
        let detail = format!("The entry unpacks to {said} bytes; {DOCUMENT_BYTES_MAX} are taken.");
        let problem = Refusal::TooLarge.because(detail);
        return Err(problem.with("limit", DOCUMENT_BYTES_MAX).with("unit", "bytes"));
    }
    let broken = || Refusal::Malformed.because("The entry is damaged.");
    let body = entry.with_reader(bodies, ZipReadOptions::new());
    let mut body = body.map_err(|error| match error {
        ZipError::UnsupportedArchive(_) => {
            let detail = "The entry is packed in another way than stored or deflated.";
            Refusal::Unsupported.because(detail)
        }
        _ => broken(),
    })?;
    let mut left = said;
    loop {
        let mut block = vec![0; BLOCK_BYTES];
        let filled = fill(&mut body, &mut block).map_err(|_| broken())?;
        if filled == 0 {
            return if left == 0 { Ok(()) } else { Err(broken()) };
        }
        left = left.checked_sub(filled as u64).ok_or_else(broken)?;
        block.truncate(filled);
        if send.blocking_send(Piece::Block(block.into())).is_err() {
            return Err(broken()); // nobody listens any more
        }
    }
}

/// As many bytes as there are, up to a whole block: the first must be enough to tell what a
/// document is.
fn fill(body: &mut impl Read, block: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match body.read(&mut block[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}
