//! Where messages may go: never to the machine or network of the gateway itself, unless its
//! configuration says so (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// Ports of TLS that firewalls let pass; others must be listed.
const PORTS: [u16; 2] = [443, 8443];

/// Longest address; longer ones hold data, which belongs into the body.
const URL_CHARACTERS_MAX: usize = 2_000;

/// IPv4 networks that are nobody's public address (IANA's special-purpose registry).
const SPECIAL_V4: [([u8; 4], u8); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// IPv6: what is global unicast, and the parts of it that are not. 6to4 and Teredo carry an IPv4
/// address that nobody has checked; NAT64 lies outside.
const GLOBAL_V6: (u16, u8) = (0x2000, 3);
const SPECIAL_V6: [([u16; 2], u8); 4] =
    [([0x2001, 0], 23), ([0x2001, 0xdb8], 32), ([0x2002, 0], 16), ([0x3fff, 0], 20)];

/// Why a message may not go there; each is a sentence without the address itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// It is no address.
    #[error("is no absolute address of at most 2000 characters without blanks")]
    NotAnAddress,
    /// In clear text.
    #[error("must start with https://")]
    Scheme,
    /// `user:password@`.
    #[error("must not hold a user name or password: the signature tells who sends")]
    UserInfo,
    /// `#…` never reaches a server.
    #[error("must not have a fragment")]
    Fragment,
    /// Neither 443 nor 8443.
    #[error("has a port that is not allowed; use 443 or 8443, or list it in webhooks.ports")]
    Port,
    /// The name leads nowhere.
    #[error("has a name that cannot be resolved")]
    Unresolved,
    /// An address within.
    #[error(
        "leads to a private, loopback, link-local or otherwise reserved network; list it in \
         webhooks.allowed_networks if that is meant"
    )]
    Reserved,
}

impl Blocked {
    /// For machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAnAddress => "not_a_url",
            Self::Scheme => "not_https",
            Self::UserInfo => "user_info",
            Self::Fragment => "fragment",
            Self::Port => "port_not_allowed",
            Self::Unresolved => "not_resolved",
            Self::Reserved => "address_not_allowed",
        }
    }
}

/// What the configuration allows besides public addresses.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Networks that may be reached although they are reserved.
    pub networks: Vec<IpNet>,
    /// Ports besides 443 and 8443.
    pub ports: Vec<u16>,
}

impl Rules {
    /// Reads an address, and says what is wrong with it before any name is resolved. Plain HTTP
    /// and any port are for receivers on this machine, where loopback is allowed.
    ///
    /// # Errors
    /// Why no message may go there.
    pub fn address(&self, text: &str) -> Result<Url, Blocked> {
        // What a reader of addresses would take out or rewrite is not there to be kept.
        let odd = |c: char| c.is_control() || c.is_whitespace();
        if text.chars().count() > URL_CHARACTERS_MAX || text.chars().any(odd) {
            return Err(Blocked::NotAnAddress);
        }
        let url = Url::parse(text).map_err(|_| Blocked::NotAnAddress)?;
        let host = url.host().ok_or(Blocked::NotAnAddress)?;
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain("localhost") => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            Host::Domain(_) => None,
        };
        let here = literal.is_some_and(|literal| literal.is_loopback() && self.admits(literal));
        if url.scheme() != "https" && !(here && url.scheme() == "http") {
            return Err(Blocked::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Blocked::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(Blocked::Fragment);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !here && !PORTS.contains(&port) && !self.ports.contains(&port) {
            return Err(Blocked::Port);
        }
        match literal {
            Some(literal) if !self.admits(literal) => Err(Blocked::Reserved),
            _ => Ok(url),
        }
    }

    /// What a name resolved to: one reserved address among public ones spoils them all, because
    /// whoever controls the name chooses which one is taken.
    ///
    /// # Errors
    /// No address, or one that may not be reached.
    pub fn resolved(&self, addresses: &[IpAddr]) -> Result<(), Blocked> {
        if addresses.is_empty() {
            return Err(Blocked::Unresolved);
        }
        if addresses.iter().all(|address| self.admits(*address)) {
            Ok(())
        } else {
            Err(Blocked::Reserved)
        }
    }

    fn admits(&self, address: IpAddr) -> bool {
        // A mapped address reaches the IPv4 address in it.
        let address = address.to_canonical();
        let listed = self.networks.iter().any(|network| network.contains(&address));
        listed || is_public(address)
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|(network, prefix)| {
            Ipv4Net::new_assert(Ipv4Addr::from(*network), *prefix).contains(&address)
        }),
        IpAddr::V6(address) => {
            let within = |[first, second]: [u16; 2], prefix| {
                let network = Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0);
                Ipv6Net::new_assert(network, prefix).contains(&address)
            };
            within([GLOBAL_V6.0, 0], GLOBAL_V6.1)
                && !SPECIAL_V6.iter().any(|(network, prefix)| within(*network, *prefix))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Blocked, Rules};

