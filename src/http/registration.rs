//! Orders and receipts come the same way: JSON or UBL, under a natural key, in revisions; suppliers
//! in JSON alone.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::http::answer;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::reader;
use crate::http::extract::content_type::{self, ContentType};
use crate::http::extract::json;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::idempotency::Idempotency;
use crate::http::noted::Noted;
use crate::http::openapi::SelfLink;
use crate::http::orders::unreadable::too_many_lines;
use crate::metrics::Metrics;
use crate::models::fault::Fault;
use crate::models::order::LINES_MAX;
use crate::storage::ledger::orders::Registration;

/// What orders and receipts may be sent as.
const ACCEPTED: [&str; 2] = ["application/json", "application/xml"];

/// What can be registered.
pub trait Registered: DeserializeOwned + Send + 'static {
    /// One with all its members, for the document and for finding faults.
    fn example() -> Value;

    /// All faults of the content.
    fn faults(&self) -> Vec<Fault>;

    /// Reads the UBL form, whose faults it names itself.
    ///
    /// # Errors
    /// 400, 413, 415 or 422.
    fn from_xml(bytes: &[u8]) -> Result<Self, ApiError>;

    /// UBL has no revision: it comes with the request.
    fn set_revision(&mut self, revision: u32);
}

/// The schema of something that is kept: all that it says, and `id`, `created_at` and `links`.
/// serde's `flatten` would become an `allOf` with a part that forbids the members of the other.
pub fn kept_schema<T: PartialSchema, Id: ToSchema>(text: &str) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut kept)) = T::schema() else {
        unreachable!("orders and receipts are objects");
    };
    let time = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("When this revision came."))
        .build();
    let id = Ref::from_schema_name(Id::name());
    let links = Ref::from_schema_name(SelfLink::name());
    kept.properties.insert("id".to_owned(), id.into());
    kept.properties.insert("created_at".to_owned(), time.into());
    kept.properties.insert("links".to_owned(), links.into());
    kept.required.extend(["id", "created_at", "revision", "links"].map(str::to_owned));
    kept.additional_properties = None;
    kept.description = Some(text.to_owned());
    RefOr::T(Schema::Object(kept))
}

/// The revision of an XML body.
#[derive(Debug, Clone, Copy, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Revision {
    /// For XML bodies, 1 when absent: to replace what is there, the stored revision plus one. In
    /// JSON it is a member.
    #[param(example = 2, minimum = 1)]
    pub revision: Option<u32>,
}

impl FromQuery for Revision {
    fn read(parameters: &mut Parameters) -> Self {
        let read = |text: &str| text.parse().ok().filter(|revision| *revision > 0);
        Self { revision: parameters.parsed("revision", "a whole number from 1", read) }
    }
}

/// Which revision of something is looked at.
#[derive(Debug, Clone, Copy, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Edition {
    /// An old revision; the newest when absent.
    #[param(example = 1, minimum = 1)]
    pub revision: Option<u32>,
}

impl FromQuery for Edition {
    fn read(parameters: &mut Parameters) -> Self {
        Self { revision: Revision::read(parameters).revision }
    }
}

impl Edition {
    /// 404 for what is not there, or never had this revision.
    pub fn missing(self, resource: &str) -> ApiError {
        let missing = ApiError::not_found(resource);
        match self.revision {
            Some(revision) => {
                missing.detail(format!("It is not there, or has no revision {revision}."))
            }
            None => missing,
        }
    }
}

/// Reads the body, off the threads that answer requests: a large one takes a while.
///
/// # Errors
/// 400, 408, 413, 415, 422: with every fault and its place.
pub async fn read<T: Registered>(request: Request, asked: Revision) -> Result<T, ApiError> {
    let content_type = ContentType::of(request.headers())?;
    let form = Form::of(content_type.as_ref())?;
    if matches!((form, asked.revision), (Form::Json, Some(_))) {
        let detail = "in JSON the revision is a member of the body";
        return Err(ApiError::parameter("revision", "misplaced", detail));
    }
    let body = reader(request).all().await?;
    if body.is_empty() {
        let fault = Fault::at("", "empty", "the body has no bytes");
        return Err(Slug::InvalidRequest.error().detail("The body is empty.").faults([fault]));
    }
    let parsed = tokio::task::spawn_blocking(move || match form {
        Form::Json => json::read_admitted(&body, &T::example(), within_lines, T::faults),
        Form::Xml => T::from_xml(&body),
    });
    let mut parsed = parsed.await.map_err(|panic| Slug::Internal.error().caused_by(panic))??;
    if let Some(revision) = asked.revision {
        parsed.set_revision(revision);
    }
    Ok(parsed)
}

/// Refuses more lines than are taken, whatever stands in them, as the same document in UBL is.
pub fn within_lines(document: &Value) -> Result<(), ApiError> {
    let found = document["lines"].as_array().map_or(0, Vec::len);
    if found > LINES_MAX { Err(too_many_lines(found)) } else { Ok(()) }
}

#[derive(Clone, Copy)]
enum Form {
    Json,
    Xml,
}

impl Form {
    fn of(content_type: Option<&ContentType>) -> Result<Self, ApiError> {
        match content_type {
            Some(content) if content.is_json() => Ok(Self::Json),
            Some(content) if content.essence == "application/xml" => Ok(Self::Xml),
            Some(content) if content.essence == "text/xml" => Ok(Self::Xml),
            other => Err(unsupported(content_type::shown(other).as_deref())),
        }
    }
}

/// 415 for a body that is neither.
pub fn unsupported(detected: Option<&str>) -> ApiError {
    content_type::unsupported(&ACCEPTED, detected)
}

/// 201 for something new, 200 for what is there already, 409 for other content.
///
/// # Errors
/// 409 `resource-exists`.
pub fn answer<Row, Resource: Serialize>(
    outcome: Registration<Row>,
    metrics: &Metrics,
    resource: impl FnOnce(Row) -> (String, Resource),
) -> Result<Response<Body>, ApiError> {
    let (status, used, row) = match outcome {
        Registration::New(row) => (StatusCode::CREATED, Idempotency::New, row),
        Registration::Known(row) => (StatusCode::OK, Idempotency::Replay, row),
        Registration::Conflict { id, revision } => {
            let detail = format!(
                "Revision {revision} says something else. To replace it send revision {}.",
                revision.saturating_add(1)
            );
            let exists = Slug::ResourceExists.error().detail(detail);
            return Err(exists.member("id", id).member("revision", revision));
        }
    };
    used.count(metrics);
    let (location, resource) = resource(row);
    let mut response = answer::created(status, &location, &resource);
    used.mark(response.headers_mut());
    Ok(Noted { idempotency: Some(used), ..Noted::default() }.on(response))
}
