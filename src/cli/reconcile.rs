//! `reconcile`: an invoice against orders and receipts, compared on this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use serde::de::DeserializeOwned;

use crate::activities::examiner::Examiner;
use crate::app::intake::examiner;
use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::extract::examine;
use crate::cli::input;
use crate::cli::policy;
use crate::cli::say::{say, show, shown};
use crate::extraction::{Unreadable, read_order, read_receipt};
use crate::models::case::Case;
use crate::models::fault::Fault;
use crate::models::finding::{Finding, Severity};
use crate::models::order::PurchaseOrder;
use crate::models::receipt::Receipt;
use crate::models::verdict::Outcome;
use crate::reconciliation::policy::explained::{self, explain_policy};
use crate::reconciliation::{explain, reconcile};

/// Compare an invoice with its orders and receipts; exit code 1 unless it matches
#[derive(Debug, Args)]
pub struct Options {
    /// An invoice of any kind, or a whole case as JSON
    file: PathBuf,
    /// An order, as JSON or UBL Order; may be repeated
    #[arg(long = "order", value_name = "FILE")]
    orders: Vec<PathBuf>,
    /// A receipt, as JSON, UBL ReceiptAdvice or DespatchAdvice; may be repeated
    #[arg(long = "receipt", value_name = "FILE")]
    receipts: Vec<PathBuf>,
    /// The policy to compare by, as TOML or JSON [default: the case's own]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Print which line of the policy decided each check, instead of the result
    #[arg(long)]
    explain_policy: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// A file that cannot be read, with the place and the reason.
pub async fn run(options: Options, context: &Invocation) -> Result<ExitCode, Failure> {
    let examiner = examiner(&context.settings()?.extraction).map_err(Failure::configuration)?;
    let mut case = case(&options, &examiner).await?;
    let document = options.policy.as_deref().map(policy::read).transpose()?;
    match &document {
        Some(document) => case.policy = document.policy.clone(),
        None => refuse(&options.file, &policy_faults(&case))?,
    }
    let result = reconcile(&case);
    let explained = || explain_policy(&case, &result, document.as_ref());
    match (options.explain_policy, options.json) {
        (false, false) => show(explain(&case, &result)),
        (false, true) => say(serde_json::to_string_pretty(&result).context("the result as JSON")?),
        (true, false) => show(explained::text(&explained()).trim_end()),
        (true, true) => {
            say(serde_json::to_string_pretty(&explained()).context("the rows as JSON")?);
        }
    }
    let matched = matches!(result.outcome, Outcome::Matched | Outcome::MatchedUnpaid);
    Ok(if matched { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn case(options: &Options, examiner: &Examiner) -> anyhow::Result<Case> {
    let bytes = bytes(&options.file)?;
    let mut case = if is_case(&bytes) {
        from_json(&options.file, &bytes)?
    } else {
        from_invoice(&options.file, examiner).await?
    };
    for file in &options.orders {
        let order = document(file, read_order)?;
        refuse(file, &PurchaseOrder::faults(&order))?;
        case.purchase_orders.push(order);
    }
    for file in &options.receipts {
        let receipt = document(file, read_receipt)?;
        refuse(file, &Receipt::faults(&receipt))?;
        case.receipts.push(receipt);
    }
    Ok(case)
}

async fn from_invoice(file: &Path, examiner: &Examiner) -> anyhow::Result<Case> {
    let extraction = examine(file, examiner).await?.extraction;
    let fatal = extraction.findings.iter().filter(|finding| finding.severity == Severity::Fatal);
    Ok(Case {
        fatal_findings: fatal.map(Finding::breach).collect(),
        invoice: extraction.invoice,
        ..Case::default()
    })
}

fn document<T: DeserializeOwned>(
    file: &Path,
    read_xml: impl Fn(&[u8]) -> Result<T, Unreadable>,
) -> anyhow::Result<T> {
    let bytes = bytes(file)?;
    if is_json(&bytes) {
        from_json(file, &bytes)
    } else {
        read_xml(&bytes).map_err(|unreadable| {
            anyhow!("{}: {}", shown(&file.to_string_lossy()), shown(&unreadable.to_string()))
        })
    }
}

/// The faults of the policy that a whole case brings.
fn policy_faults(case: &Case) -> Vec<Fault> {
    let faults = case.policy.faults().into_iter();
    let placed = faults.map(|fault| {
        let pointer = format!("/policy{}", fault.pointer.as_deref().unwrap_or_default());
        Fault { pointer: Some(pointer), ..fault }
    });
    placed.collect()
}

fn refuse(file: &Path, faults: &[Fault]) -> anyhow::Result<()> {
    let text = |fault: &Fault| {
        let place = fault.pointer.as_deref().unwrap_or("/");
        format!("\n  {}", shown(&format!("{place}: {}", fault.detail)))
    };
    let list: String = faults.iter().map(text).collect();
    ensure!(faults.is_empty(), "{} cannot be used:{list}", shown(&file.to_string_lossy()));
    Ok(())
}

fn from_json<T: DeserializeOwned>(file: &Path, bytes: &[u8]) -> anyhow::Result<T> {
    serde_json::from_slice(bytes)
        .with_context(|| format!("cannot use {}", shown(&file.to_string_lossy())))
}

fn bytes(file: &Path) -> anyhow::Result<Vec<u8>> {
    input::read(file).with_context(|| format!("cannot read {}", shown(&file.to_string_lossy())))
}

/// Whether it is a whole case: an invoice in our own form has no invoice inside.
fn is_case(bytes: &[u8]) -> bool {
    let members = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes);
    is_json(bytes) && members.is_ok_and(|members| members.contains_key("invoice"))
}

fn is_json(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}
