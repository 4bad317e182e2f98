//! What another policy would do: one number changed, and which of the latest invoices that changes.
//! A page to be looked at and bookmarked; nothing is kept.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use rust_decimal::Decimal;

use crate::http::Edge;
use crate::http::dashboard::cells::{Cell, Table};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::{FromQuery, Parameters};
use crate::matching::what_if::{Bounds, Change, WhatIf, what_if};
use crate::models::decimal;
use crate::models::fault::Fault;
use crate::models::policy::{Policy, PolicyNumber};
use crate::models::verdict::Hold;

/// Invoices that are compared: some tens of milliseconds of each, and more than a screen shows.
const INVOICES_MAX: u32 = 200;

/// Time for all of them, well within the deadline of a page.
const TIME_MAX: Duration = Duration::from_secs(5);

/// Questions that are answered at once: each keeps a connection to the ledger and a core busy.
pub const AT_ONCE_MAX: usize = 2;

/// When to come back after others asked: most are done by then.
const BUSY: Duration = Duration::from_secs(2);

/// The word for no limit at all.
const NONE: &str = "none";

/// Which number, and what instead.
#[derive(Debug, Clone)]
pub struct Asked {
    key: Option<String>,
    value: Option<String>,
}

impl FromQuery for Asked {
    fn read(parameters: &mut Parameters) -> Self {
        let trimmed = |text: String| text.trim().to_owned();
        Self { key: parameters.one("key"), value: parameters.one("value").map(trimmed) }
    }
}

/// A number that may be chosen.
struct Choice {
    pointer: String,
    words: String,
    is_chosen: bool,
}

/// The form, on this page and on that of the policy.
#[derive(Template)]
#[template(path = "dashboard/what_if_form.html")]
pub struct WhatIfForm {
    groups: Vec<(String, Vec<Choice>)>,
    value: String,
}

impl WhatIfForm {
    /// With a number chosen, if one was.
    pub fn of(policy: &Policy, key: &str, value: &str) -> Self {
        let mut groups: Vec<(String, Vec<Choice>)> = Vec::new();
        for number in PolicyNumber::all(policy) {
            let (group, name) = named(&number);
            let pointer = number.pointer();
            let is_chosen = pointer == key;
            let words = format!("{name} (now {})", said(number.of(policy)));
            let choice = Choice { pointer, words, is_chosen };
            match groups.last_mut() {
                Some((last, choices)) if *last == group => choices.push(choice),
                _ => groups.push((group, vec![choice])),
            }
        }
        Self { groups, value: value.to_owned() }
    }
}

/// The group of a number, and its own name.
fn named(number: &PolicyNumber) -> (String, String) {
    match number {
        PolicyNumber::SmallDifference => ("Invoice".to_owned(), "small difference".to_owned()),
        PolicyNumber::TouchlessUpTo => {
            ("Invoice".to_owned(), "approved by itself up to".to_owned())
        }
        PolicyNumber::Limit(key, side, part) => {
            let key = String::from(key.clone());
            let name = format!("{key} {} {}", side.word(), part.word());
            (key, name)
        }
    }
}

fn said(value: Option<Decimal>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| value.to_string())
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/what_if.html")]
struct WhatIfPage {
    frame: Frame,
    form: WhatIfForm,
    faults: Vec<(String, String)>,
    asked: String,
    summary: String,
    stopped: String,
    changes: Table,
}

impl WhatIfPage {
    fn new(policy: &Policy, visitor: &Visitor, asked: &Asked) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (key, value) = (text(&asked.key), text(&asked.value));
        Self {
            frame: Frame::of(visitor, "/dashboard/policies", "What if"),
            form: WhatIfForm::of(policy, &key, &value),
            faults: Vec::new(),
            asked: String::new(),
            summary: String::new(),
            stopped: String::new(),
            changes: Table::default(),
        }
    }
}

/// `GET /dashboard/policies/what-if`.
///
/// # Errors
/// 503 while others ask; those of the ledger. A value that no policy could have is shown on the
/// page, which is 422 then.
pub async fn show(
    State(edge): State<Edge>,
    visitor: Visitor,
    sifted: Sifted<Asked>,
) -> Result<Response<Body>, ApiError> {
    let (policy, asked) = (&edge.parts.policy, &sifted.query);
    let mut page = WhatIfPage::new(policy, &visitor, asked);
    if asked.key.is_none() && asked.value.is_none() {
        return shown::page(&page);
    }
    let (number, other) = match changed(policy, asked) {
        Ok(changed) => changed,
        Err(faults) => return refused(page, faults),
    };
    let busy = |_| {
        let detail = "Others ask the same kind of question just now. Try again in a moment.";
        Slug::Overloaded.error().detail(detail).retry_after(BUSY)
    };
    let _place = edge.what_ifs.try_acquire().map_err(busy)?;
    let (_, name) = named(&number);
    page.asked =
        format!("{name}: {} instead of {}", said(number.of(&other)), said(number.of(policy)));
    let bounds = Bounds { invoices: INVOICES_MAX, time: TIME_MAX };
    let found = what_if(&edge.parts.ledger, policy, &Arc::new(other), bounds).await?;
    page.summary = summary(&found);
    page.stopped = stopped(&found);
    page.changes = table(&found.changes);
    shown::page(&page)
}

