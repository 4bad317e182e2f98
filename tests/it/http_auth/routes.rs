//! Each route × each credential (acceptance 30). The list is the document's own, so a route that
//! is new is in it, or is not served at all.

use std::sync::atomic::{AtomicU8, Ordering};

use ap_gateway::http::access::{Access, OPERATIONS, PAGES};
use ap_gateway::http::openapi;
use ap_gateway::http::openapi::operations_text;
use ap_gateway::models::access::Role;
use serde_json::Value;

use crate::edge::Edge;
use crate::http_auth::{expired_key, from, key};

/// One route, with ids that could be there.
struct Route {
    method: String,
    target: String,
    roles: Vec<String>,
}

/// Every operation of the document, and the pages.
fn routes() -> Vec<Route> {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let mut target = path.clone();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().expect("a name");
                let example = parameter["example"].as_str().unwrap_or_default();
                target = target.replace(&format!("{{{name}}}"), example);
            }
            let roles = operation["x-required-roles"].as_array().expect("roles");
            let word = |role: &Value| role.as_str().expect("a word").to_owned();
            let roles = roles.iter().map(word).collect();
            routes.push(Route { method: method.to_uppercase(), target, roles });
        }
    }
    for (path, access) in PAGES {
        let target = path.replace("{file}", "index.css").replace("{slug}", "not-found");
        let roles = access.words().into_iter().map(str::to_owned).collect();
        routes.push(Route { method: "GET".to_owned(), target, roles });
    }
    routes
}

/// A credential each, from an address each: none of them is counted for another.
async fn status(edge: &Edge, route: &Route, authorization: Option<&str>) -> (u16, Value) {
    static ADDRESS: AtomicU8 = AtomicU8::new(0);
    let address = [192, 0, 2, ADDRESS.fetch_add(1, Ordering::Relaxed)];
    let answer = edge.send(from(address, authorization, &route.method, &route.target)).await;
    let body = if answer.status.as_u16() >= 400 { answer.json() } else { Value::Null };
    if answer.status == 401 {
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(answer.problem(), (401, "unauthenticated".to_owned()));
    }
    (answer.status.as_u16(), body)
}

#[tokio::test]
async fn acceptance_30_each_route_opens_for_its_roles_and_for_nobody_else() {
    let edge = Edge::guarded().await;
    let ledger = &edge.state.ledger;
    let bad = format!("Bearer apg_000000000000_{}", "A".repeat(43));
    let expired = expired_key(ledger).await;
    let mut keys = Vec::new();
    for role in Role::ALL {
        keys.push((role, key(ledger, &format!("key:{}", role.as_str()), &[role]).await));
    }
    let nothing = key(ledger, "key:nothing", &[]).await;
    let all = routes();
    assert!(all.len() > 20, "{}", all.len());
    for route in &all {
        let name = format!("{} {}", route.method, route.target);
        let open = route.roles.is_empty();
        for credential in [None, Some(bad.as_str()), Some(&expired), Some("Basic YTpi")] {
            let (status, _) = status(&edge, route, credential).await;
            assert_eq!(status == 401, !open, "{name} with {credential:?}: {status}");
        }
        for (role, authorization) in &keys {
            let (status, body) = status(&edge, route, Some(authorization)).await;
            let may = open
                || route.roles.iter().any(|word| word == role.as_str())
                || route.roles.iter().any(|word| word == "viewer");
            assert!(![401, 429].contains(&status), "{name} as {role:?}: {status}");
            assert_eq!(status == 403, !may, "{name} as {role:?}: {status}");
            if !may {
                assert_eq!(body["type"], "/docs/problems/forbidden");
                assert_eq!(body["required_roles"], serde_json::json!(route.roles), "{name}");
            }
        }
        let (status, _) = status(&edge, route, Some(&nothing)).await;
        assert_eq!(status == 403, !open, "{name} without any role: {status}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_before_a_missing_login() {
    let edge = Edge::guarded().await;
    let all = routes();
    for route in &all {
        let has =
            |method: &str| all.iter().any(|one| one.target == route.target && one.method == method);
        for method in ["BREW", "PATCH"].into_iter().filter(|method| !has(method)) {
            let answer = edge.send(from([192, 0, 2, 1], None, method, &route.target)).await;
            assert_eq!(answer.problem().0, 405, "{method} {}", route.target);
        }
        let answer = edge.send(from([192, 0, 2, 1], None, "OPTIONS", &route.target)).await;
        assert_eq!(answer.status, 204, "{}", route.target);
    }
    let nowhere = edge.send(from([192, 0, 2, 1], None, "GET", "/nowhere")).await;
    assert_eq!(nowhere.problem().0, 404);
}

#[test]
fn acceptance_30_the_table_is_that_of_the_document_and_no_more() {
    let document = openapi();
    let text = operations_text(&document);
    for (id, access) in OPERATIONS {
        let line = text.lines().find(|line| line.split(' ').next() == Some(id));
        let line = line.unwrap_or_else(|| panic!("{id} is in http/access.rs and is no operation"));
        let roles = line.rsplit(' ').next().expect("roles");
        let expected = match access {
            Access::Open => "none".to_owned(),
            Access::AnyOf(_) => access.words().join("|"),
        };
        assert_eq!(roles, expected, "{line}");
    }
    assert_eq!(text.lines().count(), OPERATIONS.len(), "each operation has one row");
    let document = serde_json::to_value(document).expect("JSON");
    let scheme = &document["components"]["securitySchemes"]["bearer"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&"http".into(), &"bearer".into()));
    let security = |path: &str| document["paths"][path]["get"]["security"].to_string();
    assert_eq!(security("/livez"), "[]");
    assert_eq!(security("/invoices"), r#"[{"bearer":[]}]"#);
}
