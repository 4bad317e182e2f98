//! What a person said, with our word that it was them.
//!
//! A decision waits in the artifact store and travels through Temporal before it is written down.
//! Whoever can write to either is not by that somebody else: a decision counts as its subject's
//! only with the seal of the gateway that logged them in. The key is the ledger's.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::models::decision::Said;
use crate::models::refs::{BatchId, DecisionId, InvoiceId};
use crate::storage::ledger::Ledger;

/// What the key signs here, apart from all else that it signs.
const PURPOSE: &str = "a decision";

/// What it was said about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// One invoice, in one decision.
    Invoice(InvoiceId, DecisionId),
    /// Each invoice of a batch.
    Batch(BatchId),
}

#[derive(Serialize, Deserialize)]
struct Vouched {
    about: About,
    said: Said,
    seal: String,
}

impl Ledger {
    /// What was said, as it is kept until it is written down. The same gives the same bytes.
    ///
    /// # Errors
    /// A decision that has no JSON form.
    pub fn vouch(&self, about: About, said: &Said) -> Result<Vec<u8>, serde_json::Error> {
        let sealed = sealed(&about, said)?;
        let seal = BASE64_STANDARD.encode(hmac::sign(&self.vouching_key(), &sealed));
        serde_json::to_vec(&Vouched { about, said: said.clone(), seal })
    }

    /// What was said in this decision about this invoice; `None` for what no gateway of this ledger
    /// has vouched for.
    pub fn vouched(&self, kept: &[u8], invoice: &InvoiceId, decision: &DecisionId) -> Option<Said> {
        let Vouched { about, said, seal } = serde_json::from_slice(kept).ok()?;
        let seal = BASE64_STANDARD.decode(seal).ok()?;
        hmac::verify(&self.vouching_key(), &sealed(&about, &said).ok()?, &seal).ok()?;
        let meant = match &about {
            About::Invoice(named, of) => named == invoice && of == decision,
            About::Batch(batch) => batch.decision(invoice) == *decision,
        };
        meant.then_some(said)
    }

    fn vouching_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.signing_key())
    }
}

fn sealed(about: &About, said: &Said) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&(PURPOSE, about, said))
}
