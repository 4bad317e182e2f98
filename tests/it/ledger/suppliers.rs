//! Suppliers: found by what they are known by, and told to the invoices that wait for them.

use std::collections::BTreeSet;

use ap_gateway::models::refs::{InvoiceId, SupplierId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::supplier::record::SupplierRecord;
use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::storage::ledger::invoices::InvoiceFilter;
use ap_gateway::storage::ledger::matching::{Concerns, LedgerView};
use ap_gateway::storage::ledger::orders::Registration;
use ap_gateway::storage::ledger::suppliers::SupplierFilter;
use rstest::rstest;
use serde_json::json;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, takes};

fn record(number: &str, revision: u32, name: &str) -> SupplierRecord {
    let record = json!({ "supplier_number": number, "revision": revision, "name": name });
    serde_json::from_value(record).expect("a supplier")
}

fn known_by(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

async fn register(fixture: &Fixture, record: &SupplierRecord, keys: &[&str]) {
    let id = SupplierId::new(Uuid::now_v7());
    let kept = fixture.ledger.register_supplier(id, record, &known_by(keys), now()).await;
    assert!(matches!(kept.expect("an answer"), Registration::New(_)), "{record:?}");
}

fn held(input_hash: &str, code: &str) -> Reconciliation {
    let holds = json!([{ "code": code, "severity": "stop", "text": "who is it?" }]);
    let holds = serde_json::from_value(holds).expect("a hold");
    Reconciliation { allocations: Vec::new(), holds, ..takes(input_hash, "PO-1", "0") }
}

async fn compare(fixture: &Fixture, id: &InvoiceId, keys: &[&str], code: &str) -> LedgerView {
    let identities: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let concerns = Concerns { identities: &identities, ..Concerns::default() };
    let (matching, view) = fixture.ledger.matching(id, concerns).await.expect("an answer");
    let hash = Uuid::now_v7().to_string();
    matching.record(&held(&hash, code), S::Held, now()).await.expect("an answer");
    view
}

fn numbers(view: &LedgerView) -> Option<Vec<&str>> {
    let suppliers = view.suppliers.as_ref()?;
    Some(suppliers.iter().map(|supplier| supplier.id.as_str()).collect())
}

async fn woken(fixture: &Fixture) -> Vec<InvoiceId> {
    let waiting = fixture.ledger.to_wake(10).await.expect("an answer");
    for wake in &waiting {
        fixture.ledger.woken(wake).await.expect("an answer");
    }
    waiting.into_iter().map(|wake| wake.id).collect()
}

#[rstest]
#[tokio::test]
async fn a_record_wakes_exactly_the_invoices_that_wait_for_such_a_supplier(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let unknown = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let other = fixture.validated(&extraction("RE-2", "PO-1")).await;
    let dear = fixture.validated(&extraction("RE-3", "PO-1")).await;
    let keys = ["vat:DE123", "alias:gmbh seller"];
    let seen = compare(&fixture, &unknown, &keys, "VENDOR_UNKNOWN").await;
    assert_eq!(numbers(&seen), None, "without any record nobody is unknown");
    compare(&fixture, &other, &["vat:FR9"], "VENDOR_UNKNOWN").await;
    compare(&fixture, &dear, &keys, "UNIT_PRICE").await;

    register(&fixture, &record("V1", 1, "Seller GmbH"), &["vat:DE123"]).await;
    assert_eq!(woken(&fixture).await, std::slice::from_ref(&unknown));
    let seen = compare(&fixture, &unknown, &keys, "BANK_CHANGED").await;
    assert_eq!(numbers(&seen), Some(vec!["V1"]));
    let seen = compare(&fixture, &other, &["vat:FR9"], "VENDOR_UNKNOWN").await;
    assert_eq!(numbers(&seen), Some(vec![]));

    // A second record with the same id, and then its correction: both concern the invoice.
    register(&fixture, &record("V2", 1, "Seller AG"), &["vat:DE123", "vat:DE9"]).await;
    assert_eq!(woken(&fixture).await, std::slice::from_ref(&unknown));
    let seen = compare(&fixture, &unknown, &keys, "VENDOR_AMBIGUOUS").await;
    assert_eq!(numbers(&seen), Some(vec!["V1", "V2"]));
    register(&fixture, &record("V2", 2, "Seller AG"), &["vat:DE9"]).await;
    assert_eq!(woken(&fixture).await, std::slice::from_ref(&unknown));
    let seen = compare(&fixture, &unknown, &keys, "UNIT_PRICE").await;
    assert_eq!(numbers(&seen), Some(vec!["V1"]));
    // Nothing about the supplier holds it any more.
    register(&fixture, &record("V1", 2, "Seller GmbH"), &["vat:DE123"]).await;
    assert_eq!(woken(&fixture).await, []);
}

#[rstest]
#[tokio::test]
async fn an_invoice_is_its_suppliers_as_of_its_last_comparison(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    register(&fixture, &record("V1", 1, "Seller GmbH"), &["vat:DE123"]).await;
    register(&fixture, &record("V1", 2, "Seller AG"), &["vat:DE123"]).await;
    let all = fixture.ledger.suppliers(&SupplierFilter::default(), None, 10).await;
    let all = all.expect("a list");
    let [supplier] = &all[..] else { panic!("one supplier") };
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    assert_eq!(fixture.row(&id).await.supplier_id, None);
    let ours = InvoiceFilter { supplier_id: Some(supplier.id.clone()), ..InvoiceFilter::default() };
    for (number, known) in
        [(Some("V1"), true), (Some("V9"), false), (Some("V1 "), true), (None, false)]
    {
        let opened = fixture.ledger.matching(&id, Concerns::default()).await;
        let matching = opened.expect("an answer").0.of_supplier(number.map(str::to_owned));
        let result = held(&Uuid::now_v7().to_string(), "UNIT_PRICE");
        matching.record(&result, S::Held, now()).await.expect("an answer");
        let expected = known.then(|| supplier.id.clone());
        assert_eq!(fixture.row(&id).await.supplier_id, expected, "{number:?}");
        let found = fixture.ledger.invoices(&ours, None, 10).await.expect("a list");
        assert_eq!(found.len(), usize::from(known), "{number:?}");
    }
    let old = fixture.ledger.supplier_revision(&supplier.id, 1).await.expect("an answer");
    assert_eq!(old.expect("revision 1").record, record("V1", 1, "Seller GmbH"));
    let never = fixture.ledger.supplier_revision(&supplier.id, 3).await;
    assert_eq!(never.expect("an answer"), None);
}

/// A record and an invoice that needs it come at once: the invoice sees it, or is told of it.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_is_matched_beside_its_supplier_is_not_forgotten(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    register(&fixture, &record("V0", 1, "Somebody"), &["vat:XX"]).await;
    for round in 0..20 {
        let id = fixture.validated(&extraction(&format!("RE-{round}"), "PO-1")).await;
        let key = format!("vat:DE{round}");
        let (keys, number) = ([key.as_str()], format!("V{}", round + 1));
        let master = record(&number, 1, "Seller");
        let (seen, ()) = tokio::join!(
            compare(&fixture, &id, &keys, "VENDOR_UNKNOWN"),
            register(&fixture, &master, &keys),
        );
        let told = woken(&fixture).await.contains(&id);
        let found = numbers(&seen) == Some(vec![number.as_str()]);
        assert!(found || told, "round {round}: {:?}, told: {told}", seen.suppliers);
    }
}

