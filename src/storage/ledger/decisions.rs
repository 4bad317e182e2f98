//! What people decided, as rows: append-only.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::models::case::Decisions;
use crate::models::decision::{Action, Correction, Decision};
use crate::models::refs::{DecisionId, InvoiceId, Sha256};
use crate::models::verdict::Release;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError};

/// What a decision did, beyond the steps of the invoice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Effect {
    /// Holds that may go, bound to the values of their checks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
    /// What corrected fields said before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Correction>,
    /// Where its words are kept: they go when the rows of the invoice go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Sha256>,
}

/// A decision that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRow {
    /// Its id.
    pub id: DecisionId,
    /// About which invoice.
    pub invoice: InvoiceId,
    /// The revision of its event.
    pub revision: i64,
    /// Who.
    pub subject: String,
    /// Digest of what was sent.
    pub fingerprint: Sha256,
    /// The comparison that it was taken on.
    pub input_hash: Option<String>,
    /// The version of the policy that allowed it.
    pub policy_version: String,
    /// What was sent.
    pub decision: Decision,
    /// What it did.
    pub effect: Effect,
    /// When.
    pub at: DateTime<Utc>,
}

const BY_ID: &str = "SELECT id, invoice_id, revision, subject, fingerprint, input_hash, \
     policy_version, content, effect, at FROM decision WHERE id = $1";

const BY_INVOICE: &str = "SELECT id, invoice_id, revision, subject, fingerprint, input_hash, \
     policy_version, content, effect, at FROM decision \
     WHERE invoice_id = $1 ORDER BY revision, id";

impl Ledger {
    /// A decision that was taken.
    pub async fn decision(&self, id: &DecisionId) -> Result<Option<DecisionRow>, LedgerError> {
        let mut connection = self.pool.acquire().await?;
        one(&mut connection, id).await
    }

    /// All decisions about an invoice, oldest first.
    pub async fn decisions(&self, invoice: &InvoiceId) -> Result<Vec<DecisionRow>, LedgerError> {
        let mut connection = self.pool.acquire().await?;
        of_invoice(&mut connection, invoice).await
    }
}

impl Write {
    /// Keeps a decision.
    pub(super) async fn keep_decision(&mut self, row: &DecisionRow) -> Result<(), LedgerError> {
        let sql = "INSERT INTO decision (id, invoice_id, revision, subject, action, fingerprint, \
                   input_hash, policy_version, content, effect, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let query = sqlx::query(sql)
            .bind(row.id.as_str())
            .bind(row.invoice.as_str())
            .bind(row.revision)
            .bind(&row.subject)
            .bind(row.decision.action.as_str())
            .bind(row.fingerprint.as_str())
            .bind(&row.input_hash)
            .bind(&row.policy_version)
            .bind(to_json(&row.decision)?)
            .bind(to_json(&row.effect)?)
            .bind(row.at.timestamp_micros());
        query.execute(self.on()).await?;
        Ok(())
    }

    /// What of the decisions the comparison looks at.
    pub(super) async fn decided(&mut self, id: &InvoiceId) -> Result<Decisions, LedgerError> {
        let rows = of_invoice(self.on(), id).await?;
        Ok(compared(&rows))
    }
}

/// The decision of this id.
pub(super) async fn one(
    connection: &mut AnyConnection,
    id: &DecisionId,
) -> Result<Option<DecisionRow>, LedgerError> {
    let row = sqlx::query(BY_ID).bind(id.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// All of an invoice, oldest first.
pub(super) async fn of_invoice(
    connection: &mut AnyConnection,
    id: &InvoiceId,
) -> Result<Vec<DecisionRow>, LedgerError> {
    let rows = sqlx::query(BY_INVOICE).bind(id.as_str()).fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

/// The later word about a line counts; every release counts while its values stand.
fn compared(rows: &[DecisionRow]) -> Decisions {
    let mut decisions = Decisions::default();
    let mut pairings = BTreeMap::new();
    for row in rows {
        let decision = &row.decision;
        for chosen in &decision.pairings {
            pairings.insert(chosen.line.clone(), chosen.clone());
        }
        for line in &decision.lines {
            if decision.action == Action::PriceCredit && !decisions.price_credits.contains(line) {
                decisions.price_credits.push(line.clone());
            }
        }
        decisions.match_level = decisions.match_level.max(decision.match_level);
        decisions.releases.extend(row.effect.releases.iter().cloned());
    }
    decisions.pairings = pairings.into_values().collect();
    decisions
}

fn read(row: &AnyRow) -> Result<DecisionRow, LedgerError> {
    let fields = Fields::of("decision", row)?;
    Ok(DecisionRow {
        id: fields.parsed("id", |id| DecisionId::parse(id).ok())?,
        invoice: fields.parsed("invoice_id", |id| InvoiceId::parse(id).ok())?,
        revision: fields.number("revision")?,
        subject: fields.text("subject")?,
        fingerprint: fields.parsed("fingerprint", |text| Sha256::parse(text).ok())?,
        input_hash: fields.text_if("input_hash")?,
        policy_version: fields.text("policy_version")?,
        decision: fields.json("content")?,
        effect: fields.json("effect")?,
        at: fields.time("at")?,
    })
}
