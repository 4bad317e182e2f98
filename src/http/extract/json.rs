//! JSON bodies: strict, and refused with all their faults at once.

use axum::extract::Request;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::reader;
use crate::http::extract::content_type::{self, ContentType};
use crate::http::extract::{repair, tree};
use crate::models::fault::Fault;

/// The bytes of a JSON body.
///
/// # Errors
/// 415 unless the request says that it is JSON; those of [`reader`].
pub async fn bytes(request: Request) -> Result<Bytes, ApiError> {
    let content_type = ContentType::of(request.headers())?;
    if !content_type.as_ref().is_some_and(ContentType::is_json) {
        return Err(not_json(content_type.as_ref()));
    }
    reader(request).all().await
}

/// 415 for a body that should be JSON.
pub fn not_json(content_type: Option<&ContentType>) -> ApiError {
    let shown = content_type::shown(content_type);
    content_type::unsupported(&["application/json"], shown.as_deref())
}

/// Reads a body as `T`, whose complete example is `example`; `content` names the faults of what
/// could be read.
///
/// # Errors
/// 400 for the syntax and for members that came twice; 422 for everything else, with every place.
pub fn read<T: DeserializeOwned>(
    body: &[u8],
    example: &Value,
    content: impl FnOnce(&T) -> Vec<Fault>,
) -> Result<T, ApiError> {
    read_admitted(body, example, |_| Ok(()), content)
}

/// The same of a body that `admit` may refuse for its size, whatever its faults are.
///
/// # Errors
/// Those of [`read`], and those of `admit`.
pub fn read_admitted<T: DeserializeOwned>(
    body: &[u8],
    example: &Value,
    admit: impl FnOnce(&Value) -> Result<(), ApiError>,
    content: impl FnOnce(&T) -> Vec<Fault>,
) -> Result<T, ApiError> {
    let tree = tree::parse(body).map_err(|error| malformed(&error))?;
    if !tree.repeated.is_empty() {
        let refused = Slug::InvalidRequest.error().detail("Members are repeated.");
        return Err(refused.faults(tree.repeated));
    }
    admit(&tree.value)?;
    let reading = repair::read::<T>(tree.value, example);
    let mut faults = reading.faults;
    if let Some(value) = reading.value {
        let found = content(&value);
        if faults.is_empty() && found.is_empty() {
            return Ok(value);
        }
        add_content_faults(&mut faults, found);
    }
    let refused = Slug::ValidationFailed.error().detail("The content is not acceptable.");
    Err(refused.faults(faults))
}

/// Of a body that was repaired, what the repair may have caused is left out.
fn add_content_faults(faults: &mut Vec<Fault>, found: Vec<Fault>) {
    let repaired: Vec<_> = faults.iter().filter_map(|fault| fault.pointer.clone()).collect();
    let caused = |fault: &Fault| {
        let pointer = fault.pointer.as_deref().unwrap_or_default();
        let inside = |place: &String| pointer.starts_with(place.as_str());
        !repaired.is_empty() && (fault.code == "duplicate" || repaired.iter().any(inside))
    };
    faults.extend(found.into_iter().filter(|fault| !caused(fault)));
}

/// A body that is no JSON, with its place.
pub(crate) fn malformed(error: &serde_json::Error) -> ApiError {
    let place = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let fault = Fault {
        pointer: None,
        parameter: None,
        code: "not_json".to_owned(),
        detail: format!("{text} at {place}"),
    };
    let detail = format!("The body is not valid JSON ({place}).");
    Slug::InvalidRequest.error().detail(detail).faults([fault])
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::http::error::Slug;
    use crate::http::orders::example;
    use crate::models::order::PurchaseOrder;

    fn refuse(body: &str) -> (Slug, Vec<String>) {
        let read = read(body.as_bytes(), &example(), PurchaseOrder::faults);
        let error = read.expect_err("is refused");
        let pointers = error.0.errors.into_iter().map(|fault| fault.pointer.unwrap_or_default());
        (error.0.slug, pointers.collect())
    }

    #[test]
    fn syntax_is_400_and_content_is_422() {
        let (slug, _) = refuse(r#"{"number":"P1""#);
        assert_eq!(slug, Slug::InvalidRequest);
        let (slug, pointers) = refuse(r#"{"number":"P1","number":"P2"}"#);
        assert_eq!((slug, pointers), (Slug::InvalidRequest, vec!["/number".to_owned()]));
        let (slug, pointers) = refuse(r#"{"number":"P1","currency":"EUR","lines":[]}"#);
        assert_eq!((slug, pointers), (Slug::ValidationFailed, vec!["/lines".to_owned()]));
    }

    #[test]
    fn faults_of_form_and_of_content_come_together() {
        let line = |price: &str| format!(r#"{{"id":"1","quantity":"-1","unit_price":{price}}}"#);
        let body = format!(r#"{{"number":" ","currency":"EUR","lines":[{}]}}"#, line("10.00"));
        let (slug, mut pointers) = refuse(&body);
        pointers.sort();
        assert_eq!(slug, Slug::ValidationFailed);
        assert_eq!(pointers, ["/lines/0/quantity", "/lines/0/unit_price", "/number"]);
    }

    #[test]
    fn a_line_id_used_twice_is_named() {
        let line = r#"{"id":"1","quantity":"1","unit_price":"1"}"#;
        let body = format!(r#"{{"number":"P","currency":"EUR","lines":[{line},{line}]}}"#);
        assert_eq!(refuse(&body), (Slug::ValidationFailed, vec!["/lines/1/id".to_owned()]));
    }
}
