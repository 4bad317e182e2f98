//! What the people of the company decide about invoices that rest.

use std::time::Instant;

use anyhow::bail;
use serde_json::{Value, json};

use crate::cli::demo::company::Plot;
use crate::cli::demo::{Handed, LOOK_EVERY, Loader, REST};

/// States that an invoice only passes through.
const MOVING: [&str; 4] = ["received", "extracting", "validated", "matching"];

impl Loader {
    /// Looks at an invoice until it rests.
    pub(super) async fn rested(&self, path: &str) -> anyhow::Result<Value> {
        let began = Instant::now();
        loop {
            let row = self.get(path).await?;
            let status = row["status"].as_str().unwrap_or_default();
            if !MOVING.contains(&status) {
                return Ok(row);
            }
            if began.elapsed() > REST {
                bail!("{path} is {status} still after {REST:?}");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Some of what waits is decided, and some is left to whoever looks at the demo: of each three
    /// that could be approved or confirmed, two are.
    pub(super) async fn decide(&self, handed: &mut [Handed]) -> anyhow::Result<()> {
        let (mut confirmed, mut approved, mut dear, mut cancelled) = (0, 0, 0, 0);
        for one in handed.iter_mut() {
            one.row = self.rested(&one.path).await?;
            if needs_a_word(&one.row) && one.plot == Plot::Clean {
                confirmed += 1;
                match confirmed {
                    2 => self.decision(one, of_its_date()).await?,
                    _ if confirmed % 3 == 0 => {}
                    _ => self.decision(one, json!({"action": "confirm"})).await?,
                }
            }
            let status = one.row["status"].as_str().unwrap_or_default().to_owned();
            match (status.as_str(), one.plot) {
                ("approval", _) => {
                    approved += 1;
                    if approved % 3 != 0 {
                        self.decision(one, json!({"action": "approve"})).await?;
                    }
                }
                ("held", Plot::Twice) => {
                    let why = json!({"action": "mark_duplicate", "reason": "sent twice"});
                    self.decision(one, why).await?;
                }
                ("held", Plot::Dear) => {
                    dear += 1;
                    self.decision(one, of_dear(dear)).await?;
                }
                ("held", Plot::Unordered) if cancelled == 0 => {
                    cancelled += 1;
                    let why = json!({"reason": "the supplier withdrew it"});
                    self.post(&format!("{}/cancel", one.path), &why).await?;
                    one.row = self.rested(&one.path).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A decision that is not possible any more is no fault of the demo.
    async fn decision(&self, one: &mut Handed, decision: Value) -> anyhow::Result<()> {
        if let Err(error) = self.post(&format!("{}/decision", one.path), &decision).await {
            tracing::debug!(error = format!("{error:#}"), "a decision of the demo was refused");
        }
        one.row = self.rested(&one.path).await?;
        Ok(())
    }
}

/// What was read as its date is none: it is asked for, and the invoice waits.
fn of_its_date() -> Value {
    let correction = json!({"pointer": "/issue_date", "value": null});
    let reason = "that is the day of delivery; the supplier is asked for the invoice's own";
    json!({"action": "correct", "reason": reason, "corrections": [correction]})
}

/// One is asked about, one is turned down, one is left.
fn of_dear(which: usize) -> Value {
    match which {
        1 => {
            json!({"action": "request_information", "reason": "the price is a fifth above the order"})
        }
        2 => json!({"action": "reject", "reason": "billed above the agreed price"}),
        _ => json!({"action": "delegate", "to": "user:purchasing", "reason": "agreed by phone?"}),
    }
}

fn needs_a_word(row: &Value) -> bool {
    matches!(row["status"].as_str(), Some("review" | "needs_attention"))
}
