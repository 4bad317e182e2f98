//! The main job over HTTP: order, receipt, invoice; matched or held, and explained.

use ap_gateway::app::Role;
use ap_gateway::config::Settings;
use ap_gateway::extraction::read_invoice;
use ap_gateway::models::decimal::plain;
use ap_gateway::models::invoice::Invoice;
use reqwest::{Method, StatusCode};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::{self, Gateway, unique};
use crate::samples::{self, HUNDRED, Line};
use crate::suites;

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_agrees_with_order_and_receipt_is_approved() {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    let created = gateway.post_json("/purchase-orders", &samples::order(&order)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let receipt = samples::receipt(&unique("GR"), &order, "100");
    gateway.post_json("/receipts", &receipt).await.expect(StatusCode::CREATED);

    let number = unique("RE");
    let answer = gateway.submit(&samples::invoice(&number, &order, HUNDRED)).await;
    let invoice = answer.expect(StatusCode::OK).json();
    assert_eq!(invoice["status"], "approved", "{invoice}");
    assert_eq!(invoice["number"], number.as_str());
    assert_eq!(invoice["total"], json!({"amount": "1190.00", "currency": "EUR"}));

    let id = invoice["id"].as_str().expect("an id");
    let result = gateway.get(&format!("/invoices/{id}/reconciliation")).await;
    let result = result.expect(StatusCode::OK).json();
    assert_eq!(result["outcome"], "matched", "{result}");
    assert_eq!(result["level"]["1"], "three_way");
    let received = check(&result, "QTY_RECEIVED");
    assert_eq!(
        (received["actual"].as_str(), received["verdict"].as_str()),
        (Some("100"), Some("pass"))
    );
    assert!(gateway.stop().await, "drained in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn billing_more_than_was_received_is_held_and_a_receipt_releases_it() {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    gateway
        .post_json("/purchase-orders", &samples::order(&order))
        .await
        .expect(StatusCode::CREATED);
    let short = samples::receipt(&unique("GR"), &order, "90");
    gateway.post_json("/receipts", &short).await.expect(StatusCode::CREATED);

    let answer = gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await;
    let invoice = answer.expect(StatusCode::OK).json();
    assert_eq!(invoice["status"], "held", "{invoice}");
    let hold = &invoice["holds"][0];
    assert_eq!((hold["code"].as_str(), hold["line"].as_str()), (Some("QTY_RECEIVED"), Some("1")));
    let text = hold["text"].as_str().expect("a text");
    assert!(text.contains("100") && text.contains("90") && text.contains("10"), "{text}");

    let rest = samples::receipt(&unique("GR"), &order, "10");
    gateway.post_json("/receipts", &rest).await.expect(StatusCode::CREATED);
    let id = invoice["id"].as_str().expect("an id");
    let released = gateway.invoice_when(id, |invoice| invoice["status"] == "approved").await;
    assert_eq!(codes(&released["holds"]), [""; 0], "{released}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_waits_for_its_order_and_goes_on_when_it_comes() {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    let answer = gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await;
    let invoice = answer.expect(StatusCode::OK).json();
    assert_eq!(invoice["holds"][0]["code"], "PO_NOT_FOUND", "{invoice}");

    gateway
        .post_json("/purchase-orders", &samples::order(&order))
        .await
        .expect(StatusCode::CREATED);
    let id = invoice["id"].as_str().expect("an id");
    gateway.invoice_when(id, |invoice| invoice["status"] == "approved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_amount_of_the_same_day_is_held_as_a_copy() {
    let temporal = harness::temporal_address();
    let all = |settings: &mut Settings| settings.policy.fuzzy_duplicates = true;
    let gateway = Gateway::start_with(Role::All, temporal, all).await;
    let order = unique("PO");
    gateway
        .post_json("/purchase-orders", &samples::order(&order))
        .await
        .expect(StatusCode::CREATED);
    let one = Line { id: "1", quantity: "1", price: "10.00", net: "10.00" };
    let first = gateway.submit(&samples::invoice(&unique("RE"), &order, one)).await.json();
    assert_eq!(first["status"], "approved", "{first}");
    let second = gateway.submit(&samples::invoice(&unique("RE"), &order, one)).await.json();
    assert_eq!(second["holds"][0]["code"], "DUP_FUZZY", "{second}");
    let path = format!("/invoices/{}/reconciliation", second["id"].as_str().expect("an id"));
    let words = gateway.send(Method::GET, &path, &[("accept", "text/plain")], Vec::new()).await;
    assert!(words.text().contains("hold (stop) DUP_FUZZY"), "{}", words.text());
    assert_eq!(words.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_order_is_not_paid_twice() {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    gateway
        .post_json("/purchase-orders", &samples::order(&order))
        .await
        .expect(StatusCode::CREATED);
    let first = gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await.json();
    assert_eq!(first["status"], "approved", "{first}");
    let second = gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await.json();
    assert_eq!(second["status"], "held", "{second}");
    assert_eq!(second["holds"][0]["code"], "QTY_ORDERED", "{second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_are_one_invoice_and_a_new_key_makes_a_duplicate_that_is_held() {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    gateway
        .post_json("/purchase-orders", &samples::order(&order))
        .await
        .expect(StatusCode::CREATED);
    let xml = samples::invoice(&unique("RE"), &order, HUNDRED);
    let first = gateway.submit(&xml).await.expect(StatusCode::OK).json();
    let again = gateway.submit(&xml).await.expect(StatusCode::OK);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json()["id"], first["id"]);

    let headers = [
        ("content-type", "application/xml"),
        ("prefer", "wait=30"),
        ("idempotency-key", "\"second-intent\""),
    ];
    let copy = gateway.send(Method::POST, "/invoices", &headers, xml.into_bytes()).await.json();
    assert_ne!(copy["id"], first["id"]);
    assert_eq!(copy["holds"][0]["code"], "DUP_EXACT", "{copy}");
}

/// Variances in price, quantity and total, with the hold each one raises.
#[rstest::rstest]
#[case::exact(HUNDRED, "approved", &[])]
#[case::part_delivery(Line { quantity: "40", net: "400.00", ..HUNDRED }, "approved", &[])]
#[case::too_many(Line { quantity: "101", net: "1010.00", ..HUNDRED }, "held", &["QTY_ORDERED"])]
#[case::too_dear(Line { price: "10.50", net: "1050.00", ..HUNDRED }, "held", &["UNIT_PRICE", "LINE_NET", "TOTAL_LINES"])]
#[case::cheaper(Line { quantity: "100", price: "9.00", net: "900.00", ..HUNDRED }, "held", &["TOTAL_LINES"])]
#[case::unknown_line(Line { id: "77", ..HUNDRED }, "held", &["PO_LINE_NOT_FOUND"])]
#[tokio::test(flavor = "multi_thread")]
async fn a_two_way_match_compares(
    #[case] line: Line,
    #[case] status: &str,
    #[case] holds: &[&str],
) {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    gateway
        .post_json("/purchase-orders", &samples::order(&order))
        .await
        .expect(StatusCode::CREATED);
    let invoice = gateway.submit(&samples::invoice(&unique("RE"), &order, line)).await.json();
    assert_eq!(invoice["status"], status, "{invoice}");
    let raised: Vec<_> = codes(&invoice["holds"]);
    assert_eq!(raised, holds, "{invoice:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_note_is_read_explained_and_left_to_a_person() {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    gateway
        .post_json("/purchase-orders", &samples::order(&order))
        .await
        .expect(StatusCode::CREATED);
    let note = gateway.submit(&samples::credit_note(&unique("GS"), &order, HUNDRED)).await.json();
    assert_eq!(note["status"], "held", "{note}");
    assert_eq!(note["document"]["syntax"], "ubl-credit-note");
    let invoice = gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await.json();
    assert_eq!(invoice["status"], "approved", "a credit note takes nothing: {invoice}");
}

/// Every full UBL example of the CEN, with an order made from it.
#[tokio::test(flavor = "multi_thread")]
async fn every_ubl_example_is_reconciled_and_listed_with_its_totals() {
    let gateway = Gateway::start().await;
    let mut expected = Vec::new();
    for (name, bytes) in suites::files("suites/en16931/examples-ubl") {
        let read = read_invoice(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let number =
            read.invoice.order_reference.clone().unwrap_or_else(|| format!("PO of {name}"));
        if let Some(order) = order_from(&read.invoice, &number) {
            let answer = gateway.post_json("/purchase-orders", &order).await;
            let kept = [StatusCode::CREATED, StatusCode::CONFLICT].contains(&answer.status);
            assert!(kept, "{name}: {}", answer.text());
        }
        let headers = [("content-type", "application/xml"), ("prefer", "wait=30")];
        let hint = if read.invoice.order_reference.is_some() {
            String::new()
        } else {
            format!("?purchase_order={}", number.replace(' ', "%20").replace(',', "%2C"))
        };
        let path = format!("/invoices{hint}");
        let invoice = gateway.send(Method::POST, &path, &headers, bytes).await;
        let invoice = invoice.expect(StatusCode::OK).json();
        let status = invoice["status"].as_str().expect("a status").to_owned();
        assert!(["approved", "held"].contains(&status.as_str()), "{name}: {invoice:#}");
        let id = invoice["id"].as_str().expect("an id");
        let result = gateway.get(&format!("/invoices/{id}/reconciliation")).await;
        result.expect(StatusCode::OK);
        expected.push((name, invoice["id"].clone(), read.invoice));
    }
    let listed = gateway.get("/invoices?page_size=200").await.expect(StatusCode::OK).json();
    let listed = listed["items"].as_array().expect("items");
    assert_eq!(listed.len(), expected.len());
    for (name, id, invoice) in expected {
        let row = listed.iter().find(|row| row["id"] == id).expect("each is listed");
        let amount: Decimal =
            row["total"]["amount"].as_str().expect("a total").parse().expect("a decimal");
        assert_eq!(Some(amount), invoice.totals.gross, "{name}: {row}");
        assert_eq!(row["number"].as_str(), invoice.number.as_deref(), "{name}");
    }
}

/// An order that asks for just what the invoice bills; `None` where no lawful order can.
fn order_from(invoice: &Invoice, number: &str) -> Option<Value> {
    let mut lines = Vec::new();
    for line in &invoice.lines {
        let quantity = line.quantity.filter(|quantity| *quantity > Decimal::ZERO)?;
        let price = line.price.filter(|price| *price >= Decimal::ZERO)?;
        lines.push(json!({
            "id": line.order_line_reference.as_ref().unwrap_or(&line.id),
            "quantity": plain(quantity),
            "unit": line.unit,
            "unit_price": plain(price),
            "price_base_quantity": line.price_base_quantity.map(plain),
            "net": line.net.filter(|net| *net >= Decimal::ZERO).map(plain),
            "description": line.name,
            "seller_item_id": line.seller_item_id,
            "buyer_item_id": line.buyer_item_id,
            "standard_item_id": line.standard_item_id.as_ref().map(|id| &id.value),
        }));
    }
    Some(json!({"number": number, "currency": invoice.currency, "lines": lines}))
}

fn check<'a>(result: &'a Value, code: &str) -> &'a Value {
    let checks = result["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["code"] == code).expect("the check is there")
}

fn codes(holds: &Value) -> Vec<&str> {
    holds.as_array().into_iter().flatten().filter_map(|hold| hold["code"].as_str()).collect()
}
