//! Files that come into a bucket of an S3-compatible store. Keys below a prefix are names of files
//! in a folder; deeper ones are none of ours.

mod listing;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{ObjectStoreExt, RetryConfig};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::config;
use crate::storage::bucket::listing::{Connector, PassedOver};

/// Keys of one answer: as many as a store gives.
const KEYS_AT_ONCE: usize = 1_000;

/// A call is tried again this often, and for this long; then Temporal tries the whole step again.
const RETRIES_MAX: usize = 3;
const RETRIES_END: Duration = Duration::from_secs(30);

/// What a store refuses, or why it does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the bucket {bucket}: {text}")]
pub struct BucketError {
    bucket: String,
    text: String,
}

/// What lies under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Its bytes.
    Bytes(Bytes),
    /// More than was asked for, and how many.
    TooLarge(u64),
    /// Nothing any more: somebody took it away.
    Gone,
}

/// What lies in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Names of files.
    pub names: Vec<String>,
    /// Whole keys that no file can be asked for by: they hurt none of the others.
    pub passed_over: Vec<String>,
}

/// A part of a bucket. Cheap to clone.
#[derive(Clone)]
pub struct Bucket {
    store: AmazonS3,
    bucket: String,
    /// Ends with a slash, unless it is empty.
    prefix: String,
}

/// The store knows secrets: it does not print.
impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket(s3://{}/{})", self.bucket, self.prefix)
    }
}

impl Bucket {
    /// Prepares the connection; nothing is called yet.
    ///
    /// # Errors
    /// Settings that cannot be meant.
    pub fn open(place: &config::BucketPlace, access: &config::Buckets) -> Result<Self, String> {
        let retry = RetryConfig {
            max_retries: RETRIES_MAX,
            retry_timeout: RETRIES_END,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&place.bucket)
            .with_http_connector(Connector::default())
            .with_retry(retry);
        for (name, value) in access.variables() {
            let key: AmazonS3ConfigKey = name
                .to_ascii_lowercase()
                .parse()
                .map_err(|_| format!("{name} is no setting of a bucket"))?;
            builder = builder.with_config(key, value.expose_secret());
        }
        let store = builder.build().map_err(|error| error.to_string())?;
        let prefix = match place.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Ok(Self { store, bucket: place.bucket.clone(), prefix })
    }

    /// Names of the files, `limit` at most, in no order.
    ///
    /// # Errors
    /// The store does not answer, or refuses.
    pub async fn list(&self, limit: usize) -> Result<Listing, BucketError> {
        let prefix = Some(self.prefix.as_str()).filter(|prefix| !prefix.is_empty());
        let Listing { mut names, mut passed_over } = Listing::default();
        let mut page_token = None;
        loop {
            let options = PaginatedListOptions {
                delimiter: Some("/".into()),
                max_keys: Some(KEYS_AT_ONCE),
                page_token,
                ..PaginatedListOptions::default()
            };
            let listed = self.store.list_paginated(prefix, options).await;
            let listed = listed.map_err(|error| self.failed(&error))?;
            let keys = listed.result.objects.iter().map(|object| object.location.as_ref());
            // The prefix itself may be a key: what some programs make for an empty folder.
            let below = keys.filter_map(|key| key.strip_prefix(&self.prefix));
            names.extend(below.filter(|name| !name.is_empty()).map(str::to_owned));
            let odd = listed.result.extensions.get::<PassedOver>();
            passed_over.extend(odd.into_iter().flat_map(|odd| odd.0.iter().cloned()));
            page_token = listed.page_token;
            if page_token.is_none() || names.len() + passed_over.len() >= limit {
                names.truncate(limit);
                passed_over.truncate(limit);
                return Ok(Listing { names, passed_over });
            }
        }
    }

    /// What lies under a name, `bytes_max` at most.
    ///
    /// # Errors
    /// The store does not answer, or refuses.
    pub async fn get(&self, name: &str, bytes_max: u64) -> Result<Content, BucketError> {
        let found = match self.store.get(&self.key(name)?).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(Content::Gone),
            found => found.map_err(|error| self.failed(&error))?,
        };
        if found.meta.size > bytes_max {
            return Ok(Content::TooLarge(found.meta.size));
        }
        let bytes = found.bytes().await.map_err(|error| self.failed(&error))?;
        Ok(Content::Bytes(bytes))
    }

    /// What tells the content under a name from what lies there later; empty when nothing does.
    ///
    /// # Errors
    /// The store does not answer, or refuses.
    pub async fn state(&self, name: &str) -> Result<String, BucketError> {
        match self.store.head(&self.key(name)?).await {
            Err(object_store::Error::NotFound { .. }) => Ok(String::new()),
            Err(error) => Err(self.failed(&error)),
            Ok(about) => Ok(format!("{} {:?}", about.last_modified, about.e_tag)),
        }
    }

    /// Moves a file into a folder below the prefix; a name that is taken there gets another one.
    /// What is cut in the middle leaves a copy too many, never one too few.
    ///
    /// # Errors
    /// The store does not answer, or refuses.
    pub async fn move_into(&self, into: &str, name: &str) -> Result<(), BucketError> {
        let (from, mut to) = (self.key(name)?, self.key(&format!("{into}/{name}"))?);
        match self.store.head(&to).await {
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(self.failed(&error)),
            Ok(_) => to = self.key(&format!("{into}/{}-{name}", Uuid::now_v7().simple()))?,
        }
        self.store.copy(&from, &to).await.map_err(|error| self.failed(&error))?;
        self.store.delete(&from).await.map_err(|error| self.failed(&error))
    }

    fn key(&self, name: &str) -> Result<Path, BucketError> {
        let key = Path::parse(format!("{}{name}", self.prefix));
        key.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &dyn std::error::Error) -> BucketError {
        BucketError { bucket: self.bucket.clone(), text: error.to_string() }
    }
}
