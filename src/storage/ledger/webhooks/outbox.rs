//! What happens, written down for each webhook that wants to hear of it, in the transaction of
//! what happens: no process that dies can part the two.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::models::refs::{DeliveryId, InvoiceId};
use crate::models::status::InvoiceStatus;
use crate::models::webhook::{DeliveryState, Failure, Topic};
use crate::storage::ledger::LedgerError;
use crate::storage::ledger::write::Write;
use crate::trace;

impl Write {
    /// An invoice came to a state; it is told where that concerns others.
    pub(in crate::storage::ledger) async fn announce_step(
        &mut self,
        id: &InvoiceId,
        (status, revision): (InvoiceStatus, i64),
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        match Topic::of_step(status) {
            Some(topic) => self.announce_invoice(topic, id, (status, revision), at).await,
            None => Ok(()),
        }
    }

    /// Tells something of an invoice.
    pub(in crate::storage::ledger) async fn announce_invoice(
        &mut self,
        topic: Topic,
        id: &InvoiceId,
        (status, revision): (InvoiceStatus, i64),
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let hooks = self.hooks(topic).await?;
        if hooks.is_empty() {
            return Ok(());
        }
        // A posting is made once, also when a payment came back and the invoice is approved again.
        let source = match topic {
            Topic::InvoiceApproved if self.was_approved(id, revision).await? => return Ok(()),
            Topic::InvoiceApproved => format!("{id} approved"),
            _ => format!("{id} {revision} {}", topic.as_str()),
        };
        let data = json!({ "id": id, "status": status, "revision": revision });
        self.deliver(&hooks, (topic, &source), &data, at).await
    }

    /// Tells something that has an id and a state, once.
    pub(in crate::storage::ledger) async fn announce(
        &mut self,
        topic: Topic,
        (id, status): (&str, &str),
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let hooks = self.hooks(topic).await?;
        let data = json!({ "id": id, "status": status });
        self.deliver(&hooks, (topic, &format!("{id} {}", topic.as_str())), &data, at).await
    }

    /// The webhooks that want to hear of it, and whether something is sent to each now. There are
    /// some dozens at most.
    async fn hooks(&mut self, topic: Topic) -> Result<Vec<(String, bool)>, LedgerError> {
        let sql = "SELECT id, disabled_at FROM webhook WHERE topics LIKE $1 ORDER BY id";
        let query = sqlx::query_as(sql).bind(format!("%\"{}\"%", topic.as_str()));
        let hooks: Vec<(String, Option<i64>)> = query.fetch_all(self.on()).await?;
        Ok(hooks.into_iter().map(|(id, disabled)| (id, disabled.is_none())).collect())
    }

    async fn was_approved(&mut self, id: &InvoiceId, revision: i64) -> Result<bool, LedgerError> {
        let sql = "SELECT COUNT(*) FROM invoice_event WHERE invoice_id = $1 AND revision < $2 \
                   AND event = 'status' AND data LIKE '%\"to\":\"approved\"%'";
        let query = sqlx::query_scalar(sql).bind(id.as_str()).bind(revision);
        let before: i64 = query.fetch_one(self.on()).await?;
        Ok(before > 0)
    }

    async fn deliver(
        &mut self,
        hooks: &[(String, bool)],
        (topic, source): (Topic, &str),
        data: &Value,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let timestamp = at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let body = json!({ "type": topic, "timestamp": timestamp, "data": data }).to_string();
        let micros = at.timestamp_micros();
        let trace = trace::current().map(|trace| trace.to_json());
        for (hook, enabled) in hooks {
            // What happens while a webhook is disabled is kept for a replay.
            let (state, failure) = match enabled {
                true => (DeliveryState::Pending, None),
                false => (DeliveryState::Failed, Some(Failure::Disabled.as_str())),
            };
            let sql = "INSERT INTO webhook_delivery (id, webhook_id, source, topic, body, state, \
                       failure, round, attempts, pending_since, due_at, created_at, trace) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $8, $8, $9) \
                       ON CONFLICT DO NOTHING";
            let query = sqlx::query(sql)
                .bind(DeliveryId::new(Uuid::now_v7()).to_string())
                .bind(hook)
                .bind(source)
                .bind(topic.as_str())
                .bind(&body)
                .bind(state.as_str())
                .bind(failure)
                .bind(micros)
                .bind(trace.as_deref());
            query.execute(self.on()).await?;
        }
        Ok(())
    }
}
