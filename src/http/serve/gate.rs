//! The places of connections: who finds none is told so and closed, before a byte is read.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum_server::accept::Accept;
use prometheus::{IntCounterVec, IntGauge};
use tokio::net::TcpStream;

use crate::config;
use crate::http::proxies::{Proxies, site};
use crate::http::serve::placed::Placed;
use crate::metrics::Metrics;

/// Connections of the ops port: probes and scrapes come from few places.
const OPS_CONNECTIONS_MAX: usize = 64;

/// What a connection without a place is told, whatever it would have asked. Nothing was read yet,
/// so no request has an id, and the document is as short as the RFC lets it be.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\ncontent-length: 70\r\nretry-after: 2\r\n\
    cache-control: no-store\r\nconnection: close\r\n\r\n\
    {\"type\":\"/docs/problems/overloaded\",\"title\":\"Overloaded\",\"status\":503}";

/// Why a connection is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    /// All places are taken.
    #[error("all connections are taken")]
    Cap,
    /// Those of this address are.
    #[error("all connections of this address are taken")]
    PeerCap,
}

impl Full {
    /// The label in the metric.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Cap => "cap",
            Self::PeerCap => "peer_cap",
        }
    }
}

/// Takes connections in, as many as there are places for. Cheap to clone.
#[derive(Clone)]
pub(super) struct Gate(Arc<Inner>);

struct Inner {
    max: usize,
    /// `None` where one address may have them all.
    by_address: Option<usize>,
    proxies: Proxies,
    write_stall: Duration,
    /// Whether the peer expects TLS, in which nothing can be said before the handshake.
    tls: bool,
    taken: Mutex<Taken>,
    open: IntGauge,
    errors: IntCounterVec,
}

#[derive(Default)]
struct Taken {
    all: usize,
    sites: HashMap<IpAddr, usize>,
}

/// The place of one connection; free again when it is dropped.
pub(super) struct Place {
    gate: Gate,
    site: Option<IpAddr>,
}

impl Gate {
    /// For the port that everybody uses.
    pub(super) fn main(limits: &config::Http, metrics: &Metrics) -> Self {
        let max = limits.connections_max;
        metrics.connections_limit.set(i64::try_from(max).unwrap_or(i64::MAX));
        Self(Arc::new(Inner {
            max,
            by_address: Some(limits.connections_by_address_max),
            proxies: Proxies::new(&limits.trusted_proxies, limits.forwarded_header),
            write_stall: Duration::from_secs(limits.write_stall_seconds),
            tls: limits.tls_certificate.is_some(),
            taken: Mutex::default(),
            open: metrics.connections_open.clone(),
            errors: metrics.connection_errors.clone(),
        }))
    }

    /// For probes and metrics: places of its own, so that they answer while the others are full.
    pub(super) fn ops(limits: &config::Http, metrics: &Metrics) -> Self {
        // The gauge is that of the other port.
        let open = IntGauge::new("unseen", "unseen").expect("a legal name");
        Self(Arc::new(Inner {
            max: OPS_CONNECTIONS_MAX,
            by_address: None,
            proxies: Proxies::new(&limits.trusted_proxies, limits.forwarded_header),
            write_stall: Duration::from_secs(limits.write_stall_seconds),
            tls: false,
            taken: Mutex::default(),
            open,
            errors: metrics.connection_errors.clone(),
        }))
    }

    /// Counts a connection that came to nothing.
    pub(super) fn count(&self, kind: &str) {
        self.0.errors.with_label_values(&[kind]).inc();
    }

    fn enter(&self, peer: IpAddr) -> Result<Place, Full> {
        let inner = &self.0;
        let counted = inner.by_address.filter(|_| !inner.proxies.trusts(peer.to_canonical()));
        let mut taken = inner.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= inner.max {
            return Err(Full::Cap);
        }
        let site = counted.map(|max| (site(peer), max));
        if let Some((site, max)) = site {
            let of_site = taken.sites.entry(site).or_default();
            if *of_site >= max {
                return Err(Full::PeerCap);
            }
            *of_site += 1;
        }
        taken.all += 1;
        inner.open.inc();
        Ok(Place { gate: self.clone(), site: site.map(|(site, _)| site) })
    }

    fn admit(&self, stream: TcpStream) -> io::Result<Placed> {
        let peer = stream.peer_addr()?.ip();
        match self.enter(peer) {
            Ok(place) => {
                stream.set_nodelay(true)?; // small answers must not wait for a full segment
                Ok(Placed::new(stream, place, self.0.write_stall))
            }
            Err(full) => {
                if !self.0.tls {
                    // A fresh connection has room for it; who has sent already may see a reset.
                    let _ = stream.try_write(FULL);
                }
                Err(io::Error::other(full))
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let inner = &self.gate.0;
        let mut taken = inner.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        inner.open.dec();
        if let Some(site) = self.site {
            // An address that has none left is forgotten: the table is no longer than the places.
            match taken.sites.get_mut(&site) {
                Some(of_site) if *of_site > 1 => *of_site -= 1,
                _ => drop(taken.sites.remove(&site)),
            }
        }
    }
}

impl Place {
    /// Counts that its client took nothing for too long.
    pub(super) fn stalled(&self) {
        self.gate.count("write_stall");
    }
}

impl<S> Accept<TcpStream, S> for Gate {
    type Stream = Placed;
    type Service = S;
    type Future = Ready<io::Result<(Placed, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.admit(stream).map(|placed| (placed, service)))
    }
}

#[cfg(test)]
mod tests {
    use super::{FULL, Full, Gate};
    use crate::config::{Http, Network};
    use crate::metrics::Metrics;

    #[test]
    fn places_are_counted_in_all_and_by_address_and_given_back() {
        let proxy = Network::try_from("10.0.0.1".to_owned()).expect("an address");
        let limits = Http {
            connections_max: 4,
            connections_by_address_max: 2,
            trusted_proxies: vec![proxy],
            ..Http::default()
        };
        let metrics = Metrics::new();
        let gate = Gate::main(&limits, &metrics);
        let enter = |peer: &str| gate.enter(peer.parse().expect("an address"));
        let first = enter("192.0.2.1").expect("a place");
        let _second = enter("::ffff:192.0.2.1").expect("a place");
        assert_eq!(enter("192.0.2.1").err(), Some(Full::PeerCap));
        let proxied = [enter("10.0.0.1"), enter("10.0.0.1"), enter("10.0.0.1")];
        assert_eq!(proxied.map(|place| place.err()), [None, None, Some(Full::Cap)]);
        let _v6 = [enter("2001:db8::1"), enter("2001:db8::2")].map(|place| place.expect("free"));
        assert_eq!(enter("192.0.2.9").err(), Some(Full::Cap));
        assert_eq!(metrics.connections_open.get(), 4);
        drop(first);
        assert_eq!(enter("2001:db8::3").err(), Some(Full::PeerCap), "one network of IPv6");
        assert!(enter("192.0.2.1").is_ok());
        assert_eq!(gate.0.taken.lock().expect("not poisoned").sites.len(), 2);
    }

    #[test]
    fn the_canned_answer_is_well_formed() {
        let text = std::str::from_utf8(FULL).expect("ASCII");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let overloaded = crate::http::error::Slug::Overloaded;
        assert_eq!(body["type"], format!("/docs/problems/{}", overloaded.as_str()));
        assert_eq!(body["title"], overloaded.title());
    }
}
