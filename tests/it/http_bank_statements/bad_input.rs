//! Bad files and bad requests: each a problem, or a finding with its place.

use serde_json::json;

use crate::bank_files::{camt053, camt053_that_closes, paid};
use crate::edge::Edge;
use crate::http_bank_statements::World;

#[tokio::test]
async fn what_is_no_bank_statement_by_its_type_is_refused_at_the_door() {
    let edge = Edge::start().await;
    for (kind, body, status, slug) in [
        ("application/pdf", "%PDF-1.4", 415, "unsupported-media-type"),
        ("application/json", "{}", 415, "unsupported-media-type"),
        ("text/plain", "%PDF-1.4", 415, "unsupported-media-type"),
        ("application/xml", "", 400, "invalid-request"),
    ] {
        let answer = edge.post("/bank-statements", kind, body).await;
        assert_eq!(answer.problem(), (status, slug.to_owned()), "{kind} {body:?}");
    }
    for target in
        ["/bank-statements?profile=../x", "/bank-statements?profile=", "/bank-statements?x=1"]
    {
        let answer = edge.post(target, "text/csv", "a;b").await;
        assert_eq!(answer.problem(), (400, "invalid-request".to_owned()), "{target}");
    }
    for target in [
        "/bank-statements/stm_00000000000000000000000000",
        "/bank-statements/inv_00000000000000000000000000",
        "/bank-entries/ent_00000000000000000000000000",
        "/bank-entries/x",
    ] {
        assert_eq!(edge.get(target).await.problem(), (404, "not-found".to_owned()), "{target}");
    }
    for target in ["/bank-entries?state=lost", "/bank-entries?statement=x", "/bank-entries?q=1"] {
        assert_eq!(edge.get(target).await.problem().0, 400, "{target}");
    }
    assert_eq!(edge.artifacts(), 0);
}

#[tokio::test]
async fn a_statement_is_not_promised_while_temporal_is_away() {
    let edge = Edge::start().await;
    let file = camt053("S1", "2026-11-27", 0, &[]);
    let answer = edge.post("/bank-statements", "application/xml", file).await;
    assert_eq!(answer.problem(), (503, "upstream-unavailable".to_owned()));
    assert_eq!(answer.json()["retry_safe"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_fail_or_are_found_fault_with() {
    let world = World::start().await;
    for (kind, file, place) in [
        ("application/xml", "<Document", "line 1"),
        ("application/xml", "<Invoice xmlns=\"x\"/>", "Invoice"),
        ("text/plain", "{\"a\": 1}", ""),
        ("application/xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "forbidden"),
    ] {
        let answer = world.hand_in(kind, file).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["status"]), (200, &"failed".into()), "{body}");
        let text = body["failure"]["text"].as_str().expect("a text");
        assert!(text.contains(place), "{file}: {text}");
        assert_eq!(body["failure"]["code"], "UNREADABLE_STATEMENT");
        // Again it is the same, and still says why.
        let again = world.hand_in(kind, file).await;
        assert_eq!(
            (again.header("idempotency-replayed"), &again.json()["id"]),
            ("true", &body["id"])
        );
    }
    let no_profile = world.hand_in_to("/bank-statements?profile=lost", "text/csv", "a;b").await;
    assert_eq!(no_profile.json()["failure"]["code"], "UNKNOWN_PROFILE");

    // An entry without an amount, and a sum that does not agree.
    let good = camt053_that_closes("S1", "2026-11-27", (0, -1), &[paid("B1", 100, "x")]);
    let spoilt =
        good.replace("<Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>", "<Sts>");
    let body = world.hand_in("application/xml", &spoilt).await.json();
    assert_eq!(body["status"], "done", "{body}");
    let findings = body["findings"].as_array().expect("findings");
    assert!(!findings.is_empty() && findings.iter().any(|one| one["place"].is_string()), "{body}");
    let body = world.hand_in("application/xml", &good).await.json();
    assert!(body["findings"].to_string().contains("STATEMENT_BALANCE"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_statement_is_seen_until_it_comes() {
    let world = World::start().await;
    let file = |id: &str, day: &str, opening: i64, cents: i64| {
        camt053(id, day, opening, &[paid(id, cents, "x")])
    };
    let gap = async |id: &str| {
        let seen = world.edge.get(&format!("/bank-statements/{id}")).await.json();
        seen["findings"].to_string().contains("STATEMENT_GAP")
    };
    let first =
        world.hand_in("application/xml", &file("S1", "2026-11-25", 1_000, 100)).await.json();
    let third = world.hand_in("application/xml", &file("S3", "2026-11-27", 700, 100)).await.json();
    let id = |one: &serde_json::Value| one["id"].as_str().expect("an id").to_owned();
    assert_eq!((gap(&id(&first)).await, gap(&id(&third)).await), (false, true));
    assert_eq!(third["findings"][0]["expected"], json!("9.00 EUR"), "{third}");
    let second = world.hand_in("application/xml", &file("S2", "2026-11-26", 900, 200)).await.json();
    assert_eq!((gap(&id(&second)).await, gap(&id(&third)).await), (false, false));
}
