//! What the provider sends back with the browser (RFC 6749 §4.1.2, RFC 9207 §2).

use url::form_urlencoded;

use crate::http::error::{ApiError, Slug};

/// Characters of the provider's own words that are shown.
const WORDS_MAX: usize = 200;

/// Refusals of the person or by the person; all others are of the gateway or by accident
/// (RFC 6749 §4.1.2.1, OpenID Connect Core 1.0 §3.1.2.6).
const OF_THE_PERSON: [&str; 5] = [
    "access_denied",
    "login_required",
    "interaction_required",
    "consent_required",
    "account_selection_required",
];

/// The parameters that count; providers add others, which are ignored as the standard asks.
pub(super) struct Answer {
    /// Which sign-in is meant.
    pub(super) state: String,
    /// Who answers, if it says so.
    pub(super) iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

impl Answer {
    /// Reads a query.
    ///
    /// # Errors
    /// 400 for one without a state, or with something twice.
    pub(super) fn of(query: &str) -> Result<Self, ApiError> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let one = |name: &'static str| {
            let mut values = pairs.iter().filter(|(known, _)| known == name);
            let value = values.next().map(|(_, value)| value.clone());
            let once = values.next().is_none();
            let detail = || format!("The answer of the identity provider has {name} twice.");
            let twice = || Slug::SignInUnknown.error().detail(detail());
            once.then_some(value.filter(|value| !value.is_empty())).ok_or_else(twice)
        };
        let detail = "This is where the identity provider sends people back to, and it is not \
                      opened by itself: the state of a sign-in is missing.";
        let state = one("state")?.ok_or_else(|| Slug::SignInUnknown.error().detail(detail))?;
        Ok(Self {
            state,
            iss: one("iss")?,
            code: one("code")?,
            error: one("error")?,
            description: one("error_description")?,
        })
    }

    /// The code.
    ///
    /// # Errors
    /// 403 when the person was refused or did not want, 502 when the gateway was, or when there is
    /// neither code nor error.
    pub(super) fn code(self) -> Result<String, ApiError> {
        let Some(error) = &self.error else {
            let detail = "The identity provider sent neither a code nor an error.";
            let none = || Slug::IdentityProviderError.error().detail(detail);
            return self.code.ok_or_else(none);
        };
        let words = match &self.description {
            Some(description) => format!("{error}: {description}"),
            None => error.clone(),
        };
        let words: String =
            words.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect();
        let slug = match OF_THE_PERSON.contains(&error.as_str()) {
            true => Slug::SignInRefused,
            false => Slug::IdentityProviderError,
        };
        let detail = format!("The identity provider did not sign you in. It says: {words}");
        Err(slug.error().detail(detail).caused_by(words))
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use crate::http::error::Slug;

    #[test]
    fn what_counts_stands_once_and_the_rest_is_not_looked_at() {
        let answer = Answer::of("code=c&state=s&session_state=x&session_state=y&iss=i&scope=a+b");
        let answer = answer.map_err(|_| ()).expect("legal");
        assert_eq!((answer.state.as_str(), answer.iss.as_deref()), ("s", Some("i")));
        assert_eq!(answer.code().ok().as_deref(), Some("c"));
        for bad in
            ["", "code=c", "code=c&state=", "code=c&state=s&state=s", "state=s&code=a&code=b"]
        {
            let error = Answer::of(bad).err().expect("refused");
            assert_eq!(error.0.slug, Slug::SignInUnknown, "{bad}");
        }
    }

    #[test]
    fn a_refusal_of_the_person_is_told_from_one_of_the_gateway() {
        for (query, slug) in [
            ("error=access_denied&error_description=no%0A<b>", Slug::SignInRefused),
            ("error=login_required&code=c", Slug::SignInRefused),
            ("error=invalid_scope", Slug::IdentityProviderError),
            ("error=temporarily_unavailable", Slug::IdentityProviderError),
            ("x=y", Slug::IdentityProviderError),
        ] {
            let answer = Answer::of(&format!("state=s&{query}")).map_err(|_| ()).expect("legal");
            let error = answer.code().expect_err("refused");
            assert_eq!(error.0.slug, slug, "{query}");
            assert!(!error.0.detail.expect("said").contains('\n'));
        }
    }
}
