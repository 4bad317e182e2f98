//! What invoices wait for, over HTTP and Temporal: when it comes, they go on by themselves.

use ap_gateway::app::Role;
use ap_gateway::config::Settings;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{self, Gateway, unique};
use crate::samples::{self, HUNDRED};

async fn post(gateway: &Gateway, path: &str, body: &Value) {
    gateway.post_json(path, body).await.expect(StatusCode::CREATED);
}

async fn submit(gateway: &Gateway, xml: &str) -> Value {
    gateway.submit(xml).await.expect(StatusCode::OK).json()
}

fn has(invoice: &Value, code: &str) -> bool {
    let holds = invoice["holds"].as_array();
    holds.into_iter().flatten().any(|hold| hold["code"] == code)
}

fn id(invoice: &Value) -> &str {
    invoice["id"].as_str().expect("an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_came_before_its_goods_loses_its_hold_when_they_come() {
    let gateway = Gateway::start().await;
    let number = unique("PO");
    let mut order = samples::order(&number);
    order["match_level"] = json!("three_way");
    order["lines"][0]["receipt_rule"] = json!("invoice_first");
    post(&gateway, "/purchase-orders", &order).await;
    let invoice = submit(&gateway, &samples::invoice(&unique("RE"), &number, HUNDRED)).await;
    assert_eq!(invoice["status"], "approval", "{invoice}");
    assert!(has(&invoice, "RECEIPT_PENDING"), "{invoice}");

    let receipt = samples::receipt(&unique("GR"), &number, "100");
    post(&gateway, "/receipts", &receipt).await;
    let paid = |invoice: &Value| invoice["status"] == "approved";
    let invoice = gateway.invoice_when(id(&invoice), paid).await;
    assert!(!has(&invoice, "RECEIPT_PENDING"), "{invoice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_note_goes_on_when_the_invoice_that_it_names_comes() {
    let gateway = Gateway::start().await;
    let (order, number) = (unique("PO"), unique("RE"));
    post(&gateway, "/purchase-orders", &samples::order(&order)).await;
    let reference = format!(
        "</cac:OrderReference><cac:BillingReference><cac:InvoiceDocumentReference>\
         <cbc:ID>{number}</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>"
    );
    let note = samples::credit_note(&unique("GU"), &order, HUNDRED);
    let note = submit(&gateway, &note.replace("</cac:OrderReference>", &reference)).await;
    assert!(has(&note, "CREDIT_REF_MISSING"), "{note}");

    let invoice = submit(&gateway, &samples::invoice(&number, &order, HUNDRED)).await;
    assert_eq!(invoice["status"], "approved", "{invoice}");
    let known = |note: &Value| !has(note, "CREDIT_REF_MISSING");
    gateway.invoice_when(id(&note), known).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_of_an_unknown_supplier_goes_on_when_its_record_comes() {
    let all = |settings: &mut Settings| settings.policy.fuzzy_duplicates = true;
    let gateway = Gateway::start_with(Role::All, harness::temporal_address(), all).await;
    let other = json!({"supplier_number": "V1", "name": "Somebody else"});
    post(&gateway, "/suppliers", &other).await;
    let order = unique("PO");
    post(&gateway, "/purchase-orders", &samples::order(&order)).await;
    let invoice = submit(&gateway, &samples::invoice(&unique("RE"), &order, HUNDRED)).await;
    assert_eq!(invoice["status"], "held", "{invoice}");
    assert!(has(&invoice, "VENDOR_UNKNOWN"), "{invoice}");

    // Its record comes, and nobody has verified its account yet.
    let mut record = json!({"supplier_number": "V2", "vat_ids": ["de 123 456 789"],
        "accounts": [{"id": "DE02 1203 0000 0000 2020 51"}]});
    post(&gateway, "/suppliers", &record).await;
    let unverified = |invoice: &Value| invoice["status"] == "approval";
    let invoice = gateway.invoice_when(id(&invoice), unverified).await;
    assert!(has(&invoice, "BANK_CHANGED"), "{invoice}");

    // The account was verified, after the invoice was written.
    record["revision"] = json!(2);
    record["accounts"][0]["verified_since"] = json!(chrono::Utc::now().date_naive());
    post(&gateway, "/suppliers", &record).await;
    let approved = |invoice: &Value| invoice["status"] == "approved";
    let invoice = gateway.invoice_when(id(&invoice), approved).await;
    assert!(!has(&invoice, "BANK_CHANGED"), "{invoice}");

    // What was kept before the record came is of the same supplier.
    let near = format!("{}X", invoice["number"].as_str().expect("a number"));
    let again = submit(&gateway, &samples::invoice(&near, &order, HUNDRED)).await;
    assert!(has(&again, "DUP_FUZZY"), "{again}");
}
