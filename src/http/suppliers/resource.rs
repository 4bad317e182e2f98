//! A supplier as callers see it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::extract::content_type;
use crate::http::openapi::SelfLink;
use crate::http::registration::{self, Registered};
use crate::models::fault::Fault;
use crate::models::refs::SupplierId;
use crate::models::supplier::record::SupplierRecord;
use crate::reconciliation::identity::{self, Identity, IdentityKind};
use crate::storage::ledger::suppliers::SupplierRow;

/// A supplier that is kept.
#[derive(Debug, Serialize)]
pub struct SupplierResource {
    /// Its id; the same for every revision.
    pub id: SupplierId,
    /// When this revision came.
    #[serde(serialize_with = "answer::time")]
    pub created_at: DateTime<Utc>,
    /// What it says.
    #[serde(flatten)]
    pub record: SupplierRecord,
    /// Where it is.
    pub links: SelfLink,
}

/// A page of suppliers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct SupplierList {
    items: Vec<SupplierResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// Where a supplier is.
pub fn path(id: &SupplierId) -> String {
    format!("/suppliers/{id}")
}

/// What a supplier is found by: all that tells who sent an invoice, and for the list also accounts
/// that were never verified, which tell nobody's invoice.
pub fn identities(record: &SupplierRecord) -> BTreeSet<String> {
    let known_by = identity::of_supplier(&record.supplier());
    let mut keys: BTreeSet<String> = known_by.iter().map(Identity::key).collect();
    let open = record.accounts.iter().filter(|account| account.verified_since.is_none());
    let open = open.filter_map(|account| Identity::new(IdentityKind::Account, &account.id));
    keys.extend(open.map(|account| unverified(&account.key())));
    keys
}

/// The key of an account that was never verified.
pub fn unverified(key: &str) -> String {
    format!("unverified {key}")
}

impl From<SupplierRow> for SupplierResource {
    fn from(row: SupplierRow) -> Self {
        let links = SelfLink { this: path(&row.id) };
        Self { id: row.id, created_at: row.created_at, record: row.record, links }
    }
}

impl PartialSchema for SupplierResource {
    fn schema() -> RefOr<Schema> {
        registration::kept_schema::<SupplierRecord, SupplierId>("A supplier that is kept.")
    }
}

impl ToSchema for SupplierResource {
    fn name() -> Cow<'static, str> {
        "KeptSupplier".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        <SupplierRecord as ToSchema>::schemas(schemas);
        schemas.push((SupplierId::name().into_owned(), SupplierId::schema()));
        schemas.push((SelfLink::name().into_owned(), SelfLink::schema()));
    }
}

impl Registered for SupplierRecord {
    fn example() -> Value {
        example()
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults()
    }

    /// UBL has no master records.
    fn from_xml(_: &[u8]) -> Result<Self, ApiError> {
        Err(content_type::unsupported(&["application/json"], Some("application/xml")))
    }

    fn set_revision(&mut self, revision: u32) {
        self.revision = revision;
    }
}

/// A supplier with every member that one can have.
pub fn example() -> Value {
    json!({
        "supplier_number": "V1", "revision": 1, "name": "Muster GmbH",
        "aliases": ["Muster", "4711"], "vat_ids": ["DE987654321"],
        "tax_numbers": ["12/345/67890"], "glns": ["4012345000009"],
        "accounts": [{"id": "DE02120300000000202051", "verified_since": "2026-11-02"}],
        "blocked_for_posting": true, "blocked_for_payment": true,
        "senders": ["invoices@example.com"], "currency": "EUR", "currency_conversion": true,
    })
}

/// The same, kept.
pub fn kept_example() -> Value {
    let mut kept = example();
    kept["id"] = json!("sup_01kax3v9s8f2m7c4t0q6w5z1re");
    kept["created_at"] = json!("2026-11-02T08:00:00.000Z");
    kept["links"] = json!({"self": "/suppliers/sup_01kax3v9s8f2m7c4t0q6w5z1re"});
    kept
}

#[cfg(test)]
mod tests {
    use super::{example, identities};
    use crate::models::supplier::record::SupplierRecord;

    /// The finding of faults takes the place of a fault from the example: it must have them all.
    #[test]
    fn the_example_has_every_member() {
        let record: SupplierRecord = serde_json::from_value(example()).expect("a supplier");
        assert!(record.faults().is_empty());
        let written = serde_json::to_value(&record).expect("JSON");
        assert_eq!(written, example());
        assert!(!written.to_string().contains("null"));
    }

    #[test]
    fn an_account_that_was_never_verified_tells_nobody() {
        let mut record: SupplierRecord = serde_json::from_value(example()).expect("a supplier");
        let key = "account:DE02120300000000202051";
        assert!(identities(&record).contains(key));
        record.accounts[0].verified_since = None;
        let keys = identities(&record);
        assert!(!keys.contains(key) && keys.contains(&format!("unverified {key}")), "{keys:?}");
    }
}
