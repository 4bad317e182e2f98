//! What a form sent. The door has read it, and checked its token.

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;

use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::BodyLimit;
use crate::http::extract::body::BodyReader;
use crate::http::extract::content_type::{self, ContentType};

/// The field that carries the session's token.
pub const TOKEN: &str = "token";

/// What browsers send forms as.
const KIND: &str = "application/x-www-form-urlencoded";

/// The fields of a form, each name as often as it was sent.
#[derive(Debug, Clone)]
pub struct Form(Vec<(String, String)>);

/// The fields before the token was checked.
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The form, once its token was right.
    pub fn checked(self) -> Form {
        Form::of(self.0)
    }

    /// The first value of a field; taken out.
    pub fn one(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }
}

impl Form {
    /// Of these fields.
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The text of a field; what was left empty was not said.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the body of a form; the rest of the request goes on without it.
///
/// # Errors
/// 415 for what is no form, and those of a body.
pub async fn read(request: Request) -> Result<(Request, Fields), ApiError> {
    let content_type = ContentType::of(request.headers())?;
    if content_type.as_ref().is_none_or(|content| content.essence != KIND) {
        let shown = content_type::shown(content_type.as_ref());
        return Err(content_type::unsupported(&[KIND], shown.as_deref()));
    }
    let limit = request.extensions().get::<BodyLimit>().copied().unwrap_or_default();
    let (parts, body) = request.into_parts();
    let bytes = BodyReader::new(body, limit).all().await?;
    let fields = url::form_urlencoded::parse(&bytes).into_owned().collect();
    Ok((Request::from_parts(parts, axum::body::Body::empty()), Fields(fields)))
}

impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let form = parts.extensions.get::<Self>().cloned();
        form.ok_or_else(|| Slug::Internal.error().caused_by("a page that is read has no form"))
    }
}
