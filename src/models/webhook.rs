//! Webhooks: what receivers may be told, and how a message stands.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::status::InvoiceStatus;

/// What a test delivery is about.
pub const TEST: &str = "webhook.test";

/// Makes an enum whose words stand in columns and on the wire. A word is a `tt`: in a `literal` the
/// derives of the document do not see it, and write the variant's name.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$text:meta])* $variant:ident = $word:tt,)* }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            ToSchema,
        )]
        pub enum $name {
            $($(#[$text])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word on the wire and in the ledger.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one of that word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }
    };
}

words! {
    /// What a webhook may be told.
    Topic {
        /// An invoice was accepted.
        InvoiceReceived = "invoice.received",
        /// A stop hold is on it.
        InvoiceHeld = "invoice.held",
        /// A person must look.
        InvoiceNeedsAttention = "invoice.needs_attention",
        /// A person decided something about it.
        InvoiceDecided = "invoice.decided",
        /// It may be paid and posted: told once for each invoice, however often it comes back.
        InvoiceApproved = "invoice.approved",
        /// It is paid, or came to another end.
        InvoiceClosed = "invoice.closed",
        /// All invoices of a batch rest.
        BatchFinished = "batch.finished",
        /// The entries of a bank statement were matched.
        StatementMatched = "statement.matched",
    }
}

words! {
    /// How a message stands.
    DeliveryState {
        /// It is being sent, or will be tried again.
        Pending = "pending",
        /// The receiver took it.
        Delivered = "delivered",
        /// It was given up; it may be replayed.
        Failed = "failed",
    }
}

words! {
    /// Why nothing is sent to a webhook.
    DisabledReason {
        /// The receiver answered 410.
        Gone = "gone",
        /// Several messages in a row were given up.
        Failing = "failing",
        /// Somebody asked for it.
        Asked = "asked",
    }
}

words! {
    /// Why an attempt failed.
    Failure {
        /// The answer was no 2xx.
        Refused = "refused",
        /// The answer was a redirect, which is not followed.
        Redirected = "redirected",
        /// The answer was 410: the receiver wants no more.
        Gone = "gone",
        /// No answer came in time.
        TimedOut = "timed_out",
        /// No connection, no TLS, or an answer that is no HTTP.
        Unreachable = "unreachable",
        /// The address may not be reached from here.
        Blocked = "blocked",
        /// The webhook was disabled: nothing was sent.
        Disabled = "webhook_disabled",
        /// The gateway could not make the attempt; its log says why.
        Internal = "internal",
    }
}

impl Topic {
    /// What a step to this state tells, if anything.
    pub fn of_step(to: InvoiceStatus) -> Option<Self> {
        match to {
            InvoiceStatus::Held => Some(Self::InvoiceHeld),
            InvoiceStatus::NeedsAttention => Some(Self::InvoiceNeedsAttention),
            InvoiceStatus::Approved => Some(Self::InvoiceApproved),
            InvoiceStatus::Paid => Some(Self::InvoiceClosed),
            status if status.is_final() => Some(Self::InvoiceClosed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Topic;
    use crate::models::status::InvoiceStatus;

    #[test]
    fn words_are_read_back_and_are_those_of_json() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.as_str()), Some(*topic));
            let json = serde_json::to_string(topic).expect("JSON");
            assert_eq!(json, format!("\"{}\"", topic.as_str()));
        }
        assert_eq!(Topic::parse(super::TEST), None);
    }

    #[test]
    fn steps_that_concern_only_the_gateway_are_told_to_nobody() {
        use InvoiceStatus as S;
        let told = S::ALL.into_iter().filter(|status| Topic::of_step(*status).is_some());
        let told: Vec<_> = told.collect();
        let expected = [
            S::Held,
            S::Approved,
            S::Paid,
            S::NeedsAttention,
            S::Rejected,
            S::Duplicate,
            S::Superseded,
            S::Cancelled,
        ];
        assert_eq!(told, expected);
    }
}
