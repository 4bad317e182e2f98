//! Our namespace: whether it is there, and how long it remembers what has ended.

use std::time::Duration;

use temporalio_client::NamespacedClient;
use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::IntoRequest;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;

use crate::temporal::gateway::{Gateway, GatewayError, READ};
use crate::temporal::grpc::bounded;

/// Below it the keys that a workflow keeps are forgotten too early (HTTP handbook §2.1).
const RETENTION_MIN: Duration = Duration::from_hours(7 * 24);

/// A namespace as Temporal describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// How long a closed run is kept; `None` when the server does not say.
    pub retention: Option<Duration>,
}

impl Namespace {
    /// Its retention as people say it, such as `30 days`; below a whole day in hours.
    pub fn retention_in_words(&self) -> Option<String> {
        let hours = self.retention?.as_secs() / 3_600;
        let (number, unit) = match hours {
            hours if hours % 24 == 0 => (hours / 24, "day"),
            hours => (hours, "hour"),
        };
        let plural = if number == 1 { "" } else { "s" };
        Some(format!("{number} {unit}{plural}"))
    }

    /// What is wrong with its retention; `None` when nothing is, or nothing is known.
    pub fn forgets_early(&self) -> Option<String> {
        self.retention.filter(|retention| *retention < RETENTION_MIN)?;
        let retention = self.retention_in_words()?;
        Some(format!(
            "ended runs are kept for {retention}, which is less than 7 days: after that the \
             Idempotency-Key of a ping, a reconciliation or a decision about a bank entry counts \
             as new; raise the retention of the namespace"
        ))
    }
}

impl Gateway {
    /// Our namespace, as Temporal knows it.
    ///
    /// # Errors
    /// `NamespaceMissing` when it does not know it.
    pub async fn describe_namespace(&self) -> Result<Namespace, GatewayError> {
        bounded(READ, async {
            let mut client = self.0.pool.client().await?;
            let request =
                DescribeNamespaceRequest { namespace: client.namespace(), ..Default::default() };
            let answer = client.describe_namespace(request.into_request()).await;
            let answer = answer.map_err(|status| self.meaning(&status))?.into_inner();
            let kept = answer.config.and_then(|c| c.workflow_execution_retention_ttl);
            let retention = kept.and_then(|ttl| ttl.try_into().ok());
            Ok(Namespace { retention })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Namespace;

    #[test]
    fn a_retention_below_a_week_is_told_and_no_other() {
        for (hours, words, early) in [
            (24, "1 day", true),
            (36, "36 hours", true),
            (167, "167 hours", true),
            (168, "7 days", false),
            (720, "30 days", false),
        ] {
            let namespace = Namespace { retention: Some(Duration::from_hours(hours)) };
            assert_eq!(namespace.retention_in_words().as_deref(), Some(words));
            let told = namespace.forgets_early();
            assert_eq!(told.is_some(), early, "{words}");
            assert!(told.is_none_or(|told| told.contains(words)), "{words}");
        }
        let unknown = Namespace { retention: None };
        assert_eq!((unknown.retention_in_words(), unknown.forgets_early()), (None, None));
    }
}
