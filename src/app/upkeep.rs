//! Settings to what schedules need.

use std::time::Duration;

use crate::activities::upkeep::{Folder, Periods, RetryRules, UpkeepSettings};
use crate::config;

/// A document that was sent again is left alone for this long: longer than any request takes
/// between keeping it and saying what it is for.
const UNTOUCHED: Duration = Duration::from_hours(24);

/// As the activities want them.
pub(super) fn settings(settings: &config::Schedules) -> UpkeepSettings {
    let days = |days: u32| Duration::from_secs(u64::from(days) * 24 * 3600);
    UpkeepSettings {
        folder: settings.statements.as_ref().map(|folder| Folder {
            path: folder.folder.clone(),
            settled: Duration::from_secs(folder.settled_seconds),
            profile: folder.profile.clone(),
        }),
        retry: settings.retry.as_ref().map(|retry| RetryRules {
            after: Duration::from_secs(retry.after_seconds),
            times_max: retry.times_max as usize,
        }),
        periods: settings.retention.as_ref().map(|retention| Periods {
            documents: days(retention.documents_days),
            rows: retention.rows_days.map(days),
            untouched: UNTOUCHED,
        }),
    }
}
