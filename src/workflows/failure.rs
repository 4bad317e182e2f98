//! What a failed activity means to people.

use std::iter::successors;

use temporalio_workflow::ActivityExecutionError;
use temporalio_workflow::common::error::IncomingError;

use crate::models::attention::{Attention, AttentionCode};
use crate::workflows::contract::STORE_AWAY;

/// The innermost cause: the outer failures only say that an activity failed.
pub(crate) fn innermost(error: &ActivityExecutionError) -> String {
    match successors(error.cause(), |cause| cause.cause()).last() {
        Some(innermost) => innermost.failure().message.clone(),
        None => error.to_string(),
    }
}

/// What a person is told when a step could not be done.
pub(crate) fn attention(error: &ActivityExecutionError) -> Attention {
    let store_away = successors(error.cause(), |cause| cause.cause()).any(|cause| match cause {
        IncomingError::Application(failure) => failure.type_name() == Some(STORE_AWAY),
        _ => false,
    });
    let text = innermost(error);
    if store_away {
        return Attention {
            code: AttentionCode::RetriesExhausted,
            text: format!("gave up after ten minutes: {text}; retry when it is back"),
            retryable: true,
        };
    }
    Attention {
        code: AttentionCode::InternalError,
        text: format!("the gateway failed at this invoice: {text}; tell whoever runs it"),
        retryable: true,
    }
}
