//! The gateway's client, as activities may use it.

use std::sync::Arc;
use std::time::Duration;

use crate::activities::outside::{CallError, Outside};
use crate::temporal::Gateway;
use crate::temporal::gateway::{DecideAnswer, DecisionOutcome, GatewayError};

/// How long a decision of a batch is waited for: it was accepted by then, and the ledger tells
/// when it was taken. Longer waits would only hold up the next ones while an invoice moves on.
const DECISION_WAIT: Duration = Duration::from_secs(1);

/// Over this client.
pub fn outside(gateway: &Gateway) -> Outside {
    let (deciding, starting) = (gateway.clone(), gateway.clone());
    Outside {
        carry: Arc::new(move |input| {
            let gateway = deciding.clone();
            Box::pin(async move {
                match gateway.carry_decision(input, DECISION_WAIT).await {
                    Ok(DecisionOutcome::Answered(answer)) => Ok(Some(answer)),
                    Ok(DecisionOutcome::Refused(refusal)) => {
                        Ok(Some(DecideAnswer::Refused { refusal }))
                    }
                    Ok(DecisionOutcome::Accepted) => Ok(None),
                    Err(error) => Err(meaning(error)),
                }
            })
        }),
        start_statement: Arc::new(move |id| {
            let gateway = starting.clone();
            Box::pin(async move { gateway.start_statement(&id).await.map(drop).map_err(meaning) })
        }),
    }
}

fn meaning(error: GatewayError) -> CallError {
    match error {
        // Too much at once is over in a moment.
        GatewayError::Busy => CallError::Away(error.to_string()),
        error if error.is_of_one() => CallError::Refused(error.to_string()),
        error => CallError::Away(error.to_string()),
    }
}
