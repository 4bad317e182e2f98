//! `GET /invoices`: newest first, narrowed by typed filters.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use utoipa::{IntoParams, ToSchema};

use crate::http::error::ApiError;
use crate::http::error::openapi::General;
use crate::http::extract::Query;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::invoices::resource::{InvoiceResource, example};
use crate::http::lists::{Page, Walk};
use crate::http::openapi::PageParameters;
use crate::models::attention::AttentionCode;
use crate::models::money::Currency;
use crate::models::refs::{BatchId, InvoiceId};
use crate::models::status::InvoiceStatus;
use crate::storage::Ledger;
use crate::storage::ledger::invoices::{InvoiceFilter, InvoiceRow};

/// What narrows the list of invoices.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the document; the filter has the values")]
pub struct InvoiceQuery {
    /// States, as a comma list.
    #[param(example = "held,needs_attention")]
    status: Option<String>,
    /// The supplier's number (BT-1), equal.
    #[param(example = "RE-2026-0417")]
    number: Option<String>,
    /// The order's number, equal.
    #[param(example = "PO-1001")]
    purchase_order: Option<String>,
    /// ISO 4217, equal.
    #[param(example = "EUR")]
    currency: Option<String>,
    /// A batch that they came in.
    #[param(example = "bat_01kax41c6v0r9m2d8q4t7h3nse")]
    batch_id: Option<BatchId>,
    /// Received at or after.
    #[param(example = "2026-11-01T00:00:00Z")]
    received_after: Option<DateTime<Utc>>,
    /// Received before.
    #[param(example = "2026-12-01T00:00:00Z")]
    received_before: Option<DateTime<Utc>>,
    /// Codes of `attention`, as a comma list.
    #[param(example = "RETRIES_EXHAUSTED,NO_LINES")]
    code: Option<String>,
    /// The supplier's name (BT-27), equal.
    #[param(example = "Schrauben Meier GmbH")]
    supplier: Option<String>,
    /// Changed last before: those that have waited for so long.
    #[param(example = "2026-11-20T00:00:00Z")]
    updated_before: Option<DateTime<Utc>>,
}

/// The filters and the page of a list.
#[derive(Debug, Clone)]
pub struct InvoiceList {
    filter: InvoiceFilter,
    page: Page,
}

/// A page of invoices.
#[derive(ToSchema)]
#[schema(as = InvoiceList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct InvoicePage {
    items: Vec<InvoiceResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

impl FromQuery for InvoiceList {
    fn read(parameters: &mut Parameters) -> Self {
        let expected = "a comma list of states such as held,needs_attention";
        let currency = "an ISO 4217 code such as EUR";
        let code = "a comma list of codes such as RETRIES_EXHAUSTED,NO_LINES";
        let filter = InvoiceFilter {
            ids: Vec::new(),
            status: parameters.parsed("status", expected, statuses).unwrap_or_default(),
            number: parameters.text("number"),
            purchase_order: parameters.text("purchase_order"),
            currency: parameters.parsed("currency", currency, |code| {
                Currency::parse(code).ok().map(|currency| currency.code().to_owned())
            }),
            batch: parameters.parsed("batch_id", "the id of a batch", |id| BatchId::parse(id).ok()),
            received_after: parameters.time("received_after"),
            received_before: parameters.time("received_before"),
            code: parameters.parsed("code", code, codes).unwrap_or_default(),
            supplier_name: parameters.text("supplier"),
            updated_before: parameters.time("updated_before"),
        };
        Self { filter, page: Page::read(parameters) }
    }
}

fn statuses(text: &str) -> Option<Vec<InvoiceStatus>> {
    text.split(',').map(InvoiceStatus::parse).collect()
}

fn codes(text: &str) -> Option<Vec<AttentionCode>> {
    text.split(',').map(AttentionCode::parse).collect()
}

impl InvoiceList {
    /// The filters that were sent, each written in one way: tokens are bound to them.
    fn filters(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let words: Vec<_> = filter.status.iter().map(|status| status.as_str()).collect();
        let status = (!words.is_empty()).then(|| words.join(","));
        let codes: Vec<_> = filter.code.iter().map(|code| code.word()).collect();
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let sent = [
            ("status", status),
            ("number", filter.number.clone()),
            ("purchase_order", filter.purchase_order.clone()),
            ("currency", filter.currency.clone()),
            ("batch_id", filter.batch.as_ref().map(ToString::to_string)),
            ("received_after", filter.received_after.map(time)),
            ("received_before", filter.received_before.map(time)),
            ("code", (!codes.is_empty()).then(|| codes.join(","))),
            ("supplier", filter.supplier_name.clone()),
            ("updated_before", filter.updated_before.map(time)),
        ];
        sent.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// List invoices
///
/// Newest first. What existed when the walk began, and still matches, comes exactly once.
#[utoipa::path(
    get, path = "/invoices", tag = "invoices", operation_id = "list_invoices",
    params(InvoiceQuery, PageParameters),
    responses(
        (status = 200, description = "A page", body = InvoicePage,
            example = json!({"items": [example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_invoices(
    State(ledger): State<Ledger>,
    Query(list): Query<InvoiceList>,
) -> Result<Response<Body>, ApiError> {
    let secret = ledger.signing_key();
    let walk = Walk::new("/invoices", list.filters(), list.page.clone(), secret);
    let after = walk.after(|last| InvoiceId::parse(last).ok())?;
    let rows = ledger.invoices(&list.filter, after.as_ref(), walk.limit()).await?;
    Ok(walk.answer(rows, |row: &InvoiceRow| row.id.as_str(), InvoiceResource::from))
}

#[cfg(test)]
mod tests {
    use super::{FromQuery, InvoiceList, Parameters};

    #[test]
    fn filters_are_written_in_one_way() {
        let query = "received_after=2026-11-01T01:00:00%2B01:00&status=held,paid&page_size=3";
        let mut parameters = Parameters::parse(query);
        let list = InvoiceList::read(&mut parameters);
        assert!(parameters.finish().is_ok());
        let expected = [("status", "held,paid"), ("received_after", "2026-11-01T00:00:00Z")];
        assert_eq!(list.filters(), expected.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn filters_are_typed() {
        for bad in [
            "status=lost",
            "status=",
            "currency=EURO",
            "received_before=yesterday",
            "batch_id=1",
            "hold=X",
            "code=UNKNOWN",
        ] {
            let mut parameters = Parameters::parse(bad);
            InvoiceList::read(&mut parameters);
            assert!(parameters.finish().is_err(), "{bad}");
        }
    }
}
