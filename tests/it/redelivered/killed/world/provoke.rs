//! Each flow is begun by what begins it in the field.

use std::time::Duration;

use ap_gateway::models::decision::Said;
use ap_gateway::models::refs::{DecisionId, Sha256};
use ap_gateway::models::upkeep::Chore;
use ap_gateway::storage::ledger::vouched::About;
use ap_gateway::workflows::contract::DecideInput;
use serde_json::json;
use uuid::Uuid;

use super::World;
use super::flow::Flow;
use super::making::unknown_order;
use crate::bank_files::{camt053, paid};
use crate::bench::invoice;

impl World {
    pub(in crate::redelivered::killed) async fn provoke(&mut self, flow: Flow) {
        match flow {
            Flow::Retention => {
                self.gateway.trigger_schedule(Chore::RemoveExpired).await.expect("now")
            }
            Flow::Allocation => {
                self.gateway.start_statement(&self.things().payment).await.expect("started");
            }
            Flow::Statement => {
                self.gateway.start_statement(&self.things().statement).await.expect("started");
            }
            Flow::Chunk => {
                self.gateway.start_batch(&self.things().batch).await.expect("started");
            }
            Flow::Decision => self.decide().await,
            Flow::Comparison => {
                let id = self.submit(&invoice("I-2", "PO-2")).await;
                self.things.as_mut().expect("prepared").compared = id;
            }
            Flow::Extraction => {
                let id = self.submit(&invoice("I-6", &unknown_order("I-6"))).await;
                self.things.as_mut().expect("prepared").read = id;
            }
            Flow::Delivery => self.deliver().await,
            Flow::Import => {
                let file = camt053("S-3", "2026-11-21", 10_000, &[paid("S-3", 888, "nobody")]);
                std::fs::write(self.inbox().join("S-3.xml"), file).expect("written");
                self.gateway.trigger_schedule(Chore::ImportStatements).await.expect("now");
            }
        }
    }

    async fn decide(&self) {
        let said = json!({"subject": "user:anna", "duties": [],
            "decision": {"action": "reject", "reason": "not ours"}});
        let said: Said = serde_json::from_value(said).expect("a decision");
        let (invoice_id, decision_id) =
            (self.things().decided.clone(), DecisionId::new(Uuid::now_v7()));
        let about = About::Invoice(invoice_id.clone(), decision_id.clone());
        let bytes = self.fixture.ledger.vouch(about, &said).expect("JSON");
        let input = DecideInput {
            invoice_id,
            decision_id,
            fingerprint: Sha256::of(&bytes),
            content: self.artifacts.put(bytes).await.expect("kept"),
            asked: said.asked(),
        };
        let gateway = self.gateway.clone();
        // Whoever asked may have gone: the decision is taken all the same.
        tokio::spawn(async move { gateway.carry_decision(input, Duration::from_secs(1)).await });
    }

    /// What the dispatcher does.
    async fn deliver(&self) {
        let due = &self.things().delivery;
        let started = self.gateway.start_delivery(&due.id, due.round, &[0, 0, 0]).await;
        started.expect("started");
    }
}
