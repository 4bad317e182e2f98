//! A purchase order as callers see it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::openapi::SelfLink;
use crate::http::orders::unreadable;
use crate::http::registration::{self, Registered};
use crate::models::fault::Fault;
use crate::models::order::PurchaseOrder;
use crate::models::refs::OrderId;
use crate::storage::ledger::orders::OrderRow;

/// A purchase order that is kept.
#[derive(Debug, Serialize)]
pub struct OrderResource {
    /// Its id; the same for every revision.
    pub id: OrderId,
    /// When this revision came.
    #[serde(serialize_with = "answer::time")]
    pub created_at: DateTime<Utc>,
    /// What it says.
    #[serde(flatten)]
    pub order: PurchaseOrder,
    /// Where it is.
    pub links: SelfLink,
}

/// A page of purchase orders.
#[derive(ToSchema)]
#[schema(as = PurchaseOrderList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct OrderList {
    items: Vec<OrderResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// Where an order is.
pub fn path(id: &OrderId) -> String {
    format!("/purchase-orders/{id}")
}

impl From<OrderRow> for OrderResource {
    fn from(row: OrderRow) -> Self {
        let links = SelfLink { this: path(&row.id) };
        Self { id: row.id, created_at: row.created_at, order: row.order, links }
    }
}

impl PartialSchema for OrderResource {
    fn schema() -> RefOr<Schema> {
        registration::kept_schema::<PurchaseOrder, OrderId>("A purchase order that is kept.")
    }
}

impl ToSchema for OrderResource {
    fn name() -> Cow<'static, str> {
        "KeptPurchaseOrder".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        <PurchaseOrder as ToSchema>::schemas(schemas);
        schemas.push((OrderId::name().into_owned(), OrderId::schema()));
        schemas.push((SelfLink::name().into_owned(), SelfLink::schema()));
    }
}

impl Registered for PurchaseOrder {
    fn example() -> Value {
        example()
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults()
    }

    fn from_xml(bytes: &[u8]) -> Result<Self, ApiError> {
        crate::extraction::read_order(bytes).map_err(unreadable::refuse)
    }

    fn set_revision(&mut self, revision: u32) {
        self.revision = revision;
    }
}

/// An order with every member that one can have.
pub fn example() -> Value {
    let party = |name: &str, vat_id: &str| {
        json!({
            "name": name, "trading_name": "Muster", "vat_id": vat_id, "tax_number": "12/345/67890",
            "legal_id": "HRB 12345", "legal_information": "Geschäftsführerin: E. Muster",
            "ids": ["4012345000009"], "electronic_address": "invoices@example.com",
            "address": {
                "line_1": "Hafenstraße 1", "line_2": "Halle 4", "line_3": "Tor 2",
                "city": "Hamburg", "post_code": "20457", "subdivision": "HH", "country": "DE",
            },
            "contact": {
                "name": "Einkauf", "telephone": "+49 40 1234", "email": "einkauf@example.com",
            },
        })
    };
    json!({
        "number": "PO-1001", "revision": 1, "currency": "EUR",
        "buyer": party("Kaeufer AG", "DE123456789"),
        "supplier": party("Muster GmbH", "DE987654321"),
        "issue_date": "2026-11-02", "match_level": "three_way",
        "kind": "blanket", "status": "closed", "limit": "5000.00",
        "valid_from": "2026-11-01", "valid_to": "2027-10-31", "rate_to_ledger": "0.92",
        "charges": [
            {"code": "FC", "amount": "90.00", "basis": "per_quantity", "allowance": true},
        ],
        "lines": [{
            "id": "1", "quantity": "100", "unit": "C62", "unit_price": "10.00",
            "price_base_quantity": "1", "net": "1000.00", "description": "Bolt M8",
            "seller_item_id": "B-8", "buyer_item_id": "4711", "standard_item_id": "4012345678901",
            "match_level": "three_way", "receipt_rule": "invoice_first",
            "match_basis": "amount", "list_price": "11.00", "charges": "5.00",
            "discount": "10.00", "price_quantity": "120", "price_unit": "KGM",
            "tax_category": "S", "tax_rate": "19", "promised_date": "2026-11-20",
            "closed_quantity": "60", "over_delivery_percent": "10",
            "under_delivery_percent": "5", "requester": "E. Muster",
        }],
    })
}

/// The same, kept.
pub fn kept_example() -> Value {
    let mut kept = example();
    kept["id"] = json!("po_01kax3v9s8f2m7c4t0q6w5z1re");
    kept["created_at"] = json!("2026-11-02T08:00:00.000Z");
    kept["links"] = json!({"self": "/purchase-orders/po_01kax3v9s8f2m7c4t0q6w5z1re"});
    kept
}

#[cfg(test)]
mod tests {
    use super::example;
    use crate::models::order::PurchaseOrder;

    /// The finding of faults takes the place of a fault from the example: it must have them all.
    #[test]
    fn the_example_has_every_member() {
        let order: PurchaseOrder = serde_json::from_value(example()).expect("an order");
        assert!(order.faults().is_empty());
        let written = serde_json::to_value(&order).expect("JSON");
        assert_eq!(written, example());
        assert!(!written.to_string().contains("null"));
    }
}
