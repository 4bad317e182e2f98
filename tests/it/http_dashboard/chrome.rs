//! Debian's Chromium and its driver, and the judge of what is accessible.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thirtyfour::extensions::cdp::ChromeDevTools;
use thirtyfour::prelude::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, ElementQueryable, ElementWaitable, WebDriver,
};

use crate::harness::within;

/// The release that judges; the digest is that of the file in it.
const AXE: &str = "axe-core@4.14.1";
const AXE_SHA256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

/// The driver, as a process of its own.
pub(super) struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    pub(super) async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("cannot start chromedriver: {error}; install chromium and chromium-driver")
        });
        let driver = Self { child, address: format!("http://127.0.0.1:{port}") };
        let status = format!("{}/status", driver.address);
        within(Duration::from_secs(30), "the driver answers", async || {
            reqwest::get(&status).await.ok()?.error_for_status().ok()
        })
        .await;
        driver
    }

    /// A window of its own, with or without script.
    pub(super) async fn window(&self, scripts: bool) -> Window {
        let mut wishes = DesiredCapabilities::chrome();
        wishes.set_binary("/usr/bin/chromium").expect("a path");
        // Tests may run as root, in a container with little shared memory.
        for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] {
            wishes.add_arg(argument).expect("an argument");
        }
        if !scripts {
            let off = json!({"profile.managed_default_content_settings.javascript": 2});
            wishes.add_experimental_option("prefs", off).expect("preferences");
        }
        let browser = WebDriver::new(&self.address, wishes).await.expect("a browser");
        browser.set_window_rect(0, 0, 1280, 900).await.expect("a size");
        Window { browser }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One window of a browser.
pub(super) struct Window {
    pub(super) browser: WebDriver,
}

impl Window {
    pub(super) async fn open(&self, address: &str) {
        self.browser.goto(address).await.expect("a page");
    }

    /// Waits for what a selector finds, and clicks it.
    pub(super) async fn click(&self, selector: &str) {
        let found = self.browser.query(By::Css(selector)).wait(Duration::from_secs(10), Duration::from_millis(50));
        let found = found.first().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        found.wait_until().clickable().await.expect("it can be clicked");
        found.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    pub(super) async fn write(&self, selector: &str, text: &str) {
        let found = self.browser.find(By::Css(selector)).await;
        let found = found.unwrap_or_else(|error| panic!("{selector}: {error}"));
        found.send_keys(text).await.expect("keys");
    }

    /// Opens a page again and again until it says so.
    pub(super) async fn comes_to(&self, address: &str, text: &str) {
        within(Duration::from_secs(30), text, async || {
            self.open(address).await;
            let source = self.browser.source().await.expect("a source");
            source.contains(text).then_some(())
        })
        .await;
    }

    /// Light or dark, as the reader wishes.
    pub(super) async fn scheme(&self, value: &str) {
        let tools = ChromeDevTools::new(self.browser.handle().clone());
        let wish = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        let set = tools.execute_cdp_with_params("Emulation.setEmulatedMedia", wish).await;
        set.expect("a scheme");
    }

    /// A picture of what is shown.
    pub(super) async fn picture(&self, name: &str) {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        let folder = target.join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("{name}.png"));
        self.browser.screenshot(&file).await.expect("a picture");
    }

    /// Whether nothing is cut off at the side.
    pub(super) async fn fits(&self) -> bool {
        let script = "return document.documentElement.scrollWidth <= window.innerWidth";
        let answer = self.browser.execute(script, Vec::new()).await.expect("a number");
        answer.json() == &Value::Bool(true)
    }

    /// What of WCAG 2.2, levels A and AA, the page breaks.
    pub(super) async fn breaches(&self) -> Vec<String> {
        self.browser.execute(axe(), Vec::new()).await.expect("the judge is there");
        let script = "const done = arguments[arguments.length - 1];
            const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
            axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(result => done(
                result.violations.map(one => one.id + ': ' + one.help + ' at ' + one.nodes
                    .map(node => node.target.join(' ') + ' (' + node.failureSummary + ')').join('; '))));";
        let answer = self.browser.execute_async(script, Vec::new()).await.expect("a verdict");
        answer.convert().expect("a list of texts")
    }

    pub(super) async fn close(self) {
        self.browser.quit().await.expect("it ends");
    }
}

/// The judge; fetched once, from where it is published, and never part of the product.
fn axe() -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(AXE);
    let file = folder.join("package/axe.min.js");
    if !file.exists() {
        std::fs::create_dir_all(&folder).expect("a folder");
        let script = format!("npm pack --silent {AXE} && tar -xzf *.tgz package/axe.min.js");
        let fetched = Command::new("sh").args(["-c", &script]).current_dir(&folder).output();
        let fetched = fetched.expect("a shell");
        assert!(fetched.status.success(), "npm cannot fetch {AXE}: {fetched:?}");
    }
    let text = std::fs::read_to_string(&file).expect("readable");
    let digest = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(digest, AXE_SHA256, "{} is not what was reviewed; remove it", file.display());
    text
}
