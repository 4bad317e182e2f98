//! What finding copies of an invoice costs among a million past ones, on SQLite:
//! `cargo bench --bench duplicates`. Each sample opens a matching (locks, keys, search, view) and
//! lets go of it. `docs/duplicates.md` has the figures with their date.
//!
//! Every twentieth invoice is one of a supplier that bills one price, the worst case of the search.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::time::{Duration, Instant};

use ap_gateway::config;
use ap_gateway::models::duplicate::Candidate;
use ap_gateway::models::media_type::MediaType;
use ap_gateway::models::refs::{InvoiceId, Sha256};
use ap_gateway::reconciliation::duplicates::search;
use ap_gateway::storage::Ledger;
use ap_gateway::storage::ledger::invoices::{Acceptance, NewInvoice};
use ap_gateway::storage::ledger::likeness::Likeness;
use ap_gateway::storage::ledger::matching::Concerns;
use chrono::{NaiveDate, Utc};
use sqlx::any::AnyPoolOptions;
use uuid::Uuid;

/// Past invoices.
const INVOICES: u32 = 1_000_000;

/// Searches of each kind.
const SAMPLES: u32 = 300;

/// One row for each number: supplier, amount and date are spread over it.
const ROWS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) ";

const INVOICE: &str = "INSERT INTO invoice (id, status, revision, received_at, updated_at, subject, \
    sha256, bytes, media_type, findings_fatal, findings_warning, wake, holds) \
    SELECT printf('inv_%026d', i), 'approved', 1, i, i, 'bench', printf('%064d', i), 1, \
    'application/xml', 0, 0, 0, '[]' FROM n";

const LIKENESS: &str = "INSERT INTO likeness (invoice_id, kept_at, vendor, number_key, number, \
    currency, gross, date, content_key, candidate) \
    SELECT printf('inv_%026d', i), i, v, printf('RE%d', i), printf('RE-%d', i), 'EUR', g, d, \
    printf('%064d', i), json_object('id', '', 'vendor', v, 'number', printf('RE-%d', i), \
    'currency', 'EUR', 'gross', printf('%d.%02d', g / 10000, (g % 10000) / 100), 'date', d) \
    FROM (SELECT i, CASE WHEN i % 20 = 0 THEN 'TOLL' ELSE printf('V%d', i % 20000) END AS v, \
    CASE WHEN i % 20 = 0 THEN 99000 ELSE 100 * (1000 + (i * 7919) % 900000) END AS g, \
    date('2024-01-01', printf('+%d days', i % 700)) AS d FROM n)";

/// A name, and how to make the invoices of that kind.
type Kind = (&'static str, fn(u32) -> Candidate);

fn rank(candidate: &Candidate, number: Option<&str>, date: Option<NaiveDate>) -> Option<u64> {
    search::rank(candidate, number, date).map(|(reason, days)| match reason {
        search::Reason::Number => days,
        search::Reason::Date => (1 << 32) + days,
    })
}

fn candidate(vendor: String, at: u32, gross: &str) -> Candidate {
    Candidate {
        vendor: Some(vendor),
        number: Some(format!("NEW-{at}")),
        currency: Some("EUR".to_owned()),
        gross: gross.parse().ok(),
        date: NaiveDate::from_ymd_opt(2025, 3, 1 + at % 28),
        order_lines: vec![format!("PO-{at}/1")],
        ..Candidate::default()
    }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("ledger.db").display());
    let settings = config::Ledger {
        url: url.clone().into(),
        connections: 2,
        busy_seconds: 60,
        key_file: None,
    };
    let ledger = Ledger::open(&settings).await.expect("a ledger");
    let pool = AnyPoolOptions::new().max_connections(1).connect(&url).await.expect("its file");
    for sql in [INVOICE, LIKENESS] {
        let sql = sqlx::AssertSqlSafe(format!("{ROWS}{sql}"));
        let filled = sqlx::query(sql).bind(i64::from(INVOICES)).execute(&pool).await;
        filled.expect("rows");
    }
    let kinds: [Kind; 2] = [
        ("ordinary supplier", |at| candidate(format!("V{}", at * 61 % 20_000), at, "812.34")),
        ("50,000 at one price", |at| candidate("TOLL".to_owned(), at, "9.90")),
    ];
    for (name, make) in kinds {
        let mut times: Vec<Duration> = Vec::new();
        for at in 0..SAMPLES {
            let id = accepted(&ledger).await;
            times.push(search_once(&ledger, &id, &make(at)).await);
        }
        times.sort();
        let at = |percent: usize| times[times.len() * percent / 100];
        println!("{name}: median {:?}, 95 % within {:?}", at(50), at(95));
    }
}

async fn accepted(ledger: &Ledger) -> InvoiceId {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(Uuid::now_v7().as_bytes());
    let new = NewInvoice {
        id: InvoiceId::new(Uuid::now_v7()),
        subject: "bench".to_owned(),
        key: None,
        sha256: Sha256::from_bytes(&digest),
        bytes: 1,
        media_type: MediaType::Xml,
        purchase_order: None,
        reference: None,
        received_at: Utc::now(),
    };
    match ledger.accept_invoice(new).await.expect("an answer") {
        Acceptance::New(row) => row.id,
        other => panic!("a new invoice, not {other:?}"),
    }
}

async fn search_once(ledger: &Ledger, id: &InvoiceId, candidate: &Candidate) -> Duration {
    let keys = search::keys(candidate);
    let likeness = Likeness {
        candidate,
        keys: &keys,
        rank,
        same_amount_max: u32::try_from(search::SAME_AMOUNT_MAX).expect("small"),
        fetched_max: search::FETCHED_MAX,
        now: Utc::now(),
    };
    let concerns = Concerns { likeness: Some(likeness), ..Concerns::default() };
    let began = Instant::now();
    let opened = ledger.matching(id, concerns).await.expect("an answer");
    let took = began.elapsed();
    drop(opened);
    took
}
