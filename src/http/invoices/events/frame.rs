//! One event as it goes over the wire. Names come from a closed set and data is one line of JSON,
//! so no line break of a stranger's gets into a frame.

use bytes::Bytes;
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use crate::http::invoices::events::is_over;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::invoices::InvoiceRow;
use crate::storage::ledger::timeline::EventRow;

/// Tells a reader how long to wait before it connects again, in milliseconds.
pub(crate) const RETRY: &[u8] = b"retry: 3000\n\n";

/// Keeps proxies from closing a silent connection.
pub(crate) const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// The gateway stops. Without an id: the reader goes on behind the last event.
pub(super) const DRAIN: &[u8] = b"event: drain\ndata: {}\n\n";

/// The invoice as it stands; `resumed` is false for a reader whose last event is none of ours.
pub(super) fn snapshot(row: &InvoiceRow, resumed: Option<bool>) -> Bytes {
    let open = row.holds.iter().filter(|hold| hold.released.is_none());
    let holds: Vec<_> = open.map(|hold| hold.code).collect();
    let mut data = json!({
        "id": row.id, "status": row.status, "revision": row.revision, "holds": holds,
    });
    if let Some(resumed) = resumed {
        data["resumed"] = resumed.into();
    }
    frame(row.revision, "snapshot", &data)
}

/// An event of the ledger.
pub(super) fn event(id: &InvoiceId, row: &EventRow) -> Bytes {
    frame(row.revision, name(row), &data(id, row))
}

/// Whether the stream ends behind it.
pub(super) fn closes(row: &EventRow) -> bool {
    to(row).is_some_and(is_over)
}

fn to(row: &EventRow) -> Option<InvoiceStatus> {
    row.data["to"].as_str().and_then(InvoiceStatus::parse)
}

fn name(row: &EventRow) -> &'static str {
    match row.event.as_str() {
        "attention" => "attention",
        "decision" if row.data["action"] == "release" => "release",
        "decision" => "decision",
        "hold" => "hold",
        _ if closes(row) => "closed",
        _ => "status",
    }
}

/// What was written with the event, under names that mean one thing in every event: `id` is the
/// invoice. What only our own engine can use is left out.
fn data(id: &InvoiceId, row: &EventRow) -> Value {
    let mut data = Map::from_iter([("id".to_owned(), json!(id))]);
    for (member, value) in row.data.as_object().into_iter().flatten() {
        let member = match (row.event.as_str(), member.as_str()) {
            (_, "input_hash") => continue,
            ("decision", "id") => "decision",
            ("status", "by") => "superseded_by",
            (_, member) => member,
        };
        if !value.is_null() {
            data.insert(member.to_owned(), value.clone());
        }
    }
    data.insert("revision".to_owned(), row.revision.into());
    let at = row.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    data.insert("at".to_owned(), at.into());
    Value::Object(data)
}

fn frame(revision: i64, name: &'static str, data: &Value) -> Bytes {
    Bytes::from(format!("id: {revision}\nevent: {name}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::{closes, event};
    use crate::models::refs::InvoiceId;
    use crate::storage::ledger::timeline::EventRow;

    fn row(event: &str, data: Value) -> EventRow {
        let at = DateTime::from_timestamp_millis(1_800_000_000_123).expect("a time");
        EventRow { revision: 6, event: event.to_owned(), data, at }
    }

    #[test]
    fn each_event_of_the_ledger_has_one_name() {
        let table = [
            ("status", json!({"from": "held", "to": "approval"}), "status", false),
            ("status", json!({"from": "matching", "to": "held"}), "status", false),
            ("status", json!({"from": "scheduled", "to": "paid"}), "closed", true),
            ("status", json!({"from": "held", "to": "rejected"}), "closed", true),
            ("attention", json!({"from": "held", "to": "needs_attention"}), "attention", false),
            ("hold", json!({"holds": []}), "hold", false),
            ("decision", json!({"action": "release"}), "release", false),
            ("decision", json!({"action": "approve"}), "decision", false),
        ];
        let id = InvoiceId::new(Uuid::nil());
        for (kind, data, name, ends) in table {
            let row = row(kind, data);
            let text = String::from_utf8(event(&id, &row).to_vec()).expect("UTF-8");
            assert!(text.starts_with(&format!("id: 6\nevent: {name}\ndata: {{")), "{text}");
            assert_eq!(closes(&row), ends, "{text}");
        }
    }

    #[test]
    fn the_id_is_that_of_the_invoice_and_a_line_break_stays_inside_the_data() {
        let id = InvoiceId::new(Uuid::nil());
        let said = json!({
            "id": "dec_1", "action": "approve", "by": "user:\n\nevent: closed",
            "reason_code": null, "input_hash": "9f2c",
        });
        let text = String::from_utf8(event(&id, &row("decision", said)).to_vec()).expect("UTF-8");
        assert_eq!(text.lines().count(), 4, "{text}");
        let data = text.lines().nth(2).and_then(|line| line.strip_prefix("data: "));
        let data: Value = serde_json::from_str(data.expect("data")).expect("JSON");
        assert_eq!((&data["id"], &data["decision"]), (&json!(id), &json!("dec_1")));
        assert_eq!(data["at"], "2027-01-15T08:00:00.123Z");
        assert!(data.get("input_hash").is_none() && data.get("reason_code").is_none(), "{data}");
    }
}
