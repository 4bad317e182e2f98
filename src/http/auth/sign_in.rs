//! Sign-in of people at the identity provider, on behalf of the dashboard.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;

use crate::config;
use crate::http::auth::client::{Begun, Client, NoToken};
use crate::http::auth::fetch::Fault;
use crate::http::auth::person::Person;
use crate::http::auth::{Auth, Denied, Login, Mode, Refusal};
use crate::http::error::{ApiError, Slug};
use crate::models::access::Principal;

/// When to try again at a provider that did not answer.
const AFTER: Duration = Duration::from_secs(10);

impl Auth {
    /// The same, where people may sign in at the provider too.
    #[must_use]
    pub fn with_sign_in(self, oidc: &config::Oidc, jwt: &config::Jwt) -> Self {
        Self { client: Client::new(oidc, jwt).map(Arc::new), ..self }
    }

    /// What signs people in; `None` when nothing does but a key.
    pub fn client(&self) -> Option<&Client> {
        self.login_here()?;
        self.client.as_deref()
    }

    /// Who signed in, by the code that the provider gave the browser.
    ///
    /// # Errors
    /// 401 for an ID token that is not right in all, 429 after too many failures of an address,
    /// 502 for a provider that refuses or cannot be understood, 503 while its keys are unknown,
    /// 504 for one that does not answer.
    pub async fn redeem(
        &self,
        code: &str,
        begun: &Begun,
        address: Option<IpAddr>,
    ) -> Result<Arc<Principal>, ApiError> {
        let nobody = || Slug::Internal.error().caused_by("nobody signs in at a provider here");
        let (login, client) = self.login_here().zip(self.client()).ok_or_else(nobody)?;
        let tokens = login.tokens.as_ref().ok_or_else(nobody)?;
        let token = match client.redeem(code, begun).await {
            Ok(token) => token,
            Err(NoToken::Fault(fault)) => return Err(fault.into()),
            Err(NoToken::Refused(why)) => {
                let failed = Fault::Failed(why).into();
                return Err(login.fail(Refusal::Code, address, failed));
            }
        };
        let opened = tokens.open_id_token(token.expose_secret(), &client.id, &begun.nonce).await;
        match opened {
            Ok(principal) => Ok(principal),
            Err(Denied::Broken(error)) => Err(error),
            Err(Denied::Refused(refusal)) => Err(login.refuse(refusal, address)),
        }
    }

    /// Counts an answer that no sign-in of this browser waits for.
    pub fn refuse_answer(&self, address: Option<IpAddr>, error: ApiError) -> ApiError {
        match self.login_here() {
            Some(login) => login.fail(Refusal::State, address, error),
            None => error,
        }
    }

    /// A person of a session; `None` once nobody signs in at that provider any more.
    pub fn person(&self, person: &Person) -> Option<Arc<Principal>> {
        let client = self.client()?;
        client.knows(person).then(|| Arc::new(person.principal()))
    }

    fn login_here(&self) -> Option<&Login> {
        match &*self.mode {
            Mode::Open(_) => None,
            Mode::Required(login) => Some(login),
        }
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let error = match &fault {
            Fault::Late(_) => Slug::IdentityProviderTimeout.error().retry_after(AFTER).detail(
                "The identity provider did not answer in time. Try again, or sign in with a key.",
            ),
            Fault::Failed(_) => Slug::IdentityProviderError.error().detail(
                "The identity provider cannot be reached, or refused what this gateway asked. Try \
                 again; if it stays so, whoever runs the gateway finds why in its log.",
            ),
        };
        error.caused_by(fault)
    }
}
