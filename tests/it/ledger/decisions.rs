//! Decisions: who may take them, each once, and never two where one is right.

use ap_gateway::models::decision::{Action, Decision, Refusal, Said};
use ap_gateway::models::policy::Policy;
use ap_gateway::models::refs::{DecisionId, InvoiceId, Sha256};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::decide::{Decided, NewDecision};
use rstest::rstest;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, takes};

/// The sample's total is 1,190.00: two people approve it, and eve's limit is below it.
fn policy() -> Policy {
    let text = "version = \"test\"\n[approval]\n\
                tiers = [{ above = \"1000\", approvals = 2 }]\n\
                limits = [{ subject = \"eve\", up_to = \"1189.99\" }]\n\
                default_limit = \"1190.00\"";
    toml::from_str(text).expect("a policy")
}

async fn in_approval(fixture: &Fixture) -> InvoiceId {
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let opened = fixture.ledger.matching(&id, Default::default()).await;
    let (matching, _) = opened.expect("an answer");
    let result = takes("h1", "PO-1", "1");
    let status = matching.record(&result, S::Approval, now()).await.expect("an answer");
    assert_eq!(status, S::Approval);
    id
}

fn new(id: &InvoiceId, subject: &str, decision: Decision) -> NewDecision {
    NewDecision {
        id: DecisionId::new(Uuid::now_v7()),
        invoice: id.clone(),
        fingerprint: Sha256::from_bytes(&[7; 32]),
        said: Said { subject: subject.to_owned(), duties: Vec::new(), decision },
        input_hash: None,
        effect: Default::default(),
        revised: None,
    }
}

async fn take(fixture: &Fixture, new: &NewDecision) -> Result<S, Refusal> {
    match fixture.ledger.decide(new, &policy(), now()).await.expect("an answer") {
        Decided::Taken(_, facts) => Ok(facts.row.status),
        Decided::Refused(refusal) => Err(refusal),
    }
}

async fn approve(fixture: &Fixture, id: &InvoiceId, subject: &str) -> Result<S, Refusal> {
    take(fixture, &new(id, subject, Decision::of(Action::Approve))).await
}

fn is_four_eyes(judged: &Result<S, Refusal>) -> bool {
    matches!(judged, Err(Refusal::FourEyes { .. }))
}

#[rstest]
#[tokio::test]
async fn two_different_people_approve_and_nobody_twice(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = in_approval(&fixture).await;
    let submitter = fixture.row(&id).await.submitted_by;
    assert!(is_four_eyes(&approve(&fixture, &id, &submitter).await));
    assert_eq!(approve(&fixture, &id, "ben").await, Ok(S::Approval));
    assert!(is_four_eyes(&approve(&fixture, &id, "ben").await));
    assert_eq!(approve(&fixture, &id, "cleo").await, Ok(S::Approved));
    let late = approve(&fixture, &id, "dora").await;
    assert!(matches!(late, Err(Refusal::NotNow { status: S::Approved, .. })), "{late:?}");
    let kept = fixture.ledger.decisions(&id).await.expect("an answer");
    let by: Vec<&str> = kept.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!((by, kept[0].policy_version.as_str()), (vec!["ben", "cleo"], "test"));
    let events = fixture.events(&id).await;
    let revisions: Vec<i64> = events.iter().map(|event| event.0).collect();
    let all: Vec<i64> = (1..=i64::try_from(events.len()).expect("few")).collect();
    assert_eq!(revisions, all, "each event is one revision");
}

#[rstest]
#[tokio::test]
async fn of_many_at_once_exactly_the_needed_ones_count(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = in_approval(&fixture).await;
    let mut tasks = JoinSet::new();
    for n in 0..16 {
        let (ledger, id) = (fixture.ledger.clone(), id.clone());
        tasks.spawn(async move {
            let subject = format!("person-{}", n % 8);
            let new = new(&id, &subject, Decision::of(Action::Approve));
            ledger.decide(&new, &policy(), now()).await.expect("an answer")
        });
    }
    let answers = tasks.join_all().await;
    let taken = answers.iter().filter(|answer| matches!(answer, Decided::Taken(..))).count();
    assert_eq!(taken, 2, "{answers:?}");
    assert_eq!(fixture.row(&id).await.status, S::Approved);
    assert_eq!(fixture.ledger.decisions(&id).await.expect("an answer").len(), 2);
}

#[rstest]
#[tokio::test]
async fn the_same_decision_again_changes_nothing(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let id = in_approval(&fixture).await;
    let once = new(&id, "ben", Decision::of(Action::Approve));
    assert_eq!(take(&fixture, &once).await, Ok(S::Approval));
    let before = fixture.row(&id).await;
    assert_eq!(take(&fixture, &once).await, Ok(S::Approval));
    assert_eq!(fixture.row(&id).await, before);
    let other = NewDecision { fingerprint: Sha256::from_bytes(&[8; 32]), ..once };
    let reused = take(&fixture, &other).await;
    assert!(matches!(reused, Err(Refusal::Rejected { .. })), "{reused:?}");
}

#[rstest]
#[tokio::test]
async fn the_smaller_limit_of_a_person_and_its_delegate_counts(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = in_approval(&fixture).await;
    let delegate = |to: &str| Decision {
        to: Some(to.to_owned()),
        reason: Some("on leave".to_owned()),
        ..Decision::of(Action::Delegate)
    };
    let above = |judged: &Result<S, Refusal>| match judged {
        Err(Refusal::Rejected { reason_code, .. }) => reason_code == "APPROVAL_LIMIT",
        _ => false,
    };
    assert!(above(&approve(&fixture, &id, "eve").await));
    assert_eq!(take(&fixture, &new(&id, "ben", delegate("eve"))).await, Ok(S::Approval));
    assert!(above(&approve(&fixture, &id, "eve").await), "ben's limit does not raise hers");
    assert_eq!(take(&fixture, &new(&id, "eve", delegate("cleo"))).await, Ok(S::Approval));
    assert!(above(&approve(&fixture, &id, "cleo").await), "she decides for eve now");
    assert_eq!(approve(&fixture, &id, "ben").await, Ok(S::Approval));
}

#[rstest]
#[tokio::test]
async fn approvals_before_another_comparison_do_not_count(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = in_approval(&fixture).await;
    assert_eq!(approve(&fixture, &id, "ben").await, Ok(S::Approval));
    let ask = Decision {
        reason: Some("whose is it?".to_owned()),
        ..Decision::of(Action::RequestInformation)
    };
    assert_eq!(take(&fixture, &new(&id, "ben", ask)).await, Ok(S::Query));
    let answered = take(&fixture, &new(&id, "ben", Decision::of(Action::Answer))).await;
    assert_eq!(answered, Ok(S::Matching));
    let opened = fixture.ledger.matching(&id, Default::default()).await;
    let result = takes("h2", "PO-1", "1");
    let status = opened.expect("an answer").0.record(&result, S::Approval, now()).await;
    assert_eq!(status.expect("an answer"), S::Approval);
    assert_eq!(approve(&fixture, &id, "ben").await, Ok(S::Approval), "the first of two");
    assert_eq!(approve(&fixture, &id, "cleo").await, Ok(S::Approved));
}
