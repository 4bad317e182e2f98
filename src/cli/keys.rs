//! `keys`: who may come in with an API key.

mod when;

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::keys::when::When;
use crate::cli::say::{say, tell};
use crate::cli::table;
use crate::config::{self, AuthMode, LedgerPlace};
use crate::models::access::{Author, Role, Roles};
use crate::models::hold::Role as Duty;
use crate::storage::Ledger;
use crate::storage::ledger::keys::{KEYS_MAX, KeyRow, KeyText, NewKey};

/// Make, list and revoke API keys; what is changed counts at once, in every running gateway
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key: it is printed on standard output, once
    New(New),
    /// List the keys, without their secrets
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// End a key: within 5 seconds no gateway takes it
    Revoke {
        /// The id, as `keys list` shows it
        id: String,
    },
}

#[derive(Debug, Args)]
struct New {
    /// What it may do; repeat it for more
    #[arg(long = "role", required = true, value_name = "ROLE", value_parser = role())]
    roles: Vec<Role>,
    /// Whose it is: letters, digits and . _ - @, such as `erp-import`. A second key of the same
    /// name is the same caller
    #[arg(long, value_parser = name)]
    name: String,
    /// The caller in records [default: key:NAME]; a person's `issuer|sub` makes key and token one
    #[arg(long, value_parser = subject)]
    subject: Option<String>,
    /// Whose holds it may release; repeat it for more
    #[arg(long = "duty", value_name = "DUTY", value_parser = duty())]
    duties: Vec<Duty>,
    /// From when it is taken, said as for `--expires` [default: now]
    #[arg(long, value_name = "WHEN")]
    not_before: Option<When>,
    /// When it ends: `90d`, `12h`, `2027-01-31` or `2027-01-31T12:00:00Z` [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// A ledger that does not open; an id that is not there.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let settings = invocation.settings()?;
    tell(which(&settings.ledger));
    let ledger = Ledger::open(&settings.ledger).await.context("cannot open the ledger")?;
    match options.command {
        Command::New(new) => {
            make(&new, &ledger, invocation).await?;
            if settings.auth.mode == AuthMode::None {
                tell("remark: a gateway asks for keys when AP_GATEWAY_AUTH=required is set for it");
            }
        }
        Command::List { json } => list(&ledger, json).await?,
        Command::Revoke { id } => revoke(&id, &ledger, invocation).await?,
    }
    ledger.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Which ledger is meant: a key counts for the gateways of that one alone, and from another folder
/// the same command means another.
fn which(ledger: &config::Ledger) -> String {
    match ledger.place() {
        Ok(LedgerPlace::File(path)) if !path.exists() => {
            format!("ledger: {} (it was not there and is made now)", path.display())
        }
        Ok(place) => format!("ledger: {place}"),
        Err(text) => text,
    }
}

async fn make(new: &New, ledger: &Ledger, invocation: &Invocation) -> anyhow::Result<()> {
    let (not_before, expires_at) = life(new, Utc::now())?;
    let key = NewKey {
        text: KeyText::draw()?,
        name: new.name.clone(),
        subject: new.subject.clone().unwrap_or_else(|| format!("key:{}", new.name)),
        roles: new.roles.iter().copied().collect(),
        duties: new.duties.clone(),
        not_before,
        expires_at,
    };
    if !ledger.add_key(&key, &author(invocation)).await? {
        return Err(anyhow!("there are {KEYS_MAX} keys already; revoke some first"));
    }
    let text = key.text.expose();
    if new.json {
        say(json!({
            "id": key.text.id(), "key": text.expose_secret(), "subject": key.subject,
            "roles": key.roles, "duties": key.duties, "not_before": shown(not_before),
            "expires_at": expires_at.map(shown),
        }));
        return Ok(());
    }
    let from = new.not_before.map_or(String::new(), |_| format!("from {} ", shown(not_before)));
    let until = expires_at.map_or("revoked".to_owned(), shown);
    tell(format!(
        "key {} of {} for {}{}, good {from}until {until}; it is shown this once:",
        key.text.id(),
        key.subject,
        words(&key.roles),
        with_duties(&key.duties)
    ));
    say(text.expose_secret());
    Ok(())
}

/// From when and until when a new key is good: both are to come, and the end comes last.
fn life(new: &New, now: DateTime<Utc>) -> anyhow::Result<(DateTime<Utc>, Option<DateTime<Utc>>)> {
    let begins = new.not_before.map(|when| when.after(now, "--not-before")).transpose()?;
    let ends = new.expires.map(|when| when.after(now, "--expires")).transpose()?;
    let begins = begins.unwrap_or(now);
    if ends.is_some_and(|end| end <= begins) {
        return Err(anyhow!("--expires must be later than --not-before"));
    }
    Ok((begins, ends))
}

async fn list(ledger: &Ledger, as_json: bool) -> anyhow::Result<()> {
    let (keys, now) = (ledger.keys().await?, Utc::now());
    if as_json {
        let keys = keys.iter().map(|key| {
            json!({
                "id": key.id, "name": key.name, "subject": key.subject, "roles": key.roles,
                "duties": key.duties, "state": state(key, now), "created_at": shown(key.created_at),
                "not_before": shown(key.not_before),
                "expires_at": key.expires_at.map(shown), "revoked_at": key.revoked_at.map(shown),
                "last_used_at": key.last_used_at.map(shown),
            })
        });
        say(format!("{:#}", json!(keys.collect::<Vec<_>>())));
        return Ok(());
    }
    let mut table = table::with_header([
        "ID",
        "NAME",
        "SUBJECT",
        "ROLES",
        "DUTIES",
        "STATE",
        "CREATED",
        "EXPIRES",
        "LAST USED",
    ]);
    for key in &keys {
        let time = |at: Option<DateTime<Utc>>| at.map_or("-".to_owned(), shown);
        table.add_row([
            key.id.clone(),
            key.name.clone(),
            key.subject.clone(),
            words(&key.roles),
            if key.duties.is_empty() { "-".to_owned() } else { duties(&key.duties) },
            state(key, now).to_owned(),
            shown(key.created_at),
            time(key.expires_at),
            time(key.last_used_at),
        ]);
    }
    say(table);
    Ok(())
}

async fn revoke(id: &str, ledger: &Ledger, invocation: &Invocation) -> anyhow::Result<()> {
    if ledger.revoke_key(id, &author(invocation)).await? {
        tell(format!("key {id} is revoked"));
        return Ok(());
    }
    Err(anyhow!("no key {id} that is still good: `ap-gateway keys list` shows all"))
}

/// Who stands at the terminal, as far as the system tells.
fn author(invocation: &Invocation) -> Author {
    let user =
        ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| invocation.environment.get(*name));
    let user = user.map_or("unknown", String::as_str);
    Author { subject: format!("terminal:{user}"), ..Author::default() }
}