    fn loopback() -> Rules {
        let networks = ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network"));
        Rules { networks: networks.into(), ports: vec![9443] }
    }

    #[test]
    fn addresses_are_refused_before_anything_is_sent() {
        let strict = [
            ("https://erp.example/hooks?x=1", None),
            ("https://erp.example:8443/hooks", None),
            ("https://93.184.215.14/", None),
            ("https://[2606:4700::6810:84e5]/", None),
            ("http://erp.example/", Some(Blocked::Scheme)),
            ("ftp://erp.example/", Some(Blocked::Scheme)),
            ("erp.example", Some(Blocked::NotAnAddress)),
            ("https://", Some(Blocked::NotAnAddress)),
            ("https://erp.example/a\0b", Some(Blocked::NotAnAddress)),
            ("https://erp.\nexample/", Some(Blocked::NotAnAddress)),
            ("\thttps://erp.example/", Some(Blocked::NotAnAddress)),
            ("https://erp.example/a b", Some(Blocked::NotAnAddress)),
            ("https://me:secret@erp.example/", Some(Blocked::UserInfo)),
            ("https://me@erp.example/", Some(Blocked::UserInfo)),
            ("https://erp.example/#x", Some(Blocked::Fragment)),
            ("https://erp.example:9443/", Some(Blocked::Port)),
            ("https://erp.example:22/", Some(Blocked::Port)),
            ("https://localhost/", Some(Blocked::Reserved)),
            ("http://localhost/", Some(Blocked::Scheme)),
            ("https://127.0.0.1/", Some(Blocked::Reserved)),
            ("https://0x7f.1/", Some(Blocked::Reserved)),
            ("https://2130706433/", Some(Blocked::Reserved)),
            ("https://0.0.0.0/", Some(Blocked::Reserved)),
            ("https://10.1.2.3/", Some(Blocked::Reserved)),
            ("https://172.31.255.255/", Some(Blocked::Reserved)),
            ("https://192.168.0.1/", Some(Blocked::Reserved)),
            ("https://169.254.169.254/latest", Some(Blocked::Reserved)),
            ("https://100.64.0.1/", Some(Blocked::Reserved)),
            ("https://224.0.0.1/", Some(Blocked::Reserved)),
            ("https://255.255.255.255/", Some(Blocked::Reserved)),
            ("https://[::1]/", Some(Blocked::Reserved)),
            ("https://[::]/", Some(Blocked::Reserved)),
            ("https://[::ffff:127.0.0.1]/", Some(Blocked::Reserved)),
            ("https://[::ffff:10.0.0.1]/", Some(Blocked::Reserved)),
            ("https://[fe80::1]/", Some(Blocked::Reserved)),
            ("https://[fd00::1]/", Some(Blocked::Reserved)),
            ("https://[64:ff9b::7f00:1]/", Some(Blocked::Reserved)),
            ("https://[2002:7f00:1::]/", Some(Blocked::Reserved)),
            ("https://[2001:0:7f00:1::]/", Some(Blocked::Reserved)),
            ("https://[ff02::1]/", Some(Blocked::Reserved)),
        ];
        for (text, refused) in strict {
            assert_eq!(Rules::default().address(text).err(), refused, "{text}");
        }
        let long = format!("https://erp.example/{}", "x".repeat(2_000));
        assert_eq!(Rules::default().address(&long).err(), Some(Blocked::NotAnAddress));
    }

    #[test]
    fn what_is_listed_may_be_reached_and_nothing_near_it() {
        for (text, refused) in [
            ("http://127.0.0.1:4711/", None),
            ("http://localhost:4711/", None),
            ("http://[::1]:4711/", None),
            ("https://erp.example:9443/", None),
            ("http://erp.example/", Some(Blocked::Scheme)),
            ("http://10.0.0.1/", Some(Blocked::Scheme)),
            ("https://10.0.0.1/", Some(Blocked::Reserved)),
        ] {
            assert_eq!(loopback().address(text).err(), refused, "{text}");
        }
    }

    #[test]
    fn one_reserved_address_spoils_all() {
        let addresses = |list: &[&str]| {
            let read = |text: &&str| text.parse().expect("an address");
            list.iter().map(read).collect::<Vec<std::net::IpAddr>>()
        };
        for (list, refused) in [
            (&["93.184.215.14", "2606:4700::6810:84e5"][..], None),
            (&["93.184.215.14", "10.0.0.1"], Some(Blocked::Reserved)),
            (&["::ffff:169.254.169.254"], Some(Blocked::Reserved)),
            (&["::ffff:93.184.215.14"], None),
            (&[], Some(Blocked::Unresolved)),
        ] {
            assert_eq!(Rules::default().resolved(&addresses(list)).err(), refused, "{list:?}");
        }
    }
}
