//! A new secret for a webhook, once for each key.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::models::refs::WebhookId;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::webhooks::OVERLAP;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// What a rotation came to.
#[derive(Debug, Clone)]
pub enum Rotated {
    /// This signs from now on, and the one before until then.
    New(SecretString, DateTime<Utc>),
    /// The rotation of that key was made before, and nobody rotated since.
    Known(SecretString, DateTime<Utc>),
    /// No such webhook.
    Missing,
}

impl Ledger {
    /// Takes a new secret; the present one signs for [`OVERLAP`] too. With the key that the present
    /// one was asked for with, `(subject, key)`, it stays.
    pub async fn rotate_secret(
        &self,
        id: &WebhookId,
        secret: &SecretString,
        key: Option<(&str, &str)>,
        at: DateTime<Utc>,
    ) -> Result<Rotated, LedgerError> {
        let sealed = self.seal(id.as_str(), secret).await?;
        let key = key.map(|(subject, key)| texts::digest(&format!("{subject}\n{key}")));
        let rotation = key.unwrap_or_default();
        // Once more only when somebody else rotated between the two looks.
        loop {
            if self.take_secret(id, &sealed, &rotation, at).await? {
                return Ok(Rotated::New(secret.clone(), at + OVERLAP));
            }
            if let Some((present, until)) = self.secret_of(id, &rotation).await? {
                return Ok(Rotated::Known(present, until.unwrap_or(at)));
            }
            if self.webhook(id).await?.is_none() {
                return Ok(Rotated::Missing);
            }
        }
    }

    /// False when this rotation made the present secret, or the webhook is gone.
    async fn take_secret(
        &self,
        id: &WebhookId,
        sealed: &str,
        rotation: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let mut write = self.write().await?;
        let sql = "UPDATE webhook SET previous_secret = secret, previous_until = $3, secret = $2, \
                   rotation = $5, updated_at = $4, revision = revision + 1 \
                   WHERE id = $1 AND (rotation = '' OR rotation <> $5) RETURNING revision";
        let query = sqlx::query_scalar(sql)
            .bind(id.as_str())
            .bind(sealed)
            .bind((at + OVERLAP).timestamp_micros())
            .bind(at.timestamp_micros())
            .bind(rotation);
        let Some(revision) = query.fetch_optional(write.on()).await? else {
            return Ok(false);
        };
        let deed = Deed::done("rotate_webhook_secret", id.as_str());
        write.audit(&deed.at_revision(revision)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The present secret if this rotation made it, and until when the one before signs: of one
    /// look, so that they belong together.
    async fn secret_of(
        &self,
        id: &WebhookId,
        rotation: &str,
    ) -> Result<Option<(SecretString, Option<DateTime<Utc>>)>, LedgerError> {
        let sql = "SELECT id, secret, previous_until FROM webhook \
                   WHERE id = $1 AND rotation = $2 AND rotation <> ''";
        let query = sqlx::query(sql).bind(id.as_str()).bind(rotation);
        let Some(row) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        let fields = Fields::of("webhook", &row)?;
        let secret = self.unseal(id.as_str(), &fields.text("secret")?).await?;
        Ok(Some((secret, fields.time_if("previous_until")?)))
    }
}
