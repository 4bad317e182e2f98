//! What is wrong with a set-up ends a command at once, with the code that `--help` lists, and
//! before anything is announced.

use std::path::Path;

use tempfile::TempDir;

use crate::commands::{err, out, run};

/// A port that nobody ever listens on.
const NOBODY: &str = "127.0.0.1:1";

/// Everything in a folder of its own, Temporal away.
fn set_up(folder: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("TEMPORAL_ADDRESS", format!("http://{NOBODY}")),
        ("AP_GATEWAY_LISTEN", "127.0.0.1:0".to_owned()),
        ("AP_GATEWAY_LEDGER_URL", format!("sqlite:{}", folder.join("ledger.db").display())),
        ("AP_GATEWAY_LEDGER_CONNECTIONS", "1".to_owned()),
        ("AP_GATEWAY_ARTIFACTS", folder.join("artifacts").display().to_string()),
    ]
}

/// Code and words of a command with these variables besides.
async fn told(arguments: &[&str], more: &[(&'static str, &str)]) -> (Option<i32>, String) {
    let folder = TempDir::new().expect("a folder");
    let base = set_up(folder.path());
    let base = base.iter().map(|(name, value)| (*name, value.as_str()));
    let environment: Vec<_> = base.chain(more.iter().copied()).collect();
    let output = run(arguments, &environment).await;
    (output.status.code(), out(&output) + &err(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_configuration_names_is_read_before_anything_is_announced() {
    let folder = TempDir::new().expect("a folder");
    let bad = folder.path().join("bad.toml");
    std::fs::write(&bad, "kind = 7\n").expect("writable");
    let profiles = folder.path().display().to_string();
    let tls =
        [("AP_GATEWAY_TLS_CERTIFICATE", "/nope.pem"), ("AP_GATEWAY_TLS_KEY", "/nope-key.pem")];
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&tls, "/nope"),
        (&[("AP_GATEWAY_TABLE_PROFILES", "/nope")], "AP_GATEWAY_TABLE_PROFILES"),
        (&[("AP_GATEWAY_TABLE_PROFILES", &profiles)], "bad.toml"),
        (&[("AP_GATEWAY_STATEMENT_PROFILES", "/nope")], "AP_GATEWAY_STATEMENT_PROFILES"),
        (&[("AP_GATEWAY_LEDGER_URL", "mysql://me:canary@h/x")], "AP_GATEWAY_LEDGER_URL"),
    ];
    for (set, words) in cases {
        for command in ["serve", "check"] {
            let (code, text) = told(&[command], set).await;
            assert_eq!(code, Some(64), "{command} {set:?}: {text}");
            assert!(text.contains(words), "{command} {set:?}: {text}");
            assert!(!text.contains("serving") && !text.contains("canary"), "{text}");
        }
    }
    let (code, text) = told(&["keys", "list"], &[("AP_GATEWAY_LEDGER_URL", "mysql://x")]).await;
    assert_eq!(code, Some(64), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_reached_is_told_from_a_wrong_setting() {
    let away = format!("postgres://x:canary@{NOBODY}/y");
    for arguments in [&["serve"][..], &["keys", "list"]] {
        let (code, text) = told(arguments, &[("AP_GATEWAY_LEDGER_URL", &away)]).await;
        assert_eq!(code, Some(69), "{arguments:?}: {text}");
        assert!(text.contains("PostgreSQL at 127.0.0.1:1/y"), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_named_is_a_configuration_for_every_command() {
    let folder = TempDir::new().expect("a folder");
    let broken = folder.path().join("broken.toml");
    std::fs::write(&broken, "[http]\nlisten_on = 1\n").expect("writable");
    let broken = broken.display().to_string();
    for file in ["/no/such.toml", &broken] {
        for command in [&["ping"][..], &["list"], &["openapi"], &["serve"], &["keys", "list"]] {
            let (code, text) = told(&[command, &["--config", file]].concat(), &[]).await;
            assert_eq!(code, Some(64), "{command:?} {file}: {text}");
            assert!(text.contains(file), "{command:?}: {text}");
        }
        let (code, text) = told(&["check", "--json", "--config", file], &[]).await;
        assert!(code == Some(64) && text.contains("\"layers\""), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_nobody_reads_is_told_and_not_refused() {
    let set = [("AP_GATEWAY_DRIAN_SECONDS", "4"), ("AP_GATEWAY_SERVER", "http://h:1")];
    let (code, text) = told(&["check"], &set).await;
    assert_eq!(code, Some(10), "Temporal is away, and that is all: {text}");
    assert!(text.contains("AP_GATEWAY_DRIAN_SECONDS") && !text.contains("_SERVER"), "{text}");
    let away = format!("postgres://x@{NOBODY}/y");
    let (_, text) = told(&["serve"], &[set[0], ("AP_GATEWAY_LEDGER_URL", &away)]).await;
    assert!(text.contains("AP_GATEWAY_DRIAN_SECONDS"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_makes_its_folder_and_what_is_looked_at_makes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let written = folder.path().join("a/new/folder");
    let (code, text) = told(&["openapi", "--write", &written.display().to_string()], &[]).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(written.join("openapi.json").is_file() && written.join("operations.txt").is_file());

    let file = folder.path().join("ledgr.db");
    let url = format!("sqlite:{}", file.display());
    let (_, text) = told(&["check"], &[("AP_GATEWAY_LEDGER_URL", &url)]).await;
    assert!(text.contains("will be made") && text.contains("skipped"), "{text}");
    assert!(!file.exists(), "a look makes no ledger");
}
