//! Documents under the SHA-256 of their bytes: written once, never changed.
//!
//! A document is on the disk, and so is the folder entry that leads to it, before
//! [`Upload::finish`] returns: what is promised for it survives a power failure.

mod incoming;
mod removal;
mod upload;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use object_store::ObjectStoreExt;
use object_store::local::LocalFileSystem;
use sha2::Digest;

use crate::config;
use crate::models::refs::Sha256;
use crate::storage::folder;

pub use crate::storage::artifacts::removal::Removal;
pub use crate::storage::artifacts::upload::Upload;

/// Bytes that a look at a document shows.
const HEAD_BYTES: u64 = 64;

/// A document that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its address.
    pub sha256: Sha256,
    /// Its size.
    pub bytes: u64,
}

/// Why a document could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// Nothing is kept under this address.
    #[error("no artifact {0}")]
    Missing(Sha256),
    /// What is kept is not what was stored: the digest differs.
    #[error("artifact {0} was changed after it was stored")]
    Altered(Sha256),
    /// The store itself.
    #[error("artifact store: {0}")]
    Store(String),
}

impl ArtifactError {
    fn store(error: impl std::fmt::Display) -> Self {
        Self::Store(error.to_string())
    }
}

/// The artifact store. Cheap to clone.
#[derive(Clone)]
pub struct Artifacts {
    store: LocalFileSystem,
    root: PathBuf,
}

impl Artifacts {
    /// Opens the folder, makes it when it is not there, and clears half-written uploads of
    /// earlier processes.
    ///
    /// # Errors
    /// A folder that cannot be made or written: named.
    pub async fn open(settings: &config::Artifacts) -> Result<Self, ArtifactError> {
        let root = settings.folder.clone();
        let opened = blocking(move || Self::open_folder(&root)).await?;
        opened.probe().await.map_err(|error| {
            ArtifactError::Store(format!(
                "cannot write to {}: {error}; let this user write there, or set \
                 AP_GATEWAY_ARTIFACTS to another folder",
                settings.folder.display()
            ))
        })?;
        Ok(opened)
    }

    fn open_folder(root: &Path) -> Result<Self, ArtifactError> {
        let refuse =
            |text| ArtifactError::Store(format!("{text}; the setting is AP_GATEWAY_ARTIFACTS"));
        let root = std::path::absolute(root).map_err(ArtifactError::store)?;
        for part in [&root, &root.join(incoming::FOLDER), &root.join("sha256")] {
            folder::make(part).map_err(refuse)?;
        }
        incoming::clear(&root).map_err(|error| refuse(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(&root).map_err(ArtifactError::store)?;
        let store = store.with_fsync(true);
        Ok(Self { store, root })
    }

    /// A place to stream a new document to.
    pub async fn upload(&self) -> Result<Upload, ArtifactError> {
        Upload::begin(self.clone()).await
    }

    /// Keeps what is in memory already.
    pub async fn put(&self, bytes: impl Into<Bytes>) -> Result<Sha256, ArtifactError> {
        let mut upload = self.upload().await?;
        upload.write(bytes.into()).await?;
        Ok(upload.finish().await?.sha256)
    }

    /// The bytes of a document, checked against their digest.
    pub async fn get(&self, sha256: &Sha256) -> Result<Bytes, ArtifactError> {
        let failed = |error| match error {
            object_store::Error::NotFound { .. } => ArtifactError::Missing(sha256.clone()),
            other => ArtifactError::store(other),
        };
        let found = self.store.get(&address(sha256)).await.map_err(failed)?;
        let bytes = found.bytes().await.map_err(failed)?;
        let expected = sha256.clone();
        blocking(move || {
            let actual = Sha256::from_bytes(&sha2::Sha256::digest(&bytes).into());
            if actual == expected { Ok(bytes) } else { Err(ArtifactError::Altered(expected)) }
        })
        .await
    }

    /// A document to be read where it lies, for those that are larger than memory should be. Its
    /// digest is not checked.
    pub async fn file(&self, sha256: &Sha256) -> Result<File, ArtifactError> {
        let path = self.path(sha256);
        let missing = sha256.clone();
        blocking(move || {
            File::open(path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => ArtifactError::Missing(missing),
                _ => ArtifactError::store(error),
            })
        })
        .await
    }

    fn path(&self, sha256: &Sha256) -> PathBuf {
        let digest = sha256.as_str();
        self.root.join("sha256").join(&digest[..2]).join(digest)
    }

    /// How large a document is, and its first bytes: enough to tell what it is not.
    pub async fn look(&self, sha256: &Sha256) -> Result<(u64, Bytes), ArtifactError> {
        let file = self.file(sha256).await?;
        blocking(move || {
            let bytes = file.metadata().map_err(ArtifactError::store)?.len();
            let mut head = Vec::new();
            let read = file.take(HEAD_BYTES).read_to_end(&mut head);
            read.map_err(ArtifactError::store)?;
            Ok((bytes, head.into()))
        })
        .await
    }

    /// A small write and read: for readiness.
    pub async fn probe(&self) -> Result<(), ArtifactError> {
        // What is written here need not survive anything.
        let store = self.store.clone().with_fsync(false);
        let place = incoming::place();
        let written = Bytes::from(place.to_string());
        let payload = written.clone().into();
        store.put(&place, payload).await.map_err(ArtifactError::store)?;
        let read = store.get(&place).await.map_err(ArtifactError::store)?;
        let read = read.bytes().await.map_err(ArtifactError::store)?;
        store.delete(&place).await.map_err(ArtifactError::store)?;
        if read == written {
            Ok(())
        } else {
            Err(ArtifactError::Store(format!("{place} reads back as something else")))
        }
    }

    /// Moves a finished upload to its address. An artifact that is there is left as it is, but
    /// it may be so young that its folder entry is not on the disk yet: that is made sure of.
    async fn keep(
        &self,
        from: &object_store::path::Path,
        sha256: &Sha256,
    ) -> Result<(), ArtifactError> {
        let to = address(sha256);
        match self.store.rename_if_not_exists(from, &to).await {
            Ok(()) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => {
                let there = self.path(sha256);
                let touched =
                    blocking(move || removal::touch(&there).map_err(ArtifactError::store)).await?;
                if !touched {
                    // It was removed between the two: this upload takes its place.
                    let moved = self.store.rename_if_not_exists(from, &to).await;
                    return moved.map_err(ArtifactError::store);
                }
                self.store.delete(from).await.map_err(ArtifactError::store)?;
                let shelf = self.root.join("sha256");
                let drawer = shelf.join(&sha256.as_str()[..2]);
                let sync = move || folder::sync(&drawer).and_then(|()| folder::sync(&shelf));
                blocking(move || sync().map_err(ArtifactError::store)).await
            }
            Err(error) => Err(ArtifactError::store(error)),
        }
    }
}

impl Artifacts {
    async fn discard(&self, place: &object_store::path::Path) {
        let (root, place) = (self.root.clone(), place.clone());
        let discarding = tokio::task::spawn_blocking(move || incoming::discard(&root, &place));
        // The failure that led here is what the caller hears of.
        let _ = discarding.await;
    }
}

/// Two digits make 256 folders: none of them grows too long.
fn address(sha256: &Sha256) -> object_store::path::Path {
    let digest = sha256.as_str();
    object_store::path::Path::from(format!("sha256/{}/{digest}", &digest[..2]))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArtifactError> + Send + 'static,
) -> Result<T, ArtifactError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(ArtifactError::store)?
}
