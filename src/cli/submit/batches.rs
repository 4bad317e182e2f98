//! Many files: in forms of up to a hundred, each a batch whose key is made of its contents.
//!
//! Forms and not one archive: each file's result comes back with its form, so progress is true and
//! a refusal is seen at once; nothing is packed first; and what was interrupted goes on where it
//! was, because a form that was taken is replayed. Documents that are known already are not handed
//! in again, whatever form they come in.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use indicatif::ProgressBar;
use reqwest::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cli::exit::Failure;
use crate::cli::input;
use crate::cli::server::{Server, problem_text};
use crate::cli::submit::Outcome;
use crate::models::batch::{DOCUMENT_BYTES_MAX, INLINE_ITEMS_MAX};
use crate::models::media_type::MediaType;

/// Bytes of the files of a form: three quarters of what the gateway takes, for it is held in memory
/// until it was taken.
const FORM_BYTES_MAX: u64 = 48 * 1024 * 1024;

/// How often a form is sent: an outage of a minute or so is outlasted.
const ATTEMPTS_MAX: u32 = 8;

/// The pause after a form that was not taken, when the gateway does not say; it doubles.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// How often a batch is looked at that is waited for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is sent to, and how.
pub(super) struct Sender<'a> {
    pub(super) client: &'a Client,
    pub(super) server: &'a Server,
    pub(super) bar: &'a ProgressBar,
}

/// A file that was read.
struct Loaded {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Hands the files in, waits for them at most so long, and tells what became of each, in order.
///
/// # Errors
/// A gateway that stays away: what was taken until then is there, and the same call goes on.
pub(super) async fn submit(
    sender: &Sender<'_>,
    files: Vec<PathBuf>,
    wait: Duration,
) -> Result<Vec<Outcome>, Failure> {
    let (mut outcomes, mut batches) = (Vec::with_capacity(files.len()), Vec::new());
    let mut form: Vec<Loaded> = Vec::new();
    let mut filled = 0;
    for path in files {
        match load(&path).await {
            Err(problem) => {
                sender.bar.inc(1);
                outcomes.push(Outcome { file: path, invoice: None, problem: Some(problem) });
            }
            Ok(bytes) => {
                let size = bytes.len() as u64;
                if form.len() >= INLINE_ITEMS_MAX || filled + size > FORM_BYTES_MAX {
                    sender.send(&mut form, &mut outcomes, &mut batches).await?;
                    filled = 0;
                }
                filled += size;
                form.push(Loaded { path, bytes });
            }
        }
    }
    sender.send(&mut form, &mut outcomes, &mut batches).await?;
    let ends = Instant::now() + wait;
    let mut invoices = HashMap::new();
    for batch in &batches {
        sender.wait(batch, ends).await?;
        sender.invoices(batch, &mut invoices).await?;
    }
    for outcome in &mut outcomes {
        let id = outcome.invoice.as_ref().and_then(|invoice| invoice["id"].as_str());
        if let Some(invoice) = id.and_then(|id| invoices.get(id)) {
            outcome.invoice = Some(Value::clone(invoice));
        }
    }
    Ok(outcomes)
}

async fn load(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("cannot read: {error}");
    let size = input::look(path).map_err(unreadable)?.len();
    if size > DOCUMENT_BYTES_MAX {
        return Err(format!("not sent: {size} bytes, and {DOCUMENT_BYTES_MAX} are taken"));
    }
    tokio::fs::read(path).await.map_err(unreadable)
}

impl Sender<'_> {
    /// Sends what is in the form and empties it.
    async fn send(
        &self,
        form: &mut Vec<Loaded>,
        outcomes: &mut Vec<Outcome>,
        batches: &mut Vec<String>,
    ) -> Result<(), Failure> {
        if form.is_empty() {
            return Ok(());
        }
        let key = key(form);
        let body = body(&key, form);
        let answer = self.post(&key, body).await?;
        batches.extend(answer["links"]["self"].as_str().map(str::to_owned));
        let mut items = answer["items"].as_array().cloned().unwrap_or_default().into_iter();
        for Loaded { path, .. } in form.drain(..) {
            let item = items.next().unwrap_or_default();
            let problem = item.get("problem").map(|problem| {
                let status = problem["status"].as_u64().and_then(|s| u16::try_from(s).ok());
                let status = status.and_then(|status| StatusCode::from_u16(status).ok());
                problem_text(status.unwrap_or(StatusCode::BAD_REQUEST), problem)
            });
            let invoice = problem.is_none().then_some(item);
            outcomes.push(Outcome { file: path, invoice, problem });
            self.bar.inc(1);
        }
        Ok(())
    }

