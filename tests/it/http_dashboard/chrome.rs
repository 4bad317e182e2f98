//! Debian's Chromium, spoken to as WebDriver says (W3C), and the judge of what is accessible.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::within;

/// The release that judges; the digest is that of the file in it.
const AXE: &str = "axe-core@4.14.1";
const AXE_SHA256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

/// The member that names an element, by the letter of the standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The driver, as a process of its own.
pub(super) struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    pub(super) async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
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
        // Tests may run as root, in a container with little shared memory.
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];
        let javascript = if scripts { 1 } else { 2 };
        let wishes = json!({
            "binary": "/usr/bin/chromium", "args": arguments,
            "prefs": {"profile.managed_default_content_settings.javascript": javascript},
        });
        let wishes = json!({
            "browserName": "chrome", "goog:chromeOptions": wishes,
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let wishes = json!({"capabilities": {"alwaysMatch": wishes}});
        let mut window =
            Window { client: Client::new(), session: format!("{}/session", self.address) };
        let session = window.tell("", wishes).await;
        window.session =
            format!("{}/{}", window.session, session["sessionId"].as_str().expect("an id"));
        window.tell("/timeouts", json!({"implicit": 10_000, "script": 60_000})).await;
        window.size(1280, 900).await;
        window
    }
}

impl Drop for Driver {
    /// Asks it to end its browsers first: they outlive a driver that is killed.
    fn drop(&mut self) {
        let place = self.address.trim_start_matches("http://");
        if let Ok(mut stream) = TcpStream::connect(place) {
            let ask = format!("GET /shutdown HTTP/1.0\r\nHost: {place}\r\n\r\n");
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.write_all(ask.as_bytes());
            let _ = stream.read(&mut [0; 64]);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One window of a browser.
pub(super) struct Window {
    client: Client,
    session: String,
}

impl Window {
    async fn call(&self, method: Method, command: &str, body: Option<Value>) -> Value {
        let mut request = self.client.request(method, format!("{}{command}", self.session));
        if let Some(body) = &body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("the driver answers");
        let status = answer.status();
        let mut answer: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{command} {body:?}: {answer}");
        answer["value"].take()
    }

    async fn tell(&self, command: &str, body: Value) -> Value {
        self.call(Method::POST, command, Some(body)).await
    }

    async fn ask(&self, command: &str) -> String {
        let answer = self.call(Method::GET, command, None).await;
        answer.as_str().expect("a text").to_owned()
    }

    async fn element(&self, selector: &str) -> String {
        let wanted = json!({"using": "css selector", "value": selector});
        let found = self.tell("/element", wanted).await;
        format!("/element/{}", found[ELEMENT].as_str().expect("an element"))
    }

    pub(super) async fn open(&self, address: &str) {
        self.tell("/url", json!({"url": address})).await;
    }

    pub(super) async fn size(&self, width: u32, height: u32) {
        self.tell("/window/rect", json!({"width": width, "height": height})).await;
    }

    /// Where it is.
    pub(super) async fn place(&self) -> String {
        self.ask("/url").await
    }

    /// Waits until its address has this in it, and answers it: a click may be over before the page
    /// is there that it leads to.
    pub(super) async fn arrives(&self, part: &str) -> String {
        within(Duration::from_secs(30), part, async || {
            Some(self.place().await).filter(|place| place.contains(part))
        })
        .await
    }

    pub(super) async fn source(&self) -> String {
        self.ask("/source").await
    }

    /// Waits for what a selector finds, and clicks it.
    pub(super) async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.tell(&format!("{element}/click"), json!({})).await;
    }

    /// Clicks everything that a selector finds.
    pub(super) async fn click_all(&self, selector: &str) {
        let wanted = json!({"using": "css selector", "value": selector});
        let found = self.tell("/elements", wanted).await;
        for element in found.as_array().expect("elements") {
            let element = element[ELEMENT].as_str().expect("an element");
            self.tell(&format!("/element/{element}/click"), json!({})).await;
        }
    }

    pub(super) async fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.tell(&format!("{element}/value"), json!({"text": text})).await;
    }

    /// Opens a page again and again until it says so.
    pub(super) async fn comes_to(&self, address: &str, text: &str) {
        within(Duration::from_secs(30), text, async || {
            self.open(address).await;
            self.source().await.contains(text).then_some(())
        })
        .await;
    }

    /// Light or dark, as the reader wishes.
    pub(super) async fn scheme(&self, value: &str) {
        let wish = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        let command = json!({"cmd": "Emulation.setEmulatedMedia", "params": wish});
        self.tell("/goog/cdp/execute", command).await;
    }

    /// A picture of what is shown; answers where it is.
    pub(super) async fn picture(&self, name: &str) -> PathBuf {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        let folder = target.join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        let picture = BASE64_STANDARD.decode(self.ask("/screenshot").await).expect("base64");
        let file = folder.join(format!("{name}.png"));
        std::fs::write(&file, picture).expect("written");
        file
    }

    /// What a script of ours answers.
    pub(super) async fn run(&self, way: &str, script: &str) -> Value {
        self.tell(&format!("/execute/{way}"), json!({"script": script, "args": []})).await
    }

    /// What came to its console since that was last asked for: each line with its level before it.
    pub(super) async fn console(&self) -> Vec<String> {
        let entries = self.tell("/se/log", json!({"type": "browser"})).await;
        let line = |entry: &Value| {
            let part = |name: &str| entry[name].as_str().expect("a text").to_owned();
            format!("{} {}", part("level"), part("message"))
        };
        entries.as_array().expect("entries").iter().map(line).collect()
    }

    /// Goes into the first frame of the page: scripts and selectors are about that one then.
    pub(super) async fn enter_frame(&self) {
        self.tell("/frame", json!({"id": 0})).await;
    }

    /// Shows what a selector finds, from its upper edge on.
    pub(super) async fn scroll_to(&self, selector: &str) {
        let selector = json!(selector);
        let script = format!("document.querySelector({selector}).scrollIntoView()");
        self.run("sync", &script).await;
    }

    /// Whether nothing is cut off at the side.
    pub(super) async fn fits(&self) -> bool {
        let script = "return document.documentElement.scrollWidth <= window.innerWidth";
        self.run("sync", script).await == true
    }

    /// What of WCAG 2.2, levels A and AA, the page breaks.
    pub(super) async fn breaches(&self) -> Vec<String> {
        self.run("sync", &axe()).await;
        let script = "const done = arguments[arguments.length - 1];
            const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
            axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(result => done(
                result.violations.map(one => one.id + ': ' + one.help + ' at ' + one.nodes
                    .map(node => node.target.join(' ') + ' (' + node.failureSummary + ')').join('; '))));";
        let breaches = self.run("async", script).await;
        serde_json::from_value(breaches).expect("a list of texts")
    }

    pub(super) async fn close(self) {
        self.call(Method::DELETE, "", None).await;
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
