//! A form with one file: the part `document`, and short fields beside it.

use std::error::Error;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};

use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::{Refusal, reader};
use crate::http::extract::query::Parameters;
use crate::models::fault::Fault;

/// Bytes of one field besides the document.
pub const FIELD_BYTES_MAX: usize = 4 * 1024;

/// Fields besides the document; there are fewer hints than that.
pub const FIELDS_MAX: usize = 16;

/// Characters of the name of a part that are told.
pub const NAME_CHARACTERS_MAX: usize = 100;

/// The part that carries the file.
pub const DOCUMENT: &str = "document";

/// What is said of a file in another part.
const FILE_ELSEWHERE: &str = "is not known here; the file goes into the part `document`";

/// A form that is read part by part.
pub struct DocumentForm {
    form: Multipart,
    fields: Vec<(String, String)>,
    document: bool,
}

/// What came next.
pub enum Part<'a> {
    /// The file; its bytes come as they are asked for.
    Document(Box<Field<'a>>),
    /// A field, which the form keeps.
    Field,
}

impl DocumentForm {
    /// Begins, with the limits of the route over what is read.
    ///
    /// # Errors
    /// 400 without a boundary.
    pub async fn of(request: Request) -> Result<Self, ApiError> {
        Ok(Self { form: open(request).await?, fields: Vec::new(), document: false })
    }

    /// The next part; `None` at the end.
    ///
    /// # Errors
    /// 400 for broken framing, a second document, a file elsewhere, and too many or too long fields;
    /// those of the body.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, ApiError> {
        let Some(field) = self.form.next_field().await.map_err(refuse)? else {
            return Ok(None);
        };
        match field.name() {
            Some(DOCUMENT) if self.document => {
                return Err(ApiError::parameter(DOCUMENT, "repeated", "may be sent once"));
            }
            Some(DOCUMENT) => {
                self.document = true;
                return Ok(Some(Part::Document(Box::new(field))));
            }
            // The slip most often made; what it holds would only be called no text.
            Some(name) if field.file_name().is_some() => {
                let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
                return Err(ApiError::parameter(&name, "unknown_parameter", FILE_ELSEWHERE));
            }
            _ if self.fields.len() >= FIELDS_MAX => {
                let text = format!("has more than {FIELDS_MAX} fields");
                let fault = Fault::at("", "too_many", &text);
                return Err(refused("The form has too many parts.", fault));
            }
            _ => self.fields.push(text(field).await?),
        }
        Ok(Some(Part::Field))
    }

    /// The fields, at the end.
    ///
    /// # Errors
    /// 400 when there was no document.
    pub fn fields(self) -> Result<Parameters, ApiError> {
        if !self.document {
            return Err(ApiError::parameter(DOCUMENT, "missing", "the form has no such part"));
        }
        Ok(Parameters::from_pairs(self.fields))
    }
}

/// A form, with the limits of its route over what is read of it.
///
/// # Errors
/// 400 without a boundary.
pub async fn open(request: Request) -> Result<Multipart, ApiError> {
    let (parts, body) = request.into_parts();
    let body = reader(Request::from_parts(parts.clone(), body)).into_body();
    let form = Multipart::from_request(Request::from_parts(parts, body), &()).await;
    form.map_err(|_| {
        let fault = Fault::parameter("Content-Type", "malformed", "has no boundary");
        refused("The Content-Type has no boundary.", fault)
    })
}

/// A field besides the documents.
///
/// # Errors
/// 400 for one that is too long or no text, and those of the body.
pub async fn text(mut field: Field<'_>) -> Result<(String, String), ApiError> {
    let name = field.name().unwrap_or_default();
    let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(refuse)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(ApiError::parameter(
                &name,
                "too_long",
                "is too long for a field; the file goes into the part `document`",
            ));
        }
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| ApiError::parameter(&name, "not_utf8", "is no UTF-8"))?;
    Ok((name, text))
}

/// The limits of the body come through the form's reader as the source of its error.
pub fn refuse(error: MultipartError) -> ApiError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return refusal.0.clone();
        }
        cause = inner.source();
    }
    // Where a form is cut and where it is wrong is one and the same to its reader.
    let fault = Fault::at("", "malformed", "is no form from its first boundary to its last");
    refused("The form is malformed or was cut short.", fault).caused_by(error)
}

fn refused(detail: &str, fault: Fault) -> ApiError {
    Slug::InvalidRequest.error().detail(detail).faults([fault])
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::header::CONTENT_TYPE;

    use super::{DocumentForm, FIELDS_MAX};
    use crate::http::error::{ApiError, Slug};

    async fn read(kind: &str, body: String) -> Result<(), ApiError> {
        let request = Request::builder().header(CONTENT_TYPE, kind).body(Body::from(body));
        let mut form = DocumentForm::of(request.expect("a request")).await?;
        while form.next().await?.is_some() {}
        Ok(())
    }

    #[tokio::test]
    async fn a_form_that_cannot_be_read_has_a_fault_with_its_place() {
        let kind = "multipart/form-data; boundary=b";
        let field = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
        let table = [
            ("multipart/form-data", String::new(), "Content-Type", "malformed"),
            (kind, String::new(), "", "malformed"),
            (kind, "no form".to_owned(), "", "malformed"),
            (kind, field.to_owned(), "", "malformed"),
            (kind, field.repeat(FIELDS_MAX + 1) + "--b--\r\n", "", "too_many"),
        ];
        for (kind, body, place, code) in table {
            let refused = read(kind, body.clone()).await.expect_err("is refused");
            assert_eq!(refused.0.slug, Slug::InvalidRequest, "{body}");
            assert!(refused.0.detail.is_some(), "{body}");
            let [fault] = &refused.0.errors[..] else { panic!("one fault: {body}") };
            let told = fault.pointer.as_deref().or(fault.parameter.as_deref());
            assert_eq!((told, fault.code.as_str()), (Some(place), code), "{body}");
        }
        let whole = field.repeat(FIELDS_MAX) + "--b--\r\n";
        assert!(read(kind, whole).await.is_ok());
    }
}