    /// Sends the same form under the same key until it is taken.
    async fn post(&self, key: &str, body: Vec<u8>) -> Result<Value, Failure> {
        let url = self.server.url("/batches?known=replay")?;
        let mut pause = PAUSE_MIN;
        let mut last = String::new();
        for _ in 0..ATTEMPTS_MAX {
            let request = self
                .client
                .post(url.clone())
                .header(CONTENT_TYPE, format!("multipart/form-data; boundary={key}"))
                .header(HeaderName::from_static("idempotency-key"), key)
                .body(body.clone());
            let mut after = None;
            match self.server.send(request).await {
                Err(failure) => last = failure.to_string(),
                Ok(response) => {
                    let status = response.status();
                    let seconds = response.headers().get(RETRY_AFTER);
                    let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
                    after = seconds.map(Duration::from_secs);
                    let answer: Value = response.json().await.unwrap_or_default();
                    if status == StatusCode::MULTI_STATUS {
                        return Ok(answer);
                    }
                    last = self.server.refusal(status, &answer);
                    if !may_pass(status) {
                        return Err(Failure::failed(anyhow!("the gateway took no batch: {last}")));
                    }
                }
            }
            tokio::time::sleep(after.unwrap_or(pause).min(PAUSE_MAX)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
        Err(Failure::unavailable(anyhow!(
            "the gateway stays away: {last}; what was taken is kept, and the same command goes on"
        )))
    }

    async fn wait(&self, batch: &str, ends: Instant) -> Result<(), Failure> {
        while Instant::now() < ends {
            let seen = self.get(batch).await?;
            if seen["finished_at"].is_string() {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn invoices(
        &self,
        batch: &str,
        invoices: &mut HashMap<String, Value>,
    ) -> Result<(), Failure> {
        let id = batch.rsplit('/').next().unwrap_or_default();
        let page = self.get(&format!("/invoices?page_size=200&batch_id={id}")).await?;
        for invoice in page["items"].as_array().into_iter().flatten() {
            let id = invoice["id"].as_str().unwrap_or_default().to_owned();
            invoices.insert(id, invoice.clone());
        }
        Ok(())
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        let url = self.server.url(path)?;
        let response = self.server.send(self.client.get(url)).await?;
        Ok(response.json().await.unwrap_or_default())
    }
}

fn may_pass(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

/// The same files in the same form are the same batch.
fn key(form: &[Loaded]) -> String {
    let mut digest = Sha256::new();
    for file in form {
        digest.update(Sha256::digest(&file.bytes));
    }
    digest.finalize().iter().fold("submit-".to_owned(), |mut key, byte| {
        write!(key, "{byte:02x}").expect("a String takes everything");
        key
    })
}

/// The boundary is the key: a digest of the files is in none of them.
fn body(boundary: &str, form: &[Loaded]) -> Vec<u8> {
    let mut body = Vec::new();
    for file in form {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let plain = |c: char| if c.is_control() || matches!(c, '"' | '\\') { '_' } else { c };
        let name: String = name.chars().map(plain).collect();
        let kind = MediaType::Unknown.or_by(&file.bytes).as_str();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"document\"; \
             filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&file.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}
