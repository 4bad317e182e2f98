//! Starting what has an id of its own, once: known ids, lost answers (HTTP handbook §2.2, §2.3).

use std::future::Future;
use std::time::Duration;

use crate::temporal::gateway::{GatewayError, Start};
use crate::temporal::grpc::bounded;

/// For the one look behind a start whose answer did not come: with the time of the start (5 s) well
/// below what a request has (10 s), so that its answer says more than that it is late.
const LOOK_AFTERWARDS: Duration = Duration::from_secs(2);

/// Starts a run, unless one has its id; `look` tells what that one was started with.
///
/// # Errors
/// Whatever keeps Temporal from starting it, and those of `look`.
pub(crate) async fn once<T, S: Future<Output = Result<Start, GatewayError>>>(
    start: impl Fn() -> S,
    look: impl Future<Output = Result<T, GatewayError>>,
) -> Result<(Start, Option<T>), GatewayError> {
    let look = Box::pin(look); // calls are large: on the heap they are moved as pointers
    match Box::pin(start()).await {
        Ok(Start::Started) => Ok((Start::Started, None)),
        Ok(Start::Known) => match look.await {
            Ok(found) => Ok((Start::Known, Some(found))),
            // Known to the start and then not found: it was forgotten in between.
            Err(GatewayError::NotFound) => match Box::pin(start()).await? {
                Start::Started => Ok((Start::Started, None)),
                Start::Known => Err(GatewayError::NotFound.after_a_write()),
            },
            Err(error) => Err(error),
        },
        Err(failed) => Ok((Start::Started, Some(unless_made(failed, look).await?))),
    }
}

/// What a start came to whose answer did not come: it may have been made all the same, so it is
/// looked for, once. What was surely not made stays a failure.
pub(crate) async fn unless_made<T>(
    failed: GatewayError,
    look: impl Future<Output = Result<T, GatewayError>>,
) -> Result<T, GatewayError> {
    if !matches!(failed, GatewayError::Timeout | GatewayError::Unavailable(_)) {
        return Err(failed);
    }
    match bounded(LOOK_AFTERWARDS, look).await {
        Err(GatewayError::Taken) => Err(GatewayError::Taken),
        found => found.map_err(|_| failed),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::ready;

    use super::{GatewayError as E, Start, once};

    fn away() -> E {
        E::Unavailable("away".to_owned())
    }

    #[tokio::test]
    async fn what_has_an_id_is_started_once_and_looked_for_when_that_is_in_doubt() {
        let lost = E::NotFound.after_a_write();
        let none = || E::NotConnected("no".to_owned());
        let (new, known) = (Ok(Start::Started), Ok(Start::Known));
        // The answers of the starts, the last one first; what is found; what comes of it.
        let table = [
            (vec![new.clone()], Err(E::Other("not asked".to_owned())), Ok((Start::Started, None))),
            (vec![known.clone()], Ok(7), Ok((Start::Known, Some(7)))),
            (vec![known.clone()], Err(E::Taken), Err(E::Taken)),
            (vec![new.clone(), known.clone()], Err(E::NotFound), Ok((Start::Started, None))),
            (vec![known.clone(), known.clone()], Err(E::NotFound), Err(lost)),
            // No answer: found, it is a success; else what failed stays what it was.
            (vec![Err(E::Timeout)], Ok(7), Ok((Start::Started, Some(7)))),
            (vec![Err(away())], Ok(7), Ok((Start::Started, Some(7)))),
            (vec![Err(E::Timeout)], Err(E::NotFound), Err(E::Timeout)),
            (vec![Err(away())], Err(E::Timeout), Err(away())),
            (vec![Err(E::Timeout)], Err(E::Taken), Err(E::Taken)),
            // Not sent, or refused: there is nothing to look for.
            (vec![Err(none())], Ok(7), Err(none())),
            (vec![Err(E::Throttled)], Ok(7), Err(E::Throttled)),
        ];
        for (starts, found, wanted) in table {
            let shown = format!("{starts:?} {found:?}");
            let starts = RefCell::new(starts);
            let start = || ready(starts.borrow_mut().pop().expect("started more often"));
            assert_eq!(once(start, ready(found)).await, wanted, "{shown}");
            assert!(starts.borrow().is_empty(), "{shown}: started less often");
        }
    }
}
