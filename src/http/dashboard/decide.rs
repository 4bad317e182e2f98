//! Decisions about an invoice: a form, written as the body that the API takes, and given to it.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::http::Edge;
use crate::http::dashboard::door::see_other;
use crate::http::dashboard::form::Form;
use crate::http::dashboard::form_key;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::idempotency::IdempotencyKey;
use crate::http::intent::Intent;
use crate::http::invoices::decisions::{cancel_invoice, decide_invoice, retry_invoice};
use crate::models::refs::InvoiceId;

/// `POST /dashboard/invoices/{id}/decision`.
///
/// # Errors
/// Those of the API.
pub async fn decide(
    edge: State<Edge>,
    id: Id<InvoiceId>,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let (place, intent) = (place(&id.0, &form), keyed(intent, &form));
    let body = json_request(&decision(&form)?);
    decide_invoice(edge, id, intent, Query(NoParameters), body).await?;
    Ok(see_other(&place))
}

/// `POST /dashboard/invoices/{id}/retry`.
///
/// # Errors
/// Those of the API.
pub async fn retry(
    edge: State<Edge>,
    id: Id<InvoiceId>,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let (place, intent) = (place(&id.0, &form), keyed(intent, &form));
    retry_invoice(edge, id, intent, Query(NoParameters), reason(&form)).await?;
    Ok(see_other(&place))
}

/// `POST /dashboard/invoices/{id}/cancel`.
///
/// # Errors
/// Those of the API.
pub async fn cancel(
    edge: State<Edge>,
    id: Id<InvoiceId>,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let (place, intent) = (place(&id.0, &form), keyed(intent, &form));
    cancel_invoice(edge, id, intent, Query(NoParameters), reason(&form)).await?;
    Ok(see_other(&place))
}

/// Back to the invoice, with a word of what was done.
fn place(id: &InvoiceId, form: &Form) -> String {
    let action = form
        .text("action")
        .filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    format!("/dashboard/invoices/{id}?done={}", action.unwrap_or_else(|| "decided".to_owned()))
}

/// A form that is sent twice is one intent: its page gave it a key.
pub fn keyed(intent: Intent, form: &Form) -> Intent {
    Intent { key: IdempotencyKey(form_key::of(form.text("key"))), ..intent }
}

/// The body of what asks for nothing but a reason.
fn reason(form: &Form) -> Request {
    json_request(&json!({ "reason": form.text("reason").unwrap_or_default() }))
}

/// As a program would send it.
pub fn json_request(body: &Value) -> Request {
    let request = Request::builder().header(CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).expect("a body and a fixed header")
}

/// The decision that a form says.
fn decision(form: &Form) -> Result<Value, ApiError> {
    let text = |name: &str| form.text(name).unwrap_or_default();
    let action = text("action");
    let mut decision = json!({ "action": action });
    if let Some(revision) = form.text("revision").and_then(|text| text.parse::<i64>().ok()) {
        decision["expected_revision"] = json!(revision);
    }
    for name in ["reason", "reason_code"] {
        if let Some(text) = form.text(name) {
            decision[name] = json!(text);
        }
    }
    match action.as_str() {
        "release" => decision["holds"] = holds(form)?,
        "pair" => {
            let pairing =
                json!({"line": text("line"), "po": text("po"), "po_line": text("po_line")});
            decision["pairings"] = json!([pairing]);
        }
        "price_credit" => {
            let lines = text("lines");
            let lines: Vec<&str> = lines.split(',').map(str::trim).collect();
            decision["lines"] = json!(lines);
        }
        "raise_level" => decision["match_level"] = json!(text("match_level")),
        "correct" => {
            let correction = json!({"pointer": text("pointer"), "value": form.text("value")});
            decision["corrections"] = json!([correction]);
        }
        "delegate" => decision["to"] = json!(text("to")),
        _ => {}
    }
    Ok(decision)
}

/// The holds that were ticked, each as its page named it.
fn holds(form: &Form) -> Result<Value, ApiError> {
    let named = form.all("hold").map(serde_json::from_str::<Value>);
    let named = named.collect::<Result<Vec<Value>, _>>();
    let named = named.map_err(|error| Slug::InvalidRequest.error().caused_by(error))?;
    Ok(Value::Array(named))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::decision;
    use crate::http::dashboard::form::Form;

    fn said(fields: &[(&str, &str)]) -> Value {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        decision(&Form::of(fields.collect())).unwrap_or(Value::Null)
    }

    #[test]
    fn a_form_is_the_decision_that_the_api_takes() {
        let release = [
            ("action", "release"),
            ("revision", "7"),
            ("reason", " agreed "),
            ("hold", r#"{"code":"UNIT_PRICE","line":"1"}"#),
            ("hold", r#"{"code":"PO_LIMIT"}"#),
        ];
        let holds = json!([{"code": "UNIT_PRICE", "line": "1"}, {"code": "PO_LIMIT"}]);
        let expected = json!({"action": "release", "expected_revision": 7, "reason": "agreed",
            "holds": holds});
        assert_eq!(said(&release), expected);
        let correct = [("action", "correct"), ("pointer", "/number"), ("value", "")];
        let expected = json!({"action": "correct",
            "corrections": [{"pointer": "/number", "value": null}]});
        assert_eq!(said(&correct), expected);
        // What belongs to another action is not sent along.
        let approve = [("action", "approve"), ("hold", "{}"), ("to", "anna")];
        assert_eq!(said(&approve), json!({"action": "approve"}));
        assert_eq!(said(&[("action", "release"), ("hold", "{")]), Value::Null);
    }
}
