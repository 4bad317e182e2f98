//! Where an invoice stands, as much as the rules of its life need: what the steps tell the
//! workflow. It goes into histories, so it says nothing of the document and names nobody.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::models::attention::AttentionCode;
use crate::models::decision::HoldRef;
use crate::models::status::InvoiceStatus;

/// Holds that a situation names; more are counted only.
pub const HOLDS_TOLD_MAX: usize = 100;

/// A subject that is told from others and not named: histories hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Actor(String);

/// The subject of callers while there is no login.
pub const ANONYMOUS: &str = "anonymous";

/// Hexadecimal digits of an actor: 96 bits tell all people of a company apart.
const ACTOR_DIGITS: usize = 24;

impl Actor {
    /// The actor of a subject; two credentials of one subject are one actor.
    pub fn of(subject: &str) -> Self {
        if subject == ANONYMOUS {
            return Self(ANONYMOUS.to_owned());
        }
        let digest = Sha256::digest(format!("actor\n{subject}"));
        let text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(text[..ACTOR_DIGITS].to_owned())
    }

    /// Nobody knows who this is, so it is nobody's other pair of eyes.
    pub fn is_anonymous(&self) -> bool {
        self.0 == ANONYMOUS
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Approvals that an invoice needs and has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Approvals {
    /// How many different people.
    pub required: u32,
    /// Who approved since it was last put to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Actor>,
}

/// When somebody is reminded of a resting invoice; absent: never.
#[skip_serializing_none]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Watch {
    /// Seconds until whoever decides is reminded; again after each such time.
    #[serde(default)]
    pub remind_after_seconds: Option<u64>,
    /// Seconds until the next one up hears of it; once.
    #[serde(default)]
    pub escalate_after_seconds: Option<u64>,
}

/// Where an invoice stands.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// Its state.
    pub status: InvoiceStatus,
    /// Its revision.
    pub revision: i64,
    /// Stop and pay holds that nobody released; the first [`HOLDS_TOLD_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HoldRef>,
    /// More holds than are named.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_holds: bool,
    /// Approvals, while it waits for them.
    #[serde(default)]
    pub approvals: Approvals,
    /// Who may not approve: whoever handed it in, keyed fields in, released a stop hold, or changed
    /// its supplier's accounts lately.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<Actor>,
    /// Of `needs_attention`: why.
    #[serde(default)]
    pub attention: Option<AttentionCode>,
    /// Of `needs_attention`: the state that a retry goes back to.
    #[serde(default)]
    pub came_from: Option<InvoiceStatus>,
    /// Its document was read.
    #[serde(default)]
    pub was_read: bool,
    /// Who hears of it while it rests.
    #[serde(default)]
    pub watch: Watch,
}

impl Situation {
    /// One that is known by its state alone.
    pub fn at(status: InvoiceStatus, revision: i64) -> Self {
        Self {
            status,
            revision,
            holds: Vec::new(),
            more_holds: false,
            approvals: Approvals::default(),
            barred: Vec::new(),
            attention: None,
            came_from: None,
            was_read: false,
            watch: Watch::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ANONYMOUS, Actor};

    #[test]
    fn an_actor_is_told_from_others_and_not_named() {
        let buyer = Actor::of("user:buyer-1");
        assert_eq!(buyer, Actor::of("user:buyer-1"));
        assert_ne!(buyer, Actor::of("user:buyer-2"));
        assert!(!buyer.as_str().contains("buyer"));
        assert!(Actor::of(ANONYMOUS).is_anonymous() && !buyer.is_anonymous());
    }
}
