//! `submit`: posts files to a gateway, and tells what became of each.
//!
//! As many as may be on their way at once are posted and waited for one by one; more than that go
//! in batches.

mod batches;
mod files;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use comfy_table::Table;
use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderName};
use serde::Serialize;
use serde_json::Value;

use crate::cli::exit::Failure;
use crate::cli::get::is_open;
use crate::cli::input;
use crate::cli::say::{say, show};
use crate::cli::server::Server;
use crate::cli::table::{row, with_header};
use crate::models::media_type::MediaType;

/// Post invoices and wait for what becomes of them; exit code 1 if one was not accepted
#[derive(Debug, Args)]
pub struct Options {
    /// Invoices and credit notes, or folders of them: XML, PDF, pictures, JSON, CSV, spreadsheets
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    server: Server,
    /// Seconds to wait for each invoice to come to rest; 0 answers at once
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    wait: u64,
    /// Files that are on their way at once; when there are more, they go in batches of up to 100
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: u8,
    /// Print the outcomes as JSON
    #[arg(long)]
    json: bool,
}

/// What became of one file.
#[derive(Debug, Serialize)]
struct Outcome {
    file: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// # Errors
/// No gateway; what happens to a single file stands in the table instead.
pub async fn run(options: Options) -> Result<ExitCode, Failure> {
    let client = options.server.client()?;
    let live = options.server.url("/livez")?;
    options.server.send(client.get(live)).await?;
    let files = files::expanded(&options.files).map_err(Failure::failed)?;
    let bar = progress(files.len());
    if files.len() > usize::from(options.parallel) {
        let sender = batches::Sender { client: &client, server: &options.server, bar: &bar };
        let wait = Duration::from_secs(options.wait);
        let outcomes = batches::submit(&sender, files, wait).await?;
        return Ok(told(&bar, outcomes, options.json));
    }
    let options = Arc::new(options);
    let posts = files.into_iter().map(|file| {
        let (client, options, bar) = (client.clone(), options.clone(), bar.clone());
        async move {
            let outcome = post(&client, &options, file).await;
            bar.inc(1);
            outcome
        }
    });
    let outcomes = stream::iter(posts).buffered(usize::from(options.parallel)).collect().await;
    Ok(told(&bar, outcomes, options.json))
}

/// Tells what became of each; code 1 when one was refused.
fn told(bar: &ProgressBar, mut outcomes: Vec<Outcome>, json: bool) -> ExitCode {
    bar.finish_and_clear();
    if json {
        say(format!("{:#}", serde_json::json!(outcomes)));
    } else {
        show(table(&mut outcomes));
    }
    let accepted = outcomes.iter().all(|outcome| outcome.problem.is_none());
    if accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn progress(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {elapsed} so far");
    let bar = ProgressBar::new(files as u64);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

async fn post(client: &Client, options: &Options, file: PathBuf) -> Outcome {
    match try_post(client, options, &file).await {
        Ok(invoice) => Outcome { file, invoice: Some(invoice), problem: None },
        Err(problem) => Outcome { file, invoice: None, problem: Some(problem) },
    }
}

async fn try_post(client: &Client, options: &Options, file: &Path) -> Result<Value, String> {
    let unreadable = |error| format!("cannot read: {error}");
    input::look(file).map_err(unreadable)?;
    let bytes = tokio::fs::read(file).await.map_err(unreadable)?;
    let url = options.server.url("/invoices").map_err(|failure| failure.to_string())?;
    let prefer = HeaderName::from_static("prefer");
    let request = client
        .post(url)
        .header(CONTENT_TYPE, MediaType::Unknown.or_by(&bytes).as_str())
        .header(prefer, format!("wait={}", options.wait))
        .body(bytes);
    let answer = options.server.answer(request).await;
    let (status, body) = answer.map_err(|failure| format!("not sent: {failure}"))?;
    let taken = status.is_success() && body.is_object();
    if taken { Ok(body) } else { Err(options.server.refusal(status, &body)) }
}

fn table(outcomes: &mut [Outcome]) -> Table {
    outcomes.sort_by(|a, b| a.file.cmp(&b.file));
    let mut table = with_header(["FILE", "STATUS", "INVOICE", "NUMBER", "TOTAL", "WHY"]);
    for outcome in outcomes {
        let file = outcome.file.display().to_string();
        let cells = match (&outcome.invoice, &outcome.problem) {
            (Some(invoice), _) => accepted_row(file, invoice),
            (None, problem) => {
                let why = problem.clone().unwrap_or_default();
                [file, "refused".to_owned(), String::new(), String::new(), String::new(), why]
            }
        };
        table.add_row(row(cells));
    }
    table
}

fn accepted_row(file: String, invoice: &Value) -> [String; 6] {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let total = &invoice["total"];
    let total = format!("{} {}", text(&total["amount"]), text(&total["currency"]));
    let holds = invoice["holds"].as_array().into_iter().flatten();
    let holds = holds.filter(|hold| is_open(hold)).map(|hold| text(&hold["text"]));
    let attention = invoice.get("attention").map(|attention| text(&attention["text"]));
    let why: Vec<String> = holds.chain(attention).collect();
    let total = total.trim().to_owned();
    let [status, id, number] = ["status", "id", "number"].map(|member| text(&invoice[member]));
    [file, status, id, number, total, why.join("; ")]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Outcome, table};

    #[test]
    fn only_open_holds_say_why_and_no_name_moves_the_cursor() {
        let invoice = json!({
            "id": "inv_1", "status": "approved", "number": "RE\u{1b}[2J",
            "holds": [
                {"code": "UNIT_PRICE", "text": "10 too much", "released": {"by": "key:anna"}},
                {"code": "QTY_RECEIVED", "text": "2 too many"},
            ],
        });
        let outcome = Outcome { file: "a\nb".into(), invoice: Some(invoice), problem: None };
        let text = table(&mut [outcome]).to_string();
        assert!(text.contains("2 too many") && !text.contains("10 too much"), "{text}");
        assert!(text.contains("RE\\u{1b}[2J") && text.contains("a\\nb"), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
