//! The pictures in the README: made here, of the demo company.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ap_gateway::http::dashboard::table;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::within;
use crate::http_dashboard::chrome::Driver;
use crate::observed::process::Process;

/// Where the README has them.
const FOLDER: &str = "docs/screenshots";

/// Bytes of one: a README is read over slow lines too.
const BYTES_MAX: usize = 150_000;

/// The demo reads sixty documents, on a loaded machine.
const LONG: Duration = Duration::from_secs(300);

/// Name, and the page that it shows.
const PICTURES: [(&str, &str); 3] = [
    ("overview", "/dashboard"),
    ("invoice", "/dashboard/invoices/{id}"),
    ("what-if", "/dashboard/policies/what-if"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_readme_shows_pictures_that_exist_of_pages_that_exist() {
    let readme = include_str!("../../../../README.md");
    let shown: Vec<&str> = readme.split(&format!("]({FOLDER}/")).skip(1).collect();
    let shown = shown.iter().map(|rest| rest.split(".png)").next().unwrap_or_default());
    assert_eq!(shown.collect::<Vec<_>>(), PICTURES.map(|(name, _)| name));
    for (name, page) in PICTURES {
        assert!(table().iter().any(|(_, path, _)| *path == page), "{name}: {page} is no page");
        let bytes = std::fs::read(root().join(FOLDER).join(format!("{name}.png"))).expect(name);
        assert!(bytes.starts_with(b"\x89PNG"), "{name} is no PNG");
        assert!(bytes.len() <= BYTES_MAX, "{name} has {} bytes", bytes.len());
    }
}

/// With `AP_GATEWAY_SCREENSHOTS=docs/screenshots` the README's pictures are made anew.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn the_pictures_of_the_readme_are_made_of_the_demo() {
    let process = Process::demo(TempDir::new().expect("a folder"), &[]).await;
    within(LONG, "the company is loaded", async || {
        let log = process.log();
        log.iter().any(|line| line["message"] == "the demo company is loaded").then_some(())
    })
    .await;
    let held = process.get("/invoices?status=held,query&page_size=200").await.json();
    let held = held["items"].as_array().expect("items");
    let is_dear = |row: &&Value| {
        let holds = row["holds"].as_array().into_iter().flatten();
        holds.clone().any(|hold| hold["code"] == "UNIT_PRICE")
    };
    let held = held.iter().find(is_dear).or(held.first()).expect("an invoice that is held");
    let of_invoice = format!("/dashboard/invoices/{}", held["id"].as_str().expect("an id"));
    let what_if =
        "/dashboard/policies/what-if?key=/tolerances/QTY_RECEIVED/upper/amount&value=1000";
    let driver = Driver::start().await;
    let window = driver.window(true).await;
    for (name, page) in PICTURES {
        let page = match name {
            "invoice" => &of_invoice,
            "what-if" => what_if,
            _ => page,
        };
        window.open(&format!("{}{page}", process.base)).await;
        if name == "invoice" {
            // Why it is held, and the lines beside their order.
            window.scroll_to("section:has(.holds)").await;
        }
        let made = window.picture(&format!("readme-{name}")).await;
        if let Some(folder) = std::env::var_os("AP_GATEWAY_SCREENSHOTS") {
            let folder: PathBuf = root().join(folder);
            std::fs::create_dir_all(&folder).expect("a folder");
            let bytes = std::fs::read(&made).expect("a picture");
            assert!(bytes.len() <= BYTES_MAX, "{name} has {} bytes", bytes.len());
            std::fs::write(folder.join(format!("{name}.png")), bytes).expect("written");
        }
    }
    window.close().await;
    process.stop().await;
}
