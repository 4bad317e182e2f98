//! Keys and the audit trail, on both databases.

use ap_gateway::models::access::{Author, Role};
use chrono::{DateTime, Utc};
use futures::future::join_all;
use rstest::rstest;
use sqlx::AssertSqlSafe;

use crate::http_auth::{keep, new_key};
use crate::ledger::{Database, Fixture, new_invoice};

fn erp() -> Author {
    Author {
        subject: "key:erp".to_owned(),
        credential: Some("0123456789ab".to_owned()),
        request_id: Some("request-1".to_owned()),
        address: Some("192.0.2.1".to_owned()),
    }
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_kept_without_their_secret_and_end(#[case] database: Database) {
    let Fixture { ledger, .. } = &database.open().await;
    let mut late = new_key("key:late", &[Role::Viewer]);
    late.expires_at = Some(DateTime::UNIX_EPOCH);
    let good = new_key("key:erp", &[Role::Submitter, Role::Operator]);
    for key in [&late, &good] {
        keep(ledger, key).await;
    }
    let live = ledger.live_keys(Utc::now()).await.expect("keys");
    assert_eq!(live.len(), 1, "what has expired opens nothing");
    let row = &live[0];
    assert_eq!((row.id.as_str(), row.subject.as_str()), (good.text.id(), "key:erp"));
    assert_eq!((&row.roles, &row.digest), (&good.roles, &good.text.digest()));
    let (first, second) = (DateTime::UNIX_EPOCH, Utc::now());
    for at in [second, first] {
        ledger.key_used(&row.id, at).await.expect("noted");
    }
    assert!(ledger.revoke_key(&row.id, &erp()).await.expect("revoked"));
    assert!(!ledger.revoke_key("nobody", &erp()).await.expect("asked"));
    assert!(ledger.live_keys(Utc::now()).await.expect("keys").is_empty());
    let all = ledger.keys().await.expect("keys");
    assert_eq!(all.len(), 2, "the trail names them, so they stay");
    let ended = all.iter().find(|key| key.id == row.id).expect("it stays");
    let used = ended.last_used_at.expect("noted").timestamp_micros();
    assert_eq!(used, second.timestamp_micros(), "an older note does not overwrite a newer");
    assert!(ended.revoked_at.is_some());
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_next_end_is_that_of_the_first_caller_who_has_no_key_left(#[case] database: Database) {
    let Fixture { ledger, .. } = &database.open().await;
    let day = |day: i64| DateTime::from_timestamp(4_000_000_000 + day * 86_400, 0).expect("a time");
    let next = async || ledger.next_key_end(day(0)).await.expect("asked");
    assert_eq!(next().await, None, "nobody has a key");
    let add = async |subject: &str, end: Option<i64>| {
        let mut key = new_key(subject, &[Role::Viewer]);
        key.expires_at = end.map(day);
        keep(ledger, &key).await;
        key.text.id().to_owned()
    };
    add("key:for-ever", None).await;
    add("key:over", Some(-1)).await;
    assert_eq!(next().await, None);
    let last = add("key:mail", Some(9)).await;
    add("key:erp", Some(3)).await;
    assert_eq!(next().await, Some(day(3)));
    add("key:erp", Some(30)).await;
    assert_eq!(next().await, Some(day(9)), "a key with a successor may end");
    ledger.revoke_key(&last, &erp()).await.expect("revoked");
    assert_eq!(next().await, Some(day(30)));
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_a_caller_is_recorded_in_a_chain(#[case] database: Database) {
    let fixture = database.open().await;
    let ledger = fixture.ledger.acting_for(erp());
    let submissions = (0_u8..20).map(|number| {
        let (ledger, number) = (ledger.clone(), number % 15);
        async move {
            let new = new_invoice(&format!("content {number}"));
            ledger.accept_invoice(new).await.expect("accepted")
        }
    });
    join_all(submissions).await;
    fixture.ledger.accept_invoice(new_invoice("own")).await.expect("accepted");
    let trail = ledger.audit(0, 100).await.expect("a trail");
    assert_eq!(trail.len(), 15, "a replay changes nothing, and our own work has events");
    let mut before = None;
    for row in &trail {
        assert!(row.follows(before), "{row:?}");
        assert_eq!((row.action.as_str(), row.revision), ("submit_invoice", Some(1)));
        assert_eq!(row.author, erp());
        assert!(row.resource.as_deref().is_some_and(|id| id.starts_with("inv_")));
        before = Some(row);
    }
    assert_eq!(ledger.audit(10, 3).await.expect("a part")[0].sequence, 11);
}

#[rstest]
#[case::altered("UPDATE audit SET subject = 'key:other' WHERE sequence = 2", 2)]
#[case::moved("UPDATE audit SET resource = NULL, reason = resource WHERE sequence = 2", 2)]
#[case::missing("DELETE FROM audit WHERE sequence = 2", 3)]
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_altered_or_missing_shows(#[case] forgery: &str, #[case] breaks_at: i64) {
    let fixture = Database::Sqlite.open().await;
    let ledger = fixture.ledger.acting_for(erp());
    for number in 0..4 {
        let new = new_invoice(&format!("content {number}"));
        ledger.accept_invoice(new).await.expect("accepted");
    }
    let forged = sqlx::query(AssertSqlSafe(forgery.to_owned()));
    forged.execute(&fixture.rows().await).await.expect("an intruder may write");
    let trail = ledger.audit(0, 100).await.expect("a trail");
    let pairs = std::iter::once(None).chain(trail.iter().map(Some)).zip(&trail);
    let broken = pairs.filter(|(before, row)| !row.follows(*before)).map(|(_, row)| row.sequence);
    assert_eq!(broken.min(), Some(breaks_at));
}