/// The number, and the policy with the other value: valid as a whole.
fn changed(policy: &Policy, asked: &Asked) -> Result<(PolicyNumber, Policy), Vec<Fault>> {
    let key = asked.key.as_deref().unwrap_or_default();
    let unknown = || vec![Fault::at("/key", "unknown", "choose a number of the policy")];
    let number = PolicyNumber::at(policy, key).ok_or_else(unknown)?;
    let value = match asked.value.as_deref() {
        Some(NONE) => None,
        text => {
            let read = decimal::parse(text.unwrap_or_default());
            let detail = |error: decimal::NotADecimal| {
                format!("{error}; write a number such as 0.05, or {NONE} for no limit")
            };
            let fault = |error| vec![Fault::at(key, "invalid_value", &detail(error))];
            Some(read.map_err(fault)?)
        }
    };
    let other = number.set(policy, value);
    let faults = other.faults();
    if faults.is_empty() { Ok((number, other)) } else { Err(faults) }
}

/// The page with what is wrong, under 422.
fn refused(mut page: WhatIfPage, faults: Vec<Fault>) -> Result<Response<Body>, ApiError> {
    let place = |fault: &Fault| fault.pointer.clone().unwrap_or_default();
    page.faults = faults.iter().map(|fault| (place(fault), fault.detail.clone())).collect();
    shown::refused(Slug::ValidationFailed.error().faults(faults), &page)
}

fn summary(found: &WhatIf) -> String {
    let mut text = format!("{} of {} invoices would change.", found.changes.len(), found.compared);
    if found.unread > 0 {
        let unread = found.unread;
        write!(text, " Of {unread} more nothing is left to compare.").expect("a String takes all");
    }
    text
}

fn stopped(found: &WhatIf) -> String {
    match (found.stopped_early, found.older) {
        (true, _) => format!(
            "Stopped early: after {} s only the latest {} were compared.",
            TIME_MAX.as_secs(),
            found.compared + found.unread
        ),
        (false, true) => {
            format!("Only the latest {INVOICES_MAX} were compared; there are older ones.")
        }
        (false, false) => String::new(),
    }
}

fn table(changes: &[Change]) -> Table {
    let head = [
        "Invoice",
        "Supplier",
        "Total",
        "Stands",
        "Before",
        "After",
        "Holds that go",
        "Holds that come",
    ];
    let row = |change: &Change| {
        let row = &change.row;
        let number = row.number.clone().unwrap_or_else(|| row.id.to_string());
        let total = row.total.map(|total| total.to_string()).unwrap_or_default();
        let total = format!("{total} {}", row.currency.as_deref().unwrap_or_default());
        vec![
            Cell::link(number, format!("/dashboard/invoices/{}", row.id)),
            Cell::text(row.supplier_name.clone().unwrap_or_default()),
            Cell::number(total.trim()),
            Cell::state(row.status.as_str()),
            Cell::state(change.before.status.as_str()),
            Cell::state(change.after.status.as_str()),
            Cell::text(holds(change.gone())),
            Cell::text(holds(change.come())),
        ]
    };
    Table {
        caption: "Invoices that would change".to_owned(),
        head: head.map(str::to_owned).into(),
        rows: changes.iter().map(row).collect(),
    }
}

fn holds<'h>(holds: impl Iterator<Item = &'h Hold>) -> String {
    let one = |hold: &Hold| {
        let about = [("line", &hold.line), ("charge", &hold.charge), ("order", &hold.po)];
        let about =
            about.iter().filter_map(|(word, name)| Some(format!("{word} {}", (*name).as_ref()?)));
        let released = hold.released.as_ref().map(|_| "(released)".to_owned());
        let words = [hold.code.as_str().to_owned()].into_iter().chain(about).chain(released);
        words.collect::<Vec<_>>().join(" ")
    };
    holds.map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::{Asked, changed};
    use crate::models::policy::Policy;

    #[test]
    fn a_value_is_held_to_what_a_policy_is_held_to() {
        let policy = Policy::default();
        let faults = |key: &str, value: &str| {
            let asked = Asked { key: Some(key.to_owned()), value: Some(value.to_owned()) };
            let faults = changed(&policy, &asked).err().unwrap_or_default();
            faults.into_iter().filter_map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        let price = "/tolerances/UNIT_PRICE/upper/percent";
        for value in ["5", "0", "0.05", "none"] {
            assert_eq!(faults(price, value), [""; 0], "{value}");
        }
        for value in ["", "-1", "5%", "1e3", "<b>", "99999999999999999999999999999999"] {
            assert_eq!(faults(price, value), [price], "{value}");
        }
        for key in
            ["", "/tolerances/UNIT_PRICE", "/match_level", "/tolerances/TAX_RATE/upper/percent"]
        {
            assert_eq!(faults(key, "5"), ["/key"], "{key}");
        }
    }
}
