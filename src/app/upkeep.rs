//! Settings to what schedules need.

use std::time::Duration;

use crate::activities::upkeep::{Folder, Inbox, Periods, Place, RetryRules, UpkeepSettings};
use crate::config;
use crate::storage::Bucket;

/// A document that was sent again is left alone for this long: longer than any request takes
/// between keeping it and saying what it is for.
const UNTOUCHED: Duration = Duration::from_hours(24);

/// As the activities want them.
///
/// # Errors
/// A bucket whose settings cannot be meant, or whose credentials are missing.
pub(super) fn settings(
    settings: &config::Schedules,
    buckets: &config::Buckets,
) -> anyhow::Result<UpkeepSettings> {
    let days = |days: u32| Duration::from_secs(u64::from(days) * 24 * 3600);
    let statements = settings.statements.as_ref();
    let inbox = statements.map(|inbox| inbox_of(settings, inbox, buckets)).transpose()?;
    Ok(UpkeepSettings {
        inbox,
        retry: settings.retry.as_ref().map(|retry| RetryRules {
            after: Duration::from_secs(retry.after_seconds),
            times_max: retry.times_max as usize,
        }),
        periods: settings.retention.as_ref().map(|retention| Periods {
            documents: days(retention.documents_days),
            rows: retention.rows_days.map(days),
            payments: retention.payments_days.map(days),
            batches: retention.batches_days.map(days),
            untouched: UNTOUCHED,
        }),
    })
}

fn inbox_of(
    settings: &config::Schedules,
    inbox: &config::StatementInbox,
    buckets: &config::Buckets,
) -> anyhow::Result<Inbox> {
    let place = match settings.bucket()? {
        Some(place) => {
            buckets.check()?;
            Place::Bucket(Bucket::open(&place, buckets).map_err(anyhow::Error::msg)?)
        }
        None => Place::Folder(Folder {
            path: inbox.folder.clone().unwrap_or_default(),
            settled: Duration::from_secs(inbox.settled_seconds),
        }),
    };
    Ok(Inbox { place, profile: inbox.profile.clone() })
}
