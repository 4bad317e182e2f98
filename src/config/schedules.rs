//! What is done again and again. A table that is there is a schedule that `ap-gateway schedules
//! apply` makes; one that is not there is none.

use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

use crate::config::BucketPlace;

/// Schedules, each with what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedules {
    /// `[schedules.statements]`: bank statements are taken in from a folder or a bucket.
    pub statements: Option<StatementInbox>,
    /// `[schedules.retry]`: what failed because a store was away is tried again.
    pub retry: Option<RetryAgain>,
    /// `[schedules.retention]`: what is past its period is removed.
    pub retention: Option<Retention>,
}

/// What banks' files come into: a folder or a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementInbox {
    /// The folder; each worker must see it under this path. What was taken in moves to `done` in
    /// it, what cannot be to `failed`.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// The same as part of a bucket: `s3://BUCKET/PREFIX`. What opens it stands in `AWS_*` of the
    /// environment.
    #[serde(default)]
    pub bucket: Option<String>,
    /// Seconds between two looks.
    #[serde(default = "five_minutes")]
    pub every_seconds: u64,
    /// A file of a folder that changed less than so many seconds ago may be half written: it is
    /// left alone. In a bucket nothing is half written.
    #[serde(default = "ten_seconds")]
    pub settled_seconds: u64,
    /// For CSV: the mapping profile; none when it is empty.
    #[serde(default)]
    pub profile: String,
}

/// Retry of invoices that need attention only because a store or service was away.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryAgain {
    /// Seconds between two looks.
    pub every_seconds: u64,
    /// An invoice rests so many seconds before it is tried again.
    pub after_seconds: u64,
    /// How often an invoice is tried again; then it waits for a person.
    pub times_max: u32,
}

/// How long documents and rows of finished invoices are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Seconds between two looks.
    #[serde(default = "one_day")]
    pub every_seconds: u64,
    /// Days that a document is kept after its invoice came to its end.
    pub documents_days: u32,
    /// Days that what was read, compared and decided is kept after the invoice came to its end;
    /// for ever when absent.
    #[serde(default)]
    pub rows_days: Option<u32>,
    /// Days that bank statements and payment files are kept after they came; for ever when absent.
    #[serde(default)]
    pub payments_days: Option<u32>,
    /// Days that batches, and the archives that they came in, are kept after their invoices had
    /// come to rest; for ever when absent.
    #[serde(default)]
    pub batches_days: Option<u32>,
}

impl Default for RetryAgain {
    fn default() -> Self {
        Self { every_seconds: 900, after_seconds: 600, times_max: 12 }
    }
}

fn five_minutes() -> u64 {
    300
}

fn ten_seconds() -> u64 {
    10
}

fn one_day() -> u64 {
    24 * 3600
}

/// Shorter pauses than these only cost Temporal actions.
const EVERY_SECONDS_MIN: u64 = 10;

impl Schedules {
    /// Refuses what cannot be meant.
    ///
    /// # Errors
    /// Each with the setting and the remedy.
    pub fn check(&self) -> anyhow::Result<()> {
        let every = [
            ("statements", self.statements.as_ref().map(|one| one.every_seconds)),
            ("retry", self.retry.as_ref().map(|one| one.every_seconds)),
            ("retention", self.retention.as_ref().map(|one| one.every_seconds)),
        ];
        for (name, seconds) in every {
            anyhow::ensure!(
                seconds.is_none_or(|seconds| seconds >= EVERY_SECONDS_MIN),
                "[schedules.{name}] every_seconds must be {EVERY_SECONDS_MIN} at least"
            );
        }
        if let Some(StatementInbox { folder, bucket, .. }) = &self.statements {
            anyhow::ensure!(
                folder.is_some() != bucket.is_some(),
                "[schedules.statements] needs `folder` or `bucket`, and not both"
            );
        }
        self.bucket()?;
        if let Some(Retention { documents_days, rows_days: Some(rows), .. }) = self.retention {
            anyhow::ensure!(
                rows >= documents_days,
                "[schedules.retention] rows_days ({rows}) must not be less than documents_days \
                 ({documents_days}): a document that nothing tells of could not be found"
            );
        }
        Ok(())
    }

    /// The bucket that statements come into, when they come into one.
    ///
    /// # Errors
    /// A text that names none.
    pub fn bucket(&self) -> anyhow::Result<Option<BucketPlace>> {
        let text = self.statements.as_ref().and_then(|inbox| inbox.bucket.as_deref());
        let place = text.map(BucketPlace::parse).transpose();
        place.context("[schedules.statements] bucket")
    }
}

#[cfg(test)]
mod tests {
    use super::Schedules;

    fn read(text: &str) -> Result<Schedules, String> {
        let read: Schedules = toml::from_str(text).map_err(|error| error.to_string())?;
        read.check().map_err(|error| format!("{error:#}"))?;
        Ok(read)
    }

    #[test]
    fn what_is_not_named_is_not_scheduled() {
        assert_eq!(read(""), Ok(Schedules::default()));
        let read = read("[retry]").expect("all of it has defaults");
        assert!(read.retry.is_some() && read.retention.is_none() && read.statements.is_none());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, wanted) in [
            ("[retention]\nevery_seconds = 60", "documents_days"),
            ("[retention]\ndocuments_days = 10\nrows_days = 9", "rows_days (9)"),
            ("[retry]\nevery_seconds = 1", "[schedules.retry] every_seconds"),
            ("[statements]\nprofile = \"x\"", "`folder` or `bucket`"),
            ("[statements]\nfolder = \"x\"\nbucket = \"s3://x\"", "not both"),
            ("[statements]\nbucket = \"x/y\"", "s3://BUCKET"),
        ] {
            let error = read(text).expect_err("it is refused");
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
