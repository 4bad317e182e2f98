//! `GET /invoices`: newest first, narrowed by typed filters.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;
use utoipa::{IntoParams, ToSchema};

use crate::http::error::ApiError;
use crate::http::error::openapi::General;
use crate::http::extract::Query;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::invoices::resource::{InvoiceResource, example};
use crate::http::lists::{Page, Walk, set};
use crate::http::openapi::PageParameters;
use crate::models::attention::AttentionCode;
use crate::models::decimal;
use crate::models::hold::HoldCode;
use crate::models::money::Currency;
use crate::models::refs::{BatchId, InvoiceId, SupplierId};
use crate::models::status::InvoiceStatus;
use crate::storage::Ledger;
use crate::storage::ledger::invoices::{InvoiceFilter, InvoiceRow};

/// Decimals of an amount at most: no currency has more.
const AMOUNT_DECIMALS_MAX: u32 = 4;

/// An amount at most, in whole units: the ledger compares somewhat more.
const AMOUNT_MAX: i64 = 900_000_000_000_000;

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
    /// The supplier on file whose they are.
    #[param(example = "sup_01k8m0q4d7h1n5r9x2v6b3c8te")]
    supplier_id: Option<SupplierId>,
    /// The sender's own name for it, equal.
    #[param(example = "ERP-000417")]
    reference: Option<String>,
    /// Codes of holds, as a comma list: one of them is open. A released one is not.
    #[param(example = "UNIT_PRICE,QTY_RECEIVED")]
    hold: Option<String>,
    /// With tax, at least this much; needs `currency`.
    #[param(example = "100.00", pattern = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$")]
    amount_min: Option<String>,
    /// With tax, less than this; needs `currency`.
    #[param(example = "5000.00", pattern = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$")]
    amount_max: Option<String>,
    /// Due on this day or later.
    #[param(example = "2026-12-01")]
    due_after: Option<NaiveDate>,
    /// Due before this day.
    #[param(example = "2027-01-01")]
    due_before: Option<NaiveDate>,
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
        let hold = "a comma list of codes such as UNIT_PRICE,QTY_RECEIVED";
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
            supplier_id: parameters
                .parsed("supplier_id", "the id of a supplier", |id| SupplierId::parse(id).ok()),
            reference: parameters.text("reference"),
            hold: parameters.parsed("hold", hold, holds).unwrap_or_default(),
            amount_min: parameters.parsed("amount_min", AMOUNT, amount),
            amount_max: parameters.parsed("amount_max", AMOUNT, amount),
            due_after: parameters.parsed("due_after", DAY, day),
            due_before: parameters.parsed("due_before", DAY, day),
        };
        in_one_currency(&filter, parameters);
        Self { filter, page: Page::read(parameters) }
    }
}

/// What is said of an amount that is none.
const AMOUNT: &str = "an amount such as 100.00, of at most four decimals";

/// What is said of a day that is none.
const DAY: &str = "a day such as 2026-12-20";

/// A number says nothing across currencies.
fn in_one_currency(filter: &InvoiceFilter, parameters: &mut Parameters) {
    let sent = [("amount_min", filter.amount_min), ("amount_max", filter.amount_max)];
    for (name, _) in sent.iter().filter(|(_, amount)| amount.is_some()) {
        if filter.currency.is_none() {
            parameters.fault(
                name,
                "needs_currency",
                "is compared within one `currency`: send it too",
            );
        }
    }
}

fn statuses(text: &str) -> Option<Vec<InvoiceStatus>> {
    text.split(',').map(InvoiceStatus::parse).collect()
}

fn codes(text: &str) -> Option<Vec<AttentionCode>> {
    text.split(',').map(AttentionCode::parse).collect()
}

fn holds(text: &str) -> Option<Vec<HoldCode>> {
    text.split(',').map(HoldCode::parse).collect()
}

fn amount(text: &str) -> Option<Decimal> {
    let amount = decimal::parse(text).ok()?.normalize();
    let fits = amount.scale() <= AMOUNT_DECIMALS_MAX && amount.abs() <= Decimal::from(AMOUNT_MAX);
    fits.then_some(amount)
}

/// Of four digits of the year: the ledger compares days as texts.
fn day(text: &str) -> Option<NaiveDate> {
    let day = text.parse::<NaiveDate>().ok()?;
    (text.len() == "2026-12-20".len() && day.to_string() == text).then_some(day)
}

impl InvoiceList {
    /// The filters that were sent, each written in one way: tokens are bound to them.
    fn filters(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let sent = [
            ("status", set(filter.status.iter().map(|status| status.as_str()))),
            ("number", filter.number.clone()),
            ("purchase_order", filter.purchase_order.clone()),
            ("currency", filter.currency.clone()),
            ("batch_id", filter.batch.as_ref().map(ToString::to_string)),
            ("received_after", filter.received_after.map(time)),
            ("received_before", filter.received_before.map(time)),
            ("code", set(filter.code.iter().map(|code| code.word()))),
            ("supplier", filter.supplier_name.clone()),
            ("updated_before", filter.updated_before.map(time)),
            ("supplier_id", filter.supplier_id.as_ref().map(ToString::to_string)),
            ("reference", filter.reference.clone()),
            ("hold", set(filter.hold.iter().map(|code| code.as_str()))),
            ("amount_min", filter.amount_min.map(decimal::plain)),
            ("amount_max", filter.amount_max.map(decimal::plain)),
            ("due_after", filter.due_after.map(|day| day.to_string())),
            ("due_before", filter.due_before.map(|day| day.to_string())),
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
        let query = "received_after=2026-11-01T01:00:00%2B01:00&status=paid,held,paid&page_size=3";
        let mut parameters = Parameters::parse(query);
        let list = InvoiceList::read(&mut parameters);
        assert!(parameters.finish().is_ok());
        let expected = [("status", "held,paid"), ("received_after", "2026-11-01T00:00:00Z")];
        assert_eq!(list.filters(), expected.map(|(name, value)| (name, value.to_owned())));
        let query = "currency=EUR&amount_min=100.00&amount_max=0.5&hold=UNIT_PRICE,MANUAL";
        let mut parameters = Parameters::parse(query);
        let list = InvoiceList::read(&mut parameters);
        assert!(parameters.finish().is_ok());
        let expected = [
            ("currency", "EUR"),
            ("hold", "MANUAL,UNIT_PRICE"),
            ("amount_min", "100"),
            ("amount_max", "0.5"),
        ];
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
            "hold=UNIT_PRICE,",
            "supplier_id=V1",
            "currency=EUR&amount_min=1e3",
            "currency=EUR&amount_min=0.00001",
            "currency=EUR&amount_max=900000000000001",
            "amount_min=1",
            "amount_max=1",
            "due_after=2026-12-20T00:00:00Z",
            "due_before=2026-2-1",
            "due_before=12026-12-20",
            "code=UNKNOWN",
        ] {
            let mut parameters = Parameters::parse(bad);
            InvoiceList::read(&mut parameters);
            assert!(parameters.finish().is_err(), "{bad}");
        }
    }
}