#[rstest]
#[tokio::test]
async fn suppliers_are_listed_by_name_and_identity(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    for (number, name, keys) in [
        ("V1", "Müller & Söhne", &["vat:DE1", "account:A"][..]),
        ("V2", "MÜLLER_Logistik", &["vat:DE2", "unverified account:A"]),
        ("V3", "100% Recycling", &["vat:DE3"]),
    ] {
        register(&fixture, &record(number, 1, name), keys).await;
    }
    let account = || vec!["account:A".to_owned(), "unverified account:A".to_owned()];
    let any = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<String>>();
    for (name, identities, expected) in [
        (None, vec![], &["V3", "V2", "V1"][..]),
        (Some("müller"), vec![], &["V2", "V1"]),
        (Some("MÜLLER_"), vec![], &["V2"]),
        (Some("100%"), vec![], &["V3"]),
        (Some("%"), vec![], &[]),
        (None, vec![account()], &["V2", "V1"]),
        (None, vec![account(), any(&["vat:DE1"])], &["V1"]),
        (Some("m"), vec![any(&["vat:DE3"])], &[]),
        (None, vec![any(&[""])], &[]),
    ] {
        let filter = SupplierFilter { name: name.map(str::to_owned), identities };
        let found = fixture.ledger.suppliers(&filter, None, 10).await.expect("a list");
        let found: Vec<_> = found.iter().map(|row| row.record.supplier_number.as_str()).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    let all = fixture.ledger.suppliers(&SupplierFilter::default(), None, 1).await.expect("a list");
    let rest = fixture.ledger.suppliers(&SupplierFilter::default(), Some(&all[0].id), 10).await;
    assert_eq!(rest.expect("a list").len(), 2);
}
