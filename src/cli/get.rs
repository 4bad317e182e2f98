//! `get`: one thing of a gateway, by its id.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use url::form_urlencoded;

use crate::cli::exit::Failure;
use crate::cli::say::{say, show, shown};
use crate::cli::server::Server;

/// Show an invoice, an order, a receipt or anything else that has an id
#[derive(Debug, Args)]
pub struct Options {
    /// Its id: inv_…, po_…, rcp_…, sup_…, rec_…, bat_…, stm_…, ent_…, pfl_…, whk_…, or that of a
    /// workflow
    #[arg(value_parser = id)]
    id: String,
    #[command(flatten)]
    server: Server,
    /// Seconds to wait for an invoice to come to rest
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    wait: u64,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// What each kind of id stands for, and where it is kept.
const KINDS: [(&str, &str, &str); 10] = [
    ("inv_", "invoice", "invoices"),
    ("po_", "purchase order", "purchase-orders"),
    ("rcp_", "receipt", "receipts"),
    ("sup_", "supplier", "suppliers"),
    ("rec_", "reconciliation", "reconciliations"),
    ("bat_", "batch", "batches"),
    ("stm_", "bank statement", "bank-statements"),
    ("ent_", "bank entry", "bank-entries"),
    ("pfl_", "payment file", "payment-files"),
    ("whk_", "webhook", "webhooks"),
];

/// # Errors
/// No gateway; nothing of that id.
pub async fn run(options: Options) -> Result<ExitCode, Failure> {
    let url = options.server.url(&path(&options.id))?;
    let request = options.server.client()?.get(url);
    let request = request.header("prefer", format!("wait={}", options.wait));
    let found = options.server.thing(request, &absent(&options.id)).await?;
    if options.json {
        say(format!("{found:#}"));
    } else {
        tell(&found);
    }
    Ok(ExitCode::SUCCESS)
}

/// An id as a command line names it. An address knows no place for the others.
pub(super) fn id(text: &str) -> Result<String, &'static str> {
    match text {
        "." | ".." => Err("this is no id"),
        text if text.trim().is_empty() => Err("an id is not empty"),
        text => Ok(text.to_owned()),
    }
}

fn kind(id: &str) -> Option<(&'static str, &'static str)> {
    let kind = KINDS.iter().find(|(prefix, ..)| id.starts_with(prefix));
    kind.map(|(_, name, folder)| (*name, *folder))
}

/// What there is to say when it is not there.
pub(super) fn absent(id: &str) -> String {
    let (kind, id) = (kind(id), shown(id));
    if let Some((name, _)) = kind {
        return format!("no {name} {id}");
    }
    let known: Vec<_> = KINDS.iter().map(|(prefix, ..)| format!("{prefix}…")).collect();
    format!("there is no {id} here; ids are {}, or those of workflows", known.join(", "))
}

/// Whatever is no id of ours may be a workflow's.
pub(super) fn path(id: &str) -> String {
    let folder = kind(id).map_or("workflows", |(_, folder)| folder);
    let segment: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/{folder}/{}", segment.replace('+', "%20"))
}

/// Members that say something in one line, then those that need more.
fn tell(found: &Value) {
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for (member, value) in found.as_object().into_iter().flatten() {
        let name = shown(&member.replace('_', " "));
        match value {
            _ if member == "links" => {}
            Value::Array(items) if items.iter().any(Value::is_object) => long.push((name, items)),
            value => short.push((name, plain(value))),
        }
    }
    let width = short.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in short {
        show(format!("{name:<width$}  {value}"));
    }
    for (name, items) in long {
        show(format!("{name}:"));
        for item in items {
            show(format!("  {}", sentence(item)));
        }
    }
}

/// A value in one line.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => shown(text),
        Value::Object(members) if members.contains_key("currency") && members.len() == 2 => {
            let text = |member: &str| shown(members[member].as_str().unwrap_or_default());
            members
                .get("amount")
                .map_or_else(String::new, |_| format!("{} {}", text("amount"), text("currency")))
        }
        Value::Object(members) => {
            let said = members.iter().map(|(name, value)| (shown(name), plain(value)));
            let said = said.map(|(name, value)| format!("{name} {value}"));
            said.collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A hold and the like says itself what it is about; anything else is its members.
fn sentence(item: &Value) -> String {
    let (Some(code), Some(text)) = (item["code"].as_str(), item["text"].as_str()) else {
        return plain(item);
    };
    let said = format!("{}: {}", shown(code), shown(text));
    if is_open(item) {
        return said;
    }
    let release = |member: &str| item["released"][member].as_str().map(shown);
    let by = release("by").map(|by| format!(" by {by}")).unwrap_or_default();
    let why = release("reason").map(|why| format!(": {why}")).unwrap_or_default();
    format!("{said} (released{by}{why})")
}

/// Whether a hold counts. One that a person released is kept, with who did it and why.
pub(super) fn is_open(hold: &Value) -> bool {
    hold.get("released").is_none_or(Value::is_null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{absent, id, path, plain, sentence};

    #[test]
    fn an_id_tells_where_it_is_kept() {
        assert_eq!(
            path("inv_01kax3v9s8f2m7c4t0q6w5z1re"),
            "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re"
        );
        assert_eq!(path("whk_1"), "/webhooks/whk_1");
        assert_eq!(path("ap-ping-1"), "/workflows/ap-ping-1");
        assert_eq!(path("a b/../c"), "/workflows/a%20b%2F..%2Fc");
    }

    #[test]
    fn what_is_not_there_is_named() {
        assert_eq!(absent("inv_1"), "no invoice inv_1");
        assert_eq!(absent("po_1"), "no purchase order po_1");
        let other = absent("foo\u{1b}");
        assert!(other.starts_with("there is no foo\\u{1b} here; ids are inv_…"), "{other}");
        for none in ["", " ", ".", ".."] {
            assert!(id(none).is_err(), "{none:?}");
        }
        assert_eq!(id("ap-ping-1"), Ok("ap-ping-1".to_owned()));
    }

    #[test]
    fn values_are_read_like_words() {
        assert_eq!(plain(&json!({"amount": "1190.00", "currency": "EUR"})), "1190.00 EUR");
        assert_eq!(plain(&json!({"fatal": 0, "warning": 2})), "fatal 0, warning 2");
        assert_eq!(plain(&json!(["a", 1])), "a, 1");
        assert_eq!(plain(&json!({"na\nme": "\u{1b}[2J\nx"})), "na\\nme \\u{1b}[2J\\nx");
    }

    #[test]
    fn a_hold_that_was_released_says_so_with_who_and_why() {
        let open = json!({"code": "UNIT_PRICE", "text": "10 too much"});
        assert_eq!(sentence(&open), "UNIT_PRICE: 10 too much");
        let mut released = open.clone();
        released["released"] = json!({"code": "UNIT_PRICE", "by": "key:anna", "reason": "agreed"});
        assert_eq!(sentence(&released), "UNIT_PRICE: 10 too much (released by key:anna: agreed)");
        released["released"] = json!({});
        assert_eq!(sentence(&released), "UNIT_PRICE: 10 too much (released)");
    }
}
