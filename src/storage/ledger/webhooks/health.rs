//! How well messages of a webhook arrive.

use chrono::{DateTime, Utc};

use crate::models::refs::WebhookId;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::{Ledger, LedgerError};

/// Newest messages that are looked through for what is shown: a page of fifty webhooks reads some
/// tens of thousands of short rows at most, whatever the log holds.
const LOOKED_AT_MAX: i64 = 1_000;

/// How a webhook fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookHealth {
    /// Messages in a row that were given up, since one arrived or it was enabled.
    pub given_up: i64,
    /// When the receiver last took one of the newest messages.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Of the newest messages those that are being sent, or tried again.
    pub pending: i64,
}

impl Ledger {
    /// How a webhook fares; nothing of one that is gone.
    pub async fn webhook_health(&self, id: &WebhookId) -> Result<WebhookHealth, LedgerError> {
        let sql = "SELECT w.id AS id, w.failures, (SELECT MAX(attempted_at) FROM (SELECT state, attempted_at \
                   FROM webhook_delivery WHERE webhook_id = $1 ORDER BY id DESC LIMIT $2) AS newest \
                   WHERE state = 'delivered') AS delivered_at, (SELECT COUNT(*) FROM (SELECT state \
                   FROM webhook_delivery WHERE webhook_id = $1 ORDER BY id DESC LIMIT $2) AS newest \
                   WHERE state = 'pending') AS pending FROM webhook w WHERE w.id = $1";
        let query = sqlx::query(sql).bind(id.as_str()).bind(LOOKED_AT_MAX);
        let Some(row) = query.fetch_optional(&self.pool).await? else {
            return Ok(WebhookHealth::default());
        };
        let fields = Fields::of("webhook", &row)?;
        Ok(WebhookHealth {
            given_up: fields.number("failures")?,
            delivered_at: fields.time_if("delivered_at")?,
            pending: fields.number("pending")?,
        })
    }
}
