//! JSON bodies, read as each of the things that come in them.

use ap_gateway::http::error::Slug;
use ap_gateway::http::error::problem::FAULTS_MAX;
use ap_gateway::http::extract::json;
use ap_gateway::models::decision::Decision;
use ap_gateway::models::fault::Fault;
use ap_gateway::models::order::PurchaseOrder;
use ap_gateway::models::receipt::Receipt;
use ap_gateway::models::supplier::record::SupplierRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;

const ORDER: &str = include_str!("../seeds/body/order.json");
const RECEIPT: &str = include_str!("../seeds/body/receipt.json");
const SUPPLIER: &str = include_str!("../seeds/body/supplier.json");
const DECISION: &str = include_str!("../seeds/body/decision.json");

/// Whether it is one of them.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let found = [
        one(bytes, ORDER, PurchaseOrder::faults),
        one(bytes, RECEIPT, Receipt::faults),
        one(bytes, SUPPLIER, SupplierRecord::faults),
        one(bytes, DECISION, Decision::faults),
    ];
    found.contains(&true)
}

/// What is taken has no fault, and is the same when it is sent again as we write it. A refusal
/// names its faults, with a place for each that has one.
fn one<T>(bytes: &[u8], example: &str, faults: fn(&T) -> Vec<Fault>) -> bool
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let example = serde_json::from_str(example).expect("an example");
    match json::read::<T>(bytes, &example, faults) {
        Ok(value) => {
            assert_eq!(faults(&value), [], "taken with faults");
            let written = serde_json::to_vec(&value).expect("a value becomes JSON");
            let again = json::read::<T>(&written, &example, faults);
            assert_eq!(again.ok().as_ref(), Some(&value), "another when it is sent again");
            true
        }
        Err(error) => {
            let problem = error.0;
            let expected = [Slug::InvalidRequest, Slug::ValidationFailed];
            assert!(expected.contains(&problem.slug), "{problem:?}");
            assert!((1..=FAULTS_MAX).contains(&problem.errors.len()), "{problem:?}");
            for fault in &problem.errors {
                let place = fault.pointer.as_deref().unwrap_or_default();
                assert!(place.is_empty() || place.starts_with('/'), "{fault:?}");
                assert!(!fault.code.is_empty() && !fault.detail.is_empty(), "{fault:?}");
            }
            false
        }
    }
}
