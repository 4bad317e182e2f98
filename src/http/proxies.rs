//! Where a request comes from: its peer, or whom a trusted proxy says that it asks for. Links are
//! never made of this; it feeds limits, log and audit trail.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, HeaderName};

use crate::config::{ForwardedHeader, Network};

/// The custom header, from the client to the last proxy.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from, in its extensions.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// Whose word about a client's address is taken. Cheap to clone.
#[derive(Clone)]
pub struct Proxies {
    trusted: Arc<[Network]>,
    header: ForwardedHeader,
}

impl Proxies {
    /// Those of these networks, who write the client into this header.
    pub fn new(trusted: &[Network], header: ForwardedHeader) -> Self {
        Self { trusted: trusted.into(), header }
    }

    /// Whether an address is one of theirs.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.has(address))
    }

    /// The client behind `peer`: from the last entry backwards, the first that is none of ours.
    /// What stands before it is the client's own word, and so is an entry that is no address: the
    /// last that we know is taken then.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut known = peer.to_canonical();
        if !self.trusts(known) {
            return known;
        }
        let name = match self.header {
            ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => FORWARDED,
        };
        let lines: Vec<_> = headers.get_all(name).iter().collect();
        for line in lines.into_iter().rev() {
            let Ok(line) = line.to_str() else { return known };
            for entry in line.rsplit(',') {
                let Some(address) = self.address(entry) else { return known };
                known = address.to_canonical();
                if !self.trusts(known) {
                    return known;
                }
            }
        }
        known
    }

    fn address(&self, entry: &str) -> Option<IpAddr> {
        match self.header {
            ForwardedHeader::XForwardedFor => node(entry.trim()),
            ForwardedHeader::Forwarded => {
                let pairs = entry.split(';').filter_map(|pair| pair.trim().split_once('='));
                let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
                node(named.next()?.1.trim().trim_matches('"'))
            }
        }
    }
}

/// An address, with or without a port, as RFC 7239 §6 writes it or without its brackets.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port)
}

/// One site: of IPv6 the network, because each has 2^64 addresses.
pub fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            Ipv6Addr::from(network).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{FORWARDED, Proxies, X_FORWARDED_FOR};
    use crate::config::{ForwardedHeader, Network};

    fn client(header: ForwardedHeader, peer: &str, lines: &[&'static str]) -> String {
        let network = |text: &str| Network::try_from(text.to_owned()).expect("a network");
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"].map(network);
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
            headers.append(FORWARDED, HeaderValue::from_static(line));
        }
        let peer = peer.parse().expect("an address");
        Proxies::new(&trusted, header).client(peer, &headers).to_string()
    }

    #[test]
    fn the_first_from_the_right_that_is_no_proxy_of_ours_is_the_client() {
        let table: [(&str, &[&str], &str); 10] = [
            ("192.0.2.1", &["198.51.100.7"], "192.0.2.1"), // a peer that nobody trusts
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("::ffff:10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.7", "10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1", &["198.51.100.7, bogus, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["[2001:db8:2::7]:80"], "2001:db8:2::7"),
            ("2001:db8:1::1", &["2001:db8:2::7,"], "2001:db8:1::1"),
        ];
        for (peer, lines, expected) in table {
            let found = client(ForwardedHeader::XForwardedFor, peer, lines);
            assert_eq!(found, expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn the_header_of_the_rfc_is_read_where_it_is_the_one() {
        let table: [(&[&str], &str); 6] = [
            (&["for=198.51.100.7;proto=https, for=10.0.0.2"], "198.51.100.7"),
            (&["by=10.0.0.9;For=\"[2001:db8:2::7]:4711\""], "2001:db8:2::7"),
            (&["for=\"198.51.100.7:80\""], "198.51.100.7"),
            (&["for=198.51.100.7, for=unknown"], "10.0.0.1"),
            (&["for=198.51.100.7, for=_hidden, for=10.0.0.2"], "10.0.0.2"),
            (&["198.51.100.7"], "10.0.0.1"),
        ];
        for (lines, expected) in table {
            let found = client(ForwardedHeader::Forwarded, "10.0.0.1", lines);
            assert_eq!(found, expected, "{lines:?}");
        }
    }
}
