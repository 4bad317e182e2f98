//! Somebody who signed in at the identity provider, as its token told.

use serde::{Deserialize, Serialize};

use crate::models::access::{Credential, Principal, Roles};
use crate::models::hold::Role as Duty;

/// A person, for as long as a session lasts: the provider is not asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub(super) subject: String,
    roles: Roles,
    duties: Vec<Duty>,
}

impl Person {
    /// The one that a token named.
    pub fn of(principal: &Principal) -> Self {
        Self {
            subject: principal.subject.clone(),
            roles: principal.roles.clone(),
            duties: principal.duties.clone(),
        }
    }

    pub(super) fn principal(&self) -> Principal {
        Principal {
            subject: self.subject.clone(),
            roles: self.roles.clone(),
            duties: self.duties.clone(),
            credential: Credential::Token,
        }
    }
}
