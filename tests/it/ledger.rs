//! The ledger on both databases. Each test has a database of its own.

mod acceptance;
mod access;
pub(crate) mod batches;
mod cancelled;
mod credits;
mod decisions;
mod figures;
mod gathered;
mod given_back;
mod likeness;
mod matching;
mod named;
mod numbers;
mod opening;
pub(crate) mod papers;
pub(crate) mod payments;
mod pending;
mod present;
mod reads;
mod registry;
mod retention;
mod steps;
mod suppliers;
mod webhooks;

use ap_gateway::config;
use ap_gateway::models::extraction::{Extraction, Syntax};
use ap_gateway::models::invoice::{Invoice, Party, Totals};
use ap_gateway::models::media_type::MediaType;
use ap_gateway::models::order::PurchaseOrder;
use ap_gateway::models::receipt::Receipt;
use ap_gateway::models::refs::{InvoiceId, Sha256, StatementId};
use ap_gateway::models::verdict::{Allocation, Outcome, Reconciliation};
use ap_gateway::storage::Ledger;
use ap_gateway::storage::ledger::invoices::{Acceptance, InvoiceRow, NewInvoice};
use ap_gateway::storage::ledger::statements::NewStatement;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::postgres;

/// The databases that every ledger test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// A ledger on a fresh database.
pub(crate) struct Fixture {
    pub(crate) ledger: Ledger,
    pub(crate) settings: config::Ledger,
    rows: OnceCell<AnyPool>,
    _folder: TempDir,
}

impl Database {
    pub(crate) async fn open(self) -> Fixture {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match self {
            Self::Sqlite => format!("sqlite:{}", folder.path().join("sub/ledger.db").display()),
            Self::Postgres => postgres::fresh_database().await,
        };
        let key_file = Some(folder.path().join("ledger.key"));
        let url = SecretString::from(url);
        let settings = config::Ledger { url, connections: 8, busy_seconds: 30, key_file };
        let ledger = Ledger::open(&settings).await.expect("a fresh ledger");
        Fixture { ledger, settings, rows: OnceCell::new(), _folder: folder }
    }
}

impl Fixture {
    /// The database behind the ledger, to look at what it wrote.
    pub(crate) async fn rows(&self) -> AnyPool {
        let url = secrecy::ExposeSecret::expose_secret(&self.settings.url);
        let opened = self.rows.get_or_init(async || {
            let pool = AnyPoolOptions::new().max_connections(1);
            pool.connect(url).await.expect("the ledger's database")
        });
        opened.await.clone()
    }

    /// The events of an invoice, in order.
    pub(crate) async fn events(&self, id: &InvoiceId) -> Vec<(i64, String, serde_json::Value)> {
        let sql = "SELECT revision, event, data FROM invoice_event WHERE invoice_id = $1 \
                   ORDER BY revision";
        let rows: Vec<(i64, String, String)> = sqlx::query_as(sql)
            .bind(id.as_str())
            .fetch_all(&self.rows().await)
            .await
            .expect("events");
        let read = |(revision, event, data): (i64, String, String)| {
            (revision, event, serde_json::from_str(&data).expect("JSON"))
        };
        rows.into_iter().map(read).collect()
    }

    pub(crate) async fn row(&self, id: &InvoiceId) -> InvoiceRow {
        let row = self.ledger.invoice(id).await.expect("a readable row");
        row.expect("an invoice")
    }

    /// An accepted invoice.
    pub(crate) async fn accepted(&self) -> InvoiceId {
        let accepted = self.ledger.accept_invoice(new_invoice(&unique())).await;
        let Acceptance::New(row) = accepted.expect("an answer") else {
            panic!("a new document is a new invoice");
        };
        row.id
    }

