//! A form with files. The door has read it as far as its token, which is the first part; the files
//! behind it are taken one by one, and never held whole.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::multipart::Multipart;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;

use crate::http::dashboard::form::TOKEN;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::content_type::{self, ContentType};
use crate::http::extract::form;
use crate::http::invoices::document::MULTIPART;

/// The parts behind the token. They can be taken once.
#[derive(Clone)]
pub struct Upload(Arc<Mutex<Option<Multipart>>>);

impl Upload {
    /// The parts.
    ///
    /// # Errors
    /// 500 for whoever takes them twice.
    pub fn parts(self) -> Result<Multipart, ApiError> {
        // What is taken is taken, whoever fell over it.
        let parts = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        parts.ok_or_else(|| Slug::Internal.error().caused_by("the files were taken before"))
    }
}

/// Reads a form as far as its token; the rest of the request goes on without its body.
///
/// # Errors
/// 415 for what is no form with files, and those of a body.
pub async fn begin(request: Request) -> Result<(Request, String, Upload), ApiError> {
    let content_type = ContentType::of(request.headers())?;
    if content_type.as_ref().is_none_or(|content| content.essence != MULTIPART) {
        let shown = content_type::shown(content_type.as_ref());
        return Err(content_type::unsupported(&[MULTIPART], shown.as_deref()));
    }
    let (parts, body) = request.into_parts();
    let mut form = form::open(Request::from_parts(parts.clone(), body)).await?;
    let first = form.next_field().await.map_err(form::refuse)?;
    let token = match first {
        Some(field) if field.name() == Some(TOKEN) => form::text(field).await?.1,
        _ => String::new(),
    };
    let upload = Upload(Arc::new(Mutex::new(Some(form))));
    Ok((Request::from_parts(parts, axum::body::Body::empty()), token, upload))
}

impl<S: Send + Sync> FromRequestParts<S> for Upload {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let upload = parts.extensions.get::<Self>().cloned();
        upload.ok_or_else(|| Slug::Internal.error().caused_by("a page without files has none"))
    }
}
