//! A code for an ID token: the one request that the gateway makes itself.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded;

use crate::http::auth::client::{Begun, Client, without};
use crate::http::auth::description::Description;
use crate::http::auth::fetch::{self, Fault};

/// Characters of the provider's own words that the log takes.
const WORDS_MAX: usize = 200;

/// Why a code became no token.
pub(in crate::http::auth) enum NoToken {
    /// The code is used, expired, or was given to somebody else. The text is for the log.
    Refused(String),
    /// The provider cannot be asked, or refuses us.
    Fault(Fault),
}

impl From<Fault> for NoToken {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The answer (RFC 6749 §5.1). What else is in it opens other doors, and is not kept.
#[derive(Deserialize)]
struct Tokens {
    id_token: SecretString,
}

/// The refusal (RFC 6749 §5.2).
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Client {
    /// The ID token that a code stands for.
    pub(in crate::http::auth) async fn redeem(
        &self,
        code: &str,
        begun: &Begun,
    ) -> Result<SecretString, NoToken> {
        let described = self.description().await?;
        let place = described.token_endpoint.as_deref();
        let place = fetch::address(place.ok_or_else(|| without("token_endpoint"))?)?;
        let request = fetch::client()?.post(place.clone());
        let request = self.proved(request, &described, code, begun)?;
        let mut answer = request.send().await.map_err(|error| Fault::of(&place, &error))?;
        let status = answer.status();
        let body = fetch::body(&place, &mut answer).await?;
        if !status.is_success() {
            return Err(refused(&place, status.as_u16(), &body));
        }
        // The text of a fault would tell of the tokens that it was found beside.
        let none = |_| Fault::Failed(format!("{place} answers without an ID token"));
        let tokens: Tokens = serde_json::from_slice(&body).map_err(none)?;
        Ok(tokens.id_token)
    }

    /// The request with what proves who asks (RFC 6749 §2.3.1), and that it is who began.
    fn proved(
        &self,
        request: RequestBuilder,
        described: &Description,
        code: &str,
        begun: &Begun,
    ) -> Result<RequestBuilder, Fault> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code");
        form.append_pair("code", code);
        form.append_pair("redirect_uri", &self.redirect_uri());
        form.append_pair("code_verifier", &begun.verifier);
        let mut request = request.header(ACCEPT, "application/json");
        match &self.secret {
            None => {
                form.append_pair("client_id", &self.id);
            }
            Some(secret) if described.takes("client_secret_basic") => {
                request = request.header(AUTHORIZATION, basic(&self.id, secret));
            }
            Some(secret) if described.takes("client_secret_post") => {
                form.append_pair("client_id", &self.id);
                form.append_pair("client_secret", secret.expose_secret());
            }
            Some(_) => {
                let text = "the provider takes a secret neither by client_secret_basic nor by \
                            client_secret_post";
                return Err(Fault::Failed(text.to_owned()));
            }
        }
        let kind = "application/x-www-form-urlencoded";
        Ok(request.header(CONTENT_TYPE, kind).body(form.finish()))
    }
}

/// Both halves in the letters of a form, then in base64.
fn basic(id: &str, secret: &SecretString) -> HeaderValue {
    let letters = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let both = format!("{}:{}", letters(id), letters(secret.expose_secret()));
    let value = format!("Basic {}", BASE64_STANDARD.encode(both));
    let mut value = HeaderValue::from_str(&value).expect("base64 is visible ASCII");
    value.set_sensitive(true);
    value
}

fn refused(place: &Url, status: u16, body: &[u8]) -> NoToken {
    let Ok(refusal) = serde_json::from_slice::<Refusal>(body) else {
        return Fault::Failed(format!("{place} answers {status}")).into();
    };
    let words = format!("{}: {}", refusal.error, refusal.error_description);
    let words: String =
        words.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect();
    let text = format!("{place} answers {status}, {words}");
    match refusal.error.as_str() {
        "invalid_grant" => NoToken::Refused(text),
        _ => Fault::Failed(text).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::basic;

    /// RFC 6749 §2.3.1 and appendix B.
    #[test]
    fn a_secret_is_written_in_the_letters_of_a_form() {
        let value = basic("s6BhdRkqt3", &"7Fjfp0ZBr1KtDRbnfVdmIw".into());
        assert_eq!(value, "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
        assert!(!format!("{value:?}").contains("czZC"), "it does not print");
        let odd = basic("a:b", &"c d+%".into());
        assert_eq!(odd, "Basic YSUzQWI6YytkJTJCJTI1");
    }
}
