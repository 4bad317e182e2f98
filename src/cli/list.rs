//! `list`: what a gateway keeps, newest first.

use std::process::ExitCode;

use chrono::DateTime;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::exit::Failure;
use crate::cli::get::{is_open, plain};
use crate::cli::say::{say, show, tell};
use crate::cli::server::Server;
use crate::cli::table::{row, with_headers};

/// List invoices, or something else, newest first
#[derive(Debug, Args)]
pub struct Options {
    /// What
    #[arg(value_enum, default_value_t = Kind::Invoices)]
    kind: Kind,
    #[command(flatten)]
    server: Server,
    /// Only those in these states: held,needs_attention
    #[arg(long, value_name = "STATES")]
    status: Option<String>,
    /// Narrow by any filter of the list: number=RE-1, purchase_order=PO-1, type=InvoiceWorkflow
    #[arg(long = "filter", value_name = "NAME=VALUE", value_parser = pair)]
    filters: Vec<(String, String)>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: usize,
    /// Print the items as JSON
    #[arg(long)]
    json: bool,
}

/// What there are lists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Invoices,
    Orders,
    Receipts,
    Suppliers,
    Batches,
    Statements,
    Entries,
    PaymentFiles,
    Workflows,
}

/// Largest page that the gateway gives.
const PAGE: usize = 200;

impl Kind {
    fn path(self) -> &'static str {
        match self {
            Self::Invoices => "/invoices",
            Self::Orders => "/purchase-orders",
            Self::Receipts => "/receipts",
            Self::Suppliers => "/suppliers",
            Self::Batches => "/batches",
            Self::Statements => "/bank-statements",
            Self::Entries => "/bank-entries",
            Self::PaymentFiles => "/payment-files",
            Self::Workflows => "/workflows",
        }
    }

    /// Members of an item that are shown. One that an item does not have stays empty.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Invoices => {
                &["id", "status", "number", "supplier_name", "total", "due_date", "holds"]
            }
            Self::Orders => &["id", "number", "revision", "currency", "created_at"],
            Self::Receipts => &["id", "kind", "number", "purchase_order", "date"],
            Self::Suppliers => &["id", "supplier_number", "name", "revision"],
            Self::Batches => &["id", "status", "created_at", "counts"],
            Self::Statements => &["id", "status", "account", "received_at"],
            Self::Entries => &["id", "status", "booked_on", "amount", "counterparty"],
            Self::PaymentFiles => &["id", "status", "total", "created_at"],
            Self::Workflows => &["workflow_id", "type", "status", "started_at", "closed_at"],
        }
    }
}

/// # Errors
/// No gateway; a filter that the list does not have.
pub async fn run(options: Options) -> Result<ExitCode, Failure> {
    let (mut items, more) = items(&options).await?;
    items.truncate(options.limit);
    if options.json {
        say(format!("{:#}", json!(items)));
        return Ok(ExitCode::SUCCESS);
    }
    let columns = options.kind.columns();
    let mut table = with_headers(columns.iter().map(|name| name.to_uppercase().replace('_', " ")));
    for item in &items {
        table.add_row(row(columns.iter().map(|column| cell(&item[*column]))));
    }
    show(table);
    if more {
        tell(format!("there are more: --limit {} shows some", options.limit * 2));
    }
    Ok(ExitCode::SUCCESS)
}

/// Page after page, as many as are wanted, and whether there are more.
async fn items(options: &Options) -> Result<(Vec<Value>, bool), Failure> {
    let client = options.server.client()?;
    let (mut items, mut token) = (Vec::new(), None::<String>);
    loop {
        let mut url = options.server.url(options.kind.path())?;
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(options.status.iter().map(|status| ("status", status)));
            query.extend_pairs(&options.filters);
            let size = options.limit.saturating_sub(items.len()).clamp(1, PAGE);
            query.append_pair("page_size", &size.to_string());
            query.extend_pairs(token.iter().map(|token| ("page_token", token)));
        }
        let page = options.server.json(client.get(url)).await?;
        items.extend(page["items"].as_array().cloned().unwrap_or_default());
        token = page["next_page_token"].as_str().map(str::to_owned);
        if token.is_none() || items.len() >= options.limit {
            return Ok((items, token.is_some()));
        }
    }
}

/// Open holds by their codes, times to the second, anything else in one line.
fn cell(value: &Value) -> String {
    let is_time = |text: &str| text.len() == 24 && DateTime::parse_from_rfc3339(text).is_ok();
    match value {
        Value::Null => String::new(),
        Value::Array(items) if items.iter().all(|item| item["code"].is_string()) => {
            let open = items.iter().filter(|item| is_open(item));
            let codes: Vec<_> = open.filter_map(|item| item["code"].as_str()).collect();
            codes.join(" ")
        }
        Value::String(text) if is_time(text) => text[..19].replace('T', " "),
        other => plain(other),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or_else(|| format!("{text:?} is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::cell;

    #[test]
    fn a_cell_is_one_line_of_what_counts() {
        let holds = json!([
            {"code": "UNIT_PRICE", "text": "10 too much", "released": {"by": "key:anna"}},
            {"code": "QTY_RECEIVED", "text": "2 too many"},
            {"code": "DUPLICATE", "text": "known", "released": null},
        ]);
        assert_eq!(cell(&holds), "QTY_RECEIVED DUPLICATE");
        assert_eq!(cell(&json!([holds[0]])), "", "what was released is no hold any more");
        assert_eq!(cell(&json!("2026-11-23T10:02:11.004Z")), "2026-11-23 10:02:11");
        // As long as a time, and no letter ends where its seconds do.
        assert_eq!(cell(&json!("Gebrüder Österreicher AZ")), "Gebrüder Österreicher AZ");
        assert_eq!(cell(&json!("ABCDEFGHIJKLMNOPQRäXXYZ")), "ABCDEFGHIJKLMNOPQRäXXYZ");
        assert_eq!(cell(&json!("\u{202e}x")), "\\u{202e}x");
    }
}
