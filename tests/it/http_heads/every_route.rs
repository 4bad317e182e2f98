//! Acceptance 40: 405, 406, 415, OPTIONS and HEAD on every route of the document and on the pages
//! beside it, over a socket. The lists are the router's own, so that a new route is in them.

use ap_gateway::app::Role;
use ap_gateway::http::access::PAGES;
use ap_gateway::http::openapi;
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Gateway, temporal_address};

/// A path with ids that could be there, and what it has.
struct Path {
    target: String,
    operations: Vec<(Method, Value)>,
}

fn paths() -> Vec<Path> {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let mut paths = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let (mut target, mut operations) = (path.clone(), Vec::new());
        for (method, operation) in item.as_object().expect("methods") {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = format!("{{{}}}", parameter["name"].as_str().expect("a name"));
                target = target.replace(&name, parameter["example"].as_str().unwrap_or_default());
            }
            let method = method.to_uppercase().parse().expect("a method");
            operations.push((method, operation.clone()));
        }
        paths.push(Path { target, operations });
    }
    // What is not in the document is read, and takes nothing.
    for (path, _) in PAGES {
        let target = path.replace("{file}", "index.css").replace("{slug}", "not-found");
        paths.push(Path { target, operations: vec![(Method::GET, Value::Null)] });
    }
    assert!(paths.len() > 30, "{}", paths.len());
    assert!(paths.iter().all(|path| !path.target.contains('{')), "a place is not filled in");
    paths
}

impl Path {
    fn has(&self, method: &Method) -> bool {
        self.operations.iter().any(|(known, _)| known == method)
    }

    /// As `Allow` lists them.
    fn methods(&self) -> Vec<String> {
        let mut methods: Vec<_> = self.operations.iter().map(|(m, _)| m.to_string()).collect();
        methods.push("OPTIONS".to_owned());
        if self.has(&Method::GET) {
            methods.push("HEAD".to_owned());
        }
        methods.sort();
        methods
    }
}

fn listed(answer: &Answer) -> Vec<String> {
    let allow = answer.header("allow").unwrap_or_default();
    let mut methods: Vec<_> = allow.split(", ").map(str::to_owned).collect();
    methods.sort();
    methods
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_40_methods_are_told_on_every_route() {
    let gateway = Gateway::start_with(Role::Http, temporal_address(), |_| {}).await;
    for path in paths() {
        let target = &path.target;
        let options = gateway.send(Method::OPTIONS, target, &[], Vec::new()).await;
        assert_eq!((options.status.as_u16(), options.body.len()), (204, 0), "{target}");
        assert_eq!(listed(&options), path.methods(), "OPTIONS {target}");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            let method: Method = method.parse().expect("a method");
            if path.has(&method) {
                continue;
            }
            let refused = gateway.send(method.clone(), target, &[], Vec::new()).await;
            assert_eq!(refused.problem(), "method-not-allowed", "{method} {target}");
            assert_eq!(listed(&refused), path.methods(), "{method} {target}");
            let mut told: Vec<String> =
                serde_json::from_value(refused.json()["allowed"].clone()).expect("methods");
            told.sort();
            assert_eq!(told, path.methods(), "{method} {target}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_40_heads_have_no_body_and_the_status_of_a_get() {
    let gateway = Gateway::start_with(Role::Http, temporal_address(), |_| {}).await;
    for path in paths().iter().filter(|path| path.has(&Method::GET)) {
        let get = gateway.get(&path.target).await;
        let head = gateway.send(Method::HEAD, &path.target, &[], Vec::new()).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{}", path.target);
        let kind = |answer: &Answer| answer.header("content-type").map(str::to_owned);
        assert_eq!(kind(&head), kind(&get), "{}", path.target);
    }
    let tag = gateway.get("/openapi.json").await.header("etag").expect("a validator").to_owned();
    let head = [("if-none-match", tag.as_str())];
    let head = gateway.send(Method::HEAD, "/openapi.json", &head, Vec::new()).await;
    // Its GET would have a body of another length than none (RFC 9110 §8.6).
    assert_eq!((head.status.as_u16(), head.header("content-length")), (304, None));
    let next = gateway.send(Method::HEAD, "/livez", &[], Vec::new()).await;
    assert_eq!(next.status, 200, "the connection is in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_40_types_are_negotiated_on_every_route() {
    let gateway = Gateway::start_with(Role::Http, temporal_address(), |_| {}).await;
    for path in paths() {
        for (method, operation) in &path.operations {
            let name = format!("{method} {}", path.target);
            let strange = [("accept", "application/x-strange"), ("content-type", "text/plain")];
            let refused = gateway.send(method.clone(), &path.target, &strange, Vec::new()).await;
            // What there is no such thing of has no type yet.
            if path.target.ends_with("/document") {
                assert_eq!(refused.problem(), "not-found", "{name}");
            } else {
                assert_eq!(refused.problem(), "not-acceptable", "{name}");
                let available = refused.json()["available"].clone();
                assert!(available[0].is_string(), "{name}: {available}");
            }
            let Some(accepted) = operation["requestBody"]["content"].as_object() else {
                continue;
            };
            if accepted.contains_key("application/octet-stream") {
                continue;
            }
            let strange = [("content-type", "application/x-strange"), ("idempotency-key", "k1")];
            let body = b"{\"strange\": 1}".to_vec();
            let refused = gateway.send(method.clone(), &path.target, &strange, body).await;
            assert_eq!(refused.problem(), "unsupported-media-type", "{name}");
            assert!(refused.json()["accepted"][0].is_string(), "{name}");
            assert!(refused.header("accept").is_some(), "{name} does not say what it takes");
        }
    }
}
