//! Who acts, and what they may do (HTTP handbook §5.3).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::models::hold::Role as Duty;
use crate::models::situation::ANONYMOUS;

/// What a route asks of its caller. None implies another, so an admin cannot approve; each
/// lets its bearer look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Hands in invoices, orders and receipts.
    Submitter,
    /// Decides.
    Approver,
    /// Keeps the work going: retries, cancels.
    Operator,
    /// Sets up webhooks, ends runs.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Viewer, Self::Submitter, Self::Approver, Self::Operator, Self::Admin];

    /// The word in commands, columns, tokens and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Submitter => "submitter",
            Self::Approver => "approver",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// The roles of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// Every role.
    pub fn all() -> Self {
        Self(Role::ALL.into())
    }

    /// Whether one of `wanted` is among them. Any role at all lets its bearer look.
    pub fn any_of(&self, wanted: &[Role]) -> bool {
        let looks = wanted.contains(&Role::Viewer) && !self.0.is_empty();
        looks || wanted.iter().any(|role| self.0.contains(role))
    }

    /// Each, in the order of the enum.
    pub fn iter(&self) -> impl Iterator<Item = Role> {
        self.0.iter().copied()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().collect())
    }
}

/// How a caller proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Not at all: the gateway asks nobody, and listens on this machine alone.
    None,
    /// The API key of this id.
    Key(String),
    /// A token of the identity provider.
    Token,
}

impl Credential {
    /// What logs and the audit trail show: never a secret.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Key(id) => Some(id),
            Self::Token => Some("token"),
        }
    }
}

/// A caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// One person or system, whatever credential it used: idempotency keys and four eyes go by it.
    pub subject: String,
    /// What it may do.
    pub roles: Roles,
    /// Which holds it may release.
    pub duties: Vec<Duty>,
    /// What it proved itself with.
    pub credential: Credential,
}

impl Principal {
    /// Everybody, on a gateway that asks nobody. Nothing tells two persons apart then.
    pub fn anonymous() -> Self {
        Self {
            subject: ANONYMOUS.to_owned(),
            roles: Roles::all(),
            duties: Duty::OF_PERSONS.to_vec(),
            credential: Credential::None,
        }
    }

    /// Whether nobody was asked.
    pub fn is_anonymous(&self) -> bool {
        self.credential == Credential::None
    }
}

/// Who changes something, as the audit trail keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Author {
    /// The subject.
    pub subject: String,
    /// The id of the credential, if there was one.
    pub credential: Option<String>,
    /// The id of the request, if there was one.
    pub request_id: Option<String>,
    /// The address that it came from, if it came over the network.
    pub address: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{Role, Roles};

    #[test]
    fn no_role_implies_another_but_each_may_look() {
        for held in Role::ALL {
            let roles = Roles::from_iter([held]);
            for wanted in Role::ALL {
                let may = held == wanted || wanted == Role::Viewer;
                assert_eq!(roles.any_of(&[wanted]), may, "{held:?} {wanted:?}");
            }
            assert_eq!(Role::parse(held.as_str()), Some(held));
        }
        assert!(!Roles::default().any_of(&Role::ALL), "who has no role may nothing");
        assert!(Roles::from_iter([Role::Operator]).any_of(&[Role::Submitter, Role::Operator]));
    }
}
