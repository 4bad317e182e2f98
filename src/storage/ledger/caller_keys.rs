//! Keys of callers for what is identified by a natural key or by its content: the same key with
//! other content is refused, although that content alone would make something new (HTTP handbook
//! §2.1).

use crate::storage::ledger::texts;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError};

impl Ledger {
    /// The same ledger; what is made through it claims this key for its author.
    pub fn under_key(&self, key: Option<&str>) -> Self {
        Self { key: key.map(Into::into), ..self.clone() }
    }
}

impl Write {
    /// Whose key it is, and its digest; nothing for a request without one.
    fn claimant(&self) -> Option<(String, String)> {
        let (key, author) = (self.key()?, self.author()?);
        Some((texts::key(&author.subject), texts::digest(&key)))
    }

    /// Claims the key of the request, if it has one, for content with this fingerprint. The claim
    /// stands once the transaction does, so a refused request leaves its key free.
    ///
    /// # Errors
    /// [`LedgerError::KeyReused`] when it was claimed for other content.
    pub(super) async fn claim_key(
        &mut self,
        kind: &str,
        fingerprint: &str,
        id: &str,
    ) -> Result<(), LedgerError> {
        if self.first_claim(kind, fingerprint, id).await? {
            return Ok(());
        }
        let Some((subject, key)) = self.claimant() else {
            return Ok(());
        };
        let select = "SELECT fingerprint, resource FROM claimed_key \
                      WHERE subject = $1 AND kind = $2 AND key_hash = $3";
        let select = sqlx::query_as(select).bind(&subject).bind(kind).bind(&key);
        let (claimed, resource): (String, String) = select.fetch_one(self.on()).await?;
        if claimed == fingerprint { Ok(()) } else { Err(LedgerError::KeyReused(resource)) }
    }

    /// Claims the key, if there is one; whether nobody had it.
    pub(super) async fn first_claim(
        &mut self,
        kind: &str,
        fingerprint: &str,
        id: &str,
    ) -> Result<bool, LedgerError> {
        let Some((subject, key)) = self.claimant() else {
            return Ok(true);
        };
        let insert = "INSERT INTO claimed_key (subject, kind, key_hash, fingerprint, resource) \
                      VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let insert = sqlx::query(insert).bind(&subject).bind(kind).bind(&key);
        let insert = insert.bind(fingerprint).bind(id);
        Ok(insert.execute(self.on()).await?.rows_affected() == 1)
    }

    /// The key belongs to what was there already.
    pub(super) async fn key_belongs_to(&mut self, kind: &str, id: &str) -> Result<(), LedgerError> {
        let Some((subject, key)) = self.claimant() else {
            return Ok(());
        };
        let update = "UPDATE claimed_key SET resource = $4 \
                      WHERE subject = $1 AND kind = $2 AND key_hash = $3";
        let update = sqlx::query(update).bind(subject).bind(kind);
        update.bind(key).bind(id).execute(self.on()).await?;
        Ok(())
    }
}
