//! A whole process at work, with words that nobody may see on every way in: keys, secrets, TLS and
//! documents. They are looked for in all that it says: its log at its most talkative, worker and
//! SDK included, its figures, its trail, its messages and its refusals.

use std::path::Path;

use ap_gateway::config;
use ap_gateway::models::access::Role;
use ap_gateway::storage::Ledger;
use reqwest::{Certificate, Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{self, Answer, PATIENCE, eventually, temporal_address, unique, within};
use crate::http_auth::{keep, new_key};
use crate::http_webhooks::Receiver;
use crate::observed::front::{Front, Made, made};
use crate::observed::talkative::{Talkative, ledger_url};
use crate::samples::{self, HUNDRED};

/// What we show to Temporal.
const TEMPORAL_KEY: &str = "kanarie-zilver-vleugel-7Qm2xT9vLr4Kd8Wb1";

/// What the documents say, and what stands there otherwise. The account is a lawful one.
const WORDS: [(&str, &str); 6] = [
    ("RE-KANARIE-7261", ""),
    ("Kanarienzucht Federbusch", "Schrauben Meier GmbH"),
    ("Kanarienhalter", "Muster AG"),
    ("DE12370502990012345678", "DE02120300000000202051"),
    ("Kanarienfutter", "Screw M4"),
    ("Kanarienrabatt", "30 days"),
];

const NUMBER: &str = WORDS[0].0;
const SUPPLIER: &str = WORDS[1].0;
const GOODS: &str = WORDS[4].0;

/// An invoice that says all of them.
fn invoice(order: &str) -> String {
    let mut invoice = samples::invoice(NUMBER, order, HUNDRED);
    for (word, usual) in &WORDS[1..] {
        invoice = invoice.replace(usual, word);
    }
    for (word, _) in WORDS {
        assert!(invoice.contains(word), "{word} is not in {invoice}");
    }
    invoice
}

/// A gateway with TLS on its port and a door before its Temporal.
async fn start(folder: &Path, front: &Front, tls: &Made) -> Talkative {
    let put = |name: &str, pem: String| {
        let path = folder.join(name);
        std::fs::write(&path, pem).expect("a writable folder");
        path.display().to_string()
    };
    let environment = [
        ("AP_GATEWAY_TLS_CERTIFICATE", put("chain.pem", tls.cert.pem())),
        ("AP_GATEWAY_TLS_KEY", put("key.pem", tls.signing_key.serialize_pem())),
        ("AP_GATEWAY_TASK_QUEUE", unique("test")),
        ("TEMPORAL_ADDRESS", format!("localhost:{}", front.port)),
        ("TEMPORAL_API_KEY", TEMPORAL_KEY.to_owned()),
        ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", put("ca.pem", front.authority())),
    ];
    Talkative::start("all", folder, environment).await
}

/// Somebody with a key, and all that they were shown and nobody may see in it.
struct Caller {
    client: Client,
    base: String,
    bearer: String,
    shown: String,
}

impl Caller {
    fn new(base: &str, bearer: &str, tls: &Made) -> Self {
        let trusted = Certificate::from_pem(tls.cert.pem().as_bytes()).expect("a certificate");
        let client = Client::builder().no_proxy().timeout(PATIENCE).tls_certs_only([trusted]);
        Self {
            client: client.build().expect("a client"),
            base: base.to_owned(),
            bearer: bearer.to_owned(),
            shown: String::new(),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("authorization", self.bearer.as_str()));
        let url = format!("{}{path}", self.base);
        harness::send(&self.client, method, &url, &headers, body.as_bytes().to_vec()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    async fn hand_in(&self, key: &str, kind: &str, document: &str) -> Answer {
        let headers = [("content-type", kind), ("idempotency-key", key), ("prefer", "wait=30")];
        self.send(Method::POST, "/invoices", &headers, document).await
    }

    async fn register(&self, path: &str, body: &Value) -> Value {
        let key = unique("k");
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        let made = self.send(Method::POST, path, &headers, &body.to_string()).await;
        made.expect(StatusCode::CREATED).json()
    }

    /// Has an invoice approved and another document fail in its reader, until a receiver has heard
    /// of both; answers the receiver's secret.
    async fn work(&mut self) -> String {
        let receiver = Receiver::start([]).await;
        let events = ["invoice.received", "invoice.approved", "invoice.needs_attention"];
        let asked = json!({"url": receiver.url, "events": events});
        let hook = self.register("/webhooks", &asked).await;
        let number = unique("PO");
        let mut order = samples::order(&number);
        order["supplier"]["name"] = SUPPLIER.into();
        order["lines"][0]["description"] = GOODS.into();
        self.register("/purchase-orders", &order).await;
        let receipt = samples::receipt(&unique("GR"), &number, "100");
        self.register("/receipts", &receipt).await;
        let whole = invoice(&number);
        let cut = &whole[..whole.len() - 40];
        for (key, document) in [("whole", whole.as_str()), ("cut", cut)] {
            let answer = self.hand_in(key, "application/xml", document).await;
            assert!(answer.status.is_success(), "{key}: {}", answer.text());
        }
        let got = within(PATIENCE, "the receiver hears of both", async || {
            let got = receiver.got();
            let heard = |event: &str| got.iter().any(|one| one.json()["type"] == event);
            events.iter().all(|event| heard(event)).then_some(got)
        })
        .await;
        self.shown.extend(got.iter().map(|message| message.json().to_string()));
        self.be_refused(&whole, cut).await;
        hook["secret"].as_str().expect("shown once").to_owned()
    }

    /// Sends what is refused, each time for another reason, with the words in it.
    async fn be_refused(&mut self, whole: &str, cut: &str) {
        let refusals = [
            self.hand_in("whole", "application/xml", cut).await,
            self.hand_in("other", "application/pdf", whole).await,
            self.hand_in("other", "text/html", whole).await,
            self.hand_in("other", "multipart/form-data; boundary=x", whole).await,
            self.get(&format!("/invoices/{NUMBER}")).await,
            self.get(&format!("/invoices?unheard_of={NUMBER}")).await,
        ];
        for (at, refused) in refusals.iter().enumerate() {
            let text = refused.text();
            assert!(refused.status.is_client_error(), "{at}: {} {text}", refused.status);
            self.shown.push_str(&format!("{:?}\n{text}\n", refused.headers));
        }
    }
}

/// Which of them are said, as text or as the numbers that bytes are printed as; and where.
fn said(seen: &str, hidden: &[String]) -> Vec<String> {
    let numbers = |word: &str| {
        let bytes: Vec<_> = word.bytes().map(|byte| byte.to_string()).collect();
        bytes.join(", ")
    };
    let spelt = hidden.iter().flat_map(|word| [word.clone(), numbers(word)]);
    let place = |word: String| {
        let at = seen.find(&word)?;
        let from = seen[..at].rfind('\n').map_or(0, |end| end + 1);
        // Lines of the SDK may be as long as a history.
        let around = &seen.as_bytes()[from.max(at.saturating_sub(1_000))..at + word.len()];
        Some(format!("{:.300} … {}", &seen[from..], String::from_utf8_lossy(around)))
    };
    spelt.filter_map(place).collect()
}

/// Parts of a key that only its owner may know: behind a head that all keys of its kind share,
/// and before the public half.
fn secret_parts(tls: &Made) -> [String; 2] {
    let body: String = tls.signing_key.serialize_pem().lines().skip(1).take(2).collect();
    [body[24..64].to_owned(), body[64..104].to_owned()]
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_35_and_36_a_process_at_work_says_no_secret_and_no_word_of_a_document() {
    let folder = TempDir::new().expect("a folder");
    let url = ledger_url(folder.path()).into();
    let settings = config::Ledger { url, ..config::Ledger::default() };
    let ledger = Ledger::open(&settings).await.expect("a ledger");
    let bearer = keep(&ledger, &new_key("key:erp", &Role::ALL)).await;
    let (front, tls) = (Front::before(temporal_address()).await, made("127.0.0.1"));
    front.know(&[TEMPORAL_KEY]);
    let gateway = start(folder.path(), &front, &tls).await;
    let mut caller = Caller::new(&gateway.base, &bearer, &tls);
    eventually(async || match caller.get("/readyz").await {
        answer if answer.status == StatusCode::OK => Ok(()),
        answer => Err(answer.text()),
    })
    .await;
    let secret = caller.work().await;
    let figures = caller.get("/metrics").await.expect(StatusCode::OK).text();
    assert!(figures.contains("\ntemporal_"), "the figures of the SDK are among them");
    let mut seen = [caller.shown, figures].concat();
    for row in ledger.audit(0, 100).await.expect("a trail") {
        seen.push_str(&format!("{row:?}\n"));
    }
    let log = gateway.end().await;
    for known in [
        r#""level":"TRACE""#,
        r#""target":"temporalio_sdk_core::"#,
        r#""target":"h2::"#,
        r#""message":"task completed""#,
        r#""message":"worker draining""#,
    ] {
        assert!(log.contains(known), "the log is no whole one: it lacks {known}");
    }
    seen.push_str(&log);
    let mut hidden = vec![
        bearer[bearer.len() - 40..].to_owned(),
        secret.trim_start_matches("whsec_").to_owned(),
        TEMPORAL_KEY.to_owned(),
    ];
    hidden.extend(secret_parts(&tls));
    hidden.extend(WORDS.map(|(word, _)| word.to_owned()));
    let said = said(&seen, &hidden);
    assert!(said.is_empty(), "{said:#?}");
}
