//! `keys` as a command, and the commands that log in.

use std::process::Output;

use ap_gateway::app::Role;
use ap_gateway::config::AuthMode;
use ap_gateway::models::{access, hold};
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::{Gateway, temporal_address};

async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ap-gateway"));
    command.args(arguments).envs(environment.iter().copied());
    command.kill_on_drop(true).output().await.expect("the binary starts")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_listed_and_revoked() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("ledger.db").display());
    let ledger = [("AP_GATEWAY_LEDGER_URL", url.as_str()), ("USER", "anna")];
    let new = ["keys", "new", "--role", "submitter", "--role", "viewer", "--name", "erp"];
    let made = run(&[&new[..], &["--expires", "90d", "--duty", "buyer"]].concat(), &ledger).await;
    assert!(made.status.success(), "{}", err(&made));
    let key = out(&made).trim_end().to_owned();
    assert!(key.starts_with("apg_") && !key.contains('\n'), "the key and nothing else");
    assert!(err(&made).contains("AP_GATEWAY_AUTH=required"), "{}", err(&made));
    let file = folder.path().join("ledger.db").display().to_string();
    assert!(err(&made).contains(&format!("ledger: {file} (it was not there")), "{}", err(&made));
    assert!(err(&made).contains("with the duties buyer"), "{}", err(&made));
    let id = key.split('_').nth(1).expect("an id");
    let secret = &key[key.len() - 43..];
    assert!(!err(&made).contains(secret));

    let listed = run(&["keys", "list", "--json"], &ledger).await;
    let keys: Value = serde_json::from_str(&out(&listed)).expect("JSON");
    assert_eq!((&keys[0]["id"], &keys[0]["state"]), (&id.into(), &"good".into()));
    assert_eq!(keys[0]["subject"], "key:erp");
    assert_eq!(keys[0]["roles"], serde_json::json!(["viewer", "submitter"]));
    assert_eq!(keys[0]["duties"], serde_json::json!(["buyer"]));
    assert!(!out(&listed).contains(secret));

    let revoked = run(&["keys", "revoke", id], &ledger).await;
    assert!(revoked.status.success(), "{}", err(&revoked));
    for output in [&listed, &revoked] {
        assert!(err(output).contains(&format!("ledger: {file}\n")), "{}", err(output));
    }
    let table = out(&run(&["keys", "list"], &ledger).await);
    assert!(table.contains("revoked") && table.contains(id) && !table.contains(secret), "{table}");
    assert!(table.contains("DUTIES") && table.contains("buyer"), "{table}");
    let again = run(&["keys", "revoke", id], &ledger).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("keys list"), "{}", err(&again));
    let database = std::fs::read(folder.path().join("ledger.db")).expect("a file");
    let found = database.windows(43).any(|window| window == secret.as_bytes());
    assert!(!found, "the secret is in the database");
    for bad in [
        &["keys", "new", "--role", "boss", "--name", "x"][..],
        &["keys", "new", "--role", "viewer", "--name", "a b"],
        &["keys", "new", "--role", "viewer", "--name", "x", "--expires", "soon"],
        &["keys", "new", "--role", "viewer", "--name", "x", "--not-before", "later"],
        &["keys", "new", "--name", "x"],
    ] {
        assert_eq!(run(bad, &ledger).await.status.code(), Some(2), "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_help_of_keys_lists_roles_and_duties() {
    let help = out(&run(&["keys", "new", "--help"], &[]).await);
    let roles = access::Role::ALL.map(access::Role::as_str);
    let duties = hold::Role::OF_PERSONS.map(hold::Role::as_str);
    for words in [roles.join(", "), duties.join(", ")] {
        assert!(help.contains(&words), "{words}: {help}");
    }
}

/// Handed over ahead of its day; that the gateway refuses it until then, `keys::` shows.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_begin_later() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("ledger.db").display());
    let ledger = [("AP_GATEWAY_LEDGER_URL", url.as_str())];
    let new = ["keys", "new", "--role", "viewer", "--name", "erp", "--not-before"];
    let made = run(&[&new[..], &["2999-01-31", "--json"]].concat(), &ledger).await;
    assert!(made.status.success(), "{}", err(&made));
    let made: Value = serde_json::from_str(&out(&made)).expect("JSON");
    assert_eq!(made["not_before"], "2999-01-31T00:00:00Z");
    let told = run(&[&new[..], &["2999-01-31", "--expires", "2999-12-31"]].concat(), &ledger).await;
    let life = "good from 2999-01-31T00:00:00Z until 2999-12-31T00:00:00Z";
    assert!(err(&told).contains(life), "{}", err(&told));
    let listed = run(&["keys", "list", "--json"], &ledger).await;
    let keys: Value = serde_json::from_str(&out(&listed)).expect("JSON");
    for key in keys.as_array().expect("keys") {
        assert_eq!((&key["state"], &key["not_before"]), (&"not_yet".into(), &made["not_before"]));
    }
    for (times, words) in [
        (&["2999-01-31", "--expires", "2999-01-30"][..], "later than --not-before"),
        (&["2999-01-31", "--expires", "90d"][..], "later than --not-before"),
        (&["2020-01-31"][..], "--not-before must be a time to come"),
    ] {
        let refused = run(&[&new[..], times].concat(), &ledger).await;
        assert_eq!(refused.status.code(), Some(1), "{times:?}");
        assert!(err(&refused).contains(words), "{}", err(&refused));
    }
    let listed = run(&["keys", "list", "--json"], &ledger).await;
    let keys: Value = serde_json::from_str(&out(&listed)).expect("JSON");
    assert_eq!(keys.as_array().map(Vec::len), Some(2), "nothing came of what was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_log_in_with_the_key_of_their_environment() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("keys.db").display());
    let gateway = Gateway::start_with(Role::Http, temporal_address(), |settings| {
        settings.auth.mode = AuthMode::Required;
        settings.ledger.url = url.clone().into();
        assert!(settings.ledger.url.expose_secret().ends_with("keys.db"));
    })
    .await;
    let ledger = [("AP_GATEWAY_LEDGER_URL", url.as_str())];
    let made = run(&["keys", "new", "--role", "operator", "--name", "ops"], &ledger).await;
    let key = out(&made).trim_end().to_owned();
    let ping = ["ping", "--server", &gateway.base];
    let refused = run(&ping, &[]).await;
    assert_eq!(refused.status.code(), Some(1));
    let remedy = "401: Not logged in; set AP_GATEWAY_KEY or --key";
    assert!(err(&refused).contains(remedy), "{}", err(&refused));
    let other = run(&ping, &[("AP_GATEWAY_KEY", "apg_canary")]).await;
    assert_eq!(other.status.code(), Some(1));
    assert!(err(&other).contains("the key was not taken"), "{}", err(&other));
    assert!(!err(&other).contains("canary"), "{}", err(&other));
    let asked = run(&ping, &[("AP_GATEWAY_KEY", &key)]).await;
    // Nobody polls for this gateway, so there is no pong; but it was let in.
    assert!(out(&asked).contains("no answer yet"), "{}{}", out(&asked), err(&asked));
    let odd = run(&ping, &[("AP_GATEWAY_KEY", "canary\nx")]).await;
    assert_eq!(odd.status.code(), Some(64));
    assert!(!err(&odd).contains("canary"), "{}", err(&odd));
    let help = run(&["ping", "--help"], &[("AP_GATEWAY_KEY", "canary")]).await;
    assert!(!out(&help).contains("canary"), "{}", out(&help));
}

/// Acceptance 37: the port is never opened.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_only_on_this_machine() {
    let refused = run(&["serve", "--listen", "0.0.0.0:1"], &[]).await;
    assert_eq!(refused.status.code(), Some(64), "{}", err(&refused));
    assert!(err(&refused).contains("AP_GATEWAY_AUTH=required"), "{}", err(&refused));
}
