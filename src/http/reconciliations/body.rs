//! A case as its caller sends it.

use axum::extract::Request;
use bytes::Bytes;
use serde_json::Value;

use crate::http::error::{ApiError, Slug};
use crate::http::extract::json;
use crate::http::reconciliations::whole::whole_case;
use crate::http::registration::within_lines;
use crate::models::case::Case;
use crate::models::fault::Fault;
use crate::models::order::PurchaseOrder;
use crate::models::receipt::Receipt;

/// Reads the body as a case, off the threads that answer requests; answers it written out anew as
/// well, so that the same case has the same bytes in whatever order its members came.
///
/// # Errors
/// 400, 408, 413, 415, 422: with the faults and their places.
pub(super) async fn read(request: Request) -> Result<(Bytes, Case), ApiError> {
    let body = json::bytes(request).await?;
    let parsed = tokio::task::spawn_blocking(move || parse(&body)).await;
    parsed.map_err(|panic| Slug::Internal.error().caused_by(panic))?
}

fn parse(body: &[u8]) -> Result<(Bytes, Case), ApiError> {
    let mut written = Bytes::new();
    let admit = |case: &Value| {
        let lists = ["purchase_orders", "receipts"].into_iter();
        let documents = lists.filter_map(|list| case[list].as_array()).flatten();
        documents.chain([&case["invoice"]]).try_for_each(within_lines)?;
        // Members of a `Value` stand in the order of their names.
        written = Bytes::from(case.to_string());
        Ok(())
    };
    let case = json::read_admitted(body, whole_case(), admit, faults)?;
    Ok((written, case))
}

/// Orders, receipts and the policy are held to what they are held to elsewhere.
fn faults(case: &Case) -> Vec<Fault> {
    let orders = case.purchase_orders.iter().map(PurchaseOrder::faults);
    let receipts = case.receipts.iter().map(Receipt::faults);
    let at = |list: &'static str| {
        move |(index, faults): (usize, Vec<Fault>)| {
            faults.into_iter().map(move |fault| {
                let pointer = fault.pointer.clone().unwrap_or_default();
                Fault { pointer: Some(format!("/{list}/{index}{pointer}")), ..fault }
            })
        }
    };
    let orders = orders.enumerate().flat_map(at("purchase_orders"));
    let policy = case.policy.faults().into_iter().map(|fault| {
        let pointer = fault.pointer.clone().unwrap_or_default();
        Fault { pointer: Some(format!("/policy{pointer}")), ..fault }
    });
    orders.chain(receipts.enumerate().flat_map(at("receipts"))).chain(policy).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::parse;
    use crate::http::error::Slug;
    use crate::http::reconciliations::resource::case_example;
    use crate::models::order::LINES_MAX;

    fn refused(body: &Value) -> (Slug, Vec<(String, String)>) {
        let error = parse(body.to_string().as_bytes()).expect_err("is refused");
        let named =
            |fault: crate::models::fault::Fault| (fault.pointer.unwrap_or_default(), fault.code);
        let mut faults: Vec<_> = error.0.errors.into_iter().map(named).collect();
        faults.sort();
        (error.0.slug, faults)
    }

    #[test]
    fn every_fault_of_a_case_is_named_wherever_it_stands() {
        let body = json!({
            "invoice": {"number": 7, "colour": "red", "issue_date": "2026-13-01",
                "seller": {"ids": [{"scheme": "0088"}]}, "totals": {"gross": "1,00"},
                "payments": [{"accounts": [{"id": 1}]}],
                "lines": [{"id": "1", "quantity": 1}, {"id": "2", "price": "1E400"}, "line"]},
            "purchase_orders": [{"number": " ", "currency": "EURO",
                "lines": [{"id": "1", "quantity": "-1"}]}],
            "receipts": [{"number": "G", "purchase_order": "P", "lines": [{"id": "1"}]}],
            "billed_before": [{"po": "P", "po_line": "1", "quantity": "NaN"}],
            "known_invoices": [{"status": "lost", "invoice": {"gross": 1}}],
            "suppliers": [{"accounts": [{}]}],
            "decisions": {"releases": [{"code": "UNIT_PRICE", "by": "anna"}]},
            "policy": {"match_level": "five_way", "small_difference": "-1",
                "tolerances": {"NO_SUCH": {}, "QTY_ORDERED": {"upper": {"amount": "x"}}},
                "approval": {"tiers": [{"above": "1"}]}},
        });
        let expected = [
            ("/billed_before/0/quantity", "not_a_decimal"),
            ("/decisions/releases/0/reason", "missing"),
            ("/invoice/colour", "unknown_member"),
            ("/invoice/issue_date", "invalid_value"),
            ("/invoice/lines/0/quantity", "wrong_type"),
            ("/invoice/lines/1/price", "not_a_decimal"),
            ("/invoice/lines/2", "wrong_type"),
            ("/invoice/number", "wrong_type"),
            ("/invoice/payments/0/accounts/0/id", "wrong_type"),
            ("/invoice/seller/ids/0", "invalid_value"),
            ("/invoice/totals/gross", "not_a_decimal"),
            ("/known_invoices/0/invoice/gross", "wrong_type"),
            ("/known_invoices/0/status", "unknown_value"),
            ("/policy/approval/tiers/0/approvals", "missing"),
            ("/policy/match_level", "unknown_value"),
            ("/policy/small_difference", "out_of_range"),
            ("/policy/tolerances/NO_SUCH", "invalid_value"),
            ("/policy/tolerances/QTY_ORDERED/upper/amount", "not_a_decimal"),
            ("/purchase_orders/0/currency", "not_a_currency"),
            ("/purchase_orders/0/lines/0/quantity", "out_of_range"),
            ("/purchase_orders/0/lines/0/unit_price", "missing"),
            ("/purchase_orders/0/number", "empty"),
            ("/receipts/0/lines/0/order_line", "missing"),
            ("/receipts/0/lines/0/received", "missing"),
            ("/suppliers/0/accounts/0/id", "missing"),
        ];
        let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
        assert_eq!(refused(&body), (Slug::ValidationFailed, expected.to_vec()));
    }

    #[test]
    fn more_lines_than_are_taken_are_too_much_whatever_stands_in_them() {
        let lines = |count: usize| vec![json!({"id": 1}); count];
        for place in ["/invoice/lines", "/purchase_orders/0/lines", "/receipts/0/lines"] {
            let mut body = case_example();
            *body.pointer_mut(place).expect("lines") = lines(LINES_MAX + 1).into();
            let error = parse(body.to_string().as_bytes()).expect_err("is refused");
            assert_eq!(error.0.slug, Slug::PayloadTooLarge, "{place}");
            let told = (&error.0.members["limit"], &error.0.members["unit"]);
            assert_eq!(told, (&LINES_MAX.into(), &"lines".into()), "{place}");
            *body.pointer_mut(place).expect("lines") = lines(LINES_MAX).into();
            assert_eq!(refused(&body).0, Slug::ValidationFailed, "{place}");
        }
    }

    #[test]
    fn the_same_case_has_the_same_bytes_in_whatever_order_it_came() {
        let (one, _) = parse(br#"{"invoice":{"number":"R","kind":"invoice"}}"#).expect("a case");
        let (other, _) =
            parse(br#"{"invoice": {"kind":"invoice", "number":"R"}}"#).expect("a case");
        assert_eq!(one, other);
    }
}