fn state(key: &KeyRow, now: DateTime<Utc>) -> &'static str {
    match () {
        () if key.revoked_at.is_some() => "revoked",
        () if key.expires_at.is_some_and(|end| now >= end) => "expired",
        () if now < key.not_before => "not_yet",
        () => "good",
    }
}

fn words(roles: &Roles) -> String {
    roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" ")
}

fn duties(duties: &[Duty]) -> String {
    duties.iter().map(|duty| duty.as_str()).collect::<Vec<_>>().join(" ")
}

fn with_duties(of: &[Duty]) -> String {
    if of.is_empty() { String::new() } else { format!(" with the duties {}", duties(of)) }
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The words of the tables, which `--help` and completions show too.
fn role() -> impl TypedValueParser<Value = Role> {
    let words = PossibleValuesParser::new(Role::ALL.map(Role::as_str));
    words.try_map(|word| Role::parse(&word).ok_or("no role"))
}

fn duty() -> impl TypedValueParser<Value = Duty> {
    let words = PossibleValuesParser::new(Duty::OF_PERSONS.map(Duty::as_str));
    words.try_map(|word| Duty::of_person(&word).ok_or("no duty"))
}

fn name(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte);
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(plain);
    fits.then(|| text.to_owned()).ok_or("1 to 64 letters, digits and . _ - @".to_owned())
}

fn subject(text: &str) -> Result<String, String> {
    let fits = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned()).ok_or("1 to 255 visible ASCII characters".to_owned())
}