    /// An invoice that was read.
    pub(crate) async fn validated(&self, extraction: &Extraction) -> InvoiceId {
        use ap_gateway::models::status::InvoiceStatus::{Extracting, Validated};
        let id = self.accepted().await;
        let status = self.ledger.enter(&id, Extracting, now()).await;
        assert_eq!(status.expect("an answer"), Extracting);
        let status = self.ledger.record_extraction(&id, extraction, now()).await;
        assert_eq!(status.expect("an answer"), Validated);
        id
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

pub(crate) fn unique() -> String {
    Uuid::now_v7().to_string()
}

/// A document that says `content`, without a key.
pub(crate) fn new_invoice(content: &str) -> NewInvoice {
    let digest: [u8; 32] = sha2::Digest::finalize(sha2::Digest::chain_update(
        <sha2::Sha256 as sha2::Digest>::new(),
        content,
    ))
    .into();
    NewInvoice {
        id: InvoiceId::new(Uuid::now_v7()),
        subject: "key:erp".to_owned(),
        key: None,
        sha256: Sha256::from_bytes(&digest),
        bytes: content.len() as u64,
        media_type: MediaType::Xml,
        purchase_order: None,
        reference: None,
        received_at: now(),
    }
}

/// A bank's file that is kept under this digest.
pub(crate) fn new_statement(sha256: Sha256, bytes: u64) -> NewStatement {
    NewStatement {
        id: StatementId::new(Uuid::now_v7()),
        sha256,
        profile: String::new(),
        bytes,
        media_type: "application/xml".to_owned(),
        subject: "key:erp".to_owned(),
        received_at: now(),
    }
}

/// What was read out of an invoice of this number for this order.
pub(crate) fn extraction(number: &str, order: &str) -> Extraction {
    let seller = Party {
        name: Some("Seller GmbH".to_owned()),
        vat_id: Some("DE 123".to_owned()),
        ..Party::default()
    };
    let totals = Totals { gross: Some("1190.00".parse().expect("a decimal")), ..Totals::default() };
    let invoice = Invoice {
        number: Some(number.to_owned()),
        issue_date: "2026-11-20".parse().ok(),
        due_date: "2026-12-20".parse().ok(),
        currency: Some("EUR".to_owned()),
        order_reference: Some(order.to_owned()),
        seller,
        totals,
        ..Invoice::default()
    };
    Extraction {
        judged_by: vec!["en16931 0.8.0".to_owned()],
        ..Extraction::of(Syntax::UblInvoice, invoice)
    }
}

pub(crate) fn order(number: &str, revision: u32, quantity: &str) -> PurchaseOrder {
    let line = json!({ "id": "1", "quantity": quantity, "unit_price": "12.50" });
    let order = json!({ "number": number, "revision": revision, "currency": "EUR",
        "buyer": { "name": "Buyer AG" }, "lines": [line] });
    serde_json::from_value(order).expect("an order")
}

pub(crate) fn receipt(number: &str, order: &str, received: &str) -> Receipt {
    let line = json!({ "id": "1", "order_line": "1", "received": received });
    let receipt = json!({ "number": number, "purchase_order": order, "lines": [line] });
    serde_json::from_value(receipt).expect("a receipt")
}

/// A result that takes `quantity` from line 1 of the order.
pub(crate) fn takes(input_hash: &str, order: &str, quantity: &str) -> Reconciliation {
    let allocation = Allocation {
        line: "1".to_owned(),
        po: order.to_owned(),
        po_line: "1".to_owned(),
        quantity: quantity.to_owned(),
        amount: "12.50".to_owned(),
        receipt: None,
        receipt_line: None,
        named_receipts: Vec::new(),
    };
    Reconciliation {
        input_hash: input_hash.to_owned(),
        outcome: Outcome::Matched,
        level: Default::default(),
        checks: Vec::new(),
        pairing: Vec::new(),
        allocations: vec![allocation],
        holds: Vec::new(),
        policy_version: String::new(),
        credits: Vec::new(),
        charges: Vec::new(),
        replaces: Vec::new(),
        po_lines: Vec::new(),
        accepted_difference: None,
    }
}
