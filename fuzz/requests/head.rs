//! A whole head: the target, then lines `Name: value`, read by everything that reads one.

use std::net::IpAddr;

use ap_gateway::config::{ForwardedHeader, Network};
use ap_gateway::http::answer::{self, IfMatch, IfNoneMatch};
use ap_gateway::http::error::Slug;
use ap_gateway::http::extract::accept;
use ap_gateway::http::extract::content_type::{self, ContentType};
use ap_gateway::http::layers::{compress, strict};
use ap_gateway::http::proxies::Proxies;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, HOST, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

const OURS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whether the request is let in.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let Some(request) = request(bytes) else { return false };
    negotiation(request.headers());
    conditions(request.headers());
    addresses(request.headers());
    let_in(&request)
}

fn request(bytes: &[u8]) -> Option<Request> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = lines.next()?.try_into().ok()?;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

/// Who is let in named us, once; who is not hears why.
fn let_in(request: &Request) -> bool {
    let hosts = OURS.map(str::to_owned);
    let count = |name| request.headers().get_all(name).iter().count();
    match strict::verdict(request, &hosts) {
        Ok(()) => {
            let host = request.headers()[HOST].to_str().expect("it was read").to_ascii_lowercase();
            assert!(OURS.iter().any(|ours| is_at(&host, ours)), "{host} was let in");
            let target = request.uri().authority().map_or("", |authority| authority.as_str());
            assert!(!target.contains('@'), "{target} names a user");
            assert!(count(HOST) == 1 && count(AUTHORIZATION) <= 1, "more than once");
            true
        }
        Err(error) => {
            let status = error.0.slug.status().as_u16();
            assert!([400, 414, 421, 501].contains(&status), "{:?}", error.0);
            false
        }
    }
}

/// This host alone, or with a port, which may have no digits.
fn is_at(host: &str, ours: &str) -> bool {
    let Some(rest) = host.strip_prefix(ours) else { return false };
    let port = |port: &str| port.is_empty() || port.parse::<u16>().is_ok();
    rest.is_empty() || rest.strip_prefix(':').is_some_and(port)
}

fn negotiation(headers: &HeaderMap) {
    let available = [accept::JSON, accept::TEXT, accept::XML];
    match accept::choose(headers, &available) {
        Ok(chosen) => assert!(available.contains(&chosen), "{chosen} is not there"),
        Err(error) => assert_eq!(error.0.slug, Slug::NotAcceptable),
    }
    let _ = compress::takes_gzip(headers);
    match ContentType::of(headers) {
        Ok(kind) => {
            let shown = content_type::shown(kind.as_ref());
            assert!(shown.is_none_or(|shown| shown.chars().count() <= 150), "too much is shown");
        }
        Err(error) => assert_eq!(error.0.slug, Slug::UnsupportedMediaType),
    }
}

/// Whoever names what is there, among whatever else, is heard.
fn conditions(headers: &HeaderMap) {
    let tag = answer::tag(&"a resource");
    let _ = (IfMatch::of(headers).admits(&tag), IfNoneMatch::of(headers).hits(&tag));
    let mut named = headers.clone();
    named.append(IF_MATCH, tag.clone());
    named.append(IF_NONE_MATCH, tag.clone());
    assert!(IfMatch::of(&named).admits(&tag), "{named:?}");
    assert!(IfNoneMatch::of(&named).hits(&tag), "{named:?}");
}

/// A peer that nobody trusts speaks for itself, whatever it says; so does one that says nothing.
fn addresses(headers: &HeaderMap) {
    let network = Network::try_from("10.0.0.0/8".to_owned()).expect("a network");
    let (stranger, proxy) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([10, 0, 0, 1]));
    for header in [ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded] {
        let proxies = Proxies::new(&[network], header);
        assert_eq!(proxies.client(stranger, headers), stranger);
        assert_eq!(proxies.client(proxy, &HeaderMap::new()), proxy);
        let client = proxies.client(proxy, headers);
        assert_eq!(client, client.to_canonical(), "two spellings of one address");
    }
}
