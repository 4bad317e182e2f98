//! Looking at entries: those of a file, or what waits for a person.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use utoipa::{IntoParams, ToSchema};

use crate::http::answer::IfNoneMatch;
use crate::http::bank_statements::entry::{EntryResource, example};
use crate::http::error::ApiError;
use crate::http::error::openapi::{General, Removable};
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::gone::absent;
use crate::http::intent::IfNoneMatchHeader;
use crate::http::lists::{Page, Walk, set};
use crate::http::openapi::PageParameters;
use crate::models::payment::EntryState;
use crate::models::refs::{EntryId, StatementId};
use crate::storage::Ledger;
use crate::storage::ledger::entries::EntryRow;

/// What narrows the list of entries.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the document; the list has the values")]
pub struct EntryQuery {
    /// The file that has them; they come in its order then.
    #[param(example = "stm_01kax40b2t9v3m8q1d6h5n0ws4")]
    statement: Option<String>,
    /// States, as a comma list.
    #[param(example = "proposed,unmatched")]
    state: Option<String>,
}

/// The filters and the page of a list.
#[derive(Debug, Clone)]
pub struct EntryList {
    statement: Option<StatementId>,
    states: Vec<EntryState>,
    page: Page,
}

impl FromQuery for EntryList {
    fn read(parameters: &mut Parameters) -> Self {
        let id = "the id of a bank statement such as stm_01kax40b2t9v3m8q1d6h5n0ws4";
        let states = "a comma list of states such as proposed,unmatched";
        Self {
            statement: parameters.parsed("statement", id, |text| StatementId::parse(text).ok()),
            states: parameters
                .parsed("state", states, |list| list.split(',').map(EntryState::parse).collect())
                .unwrap_or_default(),
            page: Page::read(parameters),
        }
    }
}

/// A page of entries.
#[derive(ToSchema)]
#[schema(as = BankEntryList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct EntryPage {
    items: Vec<EntryResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// A row and the place behind which the next page begins.
struct Placed {
    place: String,
    row: EntryRow,
}

/// List bank entries
///
/// Of one file in its order, or of all files with the latest day first: `state=proposed` is the
/// work list of a clerk.
#[utoipa::path(
    get, path = "/bank-entries", tag = "bank statements", operation_id = "list_bank_entries",
    params(EntryQuery, PageParameters),
    responses(
        (status = 200, description = "A page", body = EntryPage,
            example = json!({"items": [example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_bank_entries(
    State(ledger): State<Ledger>,
    Query(list): Query<EntryList>,
) -> Result<Response<Body>, ApiError> {
    let states = set(list.states.iter().map(|state| state.as_str()));
    let statement = list.statement.as_ref().map(ToString::to_string);
    let filters = [("statement", statement), ("state", states)];
    let filters = filters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let walk = Walk::new("/bank-entries", filters, list.page, ledger.signing_key());
    let rows: Vec<Placed> = match &list.statement {
        Some(id) => {
            let after = walk.after(|last| last.parse().ok())?.unwrap_or(0);
            let rows = ledger.entries_of(id, &list.states, after, walk.limit()).await?;
            let placed = |(place, row): (i64, EntryRow)| Placed { place: place.to_string(), row };
            rows.into_iter().map(placed).collect()
        }
        None => {
            let after = walk.after(|last| EntryId::parse(last).ok())?;
            let rows = ledger.entries(&list.states, after.as_ref(), walk.limit()).await?;
            rows.into_iter().map(|row| Placed { place: row.id.to_string(), row }).collect()
        }
    };
    Ok(walk.answer(rows, |one: &Placed| one.place.as_str(), |one| EntryResource::from(one.row)))
}

/// Look at a bank entry
///
/// What the bank says, and what it pays, with the reasons.
#[utoipa::path(
    get, path = "/bank-entries/{id}", tag = "bank statements", operation_id = "get_bank_entry",
    params(
        ("id" = EntryId, Path, description = "The entry",
            example = "ent_01kaz3v9s8f2m7c4t0q6w5z1re"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "How it stands", body = EntryResource,
            headers(
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(example())),
        General, Removable,
    )
)]
pub async fn get_bank_entry(
    State(ledger): State<Ledger>,
    Id(id): Id<EntryId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let Some(row) = ledger.entry(&id).await? else {
        return Err(absent(&ledger, "bank_entry", id.as_str()).await?);
    };
    Ok(conditions.item(&EntryResource::from(row)))
}
