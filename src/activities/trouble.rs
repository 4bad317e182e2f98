//! Why a step could not be done, and whether it may be tried again.

use temporalio_sdk::ApplicationFailure;
use temporalio_sdk::activities::ActivityError;
use tokio::task::JoinError;

use crate::storage::artifacts::ArtifactError;
use crate::storage::ledger::LedgerError;
use crate::workflows::contract::{DEFECT, DEFECT_ATTEMPTS_MAX, INVOICE_MISSING, STORE_AWAY};

/// Why a step could not be done. Its texts go into histories: they hold nothing of a document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The ledger or the artifact store is away. It is tried again.
    #[error("{0}")]
    StoreAway(String),
    /// A defect of ours. It is tried again a few times.
    #[error("{0}")]
    Defect(String),
    /// The ledger does not know the invoice. It is not tried again.
    #[error("the ledger has no such invoice; was it restored from an older backup?")]
    InvoiceMissing,
}

/// What a panic is called. Its own text may quote the document, so it stays out of histories; the
/// log has it.
pub(crate) const PANICKED: &str = "the step ended in a panic; the log has its place";

impl Trouble {
    /// As the SDK wants it; `attempt` counts from 1.
    pub(crate) fn into_error(self, attempt: u32) -> ActivityError {
        let (kind, hopeless) = match &self {
            Self::StoreAway(_) => (STORE_AWAY, false),
            Self::Defect(_) => (DEFECT, attempt >= DEFECT_ATTEMPTS_MAX),
            Self::InvoiceMissing => (INVOICE_MISSING, true),
        };
        let failure = ApplicationFailure::builder(self)
            .type_name(kind.to_owned())
            .non_retryable(hopeless)
            .build();
        ActivityError::from(failure)
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Unavailable(_) | LedgerError::Unreachable(_) => {
                Self::StoreAway(error.to_string())
            }
            LedgerError::Missing(_) => Self::InvoiceMissing,
            LedgerError::Unreadable { .. } | LedgerError::KeyReused(_) => {
                Self::Defect(error.to_string())
            }
        }
    }
}

impl From<ArtifactError> for Trouble {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::Store(_) => Self::StoreAway(error.to_string()),
            ArtifactError::Missing(_) | ArtifactError::Altered(_) => {
                Self::Defect(error.to_string())
            }
        }
    }
}

impl From<JoinError> for Trouble {
    fn from(error: JoinError) -> Self {
        let text = if error.is_panic() {
            PANICKED
        } else {
            "the worker stopped in the middle of the step"
        };
        Self::Defect(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Trouble;
    use crate::storage::ledger::LedgerError;
    use crate::workflows::contract::{DEFECT, INVOICE_MISSING, STORE_AWAY};
    use temporalio_sdk::activities::ActivityError;

    fn told(trouble: Trouble, attempt: u32) -> (Option<String>, bool) {
        let ActivityError::Application(failure) = trouble.into_error(attempt) else {
            panic!("no application failure")
        };
        let kind = failure.type_name().map(str::to_owned);
        (kind, failure.is_non_retryable())
    }

    #[test]
    fn a_store_that_is_away_is_waited_for_and_a_defect_is_met_three_times() {
        let away = || Trouble::from(LedgerError::Unavailable("busy".to_owned()));
        assert_eq!(told(away(), 24), (Some(STORE_AWAY.to_owned()), false));
        let defect = || Trouble::Defect("boom".to_owned());
        assert_eq!(told(defect(), 2), (Some(DEFECT.to_owned()), false));
        assert_eq!(told(defect(), 3), (Some(DEFECT.to_owned()), true));
        let missing = told(Trouble::InvoiceMissing, 1);
        assert_eq!(missing, (Some(INVOICE_MISSING.to_owned()), true));
    }

    #[tokio::test]
    async fn the_text_of_a_panic_stays_out_of_histories() {
        let joined = tokio::task::spawn_blocking(|| panic!("Müller GmbH")).await;
        let trouble = joined.map_err(Trouble::from).expect_err("a panic");
        assert!(!trouble.to_string().contains("Müller"), "{trouble}");
    }
}
