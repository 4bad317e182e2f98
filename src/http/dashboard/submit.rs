//! Invoices handed in by a person: one or several files, each taken as the API takes one.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::extract::multipart::Field;
use axum::http::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt};

use crate::http::Edge;
use crate::http::dashboard::cells::{Cell, Table, said};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::form_key;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::upload::Upload;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::body::too_large;
use crate::http::extract::content_type::ContentType;
use crate::http::extract::form::{self, refuse};
use crate::http::extract::query::NoParameters;
use crate::http::idempotency::{Idempotency, IdempotencyKey};
use crate::http::intent::Intent;
use crate::http::invoices::document::{Carrier, Taken, keep};
use crate::http::invoices::submit::{Hints, promise};
use crate::models::media_type::MediaType;
use crate::storage::ledger::invoices::InvoiceRow;

/// Files of one form: what a person drags together by hand. More are a batch.
const FILES_MAX: usize = 20;

/// Documents of the largest size that one form holds.
pub const LARGEST_DOCUMENTS: u64 = 4;

/// Characters of a file's name that are shown.
const NAME_CHARACTERS_MAX: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "dashboard/submit.html")]
struct SubmitPage {
    frame: Frame,
    key: String,
    outcomes: Table,
    files_max: usize,
    largest: String,
}

impl SubmitPage {
    fn new(edge: &Edge, visitor: &Visitor, outcomes: Vec<Vec<Cell>>) -> Self {
        let head = ["File", "Outcome", "Invoice", ""].map(str::to_owned).into();
        Self {
            frame: Frame::of(visitor, "/dashboard/submit", "Hand in invoices"),
            key: form_key::new(),
            outcomes: Table { caption: "What became of each".to_owned(), head, rows: outcomes },
            files_max: FILES_MAX,
            largest: format!("{} MiB", edge.parts.limits.document_bytes_max / (1024 * 1024)),
        }
    }
}

/// `GET /dashboard/submit`.
///
/// # Errors
/// 400 for parameters.
pub async fn show(
    State(edge): State<Edge>,
    visitor: Visitor,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    shown::page(&SubmitPage::new(&edge, &visitor, Vec::new()))
}

/// What the form says besides its files, which come behind it.
#[derive(Default)]
struct Said {
    key: Option<String>,
    purchase_order: Option<String>,
    /// Also what is known already is handed in.
    anew: bool,
}

impl Said {
    fn hear(&mut self, name: &str, text: &str) {
        let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match name {
            "key" => self.key = text,
            "purchase_order" => self.purchase_order = text,
            "anew" => self.anew = text.is_some(),
            _ => {}
        }
    }

    /// A file that is handed in anew needs a key, by which the form is one intent however often it
    /// is sent. Without one, its bytes are its key.
    fn intent(&self, intent: &Intent, file: usize) -> Intent {
        let key = form_key::of(self.key.clone().filter(|_| self.anew));
        let key = IdempotencyKey(key.map(|key| format!("{key}-{file}")));
        Intent { key, ..intent.clone() }
    }
}

/// `POST /dashboard/submit`: each file is a submission of its own; one that is refused stops no
/// other.
///
/// # Errors
/// 400 without a file, 403, 413, 415.
pub async fn hand_in(
    State(edge): State<Edge>,
    visitor: Visitor,
    intent: Intent,
    upload: Upload,
) -> Result<Response<Body>, ApiError> {
    let mut parts = upload.parts()?;
    let (mut told, mut rows) = (Said::default(), Vec::new());
    loop {
        let part = match parts.next_field().await.map_err(refuse) {
            Ok(Some(part)) => part,
            Ok(None) => break,
            // Those before it are taken, and whoever sent them must hear so.
            Err(error) if !rows.is_empty() => {
                rows.push(refused("the files behind these", &error));
                break;
            }
            Err(error) => return Err(error),
        };
        let Some(name) = part.file_name().map(str::to_owned) else {
            let (name, text) = form::text(part).await?;
            told.hear(&name, &text);
            continue;
        };
        // So does a browser say that no file was chosen.
        if name.is_empty() {
            continue;
        }
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        let outcome = match rows.len() < FILES_MAX {
            true => one(&edge, &told.intent(&intent, rows.len()), &told, part).await,
            false => Err(too_many()),
        };
        rows.push(match outcome {
            Ok((row, used)) => taken(&name, &row, used),
            Err(error) => refused(&name, &error),
        });
    }
    if rows.is_empty() {
        return Err(Slug::InvalidRequest
            .error()
            .detail("No file was chosen. Choose at least one."));
    }
    shown::page(&SubmitPage::new(&edge, &visitor, rows))
}

/// One file: kept as it comes, and promised.
async fn one(
    edge: &Edge,
    intent: &Intent,
    told: &Said,
    part: Field<'_>,
) -> Result<(InvoiceRow, Idempotency), ApiError> {
    // What a browser calls a file is a guess by its name; what it does not know, its bytes tell.
    let named = ContentType::of(part.headers())?.and_then(|one| MediaType::parse(&one.essence));
    let named = named.unwrap_or(MediaType::Unknown);
    let bytes = std::pin::pin!(within(edge.parts.limits.document_bytes_max, part));
    let kept = keep(&edge.parts.artifacts, Carrier::Part, named, bytes).await;
    let (stored, media_type) = kept?;
    let hints = Hints { purchase_order: told.purchase_order.clone(), ..Hints::default() };
    promise(edge, intent, Taken { stored, media_type, hints }).await
}

/// The bytes of a file, as many as one document may have.
fn within(max: u64, part: Field<'_>) -> impl Stream<Item = Result<Bytes, ApiError>> {
    let mut left = max;
    part.map(move |bytes| {
        let bytes = bytes.map_err(refuse)?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| too_large(max))?;
        Ok(bytes)
    })
}

fn too_many() -> ApiError {
    let detail = format!("A form takes {FILES_MAX} files. Send the rest with another.");
    Slug::InvalidRequest.error().detail(detail)
}

fn taken(name: &str, row: &InvoiceRow, used: Idempotency) -> Vec<Cell> {
    let word = if used == Idempotency::New { "accepted" } else { "known" };
    let why = match used {
        Idempotency::New => String::new(),
        _ => format!("The same document is here already; it is {}.", said(row.status.as_str())),
    };
    let place = format!("/dashboard/invoices/{}", row.id);
    vec![
        Cell::text(name),
        Cell::state(word),
        Cell::link(row.number.clone().unwrap_or_else(|| row.id.to_string()), place),
        Cell::text(why),
    ]
}

fn refused(name: &str, error: &ApiError) -> Vec<Cell> {
    let why = error.0.detail.clone().unwrap_or_else(|| error.0.slug.title().to_owned());
    vec![Cell::text(name), Cell::state("refused"), Cell::default(), Cell::text(why)]
}

#[cfg(test)]
mod tests {
    use super::Said;

    #[test]
    fn what_is_left_empty_was_not_said() {
        let mut said = Said::default();
        for (name, text) in [("purchase_order", "  "), ("anew", ""), ("key", " k1 "), ("x", "y")] {
            said.hear(name, text);
        }
        assert_eq!(
            (said.purchase_order, said.anew, said.key.as_deref()),
            (None, false, Some("k1"))
        );
    }
}
