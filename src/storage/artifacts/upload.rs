//! A document on its way in: hashed while it is written.

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutPayload};
use sha2::Digest;

use crate::models::refs::Sha256;
use crate::storage::artifacts::{ArtifactError, Artifacts, Stored, incoming};

/// Bytes that are gathered before they are written: each write is a hop to another thread.
const PART_BYTES: usize = 1024 * 1024;

/// A document on its way in. Dropped before [`finish`](Self::finish), it leaves nothing behind.
pub struct Upload {
    artifacts: Artifacts,
    place: Path,
    parts: Box<dyn MultipartUpload>,
    gathered: Vec<Bytes>,
    gathered_bytes: usize,
    digest: sha2::Sha256,
    bytes: u64,
}

impl Upload {
    pub(super) async fn begin(artifacts: Artifacts) -> Result<Self, ArtifactError> {
        let place = incoming::place();
        let store: &LocalFileSystem = &artifacts.store;
        let parts = store.put_multipart(&place).await;
        let parts = parts.map_err(ArtifactError::store)?;
        Ok(Self {
            artifacts,
            place,
            parts,
            gathered: Vec::new(),
            gathered_bytes: 0,
            digest: sha2::Sha256::new(),
            bytes: 0,
        })
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), ArtifactError> {
        self.digest.update(&bytes);
        self.bytes += bytes.len() as u64;
        self.gathered_bytes += bytes.len();
        self.gathered.push(bytes);
        if self.gathered_bytes >= PART_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ArtifactError> {
        self.gathered_bytes = 0;
        let part = PutPayload::from_iter(self.gathered.drain(..));
        self.parts.put_part(part).await.map_err(ArtifactError::store)
    }

    /// The digest of what was written up to here.
    pub fn digest(&self) -> Sha256 {
        Sha256::from_bytes(&self.digest.clone().finalize().into())
    }

    /// Makes the document durable under its digest; a document that exists is left as it is.
    pub async fn finish(self) -> Result<Stored, ArtifactError> {
        // A task of its own: a caller that goes away half-way must not leave a file behind that
        // nobody will move or remove.
        let finished = tokio::spawn(self.complete()).await;
        finished.map_err(ArtifactError::store)?
    }

    async fn complete(mut self) -> Result<Stored, ArtifactError> {
        let moved = self.publish().await;
        if moved.is_err() {
            self.artifacts.discard(&self.place).await;
        }
        moved
    }

    async fn publish(&mut self) -> Result<Stored, ArtifactError> {
        self.flush().await?;
        self.parts.complete().await.map_err(ArtifactError::store)?;
        let digest = std::mem::take(&mut self.digest).finalize();
        let sha256 = Sha256::from_bytes(&digest.into());
        self.artifacts.keep(&self.place, &sha256).await?;
        let bytes = self.bytes;
        Ok(Stored { sha256, bytes })
    }
}
