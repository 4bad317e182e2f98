//! `get`: one thing of a gateway, by its id.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use url::form_urlencoded;

use crate::cli::exit::Failure;
use crate::cli::say::say;
use crate::cli::server::Server;

/// Show an invoice, an order, a receipt or anything else that has an id
#[derive(Debug, Args)]
pub struct Options {
    /// Its id: inv_…, po_…, rcp_…, sup_…, rec_…, bat_…, stm_…, ent_…, pfl_…, or that of a workflow
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

/// Where each kind of id is kept.
const KINDS: [(&str, &str); 9] = [
    ("inv_", "invoices"),
    ("po_", "purchase-orders"),
    ("rcp_", "receipts"),
    ("sup_", "suppliers"),
    ("rec_", "reconciliations"),
    ("bat_", "batches"),
    ("stm_", "bank-statements"),
    ("ent_", "bank-entries"),
    ("pfl_", "payment-files"),
];

/// # Errors
/// No gateway; nothing of that id.
pub async fn run(options: Options) -> Result<ExitCode, Failure> {
    let url = options.server.url(&path(&options.id))?;
    let request = options.server.client()?.get(url);
    let found = options.server.json(request.header("prefer", format!("wait={}", options.wait)));
    let found = found.await?;
    if options.json {
        say(format!("{found:#}"));
    } else {
        tell(&found);
    }
    Ok(ExitCode::SUCCESS)
}

/// Whatever is no id of ours may be a workflow's.
pub(super) fn path(id: &str) -> String {
    let kind = KINDS.iter().find(|(prefix, _)| id.starts_with(prefix));
    let folder = kind.map_or("workflows", |(_, folder)| folder);
    let segment: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/{folder}/{}", segment.replace('+', "%20"))
}

/// Members that say something in one line, then those that need more.
fn tell(found: &Value) {
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for (member, value) in found.as_object().into_iter().flatten() {
        let name = member.replace('_', " ");
        match value {
            _ if member == "links" => {}
            Value::Array(items) if items.iter().any(Value::is_object) => long.push((name, items)),
            value => short.push((name, plain(value))),
        }
    }
    let width = short.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in short {
        say(format!("{name:<width$}  {value}"));
    }
    for (name, items) in long {
        say(format!("{name}:"));
        for item in items {
            say(format!("  {}", sentence(item)));
        }
    }
}

/// A value in one line.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) if members.contains_key("currency") && members.len() == 2 => {
            let text = |member: &str| members[member].as_str().unwrap_or_default().to_owned();
            members
                .get("amount")
                .map_or_else(String::new, |_| format!("{} {}", text("amount"), text("currency")))
        }
        Value::Object(members) => {
            let said = members.iter().map(|(name, value)| format!("{name} {}", plain(value)));
            said.collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A hold and the like says itself what it is about; anything else is its members.
fn sentence(item: &Value) -> String {
    match (item["code"].as_str(), item["text"].as_str()) {
        (Some(code), Some(text)) => format!("{code}: {text}"),
        _ => plain(item),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{path, plain};

    #[test]
    fn an_id_tells_where_it_is_kept() {
        assert_eq!(
            path("inv_01kax3v9s8f2m7c4t0q6w5z1re"),
            "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re"
        );
        assert_eq!(path("ap-ping-1"), "/workflows/ap-ping-1");
        assert_eq!(path("a b/../c"), "/workflows/a%20b%2F..%2Fc");
    }

    #[test]
    fn values_are_read_like_words() {
        assert_eq!(plain(&json!({"amount": "1190.00", "currency": "EUR"})), "1190.00 EUR");
        assert_eq!(plain(&json!({"fatal": 0, "warning": 2})), "fatal 0, warning 2");
        assert_eq!(plain(&json!(["a", 1])), "a, 1");
    }
}
