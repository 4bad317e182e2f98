//! The tours of the README, of the handbooks of payments and batches and of the page for finance
//! people, and the quick starts: every command runs as it stands there, and answers what is shown.
//!
//! A block marked `sh` is a command; the block behind it is its answer. Ids, times, digests and
//! durations differ from run to run, so both sides are compared with those blanked out.

use std::process::Command;

use crate::harness::Gateway;

struct Step {
    command: String,
    answer: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_tour_answers_what_the_readme_shows() {
    run(include_str!("../../README.md"), 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_about_payments_answers_what_is_shown() {
    run(include_str!("../../docs/payments.md"), 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_about_batches_answers_what_is_shown() {
    run(include_str!("../../docs/batches.md"), 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_quick_start_with_curl_answers_what_is_shown() {
    run(include_str!("../../docs/quickstart-curl.md"), 8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_for_finance_people_answers_what_is_shown() {
    run(include_str!("../../docs/finance.md"), 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_start_with_python_prints_what_is_shown() {
    let document = include_str!("../../docs/quickstart-python.md");
    let blocks = |kind: &str| {
        let begin = format!("```{kind}\n");
        let blocks = document.split(begin.as_str()).skip(1);
        let texts = blocks.map(|block| block.split("```").next().unwrap_or_default());
        texts.collect::<Vec<_>>().join("\n")
    };
    let (script, shown) = (blocks("python"), blocks("text"));
    let gateway = Gateway::start().await;
    let server = gateway.base.clone();
    let ran = tokio::task::spawn_blocking(move || {
        let mut python = Command::new("python3");
        python.args(["-c", &script]).current_dir(env!("CARGO_MANIFEST_DIR"));
        python.env("AP_GATEWAY_SERVER", server).output().expect("python3 is there")
    });
    let ran = ran.await.expect("no panic");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let seen = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(blank(&seen), blank(&shown), "seen:\n{seen}");
}

async fn run(document: &str, at_least: usize) {
    let steps = steps(document);
    assert!(steps.len() >= at_least, "the tour has {} commands", steps.len());
    let gateway = Gateway::start().await;
    for Step { command, answer } in steps {
        let script = command.replace("http://127.0.0.1:8080", &gateway.base);
        let script = script.replace("target/release/ap-gateway", env!("CARGO_BIN_EXE_ap-gateway"));
        let server = gateway.base.clone();
        let ran = tokio::task::spawn_blocking(move || {
            let mut shell = Command::new("bash");
            shell.args(["-euo", "pipefail", "-c", &script]).current_dir(env!("CARGO_MANIFEST_DIR"));
            shell.env("AP_GATEWAY_SERVER", server).output().expect("bash and curl are there")
        });
        let ran = ran.await.expect("no panic");
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{command}\n{errors}");
        let seen = String::from_utf8_lossy(&ran.stdout).into_owned();
        if let Some(shown) = answer {
            assert_eq!(blank(&seen), blank(&shown), "after:\n{command}\nseen:\n{seen}");
        }
    }
}

/// The commands between the marks `<!-- tour -->` and `<!-- end of tour -->`.
fn steps(readme: &str) -> Vec<Step> {
    let tour = readme.split("<!-- tour -->").nth(1).expect("the tour's mark");
    let tour = tour.split("<!-- end of tour -->").next().expect("its end");
    let mut steps: Vec<Step> = Vec::new();
    let mut fences = tour.split("```");
    fences.next();
    while let Some(block) = fences.next() {
        let (kind, text) = block.split_once('\n').expect("a fence has a kind");
        match (kind, steps.last_mut()) {
            ("sh", _) => steps.push(Step { command: text.to_owned(), answer: None }),
            (_, Some(step)) => step.answer = Some(text.to_owned()),
            (_, None) => panic!("an answer without a command: {text}"),
        }
        fences.next();
    }
    steps
}

/// Ids, digests, times and durations become their kind; white space at line ends goes.
fn blank(text: &str) -> String {
    let words = |line: &str| {
        let cut = |c: char| !(c.is_ascii_alphanumeric() || "_-:.".contains(c));
        let mut out = String::new();
        let mut rest = line.trim_end();
        while !rest.is_empty() {
            let end = rest.find(cut).unwrap_or(rest.len());
            if end == 0 {
                let next = rest.chars().next().map_or(1, char::len_utf8);
                out.push_str(&rest[..next]);
                rest = &rest[next..];
            } else {
                out.push_str(kind(&rest[..end]));
                rest = &rest[end..];
            }
        }
        out
    };
    let mut text: Vec<String> = text.trim().lines().map(words).collect();
    for line in &mut text {
        if let Some(at) = line.find("\"duration_ms\":") {
            let tail = line[at + 14..].trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
            *line = format!("{}\"duration_ms\":N{tail}", &line[..at]);
        }
    }
    text.join("\n")
}

fn kind(word: &str) -> &str {
    let hex = |word: &str| word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    match word {
        _ if word.starts_with("inv_") && word.len() == 30 => "inv_ID",
        _ if word.starts_with("po_") && word.len() == 29 => "po_ID",
        _ if word.starts_with("rcp_") && word.len() == 30 => "rcp_ID",
        _ if word.starts_with("ap-ping-") => "ap-ping-ID",
        _ if word.len() == 64 && hex(word) => "SHA256",
        _ if word.len() == 36 && hex(word) && word.matches('-').count() == 4 => "UUID",
        _ if word.len() == 24 && word.ends_with('Z') && word.contains('T') => "TIME",
        _ => word,
    }
}
