//! `GET /workflows`: runs of our own types, narrowed by typed filters.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chrono::{DateTime, SecondsFormat, Utc};
use utoipa::{IntoParams, ToSchema};

use crate::http::error::ApiError;
use crate::http::error::openapi::Visible;
use crate::http::extract::Query;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::lists::{Page, Walk, set};
use crate::http::openapi::PageParameters;
use crate::http::workflows::resource::{WorkflowResource, example};
use crate::storage::Ledger;
use crate::temporal::Gateway;
use crate::temporal::gateway::{RunFilter, RunStatus, own_type};

/// What narrows the list of runs.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the document; the filter has the values")]
pub struct WorkflowQuery {
    /// Types, as a comma list.
    #[param(rename = "type", example = "InvoiceWorkflow")]
    kind: Option<String>,
    /// States, as a comma list.
    #[param(example = "failed,timed_out")]
    status: Option<String>,
    /// Started at or after.
    #[param(example = "2026-11-01T00:00:00Z")]
    started_after: Option<DateTime<Utc>>,
    /// Started before.
    #[param(example = "2026-12-01T00:00:00Z")]
    started_before: Option<DateTime<Utc>>,
}

/// The filters and the page of a list.
#[derive(Debug, Clone)]
pub struct WorkflowList {
    filter: RunFilter,
    page: Page,
}

/// A page of runs.
#[derive(ToSchema)]
#[schema(as = WorkflowList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct WorkflowPage {
    items: Vec<WorkflowResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

impl FromQuery for WorkflowList {
    fn read(parameters: &mut Parameters) -> Self {
        let types = "a comma list of types of the gateway such as InvoiceWorkflow";
        let states = "a comma list of states such as failed,timed_out";
        let filter = RunFilter {
            types: parameters
                .parsed("type", types, |text| text.split(',').map(own_type).collect())
                .unwrap_or_default(),
            status: parameters
                .parsed("status", states, |text| text.split(',').map(RunStatus::parse).collect())
                .unwrap_or_default(),
            started_after: parameters.time("started_after"),
            started_before: parameters.time("started_before"),
        };
        Self { filter, page: Page::read(parameters) }
    }
}

impl WorkflowList {
    /// The filters that were sent, each written in one way: tokens are bound to them.
    fn filters(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let sent = [
            ("type", set(filter.types.iter().copied())),
            ("status", set(filter.status.iter().map(|status| status.as_str()))),
            ("started_after", filter.started_after.map(time)),
            ("started_before", filter.started_before.map(time)),
        ];
        sent.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// List workflow runs
///
/// Runs of the gateway's own types: those that run by the time that they started, then those that
/// ended by the time of their end, newest first. Temporal's index lags a little, and a run that
/// ends during a walk may come twice: one item is one run, known by `run_id`. Few such lists are
/// made each second; when more are asked for, some are answered 503.
#[utoipa::path(
    get, path = "/workflows", tag = "workflows", operation_id = "list_workflows",
    params(WorkflowQuery, PageParameters),
    responses(
        (status = 200, description = "A page", body = WorkflowPage,
            example = json!({"items": [example()], "next_page_token": "AQAAAA"})),
        Visible,
    )
)]
pub async fn list_workflows(
    State(ledger): State<Ledger>,
    State(gateway): State<Gateway>,
    Query(list): Query<WorkflowList>,
) -> Result<Response<Body>, ApiError> {
    let size = list.page.size;
    let walk = Walk::new("/workflows", list.filters(), list.page, ledger.signing_key());
    // Temporal's token is bound to nothing: ours binds it.
    let after = walk.after(|last| BASE64_STANDARD_NO_PAD.decode(last).ok())?;
    let found = gateway.runs(&list.filter, size, after.unwrap_or_default()).await?;
    let next = (!found.next.is_empty()).then(|| BASE64_STANDARD_NO_PAD.encode(&found.next));
    let items = found.rows.iter().cloned().map(WorkflowResource::from).collect();
    Ok(walk.page(items, next.as_deref()))
}

#[cfg(test)]
mod tests {
    use super::{FromQuery, Parameters, WorkflowList};

    #[test]
    fn filters_are_typed_and_written_in_one_way() {
        let query = "started_after=2026-11-01T01:00:00%2B01:00&status=running,failed,running\
                     &type=PingWorkflow";
        let mut parameters = Parameters::parse(query);
        let list = WorkflowList::read(&mut parameters);
        assert!(parameters.finish().is_ok());
        let expected = [
            ("type", "PingWorkflow"),
            ("status", "failed,running"),
            ("started_after", "2026-11-01T00:00:00Z"),
        ];
        assert_eq!(list.filters(), expected.map(|(name, value)| (name, value.to_owned())));
        for bad in [
            "type=SomebodyElses",
            "type=PingWorkflow'%20OR%20'a'='a",
            "type=",
            "status=lost",
            "started_before=yesterday",
            "query=WorkflowType%3D'x'",
        ] {
            let mut parameters = Parameters::parse(bad);
            WorkflowList::read(&mut parameters);
            assert!(parameters.finish().is_err(), "{bad}");
        }
    }
}
