//! Whose word about a client's address is taken.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

/// Addresses whose word is taken: `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network(IpNet);

impl Network {
    /// Whether an address is in it. An IPv4 address that came in IPv6 clothes is the same one.
    pub fn has(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let network = network
            .map_err(|_| format!("{text:?} is no network (10.0.0.0/8) and no address (10.0.0.1)"));
        network.map(Self)
    }
}

/// The one header in which trusted proxies write who asked them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum ForwardedHeader {
    /// The custom one: addresses, separated by commas.
    #[default]
    #[serde(rename = "X-Forwarded-For", alias = "x-forwarded-for")]
    XForwardedFor,
    /// RFC 7239.
    #[serde(rename = "Forwarded", alias = "forwarded")]
    Forwarded,
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn a_network_or_an_address_is_understood_in_both_clothes() {
        let network = |text: &str| Network::try_from(text.to_owned());
        let has = |text: &str, address: &str| {
            network(text).expect("a network").has(address.parse().expect("an address"))
        };
        assert!(has("10.0.0.0/8", "10.1.2.3") && has("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(has("192.0.2.1", "192.0.2.1") && !has("192.0.2.1", "192.0.2.2"));
        assert!(has("2001:db8::/32", "2001:db8::1") && !has("2001:db8::/32", "10.0.0.1"));
        for bad in ["", "proxy", "10.0.0.0/33", "10.0.0"] {
            assert!(network(bad).is_err_and(|text| text.contains("is no network")), "{bad:?}");
        }
    }
}
