//! The overview: do the parts work, where are the invoices, what waits.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use chrono::{DateTime, TimeDelta, Utc};

use crate::http::Edge;
use crate::http::dashboard::cells::{Cell, Table, said};
use crate::http::dashboard::chart::{Chart, Counted};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::health::parts;
use crate::http::dashboard::invoices::{moment, recent};
use crate::http::dashboard::shown::{self, Frame};
use crate::http::error::ApiError;
use crate::http::extract::Query;
use crate::http::extract::query::NoParameters;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::overview::{StateCount, Worth};
use crate::storage::{Ledger, LedgerError};

/// Days that the chart of arrivals shows.
const DAYS: i64 = 14;

/// Invoices that the overview names.
const NAMED: u32 = 5;

/// States in which invoices wait for people.
const WAITING: [InvoiceStatus; 5] = [
    InvoiceStatus::NeedsAttention,
    InvoiceStatus::Review,
    InvoiceStatus::Held,
    InvoiceStatus::Query,
    InvoiceStatus::Approval,
];

/// The page.
#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct Overview {
    frame: Frame,
    parts: Vec<(&'static str, bool)>,
    on_hold: Vec<Worth>,
    waiting: Table,
    states: Chart,
    arrivals: Chart,
    attention: Table,
    now: String,
}

/// `GET /dashboard`.
///
/// # Errors
/// Those of the ledger.
pub async fn show(
    State(edge): State<Edge>,
    visitor: Visitor,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let (ledger, now) = (&edge.parts.ledger, Utc::now());
    let states = ledger.states().await?;
    let report = edge.parts.readiness.report();
    shown::page(&Overview {
        frame: Frame::of(&visitor, "/dashboard", "Overview"),
        parts: report.iter().map(|line| (parts(line.part), line.ready)).collect(),
        on_hold: ledger.worth(InvoiceStatus::Held).await?,
        waiting: waiting(&states, now),
        states: chart(&states),
        arrivals: arrivals(ledger, now).await?,
        attention: recent(ledger, InvoiceStatus::NeedsAttention, NAMED).await?,
        now: moment(now),
    })
}

/// What waits for people, and how long the oldest of it does.
fn waiting(states: &[StateCount], now: DateTime<Utc>) -> Table {
    let of_people = states.iter().filter(|state| WAITING.contains(&state.status));
    let row = |state: &StateCount| {
        let word = state.status.as_str();
        vec![
            Cell { link: list_of(word), ..Cell::state(word) },
            Cell::number(state.count.to_string()),
            Cell::text(age(now - state.oldest)),
        ]
    };
    let head = ["Waits in", "Invoices", "Oldest for"].map(str::to_owned).into();
    Table { caption: "What waits for people".to_owned(), head, rows: of_people.map(row).collect() }
}

fn list_of(status: &str) -> String {
    format!("/dashboard/invoices?status={status}")
}

fn chart(states: &[StateCount]) -> Chart {
    let counted = |state: &StateCount| Counted {
        word: said(state.status.as_str()),
        value: state.count,
        class: state.status.as_str().to_owned(),
        link: list_of(state.status.as_str()),
    };
    Chart::of("Invoices by state", states.iter().map(counted).collect())
}

async fn arrivals(ledger: &Ledger, now: DateTime<Utc>) -> Result<Chart, LedgerError> {
    let first = now - TimeDelta::days(DAYS - 1);
    let midnight = first.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let days = ledger.received_by_day(midnight).await?;
    let counted = (0..DAYS).map(|day| {
        let date = (midnight + TimeDelta::days(day)).date_naive();
        let found = days.iter().find(|(known, _)| known.date_naive() == date);
        Counted {
            word: date.to_string(),
            value: found.map_or(0, |(_, count)| *count),
            class: String::new(),
            link: String::new(),
        }
    });
    Ok(Chart::of("Invoices received by day", counted.collect()))
}

/// A time span in the largest unit that has a whole number of it.
fn age(span: TimeDelta) -> String {
    let minutes = span.num_minutes().max(0);
    match (minutes / 1_440, minutes / 60) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h"),
        (1, _) => "1 day".to_owned(),
        (days, _) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::age;

    #[test]
    fn ages_are_said_in_their_largest_unit() {
        for (minutes, text) in
            [(-3, "0 min"), (59, "59 min"), (60, "1 h"), (1_440, "1 day"), (9_000, "6 days")]
        {
            assert_eq!(age(TimeDelta::minutes(minutes)), text);
        }
    }
}
